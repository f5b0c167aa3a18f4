"""Two-arm trials simulated in plain NumPy, many at once, and tests of each.

Independent of the formulas under test: patients are drawn, sorted and counted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.trials.nonproportional.alternative import Alternative
from debulk.trials.nonproportional.enrolment import enrolment_of

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Patients:
    """Rows are trials: calendar entry, months to the event and to drop-out, arm, stratum."""

    entry: Floats
    to_event: Floats
    to_loss: Floats
    arm: npt.NDArray[np.int64]
    stratum: npt.NDArray[np.int64]

    def seen_at(self, month: float) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Follow-up (negative for those not yet entered) and event at a calendar time."""
        limit = np.minimum(self.to_loss, month - self.entry)
        return np.minimum(self.to_event, limit), self.to_event <= limit

    def month_of(self, events: int) -> Floats:
        """Calendar time of the given event in each trial; infinite where it never comes."""
        had = self.to_event <= self.to_loss
        when = np.sort(np.where(had, self.entry + self.to_event, math.inf), axis=1)
        found: Floats = when[:, events - 1]
        return found


def inverse(starts: Sequence[float], values: Sequence[float], total: Floats) -> Floats:
    """Time at which a cumulative hazard is reached."""
    found = np.full(total.shape, math.inf)
    left = total.copy()
    ends = [*starts[1:], math.inf]
    for start, end, value in zip(starts, ends, values, strict=True):
        if value > 0:
            time = start + left / value
            here = (left >= 0) & (time < end)
            found = np.where(here, time, found)
        if math.isfinite(end):
            left = np.where(np.isfinite(found), -1.0, left - value * (end - start))
    return found


def draw(alternative: Alternative, patients: int, trials: int, seed: int) -> Patients:
    """Trials with arms of fixed size in each stratum."""
    random = np.random.default_rng(seed)
    shape = (trials, patients)
    enrolment = enrolment_of(alternative.accrual_pieces, patients)
    share = random.random(shape)
    rates = enrolment.rates
    entry = inverse(rates.starts, rates.values, share)
    rows: list[tuple[int, int, int]] = []
    left = patients
    strata = alternative.hazards
    for k, pair in enumerate(strata):
        size = left if k + 1 == len(strata) else round(patients * pair.share)
        left -= size
        treated = round(size * alternative.shares_of_arms[1])
        rows += [(k, 0, size - treated), (k, 1, treated)]
    arm = np.concatenate([np.full(size, group) for _, group, size in rows])
    stratum = np.concatenate([np.full(size, k) for k, _, size in rows])
    draws = random.exponential(size=shape)
    to_event = np.empty(shape)
    for k, pair in enumerate(strata):
        for group, pieces in ((0, pair.control), (1, pair.experimental)):
            own = (stratum == k) & (arm == group)
            to_event[:, own] = inverse(pieces.starts, pieces.values, draws[:, own])
    loss = np.asarray(alternative.dropout_rates)[arm]
    with np.errstate(divide="ignore"):
        to_loss = random.exponential(size=shape) / loss
    return Patients(entry, to_event, to_loss, arm, stratum)


@dataclass(frozen=True)
class Rank:
    """Weighted sums of each trial: kinds by trials, and their covariances."""

    excess: Floats
    covariance: Floats

    @property
    def z(self) -> Floats:
        """Above 0 for benefit; kinds by trials."""
        found: Floats = self.excess / np.sqrt(np.einsum("kkt->kt", self.covariance))
        return found


def rank_sums(
    time: Floats,
    event: npt.NDArray[np.bool_],
    arm: npt.NDArray[np.int64],
    stratum: npt.NDArray[np.int64],
    kinds: Sequence[tuple[str, float, float]],
) -> Rank:
    """Weighted log-rank sums, stratified; kinds are (name, a, b), see `_weights`.

    Rows with a time up to 0 have not entered: they come first in order and have no event, so that
    no number at risk at an event counts them.
    """
    event = event & (time > 0)
    excess = np.zeros((len(kinds), time.shape[0]))
    covariance = np.zeros((len(kinds), len(kinds), time.shape[0]))
    for k in np.unique(stratum):
        own = stratum == k
        order = np.argsort(time[:, own], axis=1)
        times = np.take_along_axis(time[:, own], order, axis=1)
        events = np.take_along_axis(event[:, own], order, axis=1).astype(float)
        treated = arm[own][order].astype(float)
        size = own.sum()
        at_risk = size - np.arange(size, dtype=float)
        at_risk_treated = np.cumsum(treated[:, ::-1], axis=1)[:, ::-1]
        share = at_risk_treated / at_risk
        after = np.cumprod(1.0 - events / at_risk, axis=1)
        before = np.concatenate((np.ones((len(after), 1)), after[:, :-1]), axis=1)
        moved = (share - treated) * events
        spread = share * (1.0 - share) * events
        weights = [_weights(kind, before, after, at_risk, times) for kind in kinds]
        for i, one in enumerate(weights):
            excess[i] += (one * moved).sum(axis=1)
            for j, other in enumerate(weights[: i + 1]):
                covariance[i, j] += (one * other * spread).sum(axis=1)
                covariance[j, i] = covariance[i, j]
    return Rank(excess, covariance)


def _weights(
    kind: tuple[str, float, float], before: Floats, after: Floats, at_risk: Floats, times: Floats
) -> Floats:
    name, a, b = kind
    if name == "fh":
        return before**a * (1.0 - before) ** b
    if name == "gehan":
        return np.broadcast_to(at_risk, before.shape)
    if name == "tarone-ware":
        return np.broadcast_to(np.sqrt(at_risk), before.shape)
    if name == "early-zero":
        return (times >= a).astype(float)
    if name == "modest-s":
        return 1.0 / np.maximum(before, a)
    last = np.where(times < a, after, 1.0).min(axis=1, keepdims=True)  # modest-t
    return 1.0 / np.maximum(before, last)


@dataclass(frozen=True)
class Curve:
    """Kaplan-Meier estimates of each trial with their variances (Greenwood)."""

    area: Floats
    area_variance: Floats
    survival: Floats
    survival_variance: Floats
    reached: npt.NDArray[np.bool_]


def curves(time: Floats, event: npt.NDArray[np.bool_], until: float) -> Curve:
    """Area and survival up to a time, for one arm of each trial."""
    order = np.argsort(time, axis=1)
    times = np.take_along_axis(time, order, axis=1)
    events = np.take_along_axis(event, order, axis=1) & (times <= until)
    size = time.shape[1]
    at_risk = size - np.arange(size, dtype=float)
    after = np.cumprod(1.0 - events / at_risk, axis=1)
    before = np.concatenate((np.ones((len(after), 1)), after[:, :-1]), axis=1)
    capped = np.clip(times, 0.0, until)
    steps = np.diff(capped, prepend=0.0, axis=1)
    lived = np.cumsum(before * steps, axis=1)
    last = after[:, -1]
    area = lived[:, -1] + last * (until - capped[:, -1])
    ahead = area[:, None] - lived
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.where(events & (at_risk > 1), 1.0 / (at_risk * (at_risk - 1.0)), 0.0)
    return Curve(
        area,
        (ahead**2 * greenwood).sum(axis=1),
        last,
        last**2 * greenwood.sum(axis=1),
        times[:, -1] >= until,
    )
