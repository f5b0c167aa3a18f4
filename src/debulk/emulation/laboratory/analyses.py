"""Every method that the laboratory scores, each called in the same way."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np

from debulk.core.results import Estimate
from debulk.emulation.answers import Answer, Contrast
from debulk.emulation.grace import GracePeriod, Timing
from debulk.emulation.laboratory.cells import Cell
from debulk.emulation.person_time import Floats, PersonTime

Found = tuple[Answer, Mapping[str, Mapping[str, Estimate | None]]]
"""A method's answer, and by the name of each interval the estimates of `CONTRASTS`."""

CONTRASTS = ("hazard_ratio", "rmst_difference")

NUMBERS = tuple(
    f"{what}_{number}"
    for what in ("log_hr", "rmst")
    for number in ("estimate", "se", "lower", "upper")
)
"""What is kept of each analysis of each registry."""

SANDWICH, KNOWN_WEIGHTS, BOOTSTRAP = "sandwich", "known-weights", "bootstrap"
_CLONES = "clone-censor-weight"
ONLY = "usual"
"""Name of the interval of a method that has one."""


@dataclass(frozen=True, slots=True)
class Request:
    """How a registry is analysed.

    Attributes
    ----------
    tau_months : float
    bootstrap : int
        Replicates; 0 for none.
    seed : int
        Of the bootstrap.
    """

    tau_months: float
    bootstrap: int
    seed: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """One method under one set of strategies.

    Attributes
    ----------
    name : str
        As the table of bias calls it.
    contrast : {"strategies", "treated or not"}
        What its hazard ratio compares.
    timing : {"natural", "uniform"}
        Whose truth it is held against.
    intervals : tuple of str
        The intervals it gives, the usual one first.
    clones : bool
        Whether it is clone-censor-weight with time-varying covariates, which checks can look at.
    run : callable
        Of person-time, grace period and request.
    """

    name: str
    contrast: Contrast
    timing: Timing
    intervals: tuple[str, ...]
    clones: bool
    run: Callable[[PersonTime, GracePeriod, Request], Found]


def analyses_of(cell: Cell) -> tuple[Analysis, ...]:
    """Every method scored in a cell, in the order of the table."""
    # What knows no grace period is held against the first timing asked for.
    first = cell.timings[0]
    intervals = (SANDWICH, KNOWN_WEIGHTS, *((BOOTSTRAP,) if cell.bootstrap else ()))
    usual = tuple(
        Analysis(name, _contrast(name), first, (ONLY,), False, run) for name, run in _USUAL.items()
    )
    clones = tuple(
        Analysis(f"{_CLONES}-{timing}", "strategies", timing, intervals, True, _clones)
        for timing in cell.timings
    )
    name = f"{_CLONES}-time-zero"
    frozen = Analysis(name, "strategies", first, (SANDWICH,), False, _clones_at_time_zero)
    return (*usual, frozen, *clones)


def _contrast(name: str) -> Contrast:
    return "treated or not" if name in _TREATED_OR_NOT else "strategies"


def numbers_of(analysis: Analysis, found: Found) -> Floats:
    """A row of `NUMBERS` for each interval; NaN for what the method does not tell."""
    rows = np.full((len(analysis.intervals), len(NUMBERS)), math.nan)
    for row, interval in zip(rows, analysis.intervals, strict=True):
        ratio, rmst = (found[1].get(interval, {}).get(name) for name in CONTRASTS)
        if ratio is not None and ratio.estimate > 0.0:
            limits = [math.log(each) if each > 0.0 else math.nan for each in _limits(ratio)]
            row[:4] = math.log(ratio.estimate), ratio.se, *limits
        if rmst is not None:
            row[4:] = rmst.estimate, rmst.se, *_limits(rmst)
    return rows


def _limits(estimate: Estimate) -> tuple[float, float]:
    return estimate.lower, estimate.upper


@dataclass(frozen=True, slots=True)
class _Usual:
    """A method that gives one interval: where it lives, and what it is asked beside the horizon."""

    module: str
    function: str
    asked: Mapping[str, Any]

    def __call__(self, person_time: PersonTime, grace: GracePeriod, asked: Request) -> Found:
        method = getattr(import_module(f"debulk.emulation.methods.{self.module}"), self.function)
        answer = method(person_time, grace, tau_months=asked.tau_months, curves=False, **self.asked)
        return answer, {ONLY: {name: getattr(answer, name) for name in CONTRASTS}}


def _clones(person_time: PersonTime, grace: GracePeriod, asked: Request) -> Found:
    from debulk.emulation.clones.fit import clone_censor_weight

    answer = clone_censor_weight(
        person_time,
        grace,
        tau_months=asked.tau_months,
        interval=(SANDWICH, KNOWN_WEIGHTS, *((BOOTSTRAP,) if asked.bootstrap else ())),
        replicates=asked.bootstrap,
        seed=asked.seed,
        workers=1,
    )
    return answer, answer.intervals


def _clones_at_time_zero(person_time: PersonTime, grace: GracePeriod, asked: Request) -> Found:
    """Weights that know nothing after time zero."""
    frozen = replace(person_time, values=person_time.values[person_time.first[person_time.patient]])
    return _clones(frozen, grace, replace(asked, bootstrap=0))


_USUAL = {
    "naive": _Usual("naive", "naive_ever_never", {}),
    "naive-adjusted": _Usual("naive", "naive_ever_never", {"adjusted": True}),
    "landmark": _Usual("landmark", "landmark_groups", {}),
    "landmark-adjusted": _Usual("landmark", "landmark_groups", {"adjusted": True}),
    "baseline-inverse-weights": _Usual(
        "baseline", "baseline_weighting", {"weights": "inverse-probability"}
    ),
    "baseline-overlap-weights": _Usual("baseline", "baseline_weighting", {"weights": "overlap"}),
    "mantel-byar": _Usual("time_dependent", "mantel_byar", {}),
    "time-varying-cox": _Usual(
        "time_dependent", "time_varying_cox", {"covariates": "time-varying"}
    ),
    "sequential-trials": _Usual("sequential", "sequential_trials", {}),
}

_TREATED_OR_NOT = ("mantel-byar", "time-varying-cox")

TITLES: dict[str, str] = {
    "naive": "Naive, ever against never treated",
    "naive-adjusted": "Naive, adjusted at time zero",
    "landmark": "Landmark at the end of the grace period",
    "landmark-adjusted": "Landmark at the end of the grace period, adjusted",
    "baseline-inverse-weights": "Treated at the first visit or not, inverse probability weights",
    "baseline-overlap-weights": "Treated at the first visit or not, overlap weights",
    "mantel-byar": "Time-dependent Cox without covariates (Mantel-Byar)",
    "time-varying-cox": "Time-dependent Cox with time-varying covariates",
    "sequential-trials": "Sequential trials",
    "clone-censor-weight-time-zero": "Clone-censor-weight, covariates of time zero alone",
    "clone-censor-weight-natural": "Clone-censor-weight, natural timing",
    "clone-censor-weight-uniform": "Clone-censor-weight, uniform timing",
}
"""Each method in words."""
