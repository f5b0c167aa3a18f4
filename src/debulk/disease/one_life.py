"""One virtual patient, lesion by lesion, under systemic therapy with or without local treatment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, get_args

import numpy as np

import debulk
from debulk.core.anatomy import ORGAN_CODE, ORGANS
from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Parameter, Provenance
from debulk.core.results import plain
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease.course.care import LocalTreatment
from debulk.disease.course.outcome import CAUSES, RESPONSES, Course
from debulk.disease.course.run import run_course
from debulk.disease.extents import METASTATIC, metastatic_extent
from debulk.disease.growth import STEP_DAYS
from debulk.disease.model import DiseaseModel, load_model
from debulk.disease.observables import ctdna_vaf
from debulk.disease.presenters import Presenters, draw_presenters
from debulk.treatments import load_modalities, load_regimens, modality_tables, plan_many

Option = Literal["systemic", "local", "null"]
"""Systemic therapy alone, local treatment added, or a sham in its place."""

EXTENT_NAMES = tuple(each.name for each in METASTATIC)
"""Extents that a patient may be asked for with, by name."""

HORIZON_MONTHS = 60.0
RUN_IN_STEPS = 3
"""Steps of 21 days before lesions are judged: about three cycles."""

RUN_IN_MONTHS = RUN_IN_STEPS * STEP_DAYS / DAYS_PER_MONTH
"""The same in months: the course counts from its end, this room from the start of line 1."""

LOCAL_STEP = RUN_IN_STEPS + 2
"""Step of local treatment: six weeks after the judgement."""

_BIRTHS, _MOST_TRIALS = 400, 40


@dataclass(frozen=True, slots=True)
class OneLife:
    """A virtual patient's course, lesion by lesion.

    Attributes
    ----------
    seed : int
    extent, regimen, option : str
    patient : dict
        Age, sex, WHO performance status, markers at presentation.
    months : tuple of float
        Since the start of line 1, every nine weeks.
    lesions : tuple of dict
        ``organ``, ``of_start`` (whether there at the start), ``diameter_mm`` and ``shown`` at each
        month (None where there is none), ``modality`` planned for it (None for none).
    whole : dict
        ``volume_ml``, ``ctdna_vaf`` (of a tumour that sheds as the median patient's does),
        ``lesions_seen``, ``occult``, ``line``, ``drug`` at each month.
    events : dict
        ``local_months``, ``progression_months``, ``death_months``, ``cause``, ``response``.
    provenance : Provenance
    """

    seed: int
    extent: str
    regimen: str
    option: str
    patient: dict[str, Any]
    months: tuple[float, ...]
    lesions: tuple[dict[str, Any], ...]
    whole: dict[str, Any]
    events: dict[str, Any]
    provenance: Provenance

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        names = ("seed", "extent", "regimen", "option", "patient", "months", "lesions")
        content = {name: plain(getattr(self, name)) for name in names}
        content |= {"whole": plain(self.whole), "events": plain(self.events)}
        return {**content, "provenance": self.provenance.to_dict()}


def live_one(
    *,
    seed: int = 17,
    extent: str = "multi_organ_limited",
    regimen: str = "capox",
    option: Option = "local",
    without: tuple[str, ...] = (),
) -> OneLife:
    """Follow one virtual patient of the central parameter set, lesion by lesion.

    Parameters
    ----------
    seed : int
        0 to 1,000,000; the same seed and extent are the same patient under every option.
    extent : str
        Out of `EXTENT_NAMES`, as imaging shows at presentation.
    regimen : str
        Card of the first line.
    option : {"systemic", "local", "null"}
    without : tuple of str
        Mechanisms that are off.

    Raises
    ------
    InputError
        If a word is unknown, or no such patient is found.
    """
    if not 0 <= seed <= 1_000_000:
        raise InputError("seed", f"{seed}", "Give 0 to 1,000,000")
    if extent not in EXTENT_NAMES:
        raise InputError("extent", f"{extent!r}", nearest(extent, EXTENT_NAMES))
    if option not in get_args(Option):
        raise InputError("option", f"{option!r}", nearest(option, get_args(Option)))
    cards = load_regimens()
    if regimen not in cards:
        raise InputError("regimen", f"no card {regimen!r}", nearest(regimen, cards))
    model = load_model().central().without(*without)
    if option == "null":
        model = model.null_world()
    person = _found(seed, extent)
    kill = np.array([cards[regimen].kill_factor.value])
    local = None if option == "systemic" else _local(model, person, seed, kill)
    course = run_course(
        model,
        person,
        seed=seed,
        randomised_step=RUN_IN_STEPS,
        local=local,
        horizon_months=HORIZON_MONTHS - RUN_IN_MONTHS,
        kill_factor=kill,
        follow_lesions=True,
    )
    asked = {"extent": extent, "regimen": regimen, "option": option}
    return OneLife(
        seed=seed,
        extent=extent,
        regimen=regimen,
        option=option,
        patient=_patient(person),
        months=tuple(float(each) for each in _watch(course).months),
        lesions=_lesions(person, course, local),
        whole=_whole(course),
        events=_events(course),
        provenance=_provenance(seed, asked, without),
    )


@lru_cache(maxsize=64)
def _found(seed: int, extent: str) -> Presenters:
    """The first presenter of the seed with this extent; mechanisms do not change who comes."""
    model, tables = load_model().central(), modality_tables(load_modalities())
    wanted = EXTENT_NAMES.index(extent)
    for trial in range(_MOST_TRIALS):
        drawn = draw_presenters(model, seed=seed, first_trial=trial, trials=1, births=_BIRTHS)
        rows = np.flatnonzero(metastatic_extent(drawn, tables)[0] == wanted)
        if rows.size:
            return drawn.take(rows[:1])
    found = f"no patient among {_MOST_TRIALS * _BIRTHS:,} people with bowel cancer"
    raise InputError("extent", found, "Give another seed")


def _local(
    model: DiseaseModel, person: Presenters, seed: int, kill: np.ndarray[Any, Any]
) -> LocalTreatment:
    """Treat what the cards can of what imaging shows after the first cycles, as trials do."""
    seen = run_course(
        replace(model, null=False),
        person,
        seed=seed,
        randomised_step=RUN_IN_STEPS,
        horizon_months=HORIZON_MONTHS,
        kill_factor=kill,
        stop_after_run_in=True,
    )
    tables = modality_tables(load_modalities())
    single = seen.run_in_visible & (person.copies <= 1.0)
    plans = plan_many(
        np.where(single, person.organ, ORGAN_CODE["primary"]).astype(np.int8),
        np.where(single, seen.run_in_diameter_mm, np.nan),
        person.near_vessel.astype(np.int8),
        person.offsets,
        np.full(1, np.nan),
        np.zeros(1),
        tables,
    )
    step = np.array([LOCAL_STEP], dtype=np.int16)
    return LocalTreatment(tables=tables, modality=plans.modality, step=step)


def _watch(course: Course) -> Any:
    return course.watch


def _patient(person: Presenters) -> dict[str, Any]:
    return {
        "age_years": int(person.age_years[0]),
        "sex": "female" if person.female[0] else "male",
        "who_ps": int(person.who_ps[0]),
        "synchronous": bool(person.synchronous[0]),
        "primary_in_situ": bool(person.primary_in_situ[0]),
        "metastases": int(person.copies[person.visible].sum()),
        "occult": int(person.copies[~person.visible & (person.cells >= 1.0)].sum()),
    }


def _lesions(
    person: Presenters, course: Course, local: LocalTreatment | None
) -> tuple[dict[str, Any], ...]:
    followed = course.followed
    assert followed is not None
    found = []
    for place in np.flatnonzero(followed.organ[0] >= 0):
        of_start = bool(place < person.lesions)
        code = -1 if local is None or not of_start else int(local.modality[place])
        sizes = followed.diameter_mm[0, place]
        found.append(
            {
                "lesion": f"{'L' if of_start else 'N'}{place + 1}",
                "organ": ORGANS[followed.organ[0, place]],
                "of_start": of_start,
                "stands_for": float(person.copies[place]) if of_start else 1.0,
                "modality": None if code < 0 or local is None else local.tables.names[code],
                "diameter_mm": [round(float(each), 2) for each in sizes],
                "shown": [bool(each) for each in followed.shown[0, place]],
            }
        )
    return tuple(found)


def _whole(course: Course) -> dict[str, Any]:
    seen, followed = _watch(course), course.followed
    assert followed is not None
    alive = followed.diameter_mm[0] > 0.0
    occult = (alive & ~followed.shown[0]).sum(axis=0)
    return {
        "volume_ml": [round(float(each), 3) for each in seen.volume_ml[0]],
        "living_cells": [float(each) for each in seen.living_cells[0]],
        "ctdna_vaf": [float(each) for each in ctdna_vaf(seen.living_cells[0])],
        "lesions_seen": [float(each) for each in seen.lesions_seen[0]],
        "occult": [int(each) for each in occult],
        "line": [float(each) for each in seen.line[0]],
        "drug": [round(float(each), 3) for each in seen.drug[0]],
    }


def _events(course: Course) -> dict[str, Any]:
    return {
        "local_months": float(course.local_months[0]) + RUN_IN_MONTHS,
        "progression_months": float(course.progression_months[0]) + RUN_IN_MONTHS,
        "death_months": float(course.death_months[0]) + RUN_IN_MONTHS,
        "cause": CAUSES[course.cause[0]],
        "response": RESPONSES[course.response[0]],
        "line_start_months": [float(each) + RUN_IN_MONTHS for each in course.line_start_months[0]],
    }


def _provenance(seed: int, asked: dict[str, str], without: tuple[str, ...]) -> Provenance:
    told = {**asked, "without": ", ".join(without) or "none"}
    return Provenance(
        version=debulk.__version__,
        seed=seed,
        parameters=tuple(Parameter(name, value, "chosen", "user") for name, value in told.items()),
        remarks=(
            "One virtual patient of the central parameter set: an illustration, no prediction.",
            "Lesions beyond the forty largest of the start are lumped by class of organ.",
        ),
    )
