"""How a rank test weighs the times at which events happen."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError, nearest
from debulk.survival.options import one_number, shown
from debulk.survival.rank.pooled import PooledCurve
from debulk.survival.subjects import Floats

WeightingName = Literal["logrank", "peto", "modified-peto", "gehan", "tarone-ware"]
"""Weightings that have a name and no number."""

UserWeights = Callable[[Floats, Floats, Floats], Any]
"""A user's own weights from times, survival just before each, and numbers at risk."""


class Weighting(Protocol):
    """What gives a weight to each event time from the pooled sample alone."""

    @property
    def name(self) -> str:
        """What the weighting is called in results."""
        ...

    def weights_at(self, curve: PooledCurve) -> Floats:
        """A weight for each row of the pooled curve."""
        ...


WeightingLike = WeightingName | Weighting | UserWeights
"""What the tests take as a weighting."""


@dataclass(frozen=True)
class FlemingHarrington:
    """Weights S(t-)^rho (1 - S(t-))^gamma, with S the pooled Kaplan-Meier survival.

    Attributes
    ----------
    rho : float
        Above 0 weighs early events more; 0 for no such weight; below 0 late ones.
    gamma : float
        At least 0; above 0 weighs late events more.

    Raises
    ------
    InputError
        If `rho` is not finite or `gamma` is below 0.

    Notes
    -----
    Harrington and Fleming (1982), Biometrika; Fleming and Harrington (1991), Counting Processes
    and Survival Analysis. S(t-) is survival just before t, so that a weight does not depend on
    what happens at its own time. (0, 0) is the log-rank test, (1, 0) that of Peto and Peto.
    """

    rho: float
    gamma: float

    def __post_init__(self) -> None:
        _check_number("rho", self.rho, low=-math.inf)
        _check_number("gamma", self.gamma, low=0.0)

    @property
    def name(self) -> str:
        """What the weighting is called in results."""
        return f"Fleming-Harrington (rho {self.rho:g}, gamma {self.gamma:g})"

    def weights_at(self, curve: PooledCurve) -> Floats:
        """A weight for each row of the pooled curve."""
        early = _power(curve.before, self.rho)
        if self.gamma == 0:
            return early
        late = _power(1.0 - curve.before, self.gamma)
        late *= early
        return late


@dataclass(frozen=True)
class ModestlyWeighted:
    """Weights 1 / max(S(t-), S*), which rise while the pooled survival S falls, up to 1 / S*.

    Attributes
    ----------
    t_star : float or None
        Time from which weights no longer rise: S* is survival just before it, by stratum. Where
        follow-up ends earlier, S* is the last survival known.
    s_star : float or None
        S* itself, above 0 and up to 1. Give one of the two.

    Raises
    ------
    InputError
        If neither or both are given, `t_star` is negative or `s_star` not in (0, 1].

    Notes
    -----
    Magirr and Burman (2019), Statistics in Medicine. ``s_star=0.5`` caps the weight at 2.
    """

    t_star: float | None = None
    s_star: float | None = None

    def __post_init__(self) -> None:
        if (self.t_star is None) == (self.s_star is None):
            found = "are both missing" if self.t_star is None else "are both given"
            raise InputError("t_star and s_star", found, "Give one of them")
        if self.t_star is not None:
            _check_number("t_star", self.t_star, low=0.0)
        if self.s_star is not None:
            _check_number("s_star", self.s_star, low=0.0, high=1.0)
            if self.s_star == 0:
                raise InputError("s_star", "0 is not above 0", "Give a share of survival, as 0.5")

    @property
    def name(self) -> str:
        """What the weighting is called in results."""
        if self.s_star is not None:
            return f"modestly weighted (s* {self.s_star:g})"
        return f"modestly weighted (t* {self.t_star:g})"

    def weights_at(self, curve: PooledCurve) -> Floats:
        """A weight for each row of the pooled curve."""
        if self.s_star is not None:
            floor = np.full(curve.times.size, float(self.s_star))
        else:
            floor = curve.survival_before(float(self.t_star or 0.0))
        with np.errstate(divide="ignore"):  # refused with its cause by the caller
            weights: Floats = 1.0 / np.maximum(curve.before, floor)
        return weights


@dataclass(frozen=True)
class EarlyZero:
    """Weight 0 before a time and 1 from then on.

    Attributes
    ----------
    early_period : float
        Events at earlier times do not count; at least 0.

    Raises
    ------
    InputError
        If it is negative or not finite.

    Notes
    -----
    For an effect known to come late (Xu, Zhen, Park and Zhu 2017, Statistics in Medicine). Early
    harm does not count either.
    """

    early_period: float

    def __post_init__(self) -> None:
        _check_number("early_period", self.early_period, low=0.0)

    @property
    def name(self) -> str:
        """What the weighting is called in results."""
        return f"early-zero (from {self.early_period:g})"

    def weights_at(self, curve: PooledCurve) -> Floats:
        """A weight for each row of the pooled curve."""
        return (curve.times >= self.early_period).astype(np.float64)


@dataclass(frozen=True)
class _Named:
    """A weighting without a number."""

    key: WeightingName

    @property
    def name(self) -> str:
        return _NAMES[self.key]

    def weights_at(self, curve: PooledCurve) -> Floats:
        if self.key == "logrank":
            return np.ones(curve.times.size)
        if self.key == "peto":
            return curve.before
        if self.key == "gehan":
            return curve.at_risk.astype(np.float64)
        if self.key == "tarone-ware":
            return np.sqrt(curve.at_risk)
        return curve.shrunken_survival() * curve.at_risk / (curve.at_risk + 1.0)


@dataclass(frozen=True)
class _Given:
    """A user's function, asked once a stratum."""

    function: UserWeights

    @property
    def name(self) -> str:
        return f"weighted by {getattr(self.function, '__name__', 'a function')}"

    def weights_at(self, curve: PooledCurve) -> Floats:
        parts = [
            self._of_stratum(
                curve.times[a:b].copy(), curve.before[a:b].copy(), curve.at_risk[a:b].astype(float)
            )
            for a, b in zip(curve.starts[:-1], curve.starts[1:], strict=True)
        ]
        return np.concatenate(parts)

    def _of_stratum(self, times: Floats, before: Floats, at_risk: Floats) -> Floats:
        if times.size == 0:
            return np.zeros(0)
        try:
            found = np.asarray(self.function(times, before, at_risk), float)
        except Exception as problem:
            raise InputError(
                "weighting",
                f"the function failed on arrays of times, survival, at risk ({problem})",
                "Give a function of three arrays that returns one weight a time",
            ) from problem
        if found.shape != times.shape:
            raise InputError(
                "weighting",
                f"the function returned shape {found.shape} for {times.size} times",
                "Return one weight a time",
            )
        return found


_NAMES: dict[WeightingName, str] = {
    "logrank": "log-rank",
    "peto": "Peto and Peto",
    "modified-peto": "modified Peto and Peto",
    "gehan": "Gehan and Breslow",
    "tarone-ware": "Tarone and Ware",
}


def read_weighting(given: Any) -> Weighting:
    """The weighting that a user named, made or wrote.

    Raises
    ------
    InputError
        If it is none of these.
    """
    if isinstance(given, str) and given in get_args(WeightingName):
        return _Named(given)  # type: ignore[arg-type]
    if isinstance(given, FlemingHarrington | ModestlyWeighted | EarlyZero | _Named | _Given):
        return given
    if callable(given) and not isinstance(given, type):
        return _Given(given)
    known = ", ".join(get_args(WeightingName))
    near = nearest(given, get_args(WeightingName)) if isinstance(given, str) else ""
    near = f"{near} " if near.startswith("Did") else ""
    raise InputError(
        "weighting",
        f"{shown(given)} is not known",
        f"{near}Give one of {known}, or FlemingHarrington(rho, gamma), ModestlyWeighted(t_star), "
        "EarlyZero(early_period), or a function of times, survival and numbers at risk",
    )


def weights_of(weighting: Weighting, curve: PooledCurve) -> Floats:
    """Weights at the event times, checked.

    Raises
    ------
    InputError
        If a weight is negative, missing or infinite.
    """
    weights = weighting.weights_at(curve)
    bad = ~(np.isfinite(weights) & (weights >= 0))
    if bad.any():
        row = int(np.argmax(bad))
        raise InputError(
            "weighting",
            f"{weighting.name} gives the weight {weights[row]:g} to the events at time "
            f"{curve.times[row]:g}, where the pooled survival before is {curve.before[row]:g}",
            "Choose a weighting that is finite and at least 0 there",
        )
    return weights


def _power(base: Floats, exponent: float) -> npt.NDArray[np.float64]:
    """As ``base ** exponent``, without the logarithm where there is a shorter way."""
    if exponent == 0:
        return np.ones(base.size)
    if exponent == 1:
        return base
    if exponent == 0.5:
        return np.sqrt(base)
    with np.errstate(divide="ignore"):  # refused with its cause by the caller
        result: Floats = base**exponent
    return result


def _check_number(name: str, value: Any, *, low: float, high: float = math.inf) -> None:
    if isinstance(value, np.ndarray):
        raise InputError(name, f"{shown(value)} is an array", "Give one number")
    one_number(value, name)
    if not low <= value <= high:
        wanted = f"at least {low:g}" + (f" and at most {high:g}" if high < math.inf else "")
        raise InputError(name, f"{value:g} is out of range", f"Give {wanted}")
