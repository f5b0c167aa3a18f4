"""The quick entry of the form: lines read, shown, and taken into the table of lesions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from debulk.board.imports.quick_lines import QuickLines, quick_entry
from debulk.core.errors import InputError
from debulk.web.board.case_form.fields import FIELDS, MOST_ROWS
from debulk.web.board.case_form.typed import Row, Typed, is_begun, new_key, with_lesion_names
from debulk.web.board.case_form.values import show_value


def read_lines(typed: Typed) -> dict[str, str]:
    """Move the lines that are understood from the box to the preview; the others stay, marked.

    Returns
    -------
    dict of str to str
        A message under ``quick``, where the box as a whole cannot be read.
    """
    try:
        read = quick_entry(typed.quick)
    except InputError as error:
        return {"quick": f"{error.found}. {error.remedy}"}
    wrong = {each.line for each in read.not_understood}
    lines = list(enumerate(typed.quick.splitlines(), start=1))
    understood = [line for place, line in lines if place not in wrong and line.strip()]
    typed.quick = "\n".join(line for place, line in lines if place in wrong)
    typed.preview = "\n".join([*typed.preview.splitlines(), *understood])
    return {}


def preview_of(typed: Typed) -> QuickLines:
    """What the lines that were read say; their lesions' names follow those of the table."""
    try:
        return quick_entry(typed.preview, taken=_names(typed))
    except InputError:
        return QuickLines((), ())


def not_understood(typed: Typed) -> QuickLines:
    """The lines in the box, with the reason of each that cannot be read."""
    try:
        return quick_entry(typed.quick)
    except InputError:
        return QuickLines((), ())


def take_lines(typed: Typed) -> list[str]:
    """Put the lesions of the preview into the table; returns their keys."""
    with_lesion_names(typed)
    rows = typed.rows["lesions"]
    for key in [key for key, row in rows.items() if not is_begun("lesions", row)]:
        del rows[key]
    found = [_typed(each) for each in preview_of(typed).lesions][: MOST_ROWS - len(rows)]
    for row in found:
        name = row["lesion_id"]
        rows[name if name not in rows else new_key(rows)] = row
    typed.preview = ""
    return [row["lesion_id"] for row in found]


def _names(typed: Typed) -> Iterable[str]:
    return (
        row.get("lesion_id", "")
        for rows in (typed.rows["lesions"], typed.removed["lesions"])
        for row in rows.values()
    )


def _typed(lesion: dict[str, Any]) -> Row:
    row = {each.name: show_value(each, lesion.get(each.name)) for each in FIELDS["lesions"]}
    return row | {"lesion_id": str(lesion["lesion_id"])}
