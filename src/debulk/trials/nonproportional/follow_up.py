"""Shares of the patients at risk, with an event and lost, as seen at one calendar time.

Between two breaks (of a hazard, or of accrual seen back from the analysis) every integrand is
smooth; Gauss-Legendre panels there are exact to nearly all digits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from debulk.core.errors import InputError
from debulk.survival.subjects import Floats
from debulk.trials.nonproportional.alternative import Alternative
from debulk.trials.nonproportional.enrolment import Enrolment
from debulk.trials.nonproportional.pieces import Pieces

_POINTS = 12
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(_POINTS)
_STEEPEST = 1.0  # cumulative hazard that one panel may span
_LEAST_PANELS = 12  # of the whole follow-up
_NOBODY = 60.0  # cumulative hazard beyond which nobody is left
_ALL_LOST = 60.0  # cumulative hazard of drop-out beyond which nobody is left
_NEARLY_0 = 1e-300
_CLOSE = 1e-12  # breaks closer than this share of themselves are one


def _cumulative_matrix() -> Floats:
    """Integrals from -1 to each node of the polynomials that are 1 at one node, 0 at others."""
    values = np.polynomial.legendre.legvander(_NODES, _POINTS - 1)
    identity = np.eye(_POINTS)
    integrals = np.stack(
        [
            np.polynomial.legendre.legval(
                _NODES, np.polynomial.legendre.legint(identity[k], lbnd=-1)
            )
            for k in range(_POINTS)
        ],
        axis=1,
    )
    found: Floats = integrals @ np.linalg.inv(values)
    return found


_TO_NODES = _cumulative_matrix()
_TO_COEFFICIENTS = np.linalg.inv(np.polynomial.legendre.legvander(_NODES, _POINTS - 1))


@dataclass(frozen=True, eq=False)
class Grid:
    """Nodes in time with what is needed to integrate over them.

    Attributes
    ----------
    times : array, shape (m,)
        Months since randomisation, rising.
    weights : array, shape (m,)
        Of the integral from 0 to the end.
    half_widths : array, shape (panels,)
    """

    times: Floats
    weights: Floats
    half_widths: Floats

    def cumulative(self, values: Floats) -> Floats:
        """Integral from 0 to each node; the last axis runs over nodes."""
        by_panel = values.reshape(*values.shape[:-1], self.half_widths.size, _POINTS)
        inner = (by_panel @ _TO_NODES.T) * self.half_widths[:, None]
        whole = (by_panel @ _WEIGHTS) * self.half_widths
        before = np.cumsum(whole, axis=-1) - whole
        found: Floats = (inner + before[..., None]).reshape(values.shape)
        return found

    def at(self, values: Floats, times: Floats) -> Floats:
        """Values between the nodes, by the polynomial of each panel; ends are held beyond."""
        ends = np.concatenate(([0.0], np.cumsum(2.0 * self.half_widths)))
        inside = np.clip(times, 0.0, ends[-1])
        panel = np.clip(np.searchsorted(ends, inside, side="right") - 1, 0, ends.size - 2)
        place = (inside - ends[panel]) / self.half_widths[panel] - 1.0
        basis = np.polynomial.legendre.legvander(place, _POINTS - 1) @ _TO_COEFFICIENTS
        by_panel = values.reshape(*values.shape[:-1], self.half_widths.size, _POINTS)
        found: Floats = np.einsum("...tn,tn->...t", by_panel[..., panel, :], basis)
        return found


@dataclass(frozen=True, eq=False)
class FollowUp:
    """Everybody as seen at one calendar time; shares are of all patients, strata by arms by nodes.

    Attributes
    ----------
    month : float
        The calendar time, from the first patient.
    grid : Grid
    at_risk : array, shape (strata, 2, m)
        Share that is under observation at each node; arms: control, experimental.
    hazard : array, shape (strata, 2, m)
        Events a month.
    survival : array, shape (strata, 2, m)
        Probability to be without the event, whatever accrual and drop-out.
    kept : array, shape (2, m)
        Probability not to be lost by then.
    sizes : array, shape (strata, 2)
        Shares of all patients.
    """

    month: float
    grid: Grid
    at_risk: Floats
    hazard: Floats
    survival: Floats
    kept: Floats
    sizes: Floats

    @property
    def density(self) -> Floats:
        """Events a month of follow-up, as shares of all patients."""
        return self.at_risk * self.hazard

    @property
    def pooled_at_risk(self) -> Floats:
        """Both arms' share at risk, shape (strata, m); never quite 0, so that it divides."""
        found: Floats = np.maximum(self.at_risk.sum(axis=1), _NEARLY_0)
        return found

    def events(self) -> Floats:
        """Share of all patients that had the event by stratum and arm, shape (strata, 2)."""
        found: Floats = self.density @ self.grid.weights
        return found


def grid_between(edges: Floats) -> Grid:
    """Nodes of panels with these ends, rising from 0."""
    half = 0.5 * np.diff(edges)
    times = ((edges[:-1] + half)[:, None] + half[:, None] * _NODES).reshape(-1)
    return Grid(times, (half[:, None] * _WEIGHTS).reshape(-1), half)


def follow(
    alternative: Alternative,
    enrolment: Enrolment,
    month: float,
    *,
    until: float = math.inf,
    breaks: tuple[float, ...] = (),
) -> FollowUp:
    """Follow-up as seen at a calendar time.

    Parameters
    ----------
    alternative : Alternative
    enrolment : Enrolment
        The course of accrual.
    month : float
        Calendar time from the first patient, above 0.
    until : float
        Last time since randomisation that is of interest.
    breaks : tuple of float
        Further times at which the caller's integrand is not smooth.
    """
    end = min(month - enrolment.first(), until)
    if end <= 0:
        found = f"nobody has entered by month {month:g}"
        raise InputError("accrual", found, "Look later, or start accrual earlier")
    hazards = [(pair.control, pair.experimental) for pair in alternative.hazards]
    losses = alternative.dropout_rates
    own = [start for pair in hazards for pieces in pair for start in pieces.starts]
    seen = [month - entry for entry in enrolment.breaks()]
    if max(losses) > 0:
        end = min(end, _ALL_LOST / max(losses))
    edges = _edges([*own, *seen, *breaks], end, hazards)
    grid = grid_between(edges)
    times = grid.times
    observed = enrolment.share_by(month - times)
    rates = np.array([[pieces.at(times) for pieces in pair] for pair in hazards])
    lived = np.exp(-np.array([[pieces.cumulative(times) for pieces in pair] for pair in hazards]))
    shares = np.outer([pair.share for pair in alternative.hazards], alternative.shares_of_arms)
    kept = np.exp(-np.outer(losses, times))
    at_risk = shares[:, :, None] * lived * kept[None] * observed
    return FollowUp(month, grid, at_risk, rates, lived, kept, shares)


def _edges(inner: list[float], end: float, hazards: list[tuple[Pieces, Pieces]]) -> Floats:
    """Ends of the panels: all breaks, and enough between them where hazards are high."""
    everything = [pieces for pair in hazards for pieces in pair]
    # Beyond its last an arm has nobody left, and needs no panels of its own.
    lasts = [pieces.inverse(_NOBODY) for pieces in everything]
    end = min(end, max(lasts))
    marks = np.unique([0.0, end, *(each for each in (*inner, *lasts) if 0.0 < each < end)])
    marks = marks[np.concatenate(([True], np.diff(marks) > _CLOSE * marks[1:]))]
    marks[-1] = end
    passed = [np.minimum(pieces.cumulative(marks), _NOBODY) for pieces in everything]
    spans = np.max(np.diff(passed, axis=1), axis=0)
    parts = np.ceil(np.maximum(spans / _STEEPEST, np.diff(marks) / end * _LEAST_PANELS))
    steps = [
        np.linspace(low, high, max(1, int(count)) + 1)[:-1]
        for low, high, count in zip(marks[:-1], marks[1:], parts, strict=True)
    ]
    return np.concatenate([*steps, [end]])


def expected_events(alternative: Alternative, enrolment: Enrolment, month: float) -> float:
    """Share of all patients that had the event by a calendar time."""
    if month <= enrolment.first():
        return 0.0
    return float(follow(alternative, enrolment, month).events().sum())


def events_ever(alternative: Alternative) -> float:
    """Share of all patients that would have the event with endless follow-up."""
    control, experimental = alternative.dropout_rates
    shares = alternative.shares_of_arms
    total = 0.0
    for pair in alternative.hazards:
        arms = ((pair.control, control, shares[0]), (pair.experimental, experimental, shares[1]))
        for pieces, loss, share in arms:
            total += pair.share * share * _ever(pieces, loss)
    return total


def _ever(pieces: Pieces, loss: float) -> float:
    """Probability of the event before drop-out."""
    found, left = 0.0, 1.0
    ends = (*pieces.starts[1:], math.inf)
    for start, end, rate in zip(pieces.starts, ends, pieces.values, strict=True):
        total = rate + loss
        gone = 0.0 if total == 0 else -math.expm1(-total * (end - start))
        found += left * gone * (rate / total if total else 0.0)
        left *= 1.0 - gone
    return found


def month_of_events(
    alternative: Alternative, enrolment: Enrolment, patients: float, events: float
) -> float:
    """Calendar time at which so many events are expected.

    Parameters
    ----------
    alternative : Alternative
    enrolment : Enrolment
        The course of accrual.
    patients, events : float

    Raises
    ------
    InputError
        If they never are, with how many can be.
    """
    most = patients * events_ever(alternative)
    if events >= most * (1.0 - 1e-9):
        found = f"{events:g} are never reached: {patients:g} patients give {most:.1f} at most"
        raise InputError("events", found, "Plan for fewer events or more patients")
    share = events / patients
    high = enrolment.months
    while expected_events(alternative, enrolment, high) < share:
        high *= 1.5

    def missing(month: float) -> float:
        return expected_events(alternative, enrolment, month) - share

    return float(brentq(missing, 0.0, high, xtol=1e-11, rtol=1e-13))
