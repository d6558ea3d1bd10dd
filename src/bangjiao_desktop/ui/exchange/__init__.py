"""The import page and its questions."""
