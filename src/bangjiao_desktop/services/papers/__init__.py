"""What is printed: cards, dossiers, rosters, brochures, the print centre."""
