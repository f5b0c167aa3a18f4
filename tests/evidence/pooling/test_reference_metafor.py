"""Numbers of the R package metafor, made by make_rma.R beside them."""

import csv
import functools
import json
from pathlib import Path

import numpy as np
import pytest

from debulk.evidence.pooling.heterogeneity import variance_between, variance_between_se
from debulk.evidence.pooling.one_mean import limits_of_one_mean
from debulk.evidence.pooling.prediction import predicted_effects
from debulk.evidence.pooling.q_profile import variance_limits
from debulk.evidence.pooling.random_effects import pool

HERE = Path(__file__).parents[2] / "reference" / "metafor"
CASES = json.loads((HERE / "rma.json").read_text(encoding="utf-8"))["cases"]
INTERVALS = {"z": "wald", "knha": "hksj", "adhoc": "hksj-adhoc"}

ITERATED = 5e-9  # metafor stops at a change of 1e-12 in tau2, which is 0.001 in some data sets
ZERO = 1e-12  # where a number is 0 in one program and rounding in the other
TWIN = 1e-10  # two algorithms of ours for the same number


@functools.cache
def rows_of(name):
    with (HERE / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def inputs(case):
    rows, name = rows_of(case["data"]), case["moderator"]
    moderators = None
    if name is not None:
        rows = [row for row in rows if row[name] != "NA"]
        words = name == "alloc"
        moderators = {name: [row[name] if words else float(row[name]) for row in rows]}
    estimates = np.array([float(row["yi"]) for row in rows])
    variances = np.array([float(row["vi"]) for row in rows])
    return estimates, np.sqrt(variances), moderators


def pooled(case):
    estimates, errors, moderators = inputs(case)
    interval = INTERVALS[case["test"]]
    return pool(estimates, errors, method=case["method"], interval=interval, moderators=moderators)


def close(actual, expected):
    if expected is None:
        assert actual is None
        return
    actual = np.asarray(actual, dtype=float).ravel()
    np.testing.assert_allclose(actual, np.ravel(expected), rtol=ITERATED, atol=ZERO)


def name_of(case):
    return "-".join(str(case[each]) for each in ("data", "method", "test", "moderator"))


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_model_is_metafors(case):
    found = pooled(case)
    assert found.k == case["k"]
    for name in ("estimate", "se", "statistic", "p", "lower", "upper"):
        close([getattr(each, name) for each in found.coefficients], case[name])
    close(found.covariance, case["covariance"])
    for name in ("tau2", "tau2_se", "i2", "h2", "r2", "q", "q_p", "qm", "qm_p"):
        close(getattr(found, name), case[name])
    for name in ("log_likelihood", "aic", "bic"):
        told = getattr(found, name)
        close([told["ml"], told["reml"]], case[name])
    prediction = [found.prediction.lower, found.prediction.upper]
    assert (prediction == [None, None]) == (case["prediction"] is None)
    if case["prediction"] is not None:
        close(prediction, case["prediction"])
    for name in ("tau2", "i2", "h2"):
        limits = getattr(found, f"{name}_limits")
        expected = (case["limits"] or {}).get(name, [None, None])
        assert (limits.lower is None) == (expected[0] is None)
        if limits.lower is not None:
            close([limits.lower, limits.upper], expected)
    if case["weights"] is not None:
        close([each.weight for each in found.studies], case["weights"])


@pytest.mark.parametrize("case", [each for each in CASES if each["predicted"]], ids=name_of)
def test_a_regressions_predictions_are_metafors(case):
    found = predicted_effects(pooled(case), {case["moderator"]: [5.0, 30.0]})
    for name in ("estimate", "se", "lower", "upper"):
        close([getattr(each, name) for each in found], case["predicted"][name])
    if case["method"] != "ee":
        close([each.prediction.lower for each in found], case["predicted"]["prediction_lower"])
        close([each.prediction.upper for each in found], case["predicted"]["prediction_upper"])


@pytest.mark.parametrize(
    "case", [each for each in CASES if not each["moderator"] and each["test"] == "z"], ids=name_of
)
def test_the_algebra_for_moderators_gives_the_same_without_them(case):
    """The closed sums of one mean and the matrices of a regression are twins."""
    estimates, errors, _ = inputs(case)
    data = (estimates, errors**2, np.ones((len(estimates), 1)))
    found = pooled(case)
    tau2 = variance_between(*data, case["method"])
    np.testing.assert_allclose(found.tau2, tau2, rtol=TWIN, atol=ZERO)
    if case["method"] != "ee":
        se = variance_between_se(*data, case["method"], tau2)
        np.testing.assert_allclose(found.tau2_se, se, rtol=TWIN)
    ours = limits_of_one_mean(estimates, errors**2, 0.9)
    np.testing.assert_allclose(ours, variance_limits(*data, 0.9), rtol=TWIN, atol=ZERO)
