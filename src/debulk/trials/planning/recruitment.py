"""When will the trial be full: forecast from the plan, and from what centres have done."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.trials.planning.centres import (
    Stream,
    checked_heterogeneity,
    count_quantiles,
    listed_centres,
    mean_count,
    months_to_reach,
    planned_streams,
    probability_reached,
)
from debulk.trials.planning.checks import number, numbers, whole
from debulk.trials.planning.curves import Floats, solve

QUANTILES = (0.025, 0.25, 0.5, 0.75, 0.975)
LARGEST_SHAPE = 1e4  # a coefficient of variation of 1 %: centres no longer differ


@dataclass(frozen=True, slots=True)
class CentreRecord:
    """What one open centre has done.

    Attributes
    ----------
    patients : int
        Enrolled so far.
    months_open : float
        Months it has been open, above 0.
    closed : bool
        Whether it recruits no more.
    """

    patients: int
    months_open: float
    closed: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no record."""
        object.__setattr__(self, "patients", whole(self.patients, "patients", at_most=100_000))
        months = number(self.months_open, "months_open", above=0.0, at_most=1200.0)
        object.__setattr__(self, "months_open", months)
        if not isinstance(self.closed, bool | np.bool_):
            raise InputError("closed", f"{self.closed!r} is neither True nor False", "Give one")


@dataclass(frozen=True, slots=True)
class AccrualForecast:
    """When a trial will be full, with its uncertainty.

    Attributes
    ----------
    patients : int
        Target.
    enrolled : int
        Enrolled before the forecast.
    quantiles : tuple of float
        Probabilities at which times and counts are told.
    months_to_target : tuple of float
        Month by which the target is reached with each probability; infinity (None in JSON) beyond
        a thousand years. Months count from the start of the plan, or from the interim.
    months : tuple of float
        Months asked for.
    probability_full : tuple of float
        Probability that the target is reached by each.
    expected_patients : tuple of float
        Expected total by each, were nobody to stop at the target.
    patients_quantiles : tuple of tuple of int
        Quantiles of that total, a row a month.
    rate_per_month, heterogeneity_cv : float or None
        Mean rate of a centre and its variation between centres behind the forecast; the rate is
        None where planned centres have several.
    formula : str
        How the numbers were made.
    assumptions : tuple of str
        What they rest on.
    """

    patients: int
    enrolled: int
    quantiles: tuple[float, ...]
    months_to_target: tuple[float, ...]
    months: tuple[float, ...]
    probability_full: tuple[float, ...]
    expected_patients: tuple[float, ...]
    patients_quantiles: tuple[tuple[int, ...], ...]
    rate_per_month: float | None
    heterogeneity_cv: float
    formula: str
    assumptions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


_ASSUMPTIONS = (
    "a centre recruits evenly over time; its rate is gamma distributed over centres",
    "centres open when planned, or late by a uniform delay of their own, and are independent",
)


def accrual_forecast(
    patients: int,
    *,
    centres: Any,
    heterogeneity_cv: float = 0.5,
    months: Any = (),
    quantiles: Any = QUANTILES,
) -> AccrualForecast:
    """Forecast of enrolment before the start, from planned centres.

    Parameters
    ----------
    patients : int
        Target, up to 5,000.
    centres : sequence of PlannedCentres
        Opening months and expected rates.
    heterogeneity_cv : float
        Coefficient of variation of the true rate between centres of one planned rate: 0, or 0.01 to
        10. The default is an assumption.
    months : sequence of float
        Months at which to tell the probability of being full, such as the deadline.
    quantiles : sequence of float
        Probabilities at which to tell times and counts.

    Returns
    -------
    AccrualForecast

    Notes
    -----
    Exact: negative binomial counts are convolved; the target is reached by month t when the count
    by t is at least as large.
    """
    target = whole(patients, "patients", at_least=1, at_most=5_000)
    spread = checked_heterogeneity(heterogeneity_cv)
    streams = planned_streams(centres, spread)
    rates = {each.mean_rate for each in streams}
    shared = rates.pop() if len(rates) == 1 else None
    return _forecast(target, 0, streams, months, quantiles, shared, spread, _ASSUMPTIONS)


def accrual_update(
    patients: int,
    *,
    observed: Any,
    to_open: Any = (),
    rate_per_month: float | None = None,
    heterogeneity_cv: float | None = None,
    months: Any = (),
    quantiles: Any = QUANTILES,
) -> AccrualForecast:
    """Forecast of enrolment at an interim, from what each centre has done.

    Parameters
    ----------
    patients : int
        Target of the whole trial, up to 5,000.
    observed : sequence of CentreRecord
        One a centre that has opened.
    to_open : sequence of PlannedCentres
        Centres still to open; their months count from now.
    rate_per_month, heterogeneity_cv : float, optional
        Prior mean rate of a centre and its coefficient of variation; default: both estimated
        from the records by maximum likelihood (empirical Bayes).
    months : sequence of float
        Months from now at which to tell the probability of being full.
    quantiles : sequence of float
        Probabilities at which to tell times and counts.

    Returns
    -------
    AccrualForecast

    Raises
    ------
    InputError
        If nothing can be estimated (one centre or no patient), or no centre recruits any more.

    Notes
    -----
    The rate of a centre with k patients in v months has posterior gamma(a + k, b + v) (Anisimov
    and Fedorov 2007). Uncertainty of estimated a and b themselves is not part of the forecast.
    """
    target = whole(patients, "patients", at_least=1, at_most=5_000)
    records = listed_centres(observed, "observed")
    for place, each in enumerate(records):
        if not isinstance(each, CentreRecord):
            raise InputError(
                f"observed[{place}]", f"{type(each).__name__}", "Give CentreRecord entries"
            )
    rate, spread = _prior(records, rate_per_month, heterogeneity_cv)
    streams = [_posterior(each, rate, spread) for each in records if not each.closed]
    if not (isinstance(to_open, list | tuple) and len(to_open) == 0):
        streams += planned_streams(to_open, spread)
    if not streams:
        raise InputError("observed", "every centre is closed and none will open", "Give one")
    enrolled = sum(each.patients for each in records)
    how = "given" if rate_per_month is not None else "estimated from the records, taken as known"
    return _forecast(
        target,
        enrolled,
        streams,
        months,
        quantiles,
        rate,
        spread,
        (*_ASSUMPTIONS, f"mean rate and variation between centres: {how}"),
    )


def _forecast(
    target: int,
    enrolled: int,
    streams: list[Stream],
    months: Any,
    quantiles: Any,
    rate: float | None,
    spread: float,
    assumptions: tuple[str, ...],
) -> AccrualForecast:
    levels = numbers(quantiles, "quantiles", above=0.0, below=1.0)
    empty = isinstance(months, list | tuple) and len(months) == 0
    asked = () if empty else numbers(months, "months", at_least=0.0, at_most=1200.0)
    left = target - enrolled
    return AccrualForecast(
        patients=target,
        enrolled=enrolled,
        quantiles=levels,
        months_to_target=tuple(months_to_reach(streams, left, each) for each in levels),
        months=asked,
        probability_full=tuple(probability_reached(streams, each, left) for each in asked),
        expected_patients=tuple(enrolled + mean_count(streams, each) for each in asked),
        patients_quantiles=tuple(
            tuple(enrolled + count for count in count_quantiles(streams, each, levels))
            for each in asked
        ),
        rate_per_month=rate,
        heterogeneity_cv=spread,
        formula="exact: convolved negative binomial counts (Poisson where the variation is 0)",
        assumptions=assumptions,
    )


def _posterior(record: CentreRecord, rate: float, spread: float) -> Stream:
    if spread == 0.0:
        return Stream(0.0, math.inf, rate)
    shape = 1.0 / spread**2
    return Stream(0.0, shape + record.patients, 1.0 / (shape / rate + record.months_open))


def _prior(records: list[CentreRecord], rate: Any, spread: Any) -> tuple[float, float]:
    if (rate is None) != (spread is None):
        raise InputError(
            "rate_per_month, heterogeneity_cv", "only one of them was given", "Give both or none"
        )
    if rate is not None:
        return (
            number(rate, "rate_per_month", above=0.0, at_most=1e4),
            checked_heterogeneity(spread),
        )
    counts = np.array([each.patients for each in records], dtype=np.float64)
    months = np.array([each.months_open for each in records])
    if counts.size < 2 or counts.sum() == 0.0:
        raise InputError(
            "observed",
            f"{counts.size} centres with {int(counts.sum())} patients estimate no variation",
            "Give rate_per_month and heterogeneity_cv",
        )

    found = minimize_scalar(
        lambda log_shape: _loss(math.exp(log_shape), counts, months),
        bounds=(math.log(0.01), math.log(LARGEST_SHAPE)),
        method="bounded",
        options={"xatol": 1e-9},
    )
    shape = math.exp(float(found.x))
    if shape > 0.9 * LARGEST_SHAPE:
        return float(counts.sum() / months.sum()), 0.0
    return shape / _inverse_scale(shape, counts, months), 1.0 / math.sqrt(shape)


def _inverse_scale(shape: float, counts: Floats, months: Floats) -> float:
    # Root of the likelihood's derivative in b at a given shape a: sum of a / b - (a + k) / (b + v).
    def score(log_b: float) -> float:
        b = math.exp(log_b)
        return float(np.sum((shape * months - b * counts) / (b + months)))

    middle = math.log(shape * months.sum() / counts.sum())
    return math.exp(solve(score, middle - 20.0, middle + 20.0))


def _loss(shape: float, counts: Floats, months: Floats) -> float:
    b = _inverse_scale(shape, counts, months)
    gain = gammaln(shape + counts) - gammaln(shape)
    return -float(np.sum(gain + shape * np.log(b) - (shape + counts) * np.log(b + months)))
