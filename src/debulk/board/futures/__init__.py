"""Simulated futures of one patient under each option, and whether the model can tell them apart."""
