"""Domain room: code tables, identity numbers, terms, periods and indicators in plain Python."""
