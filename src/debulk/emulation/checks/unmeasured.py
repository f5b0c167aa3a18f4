"""How strong an unmeasured reason for treatment would have to be to explain the answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from debulk.core.errors import InputError
from debulk.core.results import Estimate, plain
from debulk.emulation.check import Check
from debulk.survival.options import check_kind, one_number
from debulk.survival.subjects import numbers

STRENGTHS = (1.25, 1.5, 2.0, 3.0, 5.0)
"""Ratios of the hazard of death without the factor to that with it, as the grid asks by default."""

PREVALENCES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
"""Shares of patients with the factor, as the grid asks by default."""


_LARGEST = 1e6  # no risk factor is stronger, and sums of its kind stay finite


@dataclass(frozen=True, slots=True)
class EValue:
    """E-values of a hazard ratio.

    Attributes
    ----------
    point : float
        For the estimate.
    limit : float
        For the confidence limit nearer to 1; 1 where the interval holds 1.
    """

    point: float
    limit: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"point": plain(self.point), "limit": plain(self.limit)}


def e_value(hazard_ratio: Estimate) -> EValue:
    """E-value of a hazard ratio for a common outcome.

    The least strength, as a risk ratio with treatment and with death, beyond the measured
    covariates, that one unmeasured factor needs to explain the estimate (or its limit).

    Parameters
    ----------
    hazard_ratio : Estimate

    Returns
    -------
    EValue

    Raises
    ------
    InputError
        If the estimate or a limit is not a positive number.

    Notes
    -----
    VanderWeele and Ding, Ann Intern Med 2017;167:268, doi 10.7326/M16-2607: the hazard ratio
    becomes a risk ratio by ``(1 - 0.5^sqrt(HR)) / (1 - 0.5^sqrt(1/HR))``.
    """
    estimate, lower, upper = _positive(hazard_ratio)
    nearer = upper if estimate < 1.0 else lower
    holds_one = lower <= 1.0 <= upper
    return EValue(_e_value(estimate), 1.0 if holds_one else _e_value(nearer))


def _e_value(hazard_ratio: float) -> float:
    worse, better = math.sqrt(hazard_ratio), math.sqrt(1.0 / hazard_ratio)
    ratio = (1.0 - math.pow(0.5, worse)) / (1.0 - math.pow(0.5, better))
    ratio = 1.0 / ratio if ratio < 1.0 else ratio
    return ratio + math.sqrt(ratio * (ratio - 1.0))


def unmeasured_bias(share_treated: float, share_untreated: float, strength: float) -> float:
    """Factor by which an unmeasured binary factor changes a hazard ratio.

    Parameters
    ----------
    share_treated, share_untreated : float
        Share of those under local treatment, and of the others, who have the factor; 0 to 1.
    strength : float
        Hazard ratio of death with the factor; above 0, below 1 for one that protects.

    Returns
    -------
    float
        The observed hazard ratio is the true one times this.

    Notes
    -----
    Schneeweiss, Pharmacoepidemiol Drug Saf 2006;15:291, doi 10.1002/pds.1200 (array approach).
    """
    for name, share in (("share_treated", share_treated), ("share_untreated", share_untreated)):
        if not 0.0 <= one_number(share, name) <= 1.0:
            raise InputError(name, f"found {share!r}", "Give 0 to 1")
    if not 0.0 < one_number(strength, "strength") <= _LARGEST:
        remedy = f"Give a hazard ratio above 0, at most {_LARGEST:g}"
        raise InputError("strength", f"found {strength!r}", remedy)
    treated = share_treated * (strength - 1.0) + 1.0
    return treated / (share_untreated * (strength - 1.0) + 1.0)


@dataclass(frozen=True, slots=True)
class TippingPoint:
    """The share of the treated that must have a protective factor for the answer to vanish.

    Attributes
    ----------
    strength : float
        Ratio of the hazard of death without the factor to that with it.
    share_untreated : float
        Share of the others who have it.
    share_for_estimate, share_for_limit : float or None
        Share of the treated at which the estimate, or its limit nearer to 1, becomes 1; None
        where not even everybody's having it would do.
    """

    strength: float
    share_untreated: float
    share_for_estimate: float | None
    share_for_limit: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "strength": self.strength,
            "share_untreated": self.share_untreated,
            "share_for_estimate": plain(self.share_for_estimate),
            "share_for_limit": plain(self.share_for_limit),
        }


def tipping_points(
    hazard_ratio: Estimate,
    *,
    strengths: Sequence[float] = STRENGTHS,
    prevalences: Sequence[float] = PREVALENCES,
) -> tuple[TippingPoint, ...]:
    """Where an unmeasured factor would take an apparent benefit (or harm) away.

    Parameters
    ----------
    hazard_ratio : Estimate
        Local treatment against none.
    strengths : sequence of float
        Above 1: hazard of death without the factor over that with it.
    prevalences : sequence of float
        Shares of the others who have the factor, 0 to 1.

    Returns
    -------
    tuple of TippingPoint
        One for each strength and prevalence. For an apparent harm the factor is one that kills.
    """
    estimate, lower, upper = _positive(hazard_ratio)
    benefit = estimate < 1.0
    limit = upper if benefit else lower
    explained = (limit >= 1.0) if benefit else (limit <= 1.0)
    found = []
    grid = numbers(strengths, "strengths").tolist()
    shares = numbers(prevalences, "prevalences").tolist()
    for strength in grid:
        if not 1.0 < strength <= _LARGEST:
            remedy = f"Give ratios above 1, at most {_LARGEST:g}"
            raise InputError("strengths", f"found {strength!r}", remedy)
        factor = 1.0 / strength if benefit else strength
        for share in shares:
            if not 0.0 <= share <= 1.0:
                raise InputError("prevalences", f"found {share!r}", "Give shares from 0 to 1")
            at_limit = share if explained else _share_treated(limit, share, factor)
            at_estimate = _share_treated(estimate, share, factor)
            found.append(TippingPoint(strength, share, at_estimate, at_limit))
    return tuple(found)


def _positive(hazard_ratio: Estimate) -> tuple[float, float, float]:
    """Estimate and limits, each a positive number."""
    check_kind(hazard_ratio, Estimate, "hazard_ratio")
    values = (hazard_ratio.estimate, hazard_ratio.lower, hazard_ratio.upper)
    for value in values:
        if not 0.0 < value < math.inf:
            raise InputError("hazard_ratio", f"found {value!r}", "Give a positive number")
    return values


def _share_treated(observed: float, share_untreated: float, factor: float) -> float | None:
    """Solve unmeasured_bias(share, share_untreated, factor) = observed for the share."""
    share = (observed * (share_untreated * (factor - 1.0) + 1.0) - 1.0) / (factor - 1.0)
    return share if share <= 1.0 else None


def check_unmeasured_selection(hazard_ratio: Estimate | None) -> Check:
    """Say how little unmeasured selection would explain the answer.

    There is no limit that data could set here, so the state is never *pass*: *fail* where the
    interval leaves out 1 and a factor that halves the hazard could do it, else *unknown*.

    Parameters
    ----------
    hazard_ratio : Estimate or None
        Local treatment against none.

    Returns
    -------
    Check
        `details` has the E-values and the tipping points.
    """
    if hazard_ratio is not None:
        check_kind(hazard_ratio, Estimate, "hazard_ratio")
    if hazard_ratio is None or not math.isfinite(hazard_ratio.estimate):
        return Check("unmeasured selection", "unknown", "There is no hazard ratio to explain.")
    found = e_value(hazard_ratio)
    points = tipping_points(hazard_ratio)
    details = {"e_value": found.to_dict(), "tipping_points": [each.to_dict() for each in points]}
    if found.limit == 1.0:
        text = "The interval holds 1: nothing is left to explain."
        return Check("unmeasured selection", "unknown", text, found.limit, None, details)
    halving = tipping_points(hazard_ratio, strengths=(2.0,), prevalences=(0.25,))[0]
    word = "halves" if hazard_ratio.estimate < 1.0 else "doubles"
    base = (
        f"E-value {found.point:.2f} for the estimate, {found.limit:.2f} for its limit: a factor "
        f"nobody recorded, tied that strongly to both treatment and death, explains it. "
    )
    if halving.share_for_limit is None:
        text = f"{base}One that {word} the hazard cannot, from 25 % among the others."
        return Check("unmeasured selection", "unknown", text, found.limit, None, details)
    text = (
        f"{base}One that {word} the hazard, present in 25 % of the others, needs to be present in "
        f"{100 * halving.share_for_limit:.0f} % of the treated."
    )
    return Check("unmeasured selection", "fail", text, found.limit, None, details)
