"""Every public function and method of trial design against input it cannot have expected.

Whatever is given for an argument, there is a result that JSON can hold, or an InputError that names
a place and a remedy: no other exception, no warning (warnings are errors here). A new public name
without a line in the tables below fails `test_every_public_name_is_here`.
"""

from __future__ import annotations

import datetime
import inspect
import json
import math
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import debulk.trials as trials
from debulk.core.errors import InputError

LOOKS = (0.5, 1.0)
OF = trials.Spending("obrien-fleming")
BOUNDS = trials.group_sequential(LOOKS, efficacy=OF)
FUTILE = trials.group_sequential(LOOKS, efficacy=OF, futility=OF, beta=0.2)
PRIOR = trials.normal_prior(-0.2, 0.2)
CENTRES = [trials.PlannedCentres(0, 0.5, 3)]
LATE = trials.Alternative(hazard_ratio=((0, 1.0), (6, 0.6)), median_control=14, accrual=24)
SIZE = {"power": 0.8, "follow_up": 12}
LEVEL = {"alpha": 0.025, "sided": 1}
DILUTION = {"control": 20, "follow_up_months": 24, "not_treated": 0.1, "dropout": 0.05}
GOAL = {"gain": 6, "power": 0.8}
ORDER = {"trial": [0, 0, 0], "order": [0, 1, 2]}
DESIGN = {"hazard_ratio": 0.7, "median_control": 20, "accrual": 24, **SIZE}

FUNCTIONS: dict[str, dict[str, Any]] = {
    "Alternative": {"hazard_ratio": 0.7, "median_control": 14, "accrual": 24},
    "BiasedCoin": {},
    "CentreRecord": {"patients": 3, "months_open": 4},
    "Centres": {"number": 5},
    "ConditionalPowerFutility": {"threshold": 0.2},
    "ControlCurve": {"hazards": ((0, 0.1),), "cured": 0.1},
    "EffectPrior": {"components": ((1.0, 0.0, 0.2),)},
    "FeasibilityCriterion": {"name": "a", "direction": "below", "share": 0.1, "patients": 50},
    "Harm": {"spending": OF, "alpha": 0.05},
    "HaybittlePeto": {"z": 3.0},
    "HazardRatioFutility": {"hazard_ratio": 0.9, "events": 300},
    "Minimisation": {"factors": ("a",)},
    "NullSpending": {"spending": OF},
    "PermutedBlocks": {"sizes": (4,)},
    "PlannedCentres": {"opens_months": 0, "rate_per_month": 1},
    "PredictivePowerFutility": {"threshold": 0.2, "prior_mean": 1.0, "prior_sd": 1.0},
    "Simple": {},
    "Spending": {"family": "kim-demets", "gamma": 2.0},
    "SpendingFunction": {"share": lambda t: t},
    "Timing": {"events": 100},
    "UserSpending": {"cumulative": (0.01, 0.025)},
    "WangTsiatis": {"delta": 0.25},
    "WeibullControl": {"shape": 1.2, "median_months": 14},
    "absolute_gain": {"control": 18, "hazard_ratio": 0.75},
    "accrual_forecast": {"patients": 30, "centres": CENTRES, "months": [12]},
    "accrual_update": {
        "patients": 30,
        "observed": [trials.CentreRecord(3, 4), trials.CentreRecord(1, 4)],
        "to_open": CENTRES,
        "rate_per_month": 0.5,
        "heterogeneity_cv": 0.5,
    },
    "assign": {"method": trials.Simple(), "seed": 1, **ORDER},
    "assignment_balance": {"experimental": [True, False, True], **ORDER},
    "assurance": {"prior": PRIOR, "events": 300, "boundaries": BOUNDS},
    "average_hazard_ratio": {"alternative": LATE, "months": [12.0, 36.0], "patients": 300},
    "average_hazard_ratio_design": {"alternative": LATE, **SIZE},
    "case_numbers": {**ORDER, "operator": [1, 1, 2], "operated": [True, True, False]},
    "cluster_inflation": {"layout": "cluster", "mean_size": 10, "size_cv": 0.3, "icc": 0.1},
    "conditional_power": {"z": 1.0, "information": 0.4, "design_theta": 2.8, "boundaries": BOUNDS},
    "continuous_monitoring": {"acceptable_rate": 0.1, "patients": 20, "rates": [0.2]},
    "coprimary_alpha": {"correlation": 0.5},
    "diluted_hazard_ratio": {"hazard_ratio": 0.7, **DILUTION},
    "draw_centres": {
        "centres": trials.Centres(5),
        "seed": 1,
        "trial": [0, 0, 0],
        "patient": [0, 1, 2],
        "arrival_months": [0.1, 0.2, 0.3],
    },
    "efficacy_at_level": {"boundaries": BOUNDS, "alpha": 0.01},
    "exponential_curve": {"median_months": 18, "cured": 0.1},
    "feasibility_stage": {
        "criteria": [trials.FeasibilityCriterion("a", "below", 0.1)],
        "scenarios": {"x": {"a": 0.05}},
    },
    "final_inference": {"boundaries": BOUNDS, "z": 2.2, "look": 2},
    "goal_hazard_ratio": {"control": 18, **GOAL},
    "goal_table": {"populations": {"a": 18}, **GOAL},
    "group_sequential": {
        "information": LOOKS,
        "efficacy": OF,
        "futility": OF,
        "binding": True,
        "beta": 0.2,
        **LEVEL,
    },
    "information_at_stop": {
        "patients": 50,
        "events": 20,
        "planned_events": 300,
        "planned_hazard_ratio": 0.75,
    },
    "learning_curve": {
        "hazard_ratio": 0.7,
        "patients_by_surgeon": [4, 5],
        "first_skill": 0.4,
        "learning_patients": 5,
    },
    "lognormal_prior": {"hazard_ratio": 0.8, "lower": 0.6, "upper": 1.0667},
    "max_combo_design": {"alternative": LATE, **SIZE},
    "milestone_design": {"alternative": LATE, "at": 20, **SIZE},
    "mixture_prior": {"parts": [(0.5, PRIOR), (0.5, trials.point_prior([1]))]},
    "non_inferiority_margin": {"log_hazard_ratio": -0.5, "standard_error": 0.1},
    "normal_prior": {"log_hazard_ratio": -0.2, "standard_deviation": 0.2},
    "one_sample_logrank_design": {
        "hazard_ratio": 0.7,
        "median_control": 14,
        "accrual": 24,
        **SIZE,
    },
    "point_prior": {"hazard_ratios": [0.7, 1], "weights": [0.5, 0.5]},
    "predictive_power": {"z": 1.0, "information": 0.4, "prior": PRIOR, "events": 300},
    "randomisation_list": {"arms": ("a", "b"), "patients": 8, "seed": 1},
    "repeated_inference": {"boundaries": BOUNDS, "z": [1.0, 2.2]},
    "rmst_design": {"alternative": LATE, "tau": 20, **SIZE},
    "slow_accrual_rule": {"rule": [(6, 0.5)], "centres": CENTRES, "trials": 100},
    "stagewise_p_value": {"boundaries": BOUNDS, "z": 2.2, "look": 2},
    "survival_design": DESIGN,
    "synthesis_test": {
        "log_hazard_ratio": -0.5,
        "standard_error": 0.1,
        "new_log_hazard_ratio": 0.1,
        "new_standard_error": 0.1,
    },
    "undiluted_hazard_ratio": {"diluted": 0.8, **DILUTION},
    "updated_boundaries": {"planned": BOUNDS, "observed": [0.55]},
    "verify_list": {"path": "no_such_list.csv"},
    "verify_opening": {"sealed": "x", "opening": {}},
    "weighted_logrank_design": {"alternative": LATE, **SIZE},
}


def result(name: str) -> Any:
    """What a function gives as it stands above."""
    return getattr(trials, name)(**FUNCTIONS[name])


RESULTS = {
    "AccrualForecast": lambda: result("accrual_forecast"),
    "Assurance": lambda: result("assurance"),
    "AssignmentBalance": lambda: result("assignment_balance"),
    "AverageHazardRatio": lambda: result("average_hazard_ratio"),
    "Boundaries": lambda: FUTILE,
    "ClusterInflation": lambda: result("cluster_inflation"),
    "ConditionalPower": lambda: result("conditional_power"),
    "ContinuousMonitoring": lambda: result("continuous_monitoring"),
    "CoprimaryDesign": lambda: result("coprimary_alpha"),
    "CoprimaryPower": lambda: result("coprimary_alpha").power([2, 2], correlation=0.5),
    "CrossingProbabilities": lambda: BOUNDS.probabilities(2.0),
    "DilutedHazardRatio": lambda: result("diluted_hazard_ratio"),
    "FeasibilityStage": lambda: result("feasibility_stage"),
    "FinalInference": lambda: result("final_inference"),
    "GoalHazardRatio": lambda: result("goal_hazard_ratio"),
    "GoalTable": lambda: result("goal_table"),
    "InformationAtStop": lambda: result("information_at_stop"),
    "LearningInflation": lambda: result("learning_curve"),
    "NonInferiorityMargin": lambda: result("non_inferiority_margin"),
    "NonproportionalDesign": lambda: result("average_hazard_ratio_design"),
    "NonproportionalLook": lambda: result("average_hazard_ratio_design").looks[0],
    "PatientCentres": lambda: result("draw_centres"),
    "PredictivePower": lambda: result("predictive_power"),
    "RandomisationList": lambda: result("randomisation_list"),
    "RepeatedInference": lambda: result("repeated_inference")[0],
    "SingleArmDesign": lambda: result("one_sample_logrank_design"),
    "SlowAccrualRule": lambda: result("slow_accrual_rule"),
    "SynthesisTest": lambda: result("synthesis_test"),
    "TrialDesign": lambda: result("survival_design"),
}
HELD = {
    "Accrual", "Dropout", "Expected", "ListBalance", "ListRow", "Look", "RatioEstimate",
    "StoppingRule", "StratumBalance", "Stratum", "Verification",
}  # fmt: skip
"""Parts of what a function takes or gives; checked where it does."""
ELSEWHERE = {
    "ArmsFollowUp", "ArmsPatients", "BothArms", "ChunkStore", "CohortPatients",
    "CureMixturePatients", "DesignAssumptions", "DesignCharacteristics", "DesignComparison",
    "EndpointResult", "EstimandTable", "FunnelCounts", "GeneratedPatients", "IllnessDeathPatients",
    "MechanismsWorth", "OperatingCharacteristics", "PatientGenerator", "PatientsFromPlan",
    "PiecewiseExponentialPatients", "PrognosticFactor", "ProtocolCharacteristics", "Randomised",
    "Recruitment", "Retrodiction", "Sweep", "TrialRetrodiction", "TrialSettings", "Truth",
    "VirtualPatients", "WorldEffect", "compare_designs", "counterfactual", "delivered_as_planned",
    "load_generator", "load_protocol", "lock_predictions", "mechanisms_worth", "read_sweep",
    "retrodict", "run_trial", "simulate", "sweep", "trial_settings", "verify_predictions",
}  # fmt: skip
"""Names of the simulation and of retrodiction, whose tests stand beside them."""

ARGUMENTS = {
    "theta": 1.0,
    "observed": [0.55],
    "months": 12.0,
    "month": 12.0,
    "times": [1.0],
    "time": 1.0,
    "events": 300,
    "thetas": [2.0, 2.0],
    "rate": 0.1,
    "correlation": 0.5,
    "row": 1,
}
NOT_CALLED = {"to_dict", "write"}


def fails(*arguments: Any) -> float:
    raise ZeroDivisionError("on purpose")


VALUES: dict[str, Any] = {
    "true": True,
    "None": None,
    "word": "obrien-flemming",
    "empty text": "",
    "bytes": b"0.5",
    "not a number": math.nan,
    "infinity": math.inf,
    "below 0": -1,
    "nought": 0,
    "negative zero": -0.0,
    "one": 1,
    "two": 2,
    "half": 0.5,
    "smallest": 5e-324,
    "tiny": 1e-9,
    "1e-300": 1e-300,
    "1e6": 1e6,
    "huge": 1e300,
    "integer too large": 10**400,
    "complex number": 1j,
    "decimal": Decimal("0.5"),
    "date": datetime.date(2020, 1, 1),
    "pandas NA": pd.NA,
    "empty": [],
    "mapping": {"a": 1},
    "set": {0.5},
    "list of None": [None],
    "list of text": ["x", "y"],
    "list of NaN": [math.nan, 1.0],
    "pair": [0.5, 1.0],
    "pair that falls": (1.0, 0.5),
    "three": (0.3, 0.6, 1.0),
    "21 numbers": np.linspace(0.04, 1, 21),
    "ragged": [[1, 2], [3]],
    "pairs": [(0, 0.5), (6, 1.0)],
    "pair of pairs": [[0, 0.02], [1e-9, 0.03]],
    "list of lists": [[]],
    "object": object(),
    "class": int,
    "function that fails": fails,
    "numpy bool": np.bool_(True),
    "numpy integer": np.int64(3),
    "numpy float": np.float32(0.5),
    "array without dimensions": np.array(0.5),
    "square": np.zeros((2, 2)),
    "no numbers": np.array([]),
    "text array": np.array(["a", "b"]),
    "polars": pl.Series([0.5, 1.0]),
    "polars null": pl.Series([0.5, None]),
    "polars frame": pl.DataFrame({"a": [0.0, 6.0], "b": [0.5, 1.0]}),
    "lazy": pl.LazyFrame({"a": [0.0, 6.0]}),
    "pandas": pd.Series([0.5, 1.0], index=[7, 3]),
    "generator": (each for each in ()),
    "namespace": SimpleNamespace(information=[0.5, 0.4], efficacy_z=[2, 2]),
    "rule": OF,
    "boundaries": FUTILE,
    "prior": PRIOR,
    "alternative": LATE,
}


def survives(function: Any, arguments: dict[str, Any], label: str) -> None:
    """A result that JSON can hold, or an InputError that says enough."""
    try:
        found = function(**arguments)
        json.dumps(found.to_dict() if hasattr(found, "to_dict") else None, allow_nan=False)
    except InputError as problem:
        complete = problem.where and problem.found and problem.remedy
        if not complete:
            raise AssertionError(f"{label}: {problem} says too little") from problem
    except Exception as problem:
        raise AssertionError(f"{label}: {type(problem).__name__}: {problem}") from problem


def test_every_public_name_is_here() -> None:
    assert sorted([*FUNCTIONS, *RESULTS, *HELD, *ELSEWHERE]) == sorted(trials.__all__)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_any_value_for_any_argument(name: str) -> None:
    function = getattr(trials, name)
    for argument in inspect.signature(function).parameters:
        for kind, value in VALUES.items():
            changed = {**FUNCTIONS[name], argument: value}
            survives(function, changed, f"{name}, {argument}: {kind}")


@pytest.mark.parametrize("name", RESULTS)
def test_any_value_for_any_argument_of_a_method(name: str) -> None:
    found = RESULTS[name]()
    for method, function in inspect.getmembers(type(found), inspect.isfunction):
        if method.startswith("_") or method in NOT_CALLED:
            continue
        parameters = list(inspect.signature(function).parameters.values())[1:]
        needed = [each.name for each in parameters if each.default is each.empty]
        usual = {each: ARGUMENTS[each] for each in needed}
        for each in parameters:
            for kind, value in VALUES.items():
                label = f"{name}.{method}, {each.name}: {kind}"
                survives(getattr(found, method), {**usual, each.name: value}, label)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"power": 0.02}, "not above the one-sided level 0.025"),
        ({"hazard_ratio": 1.0}, "the null hypothesis itself"),
        ({"hazard_ratio": 1.2, "null_ratio": 1.1}, "wrong side of null_ratio 1.1"),
        ({"null_ratio": 0.6}, "wrong side of null_ratio 0.6"),
        ({"patients": 500}, "Give exactly two"),
        ({"power": None, "events": 400, "patients": 300, "follow_up": None}, r"of 300\.0 patients"),
        ({"power": None, "events": 400, "patients": 300, "follow_up": None}, r"by month \d"),
        ({"accrual": ((0, 5), (10, 0)), "patients": 300, "follow_up": None}, "50"),
        ({"hazard_ratio": ((0, 0.7), (6, 2.0))}, "no number of patients"),
        ({"boundaries": FUTILE, "binding": True}, "contradicts the boundaries"),
        ({"boundaries": FUTILE, "power": 0.9}, "contradicts the boundaries"),
        ({"boundaries": FUTILE, "alpha": 0.05}, "contradicts the boundaries"),
    ],
)
def test_designs_that_cannot_be_say_why(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(InputError, match=text):
        trials.survival_design(**DESIGN | changes)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"information": np.linspace(0.04, 1, 21)}, "21 looks"),
        ({"information": (1.0, 0.5)}, "does not rise"),
        ({"binding": True, "futility": None}, "no futility rule to bind"),
        ({"beta": None, "futility": OF}, "needs the power"),
        ({"efficacy": trials.UserSpending((0.01, 0.02))}, "ends in 0.02 and not in 0.025"),
        ({"efficacy": trials.HaybittlePeto(1.0)}, "spend alpha"),
        ({"futility": (2.9,), "binding": True}, "cannot be spent|no bounds fit|below the efficacy"),
        ({"harm": trials.Harm(OF, 0.05), "sided": 2}, "two-sided"),
    ],
)
def test_rules_that_contradict_each_other_say_so(changes: dict[str, Any], text: str) -> None:
    rule = {"information": LOOKS, "efficacy": OF, **LEVEL} | changes
    with pytest.raises(InputError, match=text):
        trials.group_sequential(**rule)


def test_a_function_of_the_users_is_recorded_by_its_name() -> None:
    own = trials.SpendingFunction(lambda t: t**3, "cubic")
    bounds = trials.group_sequential(LOOKS, efficacy=own, harm=trials.Harm(own, 0.05))
    found = trials.survival_design(**DESIGN, boundaries=bounds)
    assert "cubic" in json.dumps(found.to_dict())


def test_a_bound_beyond_every_hazard_ratio_has_none() -> None:
    bounds = trials.group_sequential((1e-4, 1.0), efficacy=OF, futility=(-900.0,))
    found = trials.survival_design(**DESIGN, boundaries=bounds)
    assert found.looks[0].futility_hazard_ratio is None
    assert found.looks[0].critical_hazard_ratio is None


def test_predictive_power_does_not_depend_on_how_far_theta_may_lie() -> None:
    """Many looks, some without a bound, far below 0: the mass to be followed stays small."""
    looks = np.arange(1, 13) / 12
    bounds = trials.group_sequential(looks, efficacy=(*[None] * 11, 1.96))
    found = trials.predictive_power(-3.0, 0.05, boundaries=bounds)
    alone = trials.predictive_power(-3.0, 0.05)
    assert found.predictive_power == pytest.approx(alone.predictive_power, rel=1e-4)
