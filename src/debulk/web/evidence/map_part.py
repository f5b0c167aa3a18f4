"""The evidence map of the page: outcomes by designs, with a way into each cell."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import polars as pl

from debulk.core.strings import text
from debulk.evidence.answers.selecting import without_any
from debulk.evidence.schema import CODES, OUTCOMES, ROLES
from debulk.evidence.tables import findings, study_codes
from debulk.reports.evidence.map_counts import evidence_map, map_picture
from debulk.web.evidence.drawing import drawn
from debulk.web.evidence.selection import Selection

_SHOWN = OUTCOMES[: OUTCOMES.index("quality of life") + 1]
"""Outcomes of patients; the others are of disease, trials and methods."""


def map_of(selection: Selection) -> tuple[dict[str, Any], dict[str, Any]]:
    """Studies by design and outcome, whatever design and outcome are chosen.

    Returns
    -------
    data : dict
        designs, rows of outcome with ``counts`` by design, and the finding in ``text``.
    view : dict
        The chart, its description, and the query string of each cell.
    """
    data, shown = _drawn(selection.but(outcome="", design=""))
    cells = ((outcome, design) for outcome in _SHOWN for design in data["designs"])
    links = {cell: selection.query(outcome=cell[0], design=cell[1]) for cell in cells}
    return data, {**shown, "links": links}


@lru_cache(maxsize=64)
def _drawn(selection: Selection) -> tuple[dict[str, Any], dict[str, Any]]:
    """The map of a selection without design and outcome: the same for all of them."""
    rows = _rows(selection)
    figure = evidence_map(
        rows,
        study_codes(),
        by="role",
        outcomes=_SHOWN,
        designs=CODES.words["design"],
        categories=ROLES,
        title=text("evidence.map.title"),
    )
    coded = rows.join(study_codes().select("study", "design"), on="study")
    counted = coded.group_by("design", "outcome").agg(pl.col("study").n_unique())
    counts = {(outcome, design): n for design, outcome, n in counted.iter_rows()}
    told = [
        {"outcome": each, "counts": {name: counts.get((each, name), 0) for name in figure.designs}}
        for each in _SHOWN
    ]
    cells = len(told) * len(figure.designs)
    sentence = text("evidence.map.sentence", gaps=cells - len(counts), cells=cells)
    picture = map_picture(figure)
    data = {"designs": list(figure.designs), "rows": told, "text": sentence}
    return data, {"chart": drawn(picture.chart), "alt": picture.alt}


def _rows(selection: Selection) -> pl.DataFrame:
    asked: dict[str, Any] = dict(selection.codes())
    comparison = without_any([selection.comparison] if selection.comparison else None)
    if comparison:
        asked["comparison"] = comparison
    rows = findings(outcome=list(_SHOWN), **asked).filter(pl.col("study") != "")
    return rows.filter(~pl.col("study").is_in(list(selection.outside_years())))
