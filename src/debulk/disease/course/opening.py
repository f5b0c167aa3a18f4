# mypy: disable-error-code="no-any-return"
# The model and the state are records, which have no static types.
"""One patient at the start of the course: latent variables, lesions, visits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.core.streams import exponential, uniform
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease import decisions
from debulk.disease.course.growth_step import set_active
from debulk.disease.course.state import (
    AT_START,
    BASELINE,
    COPIES,
    DEAD,
    DEAD_LEFT,
    GROWTH,
    KIND,
    LN_CAPACITY,
    MODALITY,
    NEVER,
    NOT_ASSESSED,
    ORGAN,
    RESISTANT,
    ROW,
    SEEN_FROM,
    SENSITIVE,
    SLOTS,
    VISIT_STEPS,
)
from debulk.disease.decisions import AGAIN, FIRST_LINE, ONCE, WHOLE
from debulk.disease.growth import (
    CLASS_OF_ORGAN,
    LN_10,
    PRIMARY,
    STEP_DAYS,
    cells_of_diameter,
    seen_factor,
)
from debulk.disease.inner import inner
from debulk.disease.latents import (
    growth_of_metastases,
    immune_kill,
    kill_rate,
    resistance_logit,
    shedding_rate,
    z_aggressive,
    z_frailty,
    z_growth,
)
from debulk.disease.response import partition

LESION_SHARES = (decisions.LESION_RESISTANCE, decisions.RESISTANT_CELLS)
"""Streams of the resistant share of a lesion, and of its resistant cells."""

_VISIT_PHASE = decisions.VISIT_PHASE
_DEATH = decisions.DEATH
_MAINTAINED = decisions.MAINTAINED
_OCCULT = decisions.OCCULT
_TOLERANCE = decisions.TOLERANCE
_DAYS_PER_YEAR = 365.25


@inner
def open_patient(
    p: Any,
    latent: np.uint64,
    key: np.uint64,
    s: Any,
    setting: Any,
    kill_factor: float,
    age_years: float,
    female: int,
) -> None:
    """Latent variables and an empty history."""
    aggressive = z_aggressive(latent)
    s.aggressive = aggressive
    s.frailty = z_frailty(latent)
    s.step = 0
    s.line = setting.first_line
    s.failed = 0
    s.line_start = setting.first_drug_step
    s.again = 0
    s.stopped = 0
    s.tolerance = exponential(key, _TOLERANCE, WHOLE, FIRST_LINE)
    maintained = setting.maintained if setting.maintained >= 0.0 else p.maintained
    s.maintained = 1 if uniform(latent, _MAINTAINED, WHOLE, ONCE) < maintained else 0
    s.induction = (
        setting.induction_steps if setting.induction_steps >= 0 else int(p.induction_steps)
    )
    s.kill_factor = kill_factor
    s.kill = setting.era * kill_factor * kill_rate(p, latent, aggressive, FIRST_LINE)
    s.logit = resistance_logit(p, latent, aggressive, FIRST_LINE)
    s.immune = immune_kill(p, latent)
    s.immune_back = -np.inf
    rate, _ = shedding_rate(p, latent, aggressive)
    s.shed_rate = p.fsec_course * rate
    s.median_growth = growth_of_metastases(p, z_growth(p, latent, aggressive))
    s.frail = p.hmax * math.exp(p.sfrail * s.frailty)
    s.age_days = age_years * _DAYS_PER_YEAR
    s.female = female
    s.worn_pace = 1.0
    s.worn_frail = s.frail
    s.pace = -1.0
    s.surge = 0.0
    s.surge_start = 0.0
    s.reserve = 1.0
    s.dead = 0
    s.pause_start = np.inf
    s.pause_end = -np.inf
    s.preparing = 0
    s.level = 0.0
    s.strength = 0.0
    s.load = 0.0
    s.hazard = 0.0
    s.spent = 0.0
    s.due = exponential(key, _DEATH, WHOLE, ONCE)
    s.fresh = 0
    s.responding = 0
    s.progressed = 0
    s.liver_progressed = 0
    s.local_step = NEVER
    s.local_done = 0
    s.operative_day = np.inf
    s.resections = 0
    s.death_day = np.inf


@inner
def open_outcome(o: Any, lines: Any) -> None:
    """Nothing has happened yet."""
    o.death_months = np.inf
    o.cause = 0
    o.progression_months = np.inf
    o.liver_progression_months = np.inf
    o.progression_site = 0
    o.eligible_at_randomisation = False
    o.response = NOT_ASSESSED
    o.confirmed_response = False
    o.early_change = np.nan
    o.best_change = np.nan
    o.local_months = np.nan
    o.visible_at_local = 0
    o.treated = 0
    o.treated_visible = 0
    o.used = 0
    o.controlled = 0
    o.died_within_90_days = False
    o.systemic_days_lost = 0.0
    o.resections = 0
    o.tumour_free = False
    for column in range(6):
        lines[column] = np.nan


@inner
def open_lesions(
    p: Any,
    key: np.uint64,
    s: Any,
    lesion: Any,
    code: Any,
    first: int,
    end: int,
    lesions: Any,
    modality: Any,
) -> None:
    """Fill the slots, the largest first; without occult disease, what imaging hides goes."""
    s.lesions = end - first
    s.own = end - first
    s.total = 0.0
    s.shedding = 0.0
    s.pending = 0
    s.pending_kill = s.pending_flux = s.pending_defence = 0.0
    s.reach = 1.0 / max(LN_10 * p.cap_met - math.log(p.pen_cells), 1.0)
    for place in range(lesion.size):
        lesion[place] = 0.0
    for slot in range(SLOTS):
        lesion[SEEN_FROM + slot] = np.inf  # an empty slot is never seen
    _order(first, end, lesions[1], code)
    ct = cells_of_diameter(p.ddet)
    for slot in range(end - first):
        at = code[ROW + slot]
        row = first + at
        kind = CLASS_OF_ORGAN[lesions[0][row]]
        cells = lesions[1][row]
        seen_from = np.inf if kind == PRIMARY else ct * seen_factor(p, kind)
        occult = kind != PRIMARY and cells < seen_from
        if occult and p.on_occult < 1.0 and uniform(key, _OCCULT, at, ONCE) >= p.on_occult:
            cells = 0.0
        sensitive, resistant = partition(p, key, LESION_SHARES, at, FIRST_LINE, s.logit, cells)
        lesion[SENSITIVE + slot] = sensitive
        lesion[RESISTANT + slot] = resistant
        lesion[GROWTH + slot] = lesions[2][row]
        lesion[COPIES + slot] = lesions[3][row]
        code[KIND + slot] = kind
        code[ORGAN + slot] = lesions[0][row]
        code[MODALITY + slot] = modality[row] if kind != PRIMARY else -1
        furnish_slot(p, lesion, code, slot, kind, seen_from)
        s.total += cells * lesions[3][row]
    set_active(s, lesion)


@inner
def _order(first: int, end: int, cells: Any, code: Any) -> None:
    """Rows of a patient's lesions by falling size; insertion, since most come in that order."""
    for slot in range(end - first):
        mine, place = cells[first + slot], slot
        while place > 0 and cells[first + code[ROW + place - 1]] < mine:
            code[ROW + place] = code[ROW + place - 1]
            place -= 1
        code[ROW + place] = slot


@inner
def furnish_slot(p: Any, lesion: Any, code: Any, slot: int, kind: int, seen_from: float) -> None:
    """What follows from the class of organ of a lesion."""
    lesion[LN_CAPACITY + slot] = LN_10 * (p.cap_primary if kind == PRIMARY else p.cap_met)
    lesion[SEEN_FROM + slot] = seen_from
    lesion[DEAD + slot] = 0.0
    lesion[DEAD_LEFT + slot] = 0.0
    code[BASELINE + slot] = False
    code[AT_START + slot] = False


@inner
def open_slot(s: Any, lesion: Any) -> int:
    """A free slot for a new metastasis behind the active ones; `SLOTS` if there is none."""
    slot = max(s.own, s.active)
    while slot < s.lesions and lesion[SENSITIVE + slot] + lesion[RESISTANT + slot] > 0.0:
        slot += 1
    return min(slot, SLOTS)


@inner
def set_visits(key: np.uint64, s: Any, o: Any) -> None:
    """Visits every nine weeks from a random phase, so that times do not fall on one grid."""
    chance = uniform(key, _VISIT_PHASE, WHOLE, ONCE)
    s.phase = 1 + int(chance * VISIT_STEPS)
    s.shift = 0
    s.jitter = uniform(key, _VISIT_PHASE, WHOLE, AGAIN) - 0.5
    o.visit_phase_months = (s.phase + s.jitter) * STEP_DAYS / DAYS_PER_MONTH
