"""Risk and restricted mean at a horizon, and what each row moves them by (influence functions).

With e = sum of w dM / Y, where Y is the weight at risk and M a row's martingale, over all causes in
S and over the event of interest (e_1) in its incidence F, Aalen and Johansen's F(t) moves by
int S(u-) de_1 - int (F(t) - F(u)) / (1 - dL) de over u <= t. The restricted mean is the horizon
less the area under F: the months before the event of interest, as in clone-censor-weight. Without
competing events that is the area under Kaplan and Meier's curve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.emulation.person_time import Floats

Causes = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Steps:
    """Weighted numbers at the m distinct times of any event, and the curves they make.

    Attributes
    ----------
    time, at_risk : (m,) float64
    events : (m, causes) float64
        Weight of the events of each cause, in the order of `causes`.
    causes : tuple of int
    survival : (m,) float64
        Free of every event, just after each time.
    incidence : (m, causes) float64
        Cumulative incidence of each cause (Aalen and Johansen 1978).
    """

    time: Floats
    at_risk: Floats
    events: Floats
    causes: tuple[int, ...]
    survival: Floats
    incidence: Floats

    @property
    def before(self) -> Floats:
        """Survival just before each time."""
        return np.concatenate([[1.0], self.survival[:-1]]) if self.time.size else self.survival


@dataclass(frozen=True)
class AtHorizon:
    """Risk of the event and months before it, with each row's influence.

    Attributes
    ----------
    risk, rmst : float
    risk_influence, rmst_influence : (R,) float64
    """

    risk: float
    rmst: float
    risk_influence: Floats
    rmst_influence: Floats


def steps_of(
    entry: Floats, time: Floats, cause: Causes, weights: Floats, causes: tuple[int, ...] = (1,)
) -> Steps:
    """Count events and make the curves.

    Parameters
    ----------
    entry, time : (R,) float64
        Each row is at risk after `entry`, up to `time`.
    cause : (R,) int8
        0 for none.
    weights : (R,) float64
    causes : tuple of int
        Every cause that occurs in the data, 1 first.
    """
    happens = cause > 0
    times, place = np.unique(time[happens], return_inverse=True)
    events = np.zeros((times.size, len(causes)))
    for column, each in enumerate(causes):
        load = np.where(cause[happens] == each, weights[happens], 0.0)
        events[:, column] = np.bincount(place, load, minlength=times.size)
    # A row is at risk at the events after its entry (position `begun`) up to its end.
    gone = np.searchsorted(times, time, side="right")
    left = np.bincount(gone, weights, minlength=times.size + 1)
    at_risk = np.cumsum(left[::-1])[::-1][1:]
    begun = np.searchsorted(times, entry, side="right")
    if begun.any():
        waiting = np.bincount(begun, weights, minlength=times.size + 1)
        at_risk = at_risk - np.cumsum(waiting[::-1])[::-1][1:]
    total = events.sum(axis=1)
    at_risk = np.maximum(at_risk, total)  # rounding must not leave fewer at risk than die
    share = 1.0 - total / at_risk
    share[share < 1e-12] = 0.0
    survival = np.cumprod(share)
    before = np.concatenate([[1.0], survival[:-1]])[: times.size]
    incidence = np.cumsum((before / at_risk)[:, None] * events, axis=0)
    return Steps(times, at_risk, events, causes, survival, incidence)


def at_horizon(
    steps: Steps,
    entry: Floats,
    time: Floats,
    cause: Causes,
    weights: Floats,
    tau: float,
    start: float = 0.0,
) -> AtHorizon:
    """Risk and restricted mean from `start` to `tau`, with the influence of each row."""
    inside = int(np.searchsorted(steps.time, tau, side="right"))
    times, at_risk = steps.time[:inside], steps.at_risk[:inside]
    survival, before = steps.survival[:inside], steps.before[:inside]
    mine, total = steps.events[:inside, 0], steps.events[:inside].sum(axis=1)
    reached = steps.incidence[:inside, 0]
    risk = float(reached[-1]) if inside else 0.0
    pieces = np.diff(np.concatenate([times, [tau]])) * reached
    area = np.cumsum(pieces[::-1])[::-1]
    rmst = tau - start - (float(area[0]) if inside else 0.0)
    left = 1.0 - total / at_risk
    per_left = np.divide(1.0, left, out=np.zeros_like(left), where=survival > 0.0)
    # What an event of any kind takes from the risk, and from the area under it, still to come.
    rise = (risk - reached) * per_left
    rise_of_area = (area - reached * (tau - times)) * per_left
    by_event = np.stack([before - rise, rise_of_area - before * (tau - times)]) / at_risk
    by_other = np.stack([-rise, rise_of_area]) / at_risk
    expected = (by_event * mine + by_other * (total - mine)) / at_risk
    running = np.zeros((2, inside + 1))
    np.cumsum(expected, axis=1, out=running[:, 1:])
    gone = np.searchsorted(times, np.minimum(time, tau), side="right")
    begun = np.minimum(np.searchsorted(times, entry, side="right"), gone)
    moved = running[:, begun] - running[:, gone]
    has = (cause > 0) & (time <= tau)
    place = gone[has] - 1
    moved[:, has] += np.where(cause[has] == 1, by_event[:, place], by_other[:, place])
    moved *= weights
    return AtHorizon(risk, rmst, moved[0], moved[1])
