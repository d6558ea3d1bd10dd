"""UI room: Qt widgets, models, delegates, pages and dialogs. Talks to services only; PySide6 lives here alone."""
