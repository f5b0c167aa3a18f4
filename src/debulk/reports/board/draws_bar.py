"""Of 100 parameter draws: with a gain, with little difference, with a loss."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from debulk.reports.board.svg import Drawing

_WIDTH, _HEIGHT = 520.0, 34.0
_ROOM = 7

DIRECTIONS = ("gain", "little", "loss")
"""Parts of the bar from left to right, told apart by hatching as well as by colour."""


def draws_bar(counts: Sequence[int], title: str) -> Markup:
    """A bar of three parts with their counts.

    Parameters
    ----------
    counts : sequence of int
        Of 100 draws, by `DIRECTIONS`.
    title : str
        The three counts in words.
    """
    drawing = Drawing(_WIDTH, _HEIGHT, title=title, style_class="draws-bar")
    _hatching(drawing)
    x, total = 0.0, max(1, sum(counts))
    for name, count in zip(DIRECTIONS, counts, strict=True):
        width = _WIDTH * count / total
        drawing.add("rect", x=x, y=0.0, width=width, height=_HEIGHT, style_class=f"part {name}")
        if name == "loss":
            drawing.add("rect", x=x, y=0, width=width, height=_HEIGHT, fill="url(#hatching)")
        if count >= _ROOM:
            drawing.text(x + width / 2, _HEIGHT / 2 + 5.0, str(count), f"count {name}", "middle")
        x += width
    return drawing.markup()


def _hatching(drawing: Drawing) -> None:
    with (
        drawing.group("defs"),
        drawing.group(
            "pattern",
            id="hatching",
            width=7,
            height=7,
            patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)",
        ),
    ):
        drawing.add("line", x1=0, y1=0, x2=0, y2=7, style_class="hatch")
