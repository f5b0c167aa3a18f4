"""ORCHESTRA's question put to MSK-CHORD: by the packaged plan, and by whatever departs from it.

Nothing here is chosen by how near an answer comes to the trial's: every variant is a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from debulk.core.errors import InputError
from debulk.emulation import Answer, Emulation, WeightModel, e_value, emulate
from debulk.emulation.methods.time_dependent import mantel_byar
from debulk.patients import Cohort
from debulk.survival import cox

PROTOCOL = "orchestra"
TOLD: Mapping[str, Any] = {
    "share": "any",
    "unknown": "assume-met",
    "require": ("E3",),
    "missing": "indicator",
}
"""What this registry forces on whoever asks: it names no lesion of a treatment, and leaves criteria
and covariates unknown."""

PLANNED = (
    "age_years",
    "primary_site",
    "braf",
    "organs_involved",
    "response",
    "who_ps",
    "log1p(cea_ug_l)",
)
"""The plan's covariates without `lesions`, which in this registry are organs, and without
`sum_diameters_mm`, which nobody has."""

MEASURED = (
    "age_years",
    "primary_site",
    "n_organs_at_metastases",
    "who_ps",
    "log1p(cea_ug_l)",
)
"""Covariates picked by what the registry knows, after a look at it."""

SPLINE = WeightModel(month="spline")
SPECIMEN = "with_specimen"
SPECIMEN_OR_RADIATION = "with_specimen or name = 'radiation' or name = 'radioembolisation'"


@dataclass(frozen=True)
class Variant:
    """One way to put the question, with either timing.

    Attributes
    ----------
    group, what : str
    options : mapping
        Beside `TOLD`.
    cohort : str
        "all", or "seen": those under observation at time zero; "untruncated": late entry ignored.
    """

    group: str
    what: str
    options: Mapping[str, Any]
    cohort: str = "all"


VARIANTS = (
    Variant("covariates", "the packaged plan to the letter", {}),
    Variant(
        "covariates", "**the packaged plan**, without the covariate `lesions`",
        {"covariates": PLANNED},
    ),
    Variant(
        "covariates", "and without `response`",
        {"covariates": tuple(each for each in PLANNED if each != "response")},
    ),
    Variant(
        "covariates", "without `lesions`, CEA as it is, no logarithm",
        {"covariates": (*PLANNED[:-1], "cea_ug_l")},
    ),
    Variant("covariates", "covariates that the registry measures", {"covariates": MEASURED}),
    Variant("covariates", "no covariate", {"covariates": ()}),
    Variant("grace period", "3 months", {"grace_months": 3.0}),
    Variant(
        "grace period", "12 months, month as a spline",
        {"grace_months": 12.0, "model": SPLINE},
    ),
    Variant("month in the model", "spline", {"model": SPLINE}),
    Variant("time zero", "start of the first line", {"time_zero": "first-line"}),
    Variant("time zero", "metastatic diagnosis", {"time_zero": "metastatic-diagnosis"}),
    Variant("eligibility", "two organs not required where unknown", {"require": ()}),
    Variant("left truncation", "ignored", {}, "untruncated"),
    Variant("left truncation", "only those sequenced by time zero", {}, "seen"),
    Variant("local treatment", "operations", {"local_rule": "name = 'surgery'"}),
    Variant(
        "local treatment", "those with a specimen, month as a spline",
        {"local_rule": SPECIMEN, "model": SPLINE},
    ),
    Variant(
        "local treatment", "those with a specimen, or radiation",
        {"local_rule": SPECIMEN_OR_RADIATION},
    ),
    Variant(
        "local treatment", "radiation, month as a spline",
        {"local_rule": "name = 'radiation'", "model": SPLINE},
    ),
)  # fmt: skip
"""Outside the group `covariates` the covariates are `MEASURED`."""


@dataclass(frozen=True)
class Answered:
    """A variant with its answers by timing; a refusal is its text."""

    variant: Variant
    natural: Emulation | str
    uniform: Emulation | str


def all_methods(chord: Cohort, covariates: tuple[str, ...]) -> Emulation:
    """Every method side by side, timing natural as planned."""
    return emulate(chord, PROTOCOL, method="all", covariates=covariates, **TOLD)


def answered(chord: Cohort) -> list[Answered]:
    """Every variant under both timings."""
    cohorts = {"all": chord, "untruncated": _untruncated(chord)}
    cohorts["seen"] = _seen(chord, emulate(chord, PROTOCOL, covariates=MEASURED, **TOLD))
    return [
        Answered(
            each,
            _ask(cohorts[each.cohort], each, "natural"),
            _ask(cohorts[each.cohort], each, "uniform"),
        )
        for each in VARIANTS
    ]


def person_time_rows(emulation: Emulation) -> list[tuple[str, Answer]]:
    """Mantel and Byar's ratio, and what it becomes when some treatments do not count."""
    person_time, grace = emulation.person_time, emulation.grace
    start = person_time.start_months
    progressed = person_time.progression_months <= start
    late = start >= grace.visits * person_time.visit_months
    tau = emulation.answer.tau_months
    counted = {
        "any local treatment counts": np.zeros(start.size, dtype=np.bool_),
        "treatment after progression does not count": progressed,
        "nor does treatment after the grace period": progressed | late,
        "only treatment after progression counts": ~progressed,
    }
    found = []
    for what, aside in counted.items():
        kept = replace(person_time, start_months=np.where(aside, np.nan, start))
        kept = replace(kept, complete_months=kept.start_months)
        answer = mantel_byar(kept, grace, tau_months=tau, curves=False)
        found.append((what, answer))
    return found


def beside_progression(emulation: Emulation) -> dict[str, tuple[float, float, float]]:
    """Treated person-time and progressed person-time beside each other in one model."""
    person_time = emulation.person_time
    start, worse = (
        np.nan_to_num(each, nan=np.inf)
        for each in (person_time.start_months, person_time.progression_months)
    )
    end = person_time.time_months
    cuts = [person_time.entry_months, np.minimum(start, worse), np.maximum(start, worse), end]
    cuts = [np.clip(each, person_time.entry_months, end) for each in cuts]
    spans = pl.concat(
        pl.DataFrame(
            {
                "start": before,
                "end": after,
                "dead": (person_time.cause == 1) & (after == end),
                "treated": start <= before,
                "progressed": worse <= before,
            }
        ).filter(pl.col("start") < pl.col("end"))
        for before, after in pairwise(cuts)
    )
    model = cox(
        spans, time="end", event="dead", entry="start", covariates=["treated", "progressed"]
    )
    return {
        row["term"]: (row["hazard_ratio"], row["lower"], row["upper"])
        for row in model.hazard_ratios.iter_rows(named=True)
    }


def counts_of(emulation: Emulation) -> dict[str, int]:
    """How many patients the difference between the strategies rests on."""
    person_time, grace = emulation.person_time, emulation.grace
    start, visit = person_time.start_months, person_time.start_visit
    progressed = person_time.progression_months <= start
    inside = (visit >= 0) & (visit < grace.visits) & ~progressed
    first_out = np.where(np.isnan(start), np.inf, start)
    last = person_time.eligible & (person_time.visit == grace.deadline)
    patients = person_time.patient[last]
    open_ = patients[(visit[patients] < 0) | (visit[patients] >= grace.deadline)]
    unseen = person_time.entry_months > 0.0
    return {
        "treated": int(np.sum(~np.isnan(start))),
        "inside": int(np.sum(inside)),
        "after_progression": int(np.sum(progressed)),
        "progressed_first": int(
            np.sum((person_time.progression_months < grace.visits) & (
                person_time.progression_months <= first_out))
        ),
        "open_at_deadline": int(open_.size),
        "treated_at_deadline": int(
            np.sum((visit[open_] == grace.deadline) & ~progressed[open_])
        ),
        "late": int(np.sum(unseen)),
        "late_after_treatment": int(np.sum(inside & (person_time.entry_months >= start))),
    }  # fmt: skip


def e_value_words(emulation: Emulation) -> str:
    """E-value of the estimate, and of the limit nearer to 1 where the interval does not hold 1."""
    ratio = emulation.answer.hazard_ratio
    if ratio is None:
        return ""
    found = e_value(ratio)
    return f"{found.point:.2f}; {found.limit:.2f}"


def _ask(cohort: Cohort, variant: Variant, timing: str) -> Emulation | str:
    options = {**TOLD, **variant.options}
    if variant.group != "covariates":
        options["covariates"] = MEASURED
    try:
        return emulate(cohort, PROTOCOL, timing=timing, **options)
    except InputError as error:
        return str(error)


def _untruncated(chord: Cohort) -> Cohort:
    unknown = pl.lit(None, dtype=pl.Float64).alias("entry_months")
    return replace(chord, patients=chord.patients.with_columns(unknown))


def _seen(chord: Cohort, emulation: Emulation) -> Cohort:
    """Without those who came under observation after their time zero."""
    person_time = emulation.person_time
    names = np.array(person_time.patient_id, dtype=object)[person_time.entry_months > 0.0]
    late = pl.Series(names.tolist())
    tables = {
        name: table.filter(~pl.col("patient_id").is_in(late.implode()))
        for name, table in chord.tables.items()
    }
    return Cohort(**tables, record=chord.record)
