# mypy: disable-error-code="no-any-return"
# The model is a record, which has no static types.
"""The course of one patient after another under treatment, in steps of 21 days."""

from __future__ import annotations

from typing import Any

import numpy as np

from debulk.core.compiled import kernel
from debulk.core.streams import patient_key
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease import decisions
from debulk.disease.course.death import dies, organ_terms
from debulk.disease.course.drug import drug_level
from debulk.disease.course.growth_step import catch_up, grow, set_pace
from debulk.disease.course.local import give_local, plan_local, secondary_resection
from debulk.disease.course.opening import (
    open_lesions,
    open_outcome,
    open_patient,
    set_visits,
)
from debulk.disease.course.seeding import seed_metastasis
from debulk.disease.course.state import (
    AT_START,
    BASELINE,
    COMPLETE,
    COPIES,
    KIND,
    NO_LINE,
    PROGRESSIVE,
    RESISTANT,
    ROW,
    SEEN_FROM,
    SENSITIVE,
    VISIT_STEPS,
    WAITING,
)
from debulk.disease.course.visits import (
    assess,
    seen_cells,
    sums_of_diameters,
    take_baseline,
    visit_due,
)
from debulk.disease.course.watching import follow, watch
from debulk.disease.growth import PRIMARY, STEP_DAYS, diameter_of_cells
from debulk.disease.inner import hot, inner
from debulk.disease.latents import cascade_weights

_SECONDARY_STEP = decisions.typed(5)
_EARLY_STEP = decisions.typed(2)


@kernel
def courses_of_block(
    record: Any,
    life_tables: Any,
    setting: Any,
    plan: Any,
    seeds: tuple[int, int],
    people: Any,
    offsets: Any,
    lesions: Any,
    kill_factor: Any,
    run_in: Any,
    outcome: Any,
    lines: Any,
    watched: Any,
    work: Any,
    start: int,
    stop: int,
) -> None:
    """Courses of patients `start` to `stop`, written into their rows of the outputs.

    Parameters
    ----------
    record : structured array
        The model, a row a draw; trial t takes row t modulo their number.
    life_tables : float64[rows, 2, 111]
        Hazard from other causes, per month, of each row of the model.
    seeds : (int, int)
        Seed of the latent variables, and of the course.
    people : (trial, patient, steps to live through, age in years, female)
    lesions : (organ, cells, growth, copies) of the presenters, flat
    run_in : (diameter_mm, visible), flat
    lines : float64[n, 6]
        Start of lines 1 to 3, and their end.
    watched : (float32[WATCHED, n, columns], (diameter, shown, organ of each lesion))
        The second with no columns where single lesions are not followed.
    work : see `debulk.disease.course.state.work_space`
    """
    state, lesion, code, volumes, weights = work
    s = state[0]
    for row in range(start, stop):
        draw = people[0][row] % record.size
        p = record[draw]
        latent = patient_key(seeds[0], people[0][row], people[1][row])
        key = patient_key(seeds[1], people[0][row], people[1][row])
        o = outcome[row]
        open_patient(p, latent, key, s, setting, kill_factor[row], people[3][row], people[4][row])
        open_outcome(o, lines[row])
        open_lesions(
            p, key, s, lesion, code, offsets[row], offsets[row + 1], lesions, plan.modality
        )
        cascade_weights(p, latent, weights)
        plan_local(p, key, s, code, plan, row, setting.randomised_step)
        set_visits(key, s, o)
        _begin(p, s, lesion, code, volumes, setting, lines[row])
        if setting.watch:
            watch(p, s, lesion, code, watched[0], row, 0)
            follow(s, lesion, code, watched[1], row, 0)
        _live(
            p,
            life_tables[draw],
            key,
            latent,
            s,
            lesion,
            code,
            setting,
            people[2][row],
            plan,
            volumes,
            weights,
            offsets[row],
            run_in,
            o,
            lines[row],
            watched,
            row,
        )
        catch_up(p, key, s, lesion, code)
        _close(s, lesion, code, setting, o, lines[row])


@inner
def _begin(p: Any, s: Any, lesion: Any, code: Any, volumes: Any, setting: Any, lines: Any) -> None:
    """First baseline and load, and the start of line 1 where it is given from the start."""
    for kind in range(6):
        volumes[kind] = 0.0
    for slot in range(s.lesions):
        cells = lesion[SENSITIVE + slot] + lesion[RESISTANT + slot]
        volumes[code[KIND + slot]] += cells * lesion[COPIES + slot] * 1e-9
    organ_terms(p, s, volumes)
    s.baseline = take_baseline(s, lesion, code)
    s.start_sum = s.baseline
    for slot in range(s.lesions):
        code[AT_START + slot] = code[BASELINE + slot]
    if s.line > NO_LINE and s.line <= setting.lines_most:
        first = setting.first_drug_step - setting.randomised_step
        lines[0] = first * STEP_DAYS / DAYS_PER_MONTH


@hot
def _live(
    p: Any,
    life_table: Any,
    key: np.uint64,
    latent: np.uint64,
    s: Any,
    lesion: Any,
    code: Any,
    setting: Any,
    steps: int,
    plan: Any,
    volumes: Any,
    weights: Any,
    first: int,
    run_in: Any,
    o: Any,
    lines: Any,
    watched: Any,
    row: int,
) -> None:
    """The loop: the order of events in a step is that of the model's description."""
    if setting.randomised_step == 0:
        o.eligible_at_randomisation = True
        _look(s, lesion, code, first, run_in)
    for step in range(steps):
        s.step = step
        if step == s.local_step and (s.progressed == 0 or plan.after_progression):
            removed = give_local(p, key, s, lesion, code, plan, setting.randomised_step, o)
            if removed and s.local_done > 0 and not plan.sham:
                s.baseline = take_baseline(s, lesion, code)
                s.fresh = 1
        drug_level(p, s, setting, o)
        if s.lesions > 0:
            set_pace(p, key, s, lesion, code)
            grow(p, key, s, lesion, code, volumes)
            seed_metastasis(p, key, s, lesion, code, weights)
        if dies(p, key, s, life_table, volumes, o):
            return
        if step == _EARLY_STEP and s.start_sum > 0.0 and s.progressed == 0 and s.local_done == 0:
            o.early_change = sums_of_diameters(p, s, lesion, code)[0] / s.start_sum - 1.0
        if s.lesions > 0 and visit_due(s, setting):
            assess(p, key, latent, s, lesion, code, setting, o, lines)
            if s.local_step == WAITING and s.progressed > 0:
                s.local_step = max(step + 1, setting.randomised_step)
        elif step + 1 == setting.randomised_step:
            o.response = COMPLETE if s.progressed == 0 else PROGRESSIVE
        if step + 1 == setting.randomised_step:
            o.eligible_at_randomisation = s.progressed == 0
            catch_up(p, key, s, lesion, code)
            _look(s, lesion, code, first, run_in)
        if step == _SECONDARY_STEP and secondary_resection(p, key, s, lesion, code, setting):
            s.baseline = take_baseline(s, lesion, code)
        if setting.watch and (step + 1) % VISIT_STEPS == 0:
            catch_up(p, key, s, lesion, code)
            column = (step + 1) // VISIT_STEPS
            watch(p, s, lesion, code, watched[0], row, column)
            follow(s, lesion, code, watched[1], row, column)


@inner
def _look(s: Any, lesion: Any, code: Any, first: int, run_in: Any) -> None:
    """What imaging shows of the lesions of the start, at the end of the run-in."""
    for slot in range(s.own):
        cells, row = seen_cells(lesion, slot), first + code[ROW + slot]
        run_in[0][row] = 10.0 * diameter_of_cells(cells)
        run_in[1][row] = code[KIND + slot] != PRIMARY and cells >= lesion[SEEN_FROM + slot]


@inner
def _close(s: Any, lesion: Any, code: Any, setting: Any, o: Any, lines: Any) -> None:
    """Turn days since the start into months from randomisation."""
    o.resections = s.resections
    living = 0.0
    for slot in range(s.lesions):
        if code[KIND + slot] != PRIMARY:
            living += lesion[SENSITIVE + slot] + lesion[RESISTANT + slot]
    o.tumour_free = living <= 0.0
    if s.death_day < np.inf:
        day = s.death_day - setting.randomised_step * STEP_DAYS
        o.death_months = day / DAYS_PER_MONTH
        if o.local_months == o.local_months:
            o.died_within_90_days = s.death_day - s.local_step * STEP_DAYS <= 90.0
    if o.progression_months > o.death_months:
        o.progression_months = np.inf
        o.progression_site = 0
    if o.liver_progression_months > o.death_months:
        o.liver_progression_months = np.inf
    for line in range(3):
        if lines[line] > o.death_months:
            lines[line] = lines[3 + line] = np.nan
        elif lines[line] == lines[line] and not lines[3 + line] <= o.death_months:
            lines[3 + line] = np.inf
