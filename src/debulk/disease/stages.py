# mypy: disable-error-code="no-any-return"
# The model is a record, which has no static types.
"""Diagnosis of the bowel cancer and its stage."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.core.streams import normal, uniform
from debulk.disease import decisions
from debulk.disease.decisions import ONCE, WHOLE
from debulk.disease.growth import CELLS_PER_CM3, LUNG, PERITONEUM, cells_of_diameter
from debulk.disease.inner import hot
from debulk.disease.person import ADJUVANT, OCCULT, PRIMARY_CELLS, SHED, STAGE, SYNCHRONOUS
from debulk.disease.seeding import cells_on_day, gain_on_day

_DIAGNOSIS_METASTASES = decisions.DIAGNOSIS_METASTASES
_STAGING_THRESHOLD = decisions.STAGING_THRESHOLD
_NODE_POSITIVE = decisions.NODE_POSITIVE
_T_STAGE = decisions.T_STAGE
_PRIMARY_KEPT = decisions.PRIMARY_KEPT
_ADJUVANT = decisions.ADJUVANT

_NEWTON_MOST = 60
_NEWTON_DAYS = 1e-6


@hot
def diagnosis_by_metastases(
    p: Any, key: np.uint64, day: float, count: int, born: Any, growth: Any, cells: Any
) -> float:
    """Day on which metastases would lead to diagnosis, if before `day`; else `day`.

    Writes the cells of each on that day. Newton's method on the logarithm of all cells, within a
    bracket that it halves where a step would leave it.
    """
    if count == 0:
        return day
    total = cells_on_day(p, day, count, born, growth, cells)
    z = normal(key, _DIAGNOSIS_METASTASES, WHOLE, ONCE)
    enough = CELLS_PER_CM3 * p.dxmet_ml * math.exp(p.sdxmet * z)
    if total <= enough:
        return day
    low, high = born[0], day
    guess = day
    for _ in range(_NEWTON_MOST):
        if total > enough:
            high = guess
        else:
            low = guess
        slope = gain_on_day(p, guess, count, born, growth, cells)
        step = math.log(total / enough) * total / slope if slope > 0.0 else np.inf
        last = guess
        guess -= step
        if not low <= guess <= high:
            guess = 0.5 * (low + high)
        total = cells_on_day(p, guess, count, born, growth, cells)
        if abs(guess - last) < _NEWTON_DAYS:
            break
    return guess


@hot
def is_stage_4(p: Any, key: np.uint64, count: int, organ: Any, cells: Any, person: Any) -> bool:
    """Whether staging shows a metastasis; counts those it does not show."""
    person[OCCULT] = 0.0
    if count == 0:
        return False
    diameter = p.dstag * math.exp(p.sdstag * normal(key, _STAGING_THRESHOLD, WHOLE, ONCE))
    threshold = cells_of_diameter(diameter)
    seen = 0
    for slot in range(count):
        factor = 1.0
        if organ[slot] == PERITONEUM:
            factor = p.stage_per
        elif organ[slot] == LUNG:
            factor = p.stage_lung
        if cells[slot] > factor * threshold:
            seen += 1
    person[OCCULT] = count - seen
    return seen > 0


@hot
def set_stage_4(p: Any, key: np.uint64, cells_dx: float, person: Any) -> None:
    """Stage IV: metastases at diagnosis."""
    person[STAGE] = 4.0
    person[SYNCHRONOUS] = 1.0
    kept = uniform(key, _PRIMARY_KEPT, WHOLE, ONCE) < p.primary_kept
    person[PRIMARY_CELLS] = cells_dx if kept else 0.0
    person[ADJUVANT] = 0.0


@hot
def set_early_stage(p: Any, key: np.uint64, log10_cells: float, shed: float, person: Any) -> None:
    """Stage I, II or III; nodes and distant spread share the expected number shed."""
    person[SYNCHRONOUS] = 0.0
    person[PRIMARY_CELLS] = 0.0
    person[ADJUVANT] = 0.0
    person[SHED] = shed
    positive = 1.0 - math.exp(-p.kLN * shed**p.gLN) if shed > 0.0 else 0.0
    if uniform(key, _NODE_POSITIVE, WHOLE, ONCE) < positive:
        person[STAGE] = 3.0
        if uniform(key, _ADJUVANT, WHOLE, ONCE) < p.adjuvant_share:
            person[ADJUVANT] = 1.0
        return
    shallow = 1.0 / (1.0 + math.exp((log10_cells - p.mT) / p.sT))
    person[STAGE] = 1.0 if uniform(key, _T_STAGE, WHOLE, ONCE) < shallow else 2.0
