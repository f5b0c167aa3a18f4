"""`debulk survival`: survival curves and tests for any table."""

from __future__ import annotations


def survival() -> None:
    """Survival curves and tests for any table."""
