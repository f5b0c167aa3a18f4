"""How near rebuilt patients come to what the figure shows."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from debulk.core.results import plain
from debulk.evidence.reconstruction.clicks import Clicks
from debulk.evidence.reconstruction.intervals import Flags, Floats
from debulk.evidence.reconstruction.numbers_at_risk import NumbersAtRisk
from debulk.survival.kernels import kaplan_meier_grid, median_survival


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Differences between a figure and the patients rebuilt from it.

    Attributes
    ----------
    root_mean_square, mean_absolute, greatest : float
        Of the difference in survival between the clicks as read and the rebuilt curve.
    greatest_at : float
        Time of the greatest one.
    at_risk : int
        Greatest difference in numbers at risk.
    events : int or None
        Rebuilt less published deaths; None where no total was published.
    events_moved : int or None
        Deaths that clicks and numbers at risk alone lacked (below 0: had too many) and that were
        moved to meet the total; None where none was published.
    median_curve, median : float or None
        Median read off the clicks, and that of the rebuilt patients; None where not reached.
    """

    root_mean_square: float
    mean_absolute: float
    greatest: float
    greatest_at: float
    at_risk: int
    events: int | None
    events_moved: int | None
    median_curve: float | None
    median: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {each.name: plain(getattr(self, each.name)) for each in fields(self)}


def accuracy_of(
    time: Floats,
    event: Flags,
    clicks: Clicks,
    table: NumbersAtRisk,
    events: int | None,
    moved: int,
) -> Accuracy:
    """Compare rebuilt patients with the clicks, the numbers at risk and the total."""
    until = np.minimum(clicks.read_time, time.max())
    gaps = np.abs(kaplan_meier_grid(time, event, until) - clicks.read_survival)
    counts = (time[None, :] >= table.time[:, None]).sum(axis=1)
    low = np.flatnonzero(clicks.survival <= 0.5)
    median = median_survival(time, event)
    return Accuracy(
        root_mean_square=float(np.sqrt(np.mean(gaps**2))),
        mean_absolute=float(gaps.mean()),
        greatest=float(gaps.max()),
        greatest_at=float(clicks.read_time[int(np.argmax(gaps))]),
        at_risk=int(np.abs(counts - table.at_risk).max()),
        events=None if events is None else int(np.count_nonzero(event)) - events,
        events_moved=None if events is None else moved,
        median_curve=float(clicks.time[low[0]]) if low.size else None,
        median=None if math.isnan(median) else float(median),
    )
