"""Randomisation: methods for simulated trials, centres, and lists for real trials."""
