"""One chart as SVG, PDF and PNG, from one drawing, each written whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from debulk.core.errors import InputError
from debulk.core.files import write_with

FORMATS = ("svg", "pdf", "png")
"""Kinds of pictures, and the endings of their names."""

_PRINT_RESOLUTION = 300
"""Pixels an inch of the PNG; a pixel of the chart is a point, 1/72 inch."""


def write_pictures(chart: Any, folder: Path, name: str) -> tuple[str, ...]:
    """Write a chart into a folder as NAME.svg, NAME.pdf and NAME.png.

    Parameters
    ----------
    chart : altair chart
        Any chart; it is drawn once, and the PDF and the PNG are made from the SVG.
    folder : Path
        An existing folder.
    name : str
        The files' name without its ending.

    Returns
    -------
    tuple of str
        The names of the files.

    Raises
    ------
    InputError
        If vl-convert, which turns charts into pictures, is not installed, or the folder cannot
        be written to.
    """
    contents = drawn(chart)
    for kind, content in contents.items():
        write_with(folder / f"{name}.{kind}", partial(_put, content))
    return tuple(f"{name}.{kind}" for kind in contents)


def drawn(chart: Any, kinds: Sequence[str] = FORMATS) -> dict[str, bytes]:
    """The chart's bytes as each kind of picture.

    Parameters
    ----------
    chart : altair chart
    kinds : sequence of str
        Of `FORMATS`.

    Raises
    ------
    InputError
        If vl-convert is not installed.
    """
    try:
        import vl_convert
    except ModuleNotFoundError:
        raise InputError(
            "figure", "vl-convert is not installed", "Install it: pip install 'debulk[figures]'"
        ) from None
    import altair as alt

    version = ".".join(alt.VEGALITE_VERSION.lstrip("v").split(".")[:2])
    svg = vl_convert.vegalite_to_svg(chart.to_dict(), vl_version=version)
    make = {
        "svg": lambda: svg.encode(),
        "pdf": lambda: vl_convert.svg_to_pdf(svg),
        "png": lambda: vl_convert.svg_to_png(svg, ppi=_PRINT_RESOLUTION),
    }
    return {kind: make[kind]() for kind in kinds}


def _put(content: bytes, path: Path) -> None:
    path.write_bytes(content)
