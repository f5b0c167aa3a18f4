"""Which findings enter a pool, and how the rest are counted."""

from __future__ import annotations

import polars as pl

from debulk.evidence.answers.findings_to_pool import of_one_measure

ROWS = pl.DataFrame(
    {
        "quantity": ["5y OS", "5y OS", "hazard ratio for death", "median OS", "5y OS"],
        "unit": ["share", "%", "ratio", "months", "%"],
        "value": [0.29, 31.0, 0.8, 20.0, None],
        "lower": [0.07, None, 0.6, None, None],
        "upper": [0.57, None, 1.1, None, None],
    }
)


def test_a_share_is_a_percentage_and_nothing_is_dropped_uncounted() -> None:
    kept, measure, excluded = of_one_measure(ROWS, "proportion")
    assert measure == "proportion"
    assert kept["unit"].to_list() == ["%", "%"]
    assert kept["value"].to_list() == [29.0, 31.0]
    assert kept.row(0)[2:5] == (29.0, 7.0, 57.0)
    assert [each.count for each in excluded] == [1, 1]
