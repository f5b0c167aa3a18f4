"""Priors of a Bayesian random-effects meta-analysis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.core.errors import InputError
from debulk.evidence.pooling.studies import LARGEST, SMALLEST_SE
from debulk.survival.options import one_number

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HalfNormal:
    """Half-normal prior of the standard deviation between studies.

    Parameters
    ----------
    scale : float
        Standard deviation of the normal distribution that is folded at 0; its median is 0.67 times
        that.
    """

    scale: float

    def __post_init__(self) -> None:
        _check_positive(self.scale, "scale of HalfNormal")

    @property
    def width(self) -> float:
        """How far it reaches, in order of magnitude."""
        return self.scale

    @property
    def last(self) -> float:
        """Where it ends."""
        return math.inf

    def log_density(self, tau: Floats) -> Floats:
        """Logarithm of its density at standard deviations from 0 on."""
        peak = 0.5 * math.log(2.0 / math.pi) - math.log(self.scale)
        return np.asarray(peak - 0.5 * (tau / self.scale) ** 2)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {"prior": "half-normal", "scale": float(self.scale)}


@dataclass(frozen=True, slots=True)
class Uniform:
    """Uniform prior of the standard deviation between studies.

    Parameters
    ----------
    upper : float
        From 0 to here.
    """

    upper: float

    def __post_init__(self) -> None:
        _check_positive(self.upper, "upper of Uniform")

    @property
    def width(self) -> float:
        """How far it reaches, in order of magnitude."""
        return self.upper

    @property
    def last(self) -> float:
        """Where it ends."""
        return self.upper

    def log_density(self, tau: Floats) -> Floats:
        """Logarithm of its density at standard deviations from 0 to its end."""
        return np.full_like(tau, -math.log(self.upper))

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {"prior": "uniform", "upper": float(self.upper)}


@dataclass(frozen=True, slots=True)
class Normal:
    """Normal prior of the mean effect.

    Parameters
    ----------
    mean, sd : float
        On the scale of pooling.
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        if abs(one_number(self.mean, "mean of Normal")) > LARGEST:
            found = f"{self.mean:g} is too large"
            raise InputError("mean of Normal", found, f"It reaches to {LARGEST:g}")
        _check_positive(self.sd, "sd of Normal")

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {"prior": "normal", "mean": float(self.mean), "sd": float(self.sd)}


TauPrior = HalfNormal | Uniform
"""Priors of the standard deviation between studies."""


def _check_positive(value: Any, name: str) -> None:
    number = one_number(value, name)
    if not SMALLEST_SE <= number <= LARGEST:
        remedy = f"Give a number above 0, from {SMALLEST_SE:g} to {LARGEST:g}"
        raise InputError(name, f"{number:g} is out of range", remedy)
