"""Fits of R's package survival; tests/reference/survival/make_cox_fit.R makes the numbers."""

import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from debulk.survival.cox_model.model import cox

HERE = Path(__file__).parents[2] / "reference" / "survival"
CASES = json.loads((HERE / "cox_fit.json").read_text(encoding="utf-8"))["cases"]

SAME = 1e-9  # both programs iterate Newton's method until nothing changes
TEXT = re.compile(r"Surv\(([^)]*)\) ~ (.*)")


def frame_of(name):
    frame = pl.read_csv(HERE / f"{name}.csv", null_values=["NA", ""])
    return frame.with_columns(known=pl.col("age") / 100) if name == "lung" else frame


def arguments_of(case):
    left, right = TEXT.fullmatch(case["formula"]).groups()
    columns, terms = left.split(", "), re.split(r" \+ ", right)
    chosen = {"time": columns[-2], "event": columns[-1]}
    if len(columns) == 3:
        chosen["entry"] = columns[0]
    covariates = []
    for term in terms:
        inside = re.fullmatch(r"(strata|offset)\((.*)\)", term)
        if inside is None:
            covariates.append(term)
        elif inside[1] == "strata":
            chosen["strata"] = inside[2].split(", ")
        else:
            chosen["offset"] = inside[2]
    if any("(" in each for each in covariates):
        chosen["formula"] = " + ".join(covariates)
    else:
        chosen["covariates"] = covariates
    for name in ("weights", "cluster", "robust"):
        if case[name] is not None:
            chosen[name] = case[name]
    return chosen | {"ties": case["ties"]}


def same(actual, expected):
    expected = np.array(expected, dtype=float).reshape(np.shape(actual))
    size = np.abs(expected).max(initial=0.0)
    np.testing.assert_allclose(actual, expected, rtol=SAME, atol=SAME * size)


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case['data']}-{case['ties']}-{case['formula'][5:40]}"
)
def test_fit_is_that_of_r(case):
    model = cox(frame_of(case["data"]), **arguments_of(case))
    assert (model.n, model.events) == (case["n"], case["events"])
    same(model.coef, case["coef"])
    same(model.covariance, case["var"])
    assert model.robust == (case["naive_var"] is not None)
    if model.robust:
        same(model.naive_covariance, case["naive_var"])
        if "offset" not in case["formula"]:  # R leaves the offset out of this one test
            same(model.score_test.details["robust_statistic"], case["robust_score"])
    same(model.loglik, case["loglik"])
    same(model.score_test.statistic, case["score"])
    same(model.wald_test.statistic, case["wald"])
    same(model.means, case["means"])
    same(model.linear_predictor[:10], case["linear_predictor"])


def test_every_covariance_is_that_at_the_maximum():
    """Small ones show it: a covariance from the step before is off by 1e-8 of them, not 1e-10."""
    wanted = "Surv(time, event) ~ age + sex + ph.ecog"
    case = next(
        each
        for each in CASES
        if (each["data"], each["formula"], each["ties"]) == ("lung", wanted, "efron")
    )
    model = cox(frame_of("lung"), **arguments_of(case))
    expected = np.array(case["var"], dtype=float).reshape(3, 3)
    np.testing.assert_allclose(model.naive_covariance, expected, rtol=SAME)


FIRTH = json.loads((HERE / "cox_firth.json").read_text(encoding="utf-8"))["cases"]
SEARCHED = 2e-7  # R's optim finds the flat top of the penalised likelihood to this


@pytest.mark.parametrize("case", FIRTH, ids=lambda case: f"{case['ties']}-{case['formula'][:9]}")
def test_firth_is_the_maximum_of_the_penalised_likelihood(case):
    entered = {"entry": "a", "weights": "w", "robust": False} if case["weighted"] else {}
    model = cox(
        pl.read_csv(HERE / "cox_separated.csv"),
        time="t",
        event="e",
        covariates=["x", "z"],
        ties=case["ties"],
        penalty="firth",
        **entered,
    )
    np.testing.assert_allclose(model.coef, case["coef"], rtol=SEARCHED)
    np.testing.assert_allclose(model.loglik, case["loglik"], rtol=1e-12)
