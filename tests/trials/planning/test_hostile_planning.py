"""Whatever a user gives, the answer is a result or an InputError, before anything runs."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from debulk.core.errors import InputError
from debulk.trials.planning.centres import PlannedCentres
from debulk.trials.planning.clusters import cluster_inflation
from debulk.trials.planning.coprimary import coprimary_alpha
from debulk.trials.planning.curves import ControlCurve, exponential_curve
from debulk.trials.planning.dilution import diluted_hazard_ratio, undiluted_hazard_ratio
from debulk.trials.planning.early_stop import information_at_stop
from debulk.trials.planning.expected_power import assurance
from debulk.trials.planning.feasibility import FeasibilityCriterion, feasibility_stage
from debulk.trials.planning.goals import absolute_gain, goal_hazard_ratio, goal_table
from debulk.trials.planning.interim import conditional_power, predictive_power
from debulk.trials.planning.margins import non_inferiority_margin, synthesis_test
from debulk.trials.planning.monitoring import continuous_monitoring
from debulk.trials.planning.priors import (
    EffectPrior,
    lognormal_prior,
    mixture_prior,
    normal_prior,
    point_prior,
)
from debulk.trials.planning.recruitment import CentreRecord, accrual_forecast, accrual_update
from debulk.trials.planning.slow_accrual import slow_accrual_rule
from debulk.trials.planning.surgeons import learning_curve

PRIOR = normal_prior(-0.2, 0.2)
CENTRES = [PlannedCentres(0, 0.5, 3)]
LOOKS = SimpleNamespace(information=[0.5, 1.0], efficacy_z=[2.8, 2.0], futility_z=None)
DILUTION = {
    "control": 20,
    "follow_up_months": 24,
    "accrual_months": 12,
    "dropout": 0.05,
    "not_treated": 0.1,
    "partly_treated": 0.1,
    "partial_effect": 0.5,
    "crossover": 0.05,
    "drop_in_per_month": 0.001,
    "allocation": 1,
}
ALPHA = {"alpha": 0.025, "sided": 1}
CALLS = {
    "diluted": (diluted_hazard_ratio, {"hazard_ratio": 0.7} | DILUTION),
    "undiluted": (undiluted_hazard_ratio, {"diluted": 0.8} | DILUTION),
    "cluster": (
        cluster_inflation,
        {"layout": "cluster", "mean_size": 10, "size_cv": 0.3, "icc": 0.1, "allocation": 1},
    ),
    "learning": (
        learning_curve,
        {
            "hazard_ratio": 0.7,
            "patients_by_surgeon": [4, 5],
            "first_skill": 0.4,
            "shape": "exponential",
            "learning_patients": 5,
            "experience": 1,
            "control": 20,
            "follow_up_months": 24,
        },
    ),
    "goal": (
        goal_hazard_ratio,
        {"control": 18, "gain": 6, "measure": "rmst", "tau_months": 60, "power": 0.8} | ALPHA,
    ),
    "gain": (absolute_gain, {"control": 18, "hazard_ratio": 0.75, "power": 0.8} | ALPHA),
    "goals": (goal_table, {"populations": {"a": 18}, "gain": 6}),
    "margin": (
        non_inferiority_margin,
        {
            "log_hazard_ratio": -0.5,
            "standard_error": 0.1,
            "preserved": 0.5,
            "conf_level": 0.95,
            "new_standard_error": 0.1,
        },
    ),
    "synthesis": (
        synthesis_test,
        {
            "log_hazard_ratio": -0.5,
            "standard_error": 0.1,
            "new_log_hazard_ratio": 0.1,
            "new_standard_error": 0.1,
        },
    ),
    "criterion": (
        FeasibilityCriterion,
        {"name": "a", "direction": "below", "share": 0.1, "patients": 50},
    ),
    "feasibility": (
        feasibility_stage,
        {
            "criteria": [FeasibilityCriterion("a", "below", 0.1)],
            "scenarios": {"x": {"a": 0.05}},
            "patients": 100,
        },
    ),
    "monitoring": (
        continuous_monitoring,
        {"acceptable_rate": 0.1, "patients": 30, "rates": [0.2], "alpha": 0.05},
    ),
    "conditional": (
        conditional_power,
        {
            "z": 1.0,
            "information": 0.4,
            "design_hazard_ratio": 0.7,
            "hazard_ratio": 0.8,
            "events": 300,
            "allocation": 1,
            "boundaries": LOOKS,
            "futility": True,
        }
        | ALPHA,
    ),
    "predictive": (
        predictive_power,
        {"z": 1.0, "information": 0.4, "prior": PRIOR, "events": 300, "boundaries": LOOKS} | ALPHA,
    ),
    "assurance": (assurance, {"prior": PRIOR, "events": 300, "allocation": 1} | ALPHA),
    "normal": (normal_prior, {"log_hazard_ratio": -0.2, "standard_deviation": 0.2}),
    "lognormal": (lognormal_prior, {"hazard_ratio": 0.8, "lower": 0.6, "upper": 1.0667}),
    "points": (point_prior, {"hazard_ratios": [0.7, 1], "weights": [0.5, 0.5]}),
    "mixture": (mixture_prior, {"parts": [(0.5, PRIOR), (0.5, point_prior([1]))]}),
    "prior": (EffectPrior, {"components": ((1.0, 0.0, 0.2),)}),
    "coprimary": (
        coprimary_alpha,
        {"alpha": 0.05, "sided": 2, "pfs_share": 0.2, "passed_on": "holm", "correlation": 0.5},
    ),
    "coprimary power": (coprimary_alpha().power, {"thetas": [2, 2], "correlation": 0.5}),
    "centres": (
        PlannedCentres,
        {"opens_months": 0, "rate_per_month": 1, "count": 2, "delay_months": 1},
    ),
    "record": (CentreRecord, {"patients": 3, "months_open": 4, "closed": False}),
    "forecast": (
        accrual_forecast,
        {
            "patients": 30,
            "centres": CENTRES,
            "heterogeneity_cv": 0.5,
            "months": [12],
            "quantiles": [0.5],
        },
    ),
    "update": (
        accrual_update,
        {
            "patients": 30,
            "observed": [CentreRecord(3, 4), CentreRecord(1, 4)],
            "to_open": CENTRES,
            "rate_per_month": 0.5,
            "heterogeneity_cv": 0.5,
            "months": [12],
        },
    ),
    "slow": (
        slow_accrual_rule,
        {
            "rule": [(6, 0.5), (12, 0.5)],
            "centres": CENTRES,
            "heterogeneity_cv": 0.5,
            "speed": 0.5,
            "trials": 100,
            "seed": 1,
        },
    ),
    "stop": (
        information_at_stop,
        {
            "patients": 50,
            "events": 20,
            "planned_events": 300,
            "planned_hazard_ratio": 0.75,
            "allocation": 1,
            "conf_level": 0.95,
            "prior": PRIOR,
            "observed_hazard_ratio": 0.9,
        }
        | ALPHA,
    ),
    "curve": (ControlCurve, {"hazards": ((0, 0.1),), "cured": 0.1}),
    "exponential": (exponential_curve, {"median_months": 18, "cured": 0.1}),
}
ODD = [
    True,
    None,
    "x",
    "",
    b"0.5",
    math.nan,
    math.inf,
    -math.inf,
    -1,
    0,
    1,
    2,
    1.5,
    1e-300,
    1e300,
    10**400,
    -(10**400),
    1j,
    [],
    (),
    {},
    {"a": 1},
    [0.5],
    [True],
    [None],
    ["x"],
    [math.nan],
    [[1, 2], [3, 4]],
    [(1, 2)],
    {1.0},
    object(),
    np.float64("nan"),
    np.bool_(True),
    np.int64(3),
    np.float32(0.5),
    np.array(0.5),
    np.array([0.5, 0.7]),
    np.zeros((2, 2)),
    np.array([]),
    pl.Series([0.5, None]),
    pl.Series(["a"]),
    pl.Series([1, 2]),
    pl.DataFrame({"a": [1]}),
    range(3),
    lambda: 1,
    SimpleNamespace(information=None, efficacy_z=[1]),
    SimpleNamespace(information=[0.5, 0.4], efficacy_z=[2, 2]),
    SimpleNamespace(information=["a"], efficacy_z=[None]),
    SimpleNamespace(information=[0.9], efficacy_z=[2.0]),
]


def test_every_call_works_as_it_stands() -> None:
    for function, arguments in CALLS.values():
        result = function(**arguments)
        if hasattr(result, "to_dict"):
            json.dumps(result.to_dict(), allow_nan=False)


@pytest.mark.parametrize("name", CALLS)
def test_odd_values_give_a_result_or_an_input_error(name) -> None:
    function, arguments = CALLS[name]
    refused = 0
    for argument in arguments:
        for odd in ODD:
            try:
                result = function(**(arguments | {argument: odd}))
            except InputError:
                refused += 1
                continue
            if hasattr(result, "to_dict"):
                json.dumps(result.to_dict(), allow_nan=False)
    assert refused > 20 * len(arguments)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: non_inferiority_margin(-0.1, 0.1), "not established"),
        (lambda: non_inferiority_margin(0.3, 0.1), "change the sign"),
        (lambda: goal_hazard_ratio(ControlCurve(((0, 0.1),), 0.6), gain=6), "never reached"),
        (lambda: absolute_gain(ControlCurve(((0, 0.1),), 0.4), hazard_ratio=0.7), "never reached"),
        (lambda: goal_hazard_ratio(18, gain=50, measure="rmst", tau_months=60), "Give below 36.6"),
        (lambda: goal_hazard_ratio(18, gain=0.6, measure="milestone", tau_months=18), "below 0.5"),
        (
            lambda: undiluted_hazard_ratio(0.5, control=20, follow_up_months=24, not_treated=0.6),
            "the most that gets through",
        ),
        (
            lambda: diluted_hazard_ratio(
                0.7, control=20, follow_up_months=24, not_treated=0.7, partly_treated=0.4
            ),
            "more than the arm",
        ),
        (
            lambda: diluted_hazard_ratio(0.7, control=20, follow_up_months=24, not_treated=1.0),
            "nothing of the effect is left",
        ),
        (lambda: diluted_hazard_ratio(1.0, control=20, follow_up_months=24), "no effect"),
        (
            lambda: diluted_hazard_ratio(
                0.7, control=ControlCurve(((0, 0), (30, 0.1))), follow_up_months=24
            ),
            "no event comes",
        ),
        (lambda: conditional_power(1, 0.5, hazard_ratio=0.7), "events"),
        (lambda: conditional_power(1, 0.5, design_theta=2, design_hazard_ratio=0.7), "both"),
        (lambda: predictive_power(1, 0.5, prior=PRIOR), "events"),
        (lambda: predictive_power(1, 0.5, prior="fat"), "flat"),
        (lambda: mixture_prior([(0.5, PRIOR)]), "sum to 0.5"),
        (lambda: lognormal_prior(0.8, 0.79, 1.5), "lopsided"),
        (lambda: cluster_inflation(layout="within", mean_size=10, icc=0.1), "cancels"),
        (lambda: cluster_inflation(layout="cluster", mean_size=10), "exactly one"),
        (lambda: learning_curve(0.7, patients_by_surgeon=[3], first_skill=0.5), "missing"),
        (
            lambda: learning_curve(
                0.7, patients_by_surgeon=[3], first_skill=0.5, learning_patients=3, exponent=1
            ),
            "does not belong",
        ),
        (
            lambda: accrual_update(30, observed=[CentreRecord(0, 5), CentreRecord(0, 4)]),
            "estimate no variation",
        ),
        (
            lambda: accrual_update(
                30, observed=[CentreRecord(3, 5, True), CentreRecord(4, 4, True)]
            ),
            "none will open",
        ),
        (
            lambda: information_at_stop(5, 6, planned_events=9, planned_hazard_ratio=0.7),
            "more than",
        ),
        (lambda: information_at_stop(5, 0, planned_events=9, planned_hazard_ratio=0.7), "event"),
        (lambda: feasibility_stage([FeasibilityCriterion("a", "below", 0.0)]), "no count"),
        (
            lambda: feasibility_stage(
                [FeasibilityCriterion("withdrawal", "below", 0.1)],
                scenarios={"x": {"withdrawl": 0.1}},
            ),
            "withdrawal",
        ),
        (
            lambda: slow_accrual_rule([(2, 0.5)], centres=[PlannedCentres(3, 1)]),
            "nobody is planned",
        ),
        (lambda: continuous_monitoring(0.5, patients=3, rates=[0.5]), "unlikely enough"),
    ],
)
def test_errors_say_what_is_wrong(call, text) -> None:
    with pytest.raises(InputError, match=text):
        call()


def test_what_would_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match="at most 500"):
        accrual_forecast(30, centres=CENTRES * 501)
    with pytest.raises(InputError, match="at most 20000 trials"):
        slow_accrual_rule(
            [(6, 0.5), (12, 0.5)], centres=[PlannedCentres(0, 1, 1000)], trials=1_000_000
        )
    one_check = slow_accrual_rule([(6, 0.5)], centres=[PlannedCentres(0, 0.1, 10)])
    assert one_check.stop == one_check.alone[0]


def test_numpy_scalars_and_columns_are_numbers() -> None:
    plain = accrual_forecast(30, centres=CENTRES, months=[12.0, 24.0])
    column = accrual_forecast(np.int64(30), centres=CENTRES, months=pl.Series([12.0, 24.0]))
    assert plain == column
    assert goal_hazard_ratio(np.float32(18), gain=np.int8(6)) == goal_hazard_ratio(18.0, gain=6.0)
