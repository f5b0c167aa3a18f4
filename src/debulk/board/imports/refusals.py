"""Refusals of a file, with their words from the packaged strings."""

from __future__ import annotations

from debulk.core.errors import InputError
from debulk.core.strings import entries, text


def refusal(where: str, key: str, **values: object) -> InputError:
    """The refusal whose found and remedy lie under a key of the strings."""
    entry = entries(f"imports.refused.{key}")
    found, remedy = (str(entry[part]).format_map(values) for part in ("found", "remedy"))
    return InputError(where, found, remedy)


def line_of(name: str, line: int) -> str:
    """The place of a line of a file."""
    return text("imports.places.line", name=name, line=line)


def row_of(table: str, row: int) -> str:
    """The place of a row of a table."""
    return text("imports.places.row", table=table, row=row)


def column_at(place: str, column: str) -> str:
    """The place of a cell: a column of a line or a row."""
    return text("imports.places.column", place=place, column=column)
