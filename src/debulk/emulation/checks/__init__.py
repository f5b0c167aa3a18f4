"""Checks of an emulated trial: what its weights rest on, and what could explain its answer away."""
