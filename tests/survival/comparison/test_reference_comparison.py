"""What `debulk survival` says about real tables, against R (make_command_line.R)."""

import json
from pathlib import Path

import pytest

from debulk.survival.comparison import compare
from debulk.survival.comparison.adjustment import read_adjustment
from debulk.survival.comparison.choices import read_test
from debulk.survival.tables import read_table

FOLDER = Path(__file__).parents[2] / "reference" / "survival"
R = json.loads((FOLDER / "command_line.json").read_text())

ITERATIVE = 1e-6
"""Both sides iterate to a maximum of the likelihood."""
CLOSED = 1e-8
"""Sums over the same event times."""


def answer(name, *, tests=(), adjust=None, landmark=None, **columns):
    adjustment = None if adjust is None else read_adjustment(adjust)
    covariates = () if adjustment is None else adjustment.columns
    table = read_table(FOLDER / name, covariates=covariates, **columns)
    chosen = [read_test(text) for text in tests]
    return compare(table, tests=chosen, landmark=landmark, adjustment=adjustment)


def limits(estimate):
    return [estimate.estimate, estimate.lower, estimate.upper]


def test_entry_times_truncate_on_the_left():
    found = answer("heart.csv", time="stop", event="event", entry="start", group="transplant")
    assert limits(found.hazard_ratios["1"]) == pytest.approx(R["truncated"], rel=ITERATIVE)


def test_weights_give_robust_limits_and_a_wald_test():
    columns = {"time": "time", "event": "death", "group": "trt", "weights": "ipw"}
    found = answer("pbc_rct_ipw.csv", adjust="age,sex", **columns)
    assert limits(found.hazard_ratios["2"]) == pytest.approx(R["weighted"], rel=ITERATIVE)
    assert found.weighted_test.statistic == pytest.approx(R["weighted_wald"], rel=ITERATIVE)
    assert found.logrank is None
    model = [limits(each) for each in found.adjusted.hazard_ratios.values()]
    assert model == [pytest.approx(each, rel=ITERATIVE) for each in R["weighted_age"]]


def test_strata_stratify_the_test_and_the_ratio():
    columns = {"time": "time", "event": "status", "group": "trt", "strata": ["celltype"]}
    found = answer("veteran.csv", **columns)
    assert found.logrank.statistic == pytest.approx(R["stratified_chisq"], rel=CLOSED)
    assert limits(found.hazard_ratios["2"]) == pytest.approx(R["stratified"], rel=ITERATIVE)


def test_a_landmark_keeps_who_is_at_risk_there():
    found = answer("veteran.csv", time="time", event="status", group="trt", landmark=30)
    assert found.landmark.after == R["landmark_n"]
    assert found.logrank.statistic == pytest.approx(R["landmark_chisq"], rel=CLOSED)


def test_competing_causes():
    columns = {"time": "etime", "event": "ev", "group": "sex", "causes": True}
    found = answer("mgus2.csv", adjust="age,mspike", tests=["gray"], **columns)
    gray = found.competing.gray
    assert [gray.statistic, gray.p] == pytest.approx(R["gray"], rel=CLOSED)
    assert found.tests[0].result.statistic == gray.statistic
    ratio = found.competing.subdistribution["M"]
    assert limits(ratio) == pytest.approx(R["fine_gray"], rel=ITERATIVE)
    for name, wanted in (
        ("hazard_ratios", R["specific"]),
        ("subdistribution", R["fine_gray_adjusted"]),
    ):
        model = [limits(each) for each in getattr(found.adjusted, name).values()]
        assert model == [pytest.approx(each, rel=ITERATIVE) for each in wanted]
    zph = [row["chi_square"] for row in found.adjusted.proportionality]
    assert zph == pytest.approx(R["zph"], rel=ITERATIVE)
