"""The house around the pages: application, main window, side bar, locks, help. Knows every other sub-room."""
