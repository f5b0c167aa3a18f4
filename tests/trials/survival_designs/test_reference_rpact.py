"""Sample sizes, powers and timing against rpact and gsDesign; Weibull designs are left out."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from debulk.trials.boundaries.families import WangTsiatis
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.boundaries.spending import Spending
from debulk.trials.survival_designs.assumptions import Accrual, Dropout, Stratum
from debulk.trials.survival_designs.designing import survival_design
from debulk.trials.survival_designs.expectation import expectation

FOLDER = Path(__file__).parents[2] / "reference" / "trials"
SHARED = json.loads((FOLDER / "survival_designs_shared.json").read_text())
MADE = json.loads((FOLDER / "survival_designs_rpact.json").read_text())

CLOSED = 1e-12  # one look: closed forms on both sides
BOUNDS = 5e-8  # rpact solves its boundaries to about 1e-8
INTEGRAL = 1e-7  # rpact integrates piecewise hazards and accrual numerically
SEARCH = 1e-7  # and searches for the month of a number of events
SEARCH_PIECEWISE = 3e-5  # under piecewise hazards both; a slow twin checks ours


def plain_number(value: Any) -> Any:
    """R writes one number as a list of one."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def boundaries(design: dict[str, Any] | None) -> Any:
    """What `group_sequential` makes of rpact's design."""
    given = {key: plain_number(value) for key, value in (design or {}).items()}
    if "typeOfDesign" not in given:
        return None
    looks = given.get("kMax", 0)
    information = given.get("informationRates") or [(k + 1) / looks for k in range(looks)]
    efficacy = {
        "OF": lambda: "obrien-fleming",
        "P": lambda: "pocock",
        "WT": lambda: WangTsiatis(given["deltaWT"]),
        "asOF": lambda: Spending("obrien-fleming"),
        "asHSD": lambda: Spending("hwang-shih-decani", given["gammaA"]),
        "asKD": lambda: Spending("kim-demets", given["gammaA"]),
    }[given["typeOfDesign"]]()
    futility: Any = tuple(given["futilityBounds"]) if "futilityBounds" in given else None
    if given.get("typeBetaSpending") == "bsOF":
        futility = Spending("obrien-fleming")
    if given.get("typeBetaSpending") == "bsHSD":
        futility = Spending("hwang-shih-decani", given["gammaB"])
    return group_sequential(
        information,
        alpha=given["alpha"],
        efficacy=efficacy,
        futility=futility,
        beta=given.get("beta"),
    )


def hazards(args: dict[str, Any]) -> dict[str, Any]:
    """Hazard of the control arm and hazard ratio."""
    if "pi1" in args:
        first, second = (-math.log1p(-args[key]) / args["eventTime"] for key in ("pi1", "pi2"))
        return {"hazard_control": second, "hazard_ratio": first / second}
    ratio = args["median2"] / args["median1"] if "median1" in args else args["hazardRatio"]
    if "median2" in args:
        return {"median_control": args["median2"], "hazard_ratio": ratio}
    hazard = args["lambda2"]
    if isinstance(hazard, list):
        hazard = tuple(zip(args["piecewiseSurvivalTime"], hazard, strict=True))
    return {"hazard_control": hazard, "hazard_ratio": ratio}


def call(case: dict[str, Any]) -> dict[str, Any]:
    """The call of `survival_design` for a case of rpact."""
    args = {key: plain_number(value) for key, value in case["args"].items()}
    design = {key: plain_number(value) for key, value in (case["design"] or {}).items()}
    times = args["accrualTime"]
    accrual: Any = times[1]
    if len(times) > 2:
        accrual = tuple(zip(times, [*args["accrualIntensity"], 0.0], strict=True))
    found = {
        **hazards(args),
        "null_ratio": args.get("thetaH0", 1.0),
        "allocation": args.get("allocationRatioPlanned", 1.0),
        "dropout": (args.get("dropoutRate1", 0.0), args.get("dropoutRate2", 0.0)),
        "accrual": accrual,
        "follow_up": args.get("followUpTime"),
        "patients": args.get("maxNumberOfSubjects"),
        "events": args.get("maxNumberOfEvents"),
        "alpha": design.get("alpha", 0.025),
        "formula": "freedman" if "Freedman" in args.get("typeOfComputation", "") else "schoenfeld",
        "boundaries": boundaries(case["design"]),
    }
    if case["computes"] == "size":
        found["power"] = 1.0 - design.get("beta", 0.2)
    return found


def flat(result: dict[str, Any], name: str) -> np.ndarray | None:
    """Numbers of a result, None where rpact gives none."""
    return np.ravel(np.array(result[name], dtype=float)) if name in result else None


CASES = [
    pytest.param(case, id=f"{source}-{place}")
    for source, cases in (("shared", SHARED["designs"]), ("made", MADE["designs"]))
    for place, case in enumerate(cases)
    if "kappa" not in case["args"]
]


@pytest.mark.parametrize("case", CASES)
def test_design_agrees_with_rpact(case: dict[str, Any]) -> None:
    design = survival_design(**call(case))
    result = case["result"]
    one_look = len(design.looks) == 1
    expected = design.expected_alternative
    power_mode = case["computes"] == "power"
    pairs = {
        "maxNumberOfEvents": design.events,
        "maxNumberOfSubjects": design.patients,
        "rejectPerStage": [look.efficacy_alternative for look in design.looks],
        "overallReject": design.power,
        "criticalValuesEffectScale": [look.critical_hazard_ratio for look in design.looks],
        "expectedEventsH0": design.expected_null.events,
        "expectedEventsH1": expected.events,
        "expectedNumberOfEvents": expected.events,
    }
    for name, ours in pairs.items():
        theirs = flat(result, name)
        if theirs is not None:
            tolerance = CLOSED if one_look else BOUNDS
            if name == "maxNumberOfSubjects":
                tolerance = INTEGRAL
            np.testing.assert_allclose(ours, theirs, rtol=tolerance, err_msg=name)
    searched = {
        "analysisTime": [look.month for look in design.looks],
        "expectedNumberOfSubjectsH1": expected.patients,
        "studyDuration": expected.duration_months,
    }
    if power_mode:
        searched["expectedNumberOfSubjects"] = expected.patients
    search = SEARCH_PIECEWISE if "piecewiseSurvivalTime" in case["args"] else SEARCH
    for name, ours in searched.items():
        theirs = flat(result, name)
        if theirs is not None:
            np.testing.assert_allclose(ours, theirs, rtol=search, err_msg=name)


def test_there_are_enough_cases() -> None:
    assert len(MADE["designs"]) >= 40
    assert len(CASES) >= 100


@pytest.mark.parametrize(
    "case", [case for case in SHARED["event_probabilities"] if "kappa" not in case["args"]]
)
def test_event_probabilities_agree_with_rpact(case: dict[str, Any]) -> None:
    args, result = case["args"], case["result"]
    hazard = args["lambda2"]
    starts = args.get("piecewiseSurvivalTime", [0.0])
    pieces = tuple(zip(starts, hazard if isinstance(hazard, list) else [hazard], strict=True))
    lost = Dropout(*(-math.log1p(-args.get(f"dropoutRate{arm}", 0.0)) / 12.0 for arm in (1, 2)))
    found = expectation(
        (Stratum(1.0, pieces, ((0.0, args["hazardRatio"]),)),), lost, 1.0, null_ratio=None
    )
    end = args["accrualTime"][1]
    accrual = Accrual((0.0,), (1.0 / end,), end)
    months = np.array(result["time"])
    tolerance = 1e-6 if isinstance(hazard, list) else CLOSED  # numerical integrals: 4e-7 seen
    np.testing.assert_allclose(
        found.events(accrual, months), result["cumulativeEventProbabilities"], rtol=tolerance
    )
    by_arm = np.array([found.events_by_arm(accrual, month) for month in months])
    for column, arm in ((1, "eventProbabilities1"), (0, "eventProbabilities2")):
        np.testing.assert_allclose(2.0 * by_arm[:, column], result[arm], rtol=tolerance)


@pytest.mark.parametrize("case", SHARED["lachin_foulkes"])
def test_lachin_foulkes_agrees_with_gsdesign(case: dict[str, Any]) -> None:
    args, result = case["args"], case["result"]
    design = survival_design(
        hazard_ratio=args["hr"],
        null_ratio=args["hr0"],
        hazard_control=args["lambdaC"],
        dropout=-math.expm1(-12.0 * args["eta"]),
        accrual=args["R"],
        follow_up=args["minfup"],
        allocation=args["ratio"],
        alpha=args["alpha"],
        power=1.0 - args["beta"],
        formula="lachin-foulkes",
    )
    assert design.patients == pytest.approx(result["n"], rel=CLOSED)
    assert design.events == pytest.approx(result["d"], rel=CLOSED)
    assert design.power == pytest.approx(1.0 - args["beta"], rel=CLOSED)


@pytest.mark.parametrize("case", SHARED["gs_surv"])
def test_group_sequential_lachin_foulkes_agrees_with_gsdesign(case: dict[str, Any]) -> None:
    """Hazards, drop-out and accrual were found by consistency: the file does not state them."""
    looks, result = case["k"], case["result"]
    bounds = group_sequential(
        [(k + 1) / looks for k in range(looks)],
        efficacy=Spending("obrien-fleming"),
        futility=Spending("hwang-shih-decani", -2.0),
        beta=0.1,
    )
    design = survival_design(
        hazard_ratio=0.7,
        hazard_control=((0, 0.03), (6, 0.02), (12, 0.015)),
        dropout=-math.expm1(-12.0 * 0.005),
        accrual=((0, 5), (6, 10), (18, 20), (30, 0)),
        follow_up=12,
        power=0.9,
        boundaries=bounds,
        formula="lachin-foulkes",
    )
    # events and patients share the factor of beta spending, which gsDesign solves to 4e-5
    share = design.events / design.patients
    assert share == pytest.approx(result["events"][-1] / result["n"][-1], rel=1e-10)
    assert design.patients == pytest.approx(result["n"][-1], rel=1e-4)
    np.testing.assert_allclose([look.month for look in design.looks], result["T"], rtol=1e-6)
    assert design.power == pytest.approx(0.9, abs=1e-12)


def test_east_example() -> None:
    """Progression-free survival by East 6.5: PSIAIMS CAMIS, R against East against SAS."""
    bounds = group_sequential(
        (176 / 235, 1.0),
        alpha=0.0125,
        efficacy=Spending("obrien-fleming"),
        futility=Spending("hwang-shih-decani", -10.0),
        beta=1.0 - 0.9505021,
    )
    design = survival_design(
        hazard_ratio=0.6,
        median_control=9.4,
        accrual=24,
        dropout=0.2,
        patients=398,
        events=235,
        boundaries=bounds,
    )
    first, last = design.looks
    # East prints 14 digits of bounds that agree in 7, and integrates to about 1e-6
    assert first.efficacy_z == pytest.approx(2.66061816777219, abs=1e-6)
    assert last.efficacy_z == pytest.approx(2.27984962243414, abs=1e-6)
    assert first.futility_z == pytest.approx(0.737875107680373, abs=1e-5)
    assert first.efficacy_alternative == pytest.approx(0.766636789739935, abs=1e-6)
    assert design.power == pytest.approx(0.9505021, abs=1e-6)
    assert first.critical_hazard_ratio == pytest.approx(0.66958090275829, abs=1e-6)
    assert last.critical_hazard_ratio == pytest.approx(0.742715672692114, abs=1e-6)
    assert (round(first.month), round(last.month)) == (25, 34)
    solved = survival_design(
        hazard_ratio=0.6,
        median_control=9.4,
        accrual=24,
        dropout=0.2,
        follow_up=10,
        power=0.9505021,
        boundaries=bounds,
    )
    assert math.ceil(solved.patients) == 398
    assert round(solved.events) == 235
