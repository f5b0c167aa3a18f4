"""A case as the board has it: one patient, what the board asks, and what it answered by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sized
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from debulk.core.errors import InputError
from debulk.core.files import read_utf8
from debulk.core.results import plain
from debulk.patients import TABLES, Cohort

CASE_TABLES = ("patients", "lesions", "treatments", "assessments", "judgements")
"""Tables a case may hold; its follow-up begins after the board."""

MOST_ROWS = 500
"""Rows of each table that a form or an import takes for one case: a panel of ten that judges every
lesion of a patient the model can hold fills fewer."""

LONGEST_QUESTION, LONGEST_TITLE = 300, 100
"""Characters of a case's question and of its title."""

OLDEST_KEPT_YEARS = 90.0
"""Ages from here on are kept as this one: the oldest are few enough to be recognised."""


@dataclass(frozen=True, slots=True, eq=False)
class BoardCase:
    """One patient at the tumour board; the same case is the same object.

    Attributes
    ----------
    case_id : str
        Random identifier, or the name of a synthetic case; never a hospital's number.
    question : str
        What the board is asked.
    board_months : float
        Moment of the judgement, in months since the diagnosis of the bowel cancer.
    cohort : Cohort
        A cohort of this one patient.
    answers : mapping of str to bool or None
        Answers by hand to criteria that no column can answer, by ``"protocol/criterion"``: True
        is met, False not met, None unknown.
    title : str
        Short description; empty for a typed case.
    """

    case_id: str
    question: str
    board_months: float
    cohort: Cohort
    answers: Mapping[str, bool | None] = field(default_factory=dict)
    title: str = ""

    def __post_init__(self) -> None:
        if len(self.cohort) != 1:
            found = f"a cohort of {len(self.cohort)} patients"
            raise InputError(f"case {self.case_id}", found, "Give one patient")
        object.__setattr__(self, "answers", MappingProxyType(dict(self.answers)))

    @property
    def patient(self) -> dict[str, Any]:
        """The row of the table patients."""
        return self.cohort.patients.row(0, named=True)

    def judged_at(self, board_months: float) -> BoardCase:
        """The same case at another moment."""
        rows = {name: self.cohort.tables[name].to_dicts() for name in CASE_TABLES}
        return case_of_rows(
            rows,
            case_id=self.case_id,
            question=self.question,
            board_months=board_months,
            answers=self.answers,
            title=self.title,
        )

    def with_answers(self, answers: Mapping[str, bool | None]) -> BoardCase:
        """The same case with more answers by hand."""
        return replace(self, answers={**self.answers, **answers})

    def to_dict(self) -> dict[str, Any]:
        """Plain values, shaped like an entry of a file of cases; columns unknown are left out."""
        tables = {
            name: [
                {key: value for key, value in row.items() if value is not None}
                for row in self.cohort.tables[name].to_dicts()
            ]
            for name in CASE_TABLES
        }
        for row in tables["patients"]:
            row.pop("board_months", None)
        return {
            "case_id": self.case_id,
            "title": self.title,
            "question": self.question,
            "board_months": self.board_months,
            "answers": dict(self.answers),
            "tables": plain(tables),
        }


def case_of_rows(
    tables: Mapping[str, Any],
    *,
    case_id: str,
    question: str = "",
    board_months: float,
    answers: Mapping[str, bool | None] | None = None,
    title: str = "",
) -> BoardCase:
    """A case of tables given as rows.

    Parameters
    ----------
    tables : mapping of str to list of dict
        Rows by table out of `CASE_TABLES`, columns as in `debulk.patients.TABLES`; a table left
        out is empty.
    case_id, question, board_months, answers, title
        As in `BoardCase`.

    Raises
    ------
    InputError
        On everything that `debulk.patients.read_cohort` refuses, and where there is not exactly
        one patient.
    """
    given = {name: list(rows) for name, rows in tables.items() if rows}
    for name in given:
        if name in TABLES and name not in CASE_TABLES:
            raise InputError(f"case {case_id}", f"a table {name!r}", "Leave it out")
    patients = given.get("patients") or []
    _check_one_patient(patients, f"case {case_id}")
    given["patients"] = [{**patients[0], "board_months": board_months}]
    return BoardCase(
        case_id=case_id,
        question=question,
        board_months=board_months,
        cohort=Cohort.from_tables(given),
        answers=answers or {},
        title=title,
    )


def case_of_entry(entry: Mapping[str, Any], *, where: str = "case") -> BoardCase:
    """A case of an entry of a file of cases.

    Parameters
    ----------
    entry : mapping
        ``case_id``, ``board_months`` and ``tables`` (rows by the name of a table of a cohort), and
        where there are any ``question``, ``title`` and ``answers``.
    where : str
        What a message calls the entry.

    Returns
    -------
    BoardCase

    Raises
    ------
    InputError
        If a key is missing or of another kind, and on everything `case_of_rows` refuses.
    """
    check_entry(entry, where)
    answers = entry.get("answers") or {}
    if not isinstance(answers, Mapping):
        raise InputError(where, "'answers' is no group", "Give protocol/criterion: true or false")
    return case_of_rows(
        entry["tables"],
        case_id=entry["case_id"],
        question=str(entry.get("question") or ""),
        board_months=float(entry["board_months"]),
        answers=answers,
        title=str(entry.get("title") or ""),
    )


def check_entry(entry: Mapping[str, Any], where: str) -> None:
    """Refuse what is no entry of a file of cases, whatever its tables hold.

    Raises
    ------
    InputError
        If a key is missing or of another kind, or there is not exactly one patient.
    """
    for key, kind in (("case_id", str), ("board_months", (int, float)), ("tables", Mapping)):
        if not isinstance(entry.get(key), kind) or isinstance(entry.get(key), bool):
            found = f"{key!r} is {entry.get(key)!r}" if key in entry else f"there is no {key!r}"
            raise InputError(where, found, f"Give {key} as in a file that debulk writes")
    _check_one_patient(entry["tables"].get("patients") or [], f"case {entry['case_id']}")


def _check_one_patient(patients: Sized, where: str) -> None:
    if len(patients) != 1:
        raise InputError(where, f"{len(patients)} rows of patients", "Give one patient")


def read_case(path: str | Path) -> BoardCase:
    """Read a case from a JSON file.

    Parameters
    ----------
    path : str or Path
        A file that holds one case, as `case_of_entry` takes it.

    Returns
    -------
    BoardCase

    Raises
    ------
    InputError
        If the file is missing, not JSON, or no case.
    """
    file = Path(path)
    try:
        entry = json.loads(read_utf8(file))
    except json.JSONDecodeError as error:
        found = f"not JSON: {error.msg}"
        raise InputError(f"{file}, line {error.lineno}", found, "Correct the line") from None
    if not isinstance(entry, dict):
        raise InputError(str(file), "no case: not a JSON object", "Give one case")
    return case_of_entry(entry, where=str(file))
