"""Rows of the meeting's tables: lesions, plans, trials, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from debulk.board.matching.board_trials import takes_patients
from debulk.core.strings import text
from debulk.web.board.meeting_panel import modality_name, rule_of, views_said
from debulk.web.board.meeting_patient import sizes

Row = Mapping[str, Any]

FITS = ("fits", "may fit", "does not fit")
"""How a trial may stand to a patient, in the order in which trials are listed."""

_PERCENT = 100.0
_COLUMNS = ("left", "volume", "sessions", "weeks", "pause")
_RISKS = ("mortality_90_days", "complication")


def lesion_rows(lesions: Sequence[Row], at: str = "now") -> list[dict[str, Any]]:
    """A row a lesion: where, how large, near a vessel, what can treat it or why nothing can.

    What members of the panel said of a lesion stands before what the cards say.
    """
    return [_lesion_row(each, at) for each in lesions]


def _lesion_row(lesion: Row, at: str) -> dict[str, Any]:
    by_state: dict[str, list[str]] = {"yes": [], "unknown": [], "no": []}
    for each in lesion["modalities"]:
        by_state[each["state"]].append(modality_name(each["modality"], each["title"]))
    reasons = [
        text("meeting.lesions.why", modality=each["title"], reason=each["reason"])
        for each in lesion["modalities"]
        if each["state"] != "yes"
    ]
    vessel = {True: "yes", False: "no", None: "unknown"}[lesion["near_vessel"]]
    return {
        "lesion": lesion["lesion_id"],
        "organ": lesion["organ"],
        "organ_name": text(f"meeting.organs.{lesion['organ']}"),
        "site": str(lesion["site"] or "").replace("_", " "),
        "state": lesion["state"],
        "state_words": text(f"meeting.lesions.states.{lesion['state']}"),
        "size": _size(*sizes(lesion, at)),
        "vessel": text(f"meeting.lesions.vessel_words.{vessel}"),
        "by": by_state["yes"],
        "perhaps": by_state["unknown"],
        "planned": lesion["planned"] and modality_name(lesion["planned"], lesion["planned_title"]),
        "reasons": reasons,
        "views": views_said(lesion),
    }


def _size(now: float | None, before: float | None) -> str:
    shown = text("page.unknown") if now is None else f"{now:g}"
    return shown if before is None else f"{shown} ({before:g})"


def plan_rows(plans: Sequence[Row]) -> list[dict[str, Any]]:
    """A row a plan: what is left, and what it costs with its interval."""
    return [_plan_row(each) for each in plans]


def _plan_row(plan: Row) -> dict[str, Any]:
    share = plan["share_left"]
    left = f"{plan['lesions_left']:g}"
    if share is not None:
        left = text("meeting.plans.share", n=left, share=f"{_PERCENT * share:.0f}")
    treated = bool(plan["sessions"])
    return {
        "plan": plan["plan"],
        "title": plan["title"],
        "text": plan["text"],
        "left": left,
        "volume": _volume_left(plan),
        "sessions": f"{plan['sessions']:g}" if treated else text("meeting.plans.none"),
        "weeks": f"{plan['weeks']:.0f}" if treated else text("meeting.plans.none"),
        "pause": _pause(plan["pause_days"], treated),
        **{risk: _risk(plan[risk], treated) for risk in _RISKS},
        "remarks": plan["remarks"],
    }


def _volume_left(plan: Row) -> str:
    volume, share = plan["volume_left_ml"], plan["volume_share_left"]
    if volume is None or share is None:
        return text("meeting.plans.volume_unknown")
    ml = f"{volume:.0f}" if volume >= 10.0 or not volume else f"{volume:.1f}"
    return text("meeting.plans.volume_left", ml=ml, share=f"{_PERCENT * share:.0f}")


def _pause(days: Row, treated: bool) -> str:
    """From the days without to those with a major complication."""
    if not treated:
        return text("meeting.plans.none")
    named: dict[str, Any] = {name: f"{value:.0f}" for name, value in days.items()}
    return text("meeting.plans.pause_days", **named)


def _risk(limits: Row | None, treated: bool) -> str:
    """An estimate with its limits; a plan without local treatment has no such price."""
    if not treated:
        return text("meeting.plans.none")
    if limits is None:
        return text("meeting.plans.no_interval")
    named: dict[str, Any] = {
        name: _digits(_PERCENT * limits[name]) for name in ("estimate", "lower", "upper")
    }
    return text("meeting.plans.interval", **named)


def _digits(value: float) -> str:
    return f"{value:.1f}" if abs(value) < 10.0 else f"{value:.0f}"


def plan_columns(plans: Sequence[Row]) -> list[str]:
    """Columns of the table of plans: a risk that no plan knows has none."""
    known = [risk for risk in _RISKS if any(each[risk] is not None for each in plans)]
    return [*_COLUMNS, *known]


def plan_notes(plans: Sequence[Row], lesions: Sequence[Row]) -> list[str]:
    """What the table of plans rests on: whose judgement, assumptions, cards without limits."""
    notes = [text("meeting.plans.not_judged")] if rule_of(lesions) == "panel" else []
    if any(each["sessions"] for each in plans):
        notes.append(text("meeting.plans.pause_note"))
    for risk in _RISKS:
        cards = dict.fromkeys(card for each in plans for card in each["without_limits"][risk])
        if cards:
            what, names = text(f"facts.plans.{risk}"), ", ".join(cards)
            notes.append(text("meeting.plans.no_limits", what=what, cards=names))
    return [*notes, text("meeting.not_adjusted")]


def trials_to_show(trials: Sequence[Row], least: int) -> list[Row]:
    """Every trial that fits or may; where those are few, some of the others too."""
    open_ones = sum(each["fit"] != FITS[-1] for each in trials)
    return trials_in_order(trials)[: max(open_ones, least)]


def trials_in_order(trials: Sequence[Row]) -> list[Row]:
    """Those that fit, that may, the others; those that take patients first, then by name."""
    return sorted(
        trials,
        key=lambda each: (
            FITS.index(each["fit"]),
            not takes_patients(each["status"]),
            each["protocol"],
        ),
    )
