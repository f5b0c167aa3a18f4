"""The case that is asked about: a case at hand, or a cohort of one, with what was asked of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from debulk.board.case import CASE_TABLES, BoardCase, case_of_rows
from debulk.board.matching.board_trials import BoardTrial
from debulk.core.errors import InputError, nearest
from debulk.patients import TABLES, Cohort
from debulk.survival.options import check_kind, shown

REGISTERED = re.compile(r"NCT[0-9]{8}/[A-Za-z0-9][A-Za-z0-9_ .-]{0,59}")
"""How an answer to a criterion of a registry trial is named."""
Answers = Mapping[str, bool | None]


def asked_case(
    case: BoardCase | Cohort,
    question: str,
    board_months: float | None,
    answers: Answers | None,
    trials: Sequence[BoardTrial],
) -> BoardCase:
    """A case with the question, moment and answers given for it.

    Parameters
    ----------
    case : BoardCase or Cohort
        A case, or a cohort of one patient.
    question : str
        Empty keeps the case's own.
    board_months : float or None
        None keeps the case's own moment, or the cohort's.
    answers : mapping of str to bool or None, or None
        Beside the case's own.
    trials : sequence of BoardTrial
        Trials whose criteria may be answered.

    Raises
    ------
    InputError
        If there is not exactly one patient, no moment, or an answer names no criterion.
    """
    check_kind(question, str, "question", "Give text")
    if board_months is not None:
        _check_months(board_months)
    if isinstance(case, Cohort):
        case = _case_of_cohort(case, board_months)
    check_kind(case, BoardCase, "case", "Give a case or a cohort of one patient")
    if board_months is not None and board_months != case.board_months:
        case = case.judged_at(board_months)
    if question:
        case = replace(case, question=question)
    if answers is not None:
        check_kind(answers, Mapping, "answers", "Give protocol/criterion: true, false or null")
        case = case.with_answers(answers)
    _check_answers(case, trials)
    return case


def _check_months(board_months: Any) -> None:
    number = isinstance(board_months, int | float) and not isinstance(board_months, bool)
    if not number or not 0.0 <= board_months <= TABLES["patients"]["board_months"].most:
        found = f"{shown(board_months)} is no number of months"
        raise InputError("board_months", found, "Give the months from diagnosis to board")


def _case_of_cohort(cohort: Cohort, board_months: float | None) -> BoardCase:
    if len(cohort) != 1:
        raise InputError("case", f"a cohort of {len(cohort)} patients", "Give one patient")
    moment = cohort.patients["board_months"][0] if board_months is None else board_months
    if moment is None:
        raise InputError("board_months", "is missing", "Give the months from diagnosis to board")
    name = str(cohort.patients["patient_id"][0])
    rows = {
        table: [{**row, "patient_id": name} for row in cohort.tables[table].to_dicts()]
        for table in CASE_TABLES
    }
    return case_of_rows(rows, case_id=name, board_months=float(moment))


def _check_answers(case: BoardCase, trials: Sequence[BoardTrial]) -> None:
    """Refuse an answer by hand that names no criterion of a known trial, or answers nothing."""
    known = criteria_named(trials)
    unmatched = answers_passed_over(case, trials)
    for name, answer in case.answers.items():
        if name in unmatched:
            continue
        where = f"case {case.case_id}, answers"
        if name not in known:
            remedy = nearest(str(name), known)
            raise InputError(where, f"no criterion is called {shown(name)}", remedy)
        if answer is not None and not isinstance(answer, bool):
            found = f"{name} is {shown(answer)}"
            raise InputError(where, found, "Give true, false or null for unknown")


def answers_passed_over(case: BoardCase, trials: Sequence[BoardTrial]) -> tuple[str, ...]:
    """Answers to registry criteria that are not matched now, as after a trial was withdrawn or
    imported again with other criteria.
    """  # noqa: D205
    known = criteria_named(trials)
    return tuple(
        name for name in case.answers if REGISTERED.fullmatch(str(name)) and name not in known
    )


def criteria_named(trials: Sequence[BoardTrial]) -> frozenset[str]:
    """Names under which the criteria of trials can be answered by hand."""
    return frozenset(
        f"{trial.name}/{each.id}"
        for trial in trials
        for version in trial.versions
        for each in version.criteria
    )
