"""The log hazard ratio as a trial sees it: its information, its drift, events and power."""

from __future__ import annotations

import math

from scipy.special import ndtr, ndtri


def z_quantile(tail: float) -> float:
    """Standard normal value exceeded with probability `tail`."""
    return float(-ndtri(tail))


def log_ratio_information(events: float, allocation: float) -> float:
    """Inverse variance of the log hazard ratio, D r / (1 + r)^2 (Schoenfeld 1981)."""
    return events * allocation / (1.0 + allocation) ** 2


def log_ratio_drift(log_hazard_ratio: float, events: float, allocation: float) -> float:
    """Expected Z at `events`, positive for benefit: -log(HR) sqrt(D r) / (1 + r)."""
    return -log_hazard_ratio * math.sqrt(log_ratio_information(events, allocation))


def schoenfeld_events(
    log_hazard_ratio: float, tail: float, power: float, allocation: float
) -> float:
    """Events for `power` at one-sided error `tail`: ((z_a + z_b) / log HR)^2 (1 + r)^2 / r."""
    reach = z_quantile(tail) + float(ndtri(power))
    return (reach / log_hazard_ratio) ** 2 * (1.0 + allocation) ** 2 / allocation


def fixed_power(theta: float, tail: float) -> float:
    """Probability that one test with drift `theta` crosses its critical value in favour."""
    return float(ndtr(theta - z_quantile(tail)))
