"""One virtual patient over time: every lesion on a log scale, therapy and burden below."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from debulk.reports.figures.style import rows_of

SHOWN, OCCULT = "seen on imaging", "occult"
SMALLEST_MM = 0.05
"""Below this a lesion is drawn no more: about a hundred cells."""
_LEAST = 1e-4
"""Nothing at all, where the axis is logarithmic."""
_HEIGHT, _TRACK = 300, 70


def lesion_rows(life: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row a lesion and visit: month, diameter, organ, and whether imaging shows it.

    Parameters
    ----------
    life : mapping
        What `debulk.disease.one_life.OneLife.to_dict` gives.
    """
    return [
        {
            "lesion": lesion["lesion"],
            "organ": lesion["organ"].replace("_", " "),
            "month": round(month, 2),
            "diameter_mm": size,
            "state": SHOWN if shown else OCCULT,
        }
        for lesion in life["lesions"]
        for month, size, shown in zip(
            life["months"], lesion["diameter_mm"], lesion["shown"], strict=True
        )
        if size is not None and size > SMALLEST_MM
    ]


def lesions_chart(life: Mapping[str, Any], month: float) -> dict[str, Any]:
    """Draw every lesion over time, one line a lesion; points filled where imaging shows it."""
    base = alt.Chart(rows_of(lesion_rows(life)))
    x = _months("month:Q")
    y = alt.Y("diameter_mm:Q", title="diameter, mm (log scale)").scale(type="log", nice=False)
    colour = alt.Color("organ:N", title=None, legend=alt.Legend(orient="top"))
    chart = alt.layer(
        base.mark_line(strokeWidth=1.2, opacity=0.7).encode(
            x=x, y=y, detail="lesion:N", color=colour
        ),
        base.mark_point(size=26, filled=True).encode(
            x=x,
            y=y,
            color=colour,
            shape=alt.Shape("state:N", title=None, legend=alt.Legend(orient="top")).scale(
                domain=[SHOWN, OCCULT], range=["circle", "cross"]
            ),
        ),
        _at(month),
    )
    specification: dict[str, Any] = chart.properties(width="container", height=_HEIGHT).to_dict()
    return specification


def therapy_rows(life: Mapping[str, Any]) -> list[dict[str, float]]:
    """A row a visit of the living: month, line, share on drug, volume, ctDNA in per cent.

    Parameters
    ----------
    life : mapping
        What `debulk.disease.one_life.OneLife.to_dict` gives.
    """
    whole = life["whole"]
    names = ("line", "drug", "volume_ml", "ctdna_vaf")
    return [
        {
            "month": round(month, 2),
            "line": line,
            "drug": drug,
            "volume_ml": max(volume, _LEAST),
            "ctdna_percent": max(100.0 * vaf, _LEAST),
        }
        for month, line, drug, volume, vaf in zip(
            life["months"], *(whole[name] for name in names), strict=True
        )
        if line is not None and not math.isnan(line)
    ]


def therapy_chart(life: Mapping[str, Any], month: float) -> dict[str, Any]:
    """Draw the line of therapy, the share of time on drug, the whole burden, and ctDNA."""
    base = alt.Chart(rows_of(therapy_rows(life)))
    x = _months("month:Q", titled=False)
    track = base.mark_line(interpolate="step-after", strokeWidth=2).encode(
        x=x, y=alt.Y("line:Q", title="line").axis(tickMinStep=1, tickCount=4)
    )
    drug = base.mark_area(opacity=0.35, interpolate="step-after").encode(
        x=x, y=alt.Y("drug:Q", title="on drug").scale(domain=[0, 1]).axis(tickCount=2, format="%")
    )
    burden = base.mark_line(strokeWidth=2).encode(
        x=x, y=alt.Y("volume_ml:Q", title="ml").axis(tickCount=3).scale(type="log")
    )
    ctdna = base.mark_line(strokeWidth=2).encode(
        x=_months("month:Q"),
        y=alt.Y("ctdna_percent:Q", title="ctDNA, %").axis(tickCount=3).scale(type="log"),
    )
    parts = [
        alt.layer(each, _at(month, titled=each is ctdna)).properties(
            width="container", height=_TRACK
        )
        for each in (track, drug, burden, ctdna)
    ]
    specification: dict[str, Any] = alt.vconcat(*parts, spacing=10).to_dict()
    return specification


def _months(field: str, *, titled: bool = True) -> alt.X:
    title = "months since the start of line 1" if titled else None
    axis = alt.Axis(values=list(range(0, 61, 6)), labels=titled)
    return alt.X(field, title=title, axis=axis).scale(domain=[0, 60])


def _at(month: float, *, titled: bool = True) -> alt.Chart:
    """The month that the reader looks at."""
    data = alt.Chart(rows_of([{"month": month}]))
    rule: alt.Chart = data.mark_rule(strokeDash=[4, 3]).encode(x=_months("month:Q", titled=titled))
    return rule
