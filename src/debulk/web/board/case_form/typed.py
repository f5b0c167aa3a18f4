"""What was typed into the form, word for word, so that nothing is lost whatever was wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from debulk.board.case import MOST_ROWS
from debulk.core.anatomy_sites import LESION_LETTERS, free_names, lesion_names
from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.web.board.case_form.fields import FIELDS, ROWS, SINGLE, by_name
from debulk.web.board.case_form.values import show_value
from debulk.web.typed_numbers import typed_whole

Row = dict[str, str]
"""Typed words by column."""

UNKNOWN = ":unknown"
"""Ending of the name of the box that says that nobody knows a number."""

_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
_FAR_TOO_MANY = 2 * MOST_ROWS
"""Rows of one table, with those taken out of it, that no form of this program sends."""


@dataclass
class Typed:
    """Everything in the form.

    Attributes
    ----------
    single : dict of str to Row
        The tables of one row: the case and the patient.
    rows : dict of str to dict of str to Row
        The other tables: rows by a key, in their order. A lesion's key is its name where that is
        plain.
    removed : dict of str to dict of str to Row
        Rows taken out, which can be put back.
    answers : dict of str to str
        Answers by hand, ``"yes"``, ``"no"`` or ``""``, by ``"protocol/criterion"``.
    kept : set of str
        Marks of what was confirmed to be meant as typed.
    quick, preview : str
        Lines of the quick entry not read yet or not understood; lines read and not yet taken.
    based_on : int
        The version that is edited; 0 for a new case.
    tried : bool
        Whether saving was tried, so that messages stand beside the fields.
    errors : dict of str to str
        Messages of a table that has too many rows.
    """

    single: dict[str, Row] = field(default_factory=lambda: {name: {} for name in SINGLE})
    rows: dict[str, dict[str, Row]] = field(default_factory=lambda: {name: {} for name in ROWS})
    removed: dict[str, dict[str, Row]] = field(default_factory=lambda: {name: {} for name in ROWS})
    answers: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    quick: str = ""
    preview: str = ""
    based_on: int = 0
    tried: bool = False
    errors: dict[str, str] = field(default_factory=dict)


def blank_row(table: str) -> Row:
    """A row as it is offered."""
    return {each.name: each.offered for each in FIELDS[table]}


def is_begun(table: str, row: Row) -> bool:
    """Whether anything stands in a row beyond what was offered."""
    offered = blank_row(table)
    return any(
        value.strip() not in ("", offered.get(name, ""))
        for name, value in row.items()
        if name in offered
    )


def new_key(rows: Mapping[str, Row], first: str = "n") -> str:
    """A key that no row has."""
    return next(free_names(first, rows))


def typed_of_form(items: Iterable[tuple[str, str]]) -> Typed:
    """Read the names and values that a browser sent; names the form does not have are ignored.

    Raises
    ------
    InputError
        If there are far more rows than any form has; some more are told, and kept.
    """
    typed = Typed()
    for name, value in items:
        if isinstance(value, str):
            _take(typed, name, value)
    for table in ROWS:
        count, removed = len(typed.rows[table]), len(typed.removed[table])
        if count + removed > _FAR_TOO_MANY:
            found = text("case_form.refusals.rows", count=count + removed)
            remedy = text("case_form.refusals.rows_remedy", most=MOST_ROWS)
            raise InputError(table, found, remedy)
        check_rows(typed, table, count)
    return typed


def check_rows(typed: Typed, table: str, count: int) -> bool:
    """Whether a table may have so many rows; else a message stands at it."""
    if count > MOST_ROWS:
        typed.errors[table] = text("case_form.refusals.table", count=count, most=MOST_ROWS)
    return count <= MOST_ROWS


def _take(typed: Typed, name: str, value: str) -> None:
    first, _, rest = name.partition(".")
    if first == "answers" and len(rest) <= 2_000:
        typed.answers |= dict.fromkeys(rest.split(","), value)
    elif name == "keep":
        typed.kept.add(value[:200])
    elif name in ("quick", "preview"):
        setattr(typed, name, value)
    elif name == "tried":
        typed.tried = True
    elif name == "based_on" and (based_on := typed_whole(value)) is not None:
        typed.based_on = based_on
    elif first in SINGLE and rest.removesuffix(UNKNOWN) in by_name(first):
        typed.single[first][rest] = value
    else:
        removed = first == "removed"
        table, _, rest = rest.partition(".") if removed else (first, "", rest)
        key, _, column = rest.partition(".")
        known = table in ROWS and (column in by_name(table) or _is_name(table, column))
        if known and _KEY.fullmatch(key):
            rows = typed.removed if removed else typed.rows
            rows[table].setdefault(key, {})[column] = value


def _is_name(table: str, column: str) -> bool:
    return table == "lesions" and column == "lesion_id"


def form_items(typed: Typed) -> list[tuple[str, str]]:
    """The names and values that the form sends, of which `typed_of_form` makes the same again."""
    items = [(f"{t}.{name}", value) for t in SINGLE for name, value in typed.single[t].items()]
    for first, tables in (("", typed.rows), ("removed.", typed.removed)):
        items += [
            (f"{first}{table}.{key}.{name}", value)
            for table, rows in tables.items()
            for key, row in rows.items()
            for name, value in row.items()
        ]
    items += [(f"answers.{key}", value) for key, value in typed.answers.items()]
    items += [("keep", mark) for mark in sorted(typed.kept)]
    items += [("quick", typed.quick), ("preview", typed.preview)]
    items += [("based_on", str(typed.based_on))] + ([("tried", "1")] if typed.tried else [])
    return [(name, value) for name, value in items if value]


def typed_of_content(content: Mapping[str, Any], based_on: int = 0) -> Typed:
    """A stored case as it is typed."""
    typed = Typed(based_on=based_on, kept=set(content.get("kept_as_typed") or ()))
    tables = content.get("tables") or {}
    for name in SINGLE:
        row = content if name == "case" else (tables.get("patients") or [{}])[0]
        typed.single[name] = _shown(name, row)
    for name in ROWS:
        keys = free_names("r", typed.rows[name])
        for row in tables.get(name) or ():
            shown = _shown(name, row)
            key = next(keys)
            if name == "lesions":
                shown["lesion_id"] = str(row["lesion_id"])
                if _KEY.fullmatch(shown["lesion_id"]):
                    key = shown["lesion_id"]
            typed.rows[name][key] = shown
    typed.answers = {
        str(key): {True: "yes", False: "no"}.get(value, "")
        for key, value in (content.get("answers") or {}).items()
    }
    return typed


def _shown(table: str, row: Mapping[str, Any]) -> Row:
    return {each.name: show_value(each, row.get(each.name)) for each in FIELDS[table]}


def with_lesion_names(typed: Typed) -> Typed:
    """Name every lesion that has an organ and no name yet, and let its key be its name.

    A name once given stays: treatments speak of it.
    """
    taken = {
        row.get("lesion_id", "")
        for rows in (typed.rows["lesions"], typed.removed["lesions"])
        for row in rows.values()
    }
    free = {organ: lesion_names(organ, taken) for organ in LESION_LETTERS}
    named: dict[str, Row] = {}
    keys = free_names("n", named)
    for key, row in typed.rows["lesions"].items():
        name, organ = row.get("lesion_id", "").strip(), row.get("organ", "")
        if not name and organ in free and is_begun("lesions", row):
            name = row["lesion_id"] = next(free[organ])
        plain = name if name and _KEY.fullmatch(name) else key
        named[plain if plain not in named else next(keys)] = row
    typed.rows["lesions"] = named
    return typed
