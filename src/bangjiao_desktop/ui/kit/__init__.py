"""Parts that every page uses: look, tables, fields, dialogs, paper, work off the window's thread. Knows no page."""
