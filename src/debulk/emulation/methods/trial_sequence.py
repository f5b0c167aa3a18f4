"""A trial at every visit of the grace period: who enters which, up to when, with which weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.errors import InputError
from debulk.emulation.logistic import fit_logistic
from debulk.emulation.methods.question import Ints, MethodQuestion, refuse_not_finite
from debulk.emulation.person_time import Flags, Floats
from debulk.emulation.weight_model import WeightModel, design_of

Effect = Literal["per-protocol", "intention-to-treat"]
"""Whether a control leaves its trial when treated later, or stays."""

Window = Literal["grace", "ever"]
"""Up to when a control must stay untreated: the grace period's last visit, or for good."""

Pooling = Literal["patient-visits", "trial-visits"]
"""Whether the treatment model counts a visit once, or once for each trial that runs there."""


_NEVER = 2**31 - 1  # a visit that nobody reaches


@dataclass(frozen=True)
class Sequence:
    """Patient-trials: one for each eligible, untreated patient at each visit of the grace period.

    Attributes
    ----------
    question : MethodQuestion
    row : (U,) int64
        Visit at which each enters its trial.
    patient, visit : (U,) int64
        Its patient, and the number of the trial.
    treated : (U,) bool
        Treated at that visit.
    months : (U,) float64
        Follow-up since then, up to an event, the last contact or artificial censoring.
    cause : (U,) int8
        0 without an event inside it.
    last_row : (U,) int64
        Last visit inside that follow-up.
    censored : (U,) bool
        Left the trial because it was treated.
    """

    question: MethodQuestion
    row: Ints
    patient: Ints
    visit: Ints
    treated: Flags
    months: Floats
    cause: npt.NDArray[np.int8]
    last_row: Ints
    censored: Flags


@dataclass(frozen=True)
class Staying:
    """Decisions at which controls can leave, and the model of them.

    Attributes
    ----------
    rows : (D,) int64
        Visits at which a control of some trial, eligible and untreated, may be treated.
    treats : (D,) bool
    trials : (D,) float64
        Number of trials in which the patient is a control there.
    design : (D, p) float64
    """

    rows: Ints
    treats: Flags
    trials: Floats
    design: Floats

    @property
    def needed(self) -> bool:
        """Whether anybody leaves."""
        return bool(np.any(self.treats))


def sequence_of(question: MethodQuestion, effect: Effect, window: Window) -> Sequence:
    """Enter patients into trials and follow them.

    A patient enters the trial of a visit if eligible there, not treated before and under
    observation. Treated in it is who begins treatment at that visit.

    Raises
    ------
    InputError
        If no trial has anybody treated, or nobody untreated.
    """
    person_time, grace = question.person_time, question.grace
    begun = np.where(question.begun < 0, _NEVER, question.begun)
    patient_of_row = person_time.patient
    at = person_time.visit * person_time.visit_months
    enters = (
        (person_time.visit < grace.visits)
        & person_time.eligible
        & (begun[patient_of_row] >= person_time.visit)
        & (person_time.entry_months[patient_of_row] <= at)
    )
    row = np.flatnonzero(enters).astype(np.int64)
    patient, visit = patient_of_row[row], person_time.visit[row].astype(np.int64)
    if row.size == 0:
        found = "nobody is eligible, untreated and under observation at a visit of the grace period"
        raise InputError("sequential trials", found, "Check the rule of eligibility")
    treated = begun[patient] == visit
    _refuse_one_sided(treated)
    end = person_time.time_months[patient]
    leaves = np.zeros(row.size, dtype=np.bool_)
    if effect == "per-protocol":
        last = grace.deadline if window == "grace" else _NEVER - 1
        leaves = ~treated & (begun[patient] <= last)
    leaving = np.where(leaves, begun[patient], 0)
    end = np.where(leaves, leaving * person_time.visit_months, end)
    last_row = person_time.first[patient + 1] - 1
    last_row = np.where(leaves, person_time.first[patient] + leaving - 1, last_row)
    return Sequence(
        question,
        row,
        patient,
        visit,
        treated,
        end - visit * person_time.visit_months,
        np.where(leaves, 0, person_time.cause[patient]).astype(np.int8),
        last_row,
        leaves,
    )


def staying_of(sequence: Sequence, window: Window, model: WeightModel) -> Staying:
    """Visits after a trial's first at which its controls are at risk of treatment.

    Raises
    ------
    InputError
        If a covariate is not finite there.
    """
    question = sequence.question
    person_time = question.person_time
    begun = question.begun
    patient = person_time.patient
    # Trials that run at a visit: those the patient entered before it.
    entered = np.zeros(person_time.visit.size + 1, dtype=np.int64)
    np.cumsum(np.bincount(sequence.row, minlength=person_time.visit.size), out=entered[1:])
    trials = (entered[:-1] - entered[person_time.first[:-1]][patient]).astype(np.float64)
    open_still = (begun[patient] < 0) | (begun[patient] >= person_time.visit)
    decides = person_time.eligible & open_still & (trials > 0)
    if window == "grace":
        decides &= person_time.visit <= question.grace.deadline
    rows = np.flatnonzero(decides).astype(np.int64)
    treats = begun[patient[rows]] == person_time.visit[rows]
    if not np.any(treats):
        return Staying(rows, treats, trials[rows], np.ones((rows.size, 1)))
    refuse_not_finite(person_time, rows)
    design, _ = design_of(person_time, rows, model)
    return Staying(rows, treats, trials[rows], design)


def log_weights(
    sequence: Sequence, staying: Staying, counts: Floats, pooling: Pooling, stabilised: bool
) -> Floats:
    """Running sum, over a patient's visits, of minus the log probability of staying untreated.

    Parameters
    ----------
    sequence, staying : Sequence, Staying
    counts : (n,) float64
        Times each patient counts (a bootstrap resample).
    pooling : Pooling
    stabilised : bool
        Whether the numerator is the share that stays, instead of 1.

    Returns
    -------
    (N,) float64
        A control that entered at row r has at row s the weight exp(sum[s] - sum[r]).
    """
    person_time = sequence.question.person_time
    moved = np.zeros(person_time.visit.size)
    if staying.needed:
        loads = counts[person_time.patient[staying.rows]]
        if pooling == "trial-visits":
            loads = loads * staying.trials
        fit = fit_logistic(staying.design, staying.treats, weights=loads)
        # log(1 + exp(odds)) is minus the log probability of no treatment.
        moved[staying.rows] = np.logaddexp(0.0, staying.design @ fit.coef)
        if stabilised:
            share = float(np.sum(loads * ~staying.treats) / np.sum(loads))
            moved[staying.rows] += np.log(share)
    return np.cumsum(moved)


@dataclass(frozen=True)
class Pieces:
    """Patient-trials cut where their weight changes, or at every interval.

    Attributes
    ----------
    unit : (R,) int64
        Patient-trial of each piece.
    begin, end : (R,) float64
        Months since the trial began.
    cause : (R,) int8
        Event at the end of the piece.
    weight : (R,) float64
    """

    unit: Ints
    begin: Floats
    end: Floats
    cause: npt.NDArray[np.int8]
    weight: Floats


def pieces_by_weight(sequence: Sequence, sums: Floats) -> Pieces:
    """Exact follow-up, cut at the visits at which a control's weight changes."""
    person_time = sequence.question.person_time
    changes = np.concatenate([[False], np.diff(sums) != 0.0])
    last = np.where(sequence.treated, sequence.row, sequence.last_row)
    unit, row = _cut(sequence.row, last, changes)
    since = person_time.visit[row] - sequence.visit[unit]
    begin = np.asarray(since * person_time.visit_months, dtype=np.float64)
    final = np.append(unit[1:] != unit[:-1], True)
    end = np.where(final, sequence.months[unit], np.append(begin[1:], 0.0))
    cause = np.where(final, sequence.cause[unit], 0).astype(np.int8)
    weight = np.exp(sums[row] - sums[sequence.row[unit]])
    return Pieces(unit, begin, end, cause, weight)


def pieces_by_interval(sequence: Sequence, sums: Floats, tau: float) -> Pieces:
    """One piece for each whole interval up to the horizon; an event fills up its interval."""
    person_time = sequence.question.person_time
    width = person_time.visit_months
    told = sequence.months / width
    whole = np.floor(told + 1e-9).astype(np.int64)
    filled = np.ceil(told - 1e-9).astype(np.int64)
    has = sequence.cause > 0
    horizon = int(np.ceil(tau / width - 1e-9))
    length = np.minimum(np.where(has, filled, whole), horizon)
    unit = np.repeat(np.arange(sequence.row.size), length)
    number = np.arange(unit.size) - np.repeat(np.cumsum(length) - length, length)
    row = np.minimum(sequence.row[unit] + number, sequence.last_row[unit])
    final = number == filled[unit] - 1
    cause = np.where(final, sequence.cause[unit], 0).astype(np.int8)
    weight = np.where(sequence.treated[unit], 1.0, np.exp(sums[row] - sums[sequence.row[unit]]))
    begin: Floats = number * width
    return Pieces(unit, begin, begin + width, cause, weight)


@kernel
def _cut(first: Ints, last: Ints, changes: Flags) -> tuple[Ints, Ints]:
    """Unit and row of each piece: the first row of a unit, and each later one with a change."""
    total = 0
    for unit in range(first.size):
        total += 1
        for row in range(first[unit] + 1, last[unit] + 1):
            if changes[row]:
                total += 1
    units, rows = np.empty(total, np.int64), np.empty(total, np.int64)
    place = 0
    for unit in range(first.size):
        units[place], rows[place] = unit, first[unit]
        place += 1
        for row in range(first[unit] + 1, last[unit] + 1):
            if changes[row]:
                units[place], rows[place] = unit, row
                place += 1
    return units, rows


def _refuse_one_sided(treated: Flags) -> None:
    count = int(np.count_nonzero(treated))
    if 0 < count < treated.size:
        return
    found = f"{'none' if count == 0 else 'all'} of {treated.size} patient-trials begin treatment"
    remedy = "There is nothing to compare: check the dates of treatment and the grace period"
    raise InputError("treatment", found, remedy)
