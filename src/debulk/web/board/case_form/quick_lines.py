"""The quick entry of the form: lines read, shown, and taken into the table of lesions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from debulk.board.case import MOST_ROWS
from debulk.board.imports.quick_lines import QuickLines, quick_entry
from debulk.core.anatomy_sites import free_names
from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.web.board.case_form.fields import FIELDS
from debulk.web.board.case_form.typed import Row, Typed, is_begun, with_lesion_names
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
        wrong = {each.line for each in read.not_understood}
        lines = list(enumerate(typed.quick.splitlines(), start=1))
        understood = [line for place, line in lines if place not in wrong and line.strip()]
        preview = "\n".join([*typed.preview.splitlines(), *understood])
        quick_entry(preview)
    except InputError as error:
        return {"quick": f"{error.found}. {error.remedy}."}
    typed.quick = "\n".join(line for place, line in lines if place in wrong)
    typed.preview = preview
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


def take_lines(typed: Typed) -> tuple[list[str], dict[str, str]]:
    """Put the lesions of the preview into the table; lines that find no room stay, with a message.

    Returns
    -------
    keys : list of str
        Of the new rows.
    errors : dict of str to str
        A message under ``preview``, where something stays.
    """
    with_lesion_names(typed)
    rows = typed.rows["lesions"]
    for key in [key for key, row in rows.items() if not is_begun("lesions", row)]:
        del rows[key]
    taken, left = _with_room(typed.preview.splitlines(), MOST_ROWS - len(rows))
    typed.preview = "\n".join(taken)
    found = {each["lesion_id"]: _typed(each) for each in preview_of(typed).lesions}
    free = free_names("n", rows)
    keys = [name if name not in rows else next(free) for name in found]
    rows |= dict(zip(keys, found.values(), strict=True))
    typed.preview = "\n".join(left)
    if not left:
        return keys, {}
    words = text("case_form.quick.no_room", count=len(found), most=MOST_ROWS)
    return keys, {"preview": words}


def _with_room(lines: list[str], room: int) -> tuple[list[str], list[str]]:
    """The lines whose lesions find room, and those from the first one that finds none."""
    for place, line in enumerate(lines):
        room -= len(quick_entry(line).lesions)
        if room < 0:
            return lines[:place], lines[place:]
    return lines, []


def _names(typed: Typed) -> Iterable[str]:
    return (
        row.get("lesion_id", "")
        for rows in (typed.rows["lesions"], typed.removed["lesions"])
        for row in rows.values()
    )


def _typed(lesion: dict[str, Any]) -> Row:
    row = {each.name: show_value(each, lesion.get(each.name)) for each in FIELDS["lesions"]}
    return row | {"lesion_id": str(lesion["lesion_id"])}
