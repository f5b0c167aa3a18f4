"""The calculator of a score: its fields, what was typed, and the points. Nothing is stored."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from debulk.board.scores_of_case import points_words
from debulk.core.strings import text
from debulk.patients.columns import Column
from debulk.prognosis import Score
from debulk.prognosis.scores.typed import TypedPoints, asked_of, points_of_values
from debulk.web.typed_numbers import NoNumber, typed_number

_TRUTHS = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class CalculatorField:
    """One field.

    Attributes
    ----------
    name, label, unit : str
    kind : {"select", "number"}
    hint : str
        What it may be.
    choices : list of (str, str)
        Of a select.
    """

    name: str
    label: str
    unit: str
    kind: str
    hint: str
    choices: list[tuple[str, str]]


def fields_of(score: Score) -> list[CalculatorField]:
    """The fields of a score's calculator, in the order of its items."""
    return [_field(name, column) for name, column in asked_of(score).items()]


def _field(name: str, column: Column) -> CalculatorField:
    unknown = [("", text("score_page.unknown"))]
    choices: list[tuple[str, str]] = []
    if column.kind == "truth":
        choices = unknown + [(word, text(f"score_page.truth.{word}")) for word in _TRUTHS]
    elif column.kind == "words":
        choices = unknown + [(word, word.replace("_", " ")) for word in column.words]
    return CalculatorField(
        name=name,
        label=text(f"score_page.asks.{name}.label"),
        unit=text(f"score_page.asks.{name}.unit"),
        kind="select" if choices else "number",
        hint="" if choices else _range_words(column),
        choices=choices,
    )


def _range_words(column: Column) -> str:
    low = f"{column.least:g}"
    if math.isinf(column.most):
        return text("score_page.at_least", low=low)
    return text("score_page.between", low=low, high=f"{column.most:,g}")


def read(score: Score, typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Values that were typed, by name, and what is wrong with others; empty is unknown."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, column in asked_of(score).items():
        word = typed.get(name, "").strip()
        if not word:
            continue
        value = _value(word, column)
        if value is None:
            errors[name] = _complaint(name, word, column)
        else:
            values[name] = value
    return values, errors


def _value(word: str, column: Column) -> Any:
    """The value in its type; None where it does not fit."""
    if column.kind == "truth":
        return _TRUTHS.get(word)
    if column.kind == "words":
        return word if word in column.words else None
    try:
        number = float(typed_number(word))
    except NoNumber:
        return None
    if not column.least <= number <= column.most or math.isinf(number):
        return None
    if column.kind == "whole":
        return int(number) if number == int(number) else None
    return number


def _complaint(name: str, word: str, column: Column) -> str:
    label = text(f"score_page.asks.{name}.label")
    if column.kind in ("truth", "words"):
        return text("score_page.wrong.word", label=label, found=word[:40])
    form = "whole" if column.kind == "whole" else "number"
    span = _range_words(column)
    return text(f"score_page.wrong.{form}", label=label, range=span, found=word[:40])


def result_of(score: Score, values: Mapping[str, Any]) -> dict[str, Any]:
    """The points in numbers and words."""
    found = points_of_values(score, values)
    items = {each.id: each.text for each in score.items}
    return {
        "points": found.points,
        "lowest": found.lowest,
        "highest": found.highest,
        "group": found.group,
        "missing_items": [items[each] for each in found.missing_items],
        "by_item": {items[name]: points for name, points in found.by_item.items()},
        "text": _words(score, found),
    }


def _words(score: Score, found: TypedPoints) -> str:
    unknown = [each for each in score.items if each.id in found.missing_items]
    if found.points is None and (found.lowest is None or found.highest is None):
        listed = "; ".join(each.text for each in unknown)
        return text("score_page.not_computed", title=score.title, items=listed)
    return points_words(score, found, unknown)
