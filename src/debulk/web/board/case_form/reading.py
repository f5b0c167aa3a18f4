"""From what was typed to a case: values, mistakes beside their fields, doubts, cross-checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from debulk.board.case import OLDEST_KEPT_YEARS, BoardCase, case_of_rows
from debulk.board.matching.board_trials import BoardTrial
from debulk.core.anatomy_sites import NoSite, site_of
from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.web.board.case_form.cross_checks import cross_checks
from debulk.web.board.case_form.doubts import Doubt, doubt, doubts_of_row
from debulk.web.board.case_form.fields import FIELDS, ROWS, SINGLE, Field, by_name
from debulk.web.board.case_form.messages import message_of, said
from debulk.web.board.case_form.trial_questions import known_keys
from debulk.web.board.case_form.typed import UNKNOWN, Row, Typed, is_begun
from debulk.web.board.case_form.values import Wrong, read_value

_ANSWERS = {"yes": True, "no": False}


@dataclass
class Reading:
    """What the form says.

    Attributes
    ----------
    errors : dict of str to str
        Messages by the name of the field; nothing is saved while there is one.
    doubts : list of Doubt
        Unusual values: saved once they are confirmed.
    checks : list of Doubt
        Entries that do not fit each other: told, never in the way of saving.
    case : BoardCase or None
        The case, where there is no error.
    """

    errors: dict[str, str] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    checks: list[Doubt] = field(default_factory=list)
    case: BoardCase | None = None

    @property
    def open_doubts(self) -> list[Doubt]:
        """Unusual values that nobody confirmed."""
        return [each for each in self.doubts if not each.kept]

    @property
    def open_checks(self) -> list[Doubt]:
        """Cross-checks that nobody said to keep as typed."""
        return [each for each in self.checks if not each.kept]

    def content(self) -> dict[str, Any]:
        """What is stored.

        Raises
        ------
        ValueError
            If there is no case.
        """
        if self.case is None:
            raise ValueError("there is no case to store")
        kept = sorted({each.mark for each in (*self.doubts, *self.checks) if each.kept})
        return self.case.to_dict() | ({"kept_as_typed": kept} if kept else {})


def read_typed(
    typed: Typed,
    *,
    case_id: str,
    stored: Mapping[str, Any] | None = None,
    trials: Iterable[BoardTrial] = (),
) -> Reading:
    """Read the form.

    Parameters
    ----------
    typed : Typed
        What was typed, its lesions named.
    case_id : str
        Name of the case; any word for a new one.
    stored : mapping, optional
        Content of the version that was edited: columns and answers that the form does not show
        stay as they are.
    trials : iterable of BoardTrial
        Trials whose further questions may be answered.
    """
    reading = Reading(errors=dict(typed.errors))
    values = {name: _single(name, typed.single[name], typed.kept, reading) for name in SINGLE}
    tables = {name: _rows(name, typed, reading) for name in ROWS}
    _check_lesion_names(typed, tables, reading)
    _check_treatments(tables["treatments"], reading)
    if typed.quick.strip():
        reading.errors["quick"] = text("case_form.quick.not_read")
    if typed.preview.strip():
        reading.errors["preview"] = text("case_form.quick.not_taken")
    if not reading.errors:
        stored = stored or {}
        answers = _answers(typed, stored, known_keys(trials))
        reading.case = _case(case_id, values, tables, answers, stored, reading)
    if reading.case is not None:
        reading.checks = cross_checks(values, tables, reading.case, typed.kept)
    return reading


def _single(table: str, typed: Row, kept: set[str], reading: Reading) -> dict[str, Any]:
    values = {}
    for each in FIELDS[table]:
        name = f"{table}.{each.name}"
        values[each.name] = value = _value(table, name, each, typed.get(each.name, ""), reading)
        if value is not None and typed.get(f"{each.name}{UNKNOWN}"):
            reading.errors[name] = said(table, each, "both")
        if each.required and value is None and name not in reading.errors:
            reading.errors[name] = said(table, each, "missing")
    if values.get("age_years") is not None:
        # Whole years, as an import keeps them: parts of a year could tell the birthday.
        values["age_years"] = min(float(int(values["age_years"])), OLDEST_KEPT_YEARS)
    reading.doubts += doubts_of_row(table, table, values, kept)
    return values


def _rows(table: str, typed: Typed, reading: Reading) -> dict[str, dict[str, Any]]:
    """Values of the rows that have begun, by key."""
    found = {}
    for key, row in typed.rows[table].items():
        if not is_begun(table, row):
            continue
        prefix, values = f"{table}.{key}", {}
        for each in FIELDS[table]:
            name = f"{prefix}.{each.name}"
            values[each.name] = _value(table, name, each, row.get(each.name, ""), reading)
            if each.required and values[each.name] is None and name not in reading.errors:
                reading.errors[name] = said(table, each, "missing_in_row")
        if table == "lesions":
            values["lesion_id"] = row.get("lesion_id", "").strip() or key
            _read_site(prefix, values, typed.kept, reading)
        reading.doubts += doubts_of_row(table, prefix, values, typed.kept)
        found[key] = values
    return found


def _value(table: str, name: str, each: Field, typed: str, reading: Reading) -> Any:
    try:
        return read_value(each, typed)
    except Wrong as wrong:
        reading.errors[name] = message_of(table, each, wrong)
        return None


def _read_site(prefix: str, values: dict[str, Any], kept: set[str], reading: Reading) -> None:
    """The site in its one spelling; words that name none may be kept, and count as unknown."""
    typed, name = values["site"], f"{prefix}.site"
    if typed is None:
        return
    try:
        values["site"] = site_of(values["organ"], typed)
    except NoSite as error:
        if error.impossible:
            words = text("case_form.wrong.no_site", reason=error.reason, near=error.near)
            reading.errors[name] = words
            return
        words = text("case_form.wrong.unknown_site", reason=error.reason, near=error.near)
        reading.doubts.append(doubt(name, "site", typed, words, kept))


def _check_lesion_names(
    typed: Typed, tables: Mapping[str, dict[str, dict[str, Any]]], reading: Reading
) -> None:
    names = {row["lesion_id"] for row in tables["lesions"].values()}
    for table, column in (("treatments", "lesion_ids"), ("judgements", "lesion_id")):
        for key, row in tables[table].items():
            value = row[column] or []
            for each in [value] if isinstance(value, str) else value:
                if each not in names:
                    name = f"{table}.{key}.{column}"
                    reading.errors[name] = text("case_form.wrong.no_lesion", found=each)


def _check_treatments(rows: Mapping[str, dict[str, Any]], reading: Reading) -> None:
    for key, row in rows.items():
        start, end = row["start_months"], row["end_months"]
        if start is not None and end is not None and end < start:
            words = text("case_form.wrong.ends_before", start=f"{start:g}", end=f"{end:g}")
            reading.errors[f"treatments.{key}.end_months"] = words
        if row["kind"] == "systemic" and row["line"] is None:
            name = f"treatments.{key}.line"
            words = said("treatments", by_name("treatments")["line"], "missing_in_row")
            reading.errors.setdefault(name, words)
        if row["kind"] == "local" and not row["lesion_ids"]:
            words = text("case_form.wrong.lesions_needed")
            reading.errors.setdefault(f"treatments.{key}.lesion_ids", words)


def _case(
    case_id: str,
    values: Mapping[str, dict[str, Any]],
    tables: Mapping[str, dict[str, dict[str, Any]]],
    answers: Mapping[str, bool | None],
    stored: Mapping[str, Any],
    reading: Reading,
) -> BoardCase | None:
    case, board = values["case"], values["case"]["board_months"]
    old = stored.get("tables") or {}
    first = (old.get("patients") or [{}])[0]
    # A case's name is made when it is stored; within its rows the patient keeps the first one.
    named = {"patient_id": first.get("patient_id") or case_id}
    patient = first | values["patients"] | named
    before = {row["lesion_id"]: row for row in old.get("lesions") or ()}
    rows = {name: [row | named for row in tables[name].values()] for name in ROWS}
    rows["lesions"] = [before.get(row["lesion_id"], {}) | row for row in rows["lesions"]]
    for row in rows["judgements"]:
        row["time_months"] = board if row["time_months"] is None else row["time_months"]
    try:
        return case_of_rows(
            {"patients": [patient], **{name: _known(each) for name, each in rows.items()}},
            case_id=case_id,
            question=case["question"] or "",
            board_months=board,
            answers=answers,
            title=str(stored.get("title") or ""),
        )
    except InputError as error:
        reading.errors["case"] = str(error)
        return None


def _known(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without what is unknown, so that a column nobody filled does not come to be."""
    return [{key: value for key, value in row.items() if value is not None} for row in rows]


def _answers(
    typed: Typed, stored: Mapping[str, Any], known: frozenset[str]
) -> dict[str, bool | None]:
    answers = dict(stored.get("answers") or {})
    for key, word in typed.answers.items():
        if word in _ANSWERS and (key in known or key in answers):
            answers[key] = _ANSWERS[word]
        elif word == "":
            answers.pop(key, None)
    return answers
