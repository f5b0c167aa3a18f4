# mypy: disable-error-code="no-any-return"
# The model and the state are records, which have no static types.
"""Death in the course: of the tumour by organ, of treatment, of other causes."""

from __future__ import annotations

from typing import Any

import numpy as np

from debulk.core.streams import uniform
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease import decisions
from debulk.disease.course.state import OF_OTHER, OF_TREATMENT, OF_TUMOUR
from debulk.disease.decisions import ONCE, WHOLE
from debulk.disease.fast_math import fast_exp, fast_log
from debulk.disease.growth import STEP_DAYS
from debulk.disease.inner import hot

_CAUSE = decisions.CAUSE
_DAYS_PER_YEAR = 365.25
_OLDEST = decisions.typed(110)
_STEP_MONTHS = STEP_DAYS / DAYS_PER_MONTH
_SMALLEST_LOAD = 1e-3


@hot
def hill(p: Any, load: float) -> float:
    """Share of the largest hazard at a load; half at load 1."""
    if load <= _SMALLEST_LOAD:
        return 0.0
    power = fast_exp(p.hill * fast_log(load))
    return power / (1.0 + power)


@hot
def organ_terms(p: Any, s: Any, volumes: Any) -> float:
    """Sum of the organs' Hill terms, mixed with the one of the pooled load; renews the load."""
    per = 1.0 / p.cscale
    liver = volumes[0] * per / (p.c0_liver * s.reserve)
    lung, peritoneum = volumes[1] * per / p.c0_lung, volumes[2] * per / p.c0_per
    node, other = volumes[3] * per / p.c0_ln, volumes[4] * per / p.c0_oth
    primary = volumes[5] * per / p.c0_prim
    s.load = liver + lung + peritoneum + node + other + primary
    terms, share = 0.0, p.on_organ_death
    if share > 0.0:
        terms = hill(p, liver) + hill(p, lung) + hill(p, peritoneum)
        terms = share * (terms + hill(p, node) + hill(p, other) + hill(p, primary))
    if share < 1.0:
        pooled = 0.0
        for kind in range(6):
            pooled += volumes[kind]
        terms += (1.0 - share) * hill(p, pooled * per / p.c0_pooled)
    return terms


@hot
def dies(p: Any, key: np.uint64, s: Any, life_table: Any, volumes: Any, o: Any) -> bool:
    """Live through the hazard of a step; whether it reaches what the patient can live through.

    The one exponential number of a patient makes survival monotone in the hazard: whoever lives
    longer in one arm does so because of less hazard.
    """
    age = min(int((s.age_days + s.step * STEP_DAYS) / _DAYS_PER_YEAR), _OLDEST)
    other = p.other_causes * life_table[s.female, age]
    tumour = 0.0
    if s.lesions > 0:
        tumour = s.worn_frail * organ_terms(p, s, volumes)
    else:
        s.load = 0.0
    drug = p.h_drug * s.level
    hazard = other + tumour + drug
    s.hazard = hazard
    day = s.step * STEP_DAYS
    left = s.due - s.spent
    spent = hazard * _STEP_MONTHS
    s.spent += spent
    if spent >= left and spent > 0.0:
        s.death_day = day + left / spent * STEP_DAYS
        chance = uniform(key, _CAUSE, WHOLE, ONCE) * hazard
        o.cause = OF_TUMOUR
        if chance >= tumour:
            o.cause = OF_TREATMENT if chance < tumour + drug else OF_OTHER
    if s.operative_day < min(s.death_day, day + STEP_DAYS):
        s.death_day = s.operative_day
        o.cause = OF_TREATMENT
    return s.death_day < np.inf
