"""Draw the figures of the pages on trial design into docs/img, as SVG.

Every number comes from the packaged evidence or from the functions the pages describe. Run it with
no argument; it needs the extra `figures`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt
import numpy as np

from debulk.evidence import finding
from debulk.reports.figures.pictures import drawn
from debulk.reports.figures.style import COLOURS, FONT, GREY, INK, dash_of, rows_of
from debulk.trials import (
    HaybittlePeto,
    Spending,
    diluted_hazard_ratio,
    goal_hazard_ratio,
    group_sequential,
)

IMAGES = Path(__file__).parents[1] / "docs" / "img"

RECORD = {
    "GRECCAR 8": ("GRECCAR 8", None),
    "Korean PTR": ("Korea, primary resection", "planned_n"),
    "Fudan PTR phase 2": ("Fudan, primary resection", "planned_n"),
    "PulMiCC": ("PulMiCC", None),
    "iPACS": ("iPACS (plan as reduced)", "planned_n"),
    "CAIRO4": ("CAIRO4 (first plan)", "planned_n#registry"),
    "ORCHESTRA": ("ORCHESTRA", "planned_n"),
}
"""Trials in the order of those enrolled: how they are called, and which row holds the plan."""

FAMILIES: dict[str, Any] = {
    "O'Brien-Fleming": "obrien-fleming",
    "Pocock": "pocock",
    "Haybittle-Peto 3": HaybittlePeto(3.0),
    "Hwang-Shih-DeCani -4": Spending("hwang-shih-decani", -4.0),
    "Kim-DeMets 2": Spending("kim-demets", 2.0),
}


def enrolment() -> alt.LayerChart:
    """Planned and enrolled patients of trials of local treatment."""
    rows = []
    for study, (name, planned) in RECORD.items():
        enrolled = finding(f"trials:{study}/enrolled_n").value
        plan = None if planned is None else finding(f"trials:{study}/{planned}").value
        told = f"{enrolled:.0f}" if plan is None else f"{enrolled:.0f} of {plan:.0f}"
        rows.append({"trial": name, "enrolled": enrolled, "planned": plan, "told": told})
    order = [name for name, _ in RECORD.values()]
    y = alt.Y("trial:N", sort=order, title=None)
    base = alt.Chart(rows_of(rows))
    axis = alt.X(
        "planned:Q",
        title="patients",
        scale=alt.Scale(domain=[0, 560], nice=False),
        axis=alt.Axis(grid=False),
    )
    plan_bar = base.mark_bar(height=18, fill="none", stroke=GREY, strokeDash=[3, 2]).encode(
        x=axis, y=y
    )
    bar = base.mark_bar(height=18, color=COLOURS[0]).encode(
        x=alt.X("enrolled:Q", title="patients"), y=y
    )
    text = base.mark_text(align="left", dx=6, color=INK).encode(
        x=alt.X("end:Q", title="patients"), y=y, text="told:N"
    )
    text = text.transform_calculate(end="max(datum.enrolled, datum.planned)")
    return (plan_bar + bar + text).properties(width=440, height=220)


def events_by_median() -> alt.LayerChart:
    """Events that show six months more, by the median of the controls; diluted too."""
    rows = []
    for median in np.arange(12.0, 36.01, 0.5):
        goal = goal_hazard_ratio(float(median), gain=6)
        seen = diluted_hazard_ratio(
            goal.hazard_ratio,
            control=float(median),
            accrual_months=60,
            follow_up_months=24,
            not_treated=0.1,
            partly_treated=0.18,
        )
        for name, factor in (
            ("as planned", 1.0),
            ("28 % not treated fully", seen.events_inflation),
        ):
            rows.append({"median": float(median), "events": goal.events * factor, "arm": name})
    x = alt.X(
        "median:Q", title="median survival of the controls, months", axis=alt.Axis(grid=False)
    )
    y = alt.Y("events:Q", title="events for 80 % power")
    names = ["28 % not treated fully", "as planned"]
    lines = (
        alt.Chart(rows_of(rows))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "arm:N",
                sort=names,
                scale=alt.Scale(domain=names, range=[COLOURS[1], COLOURS[0]]),
                legend=alt.Legend(title=None, orient="top-left"),
            ),
            strokeDash=alt.StrokeDash(
                "arm:N", scale=alt.Scale(domain=names, range=[dash_of(1), dash_of(0)]), legend=None
            ),
        )
    )
    marked = [
        {
            "median": median,
            "events": goal_hazard_ratio(median, gain=6).events,
            "told": f"{where}: {goal_hazard_ratio(median, gain=6).events:.0f} events",
        }
        for median, where in ((18.0, "front of the funnel"), (27.5, "randomised"))
    ]
    points = alt.Chart(rows_of(marked)).mark_point(
        filled=True, size=80, color=COLOURS[0], opacity=1
    )
    text = alt.Chart(rows_of(marked)).mark_text(align="left", dx=4, dy=20, color=INK)
    return (lines + points.encode(x=x, y=y) + text.encode(x=x, y=y, text="told:N")).properties(
        width=500, height=300
    )


def families() -> alt.LayerChart:
    """Efficacy bounds of five families at five looks."""
    looks = (0.2, 0.4, 0.6, 0.8, 1.0)
    rows = []
    for name, rule in FAMILIES.items():
        made = group_sequential(looks, efficacy=rule)
        for at, z in zip(looks, made.efficacy_z, strict=True):
            rows.append({"information": at, "z": float(z), "family": name})
    names = list(FAMILIES)
    dashes = [dash_of(place) for place in range(len(names))]
    x = alt.X(
        "information:Q", title="share of the planned events", axis=alt.Axis(values=list(looks))
    )
    y = alt.Y("z:Q", title="Z, above 0 is benefit", scale=alt.Scale(domain=[1.8, 5.0], zero=False))
    colour = alt.Color(
        "family:N",
        sort=names,
        scale=alt.Scale(domain=names, range=list(COLOURS[: len(names)])),
        legend=alt.Legend(title=None),
    )
    base = alt.Chart(rows_of(rows)).encode(x=x, y=y, color=colour)
    dash = alt.StrokeDash("family:N", scale=alt.Scale(domain=names, range=dashes), legend=None)
    lines = base.mark_line(strokeWidth=2).encode(strokeDash=dash)
    once = alt.Chart(rows_of([{"z": 1.959964}])).mark_rule(color=GREY).encode(y=y)
    note = alt.Chart(rows_of([{"z": 1.959964, "information": 0.2, "told": "one test at the end"}]))
    text = note.mark_text(align="left", dy=9, color=GREY).encode(x=x, y=y, text="told:N")
    return (once + text + lines + base.mark_point(filled=True, size=50, opacity=1)).properties(
        width=440, height=280
    )


FIGURES = {
    "planned-and-enrolled": enrolment,
    "events-by-median": events_by_median,
    "boundary-families": families,
}


def main() -> None:
    """Draw them all."""
    for name, make in FIGURES.items():
        chart = make().configure(
            font=FONT,
            background="white",
            padding={"left": 36, "right": 12, "top": 12, "bottom": 12},
        )
        chart = chart.configure_view(stroke=None).configure_axis(labelColor=INK, titleColor=INK)
        (IMAGES / f"{name}.svg").write_bytes(drawn(chart)["svg"])


if __name__ == "__main__":
    main()
