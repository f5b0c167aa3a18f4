"""Kernels behind `Presenters`: blocks of natural histories."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.core.anatomy import ORGAN_CODE
from debulk.core.compiled import kernel
from debulk.core.streams import patient_key, uniform
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease import decisions
from debulk.disease.adjuvant import END_DAYS
from debulk.disease.decisions import ONCE
from debulk.disease.fast_math import fast_exp, fast_log
from debulk.disease.growth import (
    CELLS_PER_CM3,
    LIVER,
    NODE,
    ORGAN_OF_CLASS,
    OTHER,
    PRIMARY,
    cells_of_diameter,
    organ_load,
    seen_factor,
)
from debulk.disease.history import history
from debulk.disease.inner import hot
from debulk.disease.latents import (
    growth_of_primary,
    markers,
    z_aggressive,
    z_frailty,
    z_growth,
)
from debulk.disease.person import (
    ADJUVANT,
    AGE_YEARS,
    FEMALE,
    PRIMARY_CELLS,
    RECURRENCE_MONTHS,
    STAGE,
)

_OTHER_ORGAN = decisions.OTHER_ORGAN
_LOBE = decisions.LOBE
_STATION = decisions.STATION
_NEAR_VESSEL = decisions.NEAR_VESSEL

_OTHERS = np.array(
    [ORGAN_CODE[o] for o in ("bone", "brain", "adrenal", "ovary", "pleura", "other")],
    dtype=np.int8,
)
_OVARY = 3
_LN_CUBE = math.log(CELLS_PER_CM3 * math.pi / 6.0)
_NONE = decisions.typed(0)


@kernel
def census_of_block(
    record: Any, e1: Any, hazards: Any, space: Any, seed: int, trial: int, people: Any
) -> None:
    """Every person of a trial with its fields, presenting or not: float64[people, fields]."""
    p = record[trial % record.size]
    person, numbers, organ = space
    born, growth, cells, copies = numbers[0], numbers[1], numbers[2], numbers[3]
    for row in range(people.shape[0]):
        key = patient_key(seed, trial, row)
        history(p, e1, hazards, key, True, person, born, growth, organ, cells, copies)
        for field in range(person.size):
            people[row, field] = person[field]


@kernel
def presenters_of_block(
    record: Any,
    e1: Any,
    hazards: Any,
    space: Any,
    seed: int,
    trial: int,
    start: int,
    stop: int,
    patients: Any,
    lesions: Any,
) -> tuple[int, int]:
    """Write the patients `start` to `stop` of a trial who present; how many, and their lesions.

    Parameters
    ----------
    patients : (int64[2, n], float64[3, n], int8[9, n])
        Number and lesions; age, months since adjuvant therapy and to recurrence; female,
        synchronous, stage, primary in place, adjuvant, WHO performance status, RAS, BRAF, MSI.
    lesions : (float64[4, m], int8[5, m])
        Cells, growth, diameter in mm, copies; organ, visible, lobe, station, beside a vessel.
    """
    p = record[trial % record.size]
    person, numbers, organ = space
    born, growth, cells, copies = numbers[0], numbers[1], numbers[2], numbers[3]
    kept, used = _NONE, _NONE
    for patient in range(start, stop):
        key = patient_key(seed, trial, patient)
        count = history(p, e1, hazards, key, False, person, born, growth, organ, cells, copies)
        if count == 0:
            continue
        if person[PRIMARY_CELLS] > 0.0:
            organ[count] = PRIMARY
            cells[count] = person[PRIMARY_CELLS]
            growth[count] = growth_of_primary(p, key, z_growth(p, key, z_aggressive(key)))
            copies[count] = 1.0
            count += 1
        patients[0][0, kept] = patient
        patients[0][1, kept] = count
        _describe_person(p, key, person, kept, patients[1], patients[2])
        codes = patients[2]
        # The fields of the person are written by now: their room serves for volumes.
        codes[5, kept] = _performance_status(p, key, count, organ, cells, copies, person)
        codes[6, kept], codes[7, kept], codes[8, kept] = markers(p, key)
        _describe_lesions(p, key, codes[0, kept], count, organ, numbers, used, *lesions)
        kept += 1
        used += count
    return kept, used


@hot
def _describe_person(
    p: Any, key: np.uint64, person: Any, row: int, numbers: Any, codes: Any
) -> None:
    stage_4 = person[STAGE] == 4.0
    months = 0.0 if stage_4 else person[RECURRENCE_MONTHS]
    adjuvant = person[ADJUVANT] > 0.0
    numbers[0, row] = person[AGE_YEARS] + months / 12.0
    numbers[1, row] = months - END_DAYS / DAYS_PER_MONTH if adjuvant else np.nan
    numbers[2, row] = months
    codes[0, row] = person[FEMALE] > 0.0
    codes[1, row] = stage_4
    codes[2, row] = int(person[STAGE])
    codes[3, row] = person[PRIMARY_CELLS] > 0.0
    codes[4, row] = adjuvant


@hot
def _performance_status(
    p: Any, key: np.uint64, count: int, organ: Any, cells: Any, copies: Any, volumes: Any
) -> int:
    """WHO performance status; `volumes` is space for six numbers."""
    for kind in range(6):
        volumes[kind] = 0.0
    for slot in range(count):
        volumes[organ[slot]] += copies[slot] * cells[slot] / CELLS_PER_CM3
    load = organ_load(p, volumes) * math.exp(p.who_frailty * z_frailty(key))
    if load < p.who_1:
        return 0
    if load < p.who_2:
        return 1
    return 2 if load < p.who_3 else 3


@hot
def _describe_lesions(
    p: Any,
    key: np.uint64,
    female: int,
    count: int,
    organ: Any,
    numbers: Any,
    used: int,
    sizes: Any,
    marks: Any,
) -> None:
    threshold = cells_of_diameter(p.ddet)
    growth, cells, copies = numbers[1], numbers[2], numbers[3]
    # Without branches: the first loop runs on several lesions at once.
    for slot in range(count):
        sizes[0, used + slot] = cells[slot]
        sizes[1, used + slot] = growth[slot]
        sizes[2, used + slot] = 10.0 * fast_exp((fast_log(cells[slot]) - _LN_CUBE) / 3.0)
        sizes[3, used + slot] = copies[slot]
    for slot in range(count):
        row = used + slot
        kind = organ[slot]
        marks[0, row] = ORGAN_OF_CLASS[kind]
        marks[1, row] = kind != PRIMARY and cells[slot] >= threshold * seen_factor(p, kind)
        marks[2, row] = 0
        marks[3, row] = 0
        beside = p.vessel_liver if kind == LIVER else p.vessel_other
        marks[4, row] = kind != PRIMARY and uniform(key, _NEAR_VESSEL, slot, ONCE) < beside
        if kind == LIVER:
            marks[2, row] = 1 if uniform(key, _LOBE, slot, ONCE) < p.right_lobe else 2
        elif kind == NODE:
            marks[3, row] = 1 + _station(p, uniform(key, _STATION, slot, ONCE))
        elif kind == OTHER:
            marks[0, row] = _OTHERS[_other(p, female, uniform(key, _OTHER_ORGAN, slot, ONCE))]


@hot
def _station(p: Any, chance: float) -> int:
    """Nodal station, in the order of `STATIONS` without the first, from a uniform number."""
    abdominal = p.n_para_aortic + p.n_coeliac + p.n_liver_hilum
    chance *= abdominal + p.n_mediastinal + p.n_pelvic
    if chance < p.n_para_aortic:
        return 0
    if chance < p.n_para_aortic + p.n_coeliac:
        return 1
    if chance < abdominal:
        return 2
    return 3 if chance < abdominal + p.n_mediastinal else 4


@hot
def _other(p: Any, female: int, chance: float) -> int:
    """Position in `_OTHERS` from a uniform number; men have no ovaries."""
    ovary = p.o_ovary if female else 0.0
    first = p.o_bone + p.o_brain
    chance *= first + p.o_adrenal + ovary + p.o_pleura + p.o_rest
    if chance < p.o_bone:
        return 0
    if chance < first:
        return 1
    if chance < first + p.o_adrenal:
        return 2
    if chance < first + p.o_adrenal + ovary:
        return _OVARY
    return 4 if chance < first + p.o_adrenal + ovary + p.o_pleura else 5
