"""The course of metastatic disease: the same patients under systemic and local treatment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease.course.care import STANDARD_CARE, Care, LocalTreatment
from debulk.disease.course.checks import check_course, check_followed
from debulk.disease.course.kernel import courses_of_block
from debulk.disease.course.outcome import Course, Followed, Watch
from debulk.disease.course.state import (
    NEVER,
    OUTCOME,
    SLOTS,
    VISIT_STEPS,
    WATCHED,
    Plan,
    Setting,
    work_space,
)
from debulk.disease.growth import STEP_DAYS
from debulk.disease.life_table import other_cause_hazards
from debulk.disease.model import DiseaseModel
from debulk.disease.presenters import Presenters
from debulk.treatments.cards import SESSIONS

VISIT_INTERVAL_MONTHS = VISIT_STEPS * STEP_DAYS / DAYS_PER_MONTH
"""Months between visits until the first progression: nine weeks."""

_BLOCK = 256
_OPERATIONS = ("abdomen", "chest")


def run_course(
    model: DiseaseModel,
    presenters: Presenters,
    *,
    seed: int,
    randomised_step: int,
    local: LocalTreatment | None = None,
    horizon_months: float | npt.NDArray[np.float64],
    stop_after_run_in: bool = False,
    kill_factor: npt.ArrayLike | None = None,
    care: Care = STANDARD_CARE,
    watch: bool = False,
    follow_lesions: bool = False,
) -> Course:
    """Follow patients from the start of line 1 to death or the horizon.

    Two calls that differ in `local`, in `care` or in the model's mechanisms use the same random
    numbers for every other decision: patients meet themselves in the other arm. With a posterior,
    patients of trial t live by draw t modulo the number of draws.

    Parameters
    ----------
    model : DiseaseModel
    presenters : Presenters
    seed : int
        Of the draws of the course; latent variables belong to the presenters' own seed.
    randomised_step : int
        Length of the run-in on line 1, in steps of 21 days, 0 for none. An assessment is made at
        its end.
    local : LocalTreatment, optional
        None is systemic therapy alone. In a null world local treatment is a sham: it is counted
        (`local_months`, `visible_at_local`, `treated`), and changes nothing.
    horizon_months : float or float64[n]
        From randomisation, one for all or each patient's own; who lives longer is alive at the
        horizon.
    stop_after_run_in : bool
        Follow the run-in alone.
    kill_factor : float64[n], optional
        Kill of each patient's line 1 relative to the model's.
    care : Care
        Systemic therapy, resections outside the trial's arms, and imaging.
    watch : bool
        Whether to write down what the tumour does every nine weeks.
    follow_lesions : bool
        Whether to write down every lesion, too, at most of a thousand patients; implies `watch`.

    Returns
    -------
    Course

    Raises
    ------
    InputError
        If lengths do not fit the presenters or a number is out of its range.
    """
    check_course(presenters, seed, randomised_step, local, horizon_months)
    count = len(presenters)
    if follow_lesions:
        check_followed(count)
        watch = True
    horizon = np.broadcast_to(np.asarray(horizon_months, dtype=np.float64), (count,))
    steps = np.full(count, randomised_step, dtype=np.int64)
    if stop_after_run_in:
        horizon = np.full(count, np.inf)
    else:
        steps += np.ceil(horizon * DAYS_PER_MONTH / STEP_DAYS).astype(np.int64)
    record = model.record()
    columns = 1 + int(steps.max(initial=0)) // VISIT_STEPS if watch else 0
    outcome = np.zeros(count, dtype=OUTCOME)
    lines = np.empty((count, 6))
    watched = np.full((WATCHED, count if watch else 0, columns), np.nan, dtype=np.float32)
    followed = _room(count, columns if follow_lesions else 0)
    run_in = (np.zeros(presenters.lesions), np.zeros(presenters.lesions, dtype=np.bool_))
    arguments = (
        record,
        _life_tables(record),
        _setting(care, int(randomised_step), bool(watch)),
        _plan(presenters, local, model.null),
        (int(presenters.seed), int(seed)),
        (
            presenters.trial.astype(np.int64),
            presenters.patient,
            steps,
            presenters.age_years,
            presenters.female.astype(np.int64),
        ),
        presenters.offsets,
        (presenters.organ, presenters.cells, presenters.growth, presenters.copies),
        _kill_factor(kill_factor, count),
        run_in,
        outcome,
        lines,
        (watched, followed),
    )
    _in_blocks(arguments, count)
    course = _course(outcome, lines, watched, run_in, horizon)
    return replace(course, followed=Followed(*followed)) if follow_lesions else course


def _room(count: int, columns: int) -> tuple[Any, Any, Any]:
    """Room for every lesion of every patient at every column."""
    places = (count, SLOTS, columns) if columns else (0, 0, 0)
    return (
        np.full(places, np.nan, dtype=np.float32),
        np.zeros(places, dtype=np.bool_),
        np.full(places[:2], -1, dtype=np.int8),
    )


def _in_blocks(arguments: tuple[Any, ...], count: int) -> None:
    """Run the kernel on blocks of patients; each writes its own rows, so threads do not matter."""
    run: Any = courses_of_block
    blocks = [(start, min(start + _BLOCK, count)) for start in range(0, count, _BLOCK)]
    workers = min(numba.get_num_threads(), len(blocks))
    if workers <= 1:
        space = work_space()
        for block in blocks:
            run(*arguments, space, block[0], block[1])
        return
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(lambda block: run(*arguments, work_space(), block[0], block[1]), blocks):
            pass


def _course(
    outcome: Any, lines: Any, watched: Any, run_in: Any, horizon_months: npt.NDArray[np.float64]
) -> Course:
    columns = {name: outcome[name].copy() for name in OUTCOME.names or ()}
    late = columns["death_months"] > horizon_months
    columns["death_months"][late] = np.inf
    columns["cause"][late] = 0
    columns["died_within_90_days"][late] = False
    starts, ends = lines[:, :3].copy(), lines[:, 3:].copy()
    after = horizon_months[:, None]
    ends[starts > after] = np.nan
    starts[starts > after] = np.nan
    ends[ends > after] = np.inf
    for name in ("progression_months", "liver_progression_months"):
        columns[name][columns[name] > horizon_months] = np.inf
    columns["progression_site"][np.isinf(columns["progression_months"])] = 0
    seen = None
    if watched.shape[2]:
        months = np.arange(watched.shape[2]) * VISIT_INTERVAL_MONTHS
        seen = Watch(months, *watched)
    return Course(
        **columns,
        line_start_months=starts,
        line_end_months=ends,
        visit_interval_months=VISIT_INTERVAL_MONTHS,
        run_in_diameter_mm=run_in[0],
        run_in_visible=run_in[1],
        watch=seen,
    )


def _life_tables(record: Any) -> npt.NDArray[np.float64]:
    """Hazard from other causes for each row of the model."""
    years, row = np.unique(record["table_year"], return_inverse=True)
    tables = np.stack([other_cause_hazards(float(year)) for year in years])
    return np.ascontiguousarray(tables[row])


def _setting(care: Care, randomised_step: int, watch: bool) -> Setting:
    maintained = {"by chance": -1.0, "all": 1.0, "none": 0.0}
    last = care.last_drug_step if care.systemic == "lines" else None
    first = {"lines": 1, "none": 4, "after progression": 0}[care.systemic]
    return Setting(
        randomised_step=randomised_step,
        first_line=first if care.lines_most > 0 else 4,
        first_drug_step=int(care.first_drug_step),
        last_drug_step=NEVER if last is None else int(last),
        induction_steps=-1 if care.induction_steps is None else int(care.induction_steps),
        maintained=maintained[care.maintenance],
        era=float(care.era),
        lines_most=int(care.lines_most),
        secondary_resection=float(care.secondary_resection),
        repeat_resection=float(care.repeat_resection),
        new_lesion_factor=float(care.new_lesion_factor),
        watch=watch,
    )


def _kill_factor(kill_factor: npt.ArrayLike | None, count: int) -> npt.NDArray[np.float64]:
    if kill_factor is None:
        return np.ones(count)
    factor = np.ascontiguousarray(kill_factor, dtype=np.float64)
    if factor.shape != (count,):
        raise InputError("kill_factor", f"{factor.size} values", f"Give {count} values")
    if not bool(np.all(np.isfinite(factor) & (factor >= 0.0))):
        raise InputError("kill_factor", f"{factor.min()} is among them", "Give 0 or above")
    return factor


def _plan(presenters: Presenters, local: LocalTreatment | None, sham: bool) -> Plan:
    count, lesions = len(presenters), presenters.lesions
    if local is None:
        none, codes = np.zeros(1), np.zeros(1, dtype=np.int8)
        return Plan(
            step=np.full(count, NEVER, dtype=np.int64),
            modality=np.full(lesions, -1, dtype=np.int8),
            delivered=none,
            sham=sham,
            after_progression=False,
            operative_threshold=1.0,
            size_edges_mm=np.zeros(3),
            control=np.zeros((1, 11, 4)),
            liver_share=np.zeros((1, 4)),
            mortality=none,
            complication=none,
            before_days=none,
            after_days=none,
            resume=none,
            surge=none,
            operation=codes,
            radiates=codes,
            whole_organ=codes,
        )
    step = np.asarray(local.step).astype(np.int64)
    tables = local.tables
    operations = np.isin(tables.session, [SESSIONS.index(each) for each in _OPERATIONS])
    return Plan(
        step=np.where(step < 0, NEVER, step),
        modality=np.ascontiguousarray(local.modality, dtype=np.int8),
        delivered=np.full(count, local.delivered, dtype=np.float64),
        sham=sham,
        after_progression=bool(local.after_progression),
        operative_threshold=float(local.operative_threshold),
        size_edges_mm=np.ascontiguousarray(tables.size_edges_mm, dtype=np.float64),
        control=np.ascontiguousarray(tables.local_control, dtype=np.float64),
        mortality=np.ascontiguousarray(tables.mortality_90_days, dtype=np.float64),
        complication=np.ascontiguousarray(tables.major_complication, dtype=np.float64),
        before_days=np.ascontiguousarray(tables.pause_before_days, dtype=np.float64),
        after_days=np.ascontiguousarray(tables.pause_after_days, dtype=np.float64),
        resume=np.ascontiguousarray(tables.resume_probability, dtype=np.float64),
        surge=np.ascontiguousarray(tables.surge, dtype=np.float64),
        liver_share=np.ascontiguousarray(tables.remnant_use, dtype=np.float64),
        operation=operations.astype(np.int8),
        radiates=np.ascontiguousarray(tables.radiates, dtype=np.int8),
        whole_organ=np.ascontiguousarray(tables.whole_organ, dtype=np.int8),
    )
