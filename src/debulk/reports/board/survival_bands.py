"""Survival under two options with bands; never alone: the difference stands in words beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from debulk.reports.board.axis import Axis, ticks
from debulk.reports.board.svg import Drawing, path_of

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 560.0, 250.0, 46.0, 12.0, 8.0, 44.0


@dataclass(frozen=True, slots=True)
class Band:
    """A curve with its limits: shares of one at the same months."""

    months: Sequence[float]
    estimate: Sequence[float]
    lower: Sequence[float]
    upper: Sequence[float]


def survival_bands(
    options: tuple[Band, Band], *, months_words: str, share_words: str, title: str, description: str
) -> Markup:
    """Two curves, the second dashed, each with the band of its limits, from 0 to 100 of 100."""
    drawing = Drawing(
        _WIDTH, _HEIGHT, title=title, description=description, style_class="survival-bands"
    )
    last = max(max(each.months) for each in options)
    across = Axis(0.0, last, _LEFT, _WIDTH - _RIGHT)
    floor = _HEIGHT - _BOTTOM
    across.draw(drawing, floor, top=_TOP, unit=months_words)
    _upright(drawing, floor, share_words)
    for position, band in enumerate(options):
        option = f"option-{position + 1}"
        upper = _points(across, floor, band.months, band.upper)
        lower = _points(across, floor, band.months, band.lower)
        outline = path_of([*upper, *reversed(lower)]) + "z"
        drawing.add("path", d=outline, style_class=f"band {option}")
    for position, band in enumerate(options):
        points = _points(across, floor, band.months, band.estimate)
        drawing.add("path", d=path_of(points), style_class=f"curve option-{position + 1}")
    return drawing.markup()


def _upright(drawing: Drawing, floor: float, words: str) -> None:
    for share in ticks(0.0, 100.0, 4):
        y = _height(floor, share / 100.0)
        drawing.line(_LEFT, y, _WIDTH - _RIGHT, y, "grid")
        drawing.text(_LEFT - 6.0, y + 4.0, f"{share:g}", "tick", "end")
    middle = (_TOP + floor) / 2
    drawing.add(
        "text",
        words,
        x=12.0,
        y=middle,
        text_anchor="middle",
        transform=f"rotate(-90 12 {middle:g})",
        style_class="unit",
    )


def _points(
    across: Axis, floor: float, months: Sequence[float], shares: Sequence[float]
) -> list[tuple[float, float]]:
    return [
        (across.at(month), _height(floor, share))
        for month, share in zip(months, shares, strict=True)
    ]


def _height(floor: float, share: float) -> float:
    return round(floor - min(max(share, 0.0), 1.0) * (floor - _TOP), 1)
