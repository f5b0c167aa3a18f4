"""Cohorts followed in all their arms, cut into blocks for Monte Carlo errors."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.disease.course.run import run_course
from debulk.disease.model import DiseaseModel
from debulk.disease.presenters import Presenters
from debulk.disease.targets.cohorts import CohortSpec, Stratum
from debulk.disease.targets.pool import interleaved
from debulk.disease.targets.sight import Seen, seen_of
from debulk.disease.targets.watched import WATCHED, watched_columns

BLOCKS = 20
"""Parts that the patients of one parameter set are cut into: what is measured in each tells the
Monte Carlo error of what is measured in all."""

COLUMNS = (
    "death_months",
    "progression_months",
    "liver_progression_months",
    "progression_site",
    "confirmed_response",
    "early_change",
    "best_change",
    "line_start_months",
    "line_end_months",
    "local_months",
    "tumour_free",
    "resections",
    *WATCHED,
)
"""What is kept of each arm: fields of `debulk.disease.course.outcome.Course`, and when the tumour
reached the volumes `REACHED_ML`."""

Columns = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Run:
    """A cohort followed: rows are patients, ordered by block.

    Attributes
    ----------
    seen : Seen
        Before treatment.
    arms : mapping of str to mapping of str to array
        The `COLUMNS` of each arm.
    block : int64[n]
        Rising: a part of the patients, or the draw of the posterior.
    follow_up_months : tuple of float
    horizon_months : float
    cohort : int64[n]
        Which cohort of a union the patient is of; 0 elsewhere.
    """

    seen: Seen
    arms: Mapping[str, Columns]
    block: npt.NDArray[np.int64]
    follow_up_months: tuple[float, float]
    horizon_months: float
    cohort: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Number of patients."""
        return int(self.block.size)

    def rows(self, first: int, last: int) -> Run:
        """The patients of some blocks in a row, as views."""
        low, high = np.searchsorted(self.block, (first, last))
        cut = slice(int(low), int(high))
        return self._taken(cut)

    def where(self, mask: npt.NDArray[np.bool_]) -> Run:
        """Some of the patients."""
        return self._taken(mask)

    def _taken(self, rows: Any) -> Run:
        arms = {
            arm: {name: values[rows] for name, values in columns.items()}
            for arm, columns in self.arms.items()
        }
        return Run(
            self.seen.take(rows),
            arms,
            self.block[rows],
            self.follow_up_months,
            self.horizon_months,
            self.cohort[rows],
        )


def follow(
    model: DiseaseModel,
    spec: CohortSpec,
    strata: list[Presenters],
    *,
    seed: int,
    arms: Collection[str],
) -> Run:
    """Follow a cohort in some of its arms.

    Parameters
    ----------
    model : DiseaseModel
    spec : CohortSpec
    strata : list of Presenters
        Those of each stratum.
    seed : int
        Of the course.
    arms : collection of str
        Names of the arms wanted.
    """
    found: list[tuple[Seen, dict[str, Columns], npt.NDArray[np.int64]]] = []
    for stratum, presenters in zip(spec.strata, strata, strict=True):
        columns = {
            name: _columns(model, spec, stratum, name, presenters, seed)
            for name in spec.arms
            if name in arms
        }
        kept = np.ones(len(presenters), dtype=np.bool_)
        for each in columns.values():
            if stratum.run_in_steps > 0:
                kept &= each["eligible_at_randomisation"]
            if stratum.operated:
                kept &= np.isfinite(each["local_months"])
        if model.draws > 1:
            block = np.where(kept, presenters.trial.astype(np.int64) % model.draws, -1)
        else:
            block = interleaved(kept, BLOCKS)
        found.append((seen_of(presenters), columns, block))
    cohort = np.zeros(sum(block.size for _, _, block in found), dtype=np.int64)
    return _ordered(found, cohort, spec.follow_up_months, spec.horizon_months)


def union(runs: list[Run]) -> Run:
    """Cohorts side by side, in the arms that all have."""
    names = [name for name in runs[0].arms if all(name in run.arms for run in runs)]
    found: list[tuple[Seen, dict[str, Columns], npt.NDArray[np.int64]]] = [
        (run.seen, {name: run.arms[name] for name in names}, run.block) for run in runs
    ]
    cohort = np.repeat(np.arange(len(runs)), [len(run) for run in runs])
    horizon = min(run.horizon_months for run in runs)
    shortest = min((run.follow_up_months for run in runs), key=lambda ends: ends[1])
    return _ordered(found, cohort, shortest, horizon)


def _columns(
    model: DiseaseModel,
    spec: CohortSpec,
    stratum: Stratum,
    arm_name: str,
    presenters: Presenters,
    seed: int,
) -> Columns:
    arm = stratum.arms[arm_name]
    course = run_course(
        model,
        presenters,
        seed=seed,
        randomised_step=stratum.run_in_steps,
        local=None if arm.local is None else arm.local.treatment(presenters),
        horizon_months=spec.horizon_months,
        kill_factor=np.full(len(presenters), arm.kill_factor()),
        care=arm.care,
        watch=stratum.watched,
    )
    columns = {name: getattr(course, name) for name in COLUMNS if name not in WATCHED}
    columns |= watched_columns(course)
    columns["eligible_at_randomisation"] = course.eligible_at_randomisation
    return columns


def _ordered(
    found: list[tuple[Seen, dict[str, Columns], npt.NDArray[np.int64]]],
    cohort: npt.NDArray[np.int64],
    follow_up_months: tuple[float, float],
    horizon_months: float,
) -> Run:
    block = np.concatenate([each for _, _, each in found])
    order = np.argsort(block, kind="stable")
    order = order[block[order] >= 0]
    seen = Seen(
        **{
            name: np.concatenate([getattr(each, name) for each, _, _ in found])[order]
            for name in Seen.__dataclass_fields__
        }
    )
    arms = {
        arm: {
            name: np.concatenate([columns[arm][name] for _, columns, _ in found])[order]
            for name in COLUMNS
        }
        for arm in found[0][1]
    }
    return Run(seen, arms, block[order], follow_up_months, horizon_months, cohort[order])
