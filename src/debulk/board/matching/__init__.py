"""Trials a case may join, what would make it fit, and which answers matter."""
