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
from debulk.disease.adjuvant import END_DAYS, adjuvant_course, stimulated_days
from debulk.disease.decisions import FIRST_LINE, ONCE, WHOLE
from debulk.disease.growth import (
    LN_10,
    LUNG,
    PERITONEUM,
    age_at_ln_cells,
    age_of_primary,
    cells_of_diameter,
    cells_of_primary,
)
from debulk.disease.inner import hot
from debulk.disease.latents import (
    first_weights,
    growth_of_metastases,
    growth_of_primary,
    kill_rate,
    resistance_logit,
    shedding_rate,
    z_aggressive,
    z_growth,
)
from debulk.disease.lumps import keep_largest, ripe_and_seen
from debulk.disease.person import (
    ADJUVANT,
    DIAGNOSIS_DAY,
    OTHER_DEATH_MONTHS,
    PERSON_FIELDS,
    RECURRENCE_MONTHS,
    STAGE,
    SURVIVORS,
    set_person,
)
from debulk.disease.response import kill_terms
from debulk.disease.seeding import (
    LESIONS_MOST,
    births_of_primary,
    cascade,
    expected_shed,
    furnish,
)
from debulk.disease.stages import (
    diagnosis_by_metastases,
    is_stage_4,
    set_early_stage,
    set_stage_4,
)

_COMPETENCE = decisions.COMPETENCE
_DIAGNOSIS_SIZE = decisions.DIAGNOSIS_SIZE
_FOLLOW_UP_THRESHOLD = decisions.FOLLOW_UP_THRESHOLD
_FOLLOW_UP_PHASE = decisions.FOLLOW_UP_PHASE
_CLEARANCE = decisions.CLEARANCE

_BELOW_CAPACITY = 0.2
"""A primary is found, log10, at least so far below the largest size it can have."""


@hot
def history(
    p: Any,
    e1: Any,
    hazards: Any,
    key: np.uint64,
    census: bool,
    person: Any,
    born: Any,
    growth: Any,
    organ: Any,
    cells: Any,
    copies: Any,
) -> int:
    """Live through one natural history; the rows of metastases at presentation, or 0.

    Parameters
    ----------
    p : record
        The model.
    e1 : float64 array
        Tables of the exponential integral.
    hazards : float64[2, 111]
        Hazard of death from other causes per month: men and women, by age in whole years.
    key : uint64
        Key of the patient.
    census : bool
        Whether stage and recurrence are wanted of everyone, and metastases of no one.
    person : float64[PERSON_FIELDS]
        Written: stage (1-4), synchronous, cells of the primary in place (0: removed), adjuvant,
        months from diagnosis to recurrence (NaN: none), day of diagnosis, expected number shed,
        metastases that staging does not show, those among them that outlive resection and adjuvant
        chemotherapy (stage I-III), age at diagnosis, female, months from diagnosis to death from
        other causes.
    born, growth, cells, copies : float64[LESIONS_MOST]
        Written: spare, growth constant per day, cells, metastases that the row stands for.
    organ : int8[LESIONS_MOST]
        Written: class of organ.
    """
    person[STAGE] = 0.0
    person[RECURRENCE_MONTHS] = np.nan
    person[SURVIVORS] = 0.0
    aggressive = z_aggressive(key)
    rate, shedding = shedding_rate(p, key, aggressive)
    speed = z_growth(p, key, aggressive)
    growth_p = growth_of_primary(p, key, speed)
    found = p.dxsize + p.sdxsize * normal(key, _DIAGNOSIS_SIZE, WHOLE, ONCE)
    competent = max(0.0, p.vcomp + p.svcomp * normal(key, _COMPETENCE, WHOLE, ONCE))
    found = max(0.0, min(found, p.cap_primary - _BELOW_CAPACITY))
    ln_dx, ln_competent = LN_10 * found, LN_10 * competent
    first = 0
    if competent < found and rate > 0.0:
        first = births_of_primary(p, e1, key, rate, growth_p, ln_competent, ln_dx, born)
    if first == 0 and not census:
        return 0
    median_growth = growth_of_metastases(p, speed)
    if first > 0:
        first_weights(p, key, shedding, copies)
        furnish(p, key, median_growth, copies, first, growth, organ)
    day = age_of_primary(p, growth_p, ln_dx)
    earlier = diagnosis_by_metastases(p, key, day, first, born, growth, cells)
    if earlier < day:
        day = earlier
        ln_dx = math.log(cells_of_primary(p, growth_p, day))
        while first > 0 and born[first - 1] >= day:
            first -= 1
    person[DIAGNOSIS_DAY] = day
    if is_stage_4(p, key, first, organ, cells, person):
        set_stage_4(p, key, math.exp(ln_dx), person)
    else:
        shed = 0.0
        if ln_dx > ln_competent and rate > 0.0:
            shed = expected_shed(p, e1, rate, growth_p, ln_competent, ln_dx)
        set_early_stage(p, key, ln_dx / LN_10, shed, person)
        first = _occult_survivors(p, key, aggressive, person, first, born, growth, organ, cells)
        person[SURVIVORS] = first
        months = _recurrence_months(p, key, person, first, born, growth, organ)
        if months <= p.follow_up_months:
            person[RECURRENCE_MONTHS] = months
            # From here on the day is the lesions' own: the stimulus has made them older.
            day += months * DAYS_PER_MONTH + stimulated_days(p, months * DAYS_PER_MONTH)
        elif not census:
            return 0
    if census:
        set_person(p, hazards, key, person)
        return 0
    count = first
    if p.fsec * rate > 0.0:
        count = cascade(
            p,
            e1,
            key,
            p.fsec * rate,
            median_growth,
            copies,
            day,
            first,
            born,
            growth,
            organ,
            cells,
        )
    ln_seen = math.log(cells_of_diameter(p.ddet))
    if ripe_and_seen(p, day, ln_seen, count, born, growth, organ, cells) == 0:
        return 0
    set_person(p, hazards, key, person)
    if person[OTHER_DEATH_MONTHS] <= person[RECURRENCE_MONTHS]:
        return 0
    return keep_largest(p, count, born, growth, organ, cells, copies)


@hot
def _occult_survivors(
    p: Any,
    key: np.uint64,
    aggressive: float,
    person: Any,
    count: int,
    born: Any,
    growth: Any,
    organ: Any,
    cells: Any,
) -> int:
    """Keep the occult lesions that immunity, and adjuvant chemotherapy, leave; how many.

    A lesion that chemotherapy shrank is put back on its curve of growth by moving its birth.
    """
    half = math.exp(LN_10 * p.limm)
    drug = person[ADJUVANT] > 0.0 and count > 0
    kill, logit = (0.0, 0.0), 0.0
    end = person[DIAGNOSIS_DAY] + END_DAYS + stimulated_days(p, END_DAYS)
    if drug:
        rate = p.adjuvant_kill * kill_rate(p, key, aggressive, FIRST_LINE)
        kill = kill_terms(p, rate, LN_10 * p.cap_met, p.pen)
        logit = resistance_logit(p, key, aggressive, FIRST_LINE)
    kept = 0
    for slot in range(count):
        # A lesion outlives immunity with probability N / (N + half), at the smallest it ever is.
        chance = uniform(key, _CLEARANCE, slot, ONCE)
        cleared = half * chance / (1.0 - chance)
        if cells[slot] <= cleared:
            continue
        start = born[slot]
        if drug:
            left = adjuvant_course(p, key, slot, cells[slot], growth[slot], kill, logit, cleared)
            if left <= 0.0:
                continue
            start = end - age_at_ln_cells(p, growth[slot], math.log(max(left, 1.0)))
        born[kept] = start
        growth[kept] = growth[slot]
        organ[kept] = organ[slot]
        kept += 1
    return kept


@hot
def _recurrence_months(
    p: Any, key: np.uint64, person: Any, count: int, born: Any, growth: Any, organ: Any
) -> float:
    """Months from diagnosis to the visit that finds the first recurrence; infinite if none.

    Visits come at regular gaps from a first one at a random time within a gap.
    """
    if count == 0:
        return np.inf
    diameter = p.dsurv * math.exp(p.sdsurv * normal(key, _FOLLOW_UP_THRESHOLD, WHOLE, ONCE))
    ln_cells = math.log(cells_of_diameter(diameter))
    liver = age_at_ln_cells(p, 1.0, ln_cells)
    lung = age_at_ln_cells(p, 1.0, ln_cells + math.log(p.see_lung))
    peritoneum = age_at_ln_cells(p, 1.0, ln_cells + math.log(p.see_per))
    earliest = np.inf
    for slot in range(count):
        needed = liver
        if organ[slot] == LUNG:
            needed = lung
        elif organ[slot] == PERITONEUM:
            needed = peritoneum
        earliest = min(earliest, born[slot] + needed / growth[slot])
    if earliest == np.inf:
        return np.inf
    days = max(0.0, earliest - person[DIAGNOSIS_DAY])
    stimulated = p.surge_primary_days * (1.0 + p.surge_primary)
    if days < stimulated:
        days /= 1.0 + p.surge_primary
    else:
        days -= p.surge_primary * p.surge_primary_days
    gap = p.visit_gap_months
    first_visit = gap * uniform(key, _FOLLOW_UP_PHASE, WHOLE, ONCE)
    return first_visit + gap * max(0.0, math.ceil((days / DAYS_PER_MONTH - first_visit) / gap))


def work_space() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int8]]:
    """Arrays that `history` writes into: person; born, growth, cells and copies; organ.

    Made outside the kernels, where making arrays takes no time to compile.
    """
    return (
        np.empty(PERSON_FIELDS),
        np.empty((4, LESIONS_MOST)),
        np.empty(LESIONS_MOST, dtype=np.int8),
    )
