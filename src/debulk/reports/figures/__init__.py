"""Figures for print, as Altair specifications: curves over risk tables, forests, checks of Cox."""
