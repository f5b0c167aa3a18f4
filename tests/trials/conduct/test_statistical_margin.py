"""Do simulated trials of non-inferiority err as often, and succeed as often, as theory says?"""

from __future__ import annotations

import dataclasses
import math

import pytest

from debulk.trials import run_trial, survival_design

TRIALS = 600
# A share lies within 3.3 standard errors in 999 of 1000 seeds.
MONTE_CARLO_WIDTH = 3.3
# Formulas for power hold for many events; looks at whole deaths and patients add to it.
FORMULA, FORMULA_WIDTH = 0.02, 3.0
ALPHA = 0.05  # one-sided, so that errors are seen in fewer trials
EVENTS, ACCRUAL = 250, 24.0


def plan(plan_of, **changes):
    """A margin of 1.3 with 250 deaths; nobody is lost, withdrawn or crossed over."""
    usual = {
        "null_ratio": 1.3,
        "alpha": ALPHA,
        "sided": 1,
        "events": EVENTS,
        "registered": 600,
        "hazard_ratio_os": 0.95,
        "hazard_ratio_pfs": 0.95,
        "accrual_months": ACCRUAL,
        "cutoff_months": 400.0,
    }
    return plan_of(**{**usual, **changes})


@pytest.fixture(scope="module")
def run(plan_of):
    """Some hundred trials whose true ratio is 0.95."""
    return run_trial(plan(plan_of), trials=TRIALS, seed=11)


def test_at_the_margin_alpha_of_the_trials_declare_non_inferiority(run) -> None:
    rate = run.effect["type_1_error"]
    assert (rate["nominal"], rate["true_ratio"]) == (ALPHA, 1.3)
    assert abs(rate["estimate"] - ALPHA) < MONTE_CARLO_WIDTH * math.sqrt(
        ALPHA * (1 - ALPHA) / TRIALS
    )


@pytest.mark.parametrize(("share", "true_ratio"), [("power", 0.95), ("declared_in_null_world", 1)])
def test_power_is_that_of_the_analytic_design(run, share, true_ratio) -> None:
    design = survival_design(
        hazard_ratio=true_ratio,
        null_ratio=1.3,
        median_control=20.0,
        alpha=ALPHA,
        sided=1,
        patients=336,
        events=EVENTS,
        accrual=ACCRUAL,
    )
    found = run.effect[share]
    assert abs(found["estimate"] - design.power) < FORMULA + FORMULA_WIDTH * found["se"]
    assert 0.3 < design.power < 0.95


@pytest.mark.parametrize("endpoint", ["os", "pfs"])
def test_the_margin_s_world_has_the_margin_whoever_follows_what(plan_of, endpoint) -> None:
    """Patients who change arms would bring a true ratio nearer to 1; assessments, a coarser one."""
    protocol = plan(plan_of, crossed_over=0.3, withdrawn=0.2, missed_visits=0.1, registered=500)
    endpoints = [
        dataclasses.replace(each, primary=each.name == endpoint) for each in protocol.endpoints
    ]
    protocol = dataclasses.replace(protocol, endpoints=tuple(endpoints))
    rate = run_trial(protocol, trials=TRIALS, seed=12).effect["type_1_error"]["estimate"]
    assert abs(rate - ALPHA) < MONTE_CARLO_WIDTH * math.sqrt(ALPHA * (1 - ALPHA) / TRIALS)


def test_more_than_superiority_is_harder_to_show_than_superiority(plan_of) -> None:
    strict = run_trial(
        plan(plan_of, null_ratio=0.9, hazard_ratio_os=0.65), trials=TRIALS // 3, seed=3
    )
    usual = run_trial(
        plan(plan_of, null_ratio=1.0, hazard_ratio_os=0.65), trials=TRIALS // 3, seed=3
    )
    assert strict.power < usual.power
    null = strict.effect["declared_in_null_world"]["estimate"]
    assert null < strict.effect["type_1_error"]["estimate"]
    assert (
        usual.effect["type_1_error"]["estimate"]
        == (usual.effect["declared_in_null_world"]["estimate"])
    )
