"""Studies counted by design, outcome and what colours the evidence map, with its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from debulk.reports.disease_pages import Table
from debulk.reports.evidence.map import MapCell, MapFigure, map_chart
from debulk.reports.evidence.page import EvidencePage, Picture
from debulk.reports.words import DASH

if TYPE_CHECKING:
    import polars as pl

By = Literal["role", "immortal_time", "selection_on_response", "confounding_by_extent"]
"""What the colours say: what findings may be used for, or the risk of one bias."""

TITLES: dict[By, str] = {
    "role": "May be used for",
    "immortal_time": "Risk of immortal time",
    "selection_on_response": "Risk of selection on response",
    "confounding_by_extent": "Risk of confounding by extent",
}
_ONCE = "A study is counted once in each cell, however many findings it has there."
_ROLES = (
    "A study with findings of several roles for one outcome stands in several marks.",
    "Roles: calibration may set a number of the model; validation is only predicted; context and "
    "analogy are only shown.",
)
_JUDGED = "Designs and risks are judgements of this project from what each source prints."


def evidence_map(
    findings: pl.DataFrame,
    codes: pl.DataFrame,
    *,
    by: By,
    outcomes: Sequence[str],
    designs: Sequence[str],
    categories: Sequence[str],
    title: str,
) -> MapFigure:
    """Count studies for an evidence map.

    Parameters
    ----------
    findings : polars.DataFrame
        With study, outcome and role.
    codes : polars.DataFrame
        With study, design and the risks, one row a study.
    by : By
        What the colours say.
    outcomes, designs, categories : sequence of str
        Words in their order. Outcomes are all shown, for a gap is what a map is read for; designs
        and categories only where there is a study.
    title : str
        Of the figure.

    Returns
    -------
    MapFigure
    """
    import polars as pl

    rows = findings.filter(pl.col("outcome").is_in(list(outcomes)))
    rows = rows.join(codes.select("study", "design", *({by} - {"role"})), on="study")
    keys = ["design", "outcome", by]
    counted = rows.unique(["study", *keys]).group_by(keys).agg(studies=pl.len())
    cells = tuple(
        MapCell(each["design"], each["outcome"], each[by], each["studies"])
        for each in counted.sort(keys).iter_rows(named=True)
    )
    seen_designs, seen = {each.design for each in cells}, {each.category for each in cells}
    return MapFigure(
        title=title,
        category_title=TITLES[by],
        cells=cells,
        designs=tuple(each for each in designs if each in seen_designs),
        outcomes=tuple(outcomes),
        categories=tuple(each for each in categories if each in seen),
        notes=(
            "Number of studies in each mark; where a cell is empty, these tables have none.",
            _ONCE,
        ),
    )


def map_picture(figure: MapFigure) -> Picture:
    """The map with its words."""
    gaps = len(figure.designs) * len(figure.outcomes) - len(
        {(each.design, each.outcome) for each in figure.cells}
    )
    alt = (
        f"Evidence map: {len(figure.outcomes)} outcomes by {len(figure.designs)} designs, "
        f"{gaps} cells without a study."
    )
    return Picture("evidence-map", map_chart(figure), alt)


def map_page(figure: MapFigure, *, by: By, sources: Sequence[str]) -> EvidencePage:
    """The page of a map: what is drawn as a table, and the studies counted."""
    counts = {(each.design, each.outcome, each.category): each.studies for each in figure.cells}

    def written(outcome: str, design: str) -> str:
        parts = [
            f"{category} {counts[design, outcome, category]}"
            for category in figure.categories
            if (design, outcome, category) in counts
        ]
        return ", ".join(parts) or DASH

    rows = tuple(
        (outcome, *(written(outcome, design) for design in figure.designs))
        for outcome in figure.outcomes
    )
    return EvidencePage(
        title=figure.title,
        kicker=f"{len(sources)} studies; colours: {figure.category_title.lower()}",
        sentence=map_picture(figure).alt,
        tables=(Table("In numbers", "Studies in each cell", ("Outcome", *figure.designs), rows),),
        remarks=(_JUDGED,),
        assumptions=(_ONCE, *(_ROLES if by == "role" else ())),
        exclusions=("Findings about other outcomes, and findings that name no study.",),
        sources=tuple(sources),
    )
