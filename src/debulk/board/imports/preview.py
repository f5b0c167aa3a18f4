"""What importing a file would take, leave out and refuse: all of it or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePosixPath
from typing import Any

from debulk.board.case import (
    CASE_TABLES,
    MOST_ROWS,
    OLDEST_KEPT_YEARS,
    BoardCase,
    case_of_rows,
)
from debulk.board.imports.dropping import without_identifying
from debulk.board.imports.entries import MOST_CASES, Entry, Found, entries_of
from debulk.board.imports.identifying import LONGEST, identifying_text
from debulk.board.imports.kinds import Kind, kind_of, text_of
from debulk.board.imports.months import dates_to_months
from debulk.board.imports.quick_lines import quick_entry
from debulk.board.imports.refusals import column_at, line_of, refusal, row_of
from debulk.core.anatomy_sites import NoSite, site_of
from debulk.core.errors import InputError
from debulk.core.provenance import Exclusion
from debulk.core.results import plain
from debulk.core.strings import text as string
from debulk.patients import TABLES
from debulk.patients.cohort import checked
from debulk.prognosis import load_score, packaged_scores
from debulk.survival.options import check_word

Rows = list[dict[str, Any]]

OLDEST_ALIVE = 120
"""What is more is no age, and left to the border to refuse."""

_FREE_TEXT = {"lesions": ("site",), "treatments": ("name",), "judgements": ("reason", "panellist")}
_MONTHS = ("detected_months", "start_months", "end_months", "time_months")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row or a line that cannot be taken: where, what was found, what to do."""

    where: str
    found: str
    remedy: str

    def to_dict(self) -> dict[str, str]:
        """Plain values, ready for JSON."""
        return {"where": self.where, "found": self.found, "remedy": self.remedy}


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What importing a file would do.

    Attributes
    ----------
    kind : str
        Of the file; ``registry_trial`` holds no case and goes to the records of registries.
    cases : tuple of BoardCase
        One a patient, with identifiers ``import-1`` and so on; empty where anything is refused.
    taken : dict of str to int
        Rows by table.
    ignored : tuple of Exclusion
        What was left out since it has no meaning here, and how often.
    dropped : tuple of Exclusion
        Identifying fields that were left out, and how many values each had.
    refused : tuple of Refusal
        What stands in the way of taking the file.
    warnings : tuple of str
        Free texts that were kept and look as if they could identify someone.
    remarks : tuple of str
        What was decided or is not known.
    """

    kind: Kind
    cases: tuple[BoardCase, ...]
    taken: dict[str, int]
    ignored: tuple[Exclusion, ...] = ()
    dropped: tuple[Exclusion, ...] = ()
    refused: tuple[Refusal, ...] = ()
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "kind": self.kind,
            "kind_text": string(f"imports.kinds.{self.kind}"),
            "cases": [each.to_dict() for each in self.cases],
            "taken": [
                {
                    "table": table,
                    "rows": n,
                    "text": string("imports.preview.rows", n=n, table=table),
                }
                for table, n in self.taken.items()
            ],
            "ignored": [plain(each) for each in self.ignored],
            "dropped": [
                {
                    **plain(each),
                    "text": string(
                        "imports.preview.identifying", field=each.reason, n=f"{each.count:g}"
                    ),
                }
                for each in self.dropped
            ],
            "refused": [each.to_dict() for each in self.refused],
            "warnings": list(self.warnings),
            "remarks": list(self.remarks),
        }


@dataclass(slots=True)
class _Seen:
    """What was seen while the entries were cleaned."""

    ignored: list[Exclusion] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)


def preview_import(name: str, content: bytes, kind: Kind | None = None) -> ImportPreview:
    """What importing a file would take, ignore and refuse; nothing is stored.

    Parameters
    ----------
    name : str
        Of the file as chosen; only its last part and its ending are looked at.
    content : bytes
    kind : str, optional
        Default: told from the content.

    Returns
    -------
    ImportPreview

    Raises
    ------
    InputError
        If the file as a whole cannot be read: of no known kind, too large, not UTF-8, not JSON,
        a zip that is no zip of tables. A row that does not fit is in ``refused`` instead.
    """
    if not isinstance(name, str) or not isinstance(content, bytes):
        raise InputError("file", f"{name!r:.60}", "Give the file's name and its bytes")
    called = PurePosixPath(name.replace("\\", "/")).name[:100] or "file"
    chosen = kind or kind_of(called, content)
    check_word(chosen, Kind, "kind")
    if chosen == "registry_trial":
        text_of(called, content)
        return ImportPreview(kind=chosen, cases=(), taken={})
    if chosen == "lines":
        return _of_lines(text_of(called, content))
    found = entries_of(chosen, called, content)
    seen = _Seen(ignored=found.ignored, dropped=found.dropped, remarks=found.remarks)
    try:
        cases = tuple(_numbered(_cases(found, seen)))
        refused: tuple[Refusal, ...] = ()
    except InputError as error:
        cases, refused = (), (Refusal(error.where, error.found, error.remedy),)
    return _preview(chosen, cases, refused, seen)


def _preview(
    kind: Kind, cases: tuple[BoardCase, ...], refused: tuple[Refusal, ...], seen: _Seen
) -> ImportPreview:
    if cases:
        seen.remarks.insert(0, string("imports.preview.renamed"))
    return ImportPreview(
        kind=kind,
        cases=cases,
        taken=dict(seen.taken) if cases else {},
        ignored=tuple(seen.ignored),
        dropped=tuple(Exclusion(column, n) for column, n in sorted(seen.dropped.items())),
        refused=refused,
        warnings=tuple(dict.fromkeys(seen.warnings)),
        remarks=tuple(dict.fromkeys(seen.remarks)),
    )


def _of_lines(text: str) -> ImportPreview:
    read = quick_entry(text)
    refused = tuple(
        Refusal(
            string("imports.places.typed", line=each.line),
            each.reason,
            each.nearest or each.typed[:100],
        )
        for each in read.not_understood
    )
    seen = _Seen(remarks=[string("imports.preview.lines_board")])
    if refused:
        return _preview("lines", (), refused, seen)
    tables = {"patients": [{"patient_id": "1"}], "lesions": [dict(each) for each in read.lesions]}
    for row in tables["lesions"]:
        row["patient_id"] = "1"
    cases = tuple(_numbered(_cases(Found([Entry(tables)]), seen)))
    return _preview("lines", cases, (), seen)


def _numbered(cases: Iterator[tuple[Entry, dict[str, Rows], float]]) -> Iterator[BoardCase]:
    for place, (entry, tables, board_months) in enumerate(cases, start=1):
        name = f"import-{place}"
        rows = {
            table: [{**row, "patient_id": name} for row in each] for table, each in tables.items()
        }
        yield case_of_rows(
            rows,
            case_id=name,
            question=entry.question,
            title=entry.title,
            board_months=board_months,
            answers=entry.answers,
        )


def _cases(found: Found, seen: _Seen) -> Iterator[tuple[Entry, dict[str, Rows], float]]:
    """Each patient of each entry: cleaned, checked against the tables, and told apart."""
    for entry in found.entries:
        tables = _cleaned(entry.tables, seen)
        names = {table: f"{table}.csv" for table in tables} if found.first_row > 1 else {}
        cohort = checked(tables, names, dict.fromkeys(tables, found.first_row))
        typed = {table: frame.to_dicts() for table, frame in cohort.tables.items()}
        tables = _without_unknown(typed, seen)
        _read_sites(tables["lesions"], names.get("lesions"), found.first_row, seen)
        _warn(tables, [entry.question, entry.title], seen)
        rows_of = _by_patient(tables)
        for patient in tables["patients"]:
            own = rows_of[patient["patient_id"]]
            seen.taken.update({table: len(rows) for table, rows in own.items() if rows})
            yield entry, own, _board(entry, patient, own, seen)


def _cleaned(tables: dict[str, Rows], seen: _Seen) -> dict[str, Rows]:
    """Without what could identify, without dates and follow-up, every row with its patient."""
    kept = {table: [dict(row) for row in rows] for table, rows in tables.items() if rows}
    followup = kept.pop("followup", [])
    if followup:
        seen.ignored.append(Exclusion(string("imports.preview.followup"), len(followup)))
    for table in kept:
        if table not in TABLES:
            raise refusal(string("imports.places.table", table=table[:40]), "other_table")
    kept, converted, undated = dates_to_months(kept)
    seen.remarks += [string("imports.preview.dates", column=each) for each in converted]
    seen.dropped.update(undated)
    kept, dropped = without_identifying(kept)
    seen.dropped.update(dropped)
    _name_patients(kept)
    _whole_age(kept["patients"], seen)
    return kept


def _name_patients(tables: dict[str, Rows]) -> None:
    """Rows without a patient belong to the only one; without a table of patients, one is made."""
    named = dict.fromkeys(row.get("patient_id") for rows in tables.values() for row in rows)
    named.pop(None, None)
    if len(named) <= 1:
        only = next(iter(named), "1")
        for rows in tables.values():
            for row in rows:
                row["patient_id"] = str(only)
        named = {only: None}
    for rows in tables.values():
        for row in rows:
            if row.get("patient_id") is not None:
                row["patient_id"] = str(row["patient_id"])
    if not tables.get("patients"):
        tables["patients"] = [{"patient_id": str(each)} for each in named]


def _whole_age(patients: Rows, seen: _Seen) -> None:
    """Ages as people say them: a birth date gives days, and 90 or over is kept as 90."""
    for row in patients:
        try:
            years = float(row.get("age_years") or -1.0)
        except (TypeError, ValueError):
            continue  # the border says what is wrong with it
        if not 0.0 <= years <= OLDEST_ALIVE:
            continue
        row["age_years"] = min(int(years), int(OLDEST_KEPT_YEARS))
        if years > OLDEST_KEPT_YEARS:
            seen.remarks.append(string("imports.preview.age_kept"))


def _without_unknown(tables: dict[str, Rows], seen: _Seen) -> dict[str, Rows]:
    """Columns without a meaning are left out and counted; lists are read as lists."""
    unknown: Counter[tuple[str, str]] = Counter()
    kept: dict[str, Rows] = {}
    for table, rows in tables.items():
        if table not in CASE_TABLES:
            continue
        known = {*TABLES[table], *(_score_columns() if table == "patients" else ())}
        kept[table] = [{k: v for k, v in row.items() if k in known} for row in rows]
        unknown.update(
            (table, name)
            for row in rows
            for name, value in row.items()
            if name not in known and value is not None
        )
    for (table, column), n in sorted(unknown.items()):
        reason = string("imports.preview.unknown_column", column=column[:60], table=table)
        seen.ignored.append(Exclusion(reason, n))
    return kept


def _by_patient(tables: dict[str, Rows]) -> dict[str, dict[str, Rows]]:
    """The rows of each patient, no more than a form can show."""
    if len(tables["patients"]) > MOST_CASES:
        where, count = string("imports.places.table", table="patients"), len(tables["patients"])
        raise refusal(where, "many_patients", count=count, most=MOST_CASES)
    own: dict[str, dict[str, Rows]] = {
        row["patient_id"]: {table: [] for table in tables} for row in tables["patients"]
    }
    for table, rows in tables.items():
        for row in rows:
            own[row["patient_id"]][table].append(row)
    for each in own.values():
        for table, rows in each.items():
            if len(rows) > MOST_ROWS:
                where = string("imports.places.table", table=table)
                raise refusal(where, "rows_of_one", count=len(rows), most=MOST_ROWS)
    return own


def _read_sites(lesions: Rows, file: str | None, first_row: int, seen: _Seen) -> None:
    """Sites in their one spelling; words that name none are kept, count as unknown, are told."""
    for place, row in enumerate(lesions, start=first_row):
        if not row["site"]:
            continue
        try:
            row["site"] = site_of(row["organ"], row["site"])
        except NoSite as error:
            if error.impossible:
                where = line_of(file, place) if file else row_of("lesions", place)
                remedy = string("imports.preview.site_remedy")
                raise InputError(column_at(where, "site"), error.reason, remedy) from None
            said = string("imports.preview.unknown_site", reason=error.reason, near=error.near)
            seen.remarks.append(said)


@cache
def _score_columns() -> frozenset[str]:
    """Columns of the patients that have a meaning for a published score."""
    return frozenset(name for each in packaged_scores() for name in load_score(each).inputs)


def _warn(tables: dict[str, Rows], texts: list[str], seen: _Seen) -> None:
    cells = [("case", "question", each) for each in texts if each]
    cells += [
        (table, column, str(row[column]))
        for table, columns in _FREE_TEXT.items()
        for row in tables.get(table, ())
        for column in columns
        if row.get(column)
    ]
    for table, column, cell in cells:
        for each in identifying_text(cell[:LONGEST]):
            seen.warnings.append(
                string("imports.preview.text_kept", table=table, column=column, found=each.found)
            )


def _board(entry: Entry, patient: dict[str, Any], own: dict[str, Rows], seen: _Seen) -> float:
    """The board's month: as given, else the latest month of the rows, which is said."""
    if entry.board_months is not None:
        return entry.board_months
    if patient.get("board_months") is not None:
        return float(patient["board_months"])
    months = [
        float(row[name])
        for rows in own.values()
        for row in rows
        for name in _MONTHS
        if row.get(name) is not None
    ]
    if not months:
        seen.remarks.append(string("imports.preview.board_zero"))
        return 0.0
    latest = max(months)
    seen.remarks.append(string("imports.preview.board_from_rows", months=f"{latest:g}"))
    return latest
