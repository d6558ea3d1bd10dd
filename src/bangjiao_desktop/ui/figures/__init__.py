"""Statistics: forms on screen, explanations, filing."""
