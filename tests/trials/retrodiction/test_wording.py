"""Sentences follow from the numbers."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from types import SimpleNamespace

made_up = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("made_up.py"))))


def test_a_hit_says_where_in_the_distribution_the_result_lies() -> None:
    comment = made_up.entry("A", 0.8, 0.85).comment
    assert comment.startswith("Inside: 62 % of predicted hazard ratios lie below the published")
    assert "a ratio alone cannot show" in comment


def test_a_miss_says_on_which_side_and_which_arm_is_off() -> None:
    gamma = made_up.usual().trials[2]
    assert gamma.inside is False
    assert "less effective than the trial found" in gamma.comment
    assert "In the control arm the model's patients live longer than the trial's" in gamma.comment
    assert "18.0 published" in gamma.comment
    assert "does not hold the published value" in gamma.comment
    above = made_up.entry("B", 0.5, 1.2).comment
    assert "more effective than the trial found" in above


def test_a_miss_with_a_fitting_control_arm_blames_the_treatment() -> None:
    arms = {"median_os_control_months": 30.0, "median_os_experimental_months": 31.0}
    assert "what the treatment does that is off" in made_up.entry("A", 0.95, 0.4, arms=arms).comment


def test_a_miss_without_survival_of_the_control_arm_blames_nothing() -> None:
    comment = made_up.entry("A", 0.95, 0.4, arms={"median_os_experimental_months": 31.0}).comment
    assert "The control arm's survival fits" not in comment


def test_a_fitting_ratio_of_wrong_arms_is_told() -> None:
    arms = {"median_os_control_months": 15.0, "median_os_experimental_months": 16.0}
    comment = made_up.entry("A", 0.9, 0.9, arms=arms).comment
    assert "prognosis is off, not the effect" in comment


def test_what_delivery_explains() -> None:
    def words(first: float, second: float, estimate: float) -> str:
        return made_up.entry("A", first, estimate, delivered=second).delivery_says

    assert "most of the difference was about surgery" in words(0.7, 0.85, 0.88)
    assert "some of the difference was about surgery" in words(0.7, 0.77, 0.88)
    assert "not about surgery" in words(0.7, 0.72, 0.88)
    assert "away from the published" in words(0.7, 0.6, 0.88)
    assert "past the published" in words(0.7, 0.99, 0.8)
    assert "stays at 0.70" in words(0.7, 0.703, 0.88)


def test_a_figure_that_the_simulation_cannot_reach_is_told_as_the_models() -> None:
    text = made_up.entry("A", 0.7, 0.88, delivered=0.8).delivery_says
    assert "Reported: share treated, 72 %; the simulation reaches 50 %" in text
    assert "an error of the model's patients" in text


def test_a_verdict_within_the_monte_carlo_error_says_so() -> None:
    limit = made_up.entry("A", 0.8, 0.8).blind.effect.lower
    for side in (0.999, 1.001):
        assert (
            "by less than twice the Monte Carlo error"
            in made_up.entry("A", 0.8, limit * side).comment
        )
    assert "by less than" not in made_up.entry("A", 0.8, 0.85).comment


def test_what_is_not_predicted_says_why() -> None:
    zeta = made_up.unpredicted("ZETA")
    assert zeta.comment.startswith("Not predicted: the disease model does not fit it")
    assert zeta.inside is None


def test_the_json_contract() -> None:
    content = made_up.usual().to_dict()
    assert {"posterior", "trials", "coverage", "coverage_p"} <= set(content)
    assert "sha256" in content["posterior"]
    keys = {"trial", "role", "applicability", "measure", "predicted", "published", "inside"}
    for each in content["trials"]:
        assert keys | {"comment"} <= set(each)
        assert each["applicability"] in ("full", "partial", "none")
        assert each["measure"] in ("hazard_ratio", "median_ratio")
        if each["applicability"] == "none":
            assert each["predicted"] is None
            assert each["inside"] is None
    assert {"median", "lower", "upper"} <= set(content["trials"][0]["predicted"])
    assert {"estimate", "lower", "upper"} <= set(content["trials"][0]["published"])
    assert "NaN" not in json.dumps(content, allow_nan=False)
