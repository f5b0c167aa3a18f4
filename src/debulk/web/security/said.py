"""What the status line says after a form was taken and the reader was sent on.

It may speak of a patient, so it waits in this process's memory: no browser stores it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from fastapi import Request

_WAITS_SECONDS = 60.0
_MOST_WAITING = 10_000


class Sayings:
    """What is to be said, each once, to the browser that holds a token."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: dict[str, tuple[float, str]] = {}

    def put(self, token: str, words: str) -> None:
        """Keep words for the next page of the browser that holds the token."""
        self._waiting.pop(token, None)
        self._waiting[token] = (self._clock(), words)
        if len(self._waiting) > _MOST_WAITING:
            self._waiting.pop(next(iter(self._waiting)))

    def take(self, token: str) -> str:
        """The words that wait; empty where none do."""
        at, words = self._waiting.pop(token, (0.0, ""))
        return words if self._clock() - at <= _WAITS_SECONDS else ""


def said_to(request: Request) -> str:
    """What the page that is being drawn has to say, which is then said."""
    sayings: Sayings | None = getattr(request.app.state, "sayings", None)
    return sayings.take(getattr(request.state, "csrf", "")) if sayings else ""
