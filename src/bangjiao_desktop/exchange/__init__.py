"""Exchange room: workbooks and text files in and out. Knows no database and no screen."""
