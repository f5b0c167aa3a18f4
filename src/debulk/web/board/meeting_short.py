"""The case in short: what the meeting reads in thirty seconds."""

from __future__ import annotations

from debulk.board.in_short import extent_sentence, treatable_sentence, trials_sentence
from debulk.web.board.futures_state import FuturesState
from debulk.web.board.meeting_case import ShownCase

_MOST_MISSING = 6


def in_short(shown: ShownCase, futures: FuturesState) -> dict[str, str]:
    """Extent, treatable lesions, trials, futures and evidence, a sentence each."""
    return {
        "extent": extent_sentence(shown.facts, shown.seen.settings),
        "treatable": treatable_sentence(shown.facts, shown.at),
        "trials": trials_sentence(shown.seen.trials),
        "evidence": str(shown.seen.evidence["text"]),
        "futures": futures.in_short,
    }


def missing_links(shown: ShownCase) -> tuple[list[dict[str, str]], int]:
    """Fields that are missing and matter, each with the form's address, and how many more."""
    missing = shown.seen.missing
    links = [
        {
            "label": each.label,
            "would_change": ", ".join(each.changes),
            "address": field_address(shown, each.field),
        }
        for each in missing[:_MOST_MISSING]
    ]
    return links, max(0, len(missing) - _MOST_MISSING)


def field_address(shown: ShownCase, field: str) -> str:
    """Where the form, or the part on trials, asks for a field."""
    if field.startswith("answers."):
        return f"{shown.address}/trials#{anchor(field)}"
    return f"{shown.address}/edit#{anchor(field)}"


def anchor(field: str) -> str:
    """The identifier of a field on its page."""
    return field.replace(".", "-").replace("/", "-")
