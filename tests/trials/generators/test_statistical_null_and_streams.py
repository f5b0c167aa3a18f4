"""Are null worlds null, and do threads, chunks and numbers of trials not matter?"""

from __future__ import annotations

import math

import numpy as np
import pytest

from debulk.core.files import json_text
from debulk.trials import run_trial, trial_settings
from debulk.trials.generators.arms import ArmsPatients
from debulk.trials.generators.cohort import CohortPatients
from debulk.trials.generators.cure_mixture import CureMixturePatients
from debulk.trials.generators.illness_death import IllnessDeathPatients
from debulk.trials.generators.piecewise_exponential import PiecewiseExponentialPatients
from debulk.trials.generators.strata import PrognosticFactor

# A share lies within 3.3 standard errors in 999 of 1000 seeds.
WIDTH = 3.3
TRIALS = 400
RAS = PrognosticFactor("ras", ((0.6, 1.0), (0.4, 1.8)))


@pytest.fixture(scope="module")
def generators(colon, colon_follow_up):
    """One of each kind."""
    from debulk.patients import Cohort

    ids = [str(row) for row in range(colon.height)]
    tables = {
        "patients": {"patient_id": ids},
        "followup": {
            "patient_id": ids,
            "last_months": colon["time"],
            "dead": colon["event"].cast(bool),
        },
    }
    cohort = Cohort.from_tables(tables)
    return {
        "hazards": PiecewiseExponentialPatients(
            400, 0.04, ((0, 1.3), (6, 0.6)), 0.08, 0.7, strata=(RAS,)
        ),
        "cure": CureMixturePatients(400, 0.1, 0.3, 15.0, 0.8),
        "illness": IllnessDeathPatients(400, 0.08, 0.01, 0.05, progression_experimental=0.05),
        "arms": ArmsPatients(400, colon_follow_up, tail="exponential"),
        "cohort": CohortPatients(400, cohort, 0.7, tail="never"),
    }


KINDS = ("hazards", "cure", "illness", "arms", "cohort")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_one_null_trial_in_forty_declares_a_benefit(protocol, generators, kind) -> None:
    run = run_trial(protocol, model=generators[kind].null_world(), trials=TRIALS, seed=2)
    assert (run.world, run.truth.hazard_ratio) == ("null", 1.0)
    error = math.sqrt(0.025 * 0.975 / TRIALS)
    assert abs(run.effect["power"]["estimate"] - 0.025) < WIDTH * error


@pytest.mark.parametrize("kind", KINDS)
def test_the_null_world_has_the_control_arms_course_to_the_bit(protocol, generators, kind) -> None:
    settings = trial_settings(protocol, model=generators[kind], seed=2)
    null = trial_settings(protocol, model=generators[kind].null_world(), seed=2)
    here = settings.generator.recruit(settings, 0, 2).randomised
    there = null.generator.recruit(null, 0, 2).randomised
    assert there.death_experimental.tolist() == here.death_control.tolist()
    assert there.progression_experimental.tolist() == here.progression_control.tolist()
    assert here.death_experimental.tolist() != here.death_control.tolist()
    assert settings.fingerprint != null.fingerprint


@pytest.mark.parametrize("kind", KINDS)
def test_threads_chunks_and_numbers_of_trials_do_not_matter(protocol, generators, kind) -> None:
    whole = run_trial(protocol, model=generators[kind], trials=13, seed=3)
    one = run_trial(protocol, model=generators[kind], trials=13, seed=3, workers=1)
    assert json_text(one) == json_text(whole)
    fewer = run_trial(protocol, model=generators[kind], trials=4, seed=3)
    assert fewer.trial_table.equals(whole.trial_table.head(4))


@pytest.mark.parametrize("kind", KINDS)
def test_a_patient_is_the_same_whichever_trials_are_asked_for(protocol, generators, kind) -> None:
    settings = trial_settings(protocol, model=generators[kind], seed=3)
    whole = settings.generator.recruit(settings, 0, 6).randomised
    part = settings.generator.recruit(settings, 4, 2).randomised
    late = whole.trial >= 4
    for name, column in part.columns().items():
        np.testing.assert_array_equal(column, whole.columns()[name][late], err_msg=name)


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_has_its_source_and_decides_the_fingerprint(
    protocol, generators, kind
) -> None:
    found = generators[kind].parameters(protocol)
    assert {each.source for each in found} == {"chosen by the user", "assumption"}
    names = {each.name for each in found}
    assert {"patients.registered", "patients.visit_interval_months"} <= names
    assert json_text(generators[kind].identity())
