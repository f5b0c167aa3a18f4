"""Looks before the last analysis: their bounds, and where trials stopped in both worlds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from debulk.reports import words

WORLDS = (("simulated", "this run"), ("null", "null world"))
"""Worlds of a result's monitoring, and what reports call them."""

BOUNDS = ("efficacy", "futility", "harm")
NO_BOUND = "no bound crossed"


@dataclass(frozen=True)
class BoundAtLook:
    """One bound at one look, in words.

    Attributes
    ----------
    look : str
        Its number, events and share of the information; empty but for the look's first bound.
    bound, z : str
        Name and value of the bound.
    crossing : tuple of str
        Share of trials that cross it there first, in each of `WORLDS`.
    """

    look: str
    bound: str
    z: str
    crossing: tuple[str, ...]


def bounds_at_looks(result: Mapping[str, Any]) -> list[BoundAtLook]:
    """Every bound of every look that a trial can stop by; nothing without looks.

    Parameters
    ----------
    result : mapping
        What `debulk trial run` writes as results.json.
    """
    monitoring = result.get("monitoring")
    if not monitoring:
        return []
    rows = []
    last = len(monitoring["looks"]) - 1
    for place, look in enumerate(monitoring["looks"]):
        share = words.share(look["information"])
        title = f"{place + 1}: {words.patients(look['events'])} events ({share})"
        for name in BOUNDS:
            z = look[f"{name}_z"]
            # At the last analysis, not to reject is no stop for futility.
            if z is None or (name == "futility" and place == last):
                continue
            crossing = (monitoring[world]["crossing"][name][place] for world, _ in WORLDS)
            shares = tuple(words.share(each) for each in crossing)
            rows.append(BoundAtLook(title, name, words.signless_zero(f"{z:.2f}"), shares))
            title = ""
    return rows


def stopping_rows(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Where trials end, as segments of one bar a world: from, to, bound, look, share.

    Parameters
    ----------
    result : mapping
        What `debulk trial run` writes as results.json, with its part ``monitoring``.
    """
    rows = []
    for world, title in WORLDS:
        start = 0.0
        for name in BOUNDS:
            for place, share in enumerate(result["monitoring"][world]["crossing"][name]):
                if share > 0.0:
                    rows.append(_segment(title, name, place + 1, start, share))
                    start += share
        if start < 1.0 - 1e-9:
            rows.append(_segment(title, NO_BOUND, None, start, 1.0 - start))
    return rows


def _segment(
    world: str, bound: str, look: int | None, start: float, share: float
) -> dict[str, Any]:
    return {
        "world": world,
        "bound": bound,
        "start": start,
        "end": start + share,
        "middle": start + share / 2.0,
        # Too narrow a segment has no room for its number.
        "label": "" if look is None or share < 0.06 else str(look),
    }
