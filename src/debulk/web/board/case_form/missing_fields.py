"""The unknown fields whose answer would change what the board sees, with links to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from debulk.board.case import case_of_entry
from debulk.board.discussion import discuss
from debulk.core.strings import text

_KEPT = 128


def missing_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """How many answers would change what the board sees, and which.

    Parameters
    ----------
    content : mapping
        A stored case.
    """
    return dict(_missing(json.dumps(content, sort_keys=True)))


@lru_cache(maxsize=_KEPT)
def _missing(content: str) -> dict[str, Any]:
    """By the words of the content, so that no change of a case can be missed."""
    case = case_of_entry(json.loads(content))
    found = [each.to_dict() for each in discuss(case, with_futures=False).missing]
    said = text("case_form.missing.heading", count=len(found))
    return {
        "state": "done" if found else "empty",
        "text": said if found else text("case_form.missing.none"),
        "missing": found,
    }
