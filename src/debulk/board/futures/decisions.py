"""The random stream that the choice of virtual patients claims."""

from __future__ import annotations

from debulk.core.streams import claim

CHOICE = claim(7101, "board: start of the systematic sample of virtual patients")
