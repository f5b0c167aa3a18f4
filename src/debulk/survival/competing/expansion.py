"""Fine and Gray's model as a weighted Cox model: rows that go on after a competing event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.competing.causes import CENSORED, CompetingSubjects, read_causes
from debulk.survival.labels import distinct, label_of
from debulk.survival.multistate.rows import distinct_rising
from debulk.survival.subjects import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class FineGrayRows:
    """Weighted intervals; a Cox model of them is a Fine-Gray model of the subjects.

    Attributes
    ----------
    row : array of int, shape (m,)
        Position of the subject (from 0) that each interval comes from.
    start, stop : array, shape (m,)
        Bounds of the interval (start, stop].
    status : array of bool, shape (m,)
        Whether it ends with the cause of interest.
    weight : array, shape (m,)
        Weight, times the subject's own where weights were given.
    """

    row: Ints
    start: Floats
    stop: Floats
    status: Bools
    weight: Floats

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, ready for JSON or a data frame."""
        names = ("row", "start", "stop", "status", "weight")
        return {name: plain(getattr(self, name)) for name in names}


def fine_gray_weights(
    time: Any,
    cause: Any,
    *,
    cause_of_interest: Any = 1,
    entry: Any = None,
    strata: Any = None,
    weights: Any = None,
    censoring: Any = CENSORED,
) -> FineGrayRows:
    """Expand subjects into the weighted intervals of R's ``finegray``.

    Parameters
    ----------
    time, cause : array-like, shape (n,)
        End of follow-up and why it ended, as for `cumulative_incidence`.
    cause_of_interest : label
        The cause that is modelled.
    entry : array-like, shape (n,), optional
        Start of observation, below `time`; the weights then follow the distribution of entry too
        (Geskus 2011, Biometrics 67:39).
    strata : array-like, shape (n,), optional
        Labels of groups with distributions of censoring and entry of their own; rows come out
        stratum by stratum.
    weights : array-like, shape (n,), optional
        Case weights, above 0; they multiply the weights and do not enter the distribution of
        censoring.
    censoring : label or None
        The value of `cause` that marks censored rows.

    Returns
    -------
    FineGrayRows
        One row a subject, and for one with a competing event further rows in which the weight
        G(t-) / G(X-) is constant, as far as a time of interest falls into them. Events come
        before censorings at the same time. Intervals start at 0 without `entry`, at -1 if a time
        is 0, so that none is empty.

    Raises
    ------
    InputError
        On arrays that do not fit; if a stratum has nobody with the cause of interest.
    """
    subjects = read_causes(time, cause, censoring=censoring, entry=entry, weights=weights)
    code = subjects.code_of(cause_of_interest)
    labels, codes = ["all"], np.zeros(subjects.n, dtype=np.int64)
    if strata is not None:
        values, codes = distinct(strata, subjects.n, "strata")
        labels = [label_of(value) for value in values]
    origin = 0.0 if subjects.time.min() > 0 else -1.0
    start = np.full(subjects.n, origin) if subjects.entry is None else subjects.entry
    delayed = bool((start > subjects.time.min()).any())
    parts = []
    for layer, label in enumerate(labels):
        chosen = np.flatnonzero(codes == layer)
        if not (subjects.code[chosen] == code).any():
            raise InputError(
                "strata",
                f"nobody in {label!r} has the cause of interest",
                "Leave that stratum out, or join it to another",
            )
        inside = subjects.subset(codes == layer)
        parts.append((chosen, _expand(inside, start[chosen], code, delayed)))
    row = np.concatenate([chosen[part.row] for chosen, part in parts])
    weight = np.concatenate([part.weight for _, part in parts])
    return FineGrayRows(
        row,
        np.concatenate([part.start for _, part in parts]),
        np.concatenate([part.stop for _, part in parts]),
        np.concatenate([part.status for _, part in parts]),
        weight if subjects.weights is None else weight * subjects.weights[row],
    )


def _expand(subjects: CompetingSubjects, start: Floats, code: int, delayed: bool) -> FineGrayRows:
    """Rows of one stratum."""
    time = subjects.time
    bounds, share = _free_steps(time, start, subjects.code == 0, delayed)
    # Interval k runs from bounds[k - 1] (or the start) to bounds[k], with weight share[k].
    bounds = np.append(bounds, time.max())
    share = np.concatenate(([1.0], share))
    of_interest = time[subjects.code == code]
    kept = np.unique(np.searchsorted(bounds, of_interest, side="left"))
    competing = (subjects.code != 0) & (subjects.code != code)
    own = np.searchsorted(bounds, time, side="left")
    skip = np.searchsorted(kept, own, side="right")
    extra = np.where(competing, kept.size - skip, 0)
    row = np.repeat(np.arange(time.size), 1 + extra)
    first = np.cumsum(1 + extra) - (1 + extra)
    turn = np.arange(row.size) - first[row]
    added = turn > 0
    interval = kept[(skip[row] + turn - 1)[added]]
    new_start, new_stop = start[row], np.where(competing, bounds[own], time)[row]
    weight = np.ones(row.size)
    new_start[added] = bounds[interval - 1]
    new_stop[added] = bounds[interval]
    weight[added] = share[interval] / share[own[row[added]]]
    return FineGrayRows(row, new_start, new_stop, subjects.code[row] == code, weight)


def _free_steps(
    time: Floats, start: Floats, censored: Bools, delayed: bool
) -> tuple[Floats, Floats]:
    """Times at which the weight changes, and its value from each on."""
    at, heads = _censoring_steps(time, start, censored)
    if not delayed:
        return at, np.cumprod(1.0 - heads, dtype=np.float64)
    entries = distinct_rising(start)
    # In reversed time, entry is an event among those who are still followed after it.
    there = np.searchsorted(np.sort(start), entries, side="right") - np.searchsorted(
        np.sort(time), entries, side="right"
    )
    counts = np.bincount(np.searchsorted(entries, start), minlength=entries.size)
    backwards = np.cumprod((1.0 - counts / there)[::-1], dtype=np.float64)[::-1]
    later = np.append(backwards[1:], 1.0)
    times = np.union1d(entries, at)
    free = np.concatenate(([1.0], np.cumprod(1.0 - heads, dtype=np.float64)))
    here = np.searchsorted(entries, times, side="right") - 1
    result: Floats = later[here] * free[np.searchsorted(at, times, side="right")]
    return times, result


def _censoring_steps(time: Floats, start: Floats, censored: Bools) -> tuple[Floats, Floats]:
    """Times of censoring, and the share censored there of those at risk of it."""
    at = distinct_rising(time[censored])
    count = np.bincount(np.searchsorted(at, time[censored]), minlength=at.size)
    at_risk = np.searchsorted(np.sort(start), at, side="left") - np.searchsorted(
        np.sort(time), at, side="left"
    )
    events = np.sort(time[~censored])
    at_risk = at_risk - (
        np.searchsorted(events, at, side="right") - np.searchsorted(events, at, side="left")
    )
    return at, count / at_risk
