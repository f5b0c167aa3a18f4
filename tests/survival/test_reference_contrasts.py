"""Numbers of survRM2 and simtrial; tests/reference/survival/make_restricted_mean.R makes them."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from debulk.survival.adjusted import adjusted_rmst
from debulk.survival.milestone import milestone_difference
from debulk.survival.restricted import rmst_difference, rmst_ratio, rmtl_ratio

HERE = Path(__file__).parents[1] / "reference" / "survival"
REFERENCE = json.loads((HERE / "restricted_mean.json").read_text(encoding="utf-8"))

CLOSED = 1e-10  # closed forms
ITERATIVE = 1e-6  # R's glm stops at a relative change of its deviance of 1e-8
NEAR_0 = 1e-9  # a coefficient that is nearly 0 keeps R's absolute error; p-values too

COLUMNS = {
    "veteran": ("time", "status", "trt", 1),
    "colon_death": ("time", "status", "rx", "Obs"),
    "ovarian": ("futime", "fustat", "rx", 1),
}
MEASURES = {"difference": "diff", "ratio": "ratio", "time lost ratio": "rmtl"}


def arms_of(case):
    frame = pl.read_csv(HERE / f"{case['dataset']}.csv", null_values="NA")
    time, event, arm, reference = COLUMNS[case["dataset"]]
    frame = frame.filter(pl.col(arm) != "Lev") if arm == "rx" and reference == "Obs" else frame
    return frame, (frame[time], frame[event], frame[arm]), reference


@pytest.mark.parametrize("case", REFERENCE["cases"], ids=lambda c: f"{c['dataset']}-{c['tau']}")
def test_differences_and_ratios(case):
    _, arrays, reference = arms_of(case)
    for estimator, expected in zip(
        (rmst_difference, rmst_ratio, rmtl_ratio), case["contrasts"], strict=True
    ):
        found = estimator(*arrays, case["tau"], reference=reference)
        actual = [found.estimate, found.lower, found.upper, found.p]
        np.testing.assert_allclose(actual, expected, rtol=CLOSED)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    "case",
    [case for case in REFERENCE["cases"] if case["ancova_covariates"]],
    ids=lambda case: f"{case['dataset']}-{case['tau']}",
)
def test_adjusted_contrasts(case, measure):
    frame, arrays, reference = arms_of(case)
    found = adjusted_rmst(
        *arrays,
        frame.select(case["ancova_covariates"]),
        case["tau"],
        reference=reference,
        measure=measure,
    )
    expected = np.array(case[f"ancova_{MEASURES[measure]}"])
    for column, actual in enumerate((found.coef, found.std_error, found.z, found.p)):
        np.testing.assert_allclose(actual, expected[:, column], rtol=ITERATIVE, atol=NEAR_0)
    # survRM2 gives limits of ratios, after exp(coef), and limits of differences.
    limits = np.stack([found.lower, found.upper], axis=1)
    limits = limits if measure == "difference" else np.exp(limits)
    np.testing.assert_allclose(limits, expected[:, -2:], rtol=ITERATIVE)
    assert found.terms == ("intercept", "2", *case["ancova_covariates"])
    shown = [found.contrast.lower, found.contrast.upper]
    np.testing.assert_allclose(shown, expected[1, -2:], rtol=ITERATIVE)


@pytest.mark.parametrize("case", REFERENCE["simtrial"], ids=lambda c: f"{c['dataset']}-{c['tau']}")
def test_restricted_means_and_milestones_of_simtrial(case):
    frame = pl.read_csv(HERE / f"{case['dataset']}.csv")
    arrays = frame["time"], frame["event"], frame["arm"]
    mean = rmst_difference(*arrays, case["tau"], reference="control", small_sample=True)
    np.testing.assert_allclose(
        [mean.estimate, mean.se], [case["rmst_est"], case["rmst_se"]], rtol=CLOSED
    )
    found = milestone_difference(*arrays, case["tau"], reference="control", scale="log-log")
    # simtrial subtracts the other way round.
    np.testing.assert_allclose(-found.estimate, case["milestone_est"][0], rtol=CLOSED)
    np.testing.assert_allclose(found.se, case["milestone_se"][0], rtol=CLOSED)
