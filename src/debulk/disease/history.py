# mypy: disable-error-code="no-any-return"
# The model is a record, which has no static types.
"""Natural history of one person with bowel cancer, in closed form: from one cell to metastases.

`history` writes the person and the metastases at presentation into work space that its caller
owns; a person who never presents with metastases leaves as early as that is known.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.streams import normal, uniform
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease import decisions
from debulk.disease.adjuvant import END_DAYS, adjuvant_course
from debulk.disease.decisions import FIRST_LINE, ONCE, WHOLE
from debulk.disease.growth import (
    CELLS_PER_CM3,
    LN_CAPACITY,
    LUNG,
    PERITONEUM,
    age_at_cells,
    cells_at_age,
    cells_of_diameter,
    seen_factor,
)
from debulk.disease.inner import inner
from debulk.disease.latents import (
    cascade_weights,
    first_weights,
    growth_of_primary,
    kill_rate,
    pace,
    resistance_logit,
    z_growth,
    z_shedding,
)
from debulk.disease.seeding import (
    LESIONS_MOST,
    births_of_primary,
    cascade,
    cells_and_growth,
    cells_on_day,
    expected_shed,
    furnish,
)

_COMPETENCE = decisions.COMPETENCE
_DIAGNOSIS_SIZE = decisions.DIAGNOSIS_SIZE
_DIAGNOSIS_METASTASES = decisions.DIAGNOSIS_METASTASES
_STAGING_THRESHOLD = decisions.STAGING_THRESHOLD
_NODE_POSITIVE = decisions.NODE_POSITIVE
_T_STAGE = decisions.T_STAGE
_FOLLOW_UP_THRESHOLD = decisions.FOLLOW_UP_THRESHOLD
_PRIMARY_KEPT = decisions.PRIMARY_KEPT
_CLEARANCE = decisions.CLEARANCE
_ADJUVANT = decisions.ADJUVANT

STORED_MOST = 47
"""Metastases kept for one presenter: the largest."""

STAGE, SYNCHRONOUS, PRIMARY_CELLS, ADJUVANT, RECURRENCE_MONTHS, DIAGNOSIS_DAY, SHED, VISIBLE = (
    range(8)
)
PERSON_FIELDS = 8
"""Columns of a person: see `history`."""

_LN_10 = math.log(10.0)
_MOST_LOG10 = 11.8
_NEWTON_MOST = 60
_NEWTON_DAYS = 1e-6
_HALVINGS = 60


@inner
def history(
    p: Any,
    e1: Any,
    table: Any,
    key: np.uint64,
    census: bool,
    person: Any,
    born: Any,
    growth: Any,
    organ: Any,
    cells: Any,
    weights: Any,
) -> int:
    """Live through one natural history; the number of metastases at presentation, or 0.

    Parameters
    ----------
    p : record
        The model.
    e1, table : float64 arrays
        Tables of the exponential integral and of penetration.
    key : uint64
        Key of the patient.
    census : bool
        Whether stage and recurrence are wanted of those too who never present.
    person : float64[PERSON_FIELDS]
        Written: stage (1-4), synchronous, cells of the primary in place (0: removed), adjuvant,
        months from diagnosis to recurrence (NaN: none), day of diagnosis, expected number shed,
        metastases seen.
    born, growth, cells : float64[LESIONS_MOST]
        Written: day of birth, Gompertz constant per day, cells.
    organ : int8[LESIONS_MOST]
        Written: class of organ.
    weights : float64[LESIONS_MOST]
        Spare room.
    """
    person[STAGE] = 0.0
    person[RECURRENCE_MONTHS] = np.nan
    person[VISIBLE] = 0.0
    speed = z_growth(key)
    slow = pace(p, key)
    shedding = z_shedding(p, key, speed)
    rate = slow * p.mu * math.exp(p.smu * shedding)
    growth_p = growth_of_primary(p, key, speed, slow)
    found = p.dxsize + p.sdxsize * normal(key, _DIAGNOSIS_SIZE, WHOLE, ONCE)
    competent = max(0.0, p.vcomp + p.svcomp * normal(key, _COMPETENCE, WHOLE, ONCE))
    found = min(found, _MOST_LOG10)
    cells_dx, cells_competent = math.exp(_LN_10 * found), math.exp(_LN_10 * competent)
    first = 0
    if competent < found and rate > 0.0:
        first = births_of_primary(p, e1, key, rate, growth_p, cells_competent, cells_dx, born)
    if first == 0 and not census:
        return 0
    median_growth = slow * p.bM * math.exp(p.sbM * speed)
    if first > 0:
        first_weights(p, key, shedding, weights)
        furnish(p, key, median_growth, weights, first, growth, organ)
    day = age_at_cells(growth_p, cells_dx)
    total = cells_on_day(day, first, born, growth, cells)
    earlier = _diagnosis_by_metastases(p, key, day, total, first, born, growth)
    if earlier < day:
        day = earlier
        cells_dx = cells_at_age(growth_p, day)
        while first > 0 and born[first - 1] >= day:
            first -= 1
        cells_on_day(day, first, born, growth, cells)
    person[DIAGNOSIS_DAY] = day
    if _is_stage_4(p, key, first, organ, cells):
        _set_stage_4(p, key, cells_dx, person)
    else:
        shed = 0.0
        if cells_dx > cells_competent and rate > 0.0:
            shed = expected_shed(p, e1, rate, growth_p, cells_competent, cells_dx)
        _set_early_stage(p, key, cells_dx, shed, person)
        first = _occult_survivors(p, table, key, speed, person, first, born, growth, organ, cells)
        months = _recurrence_months(p, key, person, first, born, growth, organ)
        if not months <= p.follow_up_months:
            return 0
        person[RECURRENCE_MONTHS] = months
        day += months * DAYS_PER_MONTH
    if first == 0:
        return 0
    cascade_weights(p, key, weights)
    shed_rate = p.fsec * rate
    count = first
    if shed_rate > 0.0:
        count = cascade(
            p, e1, key, shed_rate, median_growth, weights, day, first, born, growth, organ
        )
    return _at_presentation(p, day, count, person, born, growth, organ, cells)


@inner
def _diagnosis_by_metastases(
    p: Any, key: np.uint64, day: float, cells: float, count: int, born: Any, growth: Any
) -> float:
    """Day on which metastases would lead to diagnosis, if before `day`; else `day`.

    `cells` is what all metastases have on `day`. Newton's method on the logarithm of the cells,
    within a bracket that it halves where a step would leave it.
    """
    if count == 0:
        return day
    z = normal(key, _DIAGNOSIS_METASTASES, WHOLE, ONCE)
    enough = CELLS_PER_CM3 * p.dxmet_ml * math.exp(p.sdxmet * z)
    if cells <= enough:
        return day
    low, high = born[0], day
    guess = day
    for _ in range(_NEWTON_MOST):
        total, slope = cells_and_growth(guess, count, born, growth)
        if total > enough:
            high = guess
        else:
            low = guess
        step = math.log(total / enough) * total / slope if slope > 0.0 else np.inf
        last = guess
        guess -= step
        if not low <= guess <= high:
            guess = 0.5 * (low + high)
        if abs(guess - last) < _NEWTON_DAYS:
            break
    return guess


@inner
def _is_stage_4(p: Any, key: np.uint64, count: int, organ: Any, cells: Any) -> bool:
    if count == 0:
        return False
    diameter = p.dstag * math.exp(p.sdstag * normal(key, _STAGING_THRESHOLD, WHOLE, ONCE))
    threshold = cells_of_diameter(diameter)
    for slot in range(count):
        factor = 1.0
        if organ[slot] == PERITONEUM:
            factor = p.stage_per
        elif organ[slot] == LUNG:
            factor = p.stage_lung
        if cells[slot] > factor * threshold:
            return True
    return False


@inner
def _set_stage_4(p: Any, key: np.uint64, cells_dx: float, person: Any) -> None:
    person[STAGE] = 4.0
    person[SYNCHRONOUS] = 1.0
    kept = uniform(key, _PRIMARY_KEPT, WHOLE, ONCE) < p.primary_kept
    person[PRIMARY_CELLS] = cells_dx if kept else 0.0
    person[ADJUVANT] = 0.0


@inner
def _set_early_stage(p: Any, key: np.uint64, cells_dx: float, shed: float, person: Any) -> None:
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
    shallow = 1.0 / (1.0 + math.exp((math.log10(cells_dx) - p.mT) / p.sT))
    person[STAGE] = 1.0 if uniform(key, _T_STAGE, WHOLE, ONCE) < shallow else 2.0


@inner
def _occult_survivors(
    p: Any,
    table: Any,
    key: np.uint64,
    speed: float,
    person: Any,
    count: int,
    born: Any,
    growth: Any,
    organ: Any,
    cells: Any,
) -> int:
    """Keep the occult lesions that immunity, and adjuvant chemotherapy, leave; how many.

    A lesion that chemotherapy shrank is put back on its Gompertz curve by moving its birth.
    """
    half = math.exp(_LN_10 * p.limm)
    drug = person[ADJUVANT] > 0.0 and count > 0
    kill, logit = 0.0, 0.0
    if drug:
        kill = p.adjuvant_kill * kill_rate(p, key, speed, FIRST_LINE)
        logit = resistance_logit(p, key, speed, FIRST_LINE)
    kept = 0
    for slot in range(count):
        chance = uniform(key, _CLEARANCE, slot, ONCE)
        smallest = cells[slot]
        if chance >= smallest / (smallest + half):
            continue
        start = born[slot]
        if drug:
            left, smallest = adjuvant_course(
                p, key, slot, smallest, growth[slot], kill, logit, table
            )
            if left <= 0.0 or chance >= smallest / (smallest + half):
                continue
            end = person[DIAGNOSIS_DAY] + END_DAYS
            start = end - age_at_cells(growth[slot], max(left, 1.0))
        born[kept] = start
        growth[kept] = growth[slot]
        organ[kept] = organ[slot]
        kept += 1
    return kept


@inner
def _recurrence_months(
    p: Any, key: np.uint64, person: Any, count: int, born: Any, growth: Any, organ: Any
) -> float:
    """Months from diagnosis to the visit that finds the first recurrence; infinite if none."""
    if count == 0:
        return np.inf
    diameter = p.dsurv * math.exp(p.sdsurv * normal(key, _FOLLOW_UP_THRESHOLD, WHOLE, ONCE))
    threshold = cells_of_diameter(diameter)
    earliest = np.inf
    for slot in range(count):
        cells = min(threshold * seen_factor(p, organ[slot]), 0.999999 * math.exp(LN_CAPACITY))
        passed = born[slot] + age_at_cells(growth[slot], cells)
        earliest = min(earliest, passed)
    months = max(0.0, earliest - person[DIAGNOSIS_DAY]) / DAYS_PER_MONTH
    return max(1.0, math.ceil(months / p.visit_gap_months)) * p.visit_gap_months


@inner
def _at_presentation(
    p: Any,
    day: float,
    count: int,
    person: Any,
    born: Any,
    growth: Any,
    organ: Any,
    cells: Any,
) -> int:
    """Cells on the day of presentation, the largest lesions kept; 0 if imaging shows none.

    The size of a lesion rises with the product of its growth constant and its age, so that the
    largest are found without an exponential.
    """
    threshold = cells_of_diameter(p.ddet)
    reach = age_at_cells(1.0, threshold * p.see_lung), age_at_cells(1.0, threshold * p.see_per)
    least_seen = age_at_cells(1.0, threshold)
    seen = 0
    for slot in range(count):
        cells[slot] = growth[slot] * max(day - born[slot], 0.0)
        kind = organ[slot]
        needed = least_seen
        if kind == LUNG:
            needed = reach[0]
        elif kind == PERITONEUM:
            needed = reach[1]
        if cells[slot] >= needed:
            seen += 1
    person[VISIBLE] = seen
    if seen == 0:
        return 0
    least = -1.0
    if count > STORED_MOST:
        least = _kth_largest(cells, count, STORED_MOST)
    kept = 0
    for slot in range(count):
        if cells[slot] >= least and kept < STORED_MOST:
            born[kept] = born[slot]
            growth[kept] = growth[slot]
            organ[kept] = organ[slot]
            cells[kept] = math.exp(LN_CAPACITY * (1.0 - math.exp(-cells[slot])))
            kept += 1
    return kept


@inner
def _kth_largest(values: Any, count: int, rank: int) -> float:
    """At least the `rank`-th largest of the first `count` numbers, by halving their range."""
    low, high = values[0], values[0]
    for slot in range(1, count):
        low, high = min(low, values[slot]), max(high, values[slot])
    # Fewer than `rank` values are at or above `high`; at least `rank` are at or above `low`.
    high *= 1.0 + 1e-12
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        above = 0
        for slot in range(count):
            if values[slot] >= middle:
                above += 1
        if above == rank:
            return middle
        if above > rank:
            low = middle
        else:
            high = middle
    return low


def work_space() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int8]]:
    """Arrays that `history` writes into: person; born, growth, cells and spare; organ.

    Made outside the kernels, where making arrays takes no time to compile.
    """
    return (
        np.empty(PERSON_FIELDS),
        np.empty((4, LESIONS_MOST)),
        np.empty(LESIONS_MOST, dtype=np.int8),
    )
