"""The body with the organs that hold metastases, and their sizes now against before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from debulk.reports.board.svg import Drawing

_WIDTH, _HEIGHT = 200.0, 300.0

_OUTLINE = (
    "M88 50 L88 60 C72 68 44 70 36 84 C30 96 32 130 37 152 C41 170 41 186 37 206 "
    "C33 232 31 264 35 292 L165 292 C169 264 167 232 163 206 C159 186 159 170 163 152 "
    "C168 130 170 96 164 84 C156 70 128 68 112 60 L112 50"
)
_SHAPES: dict[str, tuple[str, ...]] = {
    "bone": ("M96 68 h8 v8 h-8z M96 80 h8 v8 h-8z M96 92 h8 v8 h-8z M96 104 h8 v8 h-8z",),
    "pleura": (
        "M86 76 C62 76 46 104 46 136 C46 146 60 148 90 142",
        "M114 76 C138 76 154 104 154 136 C154 146 140 148 110 142",
    ),
    "lung": (
        "M86 82 C70 82 54 106 53 134 C62 140 78 138 88 132 C91 116 90 94 86 82z",
        "M114 82 C130 82 146 106 147 134 C138 140 122 138 112 132 C109 116 110 94 114 82z",
    ),
    "peritoneum": (
        "M50 186 C50 172 150 172 150 186 C154 216 152 250 138 270 C120 280 80 280 62 270"
        " C48 250 46 216 50 186z",
    ),
    "primary": (
        "M62 254 V204 C62 194 70 192 80 196 C95 202 105 202 120 196 C130 192 138 194 138 204"
        " V246 C138 258 124 254 116 260 C106 266 100 272 100 286",
    ),
    "liver": ("M50 158 C50 146 78 142 122 150 C126 158 112 166 92 174 C72 182 52 180 50 158z",),
    "adrenal": ("M76 188 l7 10 h-14z", "M124 188 l7 10 h-14z"),
    "lymph_node": (
        "M100 206 m-5 0 a5 5 0 1 0 10 0 a5 5 0 1 0 -10 0",
        "M94 219 m-5 0 a5 5 0 1 0 10 0 a5 5 0 1 0 -10 0",
        "M106 230 m-5 0 a5 5 0 1 0 10 0 a5 5 0 1 0 -10 0",
    ),
    "ovary": (
        "M76 262 m-7 0 a7 5 0 1 0 14 0 a7 5 0 1 0 -14 0",
        "M124 262 m-7 0 a7 5 0 1 0 14 0 a7 5 0 1 0 -14 0",
    ),
    "brain": ("M84 28 C84 14 116 14 116 28 C116 40 108 42 100 42 C92 42 84 40 84 28z",),
}
"""Outlines by organ as seen from the front: the patient's right is on the left."""

_BADGE: dict[str, tuple[float, float]] = {
    "bone": (100, 90),
    "pleura": (44, 122),
    "lung": (130, 114),
    "peritoneum": (76, 236),
    "primary": (62, 220),
    "liver": (78, 163),
    "adrenal": (124, 194),
    "lymph_node": (100, 217),
    "ovary": (124, 262),
    "brain": (100, 30),
    "other": (146, 226),
}
_HEAD = "M100 4 C120 4 128 18 126 32 C124 46 112 54 100 54 C88 54 76 46 74 32 C72 18 80 4 100 4z"
_RADIUS = 15.0
"""On a screen, where the map is 168 px wide, the mark is a target of 25 px."""

_MARGIN, _DOT, _LINE = 76.0, 7.0, 34.0
"""On paper, where the map is 29 mm high, a figure of 9 pt is 33 units high: too large for a mark
inside the body, so figures stand in margins beside it."""


@dataclass(frozen=True, slots=True)
class OrganMark:
    """An organ to be marked on the body.

    Attributes
    ----------
    organ : str
        Out of `debulk.core.anatomy.ORGANS`.
    count : int
        Lesions in sight; 0 draws a hollow mark, where all of them have disappeared.
    name : str
        What the link says: the organ with its count.
    address : str
        Where the link leads; paper has no links.
    """

    organ: str
    count: int
    name: str
    address: str


def body_map(marks: Sequence[OrganMark], title: str) -> Markup:
    """The body with a link for each organ that holds, or held, a metastasis.

    Parameters
    ----------
    marks : sequence of OrganMark
    title : str
        Name of the drawing.
    """
    drawing = Drawing(_WIDTH, _HEIGHT, style_class="body-map")
    # The drawing holds links, so it is a named group and no picture.
    _name(drawing, "group", title)
    _body(drawing, marks)
    for each in marks:
        _badge(drawing, each, *_BADGE[each.organ])
    return drawing.markup()


def paper_body_map(marks: Sequence[OrganMark], title: str) -> Markup:
    """The body with a dot in each organ and its count beside the body, for a small drawing."""
    drawing = Drawing(_WIDTH + 2.0 * _MARGIN, _HEIGHT, style_class="body-map on-paper")
    _name(drawing, "img", ", ".join([title, *(each.name for each in marks)]))
    with drawing.group(transform=f"translate({_MARGIN:g} 0)"):
        _body(drawing, marks)
        for on_the_left in (True, False):
            side = [each for each in marks if (_BADGE[each.organ][0] < _WIDTH / 2) is on_the_left]
            _counts_beside(drawing, side, on_the_left=on_the_left)
    return drawing.markup()


def _name(drawing: Drawing, role: str, title: str) -> None:
    del drawing.root.attrib["aria-hidden"]
    drawing.root.set("role", role)
    drawing.root.set("aria-label", title)


def _counts_beside(drawing: Drawing, marks: Sequence[OrganMark], *, on_the_left: bool) -> None:
    """Counts from top to bottom, none over another, each with a line to its organ."""
    rows = sorted((*_BADGE[each.organ][::-1], each.count) for each in marks)
    edge, outwards = (-8.0, "end") if on_the_left else (_WIDTH + 8.0, "start")
    free = _LINE / 2.0
    for place, (y, x, count) in enumerate(rows):
        below = len(rows) - 1 - place
        middle = min(max(y, free), _HEIGHT - _LINE * (below + 0.5))
        free = middle + _LINE
        drawing.line(x, y, edge + (4.0 if on_the_left else -4.0), middle, "leader")
        hollow = "" if count else " hollow"
        drawing.add("circle", cx=x, cy=y, r=_DOT, style_class=f"mark{hollow}")
        drawing.text(edge, middle + _LINE / 3.0, str(count), "count", outwards)


def _body(drawing: Drawing, marks: Sequence[OrganMark]) -> None:
    marked = {each.organ: each for each in marks}
    drawing.add("path", d=_HEAD, style_class="body")
    drawing.add("path", d=_OUTLINE, style_class="body")
    for organ, outlines in _SHAPES.items():
        state = _state(marked.get(organ))
        for outline in outlines:
            drawing.add("path", d=outline, style_class=f"organ organ-{organ} {state}")


def _state(mark: OrganMark | None) -> str:
    if mark is None:
        return "free"
    return "involved" if mark.count else "disappeared"


def _badge(drawing: Drawing, mark: OrganMark, x: float, y: float) -> None:
    with drawing.group("a", href=mark.address, aria_label=mark.name, style_class="badge"):
        hollow = "" if mark.count else " hollow"
        drawing.add("circle", cx=x, cy=y, r=_RADIUS, style_class=f"mark{hollow}")
        drawing.text(x, y + 4.5, str(mark.count), "count", "middle")


_BAR, _GAP, _TALLEST = 9.0, 4.0, 34.0


def size_bars(
    lesions: Sequence[tuple[float | None, float | None, str]], largest_mm: float
) -> Markup:
    """Lesions of one organ side by side: a filled bar now, an open one before.

    Parameters
    ----------
    lesions : sequence of (now, before, state)
        Diameters in mm or None where unknown; state visible, disappeared or removed.
    largest_mm : float
        Diameter that takes the whole height, the same for every organ of the case.
    """
    width = max(1, len(lesions)) * (_BAR + _GAP)
    drawing = Drawing(width, _TALLEST + 8.0, style_class="size-bars")
    floor = _TALLEST + 4.0
    scale = _TALLEST / largest_mm if largest_mm else 0.0
    for position, (now, before, state) in enumerate(lesions):
        x = position * (_BAR + _GAP) + 1.0
        if before is not None:
            _bar(drawing, x, floor, before * scale, "before")
        if state != "visible":
            drawing.add(
                "circle", cx=x + _BAR / 2, cy=floor - 4.0, r=3.2, style_class=f"gone {state}"
            )
        elif now is None:
            drawing.text(x + _BAR / 2, floor - 1.0, "?", "no-size", "middle")
        else:
            _bar(drawing, x, floor, now * scale, "now")
    drawing.line(0.0, floor, width, floor, "floor")
    return drawing.markup()


def _bar(drawing: Drawing, x: float, floor: float, height: float, style_class: str) -> None:
    tall = max(1.0, round(height, 1))
    drawing.add("rect", x=x, y=floor - tall, width=_BAR, height=tall, style_class=style_class)
