# mypy: disable-error-code="no-any-return"
# The model is a record, which has no static types.
"""The course of one patient under systemic and local treatment, in steps of 21 days."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.core.compiled import kernel
from debulk.core.streams import patient_key, uniform
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease import decisions
from debulk.disease.course_local import (
    drug_level,
    give_local,
    plan_local,
    secondary_resection,
)
from debulk.disease.course_seeding import seed_metastasis
from debulk.disease.course_state import (
    NEVER,
    NOT_ASSESSED,
    VISIT_STEPS,
    WAITING,
)
from debulk.disease.course_visits import LESION_SHARES, assess, take_baseline, visit_due
from debulk.disease.decisions import AGAIN, FIRST_LINE, ONCE, WHOLE
from debulk.disease.growth import (
    CLASS_OF_ORGAN,
    LN_CAPACITY,
    PRIMARY,
    STEP_DAYS,
    cells_of_diameter,
    diameter_of_cells,
    seen_factor,
)
from debulk.disease.inner import inner
from debulk.disease.latents import (
    cascade_weights,
    immune_kill,
    kill_rate,
    pace,
    resistance_logit,
    z_frailty,
    z_growth,
    z_shedding,
)
from debulk.disease.response import acquired, partition, survive, table_value, treated_step
from debulk.disease.seeding import is_field

_VISIT_PHASE = decisions.VISIT_PHASE
_FLUX = decisions.FLUX
_EXTINCTION_S = decisions.EXTINCTION_S
_EXTINCTION_R = decisions.EXTINCTION_R
_DEATH = decisions.DEATH
_MAINTAINED = decisions.MAINTAINED


@kernel
def courses_of_block(
    record: Any,
    table: Any,
    setting: Any,
    plan: Any,
    seeds: tuple[int, int],
    people: Any,
    offsets: Any,
    lesions: Any,
    kill_factor: Any,
    run_in: Any,
    outcome: Any,
    work: Any,
    start: int,
    stop: int,
) -> None:
    """Courses of patients `start` to `stop`, written into their rows of `run_in` and `outcome`.

    Parameters
    ----------
    seeds : (int, int)
        Seed of the latent variables, and of the course.
    people : (trial, patient, steps to live through)
    lesions : (organ, cells, growth) of the presenters, flat
    run_in : (diameter_mm, visible), flat
    work : see `debulk.disease.course_state.work_space`
    """
    p = record[0]
    state, space, volumes, weights = work
    for row in range(start, stop):
        latent = patient_key(seeds[0], people[0][row], people[1][row])
        key = patient_key(seeds[1], people[0][row], people[1][row])
        s, o = state[0], outcome[row]
        _open_patient(p, latent, s, o, kill_factor[row])
        _open_lesions(p, key, s, space, offsets[row], offsets[row + 1], lesions, plan.modality)
        cascade_weights(p, latent, weights)
        plan_local(p, key, s, space, plan, row, setting.randomised_step)
        _set_visits(key, s, o)
        s.baseline = take_baseline(p, s, space)
        _live(
            p,
            table,
            key,
            latent,
            s,
            space,
            setting,
            people[2][row],
            plan,
            volumes,
            weights,
            offsets[row],
            run_in,
            o,
        )
        _close(s, setting, o)


@inner
def _open_patient(p: Any, latent: np.uint64, s: Any, o: Any, kill_factor: float) -> None:
    speed = z_growth(latent)
    slow = pace(p, latent)
    frail = z_frailty(latent)
    s.step = 0
    s.line = 1
    s.failed = 0
    s.line_start = 0
    s.again = 0
    s.stopped = 0
    s.maintained = 1 if uniform(latent, _MAINTAINED, WHOLE, ONCE) < p.maintained else 0
    s.speed = speed
    s.kill_factor = kill_factor
    s.kill = kill_factor * kill_rate(p, latent, speed, FIRST_LINE)
    s.logit = resistance_logit(p, latent, speed, FIRST_LINE)
    s.immune = immune_kill(p, latent)
    s.shed_rate = p.fsec_course * slow * p.mu * math.exp(p.smu * z_shedding(p, latent, speed))
    s.median_growth = slow * p.bM * math.exp(p.sbM * speed)
    s.frail = p.hmax * math.exp(p.sfrail * frail)
    s.background = p.h0 * math.exp(p.sfrail0 * frail)
    s.threshold = cells_of_diameter(p.ddet)
    s.pace = -1.0
    s.surge = 0.0
    s.surge_end = 0
    s.pause_start = np.inf
    s.pause_end = -np.inf
    s.fresh = 0
    s.progressed = 0
    s.local_step = NEVER
    s.local_done = 0
    s.operative_day = np.inf
    s.resections = 0
    s.death_day = np.inf
    o.death_months = np.inf
    o.progression_months = np.inf
    o.eligible_at_randomisation = False
    o.response = NOT_ASSESSED
    o.local_months = np.nan
    o.visible_at_local = 0
    o.treated = 0
    o.treated_visible = 0
    o.used = 0
    o.controlled = 0
    o.died_within_90_days = False
    o.systemic_days_lost = 0.0
    o.best_change = np.nan


@inner
def _open_lesions(
    p: Any,
    key: np.uint64,
    s: Any,
    space: Any,
    first: int,
    end: int,
    lesions: Any,
    modality: Any,
) -> None:
    """Fill the slots; without occult disease, lesions that imaging does not show are deleted."""
    s.lesions = end - first
    s.own = end - first
    s.total = 0.0
    for slot in range(end - first):
        row = first + slot
        kind = CLASS_OF_ORGAN[lesions[0][row]]
        cells = lesions[1][row]
        if p.on_occult == 0.0 and kind != PRIMARY and cells < s.threshold * seen_factor(p, kind):
            cells = 0.0
        sensitive, resistant = partition(p, key, LESION_SHARES, slot, FIRST_LINE, s.logit, cells)
        space.sensitive[slot] = sensitive
        space.resistant[slot] = resistant
        space.growth[slot] = lesions[2][row]
        space.kind[slot] = kind
        space.organ[slot] = lesions[0][row]
        space.modality[slot] = modality[row] if kind != PRIMARY else -1
        s.total += cells


@inner
def _set_visits(key: np.uint64, s: Any, o: Any) -> None:
    """Visits every nine weeks from a random phase, so that times do not fall on one grid."""
    chance = uniform(key, _VISIT_PHASE, WHOLE, ONCE)
    s.phase = 1 + int(chance * VISIT_STEPS)
    s.jitter = uniform(key, _VISIT_PHASE, WHOLE, AGAIN) - 0.5
    o.visit_phase_months = (s.phase + s.jitter) * STEP_DAYS / DAYS_PER_MONTH


@inner
def _live(
    p: Any,
    table: Any,
    key: np.uint64,
    latent: np.uint64,
    s: Any,
    space: Any,
    setting: Any,
    steps: int,
    plan: Any,
    volumes: Any,
    weights: Any,
    first: int,
    run_in: Any,
    o: Any,
) -> None:
    """The loop: the order of events in a step is that of the model's description."""
    for step in range(steps):
        s.step = step
        if step == s.local_step and (s.progressed == 0 or plan.after_progression):
            give_local(p, key, s, space, plan, setting.randomised_step, o)
            if s.local_done > 0 and not plan.sham:
                s.baseline = take_baseline(p, s, space)
                s.fresh = 1
        drug_level(p, s, o)
        _set_pace(p, s, space)
        _grow(p, table, key, s, space, volumes)
        seed_metastasis(p, key, s, space, weights)
        if _dies(p, key, s, volumes):
            return
        if visit_due(s, setting.randomised_step):
            assess(p, key, latent, s, space, setting, o)
            if s.local_step == WAITING and s.progressed > 0:
                s.local_step = max(step + 1, setting.randomised_step)
        if step + 1 == setting.randomised_step:
            o.eligible_at_randomisation = s.progressed == 0
            _look(p, s, space, first, run_in)
        if step == 5 and setting.secondary_resection > 0.0:
            secondary_resection(p, key, s, space, setting.secondary_resection)
            if s.resections > 0:
                s.baseline = take_baseline(p, s, space)


@inner
def _set_pace(p: Any, s: Any, space: Any) -> None:
    """Renew what growth takes of the room in a step, when the pace of growth changes."""
    surge = s.surge if s.step < s.surge_end else 0.0
    factor = (1.0 + surge) * math.exp(p.acc * s.failed)
    if factor == s.pace:
        return
    s.pace = factor
    for slot in range(s.lesions):
        space.decay[slot] = 1.0 - math.exp(-space.growth[slot] * STEP_DAYS * factor)


@inner
def _grow(p: Any, table: Any, key: np.uint64, s: Any, space: Any, volumes: Any) -> None:
    """Growth, kill, acquired resistance, immunity and extinction of every lesion."""
    for kind in range(6):
        volumes[kind] = 0.0
    total, shedding = 0.0, 0.0
    sensitives, resistants, decays, kinds = (
        space.sensitive,
        space.resistant,
        space.decay,
        space.kind,
    )
    defended = s.total < p.imm_total and s.immune > 0.0
    defence = p.imm_gain * s.immune * STEP_DAYS / (1.0 + s.total / p.imm_half)
    step, kill, sheds = s.step, s.strength * s.kill, s.shed_rate > 0.0
    # Loops over numbers of the record are slow: what the loop needs is read once.
    seed_cells, imm_cells, field = p.seed_cells, p.imm_cells, p.field
    most, spared, flux = p.kpmax, p.rhoR, p.flux * p.uacq_course * s.level * STEP_DAYS
    penetration, shedding_row = table[0], table[1]
    for slot in range(s.lesions):
        sensitive, resistant = sensitives[slot], resistants[slot]
        cells = sensitive + resistant
        if cells <= 0.0:
            continue
        room = LN_CAPACITY - math.log(cells)
        gain = room * decays[slot]
        kind = kinds[slot]
        if cells > seed_cells and sheds and kind != PRIMARY:
            shed = table_value(shedding_row, room)
            shedding += shed * field if is_field(kind) else shed
        if defended and cells < imm_cells:
            gain -= defence * (1.0 - cells / imm_cells)
        if kill > 0.0:
            sensitive, resistant = treated_step(
                most, spared, sensitive, resistant, gain, kill, room, penetration
            )
            if flux > 0.0:
                moved = acquired(key, _FLUX, slot, step, flux * sensitive, sensitive)
                sensitive -= moved
                resistant += moved
        else:
            factor = math.exp(gain)
            sensitive *= factor
            resistant *= factor
        sensitive = survive(key, _EXTINCTION_S, slot, step, sensitive)
        resistant = survive(key, _EXTINCTION_R, slot, step, resistant)
        sensitives[slot] = sensitive
        resistants[slot] = resistant
        total += sensitive + resistant
        volumes[kind] += (sensitive + resistant) * 1e-9
    s.total = total
    s.shedding = shedding


@inner
def _organ_hazard(p: Any, volumes: Any) -> float:
    """Sum of the organs' Hill terms, or the one of the pooled load."""
    if p.on_organ_death == 0.0:
        pooled = 0.0
        for kind in range(6):
            pooled += volumes[kind]
        return _hill(p, pooled / (p.c0_pooled * p.cscale))
    terms = _hill(p, volumes[0] / (p.c0_liver * p.cscale))
    terms += _hill(p, volumes[1] / (p.c0_lung * p.cscale))
    terms += _hill(p, volumes[2] / (p.c0_per * p.cscale))
    terms += _hill(p, volumes[3] / (p.c0_ln * p.cscale))
    terms += _hill(p, volumes[4] / (p.c0_oth * p.cscale))
    return terms + _hill(p, volumes[5] / (p.c0_prim * p.cscale))


@kernel
def _hill(p: Any, load: float) -> float:
    if load <= 0.0:
        return 0.0
    power = math.exp(p.hill * math.log(load))
    return power / (1.0 + power)


@inner
def _dies(p: Any, key: np.uint64, s: Any, volumes: Any) -> bool:
    """Hazard of the step, and whether the patient dies in it; sets the day of death."""
    hazard = s.background * (1.0 + p.h0_step * s.step) + p.h_drug * s.level
    hazard += s.frail * math.exp(p.psl * s.failed) * _organ_hazard(p, volumes)
    s.hazard = hazard
    step_hazard = hazard * STEP_DAYS / DAYS_PER_MONTH
    chance = uniform(key, _DEATH, WHOLE, s.step)
    day = s.step * STEP_DAYS
    if chance < 1.0 - math.exp(-step_hazard):
        s.death_day = day - math.log(1.0 - chance) / step_hazard * STEP_DAYS
    if s.operative_day < min(s.death_day, day + STEP_DAYS):
        s.death_day = s.operative_day
    return s.death_day < np.inf


@inner
def _look(p: Any, s: Any, space: Any, first: int, run_in: Any) -> None:
    """What imaging shows of the lesions of the start, at the end of the run-in."""
    for slot in range(s.own):
        cells = space.sensitive[slot] + space.resistant[slot]
        kind = space.kind[slot]
        run_in[0][first + slot] = 10.0 * diameter_of_cells(cells)
        run_in[1][first + slot] = kind != PRIMARY and cells >= s.threshold * seen_factor(p, kind)


@inner
def _close(s: Any, setting: Any, o: Any) -> None:
    """Turn days since the start into months from randomisation."""
    if s.death_day < np.inf:
        day = s.death_day - setting.randomised_step * STEP_DAYS
        o.death_months = day / DAYS_PER_MONTH
        if s.local_done > 0:
            o.died_within_90_days = s.death_day - s.local_step * STEP_DAYS <= 90.0
    if o.progression_months > o.death_months:
        o.progression_months = np.inf
