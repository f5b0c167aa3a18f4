"""Performance by centre, pooled, with the interval in which a new centre is expected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit

from debulk.core.errors import InputError
from debulk.core.results import Estimate, plain
from debulk.prognosis.validation.estimates import Scale
from debulk.prognosis.validation.follow_up import FollowUp
from debulk.survival.labels import distinct, label_of
from debulk.survival.options import check_level, one_number
from debulk.survival.subjects import Floats, Ints

if TYPE_CHECKING:
    from debulk.evidence.pooling.pooled import PooledEffect

FEWEST_EVENTS = 5
"""A centre with fewer events has no standard error worth the name."""

InCentre = Callable[[FollowUp, Floats], Estimate]
"""Makes an estimate, with a standard error on the scale of its interval, of one centre."""


@dataclass(frozen=True, slots=True)
class AcrossCentres:
    """One statistic in each centre, and over centres.

    Attributes
    ----------
    statistic : str
    by_centre : mapping of str to Estimate
        Centres that could be estimated.
    left_out : mapping of str to str
        Other centres, and why.
    estimate, lower, upper : float
        Mean over centres by REML with Hartung and Knapp's interval; NaN with fewer than two.
    prediction_lower, prediction_upper : float
        Where a new centre is expected (t on k - 2 degrees of freedom); NaN with fewer than three.
    tau2 : float
        Variance between centres on the scale of pooling.
    scale : {"plain", "log", "logit"}
        Scale of pooling.
    conf_level : float
    """

    statistic: str
    by_centre: dict[str, Estimate]
    left_out: dict[str, str]
    estimate: float
    lower: float
    upper: float
    prediction_lower: float
    prediction_upper: float
    tau2: float
    scale: Scale
    conf_level: float

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {name: plain(getattr(self, name)) for name in self.__slots__}


_TO: dict[Scale, Callable[[float], float]] = {
    "plain": lambda value: value,
    "log": lambda value: float(np.log(value)),
    "logit": lambda value: float(np.log(value / (1.0 - value))),
}
_FROM: dict[Scale, Callable[[float], float]] = {
    "plain": lambda value: value,
    "log": lambda value: float(np.exp(value)),
    "logit": lambda value: float(expit(value)),
}


def read_centres(centre: Any, n: int) -> tuple[list[str], Ints]:
    """Labels of the centres and each patient's place among them.

    Raises
    ------
    InputError
        If there are fewer than two, or a patient's is missing.
    """
    labels, codes = distinct(centre, n, "centre")
    if len(labels) < 2:
        found = f"every patient is of {label_of(labels[0])!r}" if labels else "there are no rows"
        raise InputError("centre", found, "Leave it out, or give two centres or more")
    return [label_of(each) for each in labels], codes


def across_centres(
    statistic: str,
    follow_up: FollowUp,
    values: Floats,
    labels: list[str],
    codes: Ints,
    in_centre: InCentre,
    *,
    scale: Scale = "plain",
    conf_level: float = 0.95,
    fewest_events: int = FEWEST_EVENTS,
) -> AcrossCentres:
    """Estimate a statistic in every centre and pool it (Debray and others 2017, BMJ 356:i6460).

    Parameters
    ----------
    statistic : str
        Its name.
    follow_up : FollowUp
    values : array, shape (patients,)
        Predictions.
    labels, codes
        As `read_centres` gives them.
    in_centre : callable
        Makes the estimate of one centre.
    scale : {"plain", "log", "logit"}
        Scale of pooling, on which the estimates' standard errors are (for "logit", natural ones
        are carried over).
    conf_level : float
    fewest_events : int
        Centres with fewer events are left out, and named.
    """
    check_level(conf_level)
    one_number(fewest_events, "fewest_events")
    found: dict[str, Estimate] = {}
    left_out: dict[str, str] = {}
    for k, label in enumerate(labels):
        chosen = codes == k
        part = follow_up.of(chosen)
        if part.events < fewest_events:
            left_out[label] = f"{part.events} events, fewer than {fewest_events}"
            continue
        try:
            each = in_centre(part, values[chosen])
        except InputError as error:
            left_out[label] = error.found
            continue
        if not (np.isfinite(each.estimate) and each.se > 0.0):
            left_out[label] = "no finite estimate with a standard error"
            continue
        if scale == "logit" and not 0.0 < each.estimate < 1.0:
            left_out[label] = f"{each.estimate:g} has no place on the logit scale"
            continue
        found[label] = each
    pooled = _pooled(found, scale, conf_level)
    back = _FROM[scale]
    limits = dict.fromkeys(_LIMITS, float("nan"))
    if pooled is not None:
        ends = pooled.prediction if len(found) > 2 else (None, None)
        known = zip(_LIMITS, (pooled.estimate, pooled.lower, pooled.upper, *ends), strict=True)
        limits |= {name: back(each) for name, each in known if each is not None}
    return AcrossCentres(
        statistic=statistic,
        by_centre=found,
        left_out=left_out,
        **limits,
        tau2=float("nan") if pooled is None else pooled.tau2,
        scale=scale,
        conf_level=conf_level,
    )


_LIMITS = ("estimate", "lower", "upper", "prediction_lower", "prediction_upper")


def _pooled(found: dict[str, Estimate], scale: Scale, conf_level: float) -> PooledEffect | None:
    if len(found) < 2:
        return None
    from debulk.evidence.pooling.random_effects import pool

    values = [_TO[scale](each.estimate) for each in found.values()]
    errors = [_error_on(each, scale) for each in found.values()]
    return pool(
        values,
        errors,
        names=list(found),
        conf_level=conf_level,
        prediction="t(k-2)" if len(found) > 2 else "as interval",
    )


def _error_on(each: Estimate, scale: Scale) -> float:
    """Standard error on the scale of pooling: a share's is carried over to the logit."""
    if scale == "logit":
        return each.se / (each.estimate * (1.0 - each.estimate))
    return each.se
