"""Trials emulated from registries, and a laboratory that measures the bias of every shortcut."""
