"""Do patients drawn from the plan show what the plan says?"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from debulk.core import InputError
from debulk.core.files import json_text
from debulk.trials import run_trial, trial_settings
from debulk.trials.recruitment.planned import PatientsFromPlan

# A share or mean lies within 3.3 standard errors in 999 of 1000 seeds.
MONTE_CARLO_WIDTH = 3.3
TRIALS = 300


@pytest.fixture(scope="module")
def run(plan_of):
    """Some hundred trials of a plan."""
    return run_trial(plan_of(), trials=TRIALS, seed=7)


@pytest.fixture(scope="module")
def pool(plan_of):
    """Patients of twenty trials."""
    settings = trial_settings(plan_of(), seed=7)
    return settings.generator.recruit(settings, 0, 20).randomised


def test_the_true_hazard_ratio_is_the_plan(run) -> None:
    error = run.truth.hazard_ratio_error
    assert error < 0.01
    assert abs(run.truth.hazard_ratio - 0.75) < MONTE_CARLO_WIDTH * error


def test_survival_of_the_arms_is_exponential_with_the_planned_medians(pool) -> None:
    failure = np.minimum(pool.death_control, pool.progression_control)
    other = np.minimum(pool.death_experimental, pool.progression_experimental)
    for times, median in (
        (pool.death_control, 20.0),
        (pool.death_experimental, 20.0 / 0.75),
        (failure, 9.0),
        (other, 9.0 / 0.7),
    ):
        scaled = times * math.log(2.0) / median
        # Mean and median of exponential numbers of mean 1; their errors are 1 / sqrt(n).
        assert abs(scaled.mean() - 1.0) < MONTE_CARLO_WIDTH / math.sqrt(pool.size)
        assert abs(np.median(scaled) - math.log(2.0)) < MONTE_CARLO_WIDTH / math.sqrt(pool.size)


def test_arms_share_their_random_numbers(pool) -> None:
    assert pool.death_experimental == pytest.approx(pool.death_control / 0.75)
    assert (pool.progression_control[np.isfinite(pool.progression_control)] > 0.0).all()


def test_one_trial_in_forty_declares_a_benefit_that_is_not_there(run) -> None:
    rate = run.effect["type_1_error"]
    error = math.sqrt(0.025 * 0.975 / TRIALS)
    assert rate["nominal"] == 0.025
    assert abs(rate["estimate"] - 0.025) < MONTE_CARLO_WIDTH * error


def test_the_null_world_is_one_to_the_bit(plan_of) -> None:
    null = run_trial(plan_of(), model=PatientsFromPlan().null_world(), trials=20, seed=7)
    assert (null.world, null.truth.hazard_ratio) == ("null", 1.0)
    assert null.effect["power"] == {
        key: null.effect["type_1_error"][key] for key in ("estimate", "se")
    }


def test_the_funnel_counts_chance_and_assumes_criteria(run) -> None:
    steps = {each["step"]: each["patients"] for each in run.funnel}
    assert steps["drawn"] == 600.0
    assert steps["treatable"] == 600.0
    error = math.sqrt(600 * 0.56 * 0.44 / TRIALS)
    assert abs(steps["randomised"] - 600 * 0.8 * 0.7) < MONTE_CARLO_WIDTH * error
    assert {each["criterion"] for each in run.assumed_met} >= {"E1", "R1"}


def test_what_planned_patients_cannot_tell_is_not_told(run) -> None:
    for arm in run.arms.values():
        assert arm["treated_as_assigned"] is None
        assert arm["systemic_days_lost"] is None
    assert run.mechanisms == {"on": [], "off": [], "strengths": {}}
    assert "drawn from the plan" in run.provenance.remarks[0]


def test_threads_chunks_and_numbers_of_trials_do_not_matter(plan_of) -> None:
    whole = run_trial(plan_of(), trials=13, seed=3)
    assert json_text(run_trial(plan_of(), trials=13, seed=3, workers=1)) == json_text(whole)
    fewer = run_trial(plan_of(), trials=4, seed=3)
    assert fewer.trial_table.equals(whole.trial_table.head(4))


def test_progression_free_survival_cannot_outlast_survival(plan_of) -> None:
    with pytest.raises(InputError, match=r"orchestra.yaml, planned.*experimental arm"):
        run_trial(plan_of(hazard_ratio_pfs=0.2), trials=1)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"salvage": 0.2}, r"orchestra.yaml, conduct.salvage.*no local treatment"),
        ({"randomisation": "liver_only"}, r"conduct.randomisation.strata.*'liver_only'"),
    ],
)
def test_what_a_plan_cannot_do_is_refused_by_name(plan_of, changes, match) -> None:
    from debulk.protocols.plans import Randomisation

    if "randomisation" in changes:
        changes = {"randomisation": Randomisation(strata=("liver_only",))}
    with pytest.raises(InputError, match=match):
        run_trial(plan_of(**changes), trials=1)


def test_without_a_plan_there_are_no_planned_patients(small_protocol) -> None:
    with pytest.raises(InputError, match="no part called planned"):
        run_trial(small_protocol, model=PatientsFromPlan(), trials=1)


def test_a_generator_of_ones_own(plan_of) -> None:
    """Whoever implements the interface is conducted like the others: here nobody dies."""

    @dataclasses.dataclass(frozen=True)
    class Immortal(PatientsFromPlan):
        name = "immortal patients"

        def recruit(self, settings, first_trial, trials, *, keep_refusers=False):
            found = super().recruit(settings, first_trial, trials, keep_refusers=keep_refusers)
            never = np.full(found.randomised.size, np.inf)
            columns = {**found.randomised.columns(), "death_control": never}
            columns |= {"death_experimental": never, "death_salvage": never}
            randomised = type(found.randomised).from_columns(columns)
            return dataclasses.replace(found, randomised=randomised)

    result = run_trial(plan_of(), model=Immortal(), trials=2, seed=1)
    assert result.trial_table["events"].to_list() == [0, 0]
    assert result.power == 0.0


def test_refusers_are_kept_with_their_mark_when_asked(plan_of) -> None:
    steps = tuple(
        dataclasses.replace(step, consent=step.step == "consenting") for step in plan_of().funnel
    )
    settings = trial_settings(dataclasses.replace(plan_of(), funnel=steps), seed=2)
    usual = settings.generator.recruit(settings, 0, 3).randomised
    kept = settings.generator.recruit(settings, 0, 3, keep_refusers=True).randomised
    assert usual.consents.all()
    assert not kept.consents.all()
    willing = np.flatnonzero(kept.consents)
    assert set(zip(usual.trial, usual.patient, strict=True)) >= set(
        zip(kept.trial[willing], kept.patient[willing], strict=True)
    )
    error = math.sqrt(0.7 * 0.3 / kept.size)
    assert abs(kept.consents.mean() - 0.7) < MONTE_CARLO_WIDTH * error


def test_curves_of_a_trial_come_near_the_plan(run) -> None:
    curve = run.truth.curves["os"]
    at_20 = curve["months"].index(20.0)
    assert curve["control"][at_20] == pytest.approx(0.5, abs=0.01)


def test_assumed_criteria_say_why(run) -> None:
    assert all("no characteristics" in each["because"] for each in run.assumed_met)


def test_how_far_the_disease_model_fits_is_a_remark(small_run, run) -> None:
    assert sum("fits in part" in each for each in small_run.provenance.remarks) == 1
    assert not any("disease model fits" in each for each in run.provenance.remarks)
