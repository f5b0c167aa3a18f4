"""A margin of non-inferiority on hand-made data: the statistic, its sign, and what is refused."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import polars as pl
import pytest

from debulk.core import InputError
from debulk.protocols import load_protocol
from debulk.protocols.plans import Monitoring
from debulk.survival import cox
from debulk.trials import run_trial
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.conduct.analysis import SurvivalTest, deciding_test
from debulk.trials.conduct.monitoring import EFFICACY, NOTHING, Monitor
from debulk.trials.conduct.observing import World, statistics

NEVER = np.inf
# Deaths at 1 (control), 2 (treated) and 3 (control) of two against two, with hazard ratio h: the
# likelihood is 1/(2+2h) * h/(1+2h) * 1/(1+h). Where its score is 0 is found below by bisection.
DEATH = [1.0, 3.0, 2.0, NEVER]
ARMS = [False, False, True, True]


def score(log_ratio: float) -> float:
    """Derivative of that log-likelihood in the log ratio."""
    h = math.exp(log_ratio)
    return 1.0 - 2 * h / (2 + 2 * h) - 2 * h / (1 + 2 * h) - h / (1 + h)


def information(log_ratio: float) -> float:
    """Minus its second derivative."""
    h = math.exp(log_ratio)
    shares = (2 * h / (2 + 2 * h), 2 * h / (1 + 2 * h), h / (1 + h))
    return sum(each * (1 - each) for each in shares)


def by_hand() -> tuple[float, float]:
    """Log hazard ratio and its standard error."""
    low, high = -5.0, 5.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if score(middle) > 0 else (low, middle)
    return low, 1 / math.sqrt(information(low))


def world(strata=(0, 0, 0, 0)) -> World:
    """One trial of four patients, nobody lost."""
    return World(
        event_months=np.array(DEATH),
        entry_months=np.zeros(4),
        lost_months=np.full(4, NEVER),
        experimental=np.array(ARMS),
        strata=np.array(strata, np.int64),
        starts=np.array([0, 4]),
    )


@pytest.mark.parametrize("kind", ["logrank", "stratified-logrank"])
def test_the_statistic_is_wald_s_against_the_margin(kind) -> None:
    log_ratio, error = by_hand()
    here = world()
    test = SurvivalTest(kind, null_ratio=1.3)
    found = statistics(here, [here.seen(0, 10.0)], test)[0]
    # Below 0 favours the experimental arm, as the log-rank z: minus the z of the decision.
    assert found == pytest.approx((log_ratio - math.log(1.3)) / error, abs=1e-6)


def test_a_stratified_test_stratifies_its_model() -> None:
    rng = np.random.default_rng(4)
    time, arm = rng.exponential(10.0, 80), np.arange(80) % 2 == 1
    strata = np.arange(80) // 20
    time = time / (1.0 + strata)
    time[:3] = 0.0  # who comes after the look
    event = (rng.random(80) < 0.8) & (time > 0.0)
    frame = pl.DataFrame({"time": time, "event": event, "arm": arm, "stratum": strata})
    model = cox(
        frame.filter(pl.col("time") > 0.0),
        time="time",
        event="event",
        covariates=["arm"],
        strata=["stratum"],
    )
    test = SurvivalTest("stratified-logrank", null_ratio=0.9)
    expected = (model.coef[0] - math.log(0.9)) / model.se[0]
    assert test.z(time, event, arm, strata) == pytest.approx(expected, abs=1e-8)
    whole = dataclasses.replace(test, kind="logrank").z(time, event, arm, strata)
    assert abs(whole - expected) > 0.01


def test_the_bound_at_a_look_is_held_against_that_statistic(plan_of) -> None:
    """At the third death of four planned: crossed just below the statistic, not just above."""
    log_ratio, error = by_hand()
    z = (math.log(1.3) - log_ratio) / error
    here = world()
    for step, reason in ((-0.001, EFFICACY), (0.001, NOTHING)):
        bounds = group_sequential((0.75, 1.0), alpha=0.025, efficacy=(z + step, 9.0))
        engine = Monitor(plan_of(events=4), bounds, SurvivalTest(null_ratio=1.3))
        found = engine._crossed(here, np.array([3.0]), 0, bounds)
        assert found[0] == reason


@pytest.mark.parametrize("test", ["rmst:24", "max-combo", "fleming-harrington:0,1", "milestone:12"])
def test_tests_without_a_hazard_ratio_are_refused_by_name(plan_of, test) -> None:
    protocol = plan_of(test=test, null_ratio=1.2)
    with pytest.raises(InputError, match=rf"orchestra.yaml, design.null_ratio.*{test[:4]}.*1\.2"):
        run_trial(protocol, trials=1)
    assert deciding_test(plan_of(test=test)).null_ratio == 1.0


def test_collision_asks_for_non_inferiority_and_has_no_world_at_its_margin() -> None:
    changes = {"conduct.people_with_bowel_cancer": "1500"}
    result = run_trial(load_protocol("collision", changes=changes), trials=3, seed=1)
    effect = result.effect
    assert effect["null_ratio"] == 1.3
    assert effect["type_1_error"]["estimate"] is None
    assert "margin" in effect["type_1_error"]["reason"]
    assert math.isnan(result.monte_carlo_error["type_1_error"])
    assert 0.0 <= effect["declared_in_null_world"]["estimate"] <= 1.0
    assert effect["two_sided_rejections_null"]["estimate"] is None
    table = result.trial_table
    assert "z_test_margin" not in table.columns
    z = (table["log_hazard_ratio"] - math.log(1.3)) / table["se_log_hazard_ratio"]
    assert table["z_test"].to_numpy() == pytest.approx(z.to_numpy())


def test_looks_and_margins_go_together(plan_of) -> None:
    """More than superiority, with looks: the table tells of the world at the margin too."""
    protocol = plan_of(
        null_ratio=0.9, monitoring=Monitoring((0.5, 1.0), "obrien-fleming"), events=150
    )
    result = run_trial(protocol, trials=4, seed=1)
    assert result.effect["type_1_error"]["true_ratio"] == 0.9
    assert {"z_test_margin", "crossed_margin"} <= set(result.trial_table.columns)
