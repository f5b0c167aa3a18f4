"""Estimates of a group of patients, each with limits, standard error and the number of patients."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binom

from debulk.survival import cumulative_incidence, kaplan_meier

Z = 1.959963984540054
SAMPLE, ORDER = "quantile of the sample", "order statistics"


@dataclass(frozen=True)
class Row:
    """One aggregate, as written."""

    name: str
    value: float
    lower: float
    upper: float
    standard_error: float
    n: int
    unit: str
    meaning: str
    method: str


def of_sample(name: str, values: Any, p: float, unit: str, meaning: str) -> Row:
    """Quantile of a sample with limits from order statistics, free of any distribution."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    n = ordered.size
    low = int(binom.ppf(0.025, n, p))
    high = int(binom.ppf(0.975, n, p))
    lower = float(ordered[max(low - 1, 0)])
    upper = float(ordered[min(high, n - 1)])
    value = float(np.quantile(ordered, p))
    error = (upper - lower) / (2.0 * Z)
    return Row(name, value, lower, upper, error, n, unit, meaning, f"{SAMPLE}, {ORDER}")


def share(name: str, hits: Any, meaning: str) -> Row:
    """Share of patients with Wilson's limits."""
    n, count = len(hits), int(np.sum(hits))
    p = count / n
    middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    error = math.sqrt(p * (1 - p) / n)
    return Row(name, p, middle - half, middle + half, error, n, "share", meaning, "share, Wilson")


def survival_at(name: str, months: Any, dead: Any, at: float, meaning: str) -> Row:
    """Survival at one time."""
    found = kaplan_meier(months, dead).estimate_at(at)
    return Row(
        name,
        found.estimate,
        found.lower,
        found.upper,
        found.se,
        found.n,
        "share",
        meaning,
        "Kaplan-Meier, Greenwood, log-log limits",
    )


def median_survival(name: str, months: Any, dead: Any, meaning: str) -> Row:
    """Median of survival."""
    found = kaplan_meier(months, dead).median
    error = (found.upper - found.lower) / (2.0 * Z)
    return Row(
        name,
        found.estimate,
        found.lower,
        found.upper,
        error,
        found.n,
        "months",
        meaning,
        "Kaplan-Meier, Brookmeyer-Crowley limits, log-log",
    )


def incidence_at(name: str, months: Any, cause: Any, at: float, meaning: str) -> Row:
    """Cumulative incidence of cause 1 with cause 2 competing."""
    curve = cumulative_incidence(months, cause)["all"][1]
    moment = np.array([at])
    lower, upper = curve.limits_at(moment)
    return Row(
        name,
        float(curve.at(moment)[0]),
        float(lower[0]),
        float(upper[0]),
        float(curve.std_error_at(moment)[0]),
        curve.n,
        "share",
        meaning,
        "Aalen-Johansen, log limits",
    )
