"""What a group-sequential trial says once it has stopped, for whatever reason."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.options import check_flag, check_level, one_number, shown
from debulk.trials.boundaries.bounds import Boundaries, check_boundaries
from debulk.trials.boundaries.ratios import RatioEstimate, ratio_of
from debulk.trials.boundaries.recursion import Floats, crossing
from debulk.trials.boundaries.roots import falling_root

_FAR = 40.0
"""Standard errors within which limits of theta are looked for."""


@dataclass(frozen=True, slots=True)
class FinalInference:
    """Inference after a trial has stopped, by the stage-wise ordering of outcomes.

    Attributes
    ----------
    look : int
        The look it stopped at, the first being 1.
    information, z : float
        There.
    p_one_sided : float
        Stage-wise p-value against theta = 0, small for benefit.
    p : float
        The same for the sides of the design (two-sided: twice the smaller tail).
    theta : float
        Median-unbiased estimate of the expected Z at information 1.
    lower, upper, conf_level : float
        Its confidence interval.
    theta_unadjusted : float
        z / sqrt(information), as if there had been no earlier look.
    futility_counted : bool
        Whether the ordering counts on stopping for futility; never in two-sided designs.
    """

    look: int
    information: float
    z: float
    p_one_sided: float
    p: float
    theta: float
    lower: float
    upper: float
    conf_level: float
    theta_unadjusted: float
    futility_counted: bool

    def hazard_ratio(self, events: float, allocation: float = 1.0) -> RatioEstimate:
        """The estimate as a hazard ratio.

        Parameters
        ----------
        events : float
            Planned events at information 1.
        allocation : float
            Experimental to control.

        Returns
        -------
        RatioEstimate
            exp(-theta (1 + r) / sqrt(D r)), D the events and r the allocation (Schoenfeld 1981).
        """
        return ratio_of((self.theta, self.lower, self.upper), self.conf_level, events, allocation)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return plain({name: getattr(self, name) for name in self.__slots__})  # type: ignore[no-any-return]


def stagewise_p_value(
    boundaries: Boundaries,
    z: float,
    look: int,
    *,
    theta: float = 0.0,
    futility: bool | None = None,
) -> float:
    """One-sided p-value of an outcome by the stage-wise ordering.

    An outcome is more extreme if it crossed the efficacy bound at an earlier look, or
    went on to the same look and had a larger Z there.

    Parameters
    ----------
    boundaries : Boundaries
        At the information observed (see `Boundaries.update`).
    z : float
        Z at the look the trial stopped at.
    look : int
        That look, the first being 1.
    theta : float
        The effect to test against.
    futility : bool, optional
        Whether earlier looks would have stopped for futility. Default: if futility is binding.

    Returns
    -------
    float
        Probability under `theta` of this or more.

    Raises
    ------
    InputError
        If the look is none of the design's.

    Notes
    -----
    Tsiatis, Rosner and Mehta (1984); Jennison and Turnbull (2000), chapter 8.
    """
    stop = _stopped(boundaries, z, look, futility)
    return _at_least(stop, one_number(theta, "theta"))


def final_inference(
    boundaries: Boundaries,
    z: float,
    look: int | None = None,
    *,
    conf_level: float = 0.95,
    futility: bool | None = None,
) -> FinalInference:
    """P-value, median-unbiased estimate and interval of a trial that has stopped.

    Parameters
    ----------
    boundaries : Boundaries
        At the information observed (see `Boundaries.update`).
    z : float
        Z at the look the trial stopped at, whatever it stopped for.
    look : int, optional
        That look, the first being 1. Default: the last.
    conf_level : float
        Level of the interval, both tails equal.
    futility : bool, optional
        Whether earlier looks would have stopped for futility. Default: if futility is binding.

    Returns
    -------
    FinalInference

    Raises
    ------
    InputError
        If the look is none of the design's or the level not between 0 and 1.
    """
    check_level(conf_level)
    check_boundaries(boundaries)
    last = boundaries.information.size if look is None else look
    stop = _stopped(boundaries, z, last, futility)
    t, z = float(stop.information[-1]), float(stop.upper[-1])
    p = _at_least(stop, 0.0)
    tail = 0.5 * (1.0 - float(conf_level))
    lower, middle, upper = (_theta_at(stop, level) for level in (tail, 0.5, 1.0 - tail))
    return FinalInference(
        int(last),
        t,
        z,
        p,
        min(1.0, 2.0 * min(p, 1.0 - p)) if boundaries.sided == 2 else p,
        middle,
        lower,
        upper,
        float(conf_level),
        z / math.sqrt(t),
        stop.futility,
    )


@dataclass(frozen=True, slots=True)
class _Stopped:
    """Bounds up to the look of the stop, where the upper one is the Z that was seen."""

    information: Floats
    lower: Floats
    upper: Floats
    futility: bool


def _stopped(boundaries: Boundaries, z: Any, look: Any, futility: bool | None) -> _Stopped:
    check_boundaries(boundaries)
    looks = boundaries.information.size
    whole = isinstance(look, int | np.integer) and not isinstance(look, bool)
    if not whole or not 1 <= look <= looks:
        raise InputError("look", f"{shown(look)} is no look of 1 to {looks}", "Count from 1")
    if futility is not None:
        check_flag(futility, "futility")
    counted = boundaries.binding if futility is None else bool(futility)
    counted = counted and boundaries.futility_z is not None and boundaries.sided == 1
    upper = boundaries.efficacy_z[:look].copy()
    if boundaries.sided == 2:
        lower = -upper
    elif counted and boundaries.futility_z is not None:
        lower = boundaries.futility_z[:look].copy()
    else:
        lower = np.full(int(look), -math.inf)
    upper[-1], lower[-1] = one_number(z, "z"), -math.inf
    return _Stopped(boundaries.information[:look], lower, upper, counted)


def _at_least(stop: _Stopped, theta: float) -> float:
    return float(crossing(stop.information, stop.lower, stop.upper, theta)[1].sum())


def _theta_at(stop: _Stopped, level: float) -> float:
    """Theta under which this or more has probability `level`."""
    goal = float(ndtri(level))
    root = math.sqrt(stop.information[-1])
    start = float(stop.upper[-1]) / root
    width = _FAR / math.sqrt(stop.information[0])

    def short(theta: float) -> float:
        share = min(max(_at_least(stop, theta), 1e-300), 1.0 - 1e-16)
        return goal - float(ndtri(share))

    found = falling_root(short, start, 1.0 / root, start - width, start + width)
    return math.nan if found is None else found
