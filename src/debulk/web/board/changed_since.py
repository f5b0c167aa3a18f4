"""What a case says differently since something was computed for it, in few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from debulk.core.strings import text
from debulk.web.board.case_form.fields import ROWS, SINGLE
from debulk.web.board.case_form.versions_apart import differences
from debulk.web.board.case_form.view import label_of_path

_MOST_NAMED = 3
"""Fields outside the tables that are named; more are counted."""


def changed_words(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Rows that differ, counted by table, and fields by name, such as ``2 lesions, WHO``.

    Parameters
    ----------
    before, now : mapping
        Contents of a case as they are stored. Empty words: they say the same.
    """
    paths = [each.path for each in differences(now, before, before)]
    fields = [each for each in paths if each.partition(".")[0] in SINGLE]
    said = [label_of_path(each) for each in fields]
    if len(said) > _MOST_NAMED:
        said = [text("meeting.changed.fields", count=len(said))]
    for table in (*ROWS, "answers"):
        # A row is one change, however many of its cells differ.
        depth = 2 if table in ROWS else None
        rows = {tuple(each.split(".")[:depth]) for each in paths if each.startswith(f"{table}.")}
        if rows:
            said.append(text(f"meeting.changed.{table}", count=len(rows)))
    return ", ".join(said)
