"""What each kind of file holds, as rows by table, before anything is checked."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from debulk.board.asked_case import REGISTERED, criteria_named
from debulk.board.case import CASE_TABLES, LONGEST_QUESTION, LONGEST_TITLE
from debulk.board.imports.csv_tables import tables_of_csv, tables_of_zip
from debulk.board.imports.dropping import fhir_identifying
from debulk.board.imports.kinds import DEEPEST, Kind, json_of, text_of
from debulk.board.imports.refusals import refusal
from debulk.board.matching.board_trials import packaged_trials
from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Exclusion
from debulk.core.strings import text as string
from debulk.patients import read_mcode
from debulk.patients.columns import MOST_MONTHS

Rows = list[dict[str, Any]]
MOST_CASES = 200


@dataclass(slots=True)
class Entry:
    """Rows of one or several patients, with what a file of cases says beside them."""

    tables: dict[str, Rows]
    board_months: float | None = None
    question: str = ""
    title: str = ""
    answers: Mapping[str, bool | None] = field(default_factory=dict)


@dataclass(slots=True)
class Found:
    """The entries of a file, and what was seen on the way."""

    entries: list[Entry]
    ignored: list[Exclusion] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    first_row: int = 1


def entries_of(kind: Kind, name: str, content: bytes) -> Found:
    """Read a file of a kind.

    Raises
    ------
    InputError
        If the file as a whole cannot be read.
    """
    if kind == "csv":
        return Found([Entry(tables_of_csv(name, content))], first_row=2)
    if kind == "zip":
        tables, others = tables_of_zip(name, content)
        ignored = [Exclusion(each, 1) for each in others]
        return Found([Entry(tables)], ignored=ignored, first_row=2)
    if kind == "mcode":
        return _mcode(name, content)
    value = json_of(name, text_of(name, content))
    return _cases(name, value, several=kind == "cases")


def _cases(name: str, value: Any, *, several: bool) -> Found:
    given = value.get("cases") if several and isinstance(value, dict) else [value]
    if not isinstance(given, list) or not given:
        raise refusal(name, "no_cases")
    if len(given) > MOST_CASES:
        raise refusal(name, "many_cases", count=len(given), most=MOST_CASES)
    entries = []
    for place, each in enumerate(given, start=1):
        where = string("imports.places.case", name=name, case=place) if several else name
        entries.append(_entry(where, each))
    return Found(entries)


def _entry(where: str, given: Any) -> Entry:
    if not isinstance(given, Mapping) or not isinstance(given.get("tables"), Mapping):
        raise refusal(where, "no_tables")
    tables: dict[str, Rows] = {}
    for table, rows in given["tables"].items():
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise refusal(where, "no_list", table=table)
        if not all(_plain(*cell) for row in rows for cell in row.items()):
            raise refusal(where, "no_cell", table=table)
        tables[str(table)] = [dict(row) for row in rows]
    return Entry(
        tables=tables,
        board_months=_board_months(where, given.get("board_months")),
        question=_words(where, given, "question", LONGEST_QUESTION),
        title=_words(where, given, "title", LONGEST_TITLE),
        answers=_answers(where, given.get("answers") or {}),
    )


def _words(where: str, given: Mapping[str, Any], name: str, most: int) -> str:
    words = given.get(name) or ""
    if not isinstance(words, str):
        raise refusal(where, "no_text", name=name)
    if len(words) > most:
        raise refusal(where, "long_text", name=name, count=len(words), most=most)
    return words


def _answers(where: str, given: Any) -> dict[str, bool | None]:
    """Answers by hand: to criteria there are, or to a registry's, which may be imported later."""
    if not isinstance(given, Mapping) or not all(
        each is None or isinstance(each, bool) for each in given.values()
    ):
        raise refusal(where, "no_answers")
    known = criteria_named(packaged_trials())
    for name in given:
        if name not in known and not REGISTERED.fullmatch(str(name)):
            near = nearest(str(name)[:60], known)
            raise refusal(where, "no_criterion", name=name, near=near)
    return dict(given)


def _plain(column: Any, cell: Any) -> bool:
    if isinstance(cell, list) and column == "lesion_ids":
        return all(isinstance(each, str) for each in cell)
    return cell is None or isinstance(cell, str | bool | int | float)


def _board_months(where: str, given: Any) -> float | None:
    if given is None:
        return None
    if (
        isinstance(given, bool)
        or not isinstance(given, int | float)
        or not 0 <= given <= MOST_MONTHS
    ):
        raise refusal(where, "board_months", found=given, most=MOST_MONTHS)
    return float(given)


def _mcode(name: str, content: bytes) -> Found:
    text = text_of(name, content)
    lines = name.lower().endswith(".ndjson")
    values = [json_of(name, each) for each in text.splitlines() if each.strip()] if lines else [
        json_of(name, text)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="debulk-import-") as folder:
        # The name of the file may be a patient's: it is not given to the file on disk.
        file = Path(folder) / ("bundle.ndjson" if lines else "bundle.json")
        file.write_bytes(content)
        try:
            cohort = read_mcode(file)
        except InputError as error:
            where = error.where.replace(str(file), name)
            raise InputError(where, error.found, error.remedy) from None
        except RecursionError:
            raise refusal(name, "too_deep", most=DEEPEST) from None
    record = cohort.record
    tables = {
        table: [
            {key: value for key, value in row.items() if value is not None}
            for row in frame.to_dicts()
        ]
        for table, frame in cohort.tables.items()
        if frame.height and table in (*CASE_TABLES, "followup")
    }
    remarks = [*record.decisions, *record.not_known] if record else []
    return Found(
        [Entry(tables)],
        ignored=list((*record.ignored, *record.exclusions)) if record else [],
        dropped=fhir_identifying(values),
        remarks=[each.replace("bundle.json", string("imports.kinds.mcode")) for each in remarks],
    )
