# mypy: disable-error-code="no-any-return"
# The model is a record, which has no static types.
"""Adjuvant chemotherapy of one occult lesion: the rules of the course for eleven steps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.disease import decisions
from debulk.disease.decisions import FIRST_LINE
from debulk.disease.growth import LN_10, STEP_DAYS
from debulk.disease.inner import hot
from debulk.disease.response import partition, survive, whole_cells

_SHARES = (decisions.ADJUVANT_RESISTANCE, decisions.ADJUVANT_CELLS)
_FLUX = decisions.ADJUVANT_FLUX
_EXTINCTION_S = decisions.ADJUVANT_EXTINCTION_S
_EXTINCTION_R = decisions.ADJUVANT_EXTINCTION_R

STEPS = 11
FIRST_DRUG_STEP = 3
END_DAYS = STEPS * STEP_DAYS
"""Days from resection to the end of adjuvant chemotherapy."""


@hot
def stimulated_days(p: Any, days: float) -> float:
    """Days by which occult lesions are older than the calendar, `days` after the resection.

    For a time removal of the primary stimulates their growth: they age faster by a share.
    """
    return p.surge_primary * min(max(days, 0.0), p.surge_primary_days)


@hot
def adjuvant_course(
    p: Any,
    key: np.uint64,
    slot: int,
    cells: float,
    growth: float,
    kill: tuple[float, float],
    logit: float,
    cleared: float,
) -> float:
    """Cells of an occult lesion at the end; 0 once immunity has cleared it, from `cleared` on.

    `kill` is a line in ln(K/N), as `debulk.disease.response.kill_terms` gives it. The drug acts
    from the third step after resection to the tenth; until then the lesion grows on.
    """
    sensitive, resistant = partition(p, key, _SHARES, slot, FIRST_LINE, logit, cells)
    ln_capacity = LN_10 * p.cap_met
    gompertz = p.exponential <= 0.0
    flux = p.flux * p.uacq * STEP_DAYS
    start = FIRST_DRUG_STEP * STEP_DAYS
    aged = growth * (start + stimulated_days(p, start))
    ln_room = ln_capacity - math.log(cells)
    gain = math.exp(ln_room * (1.0 - math.exp(-aged)) if gompertz else aged)
    sensitive, resistant = sensitive * gain, resistant * gain
    for step in range(FIRST_DRUG_STEP, STEPS):
        day = step * STEP_DAYS
        aged = growth * (STEP_DAYS + stimulated_days(p, day + STEP_DAYS) - stimulated_days(p, day))
        ln_room = ln_capacity - math.log(sensitive + resistant)
        gain = ln_room * (1.0 - math.exp(-aged)) if gompertz else aged
        killed = STEP_DAYS * min(p.kpmax, kill[0] + kill[1] * max(ln_room, 0.0))
        if sensitive > 0.0:
            sensitive *= math.exp(gain - killed)
        if resistant > 0.0:
            resistant *= math.exp(gain - p.rhoR * killed)
        moved = min(sensitive, whole_cells(key, _FLUX, slot, step, flux * sensitive))
        sensitive = survive(key, _EXTINCTION_S, slot, step, sensitive - moved)
        resistant = survive(key, _EXTINCTION_R, slot, step, resistant + moved)
        if sensitive + resistant <= cleared:
            return 0.0
    return sensitive + resistant
