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

from debulk.core.streams import uniform
from debulk.disease import decisions
from debulk.disease.course.state import BLOCK, CATCH_UP_STEPS
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

_TINY = 1e-300
_SURGE_SMALLEST = 0.005


@hot
def set_pace(p: Any, key: np.uint64, s: Any, space: Any) -> None:
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
        catch_up(p, key, s, space)
        s.pace = factor
        for slot in range(s.lesions):
            set_growth(p, s, space, slot)


@inner
def set_growth(p: Any, s: Any, space: Any, slot: int) -> None:
    """What one step, and three, of growth do in a lesion at the present pace."""
    grown = space.growth[slot] * STEP_DAYS * s.pace
    if p.exponential > 0.0 and space.kind[slot] != PRIMARY:
        space.steady[slot] = grown
        space.decay[slot] = 0.0
        space.decay_3[slot] = 0.0
    else:
        left = math.exp(-grown)
        space.steady[slot] = 0.0
        space.decay[slot] = 1.0 - left
        space.decay_3[slot] = 1.0 - left * left * left


@hot
def grow(p: Any, key: np.uint64, s: Any, space: Any, volumes: Any) -> None:
    """One step of every lesion; renews organ volumes, burden and shedding."""
    kill = s.strength * s.kill * STEP_DAYS
    flux = p.flux * p.uacq_course * s.level * STEP_DAYS if kill > 0.0 else 0.0
    defence = _defence(p, s)
    if s.dead > 0 or p.drug_dead > 0.0:
        _dead_cells(p, s, space, kill)
    _advance(p, s, space, 0, s.active, 1.0, space.decay, kill, flux, 0.0)
    s.pending += 1
    s.pending_kill += kill
    s.pending_flux += flux
    s.pending_defence += defence
    _weigh(p, key, s, space, volumes, flux, defence)
    if s.pending >= CATCH_UP_STEPS:
        catch_up(p, key, s, space)


@inner
def catch_up(p: Any, key: np.uint64, s: Any, space: Any) -> None:
    """Bring the small lesions up to now, and see which lesions are active."""
    if s.pending == 0:
        return
    steps, stop = s.pending, _whole_blocks(s.lesions)
    kill, flux, defence = s.pending_kill, s.pending_flux, s.pending_defence
    s.pending = 0
    s.pending_kill = s.pending_flux = s.pending_defence = 0.0
    if steps == CATCH_UP_STEPS:
        _advance(p, s, space, s.active, stop, 3.0, space.decay_3, kill, flux, defence)
    else:
        share = 1.0 / steps
        for _ in range(steps):
            _advance(
                p,
                s,
                space,
                s.active,
                stop,
                1.0,
                space.decay,
                share * kill,
                share * flux,
                share * defence,
            )
    few, living, last = _few(flux), 0.0, 0
    for slot in range(s.active, s.lesions):
        sensitive, resistant = space.sensitive[slot], space.resistant[slot]
        if sensitive < few or resistant < FEW_CELLS:
            if sensitive + resistant <= 0.0:
                continue
            _few_cells(key, s, space, slot, flux)
        cells = space.sensitive[slot] + space.resistant[slot]
        living += cells
        if cells > ACTIVE_CELLS:
            last = slot + 1
    if last > 0:
        s.active = _whole_blocks(last)
    else:
        _rest(s, space)
    if living <= 0.0 and s.active == 0 and s.dead == 0:
        s.lesions = 0


@inner
def _whole_blocks(count: int) -> int:
    return (count + BLOCK - 1) // BLOCK * BLOCK


@inner
def set_active(s: Any, space: Any) -> None:
    """Find the active lesions anew; nothing may be pending."""
    last = 0
    for slot in range(s.lesions):
        if space.sensitive[slot] + space.resistant[slot] > ACTIVE_CELLS:
            last = slot + 1
    s.active = _whole_blocks(last)


@inner
def _rest(s: Any, space: Any) -> None:
    """Let the last active block rest with the small lesions where all in it are small."""
    if s.active == 0:
        return
    largest = 0.0
    for slot in range(s.active - BLOCK, min(s.active, s.lesions)):
        largest = max(largest, space.sensitive[slot] + space.resistant[slot] + space.dead[slot])
    if largest < DORMANT_CELLS:
        s.active -= BLOCK


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
    space: Any,
    first: int,
    stop: int,
    steps: float,
    decay: Any,
    kill: float,
    flux: float,
    defence: float,
) -> None:
    """Growth, kill and immunity of the lesions from `first` to `stop`, over 1 or 3 steps."""
    if first >= stop:
        return
    if kill > 0.0:
        pen = min(1.0, p.pen_course)
        _treated(
            first,
            stop,
            space.sensitive,
            space.resistant,
            space.steady,
            decay,
            space.ln_capacity,
            steps,
            kill * (1.0 - pen),
            kill * pen * s.reach,
            p.kpmax * STEP_DAYS * steps,
            p.rhoR,
            flux,
            defence,
            1.0 / p.imm_cells,
        )
    else:
        _untreated(
            first,
            stop,
            space.sensitive,
            space.resistant,
            space.steady,
            decay,
            space.ln_capacity,
            steps,
            defence,
            1.0 / p.imm_cells,
        )


@hot
def _treated(
    first: int,
    stop: int,
    sensitive: Any,
    resistant: Any,
    steady: Any,
    decay: Any,
    ln_capacity: Any,
    steps: float,
    flat: float,
    sloped: float,
    most: float,
    spared: float,
    flux: float,
    defence: float,
    per_cell: float,
) -> None:
    for slot in range(first, stop):
        cells = sensitive[slot] + resistant[slot]
        room = ln_capacity[slot] - fast_log(cells + _TINY)
        gain = steps * steady[slot] + room * decay[slot]
        gain -= defence * max(0.0, 1.0 - cells * per_cell)
        killed = min(most, flat + sloped * max(room, 0.0))
        left = sensitive[slot] * fast_exp(gain - killed)
        due = left * flux
        due = due if due >= 1.0 else 0.0
        sensitive[slot] = left - due
        resistant[slot] = resistant[slot] * fast_exp(gain - spared * killed) + due


@hot
def _untreated(
    first: int,
    stop: int,
    sensitive: Any,
    resistant: Any,
    steady: Any,
    decay: Any,
    ln_capacity: Any,
    steps: float,
    defence: float,
    per_cell: float,
) -> None:
    for slot in range(first, stop):
        cells = sensitive[slot] + resistant[slot]
        room = ln_capacity[slot] - fast_log(cells + _TINY)
        gain = steps * steady[slot] + room * decay[slot]
        factor = fast_exp(gain - defence * max(0.0, 1.0 - cells * per_cell))
        sensitive[slot] *= factor
        resistant[slot] *= factor


@inner
def _dead_cells(p: Any, s: Any, space: Any, kill: float) -> None:
    """Clear dead cells; keep what the drug is about to kill as such, where it is seen."""
    shown = p.drug_dead > 0.0 and kill > 0.0
    fast = math.exp(-math.log(2.0) * STEP_DAYS / p.drug_dead_days)
    pen = min(1.0, p.pen_course)
    left = 0.0
    for slot in range(min(s.active, s.lesions)):
        dead = space.dead[slot] * space.dead_left[slot]
        if shown:
            cells = space.sensitive[slot] + space.resistant[slot]
            room = max(space.ln_capacity[slot] - fast_log(cells + _TINY), 0.0)
            killed = min(p.kpmax * STEP_DAYS, kill * (1.0 - pen + pen * s.reach * room))
            lost = space.sensitive[slot] * (1.0 - fast_exp(-killed))
            lost += space.resistant[slot] * (1.0 - fast_exp(-p.rhoR * killed))
            # Spread evenly over the step, half of it is cleared for half a step on average.
            lost *= math.sqrt(fast)
            if lost > dead:
                space.dead_left[slot] = fast
            dead += lost
        space.dead[slot] = dead
        left += dead
    s.dead = 1 if left > DORMANT_CELLS else 0


@hot
def _weigh(
    p: Any, key: np.uint64, s: Any, space: Any, volumes: Any, flux: float, defence: float
) -> None:
    """Chance among few cells; volumes of the organs, burden and shedding of the active lesions."""
    for kind in range(6):
        volumes[kind] = 0.0
    few, imm_cells = _few(flux), p.imm_cells
    for slot in range(min(s.active, s.lesions)):
        sensitive, resistant = space.sensitive[slot], space.resistant[slot]
        if sensitive < few or resistant < FEW_CELLS:
            if sensitive + resistant <= 0.0:
                continue
            _few_cells(key, s, space, slot, flux)
            sensitive, resistant = space.sensitive[slot], space.resistant[slot]
        cells = sensitive + resistant
        if defence > 0.0 and cells < imm_cells:
            factor = fast_exp(-defence * (1.0 - cells / imm_cells))
            space.sensitive[slot] = sensitive * factor
            space.resistant[slot] = resistant * factor
            cells *= factor
        volumes[space.kind[slot]] += cells * space.copies[slot] * 1e-9
    total = 0.0
    for kind in range(6):
        total += volumes[kind]
    s.total = total * 1e9
    if s.step % CATCH_UP_STEPS == 0 and s.shed_rate > 0.0:
        s.shedding = _shedding(p, s, space)


@inner
def _shedding(p: Any, s: Any, space: Any) -> float:
    """Sum of N^alpha over the metastases that shed; renewed every third step."""
    shedding = 0.0
    for slot in range(min(s.active, s.lesions)):
        cells = space.sensitive[slot] + space.resistant[slot]
        kind = space.kind[slot]
        if cells > p.seed_cells and kind != PRIMARY:
            shed = space.copies[slot] * fast_exp(p.alpha * fast_log(cells))
            shedding += shed * p.field if is_field(kind) else shed
    return shedding


@inner
def _few_cells(key: np.uint64, s: Any, space: Any, slot: int, flux: float) -> None:
    """One cell that turns resistant, or a clone that dies out."""
    sensitive, resistant = space.sensitive[slot], space.resistant[slot]
    stream = space.row[slot]
    if space.copies[slot] > 1.0:
        cells = sensitive + resistant
        if cells < FEW_CELLS:
            chance = uniform(key, _EXTINCTION_S, stream, s.step)
            left = _binomial(space.copies[slot], 1.0 - math.exp(-cells), chance)
            space.copies[slot] = left
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
    space.sensitive[slot], space.resistant[slot] = sensitive, resistant


@inner
def _binomial(trials: float, chance_each: float, chance: float) -> float:
    """Binomial number by inversion of one uniform number."""
    if chance_each >= 1.0:
        return trials
    if chance_each <= 0.0:
        return 0.0
    odds = chance_each / (1.0 - chance_each)
    term = math.exp(trials * math.log1p(-chance_each))
    count = 0.0
    while chance > term and count < trials:
        chance -= term
        count += 1.0
        term *= odds * (trials - count + 1.0) / count
    return count
