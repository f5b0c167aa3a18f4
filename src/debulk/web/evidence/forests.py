"""Forests of the page of evidence: randomised trials, and, apart from them, series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from debulk.core.strings import text
from debulk.evidence.schema import RISKS
from debulk.reports.evidence.forests import study_rows
from debulk.reports.evidence.wording import axis_title, estimate_title
from debulk.reports.figures.forest import ForestFigure, ForestRow, forest_chart
from debulk.web.evidence.drawing import drawn
from debulk.web.evidence.series import Compared

_MARKS = {"high": "++", "some": "+", "low": "0", "unclear": "?", "not applicable": "n"}
"""How strongly a study is at risk of a bias, so that a row can hold three."""


def risk_marks(risks: Mapping[str, str]) -> str:
    """Three biases as letters with a mark, explained by `legend`."""
    return "  ".join(f"{text(f'evidence.letters.{risk}')} {_MARKS[risks[risk]]}" for risk in RISKS)


def compared_forest(rows: Sequence[Compared], outcome: str) -> dict[str, Any]:
    """Comparisons in series: as published, then with the bias of the laboratory taken off.

    Parameters
    ----------
    rows : sequence of Compared
        Not empty.
    outcome : str
    """
    lines = [ForestRow(text("evidence.series.as_published"), kind="heading")]
    lines += [_row(each, each.published) for each in rows]
    lines.append(ForestRow(text("evidence.series.adjusted"), kind="heading"))
    lines += [_row(each, each.adjusted) for each in rows]
    figure = ForestFigure(
        title=text("evidence.series.compared_title", outcome=outcome),
        x_title=text("evidence.series.axis"),
        rows=tuple(lines),
        favours=(text("evidence.favours.local"), text("evidence.favours.none")),
        counts_title=text("evidence.flags_title"),
        estimate_title=text("evidence.series.ratio_title"),
        notes=tuple(text("evidence.legend").split("\n")),
    )
    return drawn(forest_chart(figure))


def _row(each: Compared, ratio: Mapping[str, float]) -> ForestRow:
    ends = (ratio["estimate"], ratio["lower"], ratio["upper"])
    return ForestRow(each.name, *ends, counts=risk_marks(each.risks))


def followed_forest(
    pool: Mapping[str, Any], risks: Mapping[str, Mapping[str, str]], quantity: str
) -> dict[str, Any]:
    """Shares alive in series, each with its biases beside it.

    Parameters
    ----------
    pool : mapping
        What ``debulk evidence pool --json`` prints of them.
    risks : mapping of str to mapping
        Level of each bias by study.
    quantity : str
    """
    rows = tuple(
        replace(row, counts=risk_marks(risks[row.label]), weight=None) for row in study_rows(pool)
    )
    figure = ForestFigure(
        title=text("evidence.series.followed_title", quantity=quantity),
        x_title=axis_title(pool),
        rows=rows,
        counts_title=text("evidence.flags_title"),
        estimate_title=estimate_title(pool),
        notes=tuple(text("evidence.legend").split("\n")),
        null=None,
        logarithmic=False,
        within=(0.0, 100.0),
        whole=True,
    )
    return drawn(forest_chart(figure))
