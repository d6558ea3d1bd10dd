"""The kinds of record: one class each, with its fields, its check, its beginnings, what follows from it, its story.

`registry` names them all; who needs one (the window's first page a person) loads that one.
"""
