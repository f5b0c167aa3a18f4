"""Survival times from a formula: exponential, Weibull, log-normal, log-logistic, Gompertz.

Densities as in Collett 2015 (Modelling Survival Data in Medical Research, chapters 5 and 6) and
parameters as in Jackson 2016 (J Stat Softw 70(8)), which names flexsurv's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from debulk.survival.parametric_models.families import Fitting, Parameter, as_it_is
from debulk.survival.parametric_models.jets import Jet, exp, minus_log_normal_tail, softplus
from debulk.survival.subjects import Bools, Floats

_LOG_ROOT_TWO_PI = 0.5 * math.log(2.0 * math.pi)
_SERIES_BELOW = 0.5
"""Below this |x|, (exp(x) - 1)/x and its derivatives come from their series, which lose nothing."""
_TERMS = 16


Formula = Callable[[Floats, Jet, list[Jet]], tuple[Jet, Jet]]


@dataclass(frozen=True)
class Distribution:
    """A distribution without settings, from its formula.

    Attributes
    ----------
    name, parameters, location, effect, needs_log_time
        As `Family` says.
    formula : function
        Log hazard and cumulative hazard from time, location and ancillary parameters.
    unit : tuple of float
        Working values to start from when the typical time is 1.
    """

    name: str
    parameters: tuple[Parameter, ...]
    location: str | None
    effect: str
    formula: Formula
    unit: tuple[float, ...]
    needs_log_time: bool = True

    @property
    def intercepts(self) -> tuple[float, ...]:
        """The location holds the intercept, so no ancillary parameter moves along."""
        return (0.0,) * (len(self.parameters) - 1)

    def hazards(self, time: Floats, location: Jet, ancillary: list[Jet]) -> tuple[Jet, Jet]:
        """The formula's log hazard and cumulative hazard."""
        return self.formula(time, location, ancillary)

    def start(self, typical: float) -> Floats:
        """The unit values with the location moved to the typical time."""
        sign = -1.0 if self.location == "rate" else 1.0
        moved = [
            sign * math.log(typical) if each.name == self.location else 0.0
            for each in self.parameters
        ]
        result: Floats = np.array(self.unit) + np.array(moved)
        return result

    def ready(self, time: Floats, event: Bools, exposed_from: Floats | None) -> Fitting:
        """Nothing to prepare."""
        return as_it_is(self)


def exponential(time: Floats, location: Jet, ancillary: list[Jet]) -> tuple[Jet, Jet]:
    """Constant hazard: h = rate, H = rate t."""
    return location, exp(location) * time


def weibull(time: Floats, location: Jet, ancillary: list[Jet]) -> tuple[Jet, Jet]:
    """H = exp(u) and log h = log shape + u - log t, with u = shape (log t - log scale)."""
    log_time = np.log(time)
    u = exp(ancillary[0]) * (log_time - location)
    return ancillary[0] + u - log_time, exp(u)


def log_logistic(time: Floats, location: Jet, ancillary: list[Jet]) -> tuple[Jet, Jet]:
    """H = log(1 + exp(u)) and log h = log shape + u - log t - H, u as for the Weibull."""
    log_time = np.log(time)
    u = exp(ancillary[0]) * (log_time - location)
    cumulative = softplus(u)
    return ancillary[0] + u - log_time - cumulative, cumulative


def log_normal(time: Floats, location: Jet, ancillary: list[Jet]) -> tuple[Jet, Jet]:
    """S = Phi(-z) with z = (log t - meanlog) / sdlog; log h is the log density plus H."""
    log_time = np.log(time)
    z = exp(-ancillary[0]) * (log_time - location)
    cumulative = minus_log_normal_tail(z)
    log_density = z * z * -0.5 - ancillary[0] - (log_time + _LOG_ROOT_TWO_PI)
    return log_density + cumulative, cumulative


def gompertz(time: Floats, location: Jet, ancillary: list[Jet]) -> tuple[Jet, Jet]:
    """Hazard rate exp(shape t), H = rate t E(shape t) with E(x) = (exp(x) - 1) / x.

    A negative shape means that the hazard fades so fast that a share exp(rate / shape) never has
    the event.
    """
    grown = ancillary[0] * time
    return location + grown, exp(location) * time * relative_growth(grown)


def relative_growth(x: Jet) -> Jet:
    """(exp(x) - 1) / x, which is 1 at 0."""
    at = np.asarray(x.value, dtype=float)
    small = np.abs(at) < _SERIES_BELOW
    far = np.where(small, 1.0, at)
    near = np.where(small, at, 0.0)
    grown = np.exp(far)
    value = np.where(small, _series(near, 0), np.expm1(far) / far)
    slope = np.where(small, _series(near, 1), (grown * (far - 1.0) + 1.0) / far**2)
    bend: Floats = (grown * (far * far - 2.0 * far + 2.0) - 2.0) / far**3
    return x.through(value, slope, np.where(small, _series(near, 2), bend))


def _series(x: Floats, order: int) -> Floats:
    """Derivative of that order of the sum of x^m / (m + 1)!, by Horner's scheme."""
    total = np.zeros_like(x)
    for power in range(_TERMS, -1, -1):
        m = power + order
        factor = math.factorial(m) / math.factorial(power) / math.factorial(m + 1)
        total = total * x + factor
    return total
