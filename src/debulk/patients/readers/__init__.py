"""Readers of other formats into the one cohort."""
