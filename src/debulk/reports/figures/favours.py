"""What lies on either side of 1 on an axis of hazard ratios."""

from __future__ import annotations

from typing import Literal

import altair as alt

from debulk.reports.figures.style import TEXT_SIZE, rows_of

WORDS = ("\u2190 favours experimental arm", "favours control arm \u2192")
_GAP = 8
"""Pixels between the line at 1 and the words."""

ROOM = 26
"""Pixels that an axis leaves for them before its title."""


def favours(axis: alt.X | alt.Y, beside: float, ink: str | None) -> list[alt.Chart]:
    """Write what lies below and above 1 along an axis, between its labels and its title.

    Parameters
    ----------
    axis : altair.X or altair.Y
        Encoding of the field ``one`` with the axis' own scale and title.
    beside : float
        Where the words stand on the other axis, in pixels.
    ink : str or None
        None: the page's own.
    """
    upright = isinstance(axis, alt.Y)
    sides: tuple[tuple[str, Literal["left", "right"], int], ...] = (
        (WORDS[0], "right", -_GAP),
        (WORDS[1], "left", _GAP),
    )
    look = {} if ink is None else {"color": ink}
    other = {"x" if upright else "y": alt.value(beside)}
    base = alt.Chart(rows_of([{"one": 1.0}])).encode(axis, **other)
    return [
        base.mark_text(
            text=words,
            align=align,
            dx=shift,
            angle=270 if upright else 0,
            fontSize=TEXT_SIZE - 1,
            **look,
        )
        for words, align, shift in sides
    ]
