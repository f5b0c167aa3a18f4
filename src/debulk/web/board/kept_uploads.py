"""Files between being looked at and being taken: kept in memory, for a while, for who sent them."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

KEPT_MINUTES = 30
LARGEST_MB = 5
MOST_KEPT = 20


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent.

    Attributes
    ----------
    owner : str
        Account of who sent it; nobody else can take it.
    name : str
    content : bytes
    curated : str
        Text of the curated criteria of a trial; empty without any.
    ends : float
        When it is forgotten, on the clock.
    """

    owner: str
    name: str
    content: bytes = field(repr=False)
    curated: str = field(repr=False, default="")
    ends: float = 0.0


class KeptUploads:
    """The files that wait.

    Parameters
    ----------
    clock : callable
        Seconds; tests give their own.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, Upload] = {}

    def keep(self, owner: str, name: str, content: bytes, curated: str = "") -> str:
        """Keep a file; the name under which it can be had. The oldest one makes room."""
        token = secrets.token_urlsafe(24)
        ends = self._clock() + 60.0 * KEPT_MINUTES
        with self._lock:
            self._forget_old()
            while len(self._kept) >= MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[token] = Upload(owner, name, content, curated, ends)
        return token

    def get(self, token: str, owner: str) -> Upload | None:
        """The file, if it is still kept and was sent by the same person."""
        with self._lock:
            self._forget_old()
            found = self._kept.get(token)
        return found if found is not None and found.owner == owner else None

    def drop(self, token: str) -> None:
        """Forget a file that was taken."""
        with self._lock:
            self._kept.pop(token, None)

    def _forget_old(self) -> None:
        now = self._clock()
        for token in [each for each, found in self._kept.items() if found.ends <= now]:
            del self._kept[token]
