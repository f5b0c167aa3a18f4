"""Buckets of requests: each sender's fills steadily, and a request takes one out of it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

_MOST_SENDERS = 10_000


class Buckets:
    """A bucket for each sender.

    Parameters
    ----------
    per_second : float
        How fast a bucket fills.
    burst : float
        How much it holds.
    clock : callable
        Seconds that only grow; tests give their own.
    """

    def __init__(
        self, per_second: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, sender: str) -> int:
        """Take one out; 0 where there was one, else the whole seconds until there is."""
        now = self._clock()
        level, since = self._levels.pop(sender, (self._burst, now))
        level = min(self._burst, level + (now - since) * self._per_second)
        allowed = level >= 1.0
        self._levels[sender] = (level - 1.0 if allowed else level, now)
        if len(self._levels) > _MOST_SENDERS:
            # The one that has been silent longest stands first, since each that speaks moves last.
            self._levels.pop(next(iter(self._levels)))
        return 0 if allowed else max(1, math.ceil((1.0 - level) / self._per_second))
