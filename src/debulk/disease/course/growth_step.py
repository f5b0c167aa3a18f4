# mypy: disable-error-code="no-any-return"
# The model and the state are records, which have no static types.
"""A step of 21 days in every lesion of a patient: growth, kill, immunity, resistance, extinction.

Lesions lie in order of their size at the start. The first, in blocks of eight, are *active* and
stepped every 21 days; the small ones behind them, which weigh nothing and nobody sees, catch up
every third step and whenever something is done to them. Loops over lesions touch few arrays, so
that the compiler runs several lesions at once. A plain twin is in the tests.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.core.streams import normal_quantile, uniform
from debulk.disease import decisions
from debulk.disease.course.state import (
    BLOCK,
    CATCH_UP_STEPS,
    COPIES,
    DEAD,
    DEAD_LEFT,
    DECAY,
    DECAY_3,
    GROWTH,
    KIND,
    LN_CAPACITY,
    RESISTANT,
    ROW,
    SENSITIVE,
    SHED,
    STEADY,
)
from debulk.disease.fast_math import fast_exp, fast_log
from debulk.disease.growth import PRIMARY, STEP_DAYS
from debulk.disease.inner import hot, inner
from debulk.disease.response import FEW_CELLS, survive
from debulk.disease.seeding import is_field

_FLUX = decisions.FLUX
_EXTINCTION_S = decisions.EXTINCTION_S
_EXTINCTION_R = decisions.EXTINCTION_R

ACTIVE_CELLS, DORMANT_CELLS = 1e6, 1e5
"""A lesion becomes active above a cubic millimetre; a block of lesions all below a tenth of that
is stepped with the small ones again. Small lesions add nothing to volumes and burden.
"""

# Unsigned: a negative index would count from the end, which keeps the compiler from several lesions
# at once.
_S, _R = np.uint64(SENSITIVE), np.uint64(RESISTANT)
_LN_CAPACITY, _STEADY = np.uint64(LN_CAPACITY), np.uint64(STEADY)
_KIND, _COPIES = np.uint64(KIND), np.uint64(COPIES)

_TINY = 1e-300
_SURGE_SMALLEST = 0.005
_MANY_TRIALS = 500.0


@hot
def set_pace(p: Any, key: np.uint64, s: Any, lesion: Any, code: Any) -> None:
    """Renew what growth does in a step, when the pace of growth changes."""
    surge = 0.0
    if s.surge > 0.0:
        day = s.step * STEP_DAYS
        if day >= s.surge_start:
            surge = s.surge * math.exp((s.surge_start - day) / p.surge_days)
            if surge < _SURGE_SMALLEST:
                surge = s.surge = 0.0
    factor = (1.0 + surge) * s.worn_pace
    if factor != s.pace:
        catch_up(p, key, s, lesion, code)
        s.pace = factor
        for slot in range(s.lesions):
            set_growth(p, s, lesion, code, slot)


@inner
def set_growth(p: Any, s: Any, lesion: Any, code: Any, slot: int) -> None:
    """What one step, and three, of growth do in a lesion at the present pace."""
    grown = lesion[GROWTH + slot] * STEP_DAYS * s.pace
    if p.exponential > 0.0 and code[KIND + slot] != PRIMARY:
        lesion[STEADY + slot] = grown
        lesion[DECAY + slot] = 0.0
        lesion[DECAY_3 + slot] = 0.0
    else:
        left = math.exp(-grown)
        lesion[STEADY + slot] = 0.0
        lesion[DECAY + slot] = 1.0 - left
        lesion[DECAY_3 + slot] = 1.0 - left * left * left


@hot
def grow(p: Any, key: np.uint64, s: Any, lesion: Any, code: Any, volumes: Any) -> None:
    """One step of every lesion; renews organ volumes, burden and shedding."""
    kill = s.strength * s.kill * STEP_DAYS
    flux = p.flux * p.uacq_course * s.level * STEP_DAYS if kill > 0.0 else 0.0
    defence = _defence(p, s)
    if s.dead > 0 or p.drug_dead > 0.0:
        _dead_cells(p, s, lesion, kill)
    _advance(p, s, lesion, 0, s.active, 1.0, DECAY, kill, flux, 0.0)
    s.pending += 1
    s.pending_kill += kill
    s.pending_flux += flux
    s.pending_defence += defence
    _weigh(p, key, s, lesion, code, volumes, flux, defence)
    if (s.step + 1) % CATCH_UP_STEPS == 0:
        # On fixed steps, so that who looks at the patient then changes nothing.
        catch_up(p, key, s, lesion, code)


@inner
def catch_up(p: Any, key: np.uint64, s: Any, lesion: Any, code: Any) -> None:
    """Bring the small lesions up to now, and see which lesions are active."""
    if s.pending == 0:
        return
    steps, stop = s.pending, _whole_blocks(s.lesions)
    kill, flux, defence = s.pending_kill, s.pending_flux, s.pending_defence
    s.pending = 0
    s.pending_kill = s.pending_flux = s.pending_defence = 0.0
    if steps == CATCH_UP_STEPS:
        _advance(p, s, lesion, s.active, stop, 3.0, DECAY_3, kill, flux, defence)
    else:
        share = 1.0 / steps
        for _ in range(steps):
            _advance(
                p,
                s,
                lesion,
                s.active,
                stop,
                1.0,
                DECAY,
                share * kill,
                share * flux,
                share * defence,
            )
    few, living, last = _few(flux), 0.0, 0
    for slot in range(s.active, s.lesions):
        sensitive, resistant = lesion[SENSITIVE + slot], lesion[RESISTANT + slot]
        if sensitive < few or resistant < FEW_CELLS:
            if sensitive + resistant <= 0.0:
                continue
            _few_cells(key, s, lesion, code, slot, flux)
        cells = lesion[SENSITIVE + slot] + lesion[RESISTANT + slot]
        living += cells
        if cells > ACTIVE_CELLS:
            last = slot + 1
    if last > 0:
        s.active = _whole_blocks(last)
    else:
        living += _rest(s, lesion)
    if living <= 0.0 and s.active == 0 and s.dead == 0:
        s.lesions = 0


@inner
def _whole_blocks(count: int) -> int:
    return (count + BLOCK - 1) // BLOCK * BLOCK


@inner
def set_active(s: Any, lesion: Any) -> None:
    """Find the active lesions anew; nothing may be pending."""
    last = 0
    for slot in range(s.lesions):
        if lesion[SENSITIVE + slot] + lesion[RESISTANT + slot] > ACTIVE_CELLS:
            last = slot + 1
    s.active = _whole_blocks(last)


@inner
def _rest(s: Any, lesion: Any) -> float:
    """Let the last active block rest with the small lesions where all in it are small.

    Returns the living cells, of one metastasis a slot, that it puts to rest.
    """
    if s.active == 0:
        return 0.0
    largest, living = 0.0, 0.0
    for slot in range(s.active - BLOCK, min(s.active, s.lesions)):
        cells = lesion[SENSITIVE + slot] + lesion[RESISTANT + slot]
        largest = max(largest, cells + lesion[DEAD + slot])
        living += cells
    if largest >= DORMANT_CELLS:
        return 0.0
    s.active -= BLOCK
    return living


@hot
def _few(flux: float) -> float:
    """Cells below which chance is drawn."""
    return max(FEW_CELLS, 1.0 / flux) if flux > 0.0 else FEW_CELLS


@hot
def _defence(p: Any, s: Any) -> float:
    """Immune log kill of the smallest lesion in a step; burden and operations suppress it."""
    if s.immune <= 0.0 or (p.on_immunosuppression > 0.0 and s.total >= p.imm_total):
        return 0.0
    share = 1.0 - min(1.0, max(0.0, s.immune_back - s.step * STEP_DAYS) / STEP_DAYS)
    held = 1.0 + p.on_immunosuppression * s.total / p.imm_half
    return share * p.imm_gain * s.immune * STEP_DAYS / held


@hot
def _advance(
    p: Any,
    s: Any,
    lesion: Any,
    first: int,
    stop: int,
    steps: float,
    decay: int,
    kill: float,
    flux: float,
    defence: float,
) -> None:
    """Growth, kill and immunity of the lesions from `first` to `stop`, over 1 or 3 steps.

    `decay` is where the shares of ln(K/N) that the steps take begin.
    """
    if first >= stop:
        return
    begin, end, share = np.uint64(first), np.uint64(stop), np.uint64(decay)
    per_cell = 1.0 / p.imm_cells
    if kill <= 0.0:
        _untreated(lesion, begin, end, steps, share, defence, per_cell)
        return
    pen = min(1.0, p.pen_course)
    flat, sloped = kill * (1.0 - pen), kill * pen * s.reach
    most, spared = p.kpmax * STEP_DAYS * steps, p.rhoR
    flux = min(1.0, flux)
    for slot in range(begin, end):
        cells = lesion[_S + slot] + lesion[_R + slot]
        room = lesion[_LN_CAPACITY + slot] - fast_log(cells + _TINY)
        gain = steps * lesion[_STEADY + slot] + room * lesion[share + slot]
        gain -= defence * max(0.0, 1.0 - cells * per_cell)
        killed = min(most, flat + sloped * max(room, 0.0))
        left = lesion[_S + slot] * fast_exp(gain - killed)
        due = left * flux
        due = due if due >= 1.0 else 0.0
        grown = lesion[_R + slot] * fast_exp(gain - spared * killed)
        lesion[_S + slot] = left - due
        lesion[_R + slot] = grown + due


@hot
def _untreated(
    lesion: Any,
    begin: np.uint64,
    end: np.uint64,
    steps: float,
    share: np.uint64,
    defence: float,
    per_cell: float,
) -> None:
    for slot in range(begin, end):
        sensitive, resistant = lesion[_S + slot], lesion[_R + slot]
        cells = sensitive + resistant
        room = lesion[_LN_CAPACITY + slot] - fast_log(cells + _TINY)
        gain = steps * lesion[_STEADY + slot] + room * lesion[share + slot]
        factor = fast_exp(gain - defence * max(0.0, 1.0 - cells * per_cell))
        lesion[_S + slot] = sensitive * factor
        lesion[_R + slot] = resistant * factor


@inner
def _dead_cells(p: Any, s: Any, lesion: Any, kill: float) -> None:
    """Clear dead cells; keep what the drug is about to kill as such, where it is seen."""
    shown = p.drug_dead > 0.0 and kill > 0.0
    fast = math.exp(-math.log(2.0) * STEP_DAYS / p.drug_dead_days)
    pen = min(1.0, p.pen_course)
    left = 0.0
    for slot in range(min(s.active, s.lesions)):
        dead = lesion[DEAD + slot] * lesion[DEAD_LEFT + slot]
        if shown:
            cells = lesion[SENSITIVE + slot] + lesion[RESISTANT + slot]
            room = max(lesion[LN_CAPACITY + slot] - fast_log(cells + _TINY), 0.0)
            killed = min(p.kpmax * STEP_DAYS, kill * (1.0 - pen + pen * s.reach * room))
            lost = lesion[SENSITIVE + slot] * (1.0 - fast_exp(-killed))
            lost += lesion[RESISTANT + slot] * (1.0 - fast_exp(-p.rhoR * killed))
            # Spread evenly over the step, half of it is cleared for half a step on average.
            lost *= math.sqrt(fast)
            if lost > dead:
                lesion[DEAD_LEFT + slot] = fast
            dead += lost
        lesion[DEAD + slot] = dead
        left += dead
    s.dead = 1 if left > DORMANT_CELLS else 0


@hot
def _weigh(
    p: Any,
    key: np.uint64,
    s: Any,
    lesion: Any,
    code: Any,
    volumes: Any,
    flux: float,
    defence: float,
) -> None:
    """Chance among few cells; volumes of the organs, burden and shedding of the active lesions."""
    for kind in range(6):
        volumes[kind] = 0.0
    few, imm_cells = _few(flux), p.imm_cells
    for slot in range(np.uint64(min(s.active, s.lesions))):
        sensitive, resistant = lesion[_S + slot], lesion[_R + slot]
        if sensitive < few or resistant < FEW_CELLS:
            if sensitive + resistant <= 0.0:
                continue
            _few_cells(key, s, lesion, code, np.int64(slot), flux)  # type: ignore[arg-type]
            sensitive, resistant = lesion[_S + slot], lesion[_R + slot]
        cells = sensitive + resistant
        if defence > 0.0 and cells < imm_cells:
            factor = fast_exp(-defence * (1.0 - cells / imm_cells))
            lesion[_S + slot] = sensitive * factor
            lesion[_R + slot] = resistant * factor
            cells *= factor
        volumes[code[_KIND + slot]] += cells * lesion[_COPIES + slot] * 1e-9
    total = 0.0
    for kind in range(6):
        total += volumes[kind]
    s.total = total * 1e9
    if s.step % CATCH_UP_STEPS == 0 and s.shed_rate > 0.0:
        s.shedding = shedding_now(p, s, lesion, code)


@inner
def shedding_now(p: Any, s: Any, lesion: Any, code: Any) -> float:
    """Sum of N^alpha over the metastases that shed; renewed every third step, and on removal."""
    shedding = 0.0
    for slot in range(s.lesions):
        cells = lesion[SENSITIVE + slot] + lesion[RESISTANT + slot]
        kind = code[KIND + slot]
        shed = 0.0
        if cells > p.seed_cells and kind != PRIMARY and slot < s.active:
            shed = lesion[COPIES + slot] * fast_exp(p.alpha * fast_log(cells))
            shed *= p.field if is_field(kind) else 1.0
        lesion[SHED + slot] = shed
        shedding += shed
    return shedding


@inner
def _few_cells(key: np.uint64, s: Any, lesion: Any, code: Any, slot: int, flux: float) -> None:
    """One cell that turns resistant, or a clone that dies out."""
    sensitive, resistant = lesion[SENSITIVE + slot], lesion[RESISTANT + slot]
    stream = code[ROW + slot]
    if lesion[COPIES + slot] > 1.0:
        cells = sensitive + resistant
        if cells < FEW_CELLS:
            chance = uniform(key, _EXTINCTION_S, stream, s.step)
            left = _binomial(lesion[COPIES + slot], 1.0 - math.exp(-cells), chance)
            lesion[COPIES + slot] = left
            if left < 1.0:
                sensitive = resistant = 0.0
    else:
        due = flux * sensitive
        if 0.0 < due < 1.0 and uniform(key, _FLUX, stream, s.step) < due:
            moved = min(1.0, sensitive)
            sensitive -= moved
            resistant += moved
        sensitive = survive(key, _EXTINCTION_S, stream, s.step, sensitive)
        resistant = survive(key, _EXTINCTION_R, stream, s.step, resistant)
    lesion[SENSITIVE + slot], lesion[RESISTANT + slot] = sensitive, resistant


@inner
def _binomial(trials: float, chance_each: float, chance: float) -> float:
    """Binomial number by inversion of one uniform number; by the normal limit of many trials.

    Counted from the likelier end, so that the first term is not lost to rounding.
    """
    if chance_each >= 1.0:
        return trials
    if chance_each <= 0.0:
        return 0.0
    if chance_each > 0.5:
        return trials - _binomial_below(trials, 1.0 - chance_each, 1.0 - chance)
    return _binomial_below(trials, chance_each, chance)


@inner
def _binomial_below(trials: float, chance_each: float, chance: float) -> float:
    """The same where `chance_each` is at most one half."""
    if trials > _MANY_TRIALS:
        mean = trials * chance_each
        spread = math.sqrt(mean * (1.0 - chance_each)) * normal_quantile(chance)
        return min(trials, max(0.0, math.floor(mean + spread + 0.5)))
    odds = chance_each / (1.0 - chance_each)
    term = math.exp(trials * math.log1p(-chance_each))
    count = 0.0
    while chance > term and count < trials:
        chance -= term
        count += 1.0
        term *= odds * (trials - count + 1.0) / count
    return count
