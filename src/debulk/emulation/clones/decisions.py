"""Visits at which a strategy could be left: who was there, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.emulation.grace import GracePeriod
from debulk.emulation.person_time import Flags, Floats, PersonTime, Wholes
from debulk.emulation.weight_model import WeightModel, design_of

ArmModels = Literal["pooled", "deadline"]
"""Whether strategy 1 reads its probabilities from the model of all visits, or from one of the last
visit of the grace period alone."""


class ModelRows(NamedTuple):
    """Rows of one model of weights, contiguous by patient, as kernels read them.

    Attributes
    ----------
    design : (R, p) float64
    outcome, learns : (R,) float64
        Whether it happened, and whether the model learns from the row (1 or 0).
    visit : (R,) int32
    first : (n + 1,) int64
        Rows ``first[i]:first[i + 1]`` are patient i's.
    grouped_cox : bool
        Whether the probability is 1 - exp(-exp(x b)).
    both : bool
        Whether a resample needs both outcomes at every visit (the month enters as indicators).
    """

    design: Floats
    outcome: Floats
    learns: Floats
    visit: Wholes
    first: npt.NDArray[np.int64]
    grouped_cox: bool
    both: bool


@dataclass(frozen=True)
class Decisions:
    """Decisions that one strategy is judged by.

    Attributes
    ----------
    rows : (R,) int64
        Rows of the person-time.
    model_rows : ModelRows
    terms : tuple of str
        Names of the design's columns.
    censored : (n,) int32
        Visit at which a patient's clone leaves the strategy; -1 if never.
    """

    rows: npt.NDArray[np.int64]
    model_rows: ModelRows
    terms: tuple[str, ...]
    censored: Wholes


def decisions_of(
    person_time: PersonTime, grace: GracePeriod, model: WeightModel, arm_models: ArmModels
) -> tuple[Decisions, Decisions]:
    """Decisions of both strategies; one object twice where they share their model.

    Strategy 0 is left by starting. Strategy 1 is judged by completion where it is staged, else by
    the start. Treatment after progression is usual care under both and no decision.

    Raises
    ------
    InputError
        If nobody is eligible, or a strategy never occurs.
    """
    starting = _rows_until(person_time, grace, person_time.start_months, person_time.start_visit)
    _refuse_absent(starting, person_time, grace, 0)
    if grace.staged:
        done = person_time.complete_visit
        completing = _rows_until(person_time, grace, person_time.complete_months, done)
    else:
        completing = starting
    _refuse_absent(completing, person_time, grace, 1)
    if arm_models == "deadline":
        rows, outcome = completing
        kept = person_time.visit[rows] == grace.deadline
        completing = rows[kept], outcome[kept]
    extra = None
    if grace.staged and not begun_decides(person_time, *completing):
        extra = begun_before(person_time, completing[0]).astype(np.float64)
    first = _decisions(person_time, grace, model, starting, 0, None)
    if completing is starting:
        second = replace(first, censored=_left(person_time, grace, starting, 1))
    else:
        second = _decisions(person_time, grace, model, completing, 1, extra)
    return first, second


def _rows_until(
    person_time: PersonTime, grace: GracePeriod, months: Floats, visit: Wholes
) -> tuple[npt.NDArray[np.int64], Flags]:
    """Eligible visits of the grace period up to the one of the decision, and what was decided."""
    patient = person_time.patient
    decided = visit[patient]
    there = person_time.eligible & (person_time.visit < grace.visits)
    there &= (decided < 0) | (person_time.visit <= decided)
    rows = np.flatnonzero(there)
    usual_care = person_time.progression_months <= months
    outcome = (person_time.visit[rows] == decided[rows]) & ~usual_care[patient[rows]]
    return rows, outcome


def _refuse_absent(
    decided: tuple[npt.NDArray[np.int64], Flags],
    person_time: PersonTime,
    grace: GracePeriod,
    arm: int,
) -> None:
    rows, outcome = decided
    if rows.size == 0:
        raise InputError(
            "eligible patients",
            f"nobody of {person_time.patients} could be treated at a visit of the grace period",
            "Look at the rules of eligibility and at the dates of progression",
        )
    where = f"strategy {grace.names[arm]!r}"
    visit = person_time.visit[rows]
    there = np.bincount(visit, minlength=grace.visits)
    treated = np.bincount(visit[outcome], minlength=grace.visits)
    word = "completed" if arm == 1 and grace.staged else "treated"
    if arm == 0:
        emptied = np.flatnonzero((there > 0) & (treated == there))
        if emptied.size:
            at = int(emptied[0])
            found = f"all {there[at]} eligible patients were treated at visit {at}"
            remedy = "Nobody is left to stand for them: compare other strategies, or fewer visits"
            raise InputError(where, found, remedy)
        return
    if not outcome.any():
        found = f"none of the eligible patients was {word} at visits 0 to {grace.deadline}"
        raise InputError(where, found, "It never occurs: compare other strategies")
    if there[grace.deadline] and not treated[grace.deadline]:
        found = (
            f"none of the {there[grace.deadline]} patients still eligible at the last visit"
            f" ({grace.deadline}) was {word} there"
        )
        raise InputError(where, found, "Nobody stands for them: choose another grace period")


def begun_before(person_time: PersonTime, rows: npt.NDArray[np.int64]) -> Flags:
    """Whether local treatment had begun before the visit."""
    begun = person_time.start_visit[person_time.patient[rows]]
    found: Flags = (begun >= 0) & (begun < person_time.visit[rows])
    return found


def begun_decides(person_time: PersonTime, rows: npt.NDArray[np.int64], outcome: Flags) -> bool:
    """Whether a share is always, or never, reached where treatment had begun, or where it had not.

    Of two procedures that are both needed the first reaches no share: a model that knew which of
    them it is could not be fitted.
    """
    begun = begun_before(person_time, rows)
    parts = (outcome[begun], outcome[~begun])
    return any(part.size > 0 and (part.all() or not part.any()) for part in parts)


def _left(
    person_time: PersonTime,
    grace: GracePeriod,
    decided: tuple[npt.NDArray[np.int64], Flags],
    arm: int,
) -> Wholes:
    """Visit at which each patient's clone leaves the strategy; -1 if never."""
    rows, outcome = decided
    visit = person_time.visit[rows]
    leaves = outcome if arm == 0 else ~outcome & (visit == grace.deadline)
    censored = np.full(person_time.patients, -1, dtype=np.int32)
    censored[person_time.patient[rows[leaves]]] = visit[leaves]
    return censored


def _decisions(
    person_time: PersonTime,
    grace: GracePeriod,
    model: WeightModel,
    decided: tuple[npt.NDArray[np.int64], Flags],
    arm: int,
    started: Floats | None,
) -> Decisions:
    rows, outcome = decided
    extra = {} if started is None else {"local treatment begun": started}
    what = f"treatment (strategy {grace.names[arm]!r})" if grace.staged else "treatment"
    model_rows, terms = model_rows_of(person_time, rows, outcome, model, extra, what)
    return Decisions(rows, model_rows, terms, _left(person_time, grace, decided, arm))


def model_rows_of(
    person_time: PersonTime,
    rows: npt.NDArray[np.int64],
    outcome: Flags,
    model: WeightModel,
    extra: dict[str, Floats],
    what: str,
) -> tuple[ModelRows, tuple[str, ...]]:
    """Design and outcomes of a model's rows, with further columns; the Cox form has its months.

    Raises
    ------
    InputError
        If at a visit that has a term of its own the outcome never or always occurs.
    """
    if model.form == "cox":  # its baseline hazard has a step at each visit
        model = replace(model, month="indicators")
    design, terms = design_of(person_time, rows, model)
    for name, column in extra.items():
        if column.size and not np.all(column == column[0]):
            design = np.ascontiguousarray(np.column_stack((design, column)))
            terms = (*terms, name)
    patient, visit = person_time.patient[rows], person_time.visit[rows]
    learns = visit * person_time.visit_months >= person_time.entry_months[patient]
    both = model.month == "indicators"
    if both:
        _refuse_one_sided(visit[learns], outcome[learns], visit, what)
    return (
        ModelRows(
            design,
            outcome.astype(np.float64),
            learns.astype(np.float64),
            visit,
            np.searchsorted(patient, np.arange(person_time.patients + 1)),
            model.form == "cox",
            both,
        ),
        terms,
    )


def _refuse_one_sided(visit: Wholes, outcome: Flags, asked: Wholes, what: str) -> None:
    size = int(asked.max(initial=-1)) + 1
    there = np.bincount(visit, minlength=size)
    happened = np.bincount(visit[outcome], minlength=size)
    wrong = np.bincount(asked, minlength=size) > 0
    wrong &= (happened == 0) | (happened == there)
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        found = f"it occurred {happened[at]} times at the {there[at]} rows of visit {at}"
        remedy = "Let the month enter as a spline or a line (month='spline')"
        raise InputError(f"model of {what}", found, remedy)
