"""The figure of the continuum: cure falls, occult disease rises, beside what was published."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import altair as alt

from debulk.reports.figures.pictures import write_pictures
from debulk.reports.figures.style import INK, colour_of, folded, notes_below, rows_of, styled

LINES = {"cure": "Cured", "occult": "Occult metastases"}
"""The two lines and their words."""

_COLOUR = {"cure": colour_of(0), "occult": colour_of(1)}
_DASH = {"cure": [1, 0], "occult": [7, 4]}
_WIDTH, _HEIGHT, _NOTE_HEIGHT = 900, 400, 16
_NOTE_WIDTH, _SUBTITLE_WIDTH = 165, 120
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
"""Marks of sources; none that looks like a number."""
_SPREAD = 0.20
"""Distance between numbers at the same extent, in places of the axis."""


def continuum_chart(result: Mapping[str, Any]) -> alt.VConcatChart:
    """Draw chance of cure and of occult metastases over the extent of disease.

    Parameters
    ----------
    result : mapping
        What `debulk disease continuum --json` prints.

    Returns
    -------
    altair.VConcatChart
        Lines and bands over draws; published numbers as points, those that the model never saw
        hollow; the sources below.
    """
    points = point_rows(result)
    layers = [_bands(result), _lines(result), *_points(points), _direct_labels(result)]
    top = alt.layer(*[each for each in layers if each is not None]).properties(
        width=_WIDTH, height=_HEIGHT
    )
    notes = notes_below(note_lines(points), width=_WIDTH, line_height=_NOTE_HEIGHT, size=11)
    chart = alt.vconcat(top, notes, spacing=6).properties(
        title=alt.TitleParams(
            "Chance of cure and of occult metastases over the extent of disease",
            subtitle=_subtitle(result),
        )
    )
    return styled(chart)  # type: ignore[no-any-return]


def write_continuum_figure(result: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    """Write the figure into a folder as continuum.svg, .pdf and .png.

    Returns
    -------
    tuple of str
        The names of the files.

    Raises
    ------
    InputError
        If vl-convert is not installed, or the folder cannot be written to.
    """
    return write_pictures(continuum_chart(result), folder, "continuum")


def point_rows(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each published number once, with its letter in the figure and its place on the axis.

    Numbers of one measure from one source, such as of three stages, share a letter.

    Parameters
    ----------
    result : mapping
        What `debulk disease continuum --json` prints.
    """
    place = {each["extent"]: position for position, each in enumerate(result["extents"])}
    found: dict[str, dict[str, Any]] = {}
    for extent in result["extents"]:
        for each in extent["published"]:
            found.setdefault(each["key"], each)
    rows = []
    letters: dict[tuple[str, str], str] = {}
    for each in found.values():
        places = [place[name] for name in each["extents"]]
        group = (each["measure"], each["source"])
        letters.setdefault(group, _LETTERS[len(letters)])
        rows.append(
            {
                **each,
                "letter": letters[group],
                "first": min(places),
                "last": max(places),
                "x": (min(places) + max(places)) / 2.0,
            }
        )
    _spread(rows)
    return rows


def note_lines(points: Sequence[Mapping[str, Any]]) -> list[str]:
    """Lines below the figure: what is drawn, then each published number with its source.

    Parameters
    ----------
    points : sequence of mapping
        As `point_rows` gives them.
    """
    texts = [
        "Points: published; level line where a number covers several extents, upright bar its "
        "95 % limits. Hollow: the model never saw it. Triangles bound the line: up, at least; "
        "down, at most."
    ]
    for letter in dict.fromkeys(each["letter"] for each in points):
        own = [each for each in points if each["letter"] == letter]
        values = ", ".join(_value_words(each) for each in own)
        one = own[0]
        unseen = "" if one["seen"] else "; not seen by the model"
        texts.append(
            f"{letter}  {one['measure']}: {values} %{unseen}. {one['population']}; "
            f"{_short(one['source'])}"
        )
    return [part for text in texts for part in folded(text, _NOTE_WIDTH)]


def _value_words(point: Mapping[str, Any]) -> str:
    value = _percent(point["value"])
    if point["lower"] is None:
        return value
    how = ", derived" if point["interval"] == "derived" else ""
    return f"{value} ({_percent(point['lower'])} to {_percent(point['upper'])}{how})"


def _subtitle(result: Mapping[str, Any]) -> list[str]:
    draws, patients = result["draws"], result["patients_per_draw"]
    structures = ", ".join(f"{name} {count}" for name, count in result["structures"].items())
    errors = [each[line]["patients_se"] for each in result["extents"] for line in LINES]
    error = max((each for each in errors if each is not None), default=0.0)
    band = (
        f"Line: median; band: central {100 * result['level']:.0f} % of {draws:,} draws of the "
        f"parameters ({structures})"
        if draws > 1
        else f"One parameter set ({structures}): no band"
    )
    text = (
        f"{band}; {patients:,} people with bowel cancer in each. Monte Carlo error within a draw, "
        f"taken out of the bands, at most {100 * error:.1f} percentage points; n: virtual "
        "patients of all draws. All that imaging shows is treated, whatever the extent."
    )
    return folded(text, _SUBTITLE_WIDTH)


def _rows(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"x": position, "line": words, **each[line]}
        for line, words in LINES.items()
        for position, each in enumerate(result["extents"])
        if each[line]["median"] is not None
    ]


def _x(result: Mapping[str, Any], field: str = "x:Q") -> alt.X:
    labels = [[*each["label"].split("|"), f"n {each['patients']:,}"] for each in result["extents"]]
    count = len(labels)
    return alt.X(
        field,
        axis=alt.Axis(
            title=None,
            values=list(range(count)),
            labelExpr=f"{json.dumps(labels)}[datum.value]",
            labelAngle=0,
            labelOverlap=False,
            labelLineHeight=15,
            labelPadding=6,
            grid=False,
        ),
        scale=alt.Scale(domain=[-0.5, count - 0.5], nice=False),
    )


def _y(field: str) -> alt.Y:
    axis = alt.Axis(format="%", tickCount=6, title="Share of patients", grid=True, gridOpacity=0.5)
    return alt.Y(field, axis=axis, scale=alt.Scale(domain=[0, 1]))


def _bands(result: Mapping[str, Any]) -> alt.Chart | None:
    rows = _rows(result)
    if result["draws"] <= 1:
        return None
    return (  # type: ignore[no-any-return]
        alt.Chart(rows_of(rows))
        .mark_area(opacity=0.16)
        .encode(
            x=_x(result),
            y=_y("lower:Q"),
            y2="upper:Q",
            color=_colour(),
        )
    )


def _lines(result: Mapping[str, Any]) -> alt.Chart:
    return (  # type: ignore[no-any-return]
        alt.Chart(rows_of(_rows(result)))
        .mark_line(strokeWidth=2.6)
        .encode(
            x=_x(result),
            y=_y("median:Q"),
            color=_colour(),
            strokeDash=alt.StrokeDash(
                "line:N",
                legend=None,
                scale=alt.Scale(domain=list(LINES.values()), range=list(_DASH.values())),
            ),
        )
    )


def _colour() -> alt.Color:
    scale = alt.Scale(domain=list(LINES.values()), range=list(_COLOUR.values()))
    return alt.Color("line:N", legend=None, scale=scale)


def _direct_labels(result: Mapping[str, Any]) -> alt.LayerChart | alt.FacetChart:
    """The words of each line: of cure above its first place, of occult disease below its last."""
    layers = []
    for line, words in LINES.items():
        known = [each for each in _rows(result) if each["line"] == words]
        first = line == "cure"
        rows = [{**known[0 if first else -1], "text": words}] if known else []
        layers.append(
            alt.Chart(rows_of(rows))
            .mark_text(
                align="left" if first else "right",
                dx=-42 if first else 42,
                dy=-30 if first else 30,
                fontSize=13,
                fontWeight="bold",
            )
            .encode(x=_x(result), y=_y("median:Q"), text="text:N", color=_colour())
        )
    return alt.layer(*layers)


def _points(points: Sequence[Mapping[str, Any]]) -> list[alt.Chart]:
    shapes = {"": "circle", "at least": "triangle-up", "at most": "triangle-down"}
    rows = [
        {
            **{name: each[name] for name in ("x", "value", "lower", "upper", "letter", "bound")},
            "line": LINES[each["line"]],
            "fill": _COLOUR[each["line"]] if each["seen"] else "white",
            "left": each["first"] - 0.3,
            "right": each["last"] + 0.3,
            "wide": each["first"] != each["last"],
        }
        for each in points
    ]
    base = alt.Chart(rows_of(rows)).encode(color=_colour())
    wide = (
        base.transform_filter("datum.wide")
        .mark_rule(strokeWidth=1.2, opacity=0.8)
        .encode(x="left:Q", x2="right:Q", y=_y("value:Q"))
    )
    bars = (
        base.transform_filter("datum.lower != null")
        .mark_rule(strokeWidth=1.4)
        .encode(x="x:Q", y=_y("lower:Q"), y2="upper:Q")
    )
    marks = base.mark_point(filled=False, size=75, opacity=1, strokeWidth=1.8).encode(
        x="x:Q",
        y=_y("value:Q"),
        fill=alt.Fill("fill:N", scale=None),
        shape=alt.Shape(
            "bound:N",
            legend=None,
            scale=alt.Scale(domain=list(shapes), range=list(shapes.values())),
        ),
    )
    letters = base.mark_text(align="left", dx=7, dy=-6, fontSize=11).encode(
        x="x:Q", y=_y("value:Q"), text="letter:N", color=alt.value(INK)
    )
    return [wide, bars, marks, letters]


def _spread(rows: list[dict[str, Any]]) -> None:
    """Set numbers at the same place side by side."""
    by_place: dict[float, list[dict[str, Any]]] = {}
    for row in rows:
        by_place.setdefault(row["x"], []).append(row)
    for own in by_place.values():
        for position, row in enumerate(own):
            row["x"] += _SPREAD * (position - (len(own) - 1) / 2.0)


def _percent(share: float) -> str:
    return f"{100.0 * share:.3g}"


def _short(source: str) -> str:
    """The first identifier alone; of an address the site."""
    words = source.split("; ")[0].split()
    return " ".join(urlsplit(word).netloc if "://" in word else word for word in words)
