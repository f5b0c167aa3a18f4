"""Rows of the meeting's tables: lesions, plans, trials, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from debulk.board.matching.board_trials import takes_patients
from debulk.core.strings import entries, text

Row = Mapping[str, Any]

FITS = ("fits", "may fit", "does not fit")
"""How a trial may stand to a patient, in the order in which trials are listed."""

_PERCENT = 100.0
_PRICES = ("pause_days", "mortality_90_days", "complication")


def lesion_rows(lesions: Sequence[Row]) -> list[dict[str, Any]]:
    """A row a lesion: where, how large, near a vessel, what can treat it or why nothing can."""
    return [_lesion_row(each) for each in lesions]


def _lesion_row(lesion: Row) -> dict[str, Any]:
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
        "size": _size(lesion),
        "vessel": text(f"meeting.lesions.vessel_words.{vessel}"),
        "by": by_state["yes"],
        "perhaps": by_state["unknown"],
        "planned": lesion["planned"] and modality_name(lesion["planned"], lesion["planned_title"]),
        "reasons": reasons,
    }


def modality_name(modality: str, title: str) -> str:
    """A short name where the strings have one: a table has little room."""
    return str(entries("meeting.modalities").get(modality, title))


def _size(lesion: Row) -> str:
    now, before = lesion["diameter_mm"], lesion["baseline_diameter_mm"]
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
        "pause": _price(plan["pause_days"], treated, 1.0),
        "mortality": _price(plan["mortality_90_days"], treated, _PERCENT),
        "complication": _price(plan["complication"], treated, _PERCENT),
        "no_interval": treated and None in (plan[each] for each in _PRICES),
        "remarks": plan["remarks"],
    }


def _volume_left(plan: Row) -> str:
    volume, share = plan["volume_left_ml"], plan["volume_share_left"]
    if volume is None or share is None:
        return text("meeting.plans.volume_unknown")
    ml = f"{volume:.0f}" if volume >= 10.0 or not volume else f"{volume:.1f}"
    return text("meeting.plans.volume_left", ml=ml, share=f"{_PERCENT * share:.0f}")


def _price(limits: Row | None, treated: bool, scale: float) -> str:
    """An estimate with its limits; a plan without local treatment has no such price."""
    if not treated:
        return text("meeting.plans.none")
    if limits is None:
        return text("meeting.plans.no_interval")
    named: dict[str, Any] = {
        name: _digits(scale * limits[name]) for name in ("estimate", "lower", "upper")
    }
    return text("meeting.plans.interval", **named)


def _digits(value: float) -> str:
    return f"{value:.1f}" if abs(value) < 10.0 else f"{value:.0f}"


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
