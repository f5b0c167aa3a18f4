"""Pooling with biases: from the laboratory's file and the user's rules to the adjusted effect."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from debulk.core import InputError
from debulk.evidence.pooling.bias import BiasEstimate
from debulk.evidence.pooling.bias_adjusted import TOO_SURE, pool_bias_adjusted
from debulk.evidence.pooling.bias_rules import assign_bias, read_bias_rules
from debulk.evidence.pooling.bias_table import read_bias_table
from debulk.evidence.pooling.random_effects import pool

LABORATORY: dict[str, Any] = {
    # Made-up numbers in the shape of the laboratory's file.
    "scenario": "null",
    "selection": "hard",
    "unmeasured": "none",
    "registries": 400,
    "patients": 2000,
    "truth": {"log_hr": 0.0},
    "methods": [
        {
            "method": "naive",
            "bias_log_hr": -0.5,
            "coverage": 0.0,
            "false_positive": 1.0,
            "power": None,
            "monte_carlo_error": 0.03,
        },
        {
            "method": "landmark",
            "bias_log_hr": -0.3,
            "coverage": 0.1,
            "false_positive": 0.9,
            "power": None,
            "monte_carlo_error": 0.04,
        },
    ],
}
RULES = """
rules:
  - when: {immortal_time: [some, high], selection_on_response: high}
    situations:
      - {analysis: naive, scenario: null, selection: hard, unmeasured: none}
      - {analysis: landmark, scenario: null, selection: hard, unmeasured: none}
    extra_sd: 0.2
    why: whoever lived long enough was treated
  - when: {immortal_time: low, selection_on_response: low}
    situations: []
    why: consecutive patients, time zero at diagnosis
"""
CODES = {
    "registry": {"design": "cohort", "immortal_time": "high", "selection_on_response": "high"},
    "cohort": {"design": "cohort", "immortal_time": "low", "selection_on_response": "low"},
    "trial": {"design": "randomised", "immortal_time": "low", "selection_on_response": "low"},
}
EFFECTS, ERRORS = (-0.8, -0.2, -0.1), (0.1, 0.2, 0.15)


def _table(folder: Path, content: Any = None, name: str = "bias.json") -> Path:
    file = folder / name
    text = content if isinstance(content, str) else json.dumps(content or LABORATORY)
    file.write_text(text, encoding="utf-8")
    return file


def _rules(folder: Path, text: str = RULES) -> Path:
    file = folder / "rules.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def _changed(place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    content = json.loads(json.dumps(LABORATORY))
    part = content
    for each in place[:-1]:
        part = part[each]
    part[place[-1]] = value
    return content


def test_handworked_from_file_to_effect(tmp_path: Path) -> None:
    table = read_bias_table(_table(tmp_path))
    biases = assign_bias(CODES, read_bias_rules(_rules(tmp_path)), table)
    assert biases[1:] == (None, None)
    bias = biases[0]
    assert bias is not None
    assert bias.mean == pytest.approx(-0.4)
    assert bias.monte_carlo_error == pytest.approx(0.05 / 2)
    # Own judgement 0.2, spread of -0.5 and -0.3, Monte Carlo error of their mean.
    assert bias.sd**2 == pytest.approx(0.04 + 0.02 + 0.025**2)
    assert (bias.analysis, bias.scenario) == ("naive; landmark", "null")
    found = pool_bias_adjusted(EFFECTS, ERRORS, bias=biases, names=list(CODES), method="dl")
    expected = pool((-0.4, -0.2, -0.1), (math.hypot(0.1, bias.sd), 0.2, 0.15), method="dl")
    assert found.adjusted.estimate == pytest.approx(expected.estimate)
    assert found.adjusted.se == pytest.approx(expected.se)
    assert found.unadjusted.estimate == pool(EFFECTS, ERRORS, method="dl").estimate
    assert [each.shift for each in found.studies] == pytest.approx([0.4, 0.0, 0.0])
    assert "Taken as unbiased: cohort, trial" in found.provenance.remarks
    assert "bias.json" in found.provenance.inputs
    # One biased study: nothing is shared.
    assert found.se_if_shared == pytest.approx(found.adjusted.se)
    json.dumps(found.to_dict(), allow_nan=False)


def test_handworked_down_weight_keeps_estimates_and_widens() -> None:
    bias = BiasEstimate(mean=-0.3, sd=0.4, note="a guess")
    found = pool_bias_adjusted(EFFECTS, ERRORS, bias=(bias, None, None), how="down-weight")
    expected = pool(EFFECTS, (math.sqrt(0.1**2 + 0.3**2 + 0.4**2), 0.2, 0.15))
    assert found.adjusted.estimate == pytest.approx(expected.estimate)
    assert [each.shift for each in found.studies] == [0.0, 0.0, 0.0]
    assert found.studies[0].adjusted_weight < found.studies[0].weight


def test_handworked_shared_bias_does_not_average_out() -> None:
    bias = BiasEstimate(mean=0.0, sd=0.3, note="a guess")
    found = pool_bias_adjusted(
        (0.0, 0.1), (0.1, 0.1), bias=(bias, bias), method="ee", interval="wald"
    )
    # Two equal studies: independent (0.01 + 0.09) / 2; shared 0.01 / 2 + 0.09.
    assert found.adjusted.se**2 == pytest.approx(0.05)
    assert found.se_if_shared**2 == pytest.approx(0.095)


def test_study_of_unbounded_bias_has_no_weight_and_is_counted() -> None:
    bias = BiasEstimate(mean=-0.3, sd=math.inf, note="nothing is known")
    found = pool_bias_adjusted(EFFECTS, ERRORS, bias=(bias, None, None))
    assert found.adjusted.estimate == pool(EFFECTS[1:], ERRORS[1:]).estimate
    assert found.studies[0].adjusted_weight == 0.0
    assert found.studies[0].adjusted_se is None
    assert found.provenance.exclusions[0].count == 1
    with pytest.raises(InputError, match="1 of 3 studies keep a weight"):
        pool_bias_adjusted(EFFECTS, ERRORS, bias=(bias, bias, None))


def test_bias_known_to_monte_carlo_error_alone_is_remarked() -> None:
    bias = BiasEstimate(mean=-0.3, sd=0.01, monte_carlo_error=0.01, note="a guess")
    found = pool_bias_adjusted(EFFECTS, ERRORS, bias=(bias, None, None))
    assert TOO_SURE in found.provenance.remarks


def test_several_files_and_a_list(tmp_path: Path) -> None:
    other = {**LABORATORY, "unmeasured": "strong"}
    both = read_bias_table(_table(tmp_path, [LABORATORY, other]))
    apart = read_bias_table([_table(tmp_path, name="a.json"), _table(tmp_path, other, "b.json")])
    assert [each.unmeasured for each in both.cells] == [each.unmeasured for each in apart.cells]
    assert list(apart.cell("naive", "null", "hard", "strong").inputs) == ["b.json"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not JSON"),
        ("{", "line 1"),
        ("3", "no table of bias"),
        ("[]", "empty list"),
        ("[[]]", "entry 1"),
        (f"[{'[' * 100_000}", "nested too deeply"),
        (f'{{"scenario": {"9" * 5000}}}', "not JSON"),
        (_changed(("scenario",), None), "scenario"),
        (_changed(("methods",), []), "methods"),
        (_changed(("methods", 1, "bias_log_hr"), None), "methods.1.bias_log_hr"),
        (_changed(("methods", 1, "bias_log_hr"), math.nan), "methods.1.bias_log_hr"),
        (_changed(("methods", 1, "bias_log_hr"), -40.0), "methods.1.bias_log_hr"),
        (_changed(("methods", 1, "bias_log_hr"), "-0.3"), "methods.1.bias_log_hr"),
        (_changed(("methods", 0, "monte_carlo_error"), -0.1), "methods.0.monte_carlo_error"),
        (_changed(("methods", 1, "method"), "naive"), "'naive' comes twice"),
        (_changed(("registries",), 0), "registries"),
        ([LABORATORY, LABORATORY], "is told already in bias.json"),
    ],
)
def test_hostile_table_is_told_with_its_place(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(InputError, match=message.replace(".", r"\.")) as caught:
        read_bias_table(_table(tmp_path, content))
    assert "bias.json" in str(caught.value)


def test_hostile_files_of_one_name_and_none(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    files = [_table(tmp_path), _table(tmp_path / "other", {**LABORATORY, "selection": "mild"})]
    with pytest.raises(InputError, match="another file is called"):
        read_bias_table(files)
    with pytest.raises(InputError, match="debulk emulate laboratory"):
        read_bias_table([])
    with pytest.raises(InputError, match="no such file"):
        read_bias_table(tmp_path / "absent.json")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    extra_sd: 0.2\n", "", "line 3.*Add extra_sd"),
        ("extra_sd: 0.2", "extra_sd: -1", "line 7.*extra_sd"),
        ("extra_sd: 0.2", "extra_sd: .inf", "line 7.*extra_sd"),
        ("    situations: []\n", "    situations: []\n    extra_sd: 0.1\n", "Drop extra_sd"),
        ("selection: hard, unmeasured: none}", "unmeasured: none}", "'selection' is missing"),
        ("when: {immortal_time: low, selection_on_response: low}", "when: {}", "line 9"),
        ("why: whoever", "wy: whoever", "'why'"),
        ("rules:", "rulez:", "'rules' is missing"),
    ],
)
def test_hostile_rules_are_told_with_their_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_bias_rules(_rules(tmp_path, RULES.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("analysis: naive", "analysis: naif", "Did you mean 'naive'"),
        ("selection: hard", "selection: mild", "no selection 'mild' in the tables of bias for"),
        ("immortal_time: [some", "immortal: [some", "'immortal' is not coded, but .*line 3"),
        ("[some, high]", "some", "no rule fits immortal_time 'high'"),
        (
            "{immortal_time: low, selection_on_response: low}",
            "{immortal_time: high}",
            "line 3 and .*line 9 both fit",
        ),
    ],
)
def test_hostile_rules_that_do_not_meet_studies_or_table(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    table = read_bias_table(_table(tmp_path))
    rules = read_bias_rules(_rules(tmp_path, RULES.replace(old, new, 1)))
    with pytest.raises(InputError, match=message):
        assign_bias(CODES, rules, table)


@pytest.mark.parametrize(
    ("bias", "message"),
    [
        (None, "debulk emulate laboratory"),
        ((None, None, None), "No numbers on bias come with the package"),
        ((None,), "has 1 values for 3 studies"),
        (0.3, "not one bias a study"),
        ((0.3, None, None), "study '1'.*no BiasEstimate"),
        ((BiasEstimate(math.nan, 0.1, note="x"), None, None), "mean nan"),
        ((BiasEstimate(0.1, -0.1, note="x"), None, None), "sd -0.1"),
        ((BiasEstimate(0.1, math.nan, note="x"), None, None), "sd nan"),
        ((BiasEstimate(0.1, 0.1), None, None), "says not where it comes from"),
    ],
)
def test_hostile_bias(bias: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        pool_bias_adjusted(EFFECTS, ERRORS, bias=bias)


def test_hostile_way_of_adjusting() -> None:
    with pytest.raises(InputError, match="Did you mean 'shift'"):
        pool_bias_adjusted(EFFECTS, ERRORS, bias=(None,) * 3, how="shft")  # type: ignore[arg-type]
