"""Who has had the event by a horizon, weighted for those whose status was not seen.

An event at u has the mass that the Kaplan-Meier curve of all events drops by there, a patient
followed beyond the horizon an equal share of where that curve then stands. With one row a patient
these are the inverse probabilities of censoring (n S(u-) G(u-) = Y(u), so that S(u-) / Y(u) is
1 / (n G(u-)), with events before censorings at one time), as in Graf and others 1999, Stat Med
18:2529, and Gerds and Schumacher 2006, Biom J 48:1029. Written so, the same masses serve late
entry, competing events, case weights, and clones whose artificial censoring is weighted for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from debulk.prognosis.validation.follow_up import FollowUp
from debulk.survival.subjects import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class HorizonStatus:
    """Rows whose status at a horizon is known, with the masses that stand for all.

    Attributes
    ----------
    horizon : float
    row : array of int, shape (k,)
        The rows of the follow-up: those with an event by the horizon, then those followed beyond.
    patient : array of int, shape (k,)
        Their patients.
    case : array of bool, shape (k,)
        Whether the event of interest happened by the horizon.
    mass : array of float, shape (k,)
        They add to 1.
    """

    horizon: float
    row: Ints
    patient: Ints
    case: Bools
    mass: Floats
    _follow_up: FollowUp
    _times: Floats
    _at_risk: Floats
    _hazard: Floats
    _beyond: float
    _place: Ints  # of each event among the times; the survivors are not in it

    @property
    def observed(self) -> float:
        """Probability of the event by the horizon (Kaplan-Meier or Aalen-Johansen)."""
        return float(self.mass[self.case].sum())

    def influence(self, value: Floats) -> Floats:
        """What each patient adds to ``sum(mass * value)``: the infinitesimal jackknife.

        Parameters
        ----------
        value : array, shape (k,) or (k, m)
            Values of the known rows, taken as fixed.

        Returns
        -------
        array, shape (patients,) or (patients, m)
            Derivative with respect to a weight of the patient; they add to 0.
        """
        if value.ndim == 1:
            return self.influence(value[:, None])[:, 0]
        rows, deaths = self._follow_up, self._place.size
        part = self.mass[:, None] * value
        times, m = self._times, value.shape[1]
        here = np.zeros((times.size, m))
        np.add.at(here, self._place, part[:deaths])
        beyond = part[deaths:].sum(axis=0)
        after = beyond + np.cumsum(here[::-1], axis=0)[::-1] - here
        left = 1.0 - self._hazard
        # Where the curve falls to 0 nothing comes after it that could change.
        ratio = np.divide(1.0, self._at_risk * left, out=np.zeros_like(left), where=left > 0.0)
        through = after * ratio[:, None]
        pace = np.zeros((times.size + 1, m))
        steps = through * self._hazard[:, None] - here / self._at_risk[:, None]
        np.cumsum(steps, axis=0, out=pace[1:])
        begin = np.searchsorted(times, rows.start, side="right")
        end = np.searchsorted(times, rows.stop, side="right")
        found = rows.weight[:, None] * (pace[np.maximum(end, begin)] - pace[begin])
        events, stayed = self.row[:deaths], self.row[deaths:]
        found[events] += part[:deaths] - rows.weight[events, None] * through[self._place]
        found[stayed] += part[deaths:] - rows.weight[stayed, None] * beyond / self._beyond
        result = np.zeros((rows.patients, m))
        np.add.at(result, rows.patient, found)
        return result


def horizon_status(follow_up: FollowUp, horizon: float) -> HorizonStatus:
    """Masses of those whose status at a horizon is known.

    Parameters
    ----------
    follow_up : FollowUp
    horizon : float
        Followed beyond by somebody: see `read_horizon`.
    """
    rows = follow_up
    happened = np.flatnonzero((rows.cause > 0) & (rows.stop <= horizon))
    times, place = np.unique(rows.stop[happened], return_inverse=True)
    at_risk = _at_risk(rows, times)
    hazard = np.bincount(place, weights=rows.weight[happened], minlength=times.size) / at_risk
    survival = np.cumprod(1.0 - hazard)
    before = np.concatenate(([1.0], survival[:-1]))
    stayed = np.flatnonzero((rows.start <= horizon) & (rows.stop > horizon))
    beyond = float(rows.weight[stayed].sum())
    last = float(survival[-1]) if times.size else 1.0
    row = np.concatenate((happened, stayed))
    mass = np.concatenate(
        (
            rows.weight[happened] * (before / at_risk)[place],
            rows.weight[stayed] * (last / beyond),
        )
    )
    case = np.concatenate((rows.cause[happened] == 1, np.zeros(stayed.size, dtype=bool)))
    return HorizonStatus(
        horizon, row, rows.patient[row], case, mass, rows, times, at_risk, hazard, beyond, place
    )


def _at_risk(rows: FollowUp, times: Floats) -> Floats:
    """Weight at risk at each time: start < t <= stop; summed from the end, nothing is lost."""
    ends = np.argsort(rows.stop, kind="stable")
    starts = np.argsort(rows.start, kind="stable")
    leaving = np.append(np.cumsum(rows.weight[ends][::-1])[::-1], 0.0)
    coming = np.append(np.cumsum(rows.weight[starts][::-1])[::-1], 0.0)
    followed = leaving[np.searchsorted(rows.stop[ends], times, side="left")]
    to_come = coming[np.searchsorted(rows.start[starts], times, side="left")]
    result: Floats = followed - to_come
    return result
