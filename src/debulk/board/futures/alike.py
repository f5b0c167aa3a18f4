"""The virtual patients that stand for a case: chosen, taken through the run-in, weighted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.board.futures.decisions import CHOICE
from debulk.board.futures.known import Known
from debulk.board.futures.library import Library
from debulk.board.futures.likeness import (
    Likeness,
    effective,
    effective_by_draw,
    even_over_draws,
)
from debulk.core.streams import uniforms
from debulk.disease import Presenters, run_course
from debulk.disease.presenters import presenters_again

Floats = npt.NDArray[np.float64]

COURSE_SEED = 11
"""Seed of the courses; what each option changes apart, they share every random number."""

LEAST_IN_DRAW = 2.0
"""Fewest effective virtual patients of a parameter draw: with fewer there is no telling how far
its figure is chance."""

LEAST_DRAWS = 0.5
"""Smallest share of the parameter draws that must hold enough of them: with fewer, the draws that
are left are a choice of the case and no longer what is known."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Virtual patients like a case, at the moment of judgement.

    Attributes
    ----------
    presenters : Presenters
        As they were at the start of line 1, ordered by parameter draw.
    diameter_mm, visible : float64[lesions], bool[lesions]
        Of their lesions at the moment of judgement.
    draw : int64[n]
        Position of each one's parameter draw in `trials`.
    trials : int64[draws]
        The parameter draws that hold enough of them.
    weight : float64[n]
        Adds up to the same in each of those draws, and to 1 in all.
    run_in_steps : int
        Steps of 21 days on line 1 before the moment of judgement.
    progressed : bool
        Whether the case, and so each of them, has progressed on it.
    effective : float
        Effective number of them.
    drawn, compared : int
        Virtual patients of the library, and those of them that were taken to the judgement.
    draws_left_out : int
        Parameter draws that hold too few.
    """

    presenters: Presenters
    diameter_mm: Floats
    visible: npt.NDArray[np.bool_]
    draw: npt.NDArray[np.int64]
    trials: npt.NDArray[np.int64]
    weight: Floats
    run_in_steps: int
    progressed: bool
    effective: float
    drawn: int
    compared: int
    draws_left_out: int

    def __len__(self) -> int:
        """Number of virtual patients."""
        return len(self.presenters)


def alike(known: Known, library: Library, likeness: Likeness, *, patients: int) -> Alike:
    """Choose and weigh the virtual patients that stand for a case.

    Parameters
    ----------
    known : Known
        What is known of the case.
    library : Library
    likeness : Likeness
        How they are compared.
    patients : int
        Drawn from the library, in proportion to their likeness at the start and as many from each
        parameter draw; who is drawn more than once counts as often.
    """
    even = even_over_draws(likeness.at_start(known, library), library.trial, library.draws)
    rows, times = _systematic(even, patients)
    presenters = presenters_again(
        library.model, seed=library.seed, trial=library.trial[rows], patient=library.patient[rows]
    )
    course = run_course(
        library.model,
        presenters,
        seed=COURSE_SEED,
        randomised_step=known.run_in_steps,
        horizon_months=1.0,  # not looked at: the run-in alone is followed
        stop_after_run_in=True,
    )
    diameter, visible = course.run_in_diameter_mm, course.run_in_visible
    weight = times.astype(np.float64)
    if known.run_in_steps:
        change = _change(presenters, diameter, visible)
        weight *= likeness.after_line(known, course.response, change)
        weight[np.isfinite(course.death_months)] = 0.0
    enough = effective_by_draw(weight, presenters.trial, library.draws) >= LEAST_IN_DRAW
    weight = even_over_draws(weight * enough[presenters.trial], presenters.trial, library.draws)
    kept = np.flatnonzero(weight > 0.0)
    lesions = presenters.lesion_rows(kept)
    chosen = presenters.take(kept)
    trials, draw = np.unique(chosen.trial, return_inverse=True)
    return Alike(
        presenters=chosen,
        diameter_mm=diameter[lesions],
        visible=visible[lesions],
        draw=draw.astype(np.int64),
        trials=trials.astype(np.int64),
        weight=weight[kept],
        run_in_steps=known.run_in_steps,
        progressed=known.progressed,
        effective=effective(weight),
        drawn=len(library),
        compared=int(rows.size),
        draws_left_out=library.draws - int(trials.size),
    )


def _systematic(weights: Floats, count: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows of a systematic sample in proportion to weights, and how often each is in it."""
    if not weights.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    start = uniforms(COURSE_SEED, 0, np.zeros(1, dtype=np.int64), CHOICE, 0)[0]
    steps = np.cumsum(weights)
    marks = (np.arange(count) + start) / count * steps[-1]
    rows = np.minimum(np.searchsorted(steps, marks, side="right"), weights.size - 1)
    return np.unique(rows, return_counts=True)


def _change(presenters: Presenters, diameter_mm: Floats, visible: npt.NDArray[np.bool_]) -> Floats:
    """Sum of diameters over that at the start, of the metastases seen at the start."""
    owner, seen, copies = presenters.owner, presenters.visible, presenters.copies
    count = len(presenters)
    now = np.where(visible, diameter_mm, 0.0) * copies
    before = np.bincount(
        owner[seen], weights=(presenters.diameter_mm * copies)[seen], minlength=count
    )
    after = np.bincount(owner[seen], weights=now[seen], minlength=count)
    return np.divide(after, before, out=np.ones(count), where=before > 0.0)
