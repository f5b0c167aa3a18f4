"""People who present with metastatic bowel cancer, as flat arrays."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.disease.exponential_integral import exponential_integral_tables
from debulk.disease.history import work_space
from debulk.disease.life_table import other_cause_hazards
from debulk.disease.lumps import STORED_MOST
from debulk.disease.model import DiseaseModel
from debulk.disease.presenters_kernels import presenters_of_block

if TYPE_CHECKING:
    from debulk.patients.cohort import Cohort

_BLOCK = 2048


@dataclass(frozen=True)
class Presenters:
    """People who present with metastases that imaging shows, ordered by trial and patient.

    Attributes
    ----------
    seed : int
        Seed that drew them; the course derives their latent variables from it again.
    births : int
        People with bowel cancer lived through to find them.
    trial : int32[n]
    patient : int64[n]
        Number within the trial, from 0.
    age_years : float64[n]
        At presentation.
    female, synchronous, primary_in_situ, adjuvant : bool[n]
        Synchronous: metastases at diagnosis. Adjuvant: chemotherapy after resection of stage III.
    stage : int8[n]
        Stage at diagnosis, 1 to 4.
    adjuvant_end_months : float64[n]
        Months from the end of adjuvant chemotherapy to presentation; NaN where none was given.
    recurrence_months : float64[n]
        Months from diagnosis to presentation; 0 where synchronous.
    who_ps : int8[n]
        WHO performance status, 0 to 3.
    ras, braf, msi : bool[n]
        Mutation of RAS, of BRAF V600E, microsatellite instability: noisy markers of aggressiveness.
    offsets : int64[n + 1]
        Lesions of patient i are rows ``offsets[i]`` to ``offsets[i + 1]`` of the arrays below; at
        most 40 single metastases (the largest), then a lump of the smaller ones for each class of
        organs, then the primary if it is in place.
    organ : int8[lesions]
        Code in `debulk.core.anatomy.ORGANS`.
    cells : float64[lesions]
        Living cells; 1e9 are one millilitre.
    growth : float64[lesions]
        Growth constant, per day; see `debulk.disease.growth`.
    visible : bool[lesions]
        Whether computed tomography shows it as a metastasis; False for the primary.
    diameter_mm : float64[lesions]
        Of a sphere of that many cells.
    copies : float64[lesions]
        Metastases that the row stands for: 1, or the number of a lump, which has the geometric
        mean of their cells and growth.
    lobe, station : int8[lesions]
        Codes in `debulk.disease.cohort_view.LOBES` and `STATIONS`; 0 where neither applies.
    near_vessel : bool[lesions]
        Beside a large vessel.
    """

    seed: int
    births: int
    trial: npt.NDArray[np.int32]
    patient: npt.NDArray[np.int64]
    age_years: npt.NDArray[np.float64]
    female: npt.NDArray[np.bool_]
    synchronous: npt.NDArray[np.bool_]
    stage: npt.NDArray[np.int8]
    primary_in_situ: npt.NDArray[np.bool_]
    adjuvant: npt.NDArray[np.bool_]
    adjuvant_end_months: npt.NDArray[np.float64]
    recurrence_months: npt.NDArray[np.float64]
    who_ps: npt.NDArray[np.int8]
    ras: npt.NDArray[np.bool_]
    braf: npt.NDArray[np.bool_]
    msi: npt.NDArray[np.bool_]
    offsets: npt.NDArray[np.int64]
    organ: npt.NDArray[np.int8]
    cells: npt.NDArray[np.float64]
    growth: npt.NDArray[np.float64]
    visible: npt.NDArray[np.bool_]
    diameter_mm: npt.NDArray[np.float64]
    copies: npt.NDArray[np.float64]
    lobe: npt.NDArray[np.int8]
    station: npt.NDArray[np.int8]
    near_vessel: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        """Number of patients."""
        return int(self.trial.size)

    @property
    def lesions(self) -> int:
        """Number of lesions of all patients."""
        return int(self.organ.size)

    @property
    def owner(self) -> npt.NDArray[np.int64]:
        """Row of the patient that each lesion is of."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    def take(self, indices: npt.ArrayLike) -> Presenters:
        """Some of the patients, with their lesions, in the order asked for.

        Parameters
        ----------
        indices : int array
            Rows to keep, or a bool mask of length n.

        Raises
        ------
        InputError
            If a row does not exist.
        """
        rows = np.asarray(indices)
        if rows.dtype == np.bool_:
            if rows.size != len(self):
                raise InputError(
                    "indices", f"a mask of {rows.size} for {len(self)} patients", "Give one each"
                )
            rows = np.flatnonzero(rows)
        rows = rows.astype(np.int64, copy=False)
        if rows.size and (int(rows.min()) < 0 or int(rows.max()) >= len(self)):
            raise InputError(
                "indices", f"rows from {rows.min()} to {rows.max()}", f"Stay in 0..{len(self) - 1}"
            )
        offsets, lesion_rows = _gathered(self.offsets, rows)
        taken = {name: getattr(self, name)[rows] for name in PATIENT_ARRAYS}
        taken |= {name: getattr(self, name)[lesion_rows] for name in LESION_ARRAYS}
        return Presenters(seed=self.seed, births=self.births, offsets=offsets, **taken)

    def cohort(self) -> Cohort:
        """These patients as tables; see `debulk.disease.cohort_view.cohort_of`."""
        from debulk.disease.cohort_view import cohort_of

        return cohort_of(self)

    def lesion_rows(self, indices: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Rows of the lesion arrays that `take` keeps, for arrays that run beside them."""
        rows = np.asarray(indices)
        rows = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.int64, copy=False)
        return _gathered(self.offsets, rows)[1]


LESION_ARRAYS = (
    "organ",
    "cells",
    "growth",
    "visible",
    "diameter_mm",
    "copies",
    "lobe",
    "station",
    "near_vessel",
)
"""Fields of `Presenters` with a row for each lesion."""

PATIENT_ARRAYS = tuple(
    each.name
    for each in fields(Presenters)
    if each.name not in {"seed", "births", "offsets", *LESION_ARRAYS}
)
"""Fields of `Presenters` with a row for each patient."""


def draw_presenters(
    model: DiseaseModel, *, seed: int, first_trial: int, trials: int, births: int
) -> Presenters:
    """Live through natural histories and keep who presents with visible metastases.

    Patients present at the diagnosis of the bowel cancer (stage IV) or at a recurrence that
    follow-up finds before they die from other causes. Every draw belongs to (seed, trial,
    patient): trials may be drawn in any chunks and on any number of threads.

    Parameters
    ----------
    model : DiseaseModel
    seed : int
        0 or above.
    first_trial, trials : int
        Trials ``first_trial`` to ``first_trial + trials - 1``.
    births : int
        People with bowel cancer in each trial, numbered from 0.

    Returns
    -------
    Presenters

    Raises
    ------
    InputError
        If a number is out of its range.
    """
    for name, value, least in (
        ("seed", seed, 0),
        ("first_trial", first_trial, 0),
        ("trials", trials, 0),
        ("births", births, 0),
    ):
        if value < least:
            raise InputError(name, f"{value} is below {least}", f"Give {least} or more")
    record = model.record()
    e1, hazards = exponential_integral_tables(), hazards_of(record)

    def block(task: tuple[int, int, int]) -> tuple[Any, ...]:
        return _block(record, e1, hazards, seed, *task)

    tasks = [
        (trial, start, min(start + _BLOCK, births))
        for trial in range(first_trial, first_trial + trials)
        for start in range(0, births, _BLOCK)
    ]
    tasks = tasks or [(first_trial, 0, 0)]
    workers = min(numba.get_num_threads(), len(tasks))
    if workers == 1:
        parts = [block(task) for task in tasks]
    else:
        with ThreadPoolExecutor(workers) as pool:
            parts = list(pool.map(block, tasks))
    return _of_blocks(seed, trials * births, parts)


def presenters_again(
    model: DiseaseModel,
    *,
    seed: int,
    trial: npt.NDArray[np.integer],
    patient: npt.NDArray[np.integer],
) -> Presenters:
    """Draw some presenters again, known by trial and patient, in the order given.

    Parameters
    ----------
    model : DiseaseModel
    seed : int
        That drew them first.
    trial, patient : int[n]
        Who, of those that `draw_presenters` kept.

    Raises
    ------
    InputError
        If somebody did not present.
    """
    record = model.record()
    e1, hazards = exponential_integral_tables(), hazards_of(record)
    people = list(zip(trial.tolist(), patient.tolist(), strict=True)) or [(0, 0)]
    parts = [_block(record, e1, hazards, seed, t, p, p + (trial.size > 0)) for t, p in people]
    drawn = _of_blocks(seed, len(people), parts)
    if len(drawn) != trial.size:
        found = f"{trial.size - len(drawn)} of {trial.size} did not present"
        raise InputError("patient", found, "Give numbers that draw_presenters gave")
    return drawn


def hazards_of(record: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Hazards of death from other causes in the model's calendar year: see `life_table`."""
    return other_cause_hazards(float(record["table_year"][0]))


def _block(
    record: Any, e1: Any, hazards: Any, seed: int, trial: int, start: int, stop: int
) -> tuple[npt.NDArray[Any], ...]:
    """Columns of one block: those of `PATIENT_ARRAYS`, the counts, those of `LESION_ARRAYS`."""
    people, room = stop - start, STORED_MOST * (stop - start)
    # Room for as many as there could be: pages that nothing is written to cost nothing.
    patients = (
        np.empty((2, people), dtype=np.int64),
        np.empty((3, people)),
        np.empty((9, people), dtype=np.int8),
    )
    lesions = (np.empty((4, room)), np.empty((5, room), dtype=np.int8))
    kept, used = presenters_of_block(
        record, e1, hazards, work_space(), seed, trial, start, stop, patients, lesions
    )
    (patient, counts), numbers, codes = (each[:, :kept] for each in patients)
    sizes, marks = (each[:, :used] for each in lesions)
    flags, seen = codes.view(np.bool_), marks.view(np.bool_)
    return (
        np.full(kept, trial, dtype=np.int32),
        patient,
        numbers[0],
        flags[0],
        flags[1],
        codes[2],
        flags[3],
        flags[4],
        numbers[1],
        numbers[2],
        codes[5],
        flags[6],
        flags[7],
        flags[8],
        counts,
        marks[0],
        sizes[0],
        sizes[1],
        seen[1],
        sizes[2],
        sizes[3],
        marks[2],
        marks[3],
        seen[4],
    )


def _gathered(
    offsets: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Offsets and lesion rows of the patients in `rows`."""
    counts = offsets[rows + 1] - offsets[rows]
    gathered = np.zeros(rows.size + 1, dtype=np.int64)
    np.cumsum(counts, out=gathered[1:])
    shift = np.repeat(offsets[rows] - gathered[:-1], counts)
    return gathered, np.arange(gathered[-1], dtype=np.int64) + shift


def _of_blocks(seed: int, births: int, parts: list[tuple[Any, ...]]) -> Presenters:
    columns = [np.concatenate(each) for each in zip(*parts, strict=True)]
    offsets = _offsets(columns[len(PATIENT_ARRAYS)])
    patients = dict(zip(PATIENT_ARRAYS, columns, strict=False))
    lesions = dict(zip(LESION_ARRAYS, columns[len(PATIENT_ARRAYS) + 1 :], strict=True))
    return Presenters(seed=seed, births=births, offsets=offsets, **patients, **lesions)


def joined(parts: Sequence[Presenters]) -> Presenters:
    """Presenters of one seed after one another.

    Parameters
    ----------
    parts : sequence of Presenters
        At least one.
    """
    if len(parts) == 1:
        return parts[0]
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in (*PATIENT_ARRAYS, *LESION_ARRAYS)
    }
    births = sum(part.births for part in parts)
    offsets = _offsets(np.concatenate([np.diff(part.offsets) for part in parts]))
    return Presenters(seed=parts[0].seed, births=births, offsets=offsets, **columns)


def _offsets(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    offsets = np.zeros(counts.size + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets
