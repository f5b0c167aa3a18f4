"""Numbers of R's survfit; tests/reference/survival/make_curves.R makes them."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from debulk.survival.curves import kaplan_meier, nelson_aalen

HERE = Path(__file__).parents[2] / "reference" / "survival"
CASES = json.loads((HERE / "curves.json").read_text(encoding="utf-8"))["cases"]

CLOSED = 1e-10  # closed forms; the reference is written with 13 digits
MACHINE = 1e-13  # where a number is exactly 0 in one program and rounding in the other


def numbers(values):
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def same(actual, expected):
    np.testing.assert_allclose(actual, numbers(expected), rtol=CLOSED, atol=MACHINE, equal_nan=True)


def arguments_of(case):
    frame = pl.read_csv(HERE / f"{case['data']}.csv", null_values="NA")
    if case.get("group"):
        frame = frame.filter(pl.col(case["group"]) == case["level"])
    columns, options = case["columns"], case["options"] or {}
    named = {name: frame[options[name]] for name in ("weights", "cluster") if name in options}
    if len(columns) == 3:
        named["entry"] = frame[columns[0]]
    if "robust" in options:
        named["robust"] = options["robust"]
    return (frame[columns[-2]], frame[columns[-1]]), named


def curve_of(case, conf_type):
    arrays, named = arguments_of(case)
    options = case["options"] or {}
    if options.get("stype") == 2:
        ties = "one by one" if options["ctype"] == 2 else "together"
        return nelson_aalen(*arrays, **named, ties=ties).survival(conf_type)
    curve = kaplan_meier(*arrays, **named, conf_type=conf_type)
    return curve.conditional(options["start.time"]) if "start.time" in options else curve


def robust_ties(case):
    """R's jackknife of Kaplan and Meier's survival then is that of another sum; left out."""
    options = case["options"] or {}
    return options.get("ctype") == 2 and options.get("robust", False)


def name_of(case):
    options = "-".join(f"{name}={value}" for name, value in (case["options"] or {}).items())
    return f"{case['data']}-{case.get('level')}-{options}"


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_survival_its_error_and_counts(case):
    curve = curve_of(case, "log-log")
    for name in ("time", "at_risk", "events", "survival"):
        same(getattr(curve, name), case[name])
    if not robust_ties(case):
        same(curve.std_error, case["std_error"])
    if (case["options"] or {}).get("ctype", 1) == 1:
        same(curve.cumulative_hazard, case["cumulative_hazard"])
        same(curve.cumulative_hazard_std_error, case["hazard_std_error"])


@pytest.mark.parametrize("case", [case for case in CASES if not robust_ties(case)], ids=name_of)
def test_limits_and_quantiles_on_each_scale(case):
    for conf_type, expected in case["limits"].items():
        curve = curve_of(case, conf_type)
        same(curve.lower, expected["lower"])
        same(curve.upper, expected["upper"])
        found = [curve.quantile(p) for p in (0.25, 0.5, 0.75)]
        same([each.estimate for each in found], expected["quantile"])
        same([each.lower for each in found], expected["quantile_lower"])
        same([each.upper for each in found], expected["quantile_upper"])


@pytest.mark.parametrize("case", [case for case in CASES if case.get("rmst")], ids=name_of)
def test_restricted_means(case):
    curve = curve_of(case, "log-log")
    for each in case["rmst"]:
        mean, lost = curve.rmst(each["tau"]), curve.rmtl(each["tau"])
        same([mean.estimate, mean.se], [each["estimate"], each["se"]])
        assert lost.estimate == pytest.approx(each["tau"] - mean.estimate)
        assert lost.se == mean.se


@pytest.mark.parametrize(
    "case", [case for case in CASES if "start.time" not in (case["options"] or {})], ids=name_of
)
def test_cumulative_hazard(case):
    arrays, named = arguments_of(case)
    ties = "one by one" if (case["options"] or {}).get("ctype") == 2 else "together"
    curve = nelson_aalen(*arrays, **named, ties=ties)
    same(curve.cumulative_hazard, case["cumulative_hazard"])
    same(curve.std_error, case["hazard_std_error"])
