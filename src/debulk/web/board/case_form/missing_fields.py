"""The unknown fields whose answer would change what the board sees, with links to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from debulk.board.case import case_of_entry
from debulk.board.discussion import discuss
from debulk.core.strings import text
from debulk.web.board.case_form.trial_questions import Imported, imported_trials

_KEPT = 128


def missing_of(content: Mapping[str, Any], imported: Imported) -> dict[str, Any]:
    """How many answers would change what the board sees, and which.

    Parameters
    ----------
    content : mapping
        A stored case.
    imported : tuple
        Words of the imported trials it is matched against, beside the packaged ones.
    """
    return dict(_missing(json.dumps(content, sort_keys=True), imported))


@lru_cache(maxsize=_KEPT)
def _missing(content: str, imported: Imported) -> dict[str, Any]:
    """By the words of case and trials, so that no change can be missed."""
    case, trials = case_of_entry(json.loads(content)), imported_trials(imported)
    seen = discuss(case, with_futures=False, registry_trials=trials)
    found = [each.to_dict() for each in seen.missing]
    said = text("case_form.missing.heading", count=len(found))
    return {
        "state": "done" if found else "empty",
        "text": said if found else text("case_form.missing.none"),
        "missing": found,
    }
