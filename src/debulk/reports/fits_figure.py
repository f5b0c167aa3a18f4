"""The figure of the fits: the model's bands beside aggregates of patients."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import altair as alt

from debulk.reports.figures.pictures import write_pictures
from debulk.reports.figures.style import GREY, INK, colour_of, folded, notes_below, rows_of, styled

_COLUMNS = 3
_WIDTH, _HEIGHT = 250, 170
_NOTE_WIDTH, _NOTE_HEIGHT, _SUBTITLE_WIDTH = 155, 15, 120
_MODEL, _DATA = colour_of(0), colour_of(1)
_PERCENT = "share"


def fits_chart(result: Mapping[str, Any]) -> alt.VConcatChart:
    """Draw every panel of the fits as small multiples.

    Parameters
    ----------
    result : mapping
        What `debulk disease fits --json` prints.

    Returns
    -------
    altair.VConcatChart
        In each panel the median and both bands of the model, and the patients' aggregates with
        their 95 % limits; the sources below.
    """
    panels = [_panel(each) for each in result["panels"]]
    grid = alt.concat(
        *panels, columns=_COLUMNS, spacing={"row": 98, "column": 76}, bounds="flush"
    ).resolve_scale(x="independent", y="independent")
    notes = notes_below(
        note_lines(result), width=_COLUMNS * _WIDTH, line_height=_NOTE_HEIGHT, size=10.5
    )
    chart = alt.vconcat(grid, notes, spacing=14).properties(
        title=alt.TitleParams(
            "The model beside the patients it was fitted to", subtitle=_subtitle(result)
        )
    )
    return styled(chart)  # type: ignore[no-any-return]


def write_fits_figure(result: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    """Write the figure into a folder as fits.svg, .pdf and .png.

    Returns
    -------
    tuple of str
        The names of the files.

    Raises
    ------
    InputError
        If vl-convert is not installed, or the folder cannot be written to.
    """
    return write_pictures(fits_chart(result), folder, "fits")


def note_lines(result: Mapping[str, Any]) -> list[str]:
    """Lines below the figure: assumptions of each cohort, then sources."""
    texts = [
        f"{title}: {' '.join(lines)}" for title, lines in result["assumptions"].items() if lines
    ]
    sources = list(dict.fromkeys(each["source"] for each in result["panels"]))
    texts.append(f"Sources: {' | '.join(sources)}")
    return [part for text in texts for part in folded(text, _NOTE_WIDTH)]


def _subtitle(result: Mapping[str, Any]) -> list[str]:
    level = f"{100 * result['level']:.0f} %"
    draws = result["draws"]
    narrow = (
        f"dark band: central {level} of {draws:,} draws of the parameters"
        if draws > 1
        else "one parameter set, so no dark band"
    )
    text = (
        f"Line: median; {narrow}; light band: central {level} of replicates of as many patients "
        "as the data has (parameters and chance). Points: patients' aggregates with 95 % limits, "
        "above each its two-sided posterior predictive p-value. "
        f"{result['inside']} of {result['points']} lie inside the light band."
    )
    return folded(text, _SUBTITLE_WIDTH)


def _panel(panel: Mapping[str, Any]) -> alt.LayerChart | alt.FacetChart:
    scale = 100.0 if panel["unit"] == _PERCENT else 1.0
    names = ("median", "lower", "upper", "predicted_lower", "predicted_upper")
    curve = [
        {"x": x, **{name: _scaled(panel[name][row], scale) for name in names}}
        for row, x in enumerate(panel["x"])
    ]
    points = [
        {
            "x": each["x"],
            "value": _scaled(each["observed"], scale),
            "lower": _scaled(each["observed_lower"], scale),
            "upper": _scaled(each["observed_upper"], scale),
            "text": p_words(each["tail"]),
        }
        for each in panel["points"]
    ]
    x = alt.X("x:Q", title=panel["x_title"], axis=alt.Axis(grid=False, tickCount=6))
    base = alt.Chart(rows_of([each for each in curve if each["median"] is not None]))
    data = alt.Chart(rows_of(points))
    layers = [
        base.mark_area(opacity=0.16, color=_MODEL).encode(
            x=x, y=_y(panel, "predicted_lower:Q"), y2="predicted_upper:Q"
        ),
        base.mark_area(opacity=0.32, color=_MODEL).encode(
            x=x, y=_y(panel, "lower:Q"), y2="upper:Q"
        ),
        base.mark_line(color=_MODEL, strokeWidth=2).encode(x=x, y=_y(panel, "median:Q")),
        data.mark_rule(color=_DATA, strokeWidth=1.6).encode(
            x=x, y=_y(panel, "lower:Q"), y2="upper:Q"
        ),
        data.mark_point(color=_DATA, filled=True, size=48, opacity=1).encode(
            x=x, y=_y(panel, "value:Q")
        ),
        data.mark_text(color=INK, fontSize=10, dy=-5, baseline="bottom").encode(
            x=x, y=_y(panel, "upper:Q"), text="text:N"
        ),
    ]
    about = f"n = {panel['n']:,}; virtual {panel['virtual']:,.0f} a draw"
    return alt.layer(*layers).properties(
        width=_WIDTH,
        height=_HEIGHT,
        title=alt.TitleParams(
            panel["title"],
            subtitle=about,
            fontSize=12,
            subtitleFontSize=11,
            subtitleColor=GREY,
            frame="group",
            offset=6,
        ),
    )


def p_words(p: float | None) -> str:
    """A predictive p-value as it stands above its point."""
    if p is None:
        return ""
    return "p < .01" if p < 0.01 else f"p {p:.2f}".replace("0.", ".", 1)


def _y(panel: Mapping[str, Any], field: str) -> alt.Y:
    axis = alt.Axis(tickCount=5, grid=True, gridOpacity=0.4)
    zero = panel["name"] != "ffcd-change"
    return alt.Y(field, title=panel["y_title"], axis=axis, scale=alt.Scale(zero=zero))


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else value * scale
