"""Drawings of the futures, each with its sentence and its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from debulk.core.strings import text
from debulk.reports.board.draws_bar import DIRECTIONS, draws_bar
from debulk.reports.board.icon_array import icon_array
from debulk.reports.board.interval_pairs import Interval, Pair, interval_pairs
from debulk.reports.board.survival_bands import Band, survival_bands
from debulk.reports.words import signless_zero

Row = Mapping[str, Any]

_AT_RISK_MONTHS = (0, 12, 24, 36, 48, 60)
_CURVES = ("overall", "progression_free")
_HUNDRED = 100.0
_SAID_OF = {"overall": ("two_years", "medians"), "progression_free": ("progression",)}
_HARMS = {
    "died": "died_90_days_of_100_treated",
    "complication": "complication_of_100_treated",
    "not_resumed": "not_resumed_of_100_treated",
}


def drawings(result: Row) -> dict[str, Any]:
    """Everything that is drawn of the first option beside systemic therapy alone."""
    return {
        "icons": icons(result),
        "alive_pairs": alive_pairs(result),
        "curves": {name: curves(result, name) for name in _CURVES},
        "at_risk": {name: at_risk(result, name) for name in _CURVES},
        "draws": draws(result),
        "rows": alive_rows(result),
        "harm": harm_rows(result),
    }


def icons(result: Row) -> list[dict[str, Any]]:
    """For each year the arrays of both options, filled in the same order."""
    years = [each["years"] for each in result["options"][0]["icons"]]
    return [
        {"years": year, "options": [_array(each, year) for each in result["options"][:2]]}
        for year in years
    ]


def _array(option: Row, year: int) -> dict[str, Any]:
    icon = next(each for each in option["icons"] if each["years"] == year)
    alive = next(each for each in option["alive"] if each["years"] == year)
    treated = icon["dead_within_90_days"]
    words = text(
        "meeting.futures.icons_title",
        option=option["title"],
        years=year,
        alive=whole(alive["estimate"]),
        lower=whole(alive["lower"]),
        upper=whole(alive["upper"]),
        dead=icon["dead"],
        treatment=treated,
    )
    drawn = icon_array((icon["alive"], icon["dead"] - treated, treated), words)
    return {"title": option["title"], "drawing": drawn, "words": _array_words(alive, icon)}


def _array_words(alive: Row, icon: Row) -> str:
    """What stands under an array: its heads name the option and the year already."""
    named: dict[str, Any] = {"alive": whole(alive["estimate"]), "dead": icon["dead"]}
    limits = {name: whole(alive[name]) for name in ("lower", "upper")}
    words = text("meeting.futures.icons_words", **named, **limits)
    treated = icon["dead_within_90_days"]
    if not treated:
        return words
    return text("meeting.futures.icons_treatment", words=words, treatment=treated)


def harm_rows(result: Row) -> list[list[str]]:
    """What local treatment costs those who get it; empty where nobody is treated."""
    price = result["options"][1]["price"]
    if price is None:
        return []
    rows = [
        [text(f"meeting.futures.harm_table.{name}"), with_interval(price[measure])]
        for name, measure in _HARMS.items()
        if price.get(measure) is not None
    ]
    if price.get("pause_days") is not None:
        rows.append([text("meeting.futures.harm_days"), with_interval(price["pause_days"])])
    return rows


def alive_pairs(result: Row) -> Markup:
    """Dots with intervals of both options on one axis, year by year."""
    first, second = result["options"][:2]
    pairs = [
        Pair(text("meeting.futures.years", count=one["years"]), (_interval(one), _interval(other)))
        for one, other in zip(first["alive"], second["alive"], strict=True)
    ]
    return interval_pairs(
        pairs,
        most=_HUNDRED,
        unit=text("meeting.futures.share_axis"),
        title=text("meeting.futures.alive"),
        description=result["text"]["two_years"],
    )


def alive_rows(result: Row) -> list[list[str]]:
    """The same as a table: year, each option, the difference."""
    first, second = result["options"][:2]
    apart = result["differences"][0]["alive"]
    return [
        [
            text("meeting.futures.alive_at", count=one["years"]),
            *(with_interval(each) for each in (one, other, gap)),
        ]
        for one, other, gap in zip(first["alive"], second["alive"], apart, strict=True)
    ]


def curves(result: Row, name: str) -> Markup | None:
    """Survival under both options with its bands; None for the second of a case that progressed."""
    bands = [each["curves"][name] for each in result["options"][:2]]
    if None in bands:
        return None
    first, second = (
        Band(*(each[part] for part in ("months", "estimate", "lower", "upper"))) for each in bands
    )
    return survival_bands(
        (first, second),
        months_words=text("meeting.futures.months_axis"),
        share_words=text(f"meeting.futures.curve.{name}.share_axis"),
        title=text(f"meeting.futures.curve.{name}.title"),
        description=" ".join(result["text"][each] for each in _SAID_OF[name]),
    )


def at_risk(result: Row, name: str) -> list[list[str]]:
    """Of 100 virtual patients those still without an event, by month and option."""
    rows = []
    for option in result["options"][:2]:
        curve = option["curves"][name]
        if curve is not None:
            rows.append([option["title"], *(_at_month(curve, each) for each in _AT_RISK_MONTHS)])
    return rows


def _at_month(curve: Row, month: int) -> str:
    shares = {name: _HUNDRED * curve[name][month] for name in ("estimate", "lower", "upper")}
    return with_interval(shares) if month else whole(shares["estimate"])


def draws(result: Row) -> Markup:
    """The share of parameter draws with gain, little difference, loss."""
    model = result["equipoise"]["model"]
    counts: Sequence[int] = [model[f"{name}_of_100"] for name in DIRECTIONS]
    return draws_bar(counts, result["equipoise"]["text"]["model"])


def with_interval(values: Row) -> str:
    """An estimate with its limits in whole numbers."""
    named: dict[str, Any] = {name: whole(values[name]) for name in ("estimate", "lower", "upper")}
    return text("meeting.plans.interval", **named)


def whole(value: float | None) -> str:
    """A whole number with a true minus; a limit that is not reached says so."""
    if value is None:
        return text("meeting.futures.not_reached")
    return signless_zero(f"{round(value)}")


def _interval(values: Row) -> Interval:
    return Interval(values["estimate"], values["lower"], values["upper"])
