"""A hundred virtual patients as icons; only ever shown together with the interval in words."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from debulk.reports.board.svg import Drawing

_SIDE, _IN_ROW = 15.0, 10

KINDS = ("alive", "dead", "dead_of_treatment")
"""Kinds of icons in the order in which every array is filled, so that two compare by eye."""


def icon_array(counts: Sequence[int], title: str) -> Markup:
    """Ten rows of ten: alive are full circles, dead are rings, dead of the treatment are crosses.

    Parameters
    ----------
    counts : sequence of int
        How many of each of `KINDS`; together 100.
    title : str
        What the array says in words.

    Raises
    ------
    ValueError
        If they are not 100 together: a defect of the program.
    """
    if sum(counts) != _IN_ROW**2 or min(counts) < 0:
        raise ValueError(f"an icon array holds 100, not {list(counts)}")
    drawing = Drawing(_IN_ROW * _SIDE, _IN_ROW * _SIDE, title=title, style_class="icon-array")
    every = [kind for kind, count in zip(KINDS, counts, strict=True) for _ in range(count)]
    for position, kind in enumerate(every):
        row, column = divmod(position, _IN_ROW)
        _icon(drawing, (column + 0.5) * _SIDE, (row + 0.5) * _SIDE, kind)
    return drawing.markup()


def _icon(drawing: Drawing, x: float, y: float, kind: str) -> None:
    if kind == "dead_of_treatment":
        cross = f"M{x - 4:g} {y - 4:g} l8 8 M{x + 4:g} {y - 4:g} l-8 8"
        drawing.add("path", d=cross, style_class=f"icon {kind}")
    else:
        drawing.add("circle", cx=x, cy=y, r=4.6, style_class=f"icon {kind}")
