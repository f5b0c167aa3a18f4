"""Survival printed at landmark times: curves from such tables, and curves pooled over studies."""
