"""Virtual cohorts selected and treated like the patients of whom aggregates are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from debulk.core.anatomy import ORGAN_CODE
from debulk.disease.census import take_census
from debulk.disease.course.care import Care
from debulk.disease.extents import (
    LIVER,
    METASTATIC,
    PRIMARY,
    metastatic_extent,
    treat_all_seen,
)
from debulk.disease.model import DiseaseModel
from debulk.disease.presenters import Presenters, draw_presenters
from debulk.disease.targets.cohorts import ERA_2000_TO_2012
from debulk.disease.targets.watched import first_new_lesion, regrowth
from debulk.treatments.library import load_modalities
from debulk.treatments.tables import modality_tables

if TYPE_CHECKING:
    from debulk.disease.course.outcome import Course, Watch

Sample = Mapping[str, npt.NDArray[np.float64]]
"""Columns of a virtual cohort by name; a row a patient, some columns with a column a visit."""

WATCH_MONTHS = 42.0
TCIA_MONTHS = 66.0

FLUOROURACIL_KILL = 0.6
"""Kill of fluorouracil alone relative to a doublet, assumed."""

SEVERAL_SHARE = 114 / 197
"""Patients with several metastases among the 197 of TCIA: the virtual cohort is given that mix."""

LUNG = ORGAN_CODE["lung"]
_FFCD_LEAST_MM = 20.0
_FFCD_WORST_WHO = 2
_FFCD_RESECTABLE = 3
_TCIA_EXTENTS = ("liver_1", "liver_2_4", "liver_5_more")


@dataclass(frozen=True, slots=True)
class CohortSpec:
    """A virtual cohort: how it is drawn, and what is assumed.

    Attributes
    ----------
    name, title : str
    draw : callable
        Takes the model, seed, draw and people with bowel cancer; gives the sample.
    assumptions : tuple of str
        How selection and treatment differ from those of the patients.
    """

    name: str
    title: str
    draw: Callable[[DiseaseModel, int, int, int], Sample]
    assumptions: tuple[str, ...]


def ffcd(model: DiseaseModel, seed: int, draw: int, births: int) -> Sample:
    """First-line patients like those of FFCD 2000-05, with their tumour sizes over time.

    Parameters
    ----------
    model : DiseaseModel
    seed : int
    draw : int
        Trial, and so the draw of the parameters.
    births : int
        People with bowel cancer.
    """
    from debulk.disease.course.run import run_course

    presenters = _presenters(model, seed, draw, births)
    kept = (
        (_sum_mm(presenters) >= _FFCD_LEAST_MM)
        & (presenters.who_ps <= _FFCD_WORST_WHO)
        & ~_few_in_one_organ(presenters)
    )
    cohort = presenters.take(kept)
    sequential = cohort.patient % 2 == 0
    course = run_course(
        model,
        cohort,
        seed=seed,
        randomised_step=0,
        horizon_months=WATCH_MONTHS,
        kill_factor=np.where(sequential, FLUOROURACIL_KILL, 1.0),
        care=Care(era=ERA_2000_TO_2012, secondary_resection=0.5, repeat_resection=0.5),
        watch=True,
    )
    assert course.watch is not None
    return ffcd_sample(course, course.watch)


def ffcd_sample(course: Course, watch: Watch) -> Sample:
    """What the summaries of FFCD need of a course that was watched."""
    sums = watch.sum_diameters_mm.astype(np.float64)
    entry = sums[:, 0]
    change = sums / entry[:, None] - 1.0
    new = np.nan_to_num(watch.new_lesion) > 0.0
    before = np.cumsum(new, axis=1) == 0
    later = before[:, 1:] & np.isfinite(change[:, 1:])
    best = np.where(later, change[:, 1:], np.inf).min(axis=1, initial=np.inf)
    return {
        "sum_mm": entry,
        "change": change,
        "best_change": np.where(np.isfinite(best), best, np.nan),
        "new_lesion_months": first_new_lesion(watch),
        "death_months": course.death_months.astype(np.float64),
        "growth": regrowth(watch),
        "months": np.broadcast_to(watch.months, sums.shape),
    }


def colon(model: DiseaseModel, seed: int, draw: int, births: int) -> Sample:
    """Stage III after resection, with and without adjuvant chemotherapy."""
    census = take_census(model, seed=seed, births=births, trial=draw)
    rows = census.stage == 3
    recurrence = np.nan_to_num(census.recurrence_months[rows], nan=np.inf)
    return {
        "adjuvant": census.adjuvant[rows].astype(np.float64),
        "recurrence_months": recurrence,
        "death_months": census.death_other_months[rows],
    }


def colon_without(model: DiseaseModel, seed: int, draw: int, births: int) -> Sample:
    """Stage III without adjuvant chemotherapy."""
    return _arm(colon(model, seed, draw, births), given=False)


def colon_with(model: DiseaseModel, seed: int, draw: int, births: int) -> Sample:
    """Stage III with adjuvant chemotherapy."""
    return _arm(colon(model, seed, draw, births), given=True)


def tcia(model: DiseaseModel, seed: int, draw: int, births: int) -> Sample:
    """Liver-only disease, resected at once."""
    presenters = _presenters(model, seed, draw, births)
    tables = modality_tables(load_modalities())
    extent, resectable = metastatic_extent(presenters, tables)
    rows = mixed(np.isin(extent, _codes(_TCIA_EXTENTS)), extent == _codes(("liver_1",))[0])
    cohort, course = treat_all_seen(
        model,
        presenters.take(rows),
        resectable[rows],
        tables,
        seed=seed,
        horizon_months=TCIA_MONTHS,
        care=Care(systemic="after progression", repeat_resection=1.0),
    )
    return {
        "death_months": course.death_months,
        "event_months": np.minimum(course.death_months, course.progression_months),
        "liver_months": course.liver_progression_months,
        "largest_mm": _largest_mm(cohort),
    }


def mixed(eligible: npt.NDArray[np.bool_], single: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Rows of the eligible, thinned so that `SEVERAL_SHARE` of them have several metastases."""
    one, several = np.flatnonzero(eligible & single), np.flatnonzero(eligible & ~single)
    ratio = (1.0 - SEVERAL_SHARE) / SEVERAL_SHARE
    one = one[: round(several.size * ratio)]
    several = several[: round(one.size / ratio)]
    return np.sort(np.concatenate([one, several]))


COHORTS: tuple[CohortSpec, ...] = (
    CohortSpec(
        "ffcd",
        "First line, FFCD 2000-05",
        ffcd,
        (
            "Selected: sum of diameters of 2 cm or more, WHO status 0 to 2, not up to "
            f"{_FFCD_RESECTABLE} metastases in liver or lung alone, which would be resected.",
            "Half, as in the sequential arm, get fluorouracil alone first: "
            f"{FLUOROURACIL_KILL:g} of the kill of a doublet, assumed. Every line "
            f"{ERA_2000_TO_2012:g} of the kill of later trials, assumed.",
            "The virtual patients are measured every nine weeks until death, two years at most; "
            "patients were measured a median of five times.",
        ),
    ),
    CohortSpec(
        "colon-without",
        "Stage III without adjuvant chemotherapy, colon",
        colon_without,
        (
            "Levamisole alone is taken for no treatment. Time runs from the diagnosis, the "
            "trial's from randomisation within five weeks of the operation.",
        ),
    ),
    CohortSpec(
        "colon-with",
        "Stage III with adjuvant chemotherapy, colon",
        colon_with,
        ("Levamisole with fluorouracil is taken for the model's adjuvant chemotherapy.",),
    ),
    CohortSpec(
        "tcia",
        "After liver resection, TCIA",
        tcia,
        (
            "Liver alone and resectable, in the mix of one and several metastases of the data "
            f"({100 * SEVERAL_SHARE:.0f} % several); 9 % of the patients had extrahepatic disease. "
            "No chemotherapy until recurrence, where many of the patients had it before.",
        ),
    ),
)
"""Every virtual cohort, and what is assumed of it."""


def _presenters(model: DiseaseModel, seed: int, draw: int, births: int) -> Presenters:
    return draw_presenters(model, seed=seed, first_trial=draw, trials=1, births=births)


def _arm(sample: Sample, *, given: bool) -> Sample:
    rows = (sample["adjuvant"] > 0.0) == given
    return {name: column[rows] for name, column in sample.items()}


def _codes(names: tuple[str, ...]) -> list[int]:
    known = [each.name for each in METASTATIC]
    return [known.index(name) for name in names]


def _sum_mm(presenters: Presenters) -> npt.NDArray[np.float64]:
    owner, seen = _seen(presenters)
    weights = (presenters.diameter_mm * presenters.copies)[seen]
    sums: npt.NDArray[np.float64] = np.bincount(
        owner[seen], weights=weights, minlength=len(presenters)
    ).astype(np.float64)
    return sums


def _few_in_one_organ(presenters: Presenters) -> npt.NDArray[np.bool_]:
    """Up to three metastases that imaging shows, all in the liver or all in a lung."""
    owner, seen = _seen(presenters)
    count = len(presenters)

    def lesions(rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        weights = presenters.copies[rows]
        return np.bincount(owner[rows], weights=weights, minlength=count).astype(np.float64)

    everywhere = lesions(seen)
    few = (everywhere > 0) & (everywhere <= _FFCD_RESECTABLE)
    alone = [lesions(seen & (presenters.organ == organ)) == everywhere for organ in (LIVER, LUNG)]
    return np.asarray(few & (alone[0] | alone[1]))


def _largest_mm(presenters: Presenters) -> npt.NDArray[np.float64]:
    owner, seen = _seen(presenters)
    seen &= presenters.organ == LIVER
    largest = np.zeros(len(presenters))
    np.maximum.at(largest, owner[seen], presenters.diameter_mm[seen])
    return largest


def _seen(presenters: Presenters) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    return presenters.owner, presenters.visible & (presenters.organ != PRIMARY)
