# mypy: disable-error-code="no-any-return"
# The model and the state are records, which have no static types.
"""Systemic therapy in the course: its level in a step, its tolerance, and the next line."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.core.streams import exponential, uniform
from debulk.disease import decisions
from debulk.disease.course.growth_step import catch_up
from debulk.disease.course.opening import LESION_SHARES
from debulk.disease.course.state import BEYOND, NO_LINE, RESISTANT, ROW, SENSITIVE
from debulk.disease.decisions import AGAIN, ONCE, WHOLE
from debulk.disease.growth import STEP_DAYS
from debulk.disease.inner import hot, inner
from debulk.disease.latents import kill_rate, resistance_logit
from debulk.disease.response import partition

_REINTRODUCED = decisions.REINTRODUCED
_NEXT_LINE = decisions.NEXT_LINE
_TOLERANCE = decisions.TOLERANCE
_LINE_VISITS = decisions.LINE_VISITS
_FIRST = decisions.typed(1)
_AGAIN = decisions.typed(9)
_FAILED_MOST = decisions.typed(2)


@hot
def drug_level(p: Any, s: Any, setting: Any, o: Any) -> None:
    """Share of the step on drug, and its strength by the phase of therapy; counts days lost."""
    planned, strength = _planned(p, s, setting)
    on = 1.0
    if s.stopped > 0:
        on = 0.0
    elif s.pause_end > s.pause_start:
        day = s.step * STEP_DAYS
        overlap = min(day + STEP_DAYS, s.pause_end) - max(day, s.pause_start)
        on = 1.0 - min(1.0, max(0.0, overlap) / STEP_DAYS)
    if planned > 0.0 and s.progressed == 0:
        o.systemic_days_lost += (1.0 - on) * STEP_DAYS
    s.level = planned * on
    s.strength = strength * s.level
    if s.level > 0.0:
        _tolerate(p, s)


@hot
def _planned(p: Any, s: Any, setting: Any) -> tuple[float, float]:
    """Whether a drug is planned for this step, and its strength."""
    if s.line == NO_LINE or s.line >= BEYOND:
        return 0.0, 0.0
    if s.line > _FIRST:
        return 1.0, 1.0
    since = s.step - s.line_start
    if since < 0 or (s.again == 0 and s.step >= setting.last_drug_step):
        return 0.0, 0.0
    strength = p.again_kill if s.again > 0 else 1.0
    if since < s.induction:
        return 1.0, strength
    return (1.0, strength * p.maint) if s.maintained > 0 else (0.0, 0.0)


@hot
def _tolerate(p: Any, s: Any) -> None:
    """Wear the tolerance of this line down; frailty by tumour load does so faster."""
    worn = p.intolerance * math.exp(p.frail_intolerance * p.on_tolerance * min(s.load, 3.0))
    s.tolerance -= worn * s.level
    if s.tolerance <= 0.0:
        s.stopped = 1


@inner
def start_line(key: np.uint64, s: Any, number: int) -> None:
    """Begin a line, or line 1 again, with the next step; its visits have their own phase."""
    s.line_start = s.step + 1
    s.shift = int(3.0 * uniform(key, _LINE_VISITS, number, ONCE)) - 1
    s.jitter = uniform(key, _LINE_VISITS, number, AGAIN) - 0.5
    s.stopped = 0
    s.fresh = 0


@inner
def therapy_after_progression(
    p: Any, key: np.uint64, latent: np.uint64, s: Any, lesion: Any, code: Any, setting: Any
) -> None:
    """Line 1 again where it had been stopped, else the next line, else none."""
    if s.line == _FIRST and s.again == 0 and s.step < s.line_start:
        # Planned for later, wanted now.
        start_line(key, s, _FIRST)
        return
    off = s.level <= 0.0
    back = uniform(key, _REINTRODUCED, WHOLE, ONCE) < p.reintroduced
    if s.line == _FIRST and off and s.again == 0 and back:
        s.again = 1
        start_line(key, s, _AGAIN)
        s.tolerance = exponential(key, _TOLERANCE, WHOLE, _AGAIN)
        return
    if s.line > NO_LINE and s.line < BEYOND:
        # What comes after the last line is no worse for having had it.
        s.failed = min(s.failed + 1, _FAILED_MOST)
        s.worn_pace = math.exp(p.acc * s.failed)
        s.worn_frail = s.frail * math.exp(p.psl * s.failed)
    _next_line(p, key, latent, s, lesion, code, setting)


@inner
def _next_line(
    p: Any, key: np.uint64, latent: np.uint64, s: Any, lesion: Any, code: Any, setting: Any
) -> None:
    if s.line >= BEYOND:
        return
    s.line += 1
    start_line(key, s, s.line)
    if s.line > setting.lines_most:
        s.line = BEYOND
        return
    given = 1.0
    if s.line > _FIRST:
        given = p.pnext2 if s.line == 2 else p.pnext3
    if uniform(key, _NEXT_LINE, WHOLE, s.line) >= given or s.hazard >= p.next_hazard:
        s.line = BEYOND
        return
    s.tolerance = exponential(key, _TOLERANCE, WHOLE, s.line)
    factor = setting.era * (s.kill_factor if s.line == _FIRST else 1.0)
    s.kill = factor * kill_rate(p, latent, s.aggressive, s.line)
    s.logit = resistance_logit(p, latent, s.aggressive, s.line)
    catch_up(p, key, s, lesion, code)
    for slot in range(s.lesions):
        cells = lesion[SENSITIVE + slot] + lesion[RESISTANT + slot]
        at = code[ROW + slot]
        sensitive, resistant = partition(p, key, LESION_SHARES, at, s.line, s.logit, cells)
        lesion[SENSITIVE + slot] = sensitive
        lesion[RESISTANT + slot] = resistant
