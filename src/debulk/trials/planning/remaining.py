"""Chance that the looks still to come end in benefit, given where the trial stands."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.trials.boundaries.recursion import crossing
from debulk.trials.planning.checks import sequence, tail_alpha
from debulk.trials.planning.information import z_quantile


@dataclass(frozen=True, slots=True)
class Looks:
    """Looks still to come.

    Attributes
    ----------
    information : tuple of float
        Fractions of the planned information, rising to the last look.
    efficacy_z : tuple of float
        Z from which benefit is claimed; infinity where a look cannot claim it.
    futility_z : tuple of float
        Z below which the trial stops; -infinity where it does not.
    """

    information: tuple[float, ...]
    efficacy_z: tuple[float, ...]
    futility_z: tuple[float, ...]

    def after(self, information: float) -> Looks:
        """The looks later than an information fraction."""
        kept = [place for place, each in enumerate(self.information) if each > information + 1e-9]
        if not kept:
            raise InputError(
                "information",
                f"{information:g} leaves no look to come",
                f"Give less than {max(self.information):g}",
            )
        return Looks(
            *(tuple(column[place] for place in kept) for column in dataclasses.astuple(self))
        )


def final_look(alpha: Any, sided: Any) -> Looks:
    """One analysis at the planned information."""
    return Looks((1.0,), (z_quantile(tail_alpha(alpha, sided)),), (-math.inf,))


def planned_looks(boundaries: Any, alpha: Any, sided: Any, *, futility: bool = True) -> Looks:
    """The looks of boundaries, or one final analysis where there are none.

    Parameters
    ----------
    boundaries : Boundaries or None
        Anything with `information` and `efficacy_z`, and perhaps `futility_z`, `harm_z` (None or
        entries that are not finite where a look has no such bound) and `sided`.
    alpha : float
        Total error at `sided`, for the final analysis without boundaries.
    sided : int
        1 or 2.
    futility : bool
        Whether a crossed futility bound ends the trial.

    Returns
    -------
    Looks
    """
    if not isinstance(futility, bool | np.bool_):
        raise InputError("futility", f"{futility!r} is neither True nor False", "Give one of them")
    if boundaries is None:
        return final_look(alpha, sided)
    information = _column(boundaries, "information", math.nan)
    upper = _column(boundaries, "efficacy_z", math.inf)
    looks = len(information)
    harmful = _column(boundaries, "harm_z", -math.inf, looks)
    futile = _column(boundaries, "futility_z", -math.inf, looks if futility else -looks)
    if not looks == len(upper) == len(harmful) == len(futile) or not bool(
        np.all(np.diff((0.0, *information)) > 0.0)
    ):
        raise InputError("boundaries", "its looks are not one rising list", "Give boundaries")
    if abs(information[-1] - 1.0) > 1e-6:
        raise InputError(
            "boundaries", f"the last look is at information {information[-1]:g}", "Plan it at 1"
        )
    if getattr(boundaries, "sided", 1) == 2:
        if any(math.isfinite(each) for each in futile[:-1]):
            raise InputError(
                "boundaries",
                "futility of a two-sided design is a window around 0, not a bound",
                "Set futility=False, or give one-sided boundaries",
            )
        # Rejecting in the other direction ends the trial too, and not in benefit.
        futile = tuple(-each for each in upper)
    lower = tuple(
        min(max(low, harm), high) for low, harm, high in zip(futile, harmful, upper, strict=True)
    )
    return Looks(information, upper, lower)


def benefit_probability(looks: Looks, theta: float, z: float = 0.0, at: float = 0.0) -> float:
    """Probability that a look to come crosses its efficacy bound first.

    Parameters
    ----------
    looks : Looks
        Looks later than `at`.
    theta : float
        Expected Z at information 1.
    z : float
        Z seen at information `at`.
    at : float
        Information fraction reached; 0 before the trial.

    Returns
    -------
    float

    Notes
    -----
    Given ``B(at) = z sqrt(at)``, the score ``B(t) - B(at)`` is again one of independent increments
    (Armitage, McPherson and Rowe 1969; Proschan, Lan and Wittes 2006): a trial that starts anew,
    with the bounds moved.
    """
    now = np.array(looks.information)
    left = now - at
    root, scale = np.sqrt(now), np.sqrt(left)
    seen = z * math.sqrt(at)
    upper = (np.array(looks.efficacy_z) * root - seen) / scale
    lower = (np.array(looks.futility_z) * root - seen) / scale
    return min(float(crossing(left, lower, upper, float(theta))[1].sum()), 1.0)


def _column(boundaries: Any, name: str, empty: float, optional: int = 0) -> tuple[float, ...]:
    # optional: the number of looks where the bound may be absent, negative where it is switched off
    values = getattr(boundaries, name, None)
    if optional < 0 or (optional and values is None):
        return (empty,) * abs(optional)
    if values is None:
        raise InputError(
            "boundaries", f"{type(boundaries).__name__} has no {name}", "Give boundaries"
        )
    return tuple(_bound(each, empty) for each in sequence(values, name))


def _bound(value: Any, empty: float) -> float:
    if value is None:
        return empty
    if isinstance(value, bool | str) or not isinstance(value, int | float | np.number):
        raise InputError("boundaries", f"{value!r} is not a number", "Give boundaries")
    found = float(value)
    return found if math.isfinite(found) else empty
