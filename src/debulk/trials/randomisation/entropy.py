"""Random numbers of lists for real trials: whoever knows some rows cannot work out the others.

Simulations use fast counter-based streams whose seed could be recovered from what they gave. A list
is drawn by HMAC-SHA-256 in counter mode instead, keyed by its seed, one label a decision.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, MutableSequence
from typing import Any

SEED_BYTES = 32
"""Length of a seed: 256 bits."""


class Draws:
    """A stream of random numbers for one decision of a list.

    Parameters
    ----------
    seed : int
        Seed of the list, 0 to 2**256 - 1.
    label : str
        What is decided; each label has a stream of its own.
    """

    def __init__(self, seed: int, label: str) -> None:
        self._key = seed.to_bytes(SEED_BYTES, "big")
        self._label = label.encode("utf-8")
        self._words = self._stream()

    def below(self, limit: int) -> int:
        """A whole number from 0 to limit - 1, every one equally probable (by rejection)."""
        fair = 2**64 - 2**64 % limit
        while True:
            word = next(self._words)
            if word < fair:
                return word % limit

    def shuffle(self, items: MutableSequence[Any]) -> None:
        """Put items into a random order, every one equally probable (Fisher and Yates)."""
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]

    def _stream(self) -> Iterator[int]:
        counter = 0
        while True:
            block = digest(self._key, self._label + b"\x00" + counter.to_bytes(8, "big"))
            for start in range(0, 32, 8):
                yield int.from_bytes(block[start : start + 8], "big")
            counter += 1


def salt(seed: int, row: int) -> str:
    """Secret of one row, without which its commitment cannot be opened."""
    key = seed.to_bytes(SEED_BYTES, "big")
    return digest(key, b"salt\x00" + row.to_bytes(8, "big")).hex()


def digest(key: bytes, text: bytes) -> bytes:
    """HMAC-SHA-256."""
    return hmac.new(key, text, hashlib.sha256).digest()
