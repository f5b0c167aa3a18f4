"""Whether the partial likelihood has one finite maximum, and what to say where it has none.

The likelihood rises for ever along a direction exactly when, at each event time, the patients with
the event have the highest value of that combination of covariates among all at risk, and
somewhere a higher one than another (Jacobsen 1989, Scand J Stat 16:335; Heinze and Schemper 2001,
Biometrics 57:114). Single covariates are looked through first, then combinations by a linear
programme to which the violated comparisons are added until none is left.
"""

from __future__ import annotations

import numpy as np

from debulk.core.compiled import kernel
from debulk.core.errors import InputError
from debulk.survival.cox_model.likelihood import Likelihood
from debulk.survival.cox_model.prepared import PreparedCox
from debulk.survival.subjects import Bools, Floats, Ints

_TIED = 1e-9  # values this close, relative to the covariate's range, are equal
_VIOLATED = 1e-6
_LEAST_RISE = 1e-9
_CUTS = 200
_ROUNDS = 200
_NAMED = 1e-4


def refuse_dependent(
    prepared: PreparedCox, information: Floats, column: int, names: tuple[str, ...]
) -> None:
    """Raise for a covariate that has no information of its own.

    Raises
    ------
    InputError
        Always; the text names the covariate and those it follows from.
    """
    where = f"covariate {names[column]!r}"
    x = prepared.x[:, column]
    if x.size == 0 or x.max() == x.min():
        value = float(prepared.centre[column])
        raise InputError(where, f"is constant ({value:g} in every row at risk)", "Leave it out")
    before = information[:column, :column]
    parts = np.linalg.lstsq(before, information[:column, column], rcond=None)[0]
    used = [names[j] for j in range(column) if abs(parts[j]) > 1e-6]
    if not used or information[column, column] <= 1e-12 * max(np.diag(information).max(), 1e-300):
        raise InputError(
            where,
            "is the same for all rows that are at risk together (within each stratum), so that "
            "no hazard ratio can be seen",
            "Leave it out, or stratify by fewer columns",
        )
    listed = ", ".join(repr(each) for each in used)
    raise InputError(where, f"follows from {listed} (collinear)", "Leave one of them out")


def refuse_runaway(prepared: PreparedCox, weights: Floats, names: tuple[str, ...]) -> None:
    """Raise where the likelihood rises for ever; return where it has a maximum.

    Raises
    ------
    InputError
        With the covariates whose coefficients run away.
    """
    direction = runaway_direction(prepared, weights)
    if direction is None:
        return
    moving = np.flatnonzero(np.abs(direction) > _NAMED * np.abs(direction).max())
    parts = [
        f"the coefficient of {names[j]!r} {'grows' if direction[j] > 0 else 'falls'}"
        for j in moving
    ]
    raise InputError(
        "covariate " + ", ".join(repr(names[j]) for j in moving),
        f"the likelihood keeps rising as {' and '.join(parts)} without end, because the events are "
        "perfectly separated (monotone likelihood), so that no finite estimate exists",
        "Ask for penalty='firth', merge rare levels, or leave the covariate out",
    )


def runaway_direction(prepared: PreparedCox, weights: Floats) -> Floats | None:
    """A direction of the prepared covariates along which the likelihood rises for ever, or None."""
    kept = weights > 0
    slots = prepared.slots
    last = np.repeat(np.arange(slots), np.diff(prepared.rows_from))[kept]
    opening = np.maximum.accumulate(np.where(prepared.opens, np.arange(slots), 0))
    first = prepared.first[kept].astype(np.int64) if prepared.first.size else opening[last]
    x = prepared.x[kept]
    place = np.arange(kept.size) - np.repeat(prepared.rows_from[:-1], np.diff(prepared.rows_from))
    event = (place < np.repeat(prepared.deaths, np.diff(prepared.rows_from)))[kept]
    single = _single_columns(x, event, first, last, slots)
    if single.any():
        return single
    return _combination(prepared, weights, x, event, first, last)


def _single_columns(x: Floats, event: Bools, first: Ints, last: Ints, slots: int) -> Floats:
    """For each column 1 or -1 where its coefficient alone runs up or down, else 0."""
    found = np.zeros(x.shape[1])
    for j in range(x.shape[1]):
        for sign in (1.0, -1.0):
            z = sign * x[:, j]
            slack = _TIED * (z.max() - z.min())
            highest = z[highest_at_risk(np.argsort(-z), first, last, slots)[last[event]]]
            lowest = z[highest_at_risk(np.argsort(z), first, last, slots)[last[event]]]
            if (z[event] >= highest - slack).all() and (lowest < highest - slack).any():
                found[j] = sign
                break
    return found


def _combination(
    prepared: PreparedCox, weights: Floats, x: Floats, event: Bools, first: Ints, last: Ints
) -> Floats | None:
    """A combination of as few columns as can be, found by leaving out one after another."""
    p = x.shape[1]
    gradient = Likelihood(prepared, weights, True).evaluate(np.zeros(p)).gradient
    gradient = gradient / weights[weights > 0].sum()
    ranks = _Ranks(x, np.flatnonzero(event), first, last, prepared.slots)
    free = np.ones(p, np.bool_)
    best = ranks.direction(gradient, free)
    if best is None:
        return None
    for j in range(p):
        without = free.copy()
        without[j] = False
        less = ranks.direction(gradient, without)
        if less is not None:
            free, best = without, less
    return best


class _Ranks:
    """The comparisons of events with all at risk, of which a linear programme gets the violated."""

    def __init__(self, x: Floats, events: Ints, first: Ints, last: Ints, slots: int) -> None:
        self.x, self.events, self.first, self.last, self.slots = x, events, first, last, slots
        self.cuts = np.zeros((0, x.shape[1]))

    def direction(self, gradient: Floats, free: Bools) -> Floats | None:
        """A direction along which no comparison is lost and some are won; None if there is none."""
        from scipy.optimize import linprog

        for _ in range(_ROUNDS):
            found = linprog(
                -gradient,
                A_ub=-self.cuts if self.cuts.size else None,
                b_ub=np.zeros(self.cuts.shape[0]) if self.cuts.size else None,
                bounds=[(-1.0, 1.0) if each else (0.0, 0.0) for each in free],
                method="highs",
            )
            if found.x is None or -float(found.fun or 0.0) <= _LEAST_RISE:
                return None
            direction: Floats = np.asarray(found.x)
            away, gap = self._gaps(direction)
            if gap.min(initial=0.0) >= -_VIOLATED:
                return direction
            worst = np.argsort(gap)[:_CUTS]
            self.cuts = np.vstack([self.cuts, away[worst[gap[worst] < -_VIOLATED / 2]]])
        return None

    def _gaps(self, direction: Floats) -> tuple[Floats, Floats]:
        """Each event's covariates less those of the highest at risk, of length 1; their values."""
        z = self.x @ direction
        rival = highest_at_risk(np.argsort(-z), self.first, self.last, self.slots)
        away = self.x[self.events] - self.x[rival[self.last[self.events]]]
        size = np.sqrt((away**2).sum(axis=1))
        away = away / np.where(size > 0, size, 1.0)[:, None]
        return away, away @ direction


@kernel
def highest_at_risk(falling: Ints, first: Ints, last: Ints, slots: int) -> Ints:
    """Row with the highest value at risk in each slot; `falling` lists rows from the highest.

    Each row claims the slots of its interval that no higher row has claimed; claimed slots are
    linked past, so that the whole costs little more than one look at each slot.
    """
    found = np.full(slots, -1)
    following = np.arange(slots + 1)
    for place in range(falling.size):
        i = falling[place]
        slot = first[i] + 1
        while True:
            root = slot
            while following[root] != root:
                root = following[root]
            while following[slot] != root:
                following[slot], slot = root, following[slot]
            if root > last[i]:
                break
            found[root] = i
            following[root] = root + 1
            slot = root
    return found
