"""Virtual patients of each extent, counted draw by draw: cured, with occult disease, alive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from debulk.disease.census import Census, take_census
from debulk.disease.course.care import Care
from debulk.disease.extents import (
    EXTENTS,
    STAGES,
    has_occult,
    metastatic_extent,
    treat_all_seen,
)
from debulk.disease.model import DiseaseModel
from debulk.disease.presenters import Presenters, draw_presenters
from debulk.treatments.tables import ModalityTables

if TYPE_CHECKING:
    from debulk.disease.course.outcome import Course

HORIZON_MONTHS = 120.0
"""From treatment to the look whether a tumour cell is left."""

MEASURES: Mapping[str, str] = MappingProxyType(
    {
        "free_of_recurrence_60": (
            "Stages I to III: no recurrence found within 5 years, deaths from other causes not "
            "counted; with metastases: alive at 5 years without recurrence"
        ),
        "alive_60": "alive at 5 years",
        "alive_120": "alive at 10 years",
    }
)
"""What series report, beside cure and occult disease."""

_CARE = Care(systemic="after progression", repeat_resection=1.0)
_DEATH_BY_TREATMENT = 2
_FIVE_YEARS = 60.0


@dataclass(frozen=True)
class Tally:
    """Counts by draw and extent.

    Attributes
    ----------
    patients : int64[draws, extents]
    counts : dict of str to int64[draws, extents]
        Those among them who are cured, have occult disease, and so on.
    left_out : int64[draws]
        Presenters off the axis.
    """

    patients: npt.NDArray[np.int64]
    counts: dict[str, npt.NDArray[np.int64]]
    left_out: npt.NDArray[np.int64]

    @classmethod
    def empty(cls, draws: int) -> Tally:
        """Nothing counted yet."""
        shape = (draws, len(EXTENTS))
        names = ("cure", "occult", *MEASURES)
        return cls(
            np.zeros(shape, dtype=np.int64),
            {name: np.zeros(shape, dtype=np.int64) for name in names},
            np.zeros(draws, dtype=np.int64),
        )

    @property
    def off_axis(self) -> int:
        """Presenters off the axis in all draws."""
        return int(self.left_out.sum())

    def share(self, name: str, column: int) -> npt.NDArray[np.float64]:
        """Share of the patients of an extent in each draw; NaN where there are none."""
        of, hits = self.patients[:, column], self.counts[name][:, column]
        found = np.full(of.size, np.nan)
        np.divide(hits, of, out=found, where=of > 0)
        return found

    def add(
        self,
        draw: npt.NDArray[np.int64],
        extent: npt.NDArray[np.int64],
        marks: Mapping[str, npt.NDArray[np.bool_]],
    ) -> None:
        """Count patients: the draw, the position in `EXTENTS` and the marks of each."""
        np.add.at(self.patients, (draw, extent), 1)
        for name, mark in marks.items():
            np.add.at(self.counts[name], (draw[mark], extent[mark]), 1)


def count_chunk(
    tally: Tally,
    model: DiseaseModel,
    tables: ModalityTables,
    *,
    seed: int,
    trials: range,
    births: int,
) -> None:
    """Count the people of some trials; trial t takes draw t.

    Parameters
    ----------
    tally : Tally
        Counted into.
    model : DiseaseModel
    tables : ModalityTables
    seed : int
    trials : range
    births : int
        People with bowel cancer in each trial.
    """
    for trial in trials:
        census = take_census(model, seed=seed, births=births, trial=trial)
        count_stages(tally, census, trial)
    presenters = draw_presenters(
        model, seed=seed, first_trial=trials.start, trials=len(trials), births=births
    )
    count_metastatic(tally, model, presenters, tables, seed=seed)


def count_stages(tally: Tally, census: Census, draw: int) -> None:
    """Count the people of stages I to III of one draw."""
    rows = (census.stage >= 1) & (census.stage <= len(STAGES))
    stage = census.stage[rows].astype(np.int64) - 1
    # NaN, where no recurrence is found, is not early.
    early = census.recurrence_months[rows] <= _FIVE_YEARS
    tally.add(
        np.full(stage.size, draw),
        stage,
        {
            "cure": census.occult_survivors[rows] == 0,
            "occult": census.occult_at_diagnosis[rows] > 0,
            "free_of_recurrence_60": ~early,
        },
    )


def count_metastatic(
    tally: Tally,
    model: DiseaseModel,
    presenters: Presenters,
    tables: ModalityTables,
    *,
    seed: int,
) -> None:
    """Treat all that imaging shows of everybody on the axis, and count."""
    extent, resectable = metastatic_extent(presenters, tables)
    rows = np.flatnonzero(extent >= 0)
    np.add.at(tally.left_out, presenters.trial[extent < 0], 1)
    if not rows.size:
        return
    treated, course = treat_all_seen(
        model,
        presenters.take(rows),
        resectable[rows],
        tables,
        seed=seed,
        horizon_months=HORIZON_MONTHS,
        care=_CARE,
    )
    tally.add(
        treated.trial.astype(np.int64),
        extent[rows] + len(STAGES),
        {"occult": has_occult(treated), **fates(course)},
    )


def fates(course: Course) -> dict[str, npt.NDArray[np.bool_]]:
    """Who was cured, free of recurrence, and alive after treatment of all that imaging shows."""
    alive = course.death_months > _FIVE_YEARS
    return {
        "cure": course.tumour_free
        & np.isinf(course.progression_months)
        & (course.cause != _DEATH_BY_TREATMENT)
        & ~course.died_within_90_days,
        "free_of_recurrence_60": alive & (course.progression_months > _FIVE_YEARS),
        "alive_60": alive,
        "alive_120": course.death_months > HORIZON_MONTHS,
    }
