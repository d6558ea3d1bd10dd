"""What is due: the day's page."""
