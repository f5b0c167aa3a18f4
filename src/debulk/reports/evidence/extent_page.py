"""Survival pooled by extent of disease: lines, picture and page from the pooled curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from debulk.reports.disease_pages import Table
from debulk.reports.evidence.extent_curves import (
    ExtentFigure,
    ExtentLine,
    extent_curves_chart,
    told,
)
from debulk.reports.evidence.page import EvidencePage, Picture
from debulk.reports.words import DASH, limits, share

if TYPE_CHECKING:
    from debulk.evidence.landmarks.by_extent import CurvesByExtent, ExtentCurve

EXTENTS = {
    "stage_1": "stage I",
    "stage_2": "stage II",
    "stage_3": "stage III",
    "liver_only": "liver only",
    "oligometastatic": "oligometastatic",
    "other_metastatic": "other metastatic",
    "multi_organ": "multi-organ",
}
TREATMENTS = {
    "all_local": "all treated locally",
    "systemic_only": "systemic therapy alone",
    "mixed": "some treated locally",
    "untreated": "untreated",
}
TITLE = "Overall survival by extent of disease, pooled over published series"
_GROUPS = "A group is a series, an arm or a part of one; both arms of a trial count as two."
_CHOSEN = (
    "Patients treated locally were chosen for it, and differently in each series: curves of "
    "different treatments must not be compared."
)


def extent_lines(curves: CurvesByExtent) -> tuple[ExtentLine, ...]:
    """Pooled curves, in months, as lines of the figure."""
    return tuple(_line(each) for each in curves.curves)


def _line(each: ExtentCurve) -> ExtentLine:
    curve = each.curve
    return ExtentLine(
        extent=f"{EXTENTS[each.extent]}, {TREATMENTS[each.treatment]}",
        groups=len(curve.studies),
        patients=sum(each.patients.values()),
        years=tuple(float(time) / 12.0 for time in curve.times),
        survival=tuple(map(float, curve.survival)),
        lower=tuple(map(float, curve.lower)),
        upper=tuple(map(float, curve.upper)),
    )


def extent_picture(curves: CurvesByExtent, lines: tuple[ExtentLine, ...]) -> Picture:
    """The figure with its words."""
    level = f"{100 * curves.curves[0].curve.conf_level:g} %"
    notes = (
        f"Points: where series were pooled; bands: {level}; between points the hazard is constant.",
        _GROUPS,
        _CHOSEN,
        *(
            ("Held-out trials are among them: this describes, and may set nothing.",)
            * ("validation" in _roles(curves))
        ),
    )
    ends = "; ".join(
        f"{line.extent}: {share(line.survival[-1])} alive at {line.years[-1]:g} years, {told(line)}"
        for line in lines
    )
    chart = extent_curves_chart(ExtentFigure(TITLE, lines, notes))
    return Picture("survival-by-extent", chart, f"Survival by extent of disease: {ends}.")


def extent_page(curves: CurvesByExtent, lines: tuple[ExtentLine, ...]) -> EvidencePage:
    """The page of the figure: every point in numbers, the groups, what was left out."""
    rows = tuple(
        (
            line.extent,
            f"{year:g}",
            share(alive),
            limits(low, high, share),
            str(len(interval.studies)),
            DASH if interval.i2 is None else share(interval.i2),
        )
        for line, each in zip(lines, curves.curves, strict=True)
        for year, alive, low, high, interval in zip(
            line.years, line.survival, line.lower, line.upper, each.curve.intervals, strict=True
        )
    )
    heads = ("Extent and treatment", "Years", "Alive", "Limits", "Series", "I\u00b2")
    remarks = [
        *curves.provenance.remarks,
        *(text for each in curves.curves for text in each.curve.provenance.remarks),
    ]
    return EvidencePage(
        title=TITLE,
        kicker=f"{len(lines)} curves; {', '.join(sorted(_roles(curves)))} series",
        sentence=extent_picture(curves, lines).alt,
        tables=(Table("In numbers", "Pooled overall survival", heads, rows),),
        remarks=(_CHOSEN,),
        assumptions=tuple(dict.fromkeys(remarks)),
        exclusions=tuple(
            f"{each.count:g} {'finding' if each.count == 1 else 'findings'}: {each.reason}"
            for each in curves.provenance.exclusions
        ),
        sources=_sources(curves),
    )


def _sources(curves: CurvesByExtent) -> tuple[str, ...]:
    """Each group that entered, with its extent, what it may be used for, and its citation."""
    from debulk.evidence.landmarks.mapping import survival_map
    from debulk.evidence.record import citation, finding

    roles = {name: role for each in curves.curves for name, role in each.roles.items()}
    return tuple(
        f"{group.study} ({EXTENTS[group.extent]}; role: {roles[group.study]}): "
        f"{citation(finding(group.landmarks[0].finding))}"
        for group in survival_map().groups
        if group.study in roles
    )


def _roles(curves: CurvesByExtent) -> set[str]:
    return {role for each in curves.curves for role in each.roles.values()}
