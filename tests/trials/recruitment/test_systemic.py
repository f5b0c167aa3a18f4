"""Systemic therapy by arm: is it what the protocol says, and nothing but it?"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from debulk.core import InputError
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease import Care, load_model, run_course
from debulk.disease.growth import STEP_DAYS
from debulk.protocols import load_protocol
from debulk.protocols.plans import SystemicPlan, Utilities
from debulk.protocols.spec import Endpoint, Strategy
from debulk.trials import run_trial, trial_settings
from debulk.trials.recruitment.centres import at_centres
from debulk.trials.recruitment.courses import both_courses, follow
from debulk.trials.recruitment.funnel import recruit
from debulk.trials.recruitment.randomised import COLUMNS
from debulk.trials.recruitment.systemic import care_of

SMALL = load_protocol("orchestra", changes={"conduct.people_with_bowel_cancer": "3000"})
SURGERY = load_protocol("eortc-40983", changes={"conduct.people_with_bowel_cancer": "4000"})
LINES, LATER = SystemicPlan(), SystemicPlan("after progression")
TRIALS = 4
SEED = 5


def with_systemic(protocol, control, experimental, *, local=True):
    """A protocol whose arms have this systemic therapy, and local treatment or none."""
    arms = [
        dataclasses.replace(
            arm,
            strategy=dataclasses.replace(
                arm.strategy if local else Strategy(local_treatment=False), systemic=plan
            ),
        )
        for arm, plan in zip(protocol.arms, (control, experimental), strict=True)
    ]
    return dataclasses.replace(protocol, arms=tuple(arms))


def patients(protocol, model=None, trials=TRIALS):
    """Randomised patients of a few small trials."""
    settings = trial_settings(protocol, model=model, seed=SEED)
    return follow(settings, recruit(settings, 0, trials))


def same(one, other):
    """Whether every column of two pools is the same, bit for bit."""
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
        for name in COLUMNS
        if getattr(one, name).dtype != bool
    )


def test_lines_said_of_both_arms_are_what_is_there_without_saying_it() -> None:
    explicit = with_systemic(SMALL, LINES, LINES)
    assert same(patients(SMALL), patients(explicit))
    found, other = (run_trial(each, trials=2, seed=SEED) for each in (SMALL, explicit))
    assert found.trial_table.equals(other.trial_table)
    assert found.arms == {
        name: {key: value for key, value in arm.items() if key != "systemic"}
        for name, arm in other.arms.items()
    }
    assert found.truth == other.truth


def test_without_a_run_in_nobody_has_a_drug_before_randomisation() -> None:
    settings = trial_settings(SURGERY, seed=SEED)
    assert settings.run_in_steps == 0
    found = recruit(settings, 0, TRIALS)
    run_in = found.run_in
    assert run_in.living.all()
    assert np.array_equal(run_in.visible, run_in.presenters.visible)
    pool = follow(settings, found)
    assert np.array_equal(pool.randomised_months, found.arrival_months)
    # Where the arms say nothing, line 1 begins one step before.
    silent = dataclasses.replace(with_systemic(SURGERY, None, None))
    assert trial_settings(silent, seed=SEED).run_in_steps == 1


def test_drugs_from_the_start_delay_progression_and_equal_the_disease_model_itself() -> None:
    """Without local treatment: the same patients, with drugs at once and after progression."""
    protocol = with_systemic(SURGERY, LATER, LINES, local=False)
    settings = trial_settings(protocol, seed=SEED)
    found = recruit(settings, 0, TRIALS)
    pool = follow(settings, found)
    horizon = np.maximum(
        protocol.conduct.cutoff_months - pool.randomised_months, settings.least_follow_up_months
    )
    shared = {"era": 0.9, "repeat_resection": 1.0}
    for arm, care in (
        ("control", Care("after progression", **shared)),
        ("experimental", Care("lines", **shared)),
    ):
        course = run_course(
            settings.disease,
            found.run_in.presenters,
            seed=SEED,
            randomised_step=0,
            care=care,
            horizon_months=horizon,
        )
        assert np.array_equal(course.death_months, getattr(pool, f"death_{arm}"))
        assert np.array_equal(course.progression_months, getattr(pool, f"progression_{arm}"))
        lost = getattr(pool, f"systemic_days_lost_{arm}")
        assert np.array_equal(course.systemic_days_lost, lost)
    assert (pool.systemic_days_lost_control == 0.0).all()
    free = [
        np.minimum(getattr(pool, f"progression_{arm}"), getattr(pool, f"death_{arm}"))
        for arm in ("control", "experimental")
    ]
    # Of death alone nothing is expected: at progression the control arm has the same lines.
    gain = np.minimum(free[1], 36.0) - np.minimum(free[0], 36.0)
    assert gain.mean() > 2.0
    assert gain.mean() > 3.0 * gain.std() / math.sqrt(gain.size)


def test_both_arms_share_the_run_in_whatever_comes_after_it() -> None:
    protocol = with_systemic(SMALL, LATER, SystemicPlan(stop_after_months=3.0))
    settings = trial_settings(protocol, seed=SEED)
    found = recruit(settings, 0, TRIALS)
    both = both_courses(
        settings,
        found.run_in,
        np.full(len(found.order), 24.0),
        at_centres(settings, found.run_in.presenters.trial, found.run_in.presenters.patient, found),
    )
    for course in (both.control, both.experimental):
        assert np.array_equal(course.response, found.run_in.response)
        assert np.array_equal(course.run_in_diameter_mm, found.run_in.diameter_mm)
    steps = settings.run_in_steps
    stop = steps + round(3.0 * DAYS_PER_MONTH / STEP_DAYS)
    cares = [care_of(settings, arm.strategy) for arm in protocol.arms]
    assert [each.systemic for each in cares] == ["lines", "lines"]
    assert [each.last_drug_step for each in cares] == [steps, stop]
    usual = patients(SMALL)
    early = both.control.progression_months
    assert np.isfinite(early).mean() > np.isfinite(usual.progression_control).mean() - 0.05
    assert np.minimum(early, 24.0).mean() < np.minimum(usual.progression_control, 24.0).mean()


def test_times_fall_on_the_steps_that_the_protocols_mean() -> None:
    steps = {}
    for name in ("eortc-40983", "jcog0603", "collision-relapse"):
        settings = trial_settings(load_protocol(name), seed=SEED)
        care = care_of(settings, settings.protocol.experimental.strategy)
        assert care_of(settings, settings.protocol.control.strategy).systemic == (
            "after progression"
        )
        steps[name] = (care.first_drug_step, settings.local_step, care.last_drug_step)
    # Twelve weeks are four steps of 21 days, a cycle of two weeks two thirds of one.
    assert steps == {
        "eortc-40983": (0, 6, 12),
        "jcog0603": (2, 0, 10),
        "collision-relapse": (0, 6, 4),
    }


def test_the_null_world_has_the_control_arm_s_therapy_in_both_arms() -> None:
    real = patients(SURGERY)
    null = patients(SURGERY, model=load_model().null_world())
    assert np.array_equal(null.death_control, real.death_control)
    assert np.array_equal(null.death_experimental, real.death_control)
    assert np.array_equal(null.progression_experimental, real.progression_control)
    assert not np.array_equal(real.death_experimental, real.death_control)


def test_a_regimen_acts_by_the_factor_of_its_card() -> None:
    def deaths(regimen):
        plan = SystemicPlan(regimen=regimen)
        pool = patients(with_systemic(SURGERY, LINES, plan, local=False))
        return pool.death_control, pool.death_experimental

    control, same_kill = deaths("folfox")
    assert np.array_equal(control, same_kill)
    _, weak = deaths("regorafenib")
    assert np.minimum(weak, 36.0).mean() < np.minimum(control, 36.0).mean()


def test_arms_without_local_treatment_tell_of_drugs_alone() -> None:
    protocol = with_systemic(SURGERY, LINES, LATER, local=False)
    found = run_trial(protocol, trials=2, seed=SEED)
    for arm in found.arms.values():
        assert arm["treated_as_assigned"] is None
        assert arm["major_complications"] is None
        assert arm["systemic"]["given"] in ("lines", "after progression")
        assert arm["systemic_days_lost"] is not None
    assert (
        found.arms["perioperative"]["systemic_days_lost"]
        < (found.arms["control"]["systemic_days_lost"])
    )


def test_time_on_drugs_is_not_told_where_they_are_given_in_part() -> None:
    names = ("pfs", "days_off_chemotherapy", "q_twist", "complications")
    protocol = dataclasses.replace(
        SURGERY,
        endpoints=tuple(Endpoint(each, "", each == "pfs") for each in names),
        utilities=Utilities(0.7, 0.9, 0.5, 0.4),
    )
    told = {each.name: each for each in run_trial(protocol, trials=2, seed=SEED).endpoints}
    for name in ("days_off_chemotherapy", "q_twist"):
        assert told[name].measures == ()
        assert "part of the time" in told[name].not_told
    assert told["pfs"].measures
    assert told["complications"].measures


@pytest.mark.parametrize(
    ("protocol", "control", "experimental", "match"),
    [
        (SURGERY, None, LINES, r"arms.control.systemic: is missing"),
        (SURGERY, LINES, None, r"arms.perioperative.systemic: is missing"),
        (
            SURGERY,
            LINES,
            dataclasses.replace(LATER, start_after_months=1.0),
            r"perioperative.systemic.start_after_months.*no time rules",
        ),
        (
            SURGERY,
            LINES,
            dataclasses.replace(LATER, stop_after_months=1.0),
            r"perioperative.systemic.stop_after_months.*no time rules",
        ),
        (
            SURGERY,
            LINES,
            SystemicPlan(start_after_months=3.0, stop_after_months=3.1),
            r"stop_after_months.*no step of 21 days",
        ),
        (SMALL, LINES, SystemicPlan(start_after_months=1.0), r"start_after_months.*run-in"),
        (SMALL, LINES, SystemicPlan(regimen="folfox"), r"systemic.regimen.*run-in"),
        (SURGERY, LINES, SystemicPlan(regimen="folfux"), r"no card 'folfux'.*folfox"),
    ],
)
def test_what_would_do_nothing_or_cannot_be_done_is_refused(
    protocol, control, experimental, match
) -> None:
    with pytest.raises(InputError, match=match):
        trial_settings(with_systemic(protocol, control, experimental), seed=SEED)


def test_salvage_needs_local_treatment_in_the_experimental_arm() -> None:
    protocol = with_systemic(SURGERY, LINES, LATER, local=False)
    protocol = dataclasses.replace(
        protocol, conduct=dataclasses.replace(protocol.conduct, salvage=0.2)
    )
    with pytest.raises(InputError, match=r"conduct.salvage.*no local treatment"):
        trial_settings(protocol, seed=SEED)
