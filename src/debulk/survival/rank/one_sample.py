"""One sample against a hazard that is known, as that of a population or an earlier trial."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import chdtrc, gammaincinv

from debulk.core.errors import InputError
from debulk.core.results import TestResult
from debulk.survival.options import check_level, check_word, one_number
from debulk.survival.subjects import (
    Floats,
    Subjects,
    as_array,
    numbers,
    read_subjects,
    refuse_large,
    same_length,
)

OneSampleVariance = Literal["expected", "average"]


@dataclass(frozen=True)
class PiecewiseHazard:
    """A hazard that is constant between cuts.

    Attributes
    ----------
    cuts : tuple of float
        Rising times above 0 at which the hazard changes.
    rates : tuple of float
        Events a unit of time, at least 0: before the first cut, between cuts, after the last; one
        more than cuts.

    Raises
    ------
    InputError
        On numbers of cuts and rates that do not fit, cuts that do not rise, or negative rates.
    """

    cuts: tuple[float, ...]
    rates: tuple[float, ...]

    def __post_init__(self) -> None:
        cuts, rates = numbers(self.cuts, "cuts"), numbers(self.rates, "rates")
        if rates.size != cuts.size + 1:
            found = f"has {rates.size} values for {cuts.size} cuts"
            raise InputError("rates", found, "Give one rate more than cuts")
        if np.any(np.diff(cuts, prepend=0.0) <= 0):
            raise InputError("cuts", "do not rise from above 0", "Give rising times")
        if np.any(rates < 0):
            raise InputError("rates", f"{rates.min():g} is negative", "Give rates of at least 0")

    def cumulative(self, times: Floats) -> Floats:
        """Cumulative hazard from 0 to each time, shape as `times`."""
        edges = np.concatenate(([0.0], np.asarray(self.cuts, dtype=np.float64)))
        rates = np.asarray(self.rates, dtype=np.float64)
        at_edges = np.concatenate(([0.0], np.cumsum(np.diff(edges) * rates[:-1])))
        piece = np.searchsorted(edges, times, side="right") - 1
        result: Floats = at_edges[piece] + (times - edges[piece]) * rates[piece]
        return result


ExpectedHazard = float | PiecewiseHazard | Callable[[Floats], Any] | Any
"""A rate, pieces, a function of times, or one cumulative hazard a subject."""


def one_sample_logrank(
    time: Any,
    event: Any,
    *,
    expected: ExpectedHazard,
    entry: Any = None,
    variance: OneSampleVariance = "expected",
    conf_level: float = 0.95,
) -> TestResult:
    """Test whether a sample has the hazard that is expected of it.

    Parameters
    ----------
    time, event : array-like, shape (n,)
        End of follow-up (at least 0) and whether it ended with the event (bool or 0/1).
    expected : float, PiecewiseHazard, function, or array-like of shape (n,)
        The expected hazard: a constant rate (events a unit of time); pieces; a function that takes
        an array of times and returns the cumulative hazard from 0 to each; or the cumulative
        hazard of each subject over its own follow-up, as from life tables by age, sex and year.
    entry : array-like, shape (n,), optional
        Start of observation; the hazard up to it is taken off (from 0 for one below 0).
        An array given as `expected` must cover entry to exit already.
    variance : {"expected", "average"}
        "expected": z = (O - E) / sqrt(E) (Breslow 1975, International Statistical Review;
        Finkelstein, Muzikansky and Schoenfeld 2003, Journal of the National Cancer Institute).
        "average": z = (O - E) / sqrt((O + E) / 2) (Wu 2015, Pharmaceutical Statistics), which
        keeps its size better in small samples.
    conf_level : float
        Level of the interval of the ratio.

    Returns
    -------
    TestResult
        Chi-square with one degree of freedom; `z` is positive with more events than expected.
        `observed` and `expected` are those of "sample"; `reference` is "expected hazard".
        `details`: `ratio` O / E (the standardised mortality ratio) with its exact Poisson limits
        `ratio_lower` and `ratio_upper` (Garwood 1936, Biometrika), `conf_level`, `variance`.

    Raises
    ------
    InputError
        On arrays that do not fit, an expected hazard that is negative, falls with time or is not
        finite, or no expected events at all. A sample without events is tested.
    """
    check_word(variance, OneSampleVariance, "variance")
    check_level(conf_level)
    subjects = read_subjects(time, event, entry=entry, adds_times=True)
    events, awaited = subjects.events, math.fsum(_cumulative(expected, subjects).tolist())
    if not awaited > 0:
        raise InputError("expected", "no events are expected", "Check the hazard and its unit")
    divisor = awaited if variance == "expected" else 0.5 * (events + awaited)
    z = (events - awaited) / math.sqrt(divisor)
    low, high = _poisson_limits(events, conf_level)
    return TestResult(
        test="one-sample log-rank test",
        statistic=z * z,
        df=1,
        p=float(chdtrc(1, z * z)),
        z=z,
        reference="expected hazard",
        observed={"sample": float(events)},
        expected={"sample": awaited},
        n=subjects.n,
        events=events,
        details={
            "ratio": events / awaited,
            "ratio_lower": low / awaited,
            "ratio_upper": high / awaited,
            "conf_level": conf_level,
            "variance": variance,
        },
    )


def _cumulative(expected: Any, subjects: Subjects) -> Floats:
    """Expected events of each subject over its follow-up."""
    if isinstance(expected, PiecewiseHazard):
        return _over_followup(expected.cumulative, subjects)
    if callable(expected):
        return _over_followup(lambda times: _asked(expected, times), subjects)
    if as_array(expected, "expected").ndim == 0:
        rate = one_number(expected, "expected")
        refuse_large(np.array([rate]), "expected")
        if rate < 0:
            raise InputError("expected", f"{rate:g} is negative", "Give a rate above 0")
        return _over_followup(lambda times: rate * times, subjects)
    given = numbers(expected, "expected")
    same_length(given, subjects.n, "expected")
    _refuse_negative(given, "is negative")
    refuse_large(given, "expected")
    return given


def _over_followup(cumulative: Callable[[Floats], Floats], subjects: Subjects) -> Floats:
    until = cumulative(subjects.time)
    if subjects.entry is not None:
        # Hazards are known from 0 on; a subject that enters before is at risk from there.
        until = until - cumulative(np.maximum(subjects.entry, 0.0))
    refuse_large(until, "expected")
    _refuse_negative(until, "is a negative number of expected events")
    return until


def _asked(function: Callable[[Floats], Any], times: Floats) -> Floats:
    try:
        found = np.asarray(function(times.copy()), dtype=np.float64)
    except Exception as problem:
        found_text = f"the function failed on an array of times ({problem})"
        raise InputError("expected", found_text, "Give a function of an array") from problem
    if found.shape != times.shape:
        raise InputError(
            "expected",
            f"the function returned shape {found.shape} for {times.size} times",
            "Return one cumulative hazard a time",
        )
    return numbers(found, "expected")


def _refuse_negative(values: Floats, found: str) -> None:
    if np.any(values < 0):
        row = int(np.argmax(values < 0))
        raise InputError(
            f"expected, row {row + 1}", f"{values[row]:g} {found}", "A cumulative hazard only rises"
        )


def _poisson_limits(events: int, conf_level: float) -> tuple[float, float]:
    """Exact limits of a Poisson mean; a sum of k + 1 exponentials has a gamma distribution."""
    tail = 0.5 * (1.0 - conf_level)
    low = 0.0 if events == 0 else float(gammaincinv(events, tail))
    return low, float(gammaincinv(events + 1, 1.0 - tail))
