"""What targets measure of natural history: stages, recurrence, organs at presentation, growth."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from debulk.core.anatomy import ORGAN_CODE
from debulk.disease.census import Census, take_census
from debulk.disease.growth import CLASS_OF_ORGAN, LIVER, LUNG, PERITONEUM, PRIMARY
from debulk.disease.model import DiseaseModel
from debulk.disease.presenters import Presenters
from debulk.disease.targets import statistics
from debulk.disease.targets.pool import BIRTHS, Pool
from debulk.disease.targets.runs import BLOCKS
from debulk.disease.targets.selections import eligible_for_surgery
from debulk.disease.targets.sight import Seen, seen_of

Floats = npt.NDArray[np.float64]

ADJUVANT_ARMS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "as given": MappingProxyType({}),
        "none": MappingProxyType({"adjuvant_share": 0.0}),
        "all": MappingProxyType({"adjuvant_share": 1.0}),
    }
)
"""Arms of the census: adjuvant chemotherapy of stage III as it is given, for nobody, for all."""

BIRTHS_A_PATIENT = 5
"""People lived through for each patient wanted: a stage has a fifth of them at least."""

_RECURRENCE_FOLLOW_UP = (60.0, 60.0)
_MOST_LESION_CM = 5.0
_LEAST_OVERT_CM = 2.0
_OCCULT_CM = (0.5, 1.0)
_MM_PER_CM = 10.0


@dataclass(frozen=True)
class Everyone:
    """People with bowel cancer, ordered by block; stage and recurrence by arm."""

    block: npt.NDArray[np.int64]
    stage: Mapping[str, npt.NDArray[np.int8]]
    recurrence_months: Mapping[str, Floats]
    other_death_months: Floats

    def rows(self, first: int, last: int) -> Everyone:
        """The people of some blocks in a row."""
        low, high = np.searchsorted(self.block, (first, last))
        cut = slice(int(low), int(high))
        return Everyone(
            self.block[cut],
            {arm: values[cut] for arm, values in self.stage.items()},
            {arm: values[cut] for arm, values in self.recurrence_months.items()},
            self.other_death_months[cut],
        )

    def recurrence(self, arm: str, stage: int) -> tuple[Floats, Floats]:
        """Months to recurrence of those of a stage, infinite where none, and to other death."""
        of_stage = self.stage[arm] == stage
        months = self.recurrence_months[arm][of_stage]
        return np.where(np.isnan(months), np.inf, months), self.other_death_months[of_stage]


@dataclass(frozen=True)
class Arrivals:
    """Those who present with metastases, ordered by block, and the births they came from."""

    block: npt.NDArray[np.int64]
    seen: Seen
    liver_alone: npt.NDArray[np.bool_]
    births_a_block: float
    blocks: int
    lesion_block: npt.NDArray[np.int64]
    lesions: Mapping[str, npt.NDArray[Any]]

    def rows(self, first: int, last: int) -> Arrivals:
        """Those of some blocks in a row."""
        low, high = np.searchsorted(self.block, (first, last))
        start, end = np.searchsorted(self.lesion_block, (first, last))
        cut, cut_lesions = slice(int(low), int(high)), slice(int(start), int(end))
        return Arrivals(
            self.block[cut],
            self.seen.take(cut),
            self.liver_alone[cut],
            self.births_a_block,
            last - first,
            self.lesion_block[cut_lesions],
            {name: values[cut_lesions] for name, values in self.lesions.items()},
        )

    @property
    def births(self) -> float:
        """People with bowel cancer lived through."""
        return self.births_a_block * self.blocks


def everyone(model: DiseaseModel, *, seed: int, patients: int, arms: Collection[str]) -> Everyone:
    """Live through the natural histories behind the targets of stages and recurrence.

    Parameters
    ----------
    model : DiseaseModel
    seed : int
    patients : int
        Wanted in each stage.
    arms : collection of str
        Out of `ADJUVANT_ARMS`.
    """
    trials = model.draws if model.draws > 1 else BLOCKS
    births = -(-patients * BIRTHS_A_PATIENT // trials)
    stage, recurrence = {}, {}
    found: list[Census] = []
    for arm in arms:
        changes = ADJUVANT_ARMS[arm]
        chosen = model.with_parameters(changes) if changes else model

        def census(trial: int, chosen: DiseaseModel = chosen) -> Census:
            return take_census(chosen, seed=seed, births=births, trial=trial)

        with ThreadPoolExecutor(max(1, numba.get_num_threads())) as threads:
            found = list(threads.map(census, range(trials)))
        stage[arm] = np.concatenate([each.stage for each in found])
        recurrence[arm] = np.concatenate([each.recurrence_months for each in found])
    # Age, sex and death from other causes do not hang on adjuvant chemotherapy.
    other = np.concatenate([each.death_other_months for each in found])
    return Everyone(np.repeat(np.arange(trials), births), stage, recurrence, other)


def arrivals(model: DiseaseModel, pool: Pool) -> Arrivals:
    """The first presenters of a pool with their lesions."""
    presenters = pool.everyone
    trial = presenters.trial.astype(np.int64)
    if model.draws > 1:
        blocks = model.draws
        block = trial % model.draws
    else:
        blocks = BLOCKS
        born = trial * BIRTHS + presenters.patient
        block = born * BLOCKS // max(1, pool.everyone_trials * BIRTHS)
    order = np.argsort(block, kind="stable")
    presenters = presenters.take(order)
    births = pool.everyone_trials * BIRTHS / blocks
    lesions: dict[str, npt.NDArray[Any]] = {
        "organ": presenters.organ,
        "cm": presenters.diameter_mm / _MM_PER_CM,
        "visible": presenters.visible,
        "copies": presenters.copies,
        "days": _doubling_days(model, presenters),
    }
    lesion_block = block[order][presenters.owner]
    return Arrivals(
        block[order],
        seen_of(presenters),
        _liver_alone_at_staging(model, presenters),
        births,
        blocks,
        lesion_block,
        lesions,
    )


def _liver_alone_at_staging(model: DiseaseModel, presenters: Presenters) -> npt.NDArray[np.bool_]:
    """Whether staging, which sees less than a trial's imaging, shows the liver alone."""
    record = model.record()
    owner = presenters.owner
    row = presenters.trial[owner].astype(np.int64) % record.size
    kind = CLASS_OF_ORGAN[presenters.organ]
    factor = np.ones((record.size, 6))
    factor[:, PERITONEUM], factor[:, LUNG] = record["stage_per"], record["stage_lung"]
    least = factor[row, kind] * record["dstag"][row] ** 3
    shown = (kind != PRIMARY) & ((presenters.diameter_mm / _MM_PER_CM) ** 3 > least)
    liver = np.bincount(owner[shown & (kind == LIVER)], minlength=len(presenters))
    elsewhere = np.bincount(owner[shown & (kind != LIVER)], minlength=len(presenters))
    return np.asarray((liver > 0) & (elsewhere == 0))


def _doubling_days(model: DiseaseModel, presenters: Presenters) -> Floats:
    """Doubling time of each lesion at its size; infinite at capacity."""
    record = model.record()
    row = presenters.trial[presenters.owner].astype(np.int64) % record.size
    room = math.log(10.0) * record["cap_met"][row] - np.log(np.maximum(presenters.cells, 1.0))
    rate = presenters.growth * np.where(record["exponential"][row] > 0.0, 1.0, room)
    return math.log(2.0) / np.maximum(rate, 1e-12)


def _stage(number: int) -> Callable[[Everyone, tuple[str, ...], float], float]:
    def measure(people: Everyone, arms: tuple[str, ...], months: float) -> float:
        stage = people.stage[arms[0]]
        return float(np.mean(stage == number)) if stage.size else math.nan

    return measure


def _recurrence(number: int) -> Callable[[Everyone, tuple[str, ...], float], float]:
    def measure(people: Everyone, arms: tuple[str, ...], months: float) -> float:
        return statistics.incidence_at(*people.recurrence(arms[0], number), months)

    return measure


def _time_to_recurrence(number: int) -> Callable[[Everyone, tuple[str, ...], float], float]:
    """Median time of those who recur within five years."""

    def measure(people: Everyone, arms: tuple[str, ...], months: float) -> float:
        found, lost = people.recurrence(arms[0], number)
        return statistics.median_time(found[np.isfinite(found) & (found <= lost)])

    return measure


def _adjuvant_ratio(people: Everyone, arms: tuple[str, ...], months: float) -> float:
    """Cumulative recurrence in stage III with adjuvant chemotherapy over that without."""
    without, given = (statistics.incidence_at(*people.recurrence(arm, 3), months) for arm in arms)
    return given / without if without > 0.0 else math.nan


def _adjuvant_gain(people: Everyone, arms: tuple[str, ...], months: float) -> float:
    """Recurrence in stage III that adjuvant chemotherapy prevents."""
    without, given = (statistics.incidence_at(*people.recurrence(arm, 3), months) for arm in arms)
    return without - given


def _adjuvant_hazard_ratio(people: Everyone, arms: tuple[str, ...], months: float) -> float:
    first, second = (people.recurrence(arm, 3) for arm in arms)
    return math.exp(statistics.log_hazard_ratio(first, second, _RECURRENCE_FOLLOW_UP))


def _liver(found: Arrivals, arms: tuple[str, ...], months: float) -> float:
    return float(np.sum(found.seen.liver > 0)) / found.births


def _lung(found: Arrivals, arms: tuple[str, ...], months: float) -> float:
    return float(np.sum(found.seen.lung > 0)) / found.births


def _several_organs(found: Arrivals, arms: tuple[str, ...], months: float) -> float:
    return float(np.mean(found.seen.organs >= 2)) if found.block.size else math.nan


def _liver_only(found: Arrivals, arms: tuple[str, ...], months: float) -> float:
    among = found.seen.synchronous
    return float(np.mean(found.liver_alone[among])) if among.any() else math.nan


def _eligible(found: Arrivals, arms: tuple[str, ...], months: float) -> float:
    among = found.seen.liver > 0
    return float(np.mean(eligible_for_surgery(found.seen)[among])) if among.any() else math.nan


def _doubling(organ: str, low: float, high: float, shown: bool) -> Callable[..., float]:
    code = ORGAN_CODE[organ]

    def measure(found: Arrivals, arms: tuple[str, ...], months: float) -> float:
        table = found.lesions
        which = (table["organ"] == code) & (table["cm"] >= low) & (table["cm"] < high)
        which &= table["visible"] == shown
        return statistics.weighted_mean(table["days"][which], table["copies"][which])

    return measure


CENSUS_MEASURES: Mapping[str, Callable[[Everyone, tuple[str, ...], float], float]] = (
    MappingProxyType(
        {
            **{f"stage_{each}": _stage(each) for each in (1, 2, 3, 4)},
            **{f"recurrence_stage_{each}": _recurrence(each) for each in (1, 2, 3)},
            **{f"time_to_recurrence_stage_{each}": _time_to_recurrence(each) for each in (2, 3)},
            "adjuvant_ratio": _adjuvant_ratio,
            "adjuvant_gain": _adjuvant_gain,
            "adjuvant_hazard_ratio": _adjuvant_hazard_ratio,
        }
    )
)
"""Measures of everyone with bowel cancer."""

ARRIVAL_MEASURES: Mapping[str, Callable[[Arrivals, tuple[str, ...], float], float]] = (
    MappingProxyType(
        {
            "liver_within_5_years": _liver,
            "lung_within_5_years": _lung,
            "several_organs": _several_organs,
            "liver_only_synchronous": _liver_only,
            "eligible_for_surgery": _eligible,
            "doubling_overt_liver": _doubling("liver", _LEAST_OVERT_CM, _MOST_LESION_CM, True),
            "doubling_occult_liver": _doubling("liver", *_OCCULT_CM, False),
            "doubling_lung": _doubling("lung", _OCCULT_CM[0], _MOST_LESION_CM, True),
        }
    )
)
"""Measures of who presents with metastases, and of their lesions."""
