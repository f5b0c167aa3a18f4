"""Pages of the continuum and of the fits: one HTML file each, with its figure and its numbers."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from debulk.core.files import write_text
from debulk.reports.trial_report import environment, template_text

NONE = "\u2013"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page: title, caption, heads and rows of text."""

    title: str
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says beside its figure.

    Attributes
    ----------
    title, kicker, sentence, alt : str
        Heading, line below it, the answer, and the words of the figure.
    tables : tuple of Table
    said, sources : tuple of str
        Definitions and assumptions; where data come from.
    """

    title: str
    kicker: str
    sentence: str
    alt: str
    tables: tuple[Table, ...]
    said: tuple[str, ...]
    sources: tuple[str, ...]


def write_disease_page(
    path: Path,
    page: Page,
    result: Mapping[str, Any],
    svg: bytes,
    template: str = "disease_figure.html",
) -> None:
    """Write a page, whole or not at all.

    Parameters
    ----------
    path : Path
        The HTML file.
    page : Page
    result : mapping
        What the command prints as JSON.
    svg : bytes
        The figure.
    template : str
        One that extends ``disease_figure.html``, or that itself.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    picture = "data:image/svg+xml;base64," + base64.b64encode(svg).decode()
    text = (
        environment()
        .get_template(template)
        .render(
            page=page, result=result, picture=picture, style=Markup(template_text("report.css"))
        )
    )
    write_text(path, text)


def continuum_page(result: Mapping[str, Any]) -> Page:
    """The page of `debulk disease continuum`."""
    return Page(
        title="Chance of cure and of occult metastases",
        kicker=f"{result['draws']:,} draws of the parameters, "
        f"{result['patients_per_draw']:,} people with bowel cancer in each",
        sentence=continuum_sentence(result),
        alt="Chance of cure falls and chance of occult metastases rises with the extent of disease",
        tables=(continuum_table(result),),
        said=(
            *(f"{name.capitalize()}: {text}" for name, text in result["definitions"].items()),
            *(
                f"{each['label'].replace('|', ' ').replace(',', '')}: {each['definition']}."
                for each in result["extents"]
            ),
            *result["assumptions"],
        ),
        sources=tuple(
            dict.fromkeys(
                f"{each['key']}: {each['source']} (role: {each['role']})"
                for extent in result["extents"]
                for each in extent["published"]
            )
        ),
    )


def continuum_sentence(result: Mapping[str, Any]) -> str:
    """Cure and occult disease at both ends of the axis that anybody has."""
    known = [each for each in result["extents"] if each["cure"]["median"] is not None]
    if not known:
        return "No virtual patient has any of the extents."
    parts = [
        f"{each['label'].replace('|', ' ')}: cured {band_words(each['cure'])} %, occult metastases "
        f"{band_words(each['occult'])} %"
        for each in (known[0], known[-1])
    ]
    level = f"{100 * result['level']:.0f} % bands over draws" if result["draws"] > 1 else "no bands"
    return f"{'; '.join(parts)} ({level})."


def continuum_table(result: Mapping[str, Any]) -> Table:
    """One row an extent."""
    level = f"{100 * result['level']:.0f} %"
    measures = ("free_of_recurrence_60", "alive_60", "alive_120")
    return Table(
        title="In numbers",
        caption=f"Per cent, median with central {level} over draws; error: Monte Carlo standard "
        "error within a draw, in points",
        heads=(
            *("Extent", "Patients", "Cured", "error", "Occult", "error"),
            *("Without recurrence at 5 years", "Alive at 5 years", "Alive at 10 years"),
        ),
        rows=tuple(
            (
                each["label"].replace("|", " "),
                f"{each['patients']:,}",
                band_words(each["cure"]),
                _points(each["cure"]["patients_se"]),
                band_words(each["occult"]),
                _points(each["occult"]["patients_se"]),
                *(band_words(each["measures"].get(name)) for name in measures),
            )
            for each in result["extents"]
        ),
    )


def fits_page(result: Mapping[str, Any]) -> Page:
    """The page of `debulk disease fits`."""
    return Page(
        title="The model beside the patients it was fitted to",
        kicker=f"{result['draws']:,} draws of the parameters, {result['replicates']:,} replicates",
        sentence=fits_sentence(result),
        alt="Bands of the model beside aggregates of patients, panel by panel",
        tables=(fits_table(result),),
        said=tuple(
            f"{title}: {line}" for title, lines in result["assumptions"].items() for line in lines
        ),
        sources=tuple(result["sources"].values()),
    )


def fits_sentence(result: Mapping[str, Any]) -> str:
    """How many aggregates lie inside, and the worst of those outside."""
    level = f"{100 * result['level']:.0f} %"
    text = (
        f"{result['inside']} of {result['points']} aggregates lie inside the {level} predictive "
        "interval of as many patients."
    )
    points = [
        each for panel in result["panels"] for each in panel["points"] if each["tail"] is not None
    ]
    worst = sorted(points, key=lambda each: each["tail"])[:3]
    missed = [each["summary"] for each in worst if not each["inside"]]
    return f"{text} Furthest off: {', '.join(missed)}." if missed else text


def fits_table(result: Mapping[str, Any]) -> Table:
    """One row an aggregate."""
    level = f"{100 * result['level']:.0f} %"
    return Table(
        title="In numbers",
        caption=f"Observed with 95 % limits; model: median over draws; predicted: central {level} "
        "of replicates; p: two-sided, posterior predictive",
        heads=("Aggregate", "n", "Observed", "95 % limits", "Model", "Predicted", "p", "Inside"),
        rows=tuple(
            (
                each["summary"],
                f"{each['n']:,}",
                number(each["observed"]),
                _span(each["observed_lower"], each["observed_upper"]),
                number(each["model"]),
                _span(each["predicted_lower"], each["predicted_upper"]),
                NONE if each["tail"] is None else f"{each['tail']:.2f}",
                "yes" if each["inside"] else "no",
            )
            for panel in result["panels"]
            for each in panel["points"]
        ),
    )


def band_words(band: Mapping[str, Any] | None) -> str:
    """Per cent with limits; the median alone where there is no band."""
    if band is None or band["median"] is None:
        return NONE
    middle = f"{100 * band['median']:.1f}"
    if band["draws_se"] is None:
        return middle
    return f"{middle} ({100 * band['lower']:.1f}\u00a0to\u00a0{100 * band['upper']:.1f})"


def number(value: float | None) -> str:
    """Three figures."""
    return NONE if value is None else f"{value:.3g}"


def _span(lower: float | None, upper: float | None) -> str:
    return f"{number(lower)}\u00a0to\u00a0{number(upper)}"


def _points(share: float | None) -> str:
    return NONE if share is None else f"{100 * share:.1f}"
