# mypy: disable-error-code="no-any-return"
# The model and the state are records, which have no static types.
"""Visits in the course: RECIST-like assessment, progression, and what follows from it."""

from __future__ import annotations

from typing import Any

import numpy as np

from debulk.core.streams import uniform
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease import decisions
from debulk.disease.course_local import resect_all
from debulk.disease.course_state import COMPLETE, PARTIAL, PROGRESSIVE, STABLE, VISIT_STEPS
from debulk.disease.decisions import ONCE, WHOLE
from debulk.disease.growth import PRIMARY, STEP_DAYS, diameter_of_cells, seen_factor
from debulk.disease.inner import inner
from debulk.disease.latents import kill_rate, resistance_logit
from debulk.disease.response import partition

LESION_SHARES = (decisions.LESION_RESISTANCE, decisions.RESISTANT_CELLS)
"""Streams of the resistant share of a lesion, and of its resistant cells."""

_REINTRODUCED = decisions.REINTRODUCED
_NEXT_LINE = decisions.NEXT_LINE
_REPEAT_RESECTION = decisions.REPEAT_RESECTION

_VISIT_STEPS_OFF = 6
_REPEATS_MOST = 3
_REPEAT_LESIONS = decisions.typed(3)


@inner
def visit_due(s: Any, randomised_step: int) -> bool:
    """Whether the step ends with a visit; the end of the run-in always does."""
    done = s.step + 1
    if done == randomised_step:
        return True
    if s.progressed > 0:
        treated = s.level > 0.0
        return (done - s.line_start) % (VISIT_STEPS if treated else _VISIT_STEPS_OFF) == 0
    if done < randomised_step:
        return done % VISIT_STEPS == 0
    return (done - randomised_step - s.phase) % VISIT_STEPS == 0 and (
        done - randomised_step >= s.phase
    )


@inner
def take_baseline(p: Any, s: Any, space: Any) -> float:
    """Mark what imaging shows as the new baseline; its sum of diameters, which is the nadir too."""
    total = 0.0
    for slot in range(s.lesions):
        cells = space.sensitive[slot] + space.resistant[slot]
        kind = space.kind[slot]
        seen = kind != PRIMARY and cells >= s.threshold * seen_factor(p, kind)
        space.baseline[slot] = seen
        if seen:
            total += diameter_of_cells(cells)
    s.nadir = total
    return total


@inner
def _sum_of_diameters(p: Any, s: Any, space: Any) -> float:
    total = 0.0
    for slot in range(s.lesions):
        if space.baseline[slot]:
            diameter = diameter_of_cells(space.sensitive[slot] + space.resistant[slot])
            if diameter >= p.too_small_cm:
                total += diameter
    return total


@inner
def _new_lesion(p: Any, s: Any, space: Any) -> bool:
    free = s.level <= 0.0 and s.nadir <= 0.0
    factor = s.threshold * (p.new_lesion_free if free else p.new_lesion)
    for slot in range(s.lesions):
        kind = space.kind[slot]
        if space.baseline[slot] or kind == PRIMARY:
            continue
        if space.sensitive[slot] + space.resistant[slot] >= factor * seen_factor(p, kind):
            return True
    return False


@inner
def assess(
    p: Any,
    key: np.uint64,
    latent: np.uint64,
    s: Any,
    space: Any,
    setting: Any,
    o: Any,
) -> None:
    """A visit: sum of diameters, new lesions, response, progression and what follows from it."""
    done = s.step + 1
    paused = s.fresh > 0 and done * STEP_DAYS < s.pause_end
    before = s.local_done == 0 and s.pause_start < done * STEP_DAYS <= s.pause_end
    total = _sum_of_diameters(p, s, space)
    new = _new_lesion(p, s, space)
    grown = total > p.progression_ratio * s.nadir and total > s.nadir + p.progression_cm
    grown = grown and not (paused or before)
    if s.fresh > 0 and not paused and not new:
        # The drug is back: from here on, growth counts against what is seen now.
        s.baseline = take_baseline(p, s, space)
        s.fresh = 0
        grown = False
    if s.progressed == 0 and s.local_done == 0 and s.baseline > 0.0:
        change = total / s.baseline - 1.0
        if not o.best_change <= change:
            o.best_change = change
    if done == setting.randomised_step:
        o.response = _response(s, total, grown or new)
    s.nadir = min(s.nadir, total)
    if grown or new:
        _progress(p, key, latent, s, space, setting, o)


@inner
def _response(s: Any, total: float, progressive: bool) -> int:
    if progressive or s.progressed > 0:
        return PROGRESSIVE
    if total <= 0.0:
        return COMPLETE
    return PARTIAL if total <= 0.7 * s.baseline else STABLE


@inner
def _progress(
    p: Any,
    key: np.uint64,
    latent: np.uint64,
    s: Any,
    space: Any,
    setting: Any,
    o: Any,
) -> None:
    """Progression: repeat resection, line 1 again, the next line, or no further therapy."""
    done = s.step + 1
    if s.progressed == 0:
        s.progressed = 1
        shift = s.jitter if done > setting.randomised_step else 0.0
        steps = done - setting.randomised_step + shift
        o.progression_months = steps * STEP_DAYS / DAYS_PER_MONTH
    off = s.level <= 0.0
    if setting.repeat_resection > 0.0 and s.resections < _REPEATS_MOST:
        chance = uniform(key, _REPEAT_RESECTION, WHOLE, s.step)
        if chance < p.prep * setting.repeat_resection and resect_all(
            p, key, s, space, _REPEAT_LESIONS
        ):
            s.baseline = take_baseline(p, s, space)
            return
    back = uniform(key, _REINTRODUCED, WHOLE, ONCE) < p.reintroduced
    if s.line == 1 and off and s.again == 0 and back:
        s.again = 1
        _start_line(s)
        s.baseline = take_baseline(p, s, space)
        return
    if s.line <= 3:
        s.failed += 1
        _next_line(p, key, latent, s, space)
    s.baseline = take_baseline(p, s, space)


@inner
def _start_line(s: Any) -> None:
    s.line_start = s.step + 1
    s.stopped = 0
    s.fresh = 0


@inner
def _next_line(p: Any, key: np.uint64, latent: np.uint64, s: Any, space: Any) -> None:
    s.line += 1
    _start_line(s)
    if s.line > 3:
        s.line = 4
        return
    given = p.pnext2 if s.line == 2 else p.pnext3
    if uniform(key, _NEXT_LINE, WHOLE, s.line) >= given or s.hazard >= p.next_hazard:
        s.line = 4
        return
    s.kill = kill_rate(p, latent, s.speed, s.line)
    s.logit = resistance_logit(p, latent, s.speed, s.line)
    for slot in range(s.lesions):
        cells = space.sensitive[slot] + space.resistant[slot]
        sensitive, resistant = partition(p, key, LESION_SHARES, slot, s.line, s.logit, cells)
        space.sensitive[slot] = sensitive
        space.resistant[slot] = resistant
