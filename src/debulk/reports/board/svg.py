"""The few elements that the board's drawings are made of; the style sheet gives their style."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree import ElementTree

from markupsafe import Markup

Number = int | float


class Drawing:
    """An SVG under construction.

    Parameters
    ----------
    width, height : float
        Of its view box; the page scales it.
    title, description : str
        Its name and its long description for who cannot see it; no title hides it from them,
        where the same stands in words beside it.
    style_class : str
        What the style sheet knows it by.
    """

    def __init__(
        self,
        width: float,
        height: float,
        *,
        title: str = "",
        description: str = "",
        style_class: str = "",
    ) -> None:
        self.root = ElementTree.Element(
            "svg",
            {
                "viewBox": f"0 0 {_plain(width)} {_plain(height)}",
                "width": _plain(width),
                "height": _plain(height),
                "class": style_class,
            },
        )
        self._inside = self.root
        if title:
            self.root.set("role", "img")
            self.root.set("aria-label", f"{title}. {description}" if description else title)
        else:
            self.root.set("aria-hidden", "true")

    def add(
        self, tag: str, content: str = "", /, **attributes: str | Number
    ) -> ElementTree.Element:
        """Add an element; ``style_class`` is its class, ``_`` in a name stands for ``-``."""
        named = {
            {"style_class": "class"}.get(name, name.replace("_", "-")): _plain(value)
            for name, value in attributes.items()
        }
        made = ElementTree.SubElement(self._inside, tag, named)
        if content:
            made.text = content
        return made

    def line(self, x1: float, y1: float, x2: float, y2: float, style_class: str) -> None:
        """Add a straight line."""
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, style_class=style_class)

    def text(
        self, x: float, y: float, content: str, style_class: str = "", anchor: str = "start"
    ) -> None:
        """Add words; `anchor` is start, middle or end."""
        self.add("text", content, x=x, y=y, text_anchor=anchor, style_class=style_class)

    @contextmanager
    def group(self, tag: str = "g", **attributes: str | Number) -> Iterator[None]:
        """Add what follows inside a group, or inside a link with ``tag="a"``."""
        before, self._inside = self._inside, self.add(tag, "", **attributes)
        yield
        self._inside = before

    def markup(self) -> Markup:
        """The drawing for a template; every text in it is escaped."""
        return Markup(ElementTree.tostring(self.root, encoding="unicode"))


def path_of(points: list[tuple[float, float]]) -> str:
    """The path through points, in order."""
    return "M" + "L".join(f"{_plain(round(x, 1))} {_plain(round(y, 1))}" for x, y in points)


def _plain(value: str | Number) -> str:
    return value if isinstance(value, str) else f"{value:g}"
