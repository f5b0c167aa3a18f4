"""From what was typed on the decision's form to a decision, or messages beside its fields."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from debulk.board.decisions.decision import OTHER, Decision, Dissent, OptionConsidered, Vote
from debulk.board.decisions.views import Views
from debulk.board.records.refusals import day_of
from debulk.core.errors import InputError
from debulk.core.strings import entries, text
from debulk.core.units import DAYS_PER_MONTH
from debulk.web.free_texts import look_for_identifying
from debulk.web.typed_numbers import typed_whole

LEAST_ROWS, MOST_ROWS, MORE_ROWS = 6, 40, 6
DISSENTS = 3

FREE_TEXTS = (
    *("other_title", "reasons", "patients_wish", "guideline_text", "amend_reason"),
    *(f"dissent.{place}.text" for place in range(DISSENTS)),
)
"""Fields whose words could tell who the patient is."""

_FIELD_OF = {
    "decision taken": "taken",
    "options": "considered",
    "option other, title": "other_title",
    "votes": "votes",
    "number of votes": "votes",
    "dissent": "dissent",
    "reasons": "reasons",
    "patients wish": "patients_wish",
    "guideline text": "guideline_text",
    "review_months": "review_date",
    "review trigger": "review_trigger",
    "signed role": "signed_role",
}

_SAID: Mapping[str, bool | None] = {"yes": True, "no": False, "": None}
"""Would randomise; left empty: not asked."""

Typed = Mapping[str, Any]


@dataclass(slots=True)
class FilledForm:
    """What came of a form: the decision and its dates, or errors by field."""

    decision: Decision | None = None
    meeting_date: str = ""
    review_date: str | None = None
    errors: dict[str, str] = field(default_factory=dict)


def offered(plans: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Options to choose among: the plans of the case, in their fixed order."""
    return [(str(each["plan"]), str(each["title"])) for each in plans]


def typed_of(form: Any) -> dict[str, Any]:
    """Fields by name; ticked options as a list."""
    typed: dict[str, Any] = {name: str(form[name]) for name in form if name != "considered"}
    typed["considered"] = [str(each) for each in form.getlist("considered")]
    return typed


def typed_of_content(content: Mapping[str, Any]) -> dict[str, Any]:
    """A stored decision as its form would hold it, to be amended."""
    titles = {each["option"]: each["title"] for each in content["options"]}
    typed: dict[str, Any] = {
        "considered": list(titles),
        "other_title": titles.get(OTHER, ""),
        "meeting_date": content.get("meeting_date") or "",
        "review_date": content.get("review_date") or "",
    }
    for name in ("taken", "reasons", "patients_wish", "guideline_text"):
        typed[name] = content[name]
    for name in ("review_trigger", "signed_role"):
        typed[name] = content[name]
    for place, each in enumerate(content["votes"]):
        said = {True: "yes", False: "no", None: ""}[each["randomise"]]
        row = {"discipline": each["discipline"], "vote": each["vote"], "randomise": said}
        typed |= {f"votes.{place}.{name}": value for name, value in row.items()}
    for place, each in enumerate(content["dissent"]):
        typed |= {f"dissent.{place}.{name}": each[name] for name in ("discipline", "text")}
    typed["rows"] = str(max(LEAST_ROWS, len(content["votes"])))
    return typed


def rows_of(typed: Typed) -> int:
    """How many rows of votes the form has."""
    number = typed_whole(str(typed.get("rows", ""))) or 0
    more = MORE_ROWS if typed.get("do") == "more" else 0
    return min(MOST_ROWS, max(LEAST_ROWS, number) + more)


def filled(
    typed: Typed,
    *,
    plans: Sequence[Mapping[str, Any]],
    case_id: str,
    case_version: int,
    board_months: float,
    unknown: Sequence[str],
    version: int,
    first_views: Views | None,
) -> FilledForm:
    """The decision of a form; every error at once, each beside its field."""
    found = FilledForm()
    _required(typed, found)
    found.meeting_date = _day(typed, "meeting_date", found) or ""
    found.review_date = _day(typed, "review_date", found)
    look_for_identifying(typed, FREE_TEXTS, found.errors)
    votes = list(_votes(typed, found))
    dissent = list(_dissent(typed, found))
    if found.errors:
        return found
    try:
        found.decision = Decision(
            case_id=case_id,
            case_version=case_version,
            board_months=board_months,
            options=_considered(typed, plans, votes),
            taken=typed["taken"],
            votes=tuple(votes),
            dissent=tuple(dissent),
            reasons=_words(typed, "reasons"),
            patients_wish=_words(typed, "patients_wish"),
            guideline_text=_words(typed, "guideline_text"),
            review_months=_review_months(found, board_months),
            review_trigger=str(typed.get("review_trigger", "")),
            unknown_at_the_time=tuple(unknown),
            version=version,
            signed_role=str(typed.get("signed_role", "")),
            first_views=first_views,
        )
    except InputError as error:
        found.errors[_field_of(error.where)] = f"{error.found}. {error.remedy}."
    return found


def _required(typed: Typed, found: FilledForm) -> None:
    for name in ("taken", "reasons", "signed_role", "meeting_date"):
        if not _words(typed, name):
            found.errors[name] = text(f"decision_page.needed.{name}")
    voted = [value for name, value in typed.items() if re.fullmatch(r"votes\.\d+\.vote", name)]
    if OTHER in (*typed["considered"], typed.get("taken"), *voted) and not _words(
        typed, "other_title"
    ):
        found.errors["other_title"] = text("decision_page.needed.other_title")
    if "amend_reason" in typed and not _words(typed, "amend_reason"):
        found.errors["amend_reason"] = text("decision_page.needed.amend_reason")


def _day(typed: Typed, name: str, found: FilledForm) -> str | None:
    given = _words(typed, name)
    try:
        return day_of(given)
    except InputError:
        found.errors[name] = text("decision_page.no_day", found=given[:40])
        return None


def _review_months(found: FilledForm, board_months: float) -> float | None:
    """The review on the clock of the case, since no date is ever exported."""
    if found.review_date is None:
        return None
    days = date.fromisoformat(found.review_date) - date.fromisoformat(found.meeting_date)
    return max(0.0, round(board_months + days.days / DAYS_PER_MONTH, 2))


def _votes(typed: Typed, found: FilledForm) -> Iterator[Vote]:
    for place in range(rows_of(typed)):
        discipline, vote, randomise = (
            _words(typed, f"votes.{place}.{name}") for name in ("discipline", "vote", "randomise")
        )
        if not (discipline or vote or randomise):
            continue
        if not discipline or not vote:
            missing = "vote" if discipline else "discipline"
            name = f"votes.{place}.{missing}"
            found.errors[name] = text(f"decision_page.needed.{missing}", row=place + 1)
            continue
        if _listed(typed, f"votes.{place}.discipline", entries("decision.disciplines"), found) and (
            _listed(typed, f"votes.{place}.randomise", _SAID, found)
        ):
            yield Vote(discipline, vote, randomise=_SAID[randomise])


def _dissent(typed: Typed, found: FilledForm) -> Iterator[Dissent]:
    for place in range(DISSENTS):
        discipline, words = (
            _words(typed, f"dissent.{place}.{name}") for name in ("discipline", "text")
        )
        if words and not discipline:
            name = f"dissent.{place}.discipline"
            found.errors[name] = text("decision_page.needed.dissent_discipline")
        elif discipline and not words:
            found.errors[f"dissent.{place}.text"] = text("decision_page.needed.dissent_text")
        elif words and _listed(
            typed, f"dissent.{place}.discipline", entries("decision.disciplines"), found
        ):
            try:
                yield Dissent(discipline, words)
            except InputError as error:
                found.errors[f"dissent.{place}.text"] = f"{error.found}. {error.remedy}."


def _listed(typed: Typed, name: str, known: Container[str], found: FilledForm) -> bool:
    """Whether what was sent is one of the choices; a row with another is refused, never dropped."""
    sent = _words(typed, name)
    if sent not in known:
        found.errors[name] = text("decision_page.no_choice", found=sent[:40])
    return name not in found.errors


def _considered(
    typed: Typed, plans: Sequence[Mapping[str, Any]], votes: Sequence[Vote]
) -> tuple[OptionConsidered, ...]:
    """Ticked options, and those decided or voted for, which were considered by that."""
    titles = dict(offered(plans)) | {OTHER: _words(typed, "other_title")}
    wanted = {*typed["considered"], typed["taken"], *(each.vote for each in votes)}
    return tuple(OptionConsidered(key, title) for key, title in titles.items() if key in wanted)


def _words(typed: Typed, name: str) -> str:
    return str(typed.get(name, "")).strip()


def _field_of(where: str) -> str:
    return next((name for start, name in _FIELD_OF.items() if where.startswith(start)), "reasons")
