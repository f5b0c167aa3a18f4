"""Proportions of single groups on the scale on which they are pooled, and back again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.special import expit

from debulk.core.errors import InputError
from debulk.evidence.effects.continuity import Correction
from debulk.evidence.effects.effect import (
    Effect,
    require_count,
    require_events,
    require_names,
    require_number,
)
from debulk.evidence.effects.limits import half_unit_of
from debulk.evidence.effects.study_effects import StudyEffects

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

ProportionScale = Literal["identity", "logit", "arcsine", "double arcsine"]
SCALES: tuple[ProportionScale, ...] = ("identity", "logit", "arcsine", "double arcsine")


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
    if scale not in SCALES:
        raise InputError("scale", f"{scale!r} is no scale of proportions", f"Give one of {SCALES}")
    added = correction if scale in ("identity", "logit") else 0.0
    x, rest = found + added, among - found + added
    if scale in ("identity", "logit") and 0.0 in (x, rest):
        told = f"{found:g} events in {among:g} patients have no standard error on this scale"
        remedy = "Correct the studies affected, or take an arcsine scale"
        raise InputError("events", told, remedy)
    estimate, variance = _on_scale(x, rest, scale)
    remarks = (Correction(added).remark,) if added else ()
    counts = int(found), int(among)
    return Effect(estimate, math.sqrt(variance), "events and patients", remarks, *counts)


def _on_scale(x: float, rest: float, scale: ProportionScale) -> tuple[float, float]:
    n = x + rest
    if scale == "identity":
        return x / n, x * rest / n**3
    if scale == "logit":
        return math.log(x / rest), 1.0 / x + 1.0 / rest
    if scale == "arcsine":
        return math.asin(math.sqrt(x / n)), 0.25 / n
    return float(double_arcsine(x / n, n)), 1.0 / (4.0 * n + 2.0)


def proportion_effects(
    events: Sequence[float],
    patients: Sequence[float],
    *,
    names: Sequence[str] | None = None,
    scale: ProportionScale = "logit",
    correction: Correction | None = None,
) -> StudyEffects:
    """Put the proportions of several studies on a scale, for pooling.

    Parameters
    ----------
    events, patients : sequence of float
        Whole numbers, one pair a study.
    names : sequence of str, optional
        What the studies are called; default 1, 2, ...
    scale : {"identity", "logit", "arcsine", "double arcsine"}
        As for `proportion_effect`.
    correction : Correction, optional
        Continuity correction of the identity and logit scales; default 0.5 to events and
        non-events of studies where one of them is 0.

    Raises
    ------
    InputError
        As `proportion_effect`, with the study.
    """
    labels = require_names(names, events=events, patients=patients)
    policy, pairs = correction or Correction(), list(zip(events, patients, strict=True))
    empty = [x in (0, n) for x, n in pairs]
    corrected = policy.applies(empty) if scale in ("identity", "logit") else [False] * len(pairs)
    effects = []
    for label, (x, n), amended in zip(labels, pairs, corrected, strict=True):
        try:
            added = policy.amount if amended else 0.0
            effects.append(proportion_effect(x, n, scale, correction=added))
        except InputError as error:
            where = f"study {label!r}, {error.where}"
            raise InputError(where, error.found, error.remedy) from None
    count = sum(corrected)
    return StudyEffects(
        names=labels,
        estimates=np.array([each.estimate for each in effects]),
        std_errors=np.array([each.se for each in effects]),
        measure="proportion",
        scale=scale,
        patients=tuple(int(n) for _, n in pairs),
        events=tuple(each.events for each in effects),
        remarks=(f"{policy.remark} of {count} of {len(pairs)} studies",) if count else (),
    )


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


def double_arcsine(p: Any, n: Any) -> Floats:
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
    least, most = double_arcsine(0.0, n), double_arcsine(1.0, n)
    inner = np.clip(found, least, most)
    sine = np.sin(2.0 * inner)
    inside = np.clip(1.0 - (sine + (sine - 1.0 / sine) / n) ** 2, 0.0, None)
    share = 0.5 * (1.0 - np.sign(np.cos(2.0 * inner)) * np.sqrt(inside))
    return np.where(found < least, 0.0, np.where(found > most, 1.0, share))
