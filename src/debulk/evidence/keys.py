"""How findings are named: short plain words, each name once."""

from __future__ import annotations

import re


def slug(text: str) -> str:
    """Lower case; every run of other characters than a-z and 0-9 a hyphen; 60 at most."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-")


class Keys:
    """Hands out each key once; a second use of the same words gets -2, a third -3."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def claim(self, key: str, joint: str = "-") -> str:
        """Return `key`, or `key` with the next free number behind it."""
        self._used[key] = self._used.get(key, 0) + 1
        if self._used[key] == 1:
            return key
        numbered = f"{key}{joint}{self._used[key]}"
        return self.claim(numbered, joint) if numbered in self._used else self._taken(numbered)

    def _taken(self, key: str) -> str:
        self._used[key] = 1
        return key
