# mypy: disable-error-code="no-any-return"
# The model and the state are records, which have no static types.
"""Visits in the course: RECIST-like assessment, progression, and what follows from it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.core.streams import uniform
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease import decisions
from debulk.disease.course.drug import therapy_after_progression
from debulk.disease.course.local import resect_all
from debulk.disease.course.state import (
    BASELINE,
    BEYOND,
    COMPLETE,
    DEAD,
    KIND,
    NO_LINE,
    PARTIAL,
    PROGRESSIVE,
    RESISTANT,
    SEEN_FROM,
    SENSITIVE,
    STABLE,
    VISIT_STEPS,
)
from debulk.disease.decisions import WHOLE
from debulk.disease.fast_math import fast_exp, fast_log
from debulk.disease.growth import LIVER, LN_CELLS_PER_CM3, STEP_DAYS
from debulk.disease.inner import hot, inner

_REPEAT_RESECTION = decisions.REPEAT_RESECTION

_VISIT_STEPS_OFF = 6
_REPEATS_MOST = 3
_REPEAT_LESIONS = decisions.typed(3)
_RESPONSE = 0.7
_AT_LIVER, _ELSEWHERE = 1, 2
_LN_CUBE = LN_CELLS_PER_CM3 + math.log(math.pi / 6.0)
_TINY = 1e-300


@hot
def visit_due(s: Any, setting: Any) -> bool:
    """Whether the step ends with a visit; the end of the run-in always does."""
    done = s.step + 1
    if done == setting.randomised_step:
        return True
    if s.progressed > 0:
        if s.line >= BEYOND and setting.repeat_resection <= 0.0:
            # Nothing would follow from it.
            return False
        every = VISIT_STEPS if s.level > 0.0 else _VISIT_STEPS_OFF
        since = done - s.line_start - s.shift
        return since > 0 and since % every == 0
    if done < setting.randomised_step:
        return done % VISIT_STEPS == 0
    since = done - setting.randomised_step - s.phase
    return since >= 0 and since % VISIT_STEPS == 0


@inner
def seen_cells(lesion: Any, slot: int) -> float:
    """Cells of a lesion as imaging shows them, living and dead; one of a lump."""
    return lesion[SENSITIVE + slot] + lesion[RESISTANT + slot] + lesion[DEAD + slot]


@inner
def _diameter_cm(cells: float) -> float:
    """Diameter of a sphere of that many cells."""
    return fast_exp((fast_log(cells + _TINY) - _LN_CUBE) / 3.0)


@inner
def take_baseline(s: Any, lesion: Any, code: Any) -> float:
    """Mark what imaging shows as the new baseline; its sum of diameters, which is the nadir too."""
    total, liver = 0.0, 0.0
    for slot in range(s.lesions):
        cells = seen_cells(lesion, slot)
        seen = cells >= lesion[SEEN_FROM + slot]
        code[BASELINE + slot] = seen
        if seen:
            diameter = _diameter_cm(cells)
            total += diameter
            liver += diameter if code[KIND + slot] == LIVER else 0.0
    s.nadir = total
    s.liver_nadir = liver
    return total


@inner
def sums_of_diameters(p: Any, s: Any, lesion: Any, code: Any) -> tuple[float, float]:
    """Sum of diameters of the baseline's lesions, and of those in the liver."""
    total, liver = 0.0, 0.0
    for slot in range(min(s.active, s.lesions)):
        if code[BASELINE + slot]:
            diameter = _diameter_cm(seen_cells(lesion, slot))
            if diameter >= p.too_small_cm:
                total += diameter
                liver += diameter if code[KIND + slot] == LIVER else 0.0
    return total, liver


@inner
def _smallest_new(p: Any, s: Any, setting: Any) -> float:
    """Volume from which a new lesion is found, relative to what imaging shows."""
    free = s.level <= 0.0 and s.nadir <= 0.0
    return p.new_lesion_free * setting.new_lesion_factor if free else p.new_lesion


@inner
def _new_lesions(s: Any, lesion: Any, code: Any, factor: float) -> int:
    """Where lesions are new since the baseline: bit 1 the liver, bit 2 elsewhere.

    Only active lesions can be seen.
    """
    found = 0
    for slot in range(min(s.active, s.lesions)):
        if code[BASELINE + slot] or seen_cells(lesion, slot) < factor * lesion[SEEN_FROM + slot]:
            continue
        found |= _AT_LIVER if code[KIND + slot] == LIVER else _ELSEWHERE
    return found


@inner
def _has_grown(p: Any, total: float, nadir: float) -> bool:
    return total > p.progression_ratio * nadir and total > nadir + p.progression_cm


@inner
def assess(
    p: Any,
    key: np.uint64,
    latent: np.uint64,
    s: Any,
    lesion: Any,
    code: Any,
    setting: Any,
    o: Any,
    lines: Any,
) -> None:
    """A visit: sum of diameters, new lesions, response, progression and what follows from it."""
    done = s.step + 1
    paused = s.fresh > 0 and done * STEP_DAYS < s.pause_end
    before = s.local_done == 0 and s.pause_start < done * STEP_DAYS <= s.pause_end
    total, liver = sums_of_diameters(p, s, lesion, code)
    new = _new_lesions(s, lesion, code, _smallest_new(p, s, setting))
    counts = not (paused or before)
    grown = counts and _has_grown(p, total, s.nadir)
    liver_grown = counts and _has_grown(p, liver, s.liver_nadir)
    if s.fresh > 0 and not paused and new == 0:
        # The drug is back: from here on, growth counts against what is seen now.
        s.baseline = take_baseline(s, lesion, code)
        s.fresh = 0
        grown = liver_grown = False
    _note_liver(s, setting, o, liver_grown or new & _AT_LIVER > 0)
    progressive = grown or new > 0
    _note_response(s, total, progressive, o)
    if done == setting.randomised_step:
        o.response = _response(s, total, progressive)
    s.nadir = min(s.nadir, total)
    s.liver_nadir = min(s.liver_nadir, liver)
    if progressive:
        # Once one is found, imaging is looked at closely: all that it shows is told.
        site = _new_lesions(s, lesion, code, min(1.0, p.new_lesion)) if new > 0 else 0
        if grown:
            site |= _where_grown(p, s, total, liver, liver_grown)
        _progress(p, key, latent, s, lesion, code, setting, o, lines, site)


@inner
def _where_grown(p: Any, s: Any, total: float, liver: float, liver_grown: bool) -> int:
    """Where the sum of diameters has grown; where more, if neither part alone is progressive."""
    more, nadir = total - liver, s.nadir - s.liver_nadir
    site = _AT_LIVER if liver_grown else 0
    if more > p.progression_ratio * nadir:
        site |= _ELSEWHERE
    if site == 0:
        site = _AT_LIVER if liver - s.liver_nadir >= more - nadir else _ELSEWHERE
    return site


@inner
def _months(s: Any, setting: Any) -> float:
    """Months from randomisation to this visit."""
    done = s.step + 1
    shift = s.jitter if done > setting.randomised_step else 0.0
    return (done - setting.randomised_step + shift) * STEP_DAYS / DAYS_PER_MONTH


@inner
def _note_liver(s: Any, setting: Any, o: Any, progressive: bool) -> None:
    if progressive and s.liver_progressed == 0:
        s.liver_progressed = 1
        o.liver_progression_months = _months(s, setting)


@inner
def _note_response(s: Any, total: float, progressive: bool, o: Any) -> None:
    if s.progressed > 0 or s.local_done > 0 or s.baseline <= 0.0:
        return
    change = total / s.baseline - 1.0
    if not o.best_change <= change:
        o.best_change = change
    responds = total <= _RESPONSE * s.baseline and not progressive
    if responds and s.responding > 0:
        o.confirmed_response = True
    s.responding = 1 if responds else 0


@inner
def _response(s: Any, total: float, progressive: bool) -> int:
    if progressive or s.progressed > 0:
        return PROGRESSIVE
    if total <= 0.0:
        return COMPLETE
    return PARTIAL if total <= _RESPONSE * s.baseline else STABLE


@inner
def _progress(
    p: Any,
    key: np.uint64,
    latent: np.uint64,
    s: Any,
    lesion: Any,
    code: Any,
    setting: Any,
    o: Any,
    lines: Any,
    site: int,
) -> None:
    """Progression: repeat resection, line 1 again, the next line, or no further therapy."""
    months = _months(s, setting)
    if s.progressed == 0:
        s.progressed = 1
        if s.preparing > 0:
            # Local treatment that was planned does not take place: no pause for it.
            s.preparing = 0
            s.pause_start, s.pause_end = np.inf, -np.inf
        o.progression_months = months
        o.progression_site = site
    begun = s.line > NO_LINE and s.step >= s.line_start
    if begun and s.line < BEYOND and not lines[2 + s.line] <= months:
        lines[2 + s.line] = months
    if setting.repeat_resection > 0.0 and s.resections < _REPEATS_MOST:
        chance = uniform(key, _REPEAT_RESECTION, WHOLE, s.step)
        if chance < p.prep * setting.repeat_resection and resect_all(
            p, key, s, lesion, code, _REPEAT_LESIONS
        ):
            s.baseline = take_baseline(s, lesion, code)
            return
    line = s.line
    therapy_after_progression(p, key, latent, s, lesion, code, setting)
    if s.line < BEYOND and (line != s.line or not begun):
        lines[s.line - 1] = months
    s.baseline = take_baseline(s, lesion, code)
