"""Two options on one axis, each as a dot with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from debulk.reports.board.axis import Axis
from debulk.reports.board.svg import Drawing

_LEFT, _RIGHT, _TOP, _ROW, _WIDTH = 128.0, 18.0, 8.0, 46.0, 520.0
_SHAPES = ("circle", "square")


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its limits."""

    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Pair:
    """One measure under the two options, in the order of the legend."""

    label: str
    options: tuple[Interval, Interval]


def interval_pairs(
    pairs: Sequence[Pair], *, most: float, unit: str, title: str, description: str
) -> Markup:
    """A row a measure: circle and square with their intervals, from zero on.

    Parameters
    ----------
    pairs : sequence of Pair
        Measures in one unit.
    most : float
        Right end of the axis.
    unit : str
        Words below the axis.
    title, description : str
        As in `debulk.reports.board.svg.Drawing`.
    """
    height = _TOP + _ROW * len(pairs) + 40.0
    drawing = Drawing(
        _WIDTH, height, title=title, description=description, style_class="interval-pairs"
    )
    axis = Axis(0.0, most, _LEFT, _WIDTH - _RIGHT)
    floor = _TOP + _ROW * len(pairs)
    axis.draw(drawing, floor, top=_TOP, unit=unit)
    for row, pair in enumerate(pairs):
        middle = _TOP + _ROW * (row + 0.5)
        drawing.text(_LEFT - 10.0, middle + 4.0, pair.label, "row", "end")
        for position, each in enumerate(pair.options):
            _mark(drawing, axis, each, middle + (-9.0, 9.0)[position], position)
    return drawing.markup()


def _mark(drawing: Drawing, axis: Axis, each: Interval, y: float, position: int) -> None:
    option = f"option-{position + 1}"
    drawing.line(axis.at(each.lower), y, axis.at(each.upper), y, f"whisker {option}")
    x = axis.at(each.estimate)
    if _SHAPES[position] == "circle":
        drawing.add("circle", cx=x, cy=y, r=5.0, style_class=f"dot {option}")
    else:
        drawing.add(
            "rect", x=x - 4.5, y=y - 4.5, width=9.0, height=9.0, style_class=f"dot {option}"
        )
