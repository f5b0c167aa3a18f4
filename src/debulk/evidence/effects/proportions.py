"""Proportions of single groups on the scale on which they are pooled, and back again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from debulk.core.errors import InputError
from debulk.evidence.effects.effect import (
    Effect,
    require_count,
    require_events,
    require_level,
    require_number,
)
from debulk.evidence.effects.limits import half_unit_of

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

from scipy.special import expit, logit
from scipy.stats import norm

ProportionScale = Literal["identity", "logit", "arcsine", "double arcsine"]
SCALES: tuple[ProportionScale, ...] = ("identity", "logit", "arcsine", "double arcsine")

Corrected = Literal["affected", "all", "all if any", "none"]
"""Which studies get the continuity correction: those with an empty cell, every study, every study
if one of them has an empty cell, or none."""

CORRECTED: tuple[Corrected, ...] = ("affected", "all", "all if any", "none")


@dataclass(frozen=True, slots=True)
class Correction:
    """The continuity correction: what is added to each cell, and to which studies.

    Attributes
    ----------
    amount : float
        Added to each cell, above 0.
    corrected : {"affected", "all", "all if any", "none"}
        Which studies get it.
    """

    amount: float = 0.5
    corrected: Corrected = "affected"

    def __post_init__(self) -> None:
        if self.corrected not in CORRECTED:
            raise InputError(
                "corrected", f"{self.corrected!r} is no policy", f"Give one of {CORRECTED}"
            )
        if require_number("correction", self.amount) <= 0.0:
            found = f"{self.amount:g} is not above 0"
            raise InputError("correction", found, "Give 0.5, or corrected='none'")

    def applies(self, empty: Sequence[bool]) -> list[bool]:
        """Which studies are corrected, given which have an empty cell."""
        if self.corrected == "all":
            return [True] * len(empty)
        if self.corrected == "all if any":
            return [any(empty)] * len(empty)
        return [each and self.corrected == "affected" for each in empty]

    @property
    def remark(self) -> str:
        """What was added, in words."""
        return f"Continuity correction: {self.amount:g} added to each cell"


def proportion_effect(
    events: float, patients: float, scale: ProportionScale = "logit", *, correction: float = 0.0
) -> Effect:
    """Put one proportion on a scale.

    Parameters
    ----------
    events, patients : float
        Whole numbers.
    scale : {"identity", "logit", "arcsine", "double arcsine"}
        p with variance p(1 - p)/n; log odds with 1/x + 1/(n - x); arcsin(sqrt(p)) with 1/(4n);
        the mean of arcsin(sqrt(x/(n + 1))) and arcsin(sqrt((x + 1)/(n + 1))) with 1/(4n + 2)
        (Freeman and Tukey 1950).
    correction : float
        Added to the events and to the non-events; the arcsine scales take none.

    Raises
    ------
    InputError
        If counts are impossible, or events are none or all and the scale cannot hold that.
    """
    found, among = require_events("events", events, "patients", patients)
    if scale == "arcsine":
        return Effect(
            math.asin(math.sqrt(found / among)), 0.5 / math.sqrt(among), "events and patients"
        )
    if scale == "double arcsine":
        angles = [math.asin(math.sqrt(each / (among + 1.0))) for each in (found, found + 1.0)]
        return Effect(sum(angles) / 2.0, (4.0 * among + 2.0) ** -0.5, "events and patients")
    if scale not in SCALES:
        raise InputError("scale", f"{scale!r} is no scale of proportions", f"Give one of {SCALES}")
    x, rest = found + correction, among - found + correction
    if 0.0 in (x, rest):
        told = f"{found:g} events in {among:g} patients have no standard error on this scale"
        remedy = "Correct for it (corrected='affected'), use an arcsine scale, or the GLMM"
        raise InputError("events", told, remedy)
    remark = Correction(correction).remark if correction else ""
    n = x + rest
    if scale == "logit":
        effect = Effect(math.log(x / rest), math.sqrt(1.0 / x + 1.0 / rest), "events and patients")
    else:
        effect = Effect(x / n, math.sqrt(x * rest / n**3), "events and patients")
    return effect.remarked(remark)


def events_of_percentage(percent: float, patients: float) -> tuple[float, str]:
    """Events that a printed percentage of patients stands for, and what does not fit.

    Returns
    -------
    tuple of float and str
        The nearest whole number, and a remark where no whole number of events, or more than one,
        is printed as that percentage; else an empty text.

    Raises
    ------
    InputError
        If the percentage is not within 0 to 100.
    """
    share, among = require_percentage("percent", percent), require_count("n", patients, least=1)
    exact, reach = share * among / 100.0, half_unit_of(share) * among / 100.0
    events = float(math.floor(exact + 0.5))
    least, most = math.ceil(exact - reach - 1e-9), math.floor(exact + reach + 1e-9)
    if least > most:
        return events, (
            f"{share:g} % of {among:g} patients is {exact:.2f}, no whole number: {events:g} events "
            "are taken, but the percentage may be of fewer patients or estimated with censoring"
        )
    if least < most:
        many = f"{max(least, 0)} to {min(most, int(among))}"
        return events, f"{share:g} % of {among:g} patients may be {many} events; {events:g} taken"
    return events, ""


def require_percentage(name: str, value: object) -> float:
    """A number from 0 to 100.

    Raises
    ------
    InputError
        If it is not.
    """
    number = require_number(name, value)
    if not 0.0 <= number <= 100.0:
        raise InputError(name, f"{number:g} is not within 0 to 100", "Give a percentage")
    return number


def survival_proportion_effect(
    share: float,
    patients: float | None = None,
    *,
    lower: float | None = None,
    upper: float | None = None,
    conf_level: float = 0.95,
    scale: ProportionScale = "logit",
) -> Effect:
    """Put a Kaplan-Meier proportion, such as survival at five years, on a scale.

    Parameters
    ----------
    share, lower, upper : float
        Between 0 and 1, with printed limits where there are any.
    patients : float, optional
        At the start; used where there is no interval.
    conf_level : float
        Level of the interval.
    scale : {"identity", "logit", "arcsine", "double arcsine"}
        Scale of pooling.

    Returns
    -------
    Effect
        With the effective sample size n for which a binomial proportion would have the interval
        printed (on the logit scale; on the plain scale where a limit is 0 or 1): variance
        1 / (n p (1 - p)) of the logit. Without an interval n is `patients`, which ignores
        censoring and so makes the error too small; a remark says so.

    Raises
    ------
    InputError
        If numbers are impossible, the interval excludes the share, or there is neither interval
        nor number of patients.
    """
    p = _inner_share("share", share)
    if lower is not None and upper is not None:
        n = _effective_n(p, lower, upper, conf_level)
        route = f"proportion and {100.0 * require_level('conf_level', conf_level):.6g} % interval"
        remark = f"Effective number of patients from the interval: {n:.1f}"
    elif patients is not None:
        n, route = require_count("patients", patients, least=1), "proportion and patients"
        remark = "Censoring is ignored: the standard error is that of a binomial proportion"
    else:
        remedy = "Give an interval or the number of patients"
        raise InputError("share", f"{share:g} comes with nothing that tells its error", remedy)
    effects = {
        "identity": (p, p * (1.0 - p) / n),
        "logit": (math.log(p / (1.0 - p)), 1.0 / (n * p * (1.0 - p))),
        "arcsine": (math.asin(math.sqrt(p)), 0.25 / n),
        "double arcsine": (float(_double_arcsine(p, n)), 1.0 / (4.0 * n + 2.0)),
    }
    if scale not in effects:
        raise InputError("scale", f"{scale!r} is no scale of proportions", f"Give one of {SCALES}")
    estimate, variance = effects[scale]
    return Effect(estimate, math.sqrt(variance), route, (remark,))


def _inner_share(name: str, value: object) -> float:
    share = require_number(name, value)
    if not 0.0 < share < 1.0:
        found = f"{share:g} is not between 0 and 1"
        remedy = "Give a share such as 0.43; one of 0 or 1 needs events and patients"
        raise InputError(name, found, remedy)
    return share


def _effective_n(p: float, lower: float, upper: float, conf_level: float) -> float:
    low, high = require_number("lower", lower), require_number("upper", upper)
    if not 0.0 <= low < high <= 1.0:
        found = f"limits {low:g} and {high:g} are not in order within 0 to 1"
        raise InputError("lower", found, "Give shares")
    if not low <= p <= high:
        found = f"the interval {low:g} to {high:g} excludes the estimate {p:g}"
        raise InputError("share", found, "Check the three numbers against the source")
    twice = 2.0 * float(norm.ppf((1.0 + require_level("conf_level", conf_level)) / 2.0))
    if low > 0.0 and high < 1.0:
        return float((twice / (logit(high) - logit(low))) ** 2 / (p * (1.0 - p)))
    return p * (1.0 - p) * (twice / (high - low)) ** 2


def _double_arcsine(p: Any, n: Any) -> Floats:
    """Freeman and Tukey's transform of a share of n; also of 0 and 1, the ends of the scale."""
    x = np.asarray(p) * n
    angles = np.arcsin(np.sqrt(x / (n + 1.0))) + np.arcsin(np.sqrt((x + 1.0) / (n + 1.0)))
    return np.asarray(angles / 2.0)


def back_transform(values: Any, scale: str, *, patients: Any = None) -> Floats:
    """Bring effects or limits from the scale of pooling back to the natural one.

    Parameters
    ----------
    values : array_like
        On the scale of pooling.
    scale : {"identity", "log", "logit", "arcsine", "double arcsine"}
        That scale.
    patients : array_like, optional
        For the double arcsine: the patients of all studies, whose harmonic mean stands for n
        (Miller 1978, Am Stat 32:138), or those of one study for its own proportion.

    Returns
    -------
    float64 array
        Values beyond the ends of an arcsine scale give the end, 0 or 1.

    Raises
    ------
    InputError
        If the scale is unknown, or the double arcsine comes without patients.
    """
    found = np.asarray(values, dtype=float)
    if scale == "identity":
        return found
    if scale == "log":
        return np.asarray(np.exp(found))
    if scale == "logit":
        return np.asarray(expit(found))
    if scale == "arcsine":
        return np.asarray(np.sin(np.clip(found, 0.0, np.pi / 2.0)) ** 2)
    if scale != "double arcsine":
        raise InputError("scale", f"{scale!r} is no scale", f"Give 'log' or one of {SCALES}")
    if patients is None:
        found_text = "the double arcsine needs the patients to be turned back"
        raise InputError("patients", found_text, "Give the patients of each study")
    n = 1.0 / np.mean(1.0 / np.asarray(patients, dtype=float))
    least, most = _double_arcsine(0.0, n), _double_arcsine(1.0, n)
    inner = np.clip(found, least, most)
    sine = np.sin(2.0 * inner)
    inside = np.clip(1.0 - (sine + (sine - 1.0 / sine) / n) ** 2, 0.0, None)
    share = 0.5 * (1.0 - np.sign(np.cos(2.0 * inner)) * np.sqrt(inside))
    return np.where(found < least, 0.0, np.where(found > most, 1.0, share))
