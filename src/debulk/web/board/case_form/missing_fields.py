"""The unknown fields whose answer would change what the board sees, with links to them."""

from __future__ import annotations

from typing import Any

from debulk.core.strings import text
from debulk.web.board.meeting_case import ShownCase
from debulk.web.board.meeting_short import field_address


def missing_of(shown: ShownCase) -> dict[str, Any]:
    """How many answers would change what the board sees, which, and where each is given."""
    found = [
        {**each.to_dict(), "address": field_address(shown, each.field)}
        for each in shown.seen.missing
    ]
    said = text("case_form.missing.heading", count=len(found))
    return {
        "state": "done" if found else "empty",
        "text": said if found else text("case_form.missing.none"),
        "missing": found,
    }
