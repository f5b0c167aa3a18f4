"""Intervals of the three contrasts, by each way of making one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from debulk.core.compiled import use_threads
from debulk.core.errors import InputError
from debulk.core.results import Estimate
from debulk.emulation.clones.analysis import NO_ROWS, Analysis
from debulk.emulation.clones.bootstrap import NEWTON_STEPS, resample
from debulk.emulation.clones.influence import residual_influence
from debulk.emulation.person_time import Floats
from debulk.survival.curves.limits import normal_width
from debulk.survival.options import check_word, shown, whole_number

Interval = Literal["sandwich", "known-weights", "bootstrap", "bootstrap-percentile", "bca"]
"""How intervals are made."""

INTERVAL_WORDS: Mapping[str, str] = {
    "sandwich": "sandwich over patients that counts the estimation of the weights",
    "known-weights": "sandwich over patients, weights taken as known",
    "bootstrap": "bootstrap of patients with the weight models refitted, normal interval",
    "bootstrap-percentile": "bootstrap of patients with the weight models refitted, percentiles",
    "bca": "bootstrap of patients with the weight models refitted, BCa",
}

BOOTSTRAPS = frozenset(("bootstrap", "bootstrap-percentile", "bca"))
"""Intervals that are made from replicates."""

NAMES = ("hazard_ratio", "rmst_difference", "risk_difference")
_MOST_FAILED = 0.01


def read_intervals(interval: str | tuple[str, ...]) -> tuple[str, ...]:
    """Names of intervals, checked.

    Raises
    ------
    InputError
        If one is not known, or there is none.
    """
    if not isinstance(interval, str | tuple | list) or not interval:
        raise InputError("interval", f"{shown(interval)} names none", "Say 'sandwich'")
    wanted = (interval,) if isinstance(interval, str) else tuple(interval)
    for each in wanted:
        check_word(each, Interval, "interval")
    return wanted


def all_intervals(
    analysis: Analysis,
    wanted: tuple[str, ...],
    replicates: int,
    seed: int,
    workers: int | None,
    conf_level: float,
) -> tuple[dict[str, dict[str, Estimate]], dict[str, int]]:
    """Every interval asked for, and what happened to the bootstrap's replicates.

    Raises
    ------
    InputError
        If more than 1 % of the replicates failed.
    """
    influence = analysis.influence()
    found: dict[str, dict[str, Estimate]] = {}
    adjusted, draws = influence, None
    tally: dict[str, int] = {}
    if set(wanted) - {"known-weights"}:
        adjusted = residual_influence(influence, analysis.scores())
    if BOOTSTRAPS & set(wanted):
        draws, tally = drawn(analysis, replicates, seed, workers)
    width = normal_width(conf_level)
    for each in wanted:
        limits = []
        for contrast in range(3):
            values = influence if each == "known-weights" else adjusted
            limits.append(
                _limits(
                    each,
                    analysis.effect[contrast],
                    values[:, contrast],
                    None if draws is None else draws[:, contrast],
                    width,
                )
            )
        found[each] = _estimates(analysis, limits, conf_level, INTERVAL_WORDS[each])
    return found, tally


def drawn(
    analysis: Analysis, replicates: int, seed: int, workers: int | None
) -> tuple[Floats, dict[str, int]]:
    """Contrasts of the replicates that could be fitted, and how many could not.

    Raises
    ------
    InputError
        If more than 1 % could not.
    """
    for name, value, least in (("replicates", replicates, 2), ("seed", seed, 0)):
        whole_number(value, name, least, 2**63 - 1)
    chunks = 4 * use_threads(workers)
    starting, completing = (each.model_rows for each in analysis.decisions)
    losing = analysis.loss[1] if analysis.loss else NO_ROWS
    data = analysis.resampled()
    found = resample(
        analysis.timeline,
        starting,
        completing,
        losing,
        data,
        replicates,
        seed,
        chunks,
        NEWTON_STEPS,
    )
    usable = np.isfinite(found[:, 0])
    failed = int(replicates - np.count_nonzero(usable))
    if failed > _MOST_FAILED * replicates:
        raise InputError(
            "bootstrap",
            f"{failed} of {replicates} replicates could not be fitted (a visit without treatment, "
            "a strategy without follow-up to the horizon, or a singular model)",
            "Let the month enter as a spline, use fewer terms, or an earlier horizon",
        )
    return found[usable], {"replicates": replicates, "failed": failed, "seed": seed}


def _limits(
    name: str,
    estimate: float,
    influence: Floats,
    draws: npt.NDArray[np.float64] | None,
    width: float,
) -> tuple[float, float, float]:
    """Standard error and limits of one contrast on the scale of its estimate."""
    if draws is None or name in ("sandwich", "known-weights"):
        error = float(np.sqrt(influence @ influence))
        return error, estimate - width * error, estimate + width * error
    error = float(np.std(draws, ddof=1))
    if name == "bootstrap":
        return error, estimate - width * error, estimate + width * error
    bounds = np.array([-width, width])
    if name == "bca":
        bounds = _bca_bounds(bounds, estimate, influence, draws)
    lower, upper = np.quantile(draws, ndtr(bounds))
    return error, float(lower), float(upper)


def _bca_bounds(bounds: Floats, estimate: float, influence: Floats, draws: Floats) -> Floats:
    """Normal quantiles moved for bias and acceleration (Efron 1987, JASA 82:171).

    The acceleration comes from the influence, without refits.
    """
    half = 0.5 / draws.size  # no replicate below the estimate would be an infinite correction
    share = np.clip(np.mean(draws < estimate), half, 1.0 - half)
    bias = float(ndtri(share))
    acceleration = float(np.sum(influence**3) / (6.0 * np.sum(influence**2) ** 1.5))
    moved = bias + bounds
    found: Floats = bias + moved / (1.0 - acceleration * moved)
    return found


def _estimates(
    analysis: Analysis, limits: list[tuple[float, float, float]], conf_level: float, note: str
) -> dict[str, Estimate]:
    person_time = analysis.person_time
    n, events = person_time.patients, int(np.count_nonzero(person_time.cause == 1))
    control, local = analysis.grace.names
    competing = bool(np.any(person_time.cause > 1))
    mean = "months before the event" if competing else "restricted mean survival time"
    risk = "cumulative incidence of the event" if competing else "risk of the event"
    versus, horizon = f"{local} minus {control}", f"to {analysis.tau:g} months"
    kind = "cause-specific hazard ratio" if competing else "hazard ratio"
    estimands = (
        f"{kind}, {local} against {control}",
        f"difference in {mean} {horizon}, {versus}",
        f"difference in {risk} {horizon}, {versus}",
    )
    found = {}
    for contrast, name in enumerate(NAMES):
        estimate, (error, lower, upper) = float(analysis.effect[contrast]), limits[contrast]
        if np.isnan(estimate):
            continue
        values = (estimate, lower, upper)
        shown = tuple(float(np.exp(each)) for each in values) if contrast == 0 else values
        found[name] = Estimate(
            estimand=estimands[contrast],
            estimate=shown[0],
            se=error,
            lower=shown[1],
            upper=shown[2],
            conf_level=conf_level,
            n=n,
            events=events,
            p=float(2.0 * ndtr(-abs(estimate) / error)) if error > 0.0 else None,
            note=note + ("; standard error of the logarithm" if contrast == 0 else ""),
        )
    return found
