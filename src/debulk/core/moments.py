"""Days and moments as they are stored, and as a person reads them: in UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def today() -> str:
    """The day now, as the store writes days: ``2026-11-26``."""
    return datetime.now(UTC).date().isoformat()


def to_the_minute(moment: str) -> str:
    """A stored moment to the minute: ``2026-11-26 09:31``."""
    return f"{moment[:10]} {moment[11:16]}"
