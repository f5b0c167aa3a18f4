"""A table from a landmark on: who is still followed there, with times counted from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from debulk.core.errors import InputError
from debulk.core.provenance import Exclusion
from debulk.survival.curves import landmark
from debulk.survival.tables import FollowUpTable


@dataclass(frozen=True)
class FromLandmark:
    """What a landmark did to a table.

    Attributes
    ----------
    at : float
        The landmark, in the unit of the times.
    before, after : int
        Rows before and after.
    excluded : tuple of Exclusion
        Rows left out, by reason.
    """

    at: float
    before: int
    after: int
    excluded: tuple[Exclusion, ...]


def from_landmark(table: FollowUpTable, at: float) -> tuple[FollowUpTable, FromLandmark]:
    """Keep who is still followed at a landmark, and count times from there.

    Parameters
    ----------
    table : FollowUpTable
    at : float
        The landmark, above 0, in the unit of the times.

    Raises
    ------
    InputError
        If it is not above 0, nobody is followed so long, or nobody has the event after it.
    """
    if not at > 0:
        raise InputError("--landmark", f"{at:g} is not above 0", "Give a time after the start")
    found = landmark(table.time, table.event, at, entry=table.entry)
    kept = table.kept(pl.Series(found.kept))
    excluded = tuple(each for each in found.excluded if each.count)
    if not kept.event.any():
        raise InputError(
            "--landmark", f"nobody has the event after {at:g}", "Give an earlier landmark"
        )
    moved = replace(
        kept,
        time=kept.time - at,
        entry=None if kept.entry is None else kept.entry - at,
        exclusions=(*table.exclusions, *excluded),
    )
    return moved, FromLandmark(at, len(table.time), len(moved.time), excluded)
