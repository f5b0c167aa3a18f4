"""The board's decisions as the rows of a registry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from debulk.board.case import OLDEST_KEPT_YEARS, BoardCase, check_entry
from debulk.board.decisions.decision import Decision
from debulk.core.anatomy_sites import closed_site
from debulk.core.errors import InputError
from debulk.core.provenance import Exclusion
from debulk.core.strings import text as string
from debulk.patients import TABLES, Cohort, ReadingRecord
from debulk.treatments import card_named

TIME_ZERO = "diagnosis of the bowel cancer"

COLUMNS = (
    "board_option",
    "board_case_version",
    "board_votes",
    "board_agreement_share",
    "board_randomise_votes_share",
    "board_dissents",
    "board_unknown_fields",
    "board_review_months",
    "board_treated_as_decided",
)
"""Columns of the patients that say what was decided; the moment of the board is `board_months`."""

_CAUSES = ("cancer", "treatment", "other")
_FREE = {"patients": ("centre", "arm"), "judgements": ("reason",)}


@dataclass(frozen=True, slots=True)
class Later:
    """What became of a decided patient.

    Attributes
    ----------
    last_months : float
        Last known alive, or death.
    dead : bool
    progression_months : float or None
    cause : str or None
        ``cancer``, ``treatment`` or ``other``.
    treated_as_decided : bool or None
        None: not reviewed yet.
    treatments, assessments : tuple of dict
        Rows since the board, columns as in the tables of a cohort, without ``patient_id``.
    """

    last_months: float
    dead: bool
    progression_months: float | None = None
    cause: str | None = None
    treated_as_decided: bool | None = None
    treatments: tuple[Mapping[str, Any], ...] = ()
    assessments: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class DecidedCase:
    """A case as it was shown, what was decided on it, and what became of it.

    Attributes
    ----------
    case : BoardCase or mapping
        A mapping as `BoardCase.to_dict` writes it is looked at together with those of the other
        cases: a thousand of them take a second, a thousand `BoardCase` half a minute to make.
    decision : Decision
    later : Later or None
    """

    case: BoardCase | Mapping[str, Any]
    decision: Decision
    later: Later | None = None

    def __post_init__(self) -> None:
        entry = self.entry
        check_entry(entry, "decisions")
        if entry["case_id"] != self.decision.case_id:
            of_case, of_decision = entry["case_id"], self.decision.case_id
            found = string("decision.errors.case", decision=of_decision, case=of_case)
            raise InputError("decisions", found, string("decision.errors.case_remedy"))

    @property
    def entry(self) -> Mapping[str, Any]:
        """The case as plain values."""
        return self.case.to_dict() if isinstance(self.case, BoardCase) else self.case


def decisions_cohort(records: Iterable[DecidedCase]) -> Cohort:
    """The board's decided cases as a cohort: a registry that other parts of the program read.

    Parameters
    ----------
    records : iterable of DecidedCase
        Of several versions of a decision on one case the latest signed one counts.

    Returns
    -------
    Cohort
        Patients with what was decided (`COLUMNS`), lesions, treatments and assessments before the
        board and since, judgements by numbered panellists, and follow-up (of a case without review,
        alive at the board). Times are months; there is no date, no centre and no free text: sites
        that are no closed word are unknown, a treatment that is no card is ``other``. Its record
        says what was left out.

    Raises
    ------
    InputError
        If no case has a signed decision.
    """
    standing, left_out = _standing(records)
    if not standing:
        found = string("decision.errors.none")
        raise InputError("decisions", found, string("decision.errors.none_remedy"))
    removed = _Removed()
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for each in standing:
        for name, rows in _rows(each, removed).items():
            tables[name] += rows
    ignored = tuple(
        Exclusion(string("decision.together.free_text", column=column, table=table), n)
        for (table, column), n in sorted(removed.cells.items())
    )
    decisions = (string("decision.together.names"),) if removed.names else ()
    record = ReadingRecord(
        source="decisions of a tumour board",
        time_zero=TIME_ZERO,
        exclusions=left_out,
        decisions=decisions,
        ignored=ignored,
    )
    return Cohort.from_tables({name: rows for name, rows in tables.items() if rows}, record=record)


@dataclass(slots=True)
class _Removed:
    """Free text that was left out, by table and column, and treatments renamed."""

    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    names: int = 0


def _standing(
    records: Iterable[DecidedCase],
) -> tuple[list[DecidedCase], tuple[Exclusion, ...]]:
    """The latest signed decision of each case, in the order given, and who was left out."""
    latest: dict[str, DecidedCase] = {}
    unsigned = superseded = 0
    for each in records:
        if not each.decision.signed:
            unsigned += 1
            continue
        known = latest.get(each.decision.case_id)
        superseded += known is not None
        if known is None or each.decision.version > known.decision.version:
            latest[each.decision.case_id] = each
    counts = {"not_signed": unsigned, "superseded": superseded}
    left_out = tuple(
        Exclusion(string(f"decision.together.{why}"), n) for why, n in counts.items() if n
    )
    return list(latest.values()), left_out


def _as_decided(record: DecidedCase) -> bool | None:
    return record.later.treated_as_decided if record.later else None


def _rows(record: DecidedCase, removed: _Removed) -> dict[str, list[dict[str, Any]]]:
    case, later = record.entry, record.later
    rows = {
        name: [
            {column: value for column, value in row.items() if column in TABLES[name]}
            for row in case["tables"].get(name) or ()
        ]
        for name in TABLES
        if name != "followup"
    }
    if later:
        for name in ("treatments", "assessments"):
            rows[name] += [
                {column: row.get(column) for column in TABLES[name]} for row in getattr(later, name)
            ]
    rows["patients"] = [_patient(rows["patients"][0], record)]
    rows["followup"] = [_followup(case, later)]
    for table, each in rows.items():
        for row in each:
            row["patient_id"] = case["case_id"]
            _without_free_text(table, row, removed)
    _number_panellists(rows["judgements"])
    return rows


def _patient(row: dict[str, Any], record: DecidedCase) -> dict[str, Any]:
    decision = record.decision
    age = row.get("age_years")
    values: Sequence[Any] = (
        decision.taken,
        decision.case_version,
        len(decision.votes),
        decision.agreement,
        decision.randomise_share,
        len(decision.dissent),
        len(decision.unknown_at_the_time),
        decision.review_months,
        _as_decided(record),
    )
    return {
        **row,
        "age_years": None if age is None else min(age, OLDEST_KEPT_YEARS),
        "board_months": decision.board_months,
        **dict(zip(COLUMNS, values, strict=True)),
    }


def _followup(case: Mapping[str, Any], later: Later | None) -> dict[str, Any]:
    if later is None:
        return {"last_months": case["board_months"], "dead": False}
    return {
        "last_months": later.last_months,
        "dead": later.dead,
        "progression_months": later.progression_months,
        "cause": later.cause if later.cause in _CAUSES else None,
    }


def _without_free_text(table: str, row: dict[str, Any], removed: _Removed) -> None:
    for column in _FREE.get(table, ()):
        if row.get(column) is not None:
            removed.cells[table, column] += 1
        row[column] = None
    if table == "lesions" and row.get("site"):
        row["site"] = closed_site(row["organ"], row["site"])
        removed.cells[table, "site"] += row["site"] is None
    if table == "treatments" and row.get("name"):
        row["name"] = card_named(row["name"]) or "other"
        removed.names += row["name"] == "other"
    if table == "judgements" and row.get("modality") and card_named(row["modality"]) is None:
        removed.cells[table, "modality"] += 1
        row["modality"] = None


def _number_panellists(judgements: list[dict[str, Any]]) -> None:
    numbers: dict[str, str] = {}
    for row in judgements:
        row["panellist"] = numbers.setdefault(row["panellist"], f"member {len(numbers) + 1}")
