"""Futility rules on other scales than Z: conditional power, predictive power, hazard ratio.

Each gives the Z below which a trial stops at a look before the last, where it is the final
efficacy bound b (at information T) that is still to be reached. z is the value at information t.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import ndtri

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.options import check_share, check_word, one_number, shown
from debulk.trials.boundaries.recursion import Floats
from debulk.trials.boundaries.spending import number_tuple

Effect = Literal["planned", "trend", "null"]


@dataclass(frozen=True, slots=True)
class ConditionalPowerFutility:
    """Stop where the chance of reaching the final bound is below a threshold.

    Parameters
    ----------
    threshold : float
        Conditional power below which the trial stops, in (0, 1); or one for each look but the last.
    under : {"planned", "trend", "null"} or float
        The effect for the rest of the trial: the planned one (needs `beta`), the one seen so far,
        none, or a theta of your own.

    Notes
    -----
    1 - Phi((b sqrt(T) - z sqrt(t) - theta (T - t)) / sqrt(T - t)); later interim looks are not
    counted (Lan, Simon and Halperin 1982).
    """

    threshold: float | tuple[float, ...]
    under: Effect | float = "planned"

    def __post_init__(self) -> None:
        object.__setattr__(self, "threshold", _thresholds(self.threshold))
        if isinstance(self.under, str):
            check_word(self.under, Effect, "under")
        else:
            object.__setattr__(self, "under", one_number(self.under, "under"))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"conditional_power": plain(self.threshold), "under": self.under}

    def bounds(self, information: Floats, final_z: float, drift: float | None) -> Floats:
        """Z below which conditional power is below the threshold, at each look but the last.

        Parameters
        ----------
        information : array, shape (k,)
        final_z : float
            The final efficacy bound.
        drift : float or None
            The planned theta.
        """
        t, left, goal, quantile = _parts(information, final_z, self.threshold)
        if self.under == "trend":
            z: Floats = np.sqrt(t) / information[-1] * (goal + np.sqrt(left) * quantile)
            return z
        theta = {"planned": drift, "null": 0.0}.get(str(self.under))
        if not isinstance(self.under, str):
            theta = self.under
        if theta is None:
            raise InputError("futility", "the planned effect is not known", "Give beta")
        planned: Floats = (goal + np.sqrt(left) * quantile - theta * left) / np.sqrt(t)
        return planned


@dataclass(frozen=True, slots=True)
class PredictivePowerFutility:
    """Stop where conditional power, averaged over what is known of the effect, is low.

    Parameters
    ----------
    threshold : float
        Predictive power below which the trial stops, in (0, 1); or one for each look but the last.
    prior_mean, prior_sd : float, optional
        Normal prior of theta; without them the prior is flat.

    Notes
    -----
    Spiegelhalter, Freedman and Blackburn (1986). With a flat prior
    Phi((z T / sqrt(t) - b sqrt(T)) / sqrt((T - t) T / t)).
    """

    threshold: float | tuple[float, ...]
    prior_mean: float | None = None
    prior_sd: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "threshold", _thresholds(self.threshold))
        if (self.prior_mean is None) != (self.prior_sd is None):
            raise InputError(
                "prior_mean, prior_sd", "one is given without the other", "Give both or neither"
            )
        if self.prior_mean is not None:
            object.__setattr__(self, "prior_mean", one_number(self.prior_mean, "prior_mean"))
            object.__setattr__(self, "prior_sd", one_number(self.prior_sd, "prior_sd"))
            if not (self.prior_sd or 0.0) > 0.0:
                raise InputError("prior_sd", f"{self.prior_sd} is not above 0", "Give e.g. 1")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "predictive_power": plain(self.threshold),
            "prior_mean": self.prior_mean,
            "prior_sd": self.prior_sd,
        }

    def bounds(self, information: Floats, final_z: float, drift: float | None) -> Floats:
        """Z below which predictive power is below the threshold, at each look but the last.

        Parameters
        ----------
        information : array, shape (k,)
        final_z : float
            The final efficacy bound.
        drift : float or None
            Not used.
        """
        t, left, goal, quantile = _parts(information, final_z, self.threshold)
        sure = 0.0 if self.prior_sd is None else self.prior_sd**-2
        mean = self.prior_mean or 0.0
        spread = np.sqrt(left**2 / (t + sure) + left)
        # The score S = z sqrt(t) is expected to end at S + left (S + mean sure) / (t + sure).
        score = goal + spread * quantile - left * mean * sure / (t + sure)
        z: Floats = score / (1.0 + left / (t + sure)) / np.sqrt(t)
        return z


@dataclass(frozen=True, slots=True)
class HazardRatioFutility:
    """Stop where the estimated hazard ratio is at or above a limit.

    Parameters
    ----------
    hazard_ratio : float or sequence of float
        The limit, experimental to control; or one for each look but the last.
    events : float
        Planned events at information 1.
    allocation : float
        Experimental to control.

    Notes
    -----
    z = -log(HR) sqrt(D r) / (1 + r), D the events at the look, r the allocation (Schoenfeld 1981).
    """

    hazard_ratio: float | tuple[float, ...]
    events: float
    allocation: float = 1.0

    def __post_init__(self) -> None:
        ratios = _one_or_more(self.hazard_ratio, "hazard_ratio")
        object.__setattr__(self, "hazard_ratio", ratios)
        for name in ("events", "allocation"):
            object.__setattr__(self, name, one_number(getattr(self, name), name))
            if not getattr(self, name) > 0.0:
                raise InputError(name, f"{getattr(self, name)} is not above 0", "Give more than 0")
        if min(np.atleast_1d(ratios)) <= 0.0:
            raise InputError("hazard_ratio", f"{shown(ratios)} is not above 0", "Give e.g. 1.0")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "hazard_ratio": plain(self.hazard_ratio),
            "events": self.events,
            "allocation": self.allocation,
        }

    def bounds(self, information: Floats, final_z: float, drift: float | None) -> Floats:
        """Z of the limit at each look but the last.

        Parameters
        ----------
        information : array, shape (k,)
        final_z, drift : float
            Not used.
        """
        ratios = _by_look(self.hazard_ratio, information.size - 1)
        r = self.allocation
        events = self.events * information[:-1]
        z: Floats = -np.log(ratios) * np.sqrt(events * r) / (1.0 + r)
        return z


OnOtherScale = ConditionalPowerFutility | PredictivePowerFutility | HazardRatioFutility


def _thresholds(value: Any) -> float | tuple[float, ...]:
    found = _one_or_more(value, "threshold")
    for each in np.atleast_1d(found):
        check_share(float(each), "threshold", "Give e.g. 0.2")
    return found


def _one_or_more(value: Any, name: str) -> float | tuple[float, ...]:
    row = hasattr(value, "__iter__") and getattr(value, "ndim", 1) > 0
    return number_tuple(value, name) if row else one_number(value, name)


def _by_look(value: float | tuple[float, ...], looks: int) -> Floats:
    if isinstance(value, tuple) and len(value) != looks:
        raise InputError(
            "futility",
            f"{len(value)} limits for {looks} looks before the last",
            "Give one, or one for each look but the last",
        )
    return np.broadcast_to(np.asarray(value, dtype=np.float64), (looks,))


def _parts(
    information: Floats, final_z: float, threshold: float | tuple[float, ...]
) -> tuple[Floats, Floats, float, Floats]:
    """Information at the interim looks, what is left, the score to reach, normal quantiles."""
    t = information[:-1]
    quantile: Floats = ndtri(_by_look(threshold, t.size))
    return t, information[-1] - t, final_z * math.sqrt(information[-1]), quantile
