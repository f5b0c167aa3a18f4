"""Do simulated trials with looks cross their bounds as often as theory says?"""

from __future__ import annotations

import math

import numpy as np
import pytest

from debulk.protocols.plans import Monitoring
from debulk.trials import run_trial
from debulk.trials.conduct.monitoring import boundaries_of

TRIALS = 500
# Every share within 3.5 standard errors: ten shares, one in two hundred seeds outside.
MONTE_CARLO_WIDTH = 3.5
# The normal limit of the log-rank test with some hundred deaths, and looks at whole deaths.
LIMIT = 0.01

PLAN = Monitoring(
    (0.4, 0.7, 1.0),
    "spending-obrien-fleming",
    futility="hwang-shih-decani:-2",
    harm="spending-pocock",
    harm_alpha=0.05,
)


@pytest.fixture(scope="module")
def protocol(plan_of):
    """A plan of 240 deaths, three looks; nobody is lost."""
    return plan_of(
        monitoring=PLAN,
        events=240,
        registered=560,
        hazard_ratio_os=0.7,
        accrual_months=24.0,
        cutoff_months=400.0,
    )


@pytest.fixture(scope="module")
def run(protocol):
    """Half a thousand trials."""
    return run_trial(protocol, trials=TRIALS, seed=5)


@pytest.mark.parametrize(("world", "log_ratio"), [("simulated", math.log(0.7)), ("null", 0.0)])
def test_bounds_are_crossed_as_often_as_theory_says(protocol, run, world, log_ratio) -> None:
    theta = -log_ratio * math.sqrt(240 / 4)
    expected = boundaries_of(protocol).probabilities(theta)
    found = run.monitoring[world]["crossing"]
    for bound, wanted in (
        ("efficacy", expected.efficacy),
        # At the last look, not to reject is no stop.
        ("futility", expected.futility[:-1]),
        ("harm", expected.harm),
    ):
        got = np.array(found[bound][: len(wanted)])
        error = np.sqrt(np.maximum(wanted * (1 - wanted), 1 / TRIALS) / TRIALS)
        assert (np.abs(got - wanted) < MONTE_CARLO_WIDTH * error + LIMIT).all(), bound


def test_stopping_early_saves_deaths_and_time(run) -> None:
    simulated = run.monitoring["simulated"]
    table = run.trial_table
    assert simulated["expected_events"] < 230
    assert simulated["expected_events"] == pytest.approx(table["events"].mean())
    assert (table["cutoff_months"] <= table["planned_cutoff_months"]).all()
    early = table.filter(table["look"] < 3)
    assert (early["events"].is_in([96, 168])).all()
    assert early.height > 50


def test_power_is_the_share_that_crosses_efficacy(run) -> None:
    assert run.power == pytest.approx(sum(run.crossing["efficacy"]))
    assert set(run.crossing) == {"efficacy", "futility", "harm"}
    null = run.monitoring["null"]["crossing"]["efficacy"]
    assert run.effect["type_1_error"]["estimate"] == pytest.approx(sum(null))


def test_the_truth_is_followed_to_the_planned_end(plan_of, run) -> None:
    """Looks change when a trial stops, not what is true."""
    assert abs(run.truth.hazard_ratio - 0.7) < MONTE_CARLO_WIDTH * run.truth.hazard_ratio_error
    hazard_ratio = run.hazard_ratio["median"]
    assert hazard_ratio < 0.72
