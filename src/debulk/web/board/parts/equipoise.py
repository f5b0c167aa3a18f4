"""Would you randomise this patient: four statements side by side, never added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from debulk.board.decisions.views import table_words, views_of_counts
from debulk.board.futures.equipoise_words import open_to_patient
from debulk.board.matching.board_trials import takes_patients
from debulk.core.strings import text
from debulk.web.board.futures_state import FuturesState
from debulk.web.board.meeting_case import ShownCase
from debulk.web.board.meeting_short import trial_name


def statements(
    shown: ShownCase, futures: FuturesState, decision: Mapping[str, Any]
) -> dict[str, Any]:
    """What the model, the trials, the table and the open studies say, each by itself."""
    told = {
        "in_model": in_model(futures),
        "in_trials": in_trials(shown),
        "at_table": at_table(futures, decision),
        "open_here": open_here(shown),
    }
    shares = model_shares(futures)
    return {**told, "in_short": futures.in_short} | ({"draws_of_100": shares} if shares else {})


FOUR = ("in_model", "in_trials", "at_table", "open_here")
"""The statements, in the page's order."""


def four_panels(
    shown: ShownCase, told: Mapping[str, str]
) -> list[tuple[str, str, str, Sequence[str]]]:
    """Name, heading and sentence of each statement, and further sentences that stand folded."""
    folded = {"in_trials": shown.result["evidence"]["in_trials"]["others"]}
    panels = []
    for name in FOUR:
        head, more = text(f"meeting.equipoise.{name}"), folded.get(name, ())
        whole = told[name].removesuffix(" ".join(["", *more]))
        panels.append((name, head, below(head, whole), more))
    return panels


def below(head: str, sentence: str) -> str:
    """A sentence as it stands below its head: alone, in print and JSON, it begins with that."""
    rest = sentence.removeprefix(f"{head}: ")
    return rest[:1].upper() + rest[1:]


def in_model(futures: FuturesState) -> str:
    """The share of parameter draws, once the futures are open."""
    if futures.state == "not_enough_known" and futures.result is not None:
        return str(futures.result["text"])
    if futures.shown and futures.result is not None:
        return str(futures.result["equipoise"]["text"]["model"])
    return futures.in_short


def model_shares(futures: FuturesState) -> dict[str, int] | None:
    """Of 100 parameter draws: gain, little difference, loss."""
    if not futures.shown or futures.result is None:
        return None
    model = futures.result["equipoise"]["model"]
    return {name: model[f"{name}_of_100"] for name in ("gain", "little", "loss")}


def in_trials(shown: ShownCase) -> str:
    """What randomised trials of such patients found: published, so never held back."""
    return str(shown.result["evidence"]["in_trials"]["text"])


def at_table(futures: FuturesState, decision: Mapping[str, Any]) -> str:
    """First views of a sitting that is not decided, else what members said when it was decided."""
    views = views_of_counts(futures.tally["first_views"]["by_choice"])
    decided = decision["signed"] and (
        views is None or futures.tally["sitting"] == decision["sitting"]
    )
    return str(decision["at_table"]) if decided else table_words(None, views)


def open_here(shown: ShownCase) -> str:
    """Which open trials fit, and which may, each with its answers that are missing."""
    trials = [each for each in shown.result["trials"] if takes_patients(each["status"])]
    fits = [trial_name(each["protocol"]) for each in trials if each["fit"] == "fits"]
    may = {trial_name(each["protocol"]): each["unknown"] for each in trials
           if each["fit"] == "may fit"}  # fmt: skip
    return open_to_patient(fits, may)
