"""Numbers of R, made by make_rank_tests.R and make_weighted_logrank.R beside them."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from debulk.survival.rank.largest import largest_beyond
from debulk.survival.rank.logrank import logrank
from debulk.survival.rank.max_combo import max_combo
from debulk.survival.rank.one_sample import one_sample_logrank
from debulk.survival.rank.trend import logrank_trend
from debulk.survival.rank.weightings import FlemingHarrington, ModestlyWeighted

ROOT = Path(__file__).parents[3]
HERE = ROOT / "tests" / "reference" / "survival"
R = json.loads((HERE / "rank_tests.json").read_text(encoding="utf-8"))
OTHERS = json.loads((HERE / "weighted_logrank.json").read_text(encoding="utf-8"))

CLOSED = 1e-10  # closed forms; R's numbers are written with 15 digits
MACHINE = 1e-12  # where a number is exactly 0 in one program and rounding in the other
MIWA = 2e-6  # R's deterministic integration on its finest grid
QUASI_MONTE_CARLO = 1e-3  # simtrial integrates a singular correlation with few points


def frame_of(name):
    if name.startswith("colon"):
        frame = pl.read_csv(
            ROOT / "src" / "debulk" / "data" / "examples" / "colon.csv", null_values="NA"
        )
        frame = frame.filter(pl.col("etype") == (2 if name == "colon_death" else 1))
        return frame.with_columns(rx=pl.col("rx").cast(pl.Enum(["Obs", "Lev", "Lev+5FU"])))
    frame = pl.read_csv(HERE / f"{name}.csv", null_values="NA")
    if name == "lung":
        frame = frame.with_columns(begin=(0.3 * pl.col("time")).floor())
    if name == "heart":
        frame = frame.with_columns(band=1 + (pl.col("age") > -5) + (pl.col("age") > 3))
    return frame


def close(actual, expected, rtol=CLOSED):
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=MACHINE)


@pytest.mark.parametrize(
    "case",
    R["survdiff"],
    ids=lambda case: f"{case['data']}-{case['group']}-{case['strata']}-{case['rho']}",
)
def test_survdiff(case):
    frame, strata = frame_of(case["data"]), None
    if case["strata"] is not None:
        frame = frame.drop_nulls(case["strata"])
        strata = frame[case["strata"]]
    result = logrank(
        frame[case["time"]],
        frame[case["event"]],
        frame[case["group"]],
        strata=strata,
        weighting=FlemingHarrington(case["rho"], 0),
    )
    close(list(result.observed.values()), case["observed"])
    close(list(result.expected.values()), case["expected"])
    close(result.details["variance"], case["variance"], 1e-9)  # R's is summed another way
    close(result.statistic, case["statistic"])
    assert result.df == case["df"]
    named = {0: "logrank", 1: "peto"}.get(case["rho"])
    if named:
        same = logrank(
            frame[case["time"]],
            frame[case["event"]],
            frame[case["group"]],
            strata=strata,
            weighting=named,
        )
        assert same.statistic == result.statistic


def test_entry_times_against_score_tests():
    heart, lung = frame_of("heart"), frame_of("lung")
    arrays = (heart["stop"], heart["event"], heart["band"])
    close(logrank(*arrays, entry=heart["start"]).statistic, R["entry"]["heart"])
    within = logrank(*arrays, entry=heart["start"], strata=heart["surgery"])
    close(within.statistic, R["entry"]["heart_strata"])
    two = logrank(lung["time"], lung["event"], lung["sex"], entry=lung["begin"])
    close(two.statistic, R["entry"]["lung"])


def test_trend_against_score_tests():
    heart, veteran = frame_of("heart"), frame_of("veteran")
    result = logrank_trend(
        heart["stop"], heart["event"], heart["band"], entry=heart["start"], strata=heart["surgery"]
    )
    close(result.statistic, R["trend"]["heart_strata"])
    arrays = (veteran["time"], veteran["status"], veteran["celltype"])
    order = ["squamous", "large", "smallcell", "adeno"]
    result = logrank_trend(*arrays, order=order)
    close(result.statistic, R["trend"]["veteran"])
    assert result.z > 0  # the order was chosen by rising hazard
    uneven = dict(zip(order, [0, 1, 5, 7], strict=True))
    close(logrank_trend(*arrays, scores=uneven).statistic, R["trend"]["veteran_uneven"])
    listed = logrank_trend(*arrays, order=order, scores=[0, 1, 5, 7], strata=veteran["trt"])
    close(listed.statistic, R["trend"]["veteran_strata"])


def test_one_sample():
    lung, case = frame_of("lung"), R["one_sample"]
    result = one_sample_logrank(lung["time"], lung["event"], expected=case["rate"])
    assert result.observed == {"sample": case["observed"]}
    close(result.expected["sample"], case["expected"])
    close(result.statistic, case["statistic"])
    close(result.details["ratio"], case["ratio"])
    close(result.details["ratio_lower"], case["lower"])
    close(result.details["ratio_upper"], case["upper"])


@pytest.mark.parametrize(
    "case",
    OTHERS["weighted"],
    ids=lambda case: "-".join(str(case.get(k, "")) for k in ("data", "rho", "gamma", "t_star")),
)
def test_weighted_tests_of_nphrct_and_simtrial(case):
    frame = frame_of(case["data"])
    if case["method"] == "fh":
        weighting = FlemingHarrington(case["rho"], case["gamma"])
    else:
        weighting = ModestlyWeighted(case.get("t_star"), case.get("s_star"))
    result = logrank(
        frame["time"], frame["event"], frame["arm"], reference="control", weighting=weighting
    )
    excess = result.observed["experimental"] - result.expected["experimental"]
    close(excess, case["u"])
    close(result.details["variance"][1][1], case["variance"])
    close(result.z, case["z"])


@pytest.mark.parametrize("case", OTHERS["max_combo"], ids=lambda case: case["data"])
def test_max_combo_of_simtrial(case):
    frame = frame_of(case["data"])
    result = max_combo(
        frame["time"], frame["event"], frame["arm"], reference="control", alternative="less"
    )
    close(list(result.details["z"].values()), case["z"])
    close(result.details["correlation"], case["correlation"])
    assert result.p == pytest.approx(case["p"], abs=QUASI_MONTE_CARLO)


@pytest.mark.parametrize(
    "case", R["largest"], ids=lambda case: f"{case['bound']}-{len(case['correlation'])}"
)
def test_largest_of_correlated_numbers(case):
    correlation = np.array(case["correlation"])
    for two_sided, name in ((False, "one_sided"), (True, "two_sided")):
        tail = largest_beyond(correlation, case["bound"], two_sided=two_sided)
        assert tail.probability == pytest.approx(case[name], abs=MIWA + 4 * tail.error)
        assert tail.error < 5e-6
