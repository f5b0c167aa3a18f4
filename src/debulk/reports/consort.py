"""Where the boxes of the CONSORT diagram stand: one layout for wide pages, one for phones."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from debulk.reports.words import patients, why

_LINE, _PAD, _GAP = 19.0, 12.0, 16.0
_REASONS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Shape:
    """How wide things are, in pixels: the main boxes, the side boxes, and letters in a line."""

    name: str
    width: float
    main_width: float
    spine: float
    side: float
    letter: float = 7.1


WIDE = Shape("wide", 720.0, 350.0, 175.0, 376.0)
NARROW = Shape("narrow", 330.0, 330.0, 14.0, 36.0)


@dataclass(frozen=True, slots=True)
class Box:
    """A box, its lines of text, and whether it stands at the side."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[tuple[str, str], ...]
    kind: str

    @property
    def text_at(self) -> list[tuple[float, str, str]]:
        """Baseline, class and text of each line."""
        first = self.y + _PAD + _LINE * 0.72
        return [(first + _LINE * i, kind, text) for i, (kind, text) in enumerate(self.lines)]


@dataclass(frozen=True, slots=True)
class Diagram:
    """Boxes and the lines between them."""

    shape: Shape
    height: float
    boxes: tuple[Box, ...]
    links: tuple[tuple[float, float, float, float], ...]


def diagrams(result: Mapping[str, Any]) -> list[Diagram]:
    """Lay the funnel out twice: for a wide page and for a phone.

    Parameters
    ----------
    result : mapping
        What `debulk trial run` writes as results.json.
    """
    return [_diagram(result, WIDE), _diagram(result, NARROW)]


def _diagram(result: Mapping[str, Any], shape: Shape) -> Diagram:
    boxes: list[Box] = []
    links: list[tuple[float, float, float, float]] = []
    y = 1.0
    for step in result["funnel"]:
        if boxes:
            start = boxes[-1].y + boxes[-1].height
            if step["lost"] > 0:
                side = _side_box(step, shape, start + _GAP)
                middle = side.y + side.height / 2
                links.append((shape.spine, middle, shape.side, middle))
                y = side.y + side.height + _GAP
                boxes.append(side)
            else:
                y = start + 2 * _GAP
            links.append((shape.spine, start, shape.spine, y))
        main = _box(0.5, y, shape.main_width - 1, _main_lines(step, shape), "main")
        boxes.append(main)
    bottom = boxes[-1].y + boxes[-1].height if boxes else 0.0
    arms = _arm_boxes(result, shape, bottom + 2 * _GAP)
    for arm in arms:
        centre = arm.x + arm.width / 2
        links.append((centre, bottom + _GAP, centre, arm.y))
    if arms:
        centres = [arm.x + arm.width / 2 for arm in arms]
        links.append((shape.spine, bottom, shape.spine, bottom + _GAP))
        ends = [*centres, shape.spine]
        links.append((min(ends), bottom + _GAP, max(ends), bottom + _GAP))
    height = max((box.y + box.height for box in [*boxes, *arms]), default=0.0) + 1
    return Diagram(shape, height, (*boxes, *arms), tuple(links))


def _main_lines(step: Mapping[str, Any], shape: Shape) -> list[tuple[str, str]]:
    words = _wrap(step["text"], shape.main_width, shape)
    return [("strong", patients(step["patients"])), *(("", line) for line in words)]


def _side_box(step: Mapping[str, Any], shape: Shape, y: float) -> Box:
    width = shape.width - shape.side - 1
    lines = [("strong", f"{patients(step['lost'])} left out")]
    reasons = sorted(step["reasons"], key=lambda each: -each["patients"])
    for reason in reasons[:_REASONS_SHOWN]:
        text = f"{patients(reason['patients'])} {why(reason)}"
        lines += [("small", line) for line in _wrap(text, width, shape)]
    more = len(reasons) - _REASONS_SHOWN
    if more > 0:
        lines.append(("small", f"and {more} more, in the table below"))
    return _box(shape.side, y, width, lines, "side")


def _arm_boxes(result: Mapping[str, Any], shape: Shape, y: float) -> list[Box]:
    arms = list(result["arms"].values())
    width = (shape.width - _GAP * (len(arms) - 1)) / max(1, len(arms))
    texts = [
        [
            ("strong", patients(arm["patients"])),
            *(("", t) for t in _wrap(arm["title"], width, shape)),
        ]
        for arm in arms
    ]
    tallest = max((len(lines) for lines in texts), default=0)
    height = tallest * _LINE + 2 * _PAD
    return [
        Box(0.5 + place * (width + _GAP), y, width - 1, height, tuple(lines), "arm")
        for place, lines in enumerate(texts)
    ]


def _box(x: float, y: float, width: float, lines: list[tuple[str, str]], kind: str) -> Box:
    return Box(x, y, width, len(lines) * _LINE + 2 * _PAD, tuple(lines), kind)


def _wrap(text: str, width: float, shape: Shape) -> list[str]:
    letters = int((width - 2 * _PAD) / shape.letter)
    return textwrap.wrap(text, letters) or [""]
