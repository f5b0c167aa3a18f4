"""Pages of evidence: one HTML file each, with its pictures, numbers, sources and omissions."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup

import debulk
from debulk.core.errors import InputError
from debulk.core.files import write_text, write_with
from debulk.reports.disease_pages import Table
from debulk.reports.evidence.wording import RESEARCH_USE
from debulk.reports.figures.pictures import FORMATS, drawn
from debulk.reports.trial_report import environment, template_text

ENDINGS = (*FORMATS, "html")
"""Kinds of files a figure can be written as."""

_SMALLEST_TEXT = 0.8
"""A page shrinks a picture to this share of its width at most; beyond, the reader scrolls it."""


@dataclass(frozen=True)
class Picture:
    """A figure and what it shows in words.

    Attributes
    ----------
    name : str
        Of its files, without ending.
    chart : altair chart
    alt : str
        What a reader who does not see it is told.
    """

    name: str
    chart: Any
    alt: str


@dataclass(frozen=True)
class EvidencePage:
    """What a page says around its pictures.

    Attributes
    ----------
    title, kicker, sentence : str
        Heading, line below it, the answer.
    tables : tuple of Table
        The numbers of the pictures.
    remarks : tuple of str
        What a reader must know before the picture.
    assumptions, exclusions, sources : tuple of str
        What is assumed, what was left out and why, where numbers come from.
    """

    title: str
    kicker: str
    sentence: str
    tables: tuple[Table, ...]
    remarks: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    sources: tuple[str, ...] = field(default=())


def write_figure(path: Path, picture: Picture, page: EvidencePage) -> None:
    """Write a figure as the kind of file that its name ends in, whole or not at all.

    Parameters
    ----------
    path : Path
        Ends in .svg, .pdf, .png or .html.
    picture : Picture
    page : EvidencePage
        What an .html file says around it.

    Raises
    ------
    InputError
        If the ending is none of these, vl-convert is not installed, or the file cannot be written.
    """
    kind = checked_ending(path)
    wanted = "svg" if kind == "html" else kind
    content = _drawn(picture, (wanted,))[wanted]
    if kind == "html":
        write_text(path, render_page(page, [(picture, content)]))
        return
    write_with(path, partial(_put, content))


def write_evidence(
    folder: Path, pictures: Sequence[Picture], page: EvidencePage, name: str
) -> tuple[str, ...]:
    """Write pictures as SVG, PDF and PNG and one page with all of them into a folder.

    Parameters
    ----------
    folder : Path
        An existing folder.
    pictures : sequence of Picture
    page : EvidencePage
    name : str
        Of the page, without its ending.

    Returns
    -------
    tuple of str
        The names of the files.

    Raises
    ------
    InputError
        If vl-convert is not installed, or the folder cannot be written to.
    """
    names, shown = write_drawn(folder, pictures)
    write_text(folder / f"{name}.html", render_page(page, shown))
    return (*names, f"{name}.html")


def write_drawn(
    folder: Path, pictures: Sequence[Picture]
) -> tuple[tuple[str, ...], list[tuple[Picture, bytes]]]:
    """Write pictures as SVG, PDF and PNG.

    Returns
    -------
    names : tuple of str
        Of the files.
    shown : list of (Picture, bytes)
        Each with its SVG, as a page shows it.
    """
    names, shown = [], []
    for picture in pictures:
        files = _drawn(picture, FORMATS)
        shown.append((picture, files["svg"]))
        for kind, content in files.items():
            names.append(f"{picture.name}.{kind}")
            write_with(folder / names[-1], partial(_put, content))
    return tuple(names), shown


def render_page(page: EvidencePage, pictures: Sequence[tuple[Picture, bytes]]) -> str:
    """Make the page as the text of one HTML file that makes no request.

    Parameters
    ----------
    page : EvidencePage
    pictures : sequence of (Picture, bytes)
        Each with its SVG.
    """
    shown: list[Mapping[str, str]] = [
        {
            "name": picture.name,
            "alt": picture.alt,
            "least_width": f"{_SMALLEST_TEXT * _width(svg):.0f}px",
            "source": "data:image/svg+xml;base64," + base64.b64encode(svg).decode(),
        }
        for picture, svg in pictures
    ]
    return (
        environment()
        .get_template("evidence.html")
        .render(
            page=page,
            pictures=shown,
            version=debulk.__version__,
            research_use=RESEARCH_USE,
            style=Markup(template_text("report.css")),
        )
    )


def _drawn(picture: Picture, kinds: Sequence[str]) -> dict[str, bytes]:
    """The picture's bytes as each kind; the SVG says in words what it shows."""
    files = drawn(picture.chart, kinds)
    if "svg" in files:
        title = f' role="img"><title>{html.escape(picture.alt)}</title>'.encode()
        files["svg"] = files["svg"].replace(b">", title, 1)
    return files


def _put(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def _width(svg: bytes) -> float:
    """Width of a picture in pixels."""
    found = re.search(rb'<svg[^>]*? width="([\d.]+)', svg)
    return float(found[1]) if found else 0.0


def checked_ending(path: Path) -> str:
    """The kind of file that a name ends in.

    Raises
    ------
    InputError
        If a figure cannot be written as that.
    """
    kind = path.suffix[1:].lower()
    if kind not in ENDINGS:
        found = f"the name ends in {path.suffix!r}" if path.suffix else "the name has no ending"
        raise InputError(str(path), found, f"End it in .{', .'.join(ENDINGS)}")
    return kind
