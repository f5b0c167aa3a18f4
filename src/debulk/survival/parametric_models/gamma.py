"""Gamma and generalised gamma survival times.

Their survival functions are incomplete gamma functions, whose derivative in the shape has no closed
form; it is a central difference of eighth order (Fornberg 1988, Math Comp 51:699), good to about
1e-11, while all other derivatives are exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import digamma, gammainc, gammaincc, gammaln, log_ndtr, polygamma

from debulk.survival.parametric_models.jets import Jet, exp, through_two
from debulk.survival.subjects import Floats

_SLOPE = (4.0 / 5.0, -1.0 / 5.0, 4.0 / 105.0, -1.0 / 280.0)
_BEND = (8.0 / 5.0, -1.0 / 5.0, 8.0 / 315.0, -1.0 / 560.0)
_BEND_MIDDLE = -205.0 / 72.0
_STEP = 0.02
_SERIES_BELOW = 0.5
_TERMS = 16
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
_LARGE_SHAPE = 20.0
_DEEP = 1e-200  # below this an incomplete gamma function is about to round to 0
_DEEP_TERMS = 100
_LOG_ROOT_TWO_PI = 0.5 * math.log(2.0 * math.pi)


def gamma(time: Floats, location: Jet, ancillary: list[Jet]) -> tuple[Jet, Jet]:
    """S = Q(shape, rate t), the upper regularised incomplete gamma function."""
    log_time = np.log(time)
    log_shape, log_x = ancillary[0], location + log_time
    shape = exp(log_shape)
    k = float(shape.value)
    log_gamma = shape.through(gammaln(k), digamma(k), polygamma(1, k))
    log_density = shape * log_x - exp(log_x) - log_gamma
    x = np.exp(np.asarray(log_x.value))

    def tail(at: float) -> Floats:
        return minus_log_upper(np.exp(at), x)

    value, slope, bend = _differences(tail, float(log_shape.value), _STEP / np.sqrt(1.0 + k))
    # rate of H in log x, and how its logarithm moves with log x and with the log shape
    rate = np.exp(np.asarray(log_density.value) + value)
    mixed = rate * (k * (np.asarray(log_x.value) - digamma(k)) + slope)
    cumulative = through_two(
        log_x, log_shape, value, (rate, slope), (rate * (k - x + rate), mixed, bend)
    )
    return log_density - log_time + cumulative, cumulative


def generalised_gamma(time: Floats, location: Jet, ancillary: list[Jet]) -> tuple[Jet, Jet]:
    """Prentice's form (1974, Biometrika 61:539) with mu, sigma and Q, log-normal at Q = 0.

    With w = (log t - mu) / sigma and k = 1 / Q^2, S is the upper incomplete gamma function at
    (k, k exp(Q w)) for Q > 0, and the lower one for Q < 0.
    """
    log_time = np.log(time)
    w = exp(-ancillary[0]) * (log_time - location)
    q = ancillary[1]
    at_q, at_w = float(q.value), np.asarray(w.value)
    log_density = -_stirling_rest(q) - w * w * _relative_excess(q * w) - _LOG_ROOT_TWO_PI
    value, slope, bend = _differences(lambda at: _prentice_tail(at_w, at), at_q, _STEP)
    rate = np.exp(np.asarray(log_density.value) + value)
    # the log density of w as a function of (w, Q) alone: its slopes in both
    pull = -_growth(at_q * at_w) * at_w
    excess = _relative_excess(Jet(at_q * at_w, {0: 1.0}))
    turn = -float(np.asarray(_stirling_rest(Jet(at_q, {0: 1.0})).first[0])) - at_w**3 * np.asarray(
        excess.first[0]
    )
    bends = (rate * (pull + rate), rate * (turn + slope), bend)
    cumulative = through_two(w, q, value, (rate, slope), bends)
    return log_density - ancillary[0] - log_time + cumulative, cumulative


def _prentice_tail(w: Floats, q: float) -> Floats:
    """Cumulative hazard of the standardised generalised gamma."""
    if q == 0.0:
        result: Floats = -log_ndtr(-w)
        return result
    k = np.float64(q) ** -2
    x = k * np.exp(q * w)
    return minus_log_upper(k, x) if q > 0 else minus_log_lower(k, x)


def minus_log_upper(k: float, x: Floats) -> Floats:
    """-log of the upper incomplete gamma function, also where that would round to 0.

    There by Legendre's continued fraction (DLMF 8.9.2), from its far end backwards.
    """
    share = gammaincc(k, x)
    result: Floats = -np.log(share)
    deep = (share < _DEEP) & np.isfinite(x)
    if deep.any():
        at = x[deep]
        tail = at + (2 * _DEEP_TERMS + 1) - k
        for j in range(_DEEP_TERMS, 0, -1):
            tail = at + (2 * j - 1) - k - j * (j - k) / tail
        result[deep] = at - k * np.log(at) + gammaln(k) + np.log(tail)
    return result


def minus_log_lower(k: float, x: Floats) -> Floats:
    """-log of the lower incomplete gamma function, also where that would round to 0.

    There by its series (DLMF 8.7.1), whose terms are all positive.
    """
    share = gammainc(k, x)
    result: Floats = -np.log(share)
    deep = (share < _DEEP) & (x > 0)
    if deep.any():
        at = x[deep]
        total = np.ones_like(at)
        for j in range(_DEEP_TERMS, 0, -1):
            total = 1.0 + total * at / (k + j)
        result[deep] = at - k * np.log(at) + gammaln(k + 1.0) - np.log(total)
    return result


def _differences(
    function: Callable[[float], Floats], at: float, step: float
) -> tuple[Floats, Floats, Floats]:
    """A function's value, first and second derivative by central differences of order 8."""
    value = function(at)
    slope, bend = np.zeros_like(value), _BEND_MIDDLE * value
    for turn, (first, second) in enumerate(zip(_SLOPE, _BEND, strict=True), start=1):
        above, below = function(at + turn * step), function(at - turn * step)
        slope += first * (above - below)
        bend += second * (above + below)
    return value, slope / step, bend / step**2


def _growth(x: Floats) -> Floats:
    """(exp(x) - 1) / x."""
    safe = np.where(x == 0.0, 1.0, x)
    return np.where(x == 0.0, 1.0, np.expm1(safe) / safe)


def _relative_excess(x: Jet) -> Jet:
    """(exp(x) - 1 - x) / x^2, which is one half at 0."""
    at = np.asarray(x.value, dtype=float)
    small = np.abs(at) < _SERIES_BELOW
    near, far = np.where(small, at, 0.0), np.where(small, 1.0, at)
    grown = np.exp(far)
    value = (np.expm1(far) - far) / far**2
    slope = ((far - 2.0) * grown + far + 2.0) / far**3
    bend = ((far * far - 4.0 * far + 6.0) * grown - 2.0 * far - 6.0) / far**4
    series = [_excess_series(near, order) for order in range(3)]
    chosen = [np.where(small, s, f) for s, f in zip(series, (value, slope, bend), strict=True)]
    return x.through(*chosen)


def _excess_series(x: Floats, order: int) -> Floats:
    """Derivative of that order of the sum of x^m / (m + 2)!, by Horner's scheme."""
    total = np.zeros_like(x)
    for power in range(_TERMS, -1, -1):
        m = power + order
        total = total * x + math.factorial(m) / math.factorial(power) / math.factorial(m + 2)
    return total


def _stirling_rest(q: Jet) -> Jet:
    """What Stirling's formula leaves of log Gamma(1 / Q^2), with its derivatives in Q."""
    at = float(q.value)
    if at * at * _LARGE_SHAPE < 1.0:
        powers = [4 * n + 2 for n in range(len(_STIRLING))]
        pairs = list(zip(_STIRLING, powers, strict=True))
        return q.through(
            sum(c * at**m for c, m in pairs),
            sum(c * m * at ** (m - 1) for c, m in pairs),
            sum(c * m * (m - 1) * at ** (m - 2) for c, m in pairs),
        )
    k = np.float64(at) ** -2
    rest = gammaln(k) - (k - 0.5) * np.log(k) + k - _LOG_ROOT_TWO_PI
    slope = digamma(k) - np.log(k) + 0.5 / k
    bend = polygamma(1, k) - 1.0 / k - 0.5 / k**2
    inner, outer = -2.0 * k / at, 6.0 * k * k
    return q.through(rest, slope * inner, bend * inner**2 + slope * outer)
