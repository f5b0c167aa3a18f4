"""Does the page of an emulated trial say what the result says, warning and failed checks too?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from debulk.reports.emulation.curve_figures import methods_chart, strategy_curves_chart
from debulk.reports.emulation.flow_figure import flow_diagram
from debulk.reports.emulation.heat_map import HeatCell, heat_map
from debulk.reports.emulation.laboratory_page import (
    laboratory_pictures,
    situation_of,
    write_laboratory_page,
)
from debulk.reports.emulation.page import page_of, pictures_of, write_emulation_page

STRATEGIES = ("none", "local")


def estimate(value: float, lower: float, upper: float) -> dict[str, Any]:
    return {"estimate": value, "lower": lower, "upper": upper}


def curve(strategy: str, survival: list[float]) -> dict[str, Any]:
    return {
        "strategy": strategy,
        "time_months": [1.0, 6.0, 20.0],
        "survival": survival,
        "lower": [None if each == 0.0 else each - 0.1 for each in survival],
        "upper": [None if each == 0.0 else each + 0.1 for each in survival],
        "at_risk": [100.0, 80.4, 20.0],
    }


def answer(method: str, ratio: dict[str, Any] | None, contrast: str) -> dict[str, Any]:
    return {
        "method": method,
        "title": method.capitalize(),
        "contrast": contrast,
        "effect": {"hazard_ratio": ratio, "rmst_difference": None, "risk_difference": None},
        "tau_months": 36.0,
        "patients": {"none": 60, "local": 40},
        "curves": [curve("none", [0.9, 0.6, 0.0]), curve("local", [0.8, 0.7, 0.5])],
        "caveats": [f"caveat of {method}"],
    }


def checks() -> list[dict[str, Any]]:
    places = [{"strategy": each, "visit": visit} for each in STRATEGIES for visit in (0, 1)]
    chance = {"q1": 0.001, "q25": 0.1, "q50": 0.2, "q75": 0.3, "q99": 0.6}
    difference = {"covariate": "age", "time_zero": 0.05, "time_zero_unweighted": 0.2}
    details = {
        "positivity": {
            "chance_of_treatment": [{"visit": visit, **chance} for visit in (0, 1)],
            "least_chance": 0.01,
        },
        "weight tails": {
            "visits": [{**each, "clones": 100, "effective_size": 60.0} for each in places]
        },
        "balance": {"rows": [{**each, **difference} for each in places], "most_difference": 0.1},
    }
    state = {"balance": "fail"}
    return [
        {"check": name, "state": state.get(name, "pass"), "text": f"about {name}", "details": each}
        for name, each in details.items()
    ]


@pytest.fixture
def result() -> dict[str, Any]:
    main = answer("clone-censor-weight", estimate(0.95, 0.7, 1.3), "strategies")
    left_out = [{"reason": "progressed", "patients": 30}]
    return {
        "title": "A <b>trial</b>",
        "patients": 100,
        "tau_months": 36.0,
        "clones": 200,
        "effect": main["effect"],
        "effect_of": main["method"],
        "strategies": {name: {"patients": 100} for name in STRATEGIES},
        "answers": [answer("naive", estimate(0.5, 0.4, 0.6), "strategies"), main],
        "refused": [{"method": "landmark", "why": "nobody is left"}],
        "flow": [
            {"step": "patients of the registry", "patients": 130, "left_out": []},
            {"step": "time zero", "patients": 100, "left_out": left_out},
        ],
        "items": [{"check": "time zero", "state": "pass", "text": "one for all", "details": {}}],
        "checks": checks(),
        "excluded": left_out,
        "decisions": ["7 dates were partial"],
        "not_known": ["intent of surgery"],
        "published": {"hazard_ratio": 0.88, "lower": 0.7, "upper": 1.1, "source": "THE TRIAL"},
    }


def test_the_sentence_holds_answer_warning_trial_and_failed_checks(result: dict[str, Any]) -> None:
    page = page_of(result)
    for part in ("0.95 (0.70 to 1.30)", "0.50 (0.40 to 0.60)", "0.88", "failed: balance"):
        assert part in page.sentence
    assert page.remarks == ("caveat of naive",)
    assert any(row[:2] == ("landmark", "no answer") for row in page.tables[0].rows)
    assert page.sources == ("Not known: intent of surgery",)


def test_what_has_no_numbers_has_no_figure(result: dict[str, Any]) -> None:
    names = [each.name for each in pictures_of(result)]
    assert names == ["methods", "curves", "flow", "weights", "balance"]
    bare = {**result, "checks": []}
    assert [each.name for each in pictures_of(bare)] == ["methods", "curves", "flow"]


def test_files_are_written_and_text_is_no_markup(result: dict[str, Any], tmp_path: Path) -> None:
    names = write_emulation_page(tmp_path, result)
    assert len(names) == 5 * 3 + 1
    text = (tmp_path / "emulation.html").read_text(encoding="utf-8")
    assert "<b>trial</b>" not in text
    assert "30 patients: progressed" in text


def test_the_flow_counts_each_loss_once(result: dict[str, Any]) -> None:
    boxes = flow_diagram(result["flow"], {"none": 9}).boxes
    words = [text for box in boxes for _, text in box.lines]
    assert {"30 left out", "30 progressed", "9"} <= set(words)


def test_the_flow_names_clones_only_where_there_are_some(result: dict[str, Any]) -> None:
    def flow(found: dict[str, Any]) -> str:
        chart = next(each.chart for each in pictures_of(found) if each.name == "flow")
        return json.dumps(chart.to_dict())

    assert "clones in strategy" in flow(result)
    assert "clones in strategy" not in flow({**result, "clones": 0})


def test_methods_stand_by_what_they_compare(result: dict[str, Any]) -> None:
    others = [*result["answers"], answer("mantel-byar", None, "treated or not")]
    drawn = json.dumps(methods_chart(others, result["published"], "side by side").to_dict())
    for part in ("person-time: another question", "no hazard ratio", "THE TRIAL"):
        assert part in drawn


def test_curves_show_the_caveat_and_the_numbers(result: dict[str, Any]) -> None:
    drawn = json.dumps(strategy_curves_chart(result["answers"][1]).to_dict())
    assert "caveat of clone-censor-weight" in drawn
    assert "Hazard ratio 0.95 (0.70 to 1.30)" in drawn


def test_a_heat_map_writes_its_numbers() -> None:
    cells = [HeatCell("null", "naive", -0.5), HeatCell("null", "weighted", 0.0)]
    assert '"-0.50"' in json.dumps(heat_map(cells, "bias_log_hr").to_dict())
    covered = json.dumps(heat_map([HeatCell("null", "naive", 0.02)], "coverage").to_dict())
    assert '"2 %"' in covered


def test_the_laboratory_is_drawn_by_its_usual_interval() -> None:
    usual = {"log_hazard_ratio": {"bias": -0.4, "coverage": 0.1, "rejected": 0.9}}
    other = {"log_hazard_ratio": {"bias": -0.4, "coverage": 0.9, "rejected": 0.1}}
    cell = {
        "scenario": "null",
        "selection": "mild",
        "unmeasured": "none",
        "registries": 10,
        "patients": 200,
        "methods": [{"title": "Naive", "intervals": {"usual": usual, "second": other}}],
    }
    pictures = laboratory_pictures([cell])
    assert len(pictures) == 3
    assert '"10 %"' in json.dumps(pictures[1].chart.to_dict())
    assert situation_of(cell) == "no effect; mild selection; nothing unmeasured"


def test_the_laboratory_page_tells_what_situations_share_and_no_unknown_error(
    tmp_path: Path,
) -> None:
    score = {"bias": -0.4, "coverage": 0.1, "rejected": 0.9}
    errors = {"monte_carlo_error": None, "coverage_error": 0.02, "rejected_error": None}
    scores = {name: {**score, **errors} for name in ("log_hazard_ratio", "rmst_months")}

    def cell(selection: str, strength: float) -> dict[str, Any]:
        rows = [("patients", 200), ("selection_by_burden", strength)]
        return {
            "scenario": "null",
            "selection": selection,
            "unmeasured": "none",
            "registries": 10,
            "patients": 200,
            "methods": [{"title": "Naive", "intervals": {"usual": scores}}],
            "checks": [{"check": "either", "failed": 0.5, "timing": "natural"}],
            "provenance": {
                "remarks": [],
                "seed": 1,
                "parameters": [
                    {"name": name, "value": value, "note": "a note", "source": "a source"}
                    for name, value in rows
                ],
            },
        }

    write_laboratory_page(tmp_path, [cell("mild", 0.5), cell("hard", 1.5)])
    text = (tmp_path / "laboratory.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    assert "patients = 200: a note" in text
    assert "These differ by situation: selection_by_burden." in text
    assert "positivity or unseen tail fails in 50 % (natural)" in text
    assert "10.0 % (\u00b1 2.0)" in text
    assert "\u00b1 0" not in text
