# mypy: disable-error-code="no-any-return"
# The model and the state are records, which have no static types.
"""New metastases in the course: at most one a step, of one cell."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.core.streams import normal, uniform
from debulk.disease import decisions
from debulk.disease.course.growth_step import set_growth
from debulk.disease.course.opening import furnish_slot, open_slot
from debulk.disease.course.state import (
    COPIES,
    GROWTH,
    KIND,
    MODALITY,
    ORGAN,
    RESISTANT,
    ROW,
    SENSITIVE,
    SHED,
    SLOTS,
)
from debulk.disease.decisions import WHOLE
from debulk.disease.growth import (
    ORGAN_OF_CLASS,
    STEP_DAYS,
    cells_of_diameter,
    seen_factor,
)
from debulk.disease.inner import hot, inner
from debulk.disease.seeding import organ_of_child

_SEED = decisions.SEED
_SEED_PARENT = decisions.SEED_PARENT
_SEED_SAME = decisions.SEED_SAME
_SEED_ORGAN = decisions.SEED_ORGAN
_SEED_GROWTH = decisions.SEED_GROWTH


@hot
def seed_metastasis(p: Any, key: np.uint64, s: Any, lesion: Any, code: Any, weights: Any) -> None:
    """At most one new metastasis a step, of one cell, in a free slot."""
    if s.shedding <= 0.0 or s.shed_rate <= 0.0:
        return
    drug = 1.0 - s.level * (1.0 - p.seed_drug)
    dna = 1.0 + p.dna_seed * p.on_dna * s.total / (s.total + p.dna_half)
    expected = s.shed_rate * s.shedding * STEP_DAYS * drug * dna
    chance = uniform(key, _SEED, WHOLE, s.step)
    # The first comparison spares most patients the exponential.
    if chance >= expected or chance >= 1.0 - math.exp(-expected):
        return
    slot = open_slot(s, lesion)
    if slot >= SLOTS:
        return
    parent = _parent(s, lesion, uniform(key, _SEED_PARENT, WHOLE, s.step))
    if parent < 0:
        return
    kind = organ_of_child(
        p,
        weights,
        code[KIND + parent],
        uniform(key, _SEED_SAME, WHOLE, s.step),
        uniform(key, _SEED_ORGAN, WHOLE, s.step),
    )
    # Small lesions catch up every third step: the new one counts from the last time.
    lesion[SENSITIVE + slot] = 1.0
    lesion[RESISTANT + slot] = 0.0
    lesion[GROWTH + slot] = s.median_growth * math.exp(
        p.sbMw * normal(key, _SEED_GROWTH, WHOLE, s.step)
    )
    lesion[COPIES + slot] = 1.0
    code[KIND + slot] = kind
    code[ORGAN + slot] = ORGAN_OF_CLASS[kind]
    code[MODALITY + slot] = -1
    lesion[SHED + slot] = 0.0
    code[ROW + slot] = slot
    furnish_slot(p, lesion, code, slot, kind, cells_of_diameter(p.ddet) * seen_factor(p, kind))
    set_growth(p, s, lesion, code, slot)
    if slot >= s.lesions:
        s.lesions = slot + 1


@inner
def _parent(s: Any, lesion: Any, chance: float) -> int:
    """The metastasis that shed, with probability by what each sheds; -1 if none does any more."""
    left = chance * s.shedding
    for slot in range(s.lesions):
        left -= lesion[SHED + slot]
        if left <= 0.0 and lesion[SHED + slot] > 0.0:
            return slot
    return -1
