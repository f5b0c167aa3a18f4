"""Natural histories and courses of metastatic disease a second, and the memory of many patients."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import numpy as np

from benchmarks.row import Row, best_seconds
from debulk.core.compiled import use_threads
from debulk.core.errors import InputError
from debulk.disease.course.care import Care, LocalTreatment
from debulk.disease.course.run import run_course
from debulk.disease.model import DiseaseModel, load_model, prior_model
from debulk.disease.presenters import Presenters, draw_presenters
from debulk.disease.targets.evaluation import evaluate_targets
from debulk.treatments import load_modalities, modality_tables
from debulk.trials import counterfactual

BIRTHS = 60_000
COURSES = 3_000
TWO_ARM = 1_000
FIRST_LINE_SUM_MM = 20.0
RESECTABLE_LESIONS = 4
CHUNK_BIRTHS = 20_000
PROCESSED = (10_000, 100_000)
EVALUATED = 20_000

PROTOTYPE = {
    "natural histories": (74_000, "births/s"),
    "first-line courses, 8 years": (13_050, "patients/s"),
    "courses after liver resection, 10 years": (17_600, "patients/s"),
}
"""What the throwaway prototype behind the design did in a second on one core."""

_CHUNKS = f"""
import resource, sys
from debulk.core.compiled import use_threads
from debulk.disease.course.run import run_course
from debulk.disease.model import prior_model
from debulk.disease.presenters import draw_presenters
use_threads(1)
model, left, trial = prior_model(), int(sys.argv[1]), 0
while left > 0:
    drawn = draw_presenters(model, seed=1, first_trial=trial, trials=1, births={CHUNK_BIRTHS})
    run_course(model, drawn, seed=1, randomised_step=3, horizon_months=96)
    left, trial = left - len(drawn), trial + 1
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def rows() -> list[Row]:
    """Births, courses of three kinds on one thread and on all, then answers whole, then memory."""
    model = prior_model()
    measured = []
    for threads in sorted({1, use_threads(None)}):
        use_threads(threads)
        measured += _speeds(model, f"{threads} thread{'s' if threads > 1 else ''}")
    use_threads(None)
    measured += _answers()
    measured += [
        Row(what, "prototype of the design", value, unit, "1 thread, as the design reports it")
        for what, (value, unit) in PROTOTYPE.items()
    ]
    for patients in PROCESSED:
        note = f"{patients:,} patients in chunks, 1 thread"
        measured.append(Row("peak memory of courses", "debulk", _peak_mb(patients), "MB", note))
    return measured


def _speeds(model: DiseaseModel, note: str) -> list[Row]:
    drawn = draw_presenters(model, seed=1, first_trial=0, trials=1, births=BIRTHS)
    first_line, resected = _first_line(drawn), _resectable(drawn)
    pair = first_line.take(np.arange(TWO_ARM))
    plan = _resection_of(pair, step=4)

    def births() -> object:
        return draw_presenters(model, seed=1, first_trial=0, trials=1, births=BIRTHS)

    def courses() -> object:
        return run_course(model, first_line, seed=1, randomised_step=3, horizon_months=96)

    operation = _resection_of(resected, step=0)
    care = Care("after progression", repeat_resection=1.0)

    def resections() -> object:
        return run_course(
            model,
            resected,
            seed=1,
            randomised_step=0,
            horizon_months=120,
            local=operation,
            care=care,
        )

    def two_arms() -> object:
        return [
            run_course(model, pair, seed=1, randomised_step=3, horizon_months=96, local=local)
            for local in (None, plan)
        ]

    def rate(what: str, count: int, work: Callable[[], object], unit: str) -> Row:
        return Row(what, "debulk", count / best_seconds(work, repeats=3), unit, note)

    return [
        rate("natural histories", BIRTHS, births, "births/s"),
        rate("first-line courses, 8 years", len(first_line), courses, "patients/s"),
        rate("courses after liver resection, 10 years", len(resected), resections, "patients/s"),
        Row(
            f"two arms of the same {TWO_ARM:,} patients, 8 years",
            "debulk",
            best_seconds(two_arms, repeats=3),
            "s",
            note,
        ),
    ]


def _answers() -> list[Row]:
    """What a user waits for, on all threads: every target, and both arms of a trial's patients."""
    try:
        model = load_model()
        note = f"all threads, {model.draws} draws packaged"
    except InputError:
        model, note = prior_model(), "all threads, medians of the priors: no posterior is packaged"

    def evaluation() -> object:
        return evaluate_targets(model, patients=EVALUATED)

    def both_arms() -> object:
        return counterfactual("orchestra", model, patients=TWO_ARM)

    return [
        Row(
            f"all targets, {EVALUATED:,} patients in each cohort",
            "debulk",
            best_seconds(evaluation, repeats=2),
            "s",
            note,
        ),
        Row(
            f"counterfactual of orchestra, {TWO_ARM:,} patients in both arms",
            "debulk",
            best_seconds(both_arms, repeats=3),
            "s",
            note,
        ),
    ]


def _owner(drawn: Presenters) -> np.ndarray:
    return np.repeat(np.arange(len(drawn)), np.diff(drawn.offsets))


def _first_line(drawn: Presenters) -> Presenters:
    diameters = np.bincount(_owner(drawn), drawn.visible * drawn.diameter_mm, len(drawn))
    fit = (diameters >= FIRST_LINE_SUM_MM) & (drawn.who_ps <= 1)
    return drawn.take(np.flatnonzero(fit)[:COURSES])


def _resectable(drawn: Presenters) -> Presenters:
    """Patients with few visible metastases, all in the liver, and no primary in place."""
    owner = _owner(drawn)
    visible = np.bincount(owner, drawn.visible, len(drawn))
    liver = np.bincount(owner, drawn.visible & (drawn.organ == 0), len(drawn))
    fit = (visible == liver) & (visible <= RESECTABLE_LESIONS) & ~drawn.primary_in_situ
    return drawn.take(np.flatnonzero(fit)[:COURSES])


def _resection_of(drawn: Presenters, step: int) -> LocalTreatment:
    """Resection of every visible liver metastasis."""
    tables = modality_tables(load_modalities())
    liver = drawn.visible & (drawn.organ == 0)
    modality = np.where(liver, tables.names.index("liver_resection"), -1).astype(np.int8)
    return LocalTreatment(tables, modality, np.full(len(drawn), step))


def _peak_mb(patients: int) -> float:
    """Largest resident memory of a process of its own that follows so many patients, in MB."""
    command = [sys.executable, "-c", _CHUNKS, str(patients)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024.0
