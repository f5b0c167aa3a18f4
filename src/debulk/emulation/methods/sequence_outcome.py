"""Outcome models of sequential trials, and survival standardised over the trials' baselines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.polynomial import Chebyshev

from debulk.core.cubic_splines import knots_of, spline_terms
from debulk.core.errors import InputError
from debulk.emulation.logistic import fit_logistic
from debulk.emulation.methods.cox_fit import CoxRun, fit_cox
from debulk.emulation.methods.question import Ints
from debulk.emulation.methods.trial_sequence import (
    Pieces,
    Sequence,
    pieces_by_interval,
    pieces_by_weight,
)
from debulk.emulation.person_time import Flags, Floats
from debulk.survival.cox_model.risk_sets import risk_sets

Outcome = Literal["cox", "pooled logistic"]
"""Weighted Cox model on exact times, or logistic regression pooled over intervals."""

FollowUpTerms = Literal["spline", "quadratic"]
"""How time since the trial began enters the pooled logistic model."""

_BLOCK = 1024  # patient-trials whose curves are held at once


@dataclass(frozen=True)
class Standardised:
    """Curves of one arm, had every patient-trial been in it.

    Attributes
    ----------
    time : (m,) float64
    survival : (m,) float64
        Free of every event.
    incidence : (m, causes) float64
    """

    time: Floats
    survival: Floats
    incidence: Floats


class OutcomeModel(Protocol):
    """Fitted models of each cause: the coefficient of treatment and its error, and curves."""

    @property
    def treatment(self) -> float:
        """Log ratio of treated to not, for the event of interest."""

    @property
    def error(self) -> float:
        """Its standard error."""

    def standardised(self, treated: bool, tau: float, counts: Floats) -> Standardised:
        """Curves of an arm."""


@dataclass(frozen=True)
class CoxOutcome:
    """Weighted Cox models, one a cause; the first is of the event of interest."""

    runs: tuple[CoxRun, ...]
    baseline: Floats
    treatment: float
    error: float

    def standardised(self, treated: bool, tau: float, counts: Floats) -> Standardised:
        """Mean over patient-trials of survival under Breslow's (Efron's) baseline hazards."""
        sets = [risk_sets(run.rows, run.coef, "efron", means=False) for run in self.runs]
        times = np.unique(np.concatenate([each.time[each.time <= tau] for each in sets]))
        steps, risks = [], []
        x = np.column_stack([np.full(self.baseline.shape[0], float(treated)), self.baseline])
        for run, each in zip(self.runs, sets, strict=True):
            inside = each.time <= tau
            hazard = np.zeros(times.size)
            hazard[np.searchsorted(times, each.time[inside])] = each.by_time(each.hazard)[inside]
            steps.append(hazard)
            risks.append(np.exp((x - each.centre) @ run.coef - each.shift))
        return _mean_of_continuous(times, steps, risks, counts)


@dataclass(frozen=True)
class PooledOutcome:
    """Logistic models pooled over intervals, one a cause."""

    coefs: tuple[Floats, ...]
    baseline: Floats
    time_terms: Floats
    width: float
    treatment: float
    error: float

    def standardised(self, treated: bool, tau: float, counts: Floats) -> Standardised:
        """Mean over patient-trials of the product of what each interval leaves."""
        number = self.time_terms.shape[0]
        kinds = len(self.coefs)
        survival, incidence = np.zeros(number), np.zeros((number, kinds))
        at = 2 + self.time_terms.shape[1]
        for start in range(0, self.baseline.shape[0], _BLOCK):
            block = slice(start, start + _BLOCK)
            chance = np.empty((kinds, self.baseline[block].shape[0], number))
            for kind, coef in enumerate(self.coefs):
                odds = coef[0] + coef[1] * treated + self.baseline[block] @ coef[at:]
                odds = odds[:, None] + (self.time_terms @ coef[2:at])[None, :]
                chance[kind] = 1.0 / (1.0 + np.exp(-odds))
            # Models apart may promise an extreme patient more than one event in an interval.
            chance /= np.maximum(chance.sum(axis=0), 1.0)
            left = np.cumprod(1.0 - chance.sum(axis=0), axis=1)
            before = np.column_stack([np.ones(left.shape[0]), left[:, :-1]])
            survival += counts[block] @ left
            for kind in range(kinds):
                incidence[:, kind] += counts[block] @ np.cumsum(before * chance[kind], axis=1)
        total = float(counts.sum())
        times: Floats = np.arange(1.0, number + 1.0) * self.width
        return Standardised(times, survival / total, incidence / total)


def fit_outcome(
    sequence: Sequence,
    sums: Floats,
    baseline: Floats,
    names: tuple[str, ...],
    counts: Floats,
    causes: tuple[int, ...],
    outcome: Outcome,
    follow_up: FollowUpTerms,
) -> OutcomeModel:
    """Fit the outcome given treatment, the trial and the covariates at its start.

    Parameters
    ----------
    sequence : Sequence
    sums : (N,) float64
        Of `log_weights`.
    baseline : (U, q) float64
        Trial and covariates at its start, without an intercept.
    names : tuple of str
    counts : (n,) float64
        Times each patient counts.
    causes : tuple of int
        Causes to model, the event of interest first; only it where no curves are wanted.
    outcome : {"cox", "pooled logistic"}
    follow_up : {"spline", "quadratic"}
    """
    if outcome == "cox":
        pieces = pieces_by_weight(sequence, sums)
        return _fit_cox(sequence, pieces, baseline, names, counts, causes)
    pieces = pieces_by_interval(sequence, sums, sequence.question.tau_months)
    return _fit_pooled(sequence, pieces, baseline, counts, causes, follow_up)


def _fit_cox(
    sequence: Sequence,
    pieces: Pieces,
    baseline: Floats,
    names: tuple[str, ...],
    counts: Floats,
    causes: tuple[int, ...],
) -> CoxOutcome:
    patient = sequence.patient[pieces.unit]
    loads = pieces.weight * counts[patient]
    kept = loads > 0.0
    unit = pieces.unit[kept]
    runs = tuple(
        fit_cox(
            pieces.begin[kept],
            pieces.end[kept],
            pieces.cause[kept] == cause,
            sequence.treated[unit],
            baseline[unit],
            names,
            weights=loads[kept],
            cluster=patient[kept],
        )
        for cause in causes
    )
    return CoxOutcome(runs, baseline, *runs[0].first)


def _fit_pooled(
    sequence: Sequence,
    pieces: Pieces,
    baseline: Floats,
    counts: Floats,
    causes: tuple[int, ...],
    follow_up: FollowUpTerms,
) -> PooledOutcome:
    width = sequence.question.person_time.visit_months
    number = np.rint(pieces.begin / width).astype(np.int64)
    horizon = int(np.ceil(sequence.question.tau_months / width - 1e-9))
    terms = _time_terms(number, horizon, follow_up)
    unit, patient = pieces.unit, sequence.patient[pieces.unit]
    columns = [np.ones(unit.size), sequence.treated[unit].astype(np.float64), terms[number]]
    design = np.ascontiguousarray(np.column_stack([*columns, baseline[unit]]))
    loads = pieces.weight * counts[patient]
    coefs: list[Floats] = []
    error = float("nan")
    for cause in causes:
        fit = fit_logistic(design, pieces.cause == cause, weights=loads, what="the outcome")
        if not coefs:
            error = _clustered_error(design, pieces.cause == cause, loads, patient, fit.coef)
        coefs.append(fit.coef)
    return PooledOutcome(tuple(coefs), baseline, terms, width, float(coefs[0][1]), error)


def _time_terms(number: Ints, horizon: int, follow_up: FollowUpTerms) -> Floats:
    """Terms of each interval's number, shape (horizon, q); knots by the intervals at risk."""
    every = np.arange(horizon, dtype=np.float64)
    if follow_up == "spline":
        knots = knots_of(number.astype(np.float64), 4, occurring=True)
        if knots is not None:
            return spline_terms(every, knots)
    return np.column_stack([every, every**2]) if horizon > 2 else every[:, None]


def _clustered_error(
    design: Floats, event: Flags, loads: Floats, patient: Ints, coef: Floats
) -> float:
    """Sandwich over patients of the coefficient of treatment."""
    chance = 1.0 / (1.0 + np.exp(-(design @ coef)))
    bread = np.linalg.inv((design * (loads * chance * (1.0 - chance))[:, None]).T @ design)
    moved = (design @ bread[:, 1]) * loads * (event - chance)
    return float(np.sqrt(np.sum(np.bincount(patient, moved) ** 2)))


def _mean_of_continuous(
    times: Floats, steps: list[Floats], risks: list[Floats], counts: Floats
) -> Standardised:
    """Mean survival exp(-H) over patient-trials, and each cause's share of what is lost."""
    sums = [np.cumsum(each) for each in steps]
    if len(steps) == 1:
        alone = _mean_survival(sums[0], risks[0], counts)
        return Standardised(times, alone, (1.0 - alone)[:, None])
    survival, incidence = np.zeros(times.size), np.zeros((times.size, len(steps)))
    for start in range(0, counts.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        hazard = sum(np.outer(risk[block], each) for risk, each in zip(risks, sums, strict=True))
        left = np.exp(-np.asarray(hazard))
        survival += counts[block] @ left
        lost = np.column_stack([np.ones(left.shape[0]), left[:, :-1]]) - left
        rates = [np.outer(risk[block], each) for risk, each in zip(risks, steps, strict=True)]
        total = np.maximum(sum(rates), 1e-300)
        for kind, rate in enumerate(rates):
            incidence[:, kind] += counts[block] @ np.cumsum(lost * rate / total, axis=1)
    weight = float(counts.sum())
    return Standardised(times, survival / weight, incidence / weight)


def _mean_survival(hazard: Floats, risk: Floats, counts: Floats) -> Floats:
    """Mean of exp(-H r) over risks r, at every H.

    As a function of H it is so smooth that Chebyshev's polynomial through a few dozen points is it
    to 1e-13: the coefficient k of exp(-a x) on [0, 1] falls as exp(-k^2 / a).
    """
    weight = float(counts.sum())

    def mean_at(points: Floats) -> Floats:
        values = np.zeros(points.size)
        for start in range(0, counts.size, _BLOCK):
            block = slice(start, start + _BLOCK)
            values += counts[block] @ np.exp(-np.outer(risk[block], points))
        return values / weight

    highest = float(hazard[-1]) if hazard.size else 0.0
    steep = highest * float(risk.max(initial=0.0))
    degree = 20 + int(np.ceil(6.0 * np.sqrt(steep)))
    if highest == 0.0 or degree >= hazard.size:
        return mean_at(hazard)
    fitted = Chebyshev.interpolate(mean_at, degree, domain=[0.0, highest])
    found = np.asarray(fitted(hazard), dtype=np.float64)
    falling: Floats = np.minimum.accumulate(np.clip(found, 0.0, 1.0))
    return falling


def contrasts(
    without: Standardised, with_treatment: Standardised, tau: float, smooth: bool
) -> tuple[float, float]:
    """Differences of restricted mean and of risk at the horizon; `smooth` joins points by lines."""
    risks, areas = [], []
    for curve in (without, with_treatment):
        times = np.concatenate([[0.0], curve.time[curve.time < tau], [tau]])
        levels = _risk_at(curve, times, smooth)
        risks.append(float(levels[-1]))
        heights = (levels[1:] + levels[:-1]) / 2.0 if smooth else levels[:-1]
        areas.append(float(np.sum(np.diff(times) * heights)))
    # The restricted mean is the horizon less the area under the incidence.
    return areas[0] - areas[1], risks[1] - risks[0]


def _risk_at(curve: Standardised, months: Floats, smooth: bool) -> Floats:
    times = np.concatenate([[0.0], curve.time])
    levels = np.concatenate([[0.0], curve.incidence[:, 0]])
    if smooth:
        joined: Floats = np.interp(months, times, levels)
        return joined
    found: Floats = levels[np.searchsorted(times, months, side="right") - 1]
    return found


def refuse_beyond(sequence: Sequence, tau: float) -> None:
    """Refuse a horizon beyond what both arms are followed for.

    Raises
    ------
    InputError
        Saying the largest allowed.
    """
    treated, months = sequence.treated, sequence.months
    last = float(min(months[treated].max(), months[~treated].max()))
    if tau > last:
        found = f"{tau:g} months lie beyond the follow-up of an arm, {last:g} since its trial began"
        raise InputError("tau_months", found, f"Give a horizon up to {last:.10g}")
