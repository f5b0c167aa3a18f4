"""Numbers of R's package survival; tests/reference/survival/make_reference.R makes them."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from debulk.survival import hazard_ratio, hazard_ratios, kaplan_meier, logrank, rmst_difference
from debulk.survival.tables import example_table

HERE = Path(__file__).parents[1] / "reference" / "survival"
REFERENCE = json.loads((HERE / "survival.json").read_text(encoding="utf-8"))

CLOSED = 1e-12  # closed forms: both programs round a few hundred additions
ITERATIVE = 1e-9  # both iterate Newton's method to convergence
MACHINE = 1e-13  # where a number is exactly 0 in one program and rounding in the other


def numbers(values):
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def frame_of(name):
    if name == "colon":
        table = example_table("colon")
        return pl.DataFrame({"time": table.time, "status": table.event, "rx": table.group})
    frame = pl.read_csv(HERE / f"{name}.csv", null_values="NA")
    if name == "veteran":
        load = 1 + np.arange(1, frame.height + 1) % 4 / 3
        frame = frame.with_columns(load=pl.Series(load))
    return frame


def parts_of(case):
    left, right = case["formula"].split(" ~ ")
    return left.removeprefix("Surv(").removesuffix(")").split(", "), right.split(" + ")


def same(actual, expected, rtol=CLOSED):
    np.testing.assert_allclose(actual, numbers(expected), rtol=rtol, atol=MACHINE, equal_nan=True)


@pytest.mark.parametrize(
    "case", REFERENCE["curves"], ids=lambda case: f"{case['data']}-{case['conf_type']}"
)
def test_curve_quantiles_and_restricted_mean(case):
    frame, (columns, _) = frame_of(case["data"]), parts_of(case)
    curve = kaplan_meier(
        frame[columns[-2]],
        frame[columns[-1]],
        entry=frame[columns[0]] if len(columns) == 3 else None,
        weights=frame["load"] if case["weighted"] else None,
        conf_type=case["conf_type"],
    )
    for name in ("time", "at_risk", "events", "survival", "std_error", "lower", "upper"):
        same(getattr(curve, name), case[name])
    found = [curve.quantile(p) for p in (0.25, 0.5, 0.75)]
    same([each.estimate for each in found], case["quantile"])
    same([each.lower for each in found], case["quantile_lower"])
    same([each.upper for each in found], case["quantile_upper"])
    mean = curve.rmst(case["tau"])
    same([mean.estimate], case["rmst"])
    same([mean.se], case["rmst_se"])


@pytest.mark.parametrize(
    "case", REFERENCE["tests"], ids=lambda case: f"{case['data']}-{case['formula']}-{case['rho']}"
)
def test_rank_tests(case):
    frame, (columns, terms) = frame_of(case["data"]), parts_of(case)
    strata = None
    if len(terms) == 2:
        strata = frame[terms[1].removeprefix("strata(").removesuffix(")")]
    result = logrank(
        frame[columns[0]],
        frame[columns[1]],
        frame[terms[0]],
        strata=strata,
        weighting="peto" if case["rho"] == 1 else "logrank",
    )
    same(list(result.observed.values()), case["observed"])
    same(list(result.expected.values()), case["expected"])
    same([result.statistic], case["chisq"])
    same([result.p], case["p"])
    assert result.df == case["df"]
    if result.df == 1:
        other = list(result.observed)[1]
        more = result.observed[other] > result.expected[other]
        assert result.z == pytest.approx(np.sqrt(result.statistic) * (1 if more else -1))
    else:
        assert result.z is None


@pytest.mark.parametrize(
    "case", REFERENCE["ratios"], ids=lambda case: f"{case['data']}-{case['ties']}"
)
def test_hazard_ratios(case):
    frame, (columns, terms) = frame_of(case["data"]), parts_of(case)
    arrays = (frame[columns[0]], frame[columns[1]], frame[terms[0]])
    found = list(hazard_ratios(*arrays, ties=case["ties"]).values())
    same([np.log(each.estimate) for each in found], case["coef"], ITERATIVE)
    same([each.se for each in found], case["se"], ITERATIVE)
    same([each.p for each in found], case["p"], ITERATIVE)
    if len(found) == 1:
        assert hazard_ratio(*arrays, ties=case["ties"]) == found[0]


@pytest.mark.parametrize("case", REFERENCE["differences"], ids=lambda case: case["data"])
def test_restricted_mean_differences(case):
    frame, (columns, terms) = frame_of(case["data"]), parts_of(case)
    found = rmst_difference(frame[columns[0]], frame[columns[1]], frame[terms[0]], case["tau"])
    same([found.estimate], case["estimate"])
    same([found.se], case["se"])
