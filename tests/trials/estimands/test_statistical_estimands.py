"""Do the table of estimands and its truths say what is known of the patients?"""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from debulk.core import InputError
from debulk.disease import load_model
from debulk.trials import run_trial, trial_settings
from debulk.trials.estimands.delivered import delivered_as_planned
from debulk.trials.estimands.table import performance

# A difference lies within 4 Monte Carlo standard errors in all but one of 16,000 seeds.
MONTE_CARLO_WIDTH = 4.0


def by_name(results):
    return {each.name: each for each in results}


@pytest.fixture(scope="module")
def planned(plan_of):
    """Exponential patients at a hazard ratio of 0.6; many refuse or cross over, by chance alone."""
    protocol = plan_of(hazard_ratio_os=0.6, hazard_ratio_pfs=0.6, withdrawn=0.2, crossed_over=0.3)
    return run_trial(protocol, trials=100, seed=3)


def test_the_treatment_policy_s_truth_is_the_run_s(planned) -> None:
    policy = by_name(planned.estimands.estimands)["treatment_policy"].truth
    assert policy.hazard_ratio == planned.truth.hazard_ratio
    assert policy.hazard_ratio_error == pytest.approx(planned.truth.hazard_ratio_error)
    assert policy.rmst_difference_months == pytest.approx(planned.truth.rmst_difference_months)
    assert policy.rmst_error_months == pytest.approx(planned.truth.rmst_error_months)


def test_had_nobody_changed_treatment_the_ratio_is_the_plan_s(planned) -> None:
    hypothetical = by_name(planned.estimands.estimands)["hypothetical"]
    truth = hypothetical.truth
    assert abs(truth.hazard_ratio - 0.6) < MONTE_CARLO_WIDTH * truth.hazard_ratio_error
    found = by_name(hypothetical.estimators)
    # Changes are drawn by chance, so that leaving them out or modelling them is unbiased ...
    for name in ("censored", "per_protocol", "rpsft"):
        each = found[name].log_hazard_ratio
        assert abs(each.bias) < MONTE_CARLO_WIDTH * each.bias_error, name
        assert each.coverage > 0.87  # 0.95 minus 3.6 standard errors of 100 trials
    # ... but the arms as randomised are diluted.
    diluted = found["as_randomised"].log_hazard_ratio
    assert diluted.bias > 10.0 * diluted.bias_error


def test_estimands_are_plain_values(planned) -> None:
    content = planned.to_dict()["estimands"]
    json.dumps(content, allow_nan=False)
    assert content["endpoint"] == "os"
    assert [each["name"] for each in content["estimands"]] == ["treatment_policy", "hypothetical"]
    assert any("treated locally" in each for each in content["not_told"])


def test_estimands_of_virtual_patients(small_run) -> None:
    found = by_name(small_run.estimands.estimands)
    assert set(found) == {
        "treatment_policy",
        "hypothetical",
        "composite",
        "principal_stratum_all",
        "principal_stratum_80",
    }
    assert 0.0 < found["principal_stratum_all"].share < found["principal_stratum_80"].share < 1.0
    # Prevented refusals and crossover: the arms differ more.
    truths = {name: each.truth.hazard_ratio for name, each in found.items()}
    assert truths["hypothetical"] < truths["treatment_policy"] < 1.0
    # To be treated, a patient must live and stay free of progression until then.
    naive = found["principal_stratum_all"].estimators[0].log_hazard_ratio
    policy = found["treatment_policy"].estimators[0].log_hazard_ratio
    assert naive.mean < policy.mean


def test_in_the_null_world_every_truth_is_no_effect(null_run) -> None:
    found = by_name(null_run.estimands.estimands)
    assert set(found) == {"treatment_policy", "hypothetical"}
    assert {each.truth.hazard_ratio for each in found.values()} == {1.0}


def test_always_delivered_is_more_effect_than_as_it_is(small_protocol) -> None:
    settings = trial_settings(small_protocol, model=load_model(), seed=1)
    sure = delivered_as_planned(settings, 4)
    arm = settings.protocol.experimental
    seldom = dataclasses.replace(arm, strategy=dataclasses.replace(arm.strategy, delivered=0.3))
    protocol = dataclasses.replace(settings.protocol, arms=(settings.protocol.control, seldom))
    run = run_trial(protocol, model=load_model(), trials=4, seed=1)
    as_it_is = by_name(run.estimands.estimands)["hypothetical"].truth
    error = math.hypot(sure.hazard_ratio_error, as_it_is.hazard_ratio_error)
    assert sure.patients == as_it_is.patients
    assert as_it_is.hazard_ratio - sure.hazard_ratio > 3.0 * error


@pytest.mark.parametrize("trials", [0, -1, True, 1.5, "3"])
def test_a_number_of_trials_that_is_none_is_refused(small_protocol, trials) -> None:
    with pytest.raises(InputError, match="trials"):
        delivered_as_planned(trial_settings(small_protocol), trials)


def test_patients_from_a_plan_cannot_be_delivered_to(plan_of) -> None:
    with pytest.raises(InputError, match="no local treatment"):
        delivered_as_planned(trial_settings(plan_of()), 2)


def test_performance_by_hand() -> None:
    estimates, errors = np.array([0.0, 1.0, 2.0, np.nan]), np.array([1.0, 1.0, 0.1, 1.0])
    found = performance(estimates, errors, 0.5, 0.3)
    assert (found.trials, found.mean, found.bias) == (3, 1.0, 0.5)
    assert found.mean_error == pytest.approx(1.0 / math.sqrt(3.0))
    assert found.bias_error == pytest.approx(math.hypot(1.0 / math.sqrt(3.0), 0.3))
    assert found.coverage == pytest.approx(2.0 / 3.0)
    assert math.isnan(performance(np.array([np.nan]), np.array([1.0]), 0.5, 0.3).mean)
