"""Kernels behind `Presenters`: a block of natural histories, and the gathering of lesions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.anatomy import ORGAN_CODE
from debulk.core.compiled import kernel
from debulk.core.streams import patient_key, uniform
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease import decisions
from debulk.disease.adjuvant import END_DAYS
from debulk.disease.growth import (
    LIVER,
    NODE,
    ORGAN_OF_CLASS,
    OTHER,
    PRIMARY,
    cells_of_diameter,
    diameter_of_cells,
    organ_load,
    seen_factor,
)
from debulk.disease.history import (
    ADJUVANT,
    PRIMARY_CELLS,
    RECURRENCE_MONTHS,
    STAGE,
    history,
    work_space,
)
from debulk.disease.latents import (
    age_years,
    growth_of_primary,
    is_female,
    pace,
    pick,
    z_frailty,
    z_growth,
)
from debulk.disease.response import response_tables

_OTHER_ORGAN = decisions.OTHER_ORGAN
_LOBE = decisions.LOBE
_STATION = decisions.STATION
_NEAR_VESSEL = decisions.NEAR_VESSEL

_OTHERS = np.array(
    [ORGAN_CODE[o] for o in ("bone", "brain", "adrenal", "ovary", "pleura", "other")],
    dtype=np.int8,
)
_OVARY = 3
_LESIONS_A_PERSON = 20


@kernel
def tables_of_model(record: Any) -> Any:
    """Tables of a model, see `response_tables`."""
    return response_tables(record[0])


@kernel
def census_of_block(
    record: Any, e1: Any, table: Any, seed: int, trial: int, start: int, stop: int
) -> Any:
    """Every person of a block with its fields, presenting or not: float64[people, fields]."""
    p = record[0]
    person, born, growth, cells, organ = work_space()
    people = np.empty((stop - start, person.size))
    for row in range(stop - start):
        key = patient_key(seed, trial, start + row)
        history(p, e1, table, key, True, person, born, growth, organ, cells)
        people[row] = person
    return people


@kernel
def presenters_of_block(
    record: Any, e1: Any, table: Any, seed: int, trial: int, start: int, stop: int
) -> Any:
    """Patients `start` to `stop` of a trial who present: arrays in the order of `Presenters`."""
    p = record[0]
    person, born, growth, cells, organ = work_space()
    people = stop - start
    trial_of = np.full(people, trial, dtype=np.int32)
    patient_of = np.empty(people, dtype=np.int64)
    numbers = np.empty((3, people))  # age, months since adjuvant therapy, months to recurrence
    flags = np.empty((4, people), dtype=np.bool_)  # female, synchronous, primary, adjuvant
    codes = np.empty((2, people), dtype=np.int8)  # stage, WHO performance status
    counts = np.empty(people, dtype=np.int64)
    room = _LESIONS_A_PERSON * people + 128
    sizes = np.empty((3, room))  # cells, growth, diameter
    marks = np.empty((3, room), dtype=np.int8)  # organ, lobe, station
    truths = np.empty((2, room), dtype=np.bool_)  # visible, near a vessel
    kept, used = 0, 0
    for patient in range(start, stop):
        key = patient_key(seed, trial, patient)
        count = history(p, e1, table, key, False, person, born, growth, organ, cells)
        if count == 0:
            continue
        if used + count + 1 > room:
            sizes, marks, truths = _more_room(sizes, marks, truths)
            room = sizes.shape[1]
        patient_of[kept] = patient
        _describe_person(p, key, person, kept, numbers, flags, codes)
        if person[PRIMARY_CELLS] > 0.0:
            organ[count] = PRIMARY
            cells[count] = person[PRIMARY_CELLS]
            growth[count] = growth_of_primary(p, key, z_growth(key), pace(p, key))
            count += 1
        codes[1, kept] = _performance_status(p, key, count, organ, cells)
        _describe_lesions(
            p, key, flags[0, kept], count, organ, cells, growth, used, sizes, marks, truths
        )
        counts[kept] = count
        kept += 1
        used += count
    return (
        trial_of[:kept].copy(),
        patient_of[:kept].copy(),
        numbers[0, :kept].copy(),
        flags[0, :kept].copy(),
        flags[1, :kept].copy(),
        codes[0, :kept].copy(),
        flags[2, :kept].copy(),
        flags[3, :kept].copy(),
        numbers[1, :kept].copy(),
        numbers[2, :kept].copy(),
        codes[1, :kept].copy(),
        counts[:kept].copy(),
        marks[0, :used].copy(),
        sizes[0, :used].copy(),
        sizes[1, :used].copy(),
        truths[0, :used].copy(),
        sizes[2, :used].copy(),
        marks[1, :used].copy(),
        marks[2, :used].copy(),
        truths[1, :used].copy(),
    )


@kernel
def _more_room(sizes: Any, marks: Any, truths: Any) -> Any:
    old = sizes.shape[1]
    more_sizes = np.empty((3, 2 * old))
    more_marks = np.empty((3, 2 * old), dtype=np.int8)
    more_truths = np.empty((2, 2 * old), dtype=np.bool_)
    for row in range(3):
        for column in range(old):
            more_sizes[row, column] = sizes[row, column]
            more_marks[row, column] = marks[row, column]
            if row < 2:
                more_truths[row, column] = truths[row, column]
    return more_sizes, more_marks, more_truths


@kernel
def _describe_person(
    p: Any, key: np.uint64, person: Any, row: int, numbers: Any, flags: Any, codes: Any
) -> None:
    stage_4 = person[STAGE] == 4.0
    months = 0.0 if stage_4 else person[RECURRENCE_MONTHS]
    adjuvant = person[ADJUVANT] > 0.0
    numbers[0, row] = age_years(p, key)
    numbers[1, row] = months - END_DAYS / DAYS_PER_MONTH if adjuvant else np.nan
    numbers[2, row] = months
    flags[0, row] = is_female(p, key)
    flags[1, row] = stage_4
    flags[2, row] = person[PRIMARY_CELLS] > 0.0
    flags[3, row] = adjuvant
    codes[0, row] = int(person[STAGE])


@kernel
def _performance_status(p: Any, key: np.uint64, count: int, organ: Any, cells: Any) -> int:
    volumes = np.zeros(6)
    for slot in range(count):
        volumes[organ[slot]] += cells[slot] / 1e9
    load = organ_load(p, volumes) * math.exp(p.who_frailty * z_frailty(key))
    if load < p.who_1:
        return 0
    if load < p.who_2:
        return 1
    return 2 if load < p.who_3 else 3


@kernel
def _describe_lesions(
    p: Any,
    key: np.uint64,
    female: bool,
    count: int,
    organ: Any,
    cells: Any,
    growth: Any,
    used: int,
    sizes: Any,
    marks: Any,
    truths: Any,
) -> None:
    threshold = cells_of_diameter(p.ddet)
    for slot in range(count):
        row = used + slot
        kind = organ[slot]
        sizes[0, row] = cells[slot]
        sizes[1, row] = growth[slot]
        sizes[2, row] = 10.0 * diameter_of_cells(cells[slot])
        marks[0, row] = ORGAN_OF_CLASS[kind]
        marks[1, row] = 0
        marks[2, row] = 0
        truths[0, row] = kind != PRIMARY and cells[slot] >= threshold * seen_factor(p, kind)
        beside = p.vessel_liver if kind == LIVER else p.vessel_other
        truths[1, row] = kind != PRIMARY and uniform(key, _NEAR_VESSEL, slot, 0) < beside
        if kind == LIVER:
            marks[1, row] = 1 if uniform(key, _LOBE, slot, 0) < p.right_lobe else 2
        elif kind == NODE:
            marks[2, row] = 1 + _station(p, uniform(key, _STATION, slot, 0))
        elif kind == OTHER:
            marks[0, row] = _OTHERS[_other(p, female, uniform(key, _OTHER_ORGAN, slot, 0))]


@kernel
def _station(p: Any, chance: float) -> int:
    weights = np.empty(5)
    weights[0] = p.n_para_aortic
    weights[1] = p.n_coeliac
    weights[2] = p.n_liver_hilum
    weights[3] = p.n_mediastinal
    weights[4] = p.n_pelvic
    return pick(weights, chance * weights.sum())


@kernel
def _other(p: Any, female: bool, chance: float) -> int:
    weights = np.empty(6)
    weights[0] = p.o_bone
    weights[1] = p.o_brain
    weights[2] = p.o_adrenal
    weights[_OVARY] = p.o_ovary if female else 0.0
    weights[4] = p.o_pleura
    weights[5] = p.o_rest
    return pick(weights, chance * weights.sum())


@kernel
def gather_lesions(offsets: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]) -> Any:
    """Offsets and lesion rows of the patients in `rows`."""
    gathered = np.zeros(rows.size + 1, dtype=np.int64)
    for place in range(rows.size):
        row = rows[place]
        gathered[place + 1] = gathered[place] + offsets[row + 1] - offsets[row]
    lesion_rows = np.empty(gathered[rows.size], dtype=np.int64)
    for place in range(rows.size):
        first = offsets[rows[place]]
        for lesion in range(gathered[place + 1] - gathered[place]):
            lesion_rows[gathered[place] + lesion] = first + lesion
    return gathered, lesion_rows
