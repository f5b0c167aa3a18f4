# mypy: disable-error-code="no-any-return"
# The model is a record, which has no static types.
"""What a natural history tells of a person, and when the person would die from other causes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.core.compiled import kernel
from debulk.core.streams import uniform
from debulk.disease import decisions
from debulk.disease.decisions import ONCE, WHOLE
from debulk.disease.inner import hot
from debulk.disease.latents import age_years, is_female

_OTHER_DEATH = decisions.OTHER_DEATH

(
    STAGE,
    SYNCHRONOUS,
    PRIMARY_CELLS,
    ADJUVANT,
    RECURRENCE_MONTHS,
    DIAGNOSIS_DAY,
    SHED,
    OCCULT,
    SURVIVORS,
    AGE_YEARS,
    FEMALE,
    OTHER_DEATH_MONTHS,
) = range(12)
PERSON_FIELDS = 12
"""Columns of a person: see `debulk.disease.history.history`."""

_MONTHS_A_YEAR = 12.0


@hot
def set_person(p: Any, hazards: Any, key: np.uint64, person: Any) -> None:
    """Age at diagnosis and sex, and when the person would die from other causes."""
    age = age_years(p, key)
    female = is_female(p, key)
    person[AGE_YEARS] = age
    person[FEMALE] = female
    chance = uniform(key, _OTHER_DEATH, WHOLE, ONCE)
    person[OTHER_DEATH_MONTHS] = other_death_months(hazards, p.other_causes, age, female, chance)


@kernel
def other_death_months(
    hazards: Any, factor: float, age: float, female: bool, chance: float
) -> float:
    """Months to death from other causes, from a uniform number; infinite without hazard.

    The inverse of the cumulative hazard, which is linear within a year of age. The last age of the
    table stands for all above it.
    """
    row = 1 if female else 0
    oldest = hazards.shape[1] - 1
    year = min(int(age), oldest)
    left, months = -math.log(chance), 0.0
    span = (year + 1.0 - age) * _MONTHS_A_YEAR
    while year < oldest:
        passed = factor * hazards[row, year] * span
        if passed >= left:
            break
        left -= passed
        months += span
        span = _MONTHS_A_YEAR
        year += 1
    hazard = factor * hazards[row, year]
    return months + left / hazard if hazard > 0.0 else np.inf
