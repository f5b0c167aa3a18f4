# mypy: disable-error-code="no-any-return"
# The model and the state are records, which have no static types.
"""Local treatment in the course: a trial's plan, and resections outside its arms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.core.streams import normal, uniform
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease import decisions
from debulk.disease.course.growth_step import catch_up, shedding_now
from debulk.disease.course.state import (
    COPIES,
    DEAD,
    DEAD_LEFT,
    KIND,
    MODALITY,
    NEVER,
    ORGAN,
    RESISTANT,
    ROW,
    SEEN_FROM,
    SENSITIVE,
    WAITING,
)
from debulk.disease.decisions import ONCE, WHOLE
from debulk.disease.growth import LIVER, LUNG, PRIMARY, STEP_DAYS, diameter_of_cells
from debulk.disease.inner import inner

_DELIVERED = decisions.LOCAL_DELIVERED
_CONTROL = decisions.LOCAL_CONTROL
_STERILISED = decisions.STERILISED
_RADIATION = decisions.RADIATION
_DEATH = decisions.LOCAL_DEATH
_DEATH_TIME = decisions.LOCAL_DEATH_TIME
_MORBIDITY = decisions.LOCAL_MORBIDITY
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
    p: Any,
    key: np.uint64,
    s: Any,
    code: Any,
    plan: Any,
    row: int,
    randomised_step: int,
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
        if code[MODALITY + slot] >= 0:
            before = max(before, p.on_pause * plan.before_days[code[MODALITY + slot]])
    if before > 0.0:
        # Before randomisation nobody knows the arm.
        s.pause_start = max(step * STEP_DAYS - before, randomised_step * STEP_DAYS)
        s.pause_end = step * STEP_DAYS
        s.preparing = 1


@inner
def give_local(
    p: Any, key: np.uint64, s: Any, lesion: Any, code: Any, plan: Any, randomised_step: int, o: Any
) -> bool:
    """Treat each planned lesion that is still there; draw control, death, pause and surge.

    With nothing left to treat nothing is done. Returns whether any lesion was removed: irradiated
    ones stay to be measured.
    """
    smallest = p.irel**plan.operative_threshold
    if not _any_to_treat(s, lesion, code, plan, smallest):
        return False
    if not plan.sham:
        catch_up(p, key, s, lesion, code)
    used = _NONE  # a bit for each modality
    taken, removed = 0.0, False
    for slot in range(s.lesions):
        cells = lesion[SENSITIVE + slot] + lesion[RESISTANT + slot]
        seen = cells + lesion[DEAD + slot] >= lesion[SEEN_FROM + slot]
        if seen:
            o.visible_at_local += int(lesion[COPIES + slot])
        modality = code[MODALITY + slot]
        if modality < 0 or cells <= 0.0:
            continue
        if plan.whole_organ[modality] == 0 and cells < smallest * lesion[SEEN_FROM + slot]:
            continue
        used |= 1 << modality
        o.treated += int(lesion[COPIES + slot])
        if seen:
            o.treated_visible += int(lesion[COPIES + slot])
        if plan.sham:
            continue
        if plan.whole_organ[modality] > 0 and plan.radiates[modality] > 0:
            continue  # the whole organ is treated below
        size = 0
        while size < 3 and 10.0 * diameter_of_cells(cells) > plan.size_edges_mm[size]:
            size += 1
        taken += plan.liver_share[modality, size]
        control = plan.control[modality, code[ORGAN + slot], size]
        if plan.whole_organ[modality] > 0 and plan.control[modality, code[ORGAN + slot], 0] > 0.0:
            control = 1.0  # goes with its organ, below
        controlled = uniform(key, _CONTROL, code[ROW + slot], ONCE) < control
        if controlled:
            o.controlled += int(lesion[COPIES + slot])
        _leave(p, s, lesion, slot, 0.0 if controlled else p.residual, plan.radiates[modality] > 0)
        removed = removed or plan.radiates[modality] == 0
    if o.treated == 0:
        o.visible_at_local = 0
        return False
    o.used = used
    o.local_months = (s.step - randomised_step) * STEP_DAYS / DAYS_PER_MONTH
    if not plan.sham:
        s.local_done = 1
        if _treat_organs(p, key, s, lesion, code, plan, used, o):
            removed = True
        _price(p, key, s, plan, used, taken)
        s.shedding = shedding_now(p, s, lesion, code)
    return removed


@inner
def _any_to_treat(s: Any, lesion: Any, code: Any, plan: Any, smallest: float) -> bool:
    """Whether any planned lesion is still there and large enough.

    Asked before the small lesions catch up, so that who is not treated is left as they are.
    """
    for slot in range(s.own):
        modality = code[MODALITY + slot]
        cells = lesion[SENSITIVE + slot] + lesion[RESISTANT + slot]
        if modality < 0 or cells <= 0.0:
            continue
        if plan.whole_organ[modality] > 0 or cells >= smallest * lesion[SEEN_FROM + slot]:
            return True
    return False


@inner
def _leave(p: Any, s: Any, lesion: Any, slot: int, share: float, shows: bool) -> None:
    """Leave a share of a lesion's living cells; the others stay to be seen if irradiated."""
    cells = lesion[SENSITIVE + slot] + lesion[RESISTANT + slot]
    lesion[SENSITIVE + slot] *= share
    lesion[RESISTANT + slot] *= share
    if shows:
        lesion[DEAD + slot] += (1.0 - share) * cells
        lesion[DEAD_LEFT + slot] = math.exp(-math.log(2.0) * STEP_DAYS / p.dead_days)
        s.dead = 1
    else:
        lesion[DEAD + slot] = 0.0


@inner
def _treat_organs(
    p: Any, key: np.uint64, s: Any, lesion: Any, code: Any, plan: Any, used: int, o: Any
) -> bool:
    """Treat every lesion of an organ, seen or not, where a modality acts on the whole of it.

    Radiation sterilises a lesion or kills its cells by a log-normal log kill, and takes hepatic
    reserve; removal of the organ takes all. Returns whether an organ was removed.
    """
    removed = False
    for modality in range(plan.whole_organ.size):
        if used >> modality & 1 == 0 or plan.whole_organ[modality] == 0:
            continue
        for slot in range(s.lesions):
            kind = code[KIND + slot]
            cells = lesion[SENSITIVE + slot] + lesion[RESISTANT + slot]
            if kind == PRIMARY or plan.control[modality, code[ORGAN + slot], 0] <= 0.0:
                continue
            if cells <= 0.0:
                continue
            if plan.radiates[modality] == 0:
                _leave(p, s, lesion, slot, 0.0, False)
                removed = True
                continue
            share = 0.0
            if uniform(key, _STERILISED, code[ROW + slot], ONCE) >= p.sterile:
                z = normal(key, _RADIATION, code[ROW + slot], ONCE)
                share = math.exp(-p.sirt * math.exp(p.sirt_z * z))
            elif code[MODALITY + slot] >= 0:
                o.controlled += int(lesion[COPIES + slot])
            _leave(p, s, lesion, slot, share, True)
        if plan.radiates[modality] > 0:
            s.reserve *= 1.0 - p.sirtox
    return removed


@inner
def _price(p: Any, key: np.uint64, s: Any, plan: Any, used: int, taken: float) -> None:
    """What the modalities used cost: death, complications, pause, therapy not taken up, surge."""
    alive, whole, after, resume, surge, operated = 1.0, 1.0, 0.0, 1.0, 0.0, False
    for modality in range(plan.mortality.size):
        if used >> modality & 1:
            alive *= 1.0 - plan.mortality[modality]
            whole *= 1.0 - plan.complication[modality]
            after = max(after, plan.after_days[modality])
            resume = min(resume, plan.resume[modality])
            surge = max(surge, plan.surge[modality])
            operated = operated or plan.operation[modality] > 0
    day = s.step * STEP_DAYS
    if uniform(key, _DEATH, WHOLE, ONCE) < p.on_operative_death * (1.0 - alive):
        _die_of_operation(s, day, uniform(key, _DEATH_TIME, WHOLE, ONCE))
    worse = p.on_operative_morbidity
    after *= p.on_pause
    resume = 1.0 - min(1.0, p.on_pause) * (1.0 - resume)
    if worse > 0.0 and uniform(key, _MORBIDITY, WHOLE, ONCE) < 1.0 - whole:
        after += worse * p.morbid_pause_days
        resume *= 1.0 - min(1.0, worse) * (1.0 - p.morbid_resume)
    s.pause_end = day + after
    s.preparing = 0
    if after > 0.0:
        s.pause_start = min(s.pause_start, day)
    if uniform(key, _RESUMED, WHOLE, ONCE) >= resume:
        s.stopped = 1
    _stimulate(p, s, day, surge * min(1.0, taken / p.surge_full_share))
    if operated:
        _suspend_immunity(p, s, day)


@inner
def _die_of_operation(s: Any, day: float, share: float) -> None:
    """Death within 90 days of an operation, unless an earlier one kills before."""
    s.operative_day = min(s.operative_day, day + _PERIOPERATIVE_DAYS * share)


@inner
def _stimulate(p: Any, s: Any, day: float, share: float) -> None:
    """Growth stimulus by the share of the liver taken."""
    if share > 0.0:
        s.surge = p.surge * share
        s.surge_start = day


@inner
def _suspend_immunity(p: Any, s: Any, day: float) -> None:
    s.immune_back = day + 7.0 * p.operative_immune_weeks * p.on_operative_immunosuppression


@inner
def secondary_resection(
    p: Any, key: np.uint64, s: Any, lesion: Any, code: Any, setting: Any
) -> bool:
    """Resection of a responder on line 1: few lesions, in liver or lung alone."""
    factor = setting.secondary_resection
    if (
        factor <= 0.0
        or s.progressed > 0
        or s.local_done > 0
        or s.nadir > _SECONDARY_SHRINKAGE * s.baseline
    ):
        return False
    if uniform(key, _SECONDARY, WHOLE, ONCE) >= p.psec * factor:
        return False
    return resect_all(p, key, s, lesion, code, _SECONDARY_LESIONS)


@inner
def resect_all(p: Any, key: np.uint64, s: Any, lesion: Any, code: Any, most: int) -> bool:
    """Resect all that is seen, if it is at most `most` lesions in liver or lung alone."""
    seen, organ = 0.0, -1
    for slot in range(s.lesions):
        cells = lesion[SENSITIVE + slot] + lesion[RESISTANT + slot]
        if cells + lesion[DEAD + slot] < lesion[SEEN_FROM + slot]:
            continue
        kind = code[KIND + slot]
        seen += lesion[COPIES + slot]
        if organ >= 0 and organ != kind:
            return False
        organ = kind
    if seen == 0.0 or seen > most or (organ != LIVER and organ != LUNG):
        return False
    s.resections += 1
    catch_up(p, key, s, lesion, code)
    for slot in range(s.lesions):
        cells = lesion[SENSITIVE + slot] + lesion[RESISTANT + slot]
        kind = code[KIND + slot]
        if kind != organ or cells <= 0.0 or cells < p.irel * lesion[SEEN_FROM + slot]:
            continue
        controlled = uniform(key, _RESECTION_CONTROL, code[ROW + slot], s.step) < p.lcres
        _leave(p, s, lesion, slot, 0.0 if controlled else p.residual, False)
    day = (s.step + 1) * STEP_DAYS
    if uniform(key, _RESECTION_DEATH, WHOLE, s.step) < p.on_operative_death * p.resection_mortality:
        _die_of_operation(s, day, uniform(key, _RESECTION_DEATH_TIME, WHOLE, s.step))
    if p.on_pause > 0.0:
        s.pause_start = day
        s.pause_end = day + p.on_pause * p.resection_pause_days
        s.preparing = 0
    if organ == LIVER:
        _stimulate(p, s, day, min(1.0, seen * p.resection_share / p.surge_full_share))
    _suspend_immunity(p, s, day)
    s.shedding = shedding_now(p, s, lesion, code)
    return True
