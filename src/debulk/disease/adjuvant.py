"""Adjuvant chemotherapy of one occult lesion: the operator of the course for eleven steps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.disease import decisions
from debulk.disease.decisions import FIRST_LINE
from debulk.disease.growth import LN_CAPACITY, STEP_DAYS
from debulk.disease.inner import inner
from debulk.disease.response import acquired, partition, survive, treated_step

_SHARES = (decisions.ADJUVANT_RESISTANCE, decisions.ADJUVANT_CELLS)
_FLUX = decisions.ADJUVANT_FLUX
_EXTINCTION_S = decisions.ADJUVANT_EXTINCTION_S
_EXTINCTION_R = decisions.ADJUVANT_EXTINCTION_R

STEPS = 11
FIRST_DRUG_STEP = 3
END_DAYS = STEPS * STEP_DAYS
"""Days from resection to the end of adjuvant chemotherapy."""


@inner
def adjuvant_course(
    p: Any,
    key: np.uint64,
    slot: int,
    cells: float,
    growth: float,
    kill: float,
    logit: float,
    table: Any,
) -> tuple[float, float]:
    """Cells at the end, and the smallest number on the way, of an occult lesion.

    The drug acts from the third step after resection to the tenth.
    """
    sensitive, resistant = partition(p, key, _SHARES, slot, FIRST_LINE, logit, cells)
    decay = 1.0 - math.exp(-growth * STEP_DAYS)
    flux = p.flux * p.uacq * STEP_DAYS
    penetration = table[0]
    nadir = cells
    for step in range(STEPS):
        total = sensitive + resistant
        if total <= 0.0:
            return 0.0, 0.0
        ln_room = LN_CAPACITY - math.log(total)
        gain = ln_room * decay
        if step >= FIRST_DRUG_STEP:
            sensitive, resistant = treated_step(
                p.kpmax, p.rhoR, sensitive, resistant, gain, kill, ln_room, penetration
            )
            if flux > 0.0:
                moved = acquired(key, _FLUX, slot, step, flux * sensitive, sensitive)
                sensitive -= moved
                resistant += moved
            sensitive = survive(key, _EXTINCTION_S, slot, step, sensitive)
            resistant = survive(key, _EXTINCTION_R, slot, step, resistant)
        else:
            sensitive *= math.exp(gain)
            resistant *= math.exp(gain)
        nadir = min(nadir, sensitive + resistant)
    return sensitive + resistant, nadir
