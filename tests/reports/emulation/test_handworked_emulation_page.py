"""What the page of an emulated trial says beside its numbers."""

from __future__ import annotations

from typing import Any

import pytest

from debulk.core.results import Estimate
from debulk.emulation.checks.unmeasured import check_unmeasured_selection
from debulk.reports.emulation.page import page_of


def result(upper: float) -> dict[str, Any]:
    """An emulation with a hazard ratio of 0.5, as its JSON has it."""
    ratio = Estimate("a ratio", 0.5, 0.1, 0.4, upper, 0.95, 100, 50)
    effect = {"hazard_ratio": ratio.to_dict(), "rmst_difference": None, "risk_difference": None}
    naive = {"method": "naive", "title": "Naive", "effect": {**effect, "hazard_ratio": None}}
    main = {"method": "clone-censor-weight", "title": "Clones", "effect": effect}
    return {
        "title": "A trial",
        "patients": 100,
        "effect": effect,
        "effect_of": main["method"],
        "tau_months": 36.0,
        "answers": [
            {**naive, "caveats": ["a warning", "more of it"]},
            {**main, "caveats": ["only what is measured", "many were stood for alike"]},
        ],
        "refused": [],
        "published": None,
        "items": [],
        "checks": [check_unmeasured_selection(ratio).to_dict()],
        "flow": [],
        "excluded": [],
        "decisions": [],
        "not_known": [],
    }


def test_every_caveat_of_the_answer_is_on_the_page() -> None:
    page = page_of(result(0.625))
    assert page.remarks == ("a warning", "many were stood for alike")
    assert [row[-1] for row in page.tables[0].rows] == ["a warning", "only what is measured"]


def test_the_grid_of_tipping_points() -> None:
    table = next(each for each in page_of(result(0.625)).tables if "explain" in each.title)
    rows = {row[0]: row[1:] for row in table.rows}
    # Of a factor that halves the hazard, had by none of the others: 1 - p / 2 = 0.625.
    assert rows["2"][0] == "75 %"
    assert rows["1.25"][0] == "no share"
    assert table.heads[1] == "0 % of the others"


@pytest.mark.parametrize("upper", [1.0, 1.4])
def test_where_the_interval_holds_one_there_is_nothing_to_explain(upper: float) -> None:
    assert not [each for each in page_of(result(upper)).tables if "explain" in each.title]
