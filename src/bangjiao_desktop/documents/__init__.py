"""Documents room: turns plain domain values into PDF bytes with ReportLab. Knows no database and no screen."""
