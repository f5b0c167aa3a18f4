"""From what was typed on the outcome's form to what is stored, or messages beside its fields."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from debulk.board.records.refusals import day_of
from debulk.board.records.reviews import AS_DECIDED
from debulk.core.errors import InputError
from debulk.core.strings import entries, text
from debulk.treatments import load_modalities, load_regimens
from debulk.web.board.case_form.fields import Field, by_name
from debulk.web.board.case_form.messages import message_of, said
from debulk.web.board.case_form.values import Wrong, read_value, show_value

ROWS = {
    "treatments": ("start_months", "end_months", "line", "lesion_ids", "intent", "completeness"),
    "assessments": ("time_months", "response", "cea_ug_l", "who_ps"),
}
"""What is asked of each row beside the name of a treatment, by table, columns as in a cohort."""

NAME = "treatments.{key}.treatment"
OTHER = "other"
"""Name of a treatment that has no card."""

MOST_ROWS, EMPTY_ROWS = 100, 2

_MONTHS = {
    name: Field(name, "number", 0.0, 1_200.0) for name in ("last_months", "progression_months")
}
_SINGLE = ("as_decided", "last_months", "dead", "progression_months", "cause", "next_review")
_ROW = re.compile(r"(treatments|assessments)\.(\d{1,2})\.([a-z_]+)", re.ASCII)

Typed = dict[str, str]


@dataclass(slots=True)
class FilledOutcome:
    """What the form says: values, where there is no message by field."""

    as_decided: str = ""
    next_review: str | None = None
    content: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def is_asked(name: str) -> bool:
    """Whether the form has a field of this name."""
    found = _ROW.fullmatch(name)
    if found is None:
        return name in (*_SINGLE, "based_on", "do")
    return found[3] in ROWS[found[1]] or (found[1], found[3]) == ("treatments", "treatment")


def typed_of(review: Mapping[str, Any]) -> Typed:
    """A stored review as its form would hold it, to be gone on with or put right."""
    content = review["content"]
    typed = {
        "as_decided": review["as_decided"],
        "next_review": review["next_review_date"] or "",
        "cause": content.get("cause") or "",
        "dead": {True: "yes", False: "no"}.get(content.get("dead"), ""),
    }
    for name, each in _MONTHS.items():
        typed[name] = show_value(each, content.get(name))
    for table, columns in ROWS.items():
        for key, row in enumerate(content.get(table) or ()):
            if table == "treatments":
                typed[NAME.format(key=key)] = f"{row['kind']}/{row['name']}"
            for column in columns:
                shown = show_value(by_name(table)[column], row.get(column))
                typed[f"{table}.{key}.{column}"] = shown
    return typed


def keys_of(typed: Mapping[str, str], table: str) -> range:
    """Places of the rows that a table of the form has: those begun and some empty ones."""
    begun = [int(key) for key in _begun(typed, table)]
    more = EMPTY_ROWS if typed.get("do") == "more" else 0
    return range(min(MOST_ROWS, max(begun, default=-1) + 1 + EMPTY_ROWS + more))


@cache
def treatment_choices() -> tuple[tuple[str, str], ...]:
    """Cards of both kinds and one without, such as ``("local/mwa", "Local: ...")``."""
    found = []
    for kind, cards in (("local", load_modalities()), ("systemic", load_regimens())):
        titles = {name: str(each.title) for name, each in cards.items()}
        titles[OTHER] = text("board_list.later.other_treatment")
        prefix = str(entries("case_form.words")[kind]).capitalize()
        found += [(f"{kind}/{name}", f"{prefix}: {title}") for name, title in titles.items()]
    return tuple(found)


def read_outcome(
    typed: Mapping[str, str], *, board_months: float, lesions: Collection[str]
) -> FilledOutcome:
    """What the form says; every error at once, each beside its field.

    Parameters
    ----------
    typed : mapping of str to str
    board_months : float
        When the board met; nothing recorded here was earlier.
    lesions : collection of str
        Lesions of the case that was decided.
    """
    found = FilledOutcome(as_decided=typed.get("as_decided", ""))
    errors = found.errors
    for name, known in (("as_decided", AS_DECIDED), ("dead", ("yes", "no"))):
        if typed.get(name) not in known:
            errors[name] = _wrong("choice")
    cause = typed.get("cause") or None
    if cause is not None and cause not in entries("board_list.later.causes"):
        errors["cause"] = _wrong("choice")
    elif cause is not None and typed.get("dead") == "no":
        errors["cause"] = _wrong("cause_alive")
    day = typed.get("next_review", "").strip()
    try:
        found.next_review = day_of(day)
    except InputError:
        found.next_review = day
        errors["next_review"] = _wrong("day", found=day[:40])
    span = _Span(board_months, _months("last_months", typed, errors))
    if span.last is None:
        errors.setdefault("last_months", _wrong("needed"))
    span.check("last_months", span.last, errors)
    progression = _months("progression_months", typed, errors)
    span.check("progression_months", progression, errors)
    found.content = {
        "last_months": span.last,
        "dead": typed.get("dead") == "yes",
        "progression_months": progression,
        "cause": cause,
        "treatments": list(_treatments(typed, span, lesions, errors)),
        "assessments": list(_assessments(typed, span, errors)),
    }
    return found


@dataclass(frozen=True, slots=True)
class _Span:
    """The time that is told of: from the board to the last month known, or death."""

    board: float
    last: float | None

    def check(self, name: str, months: float | None, errors: dict[str, str]) -> None:
        if months is not None and months < self.board:
            errors[name] = _wrong("before_board", found=f"{months:g}", board=f"{self.board:g}")
        elif months is not None and self.last is not None and months > self.last:
            errors[name] = _wrong("after_last", found=f"{months:g}", last=f"{self.last:g}")


def _treatments(
    typed: Mapping[str, str], span: _Span, lesions: Collection[str], errors: dict[str, str]
) -> Iterator[dict[str, Any]]:
    fields = by_name("treatments")
    for key in _begun(typed, "treatments"):
        prefix, chosen = f"treatments.{key}", typed.get(NAME.format(key=key), "")
        if chosen not in dict(treatment_choices()):
            errors[NAME.format(key=key)] = _wrong("choice")
        kind, _, name = chosen.partition("/")
        row = {"kind": kind, "name": name, **_row("treatments", key, typed, errors)}
        start, end = row.get("start_months"), row.get("end_months")
        for column in ("start_months", "end_months"):
            span.check(f"{prefix}.{column}", row.get(column), errors)
        if start is not None and end is not None and end < start:
            words = text("case_form.wrong.ends_before", start=f"{start:g}", end=f"{end:g}")
            errors[f"{prefix}.end_months"] = words
        if kind == "systemic" and "line" not in row:
            words = said("treatments", fields["line"], "missing_in_row")
            errors.setdefault(f"{prefix}.line", words)
        for each in row.get("lesion_ids", ()):
            if each not in lesions:
                words = text("case_form.wrong.no_lesion", found=each)
                errors[f"{prefix}.lesion_ids"] = words
        yield row


def _assessments(
    typed: Mapping[str, str], span: _Span, errors: dict[str, str]
) -> Iterator[dict[str, Any]]:
    for key in _begun(typed, "assessments"):
        row = _row("assessments", key, typed, errors)
        span.check(f"assessments.{key}.time_months", row.get("time_months"), errors)
        yield row


def _row(table: str, key: str, typed: Mapping[str, str], errors: dict[str, str]) -> dict[str, Any]:
    """What is known of a row that has begun."""
    values = {}
    for each in (by_name(table)[column] for column in ROWS[table]):
        name = f"{table}.{key}.{each.name}"
        try:
            value = read_value(each, typed.get(name, ""))
        except Wrong as wrong:
            errors[name] = message_of(table, each, wrong)
            continue
        if value is not None:
            values[each.name] = value
        elif each.required:
            errors[name] = said(table, each, "missing_in_row")
    return values


def _begun(typed: Mapping[str, str], table: str) -> list[str]:
    """Keys of the rows in which something was typed, in their order."""
    cells = ((_ROW.fullmatch(name), value) for name, value in typed.items())
    keys = {cell[2] for cell, value in cells if cell and cell[1] == table and value.strip()}
    return sorted(keys, key=int)


def _months(name: str, typed: Mapping[str, str], errors: dict[str, str]) -> float | None:
    try:
        value: float | None = read_value(_MONTHS[name], typed.get(name, ""))
    except Wrong as wrong:
        errors[name] = _wrong("number", found=str(wrong.found)[:40])
        return None
    return value


def _wrong(problem: str, **values: object) -> str:
    return text(f"board_list.later.wrong.{problem}", count=None, **values)
