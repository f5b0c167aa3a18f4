"""The case in short: what the meeting reads in thirty seconds."""

from __future__ import annotations

from debulk.board.first_sentences import (
    burden_sentence,
    extent_sentence,
    treatable_sentence,
    trials_sentence,
)
from debulk.board.matching.board_trials import takes_patients
from debulk.core.strings import text
from debulk.web.board.futures_state import FuturesState
from debulk.web.board.meeting_case import ShownCase


def in_short(shown: ShownCase, futures: FuturesState) -> dict[str, str]:
    """Extent, burden, treatable lesions, trials, futures and evidence, a sentence each."""
    return {
        "extent": extent_sentence(shown.facts, shown.seen.settings),
        "burden": burden_sentence(shown.facts),
        "treatable": treatable_sentence(shown.facts, shown.at),
        "trials": trials_sentence(shown.seen.trials),
        "evidence": str(shown.seen.evidence["text"]),
        "futures": futures.in_short,
    }


def missing_fields(shown: ShownCase) -> list[dict[str, str]]:
    """Fields of the form that are missing and matter, each with its address, widest first."""
    return [
        {
            "label": each.label,
            "would_change": ", ".join(each.changes),
            "address": field_address(shown, each.field),
        }
        for each in shown.seen.missing
        if not each.by_hand
    ]


def answers_by_trial(shown: ShownCase) -> list[dict[str, str]]:
    """For each trial that may fit how many answers it waits for, and where the first is given."""
    fields: dict[str, list[str]] = {}
    for each in shown.seen.missing:
        if each.by_hand:
            fields.setdefault(each.trials[0], []).append(each.field)
    return [
        {
            "label": text("meeting.in_short.answers_of", count=len(asked), trial=trial_name(trial)),
            "address": field_address(shown, asked[0]),
        }
        for trial, asked in fields.items()
    ]


def unknown_words(shown: ShownCase) -> list[str]:
    """What is unknown and matters, in words: each field, and each trial that waits for answers."""
    return [each["label"] for each in (*missing_fields(shown), *answers_by_trial(shown))]


def trials_that_may_fit(shown: ShownCase) -> list[dict[str, str]]:
    """Trials that fit or may, those that take patients first, with where they stand in full."""
    return [
        {
            "name": trial_name(each.trial.name),
            "fit": each.in_force.fit,
            "address": f"{shown.address}/trials#trial-{each.trial.name}",
        }
        for each in sorted(
            shown.seen.trials, key=lambda each: not takes_patients(each.trial.status)
        )
        if each.in_force.fit != "does not fit"
    ]


def trial_name(protocol: str) -> str:
    """What people call a trial: its acronym, or its number in a registry."""
    return protocol.upper()


def _by_hand(field: str) -> bool:
    return field.startswith("answers.")


def field_address(shown: ShownCase, field: str) -> str:
    """Where the form, or the part on trials, asks for a field; without its table, a patient's."""
    if _by_hand(field):
        return f"{shown.address}/trials#{anchor(field)}"
    return f"{shown.address}/edit#{anchor(form_field(field))}"


def form_field(field: str) -> str:
    """A field as the form names it: a patient's where no table is said, judgements all together."""
    table, _, column = field.partition(".")
    if table == "judgements" or field in ("lesions", "treatments", "assessments"):
        return table
    return field if column else f"patients.{field}"


def anchor(field: str) -> str:
    """The identifier of a field on its page."""
    return field.replace(".", "-").replace("/", "-")
