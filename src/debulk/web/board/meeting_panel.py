"""Which lesions can be treated: by the panel where its members judged, else by the cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from debulk.core.strings import entries, text

Row = Mapping[str, Any]
Rule = Literal["panel", "cards"]


def rule_of(lesions: Sequence[Row]) -> Rule:
    """The panel's judgements count as soon as there is one, as they do in the treatable share."""
    return "panel" if any(_answers(each) for each in lesions) else "cards"


def treatable_words(lesions: Sequence[Row], rule: Rule) -> str:
    """How many of an organ's lesions in sight can be treated, by which rule."""
    if rule == "cards":
        by_card = sum(_by_a_card(each) for each in lesions)
        return text("meeting.body.treatable", treatable=str(by_card), lesions=len(lesions))
    judged = [_answers(each) for each in lesions if _answers(each)]
    if not judged:
        return text("meeting.body.none_judged")
    agreed, said = sum(map(all, judged)), sum(map(any, judged))
    treatable = str(said)
    if agreed < said:
        treatable = text("meeting.body.from_to", lower=agreed, upper=said)
    words = text("meeting.body.treatable_by_panel", treatable=treatable, lesions=len(lesions))
    rest = len(lesions) - len(judged)
    return words + (", " + text("meeting.body.not_judged", count=rest) if rest else "")


def _answers(lesion: Row) -> list[bool]:
    """What the members who judged a lesion said."""
    return [each["treatable"] for each in lesion["views"] if each["treatable"] is not None]


def _by_a_card(lesion: Row) -> bool:
    """Whether a modality can treat the lesion, each taken by itself."""
    return any(each["state"] == "yes" for each in lesion["modalities"])


def views_said(lesion: Row) -> list[str]:
    """What each member said of a lesion: by which modality, or why not."""
    return [_view_said(each) for each in lesion["views"]]


def _view_said(view: Row) -> str:
    answer = {True: "yes", False: "no", None: "unknown"}[view["treatable"]]
    more = [view["reason"]] if view["reason"] else []
    if view["modality"]:
        name = modality_name(view["modality"], view["modality"].replace("_", " "))
        more.insert(0, text("meeting.lesions.by_modality", modality=name))
    said = text(f"meeting.lesions.views.{answer}", member=view["panellist"])
    return ", ".join([said, *more])


def modality_name(modality: str, title: str) -> str:
    """A short name where the strings have one: a table has little room."""
    return str(entries("meeting.modalities").get(modality, title))
