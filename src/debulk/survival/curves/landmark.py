"""Who is still at risk at a landmark, and what is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.provenance import Exclusion
from debulk.core.results import plain
from debulk.survival.options import one_number
from debulk.survival.subjects import Bools, Floats, read_subjects


@dataclass(frozen=True, eq=False)
class Landmark:
    """Follow-up from a landmark on.

    Attributes
    ----------
    at : float
        The landmark, in the unit of the times.
    kept : array of bool, shape (n,)
        Which of the rows given are at risk at the landmark.
    time, event : array, shape (kept rows,)
        End of follow-up counted from the landmark, and whether it ended with the event.
    excluded : tuple of Exclusion
        How many rows were left out, by reason; a reason that met nobody is listed with 0.
    """

    at: float
    kept: Bools
    time: Floats
    event: Bools
    excluded: tuple[Exclusion, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        names = ("at", "kept", "time", "event", "excluded")
        return {name: plain(getattr(self, name)) for name in names}


def landmark(time: Any, event: Any, at: float, *, entry: Any = None) -> Landmark:
    """Keep the subjects still at risk at a landmark and count their time from there.

    What is known by the landmark may then define groups without immortal time (Anderson, Cain and
    Gelber 1983, J Clin Oncol 1:710).

    Parameters
    ----------
    time, event : array-like, shape (n,)
        End of follow-up (at least 0) and whether it ended with the event (bool or 0/1).
    at : float
        The landmark, finite and at least 0.
    entry : array-like, shape (n,), optional
        Start of observation; rows that start after the landmark are left out.

    Returns
    -------
    Landmark
        Kept are rows with entry <= `at` <= time: whose follow-up ends at the landmark itself is
        still at risk there (at risk means entry < t <= exit) and has time 0 from there.

    Raises
    ------
    InputError
        On arrays that do not fit, a landmark below 0, or one at which nobody is at risk.
    """
    subjects = read_subjects(time, event, entry=entry)
    moment = one_number(at, "at")
    if moment < 0:
        raise InputError("at", f"{moment:g} is negative", "Times run from 0 on")
    early = subjects.time < moment
    late = np.zeros(subjects.n, dtype=np.bool_)
    if subjects.entry is not None:
        late = subjects.entry > moment
    kept = ~(early | late)
    if not kept.any():
        raise InputError("at", f"nobody is at risk at {moment:g}", "Give an earlier landmark")
    excluded = [
        Exclusion(f"had the event before {moment:g}", int((early & subjects.event).sum())),
        Exclusion(f"censored before {moment:g}", int((early & ~subjects.event).sum())),
    ]
    if subjects.entry is not None:
        excluded.append(Exclusion(f"observed only after {moment:g}", int(late.sum())))
    return Landmark(
        at=moment,
        kept=kept,
        time=subjects.time[kept] - moment,
        event=subjects.event[kept],
        excluded=tuple(excluded),
    )
