"""Registries of known truth, and the bias, coverage and false positives of every method on them."""
