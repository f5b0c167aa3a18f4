"""Local treatment in the course: what it removes, what it costs, and the pause it makes."""

from __future__ import annotations

from typing import Any

import numpy as np

from debulk.core.streams import uniform
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease import decisions
from debulk.disease.course_state import NEVER, WAITING
from debulk.disease.decisions import ONCE, WHOLE
from debulk.disease.growth import LIVER, LUNG, PRIMARY, STEP_DAYS, diameter_of_cells, seen_factor
from debulk.disease.inner import inner

_DELIVERED = decisions.LOCAL_DELIVERED
_CONTROL = decisions.LOCAL_CONTROL
_DEATH = decisions.LOCAL_DEATH
_DEATH_TIME = decisions.LOCAL_DEATH_TIME
_RESUMED = decisions.LOCAL_RESUMED
_SECONDARY = decisions.SECONDARY_RESECTION
_RESECTION_CONTROL = decisions.RESECTION_CONTROL
_RESECTION_DEATH = decisions.RESECTION_DEATH
_RESECTION_DEATH_TIME = decisions.RESECTION_DEATH_TIME

_NONE = decisions.typed(0)
_PERIOPERATIVE_DAYS = 90.0
_SECONDARY_LESIONS = decisions.typed(5)
_SECONDARY_SHRINKAGE = 0.8


@inner
def plan_local(
    p: Any, key: np.uint64, s: Any, space: Any, plan: Any, row: int, randomised_step: int
) -> None:
    """Decide whether local treatment will be delivered, and when its pause begins."""
    step = plan.step[row]
    if step >= NEVER or uniform(key, _DELIVERED, WHOLE, ONCE) >= plan.delivered[row]:
        return
    if plan.after_progression:
        # Nobody can know when: no pause is made before it.
        s.local_step = WAITING
        return
    s.local_step = step
    if plan.sham:
        return
    before = 0.0
    for slot in range(s.own):
        if space.modality[slot] >= 0:
            before = max(before, plan.before_days[space.modality[slot]])
    if before > 0.0 and p.on_pause > 0.0:
        # Before randomisation nobody knows the arm.
        s.pause_start = max(step * STEP_DAYS - before, randomised_step * STEP_DAYS)
        s.pause_end = step * STEP_DAYS


@inner
def give_local(
    p: Any, key: np.uint64, s: Any, space: Any, plan: Any, randomised_step: int, o: Any
) -> None:
    """Treat each planned lesion that is still there; draw control, death, pause and surge.

    With nothing left to treat nothing is done.
    """
    used = _NONE  # a bit for each modality
    for slot in range(s.lesions):
        kind = space.kind[slot]
        cells = space.sensitive[slot] + space.resistant[slot]
        seen_cells = s.threshold * seen_factor(p, kind)
        seen = kind != PRIMARY and cells >= seen_cells
        if seen:
            o.visible_at_local += 1
        modality = space.modality[slot]
        if modality < 0 or cells <= 0.0 or cells < p.irel * seen_cells:
            continue
        used |= 1 << modality
        o.treated += 1
        if seen:
            o.treated_visible += 1
        if plan.sham:
            continue
        size = 0
        while size < 3 and 10.0 * diameter_of_cells(cells) > plan.size_edges_mm[size]:
            size += 1
        control = plan.control[modality, space.organ[slot], size]
        if uniform(key, _CONTROL, slot, ONCE) < control:
            o.controlled += 1
            _leave(space, slot, 0.0)
        else:
            _leave(space, slot, p.residual)
    if o.treated == 0:
        o.visible_at_local = 0
        return
    o.used = used
    o.local_months = (s.step - randomised_step) * STEP_DAYS / DAYS_PER_MONTH
    s.local_done = 1
    if not plan.sham:
        _price(p, key, s, plan, used)


@inner
def _leave(space: Any, slot: int, share: float) -> None:
    """Leave a share of a lesion's cells."""
    space.sensitive[slot] *= share
    space.resistant[slot] *= share


@inner
def _price(p: Any, key: np.uint64, s: Any, plan: Any, used: int) -> None:
    """What the modalities used cost: death, pause, drug not taken up again, surge."""
    alive, after, resume, surge = 1.0, 0.0, 1.0, 0.0
    for modality in range(plan.mortality.size):
        if used >> modality & 1:
            alive *= 1.0 - plan.mortality[modality]
            after = max(after, plan.after_days[modality])
            resume = min(resume, plan.resume[modality])
            surge = max(surge, plan.surge[modality])
    day = s.step * STEP_DAYS
    if uniform(key, _DEATH, WHOLE, ONCE) < p.on_operative_death * (1.0 - alive):
        s.operative_day = day + _PERIOPERATIVE_DAYS * uniform(key, _DEATH_TIME, WHOLE, ONCE)
    if p.on_pause > 0.0:
        s.pause_end = day + after
        s.pause_start = min(s.pause_start, day)
        if uniform(key, _RESUMED, WHOLE, ONCE) >= resume:
            s.stopped = 1
    else:
        s.pause_end = day
    s.surge = p.surge * surge
    s.surge_end = s.step + int(p.surge_steps)


@inner
def drug_level(p: Any, s: Any, o: Any) -> None:
    """Share of the step on drug, and its strength by the phase of therapy; counts days lost."""
    planned, strength = 0.0, 1.0
    if s.line <= 3:
        planned = 1.0
        if s.line == 1 and s.step - s.line_start >= p.induction_steps:
            planned = 1.0 if s.maintained > 0 else 0.0
            strength = p.maint
    on = 1.0
    if s.stopped > 0:
        on = 0.0
    elif s.pause_end > s.pause_start and (s.local_done > 0 or s.progressed == 0):
        day = s.step * STEP_DAYS
        overlap = min(day + STEP_DAYS, s.pause_end) - max(day, s.pause_start)
        on = 1.0 - min(1.0, max(0.0, overlap) / STEP_DAYS)
    if planned > 0.0 and s.progressed == 0:
        o.systemic_days_lost += (1.0 - on) * STEP_DAYS
    s.level = planned * on
    s.strength = strength * s.level


@inner
def secondary_resection(p: Any, key: np.uint64, s: Any, space: Any, factor: float) -> None:
    """Resection of a responder on line 1: few lesions, in liver or lung alone."""
    if s.progressed > 0 or s.local_done > 0 or s.nadir > _SECONDARY_SHRINKAGE * s.baseline:
        return
    if uniform(key, _SECONDARY, WHOLE, ONCE) < p.psec * factor:
        resect_all(p, key, s, space, _SECONDARY_LESIONS)


@inner
def resect_all(p: Any, key: np.uint64, s: Any, space: Any, most: int) -> bool:
    """Resect all that is seen, if it is at most `most` lesions in liver or lung alone."""
    seen, organ = 0, -1
    for slot in range(s.lesions):
        kind = space.kind[slot]
        cells = space.sensitive[slot] + space.resistant[slot]
        if kind == PRIMARY or cells < s.threshold * seen_factor(p, kind):
            continue
        seen += 1
        if organ >= 0 and organ != kind:
            return False
        organ = kind
    if seen == 0 or seen > most or (organ != LIVER and organ != LUNG):
        return False
    s.resections += 1
    for slot in range(s.lesions):
        cells = space.sensitive[slot] + space.resistant[slot]
        kind = space.kind[slot]
        if kind == PRIMARY or cells <= 0.0 or cells < p.irel * s.threshold * seen_factor(p, kind):
            continue
        control = p.lcres if kind in (LIVER, LUNG) else p.lcehd
        controlled = uniform(key, _RESECTION_CONTROL, slot, s.step) < control
        _leave(space, slot, 0.0 if controlled else p.residual)
    day = (s.step + 1) * STEP_DAYS
    if uniform(key, _RESECTION_DEATH, WHOLE, s.step) < p.on_operative_death * p.resection_mortality:
        s.operative_day = day + _PERIOPERATIVE_DAYS * uniform(
            key, _RESECTION_DEATH_TIME, WHOLE, s.step
        )
    if p.on_pause > 0.0:
        s.pause_start = day
        s.pause_end = day + p.resection_pause_days
    if organ == LIVER:
        s.surge = p.surge
        s.surge_end = s.step + 1 + int(p.surge_steps)
    return True
