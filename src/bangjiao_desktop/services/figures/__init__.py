"""Figures, official forms, their definitions and filing."""
