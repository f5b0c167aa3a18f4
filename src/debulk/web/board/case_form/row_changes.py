"""Rows added, copied, taken out and put back, by the buttons of the form."""

from __future__ import annotations

from debulk.web.board.case_form.fields import ROWS
from debulk.web.board.case_form.typed import Typed, blank_row, check_rows, new_key

COPIED = {
    "lesions": ("organ", "site", "near_vessel", "detected_months", "disappeared"),
    "treatments": ("kind", "name", "line", "intent", "approach", "completeness"),
    "assessments": ("response", "new_lesions", "who_ps"),
    "judgements": ("panellist", "treatable", "modality", "reason", "time_months"),
}
"""Columns that "same as above" copies: what often repeats, never a size or a name."""


def change_rows(typed: Typed, action: str) -> str | None:
    """Do what a button of a table asks for.

    Parameters
    ----------
    typed : Typed
        Is changed.
    action : str
        ``"add:TABLE"``, ``"same:TABLE"``, ``"remove:TABLE:KEY"`` or ``"undo:TABLE:KEY"``.

    Returns
    -------
    str or None
        Identifier of the control that has the focus next; None if it is no such action.
    """
    verb, _, rest = action.partition(":")
    table, _, key = rest.partition(":")
    if table not in ROWS:
        return None
    rows, removed = typed.rows[table], typed.removed[table]
    if verb in ("add", "same"):
        return _add(typed, table, copied=verb == "same")
    if verb == "remove" and key in rows:
        removed[key] = rows.pop(key)
        return f"undo-{table}-{key}"
    if verb == "undo" and key in removed:
        back = key if key not in rows else new_key(rows)
        rows[back] = removed.pop(key)
        return first_control(table, back)
    return None


def first_control(table: str, key: str) -> str:
    """Identifier of the first control of a row."""
    return f"{table}-{key}-{next(iter(blank_row(table)))}"


def _add(typed: Typed, table: str, *, copied: bool) -> str:
    rows = typed.rows[table]
    if not check_rows(typed, table, len(rows) + 1):
        return f"add-{table}"
    key, row = new_key(rows), blank_row(table)
    if copied and rows:
        last = rows[next(reversed(rows))]
        row |= {name: last.get(name, "") for name in COPIED[table]}
    rows[key] = row
    return first_control(table, key)
