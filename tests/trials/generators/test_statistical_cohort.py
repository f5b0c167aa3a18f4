"""Do patients drawn again from a cohort have its courses, its characteristics and the effect?"""

from __future__ import annotations

import dataclasses
import math
import re

import numpy as np
import polars as pl
import pytest

from debulk.patients import Cohort
from debulk.protocols.plans import Leaning, Randomisation
from debulk.survival import cox, kaplan_meier
from debulk.trials import run_trial, trial_settings
from debulk.trials.generators.cohort import CohortPatients

# A share or mean lies within 3.3 standard errors in 999 of 1000 seeds; the Kolmogorov distance
# exceeds 1.95 / sqrt(n) in one of 1000.
WIDTH = 3.3
DISTANCE = 1.95
SIZE = 600


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    """Six hundred patients: exponential deaths and progressions, staggered ends of follow-up."""
    generator = np.random.default_rng(3)
    death = generator.exponential(20.0, SIZE)
    progression = generator.exponential(12.0, SIZE)
    end = generator.uniform(12.0, 60.0, SIZE)
    last = np.minimum(death, end)
    ids = [f"P{row}" for row in range(SIZE)]
    return Cohort.from_tables(
        {
            "patients": {
                "patient_id": ids,
                "who_ps": generator.integers(0, 4, SIZE),
                "age_years": generator.uniform(40.0, 80.0, SIZE),
                "crc_confirmed": [True] * SIZE,
                "randomised_months": [0.5] * SIZE,
            },
            "followup": {
                "patient_id": ids,
                "last_months": 0.5 + last,
                "dead": death <= end,
                "progression_months": [
                    0.5 + each if each < until else None
                    for each, until in zip(progression, last, strict=True)
                ],
            },
        }
    )


def patients_of(cohort: Cohort, ratio=0.7, **changes) -> CohortPatients:
    """Patients drawn again, since randomisation."""
    given = {"since": "randomised_months", "tail": "exponential", **changes}
    return CohortPatients(400, cohort, ratio, **given)


@pytest.fixture(scope="module")
def known(protocol):
    """The protocol without criteria on performance status, of which the cohort would tell."""
    told = {each.id for each in protocol.criteria.values() if "who_ps" in (each.rule or "")}
    funnel = [
        dataclasses.replace(
            step, criteria=tuple(name for name in step.criteria if name not in told)
        )
        for step in protocol.funnel
    ]
    return dataclasses.replace(protocol, funnel=tuple(funnel))


@pytest.fixture(scope="module")
def pool(cohort, known, pool_of):
    """16,000 patients whose performance status is not asked for."""
    return pool_of(patients_of(cohort), 100, known)


def test_the_control_arm_has_the_survival_of_the_cohort(cohort, pool) -> None:
    time = cohort.followup["last_months"].to_numpy() - 0.5
    curve = kaplan_meier(time, cohort.followup["dead"].to_numpy())
    months = np.linspace(1.0, time.max() - 0.1, 200)
    found = (pool.death_control[:, None] > months).mean(axis=0)
    assert np.abs(found - np.asarray(curve.at(months))).max() < DISTANCE / math.sqrt(pool.size)


def test_the_assumed_effect_is_the_hazard_ratio_between_the_arms(pool) -> None:
    time = np.concatenate([pool.death_control, pool.death_experimental])
    arm = np.repeat([0.0, 1.0], pool.size)
    frame = {"time": time, "event": np.ones(time.size, np.bool_), "arm": arm}
    model = cox(frame, time="time", event="event", covariates=["arm"])
    # The arms share their numbers, so the error of independent arms is more than enough.
    assert abs(float(model.coef[0]) - math.log(0.7)) < WIDTH * float(model.se[0])
    assert (pool.death_experimental >= pool.death_control).all()


def test_crossing_hazards_harm_early_and_help_late(cohort, known, pool_of) -> None:
    pool = pool_of(patients_of(cohort, ((0, 1.5), (6, 0.6))), 40, known)
    early = pool.death_control <= 6.0
    assert (pool.death_experimental[early] <= pool.death_control[early]).all()
    late = pool.death_control > 20.0
    assert (pool.death_experimental[late] > pool.death_control[late]).all()
    # Cumulative hazards: 1.5 times the control's up to 6 months.
    control = (pool.death_control > 6.0).mean()
    experimental = (pool.death_experimental > 6.0).mean()
    assert abs(math.log(experimental) - 1.5 * math.log(control)) < 0.05


def test_a_ratio_of_1_changes_nothing(cohort, known, pool_of) -> None:
    pool = pool_of(patients_of(cohort, 1.0), 10, known)
    assert pool.death_experimental == pytest.approx(pool.death_control)
    assert pool.progression_experimental == pytest.approx(pool.progression_control)


def test_progression_is_that_of_the_patient_drawn(cohort, pool) -> None:
    seen = np.isfinite(pool.progression_control)
    assert (pool.progression_control[seen] < pool.death_control[seen]).all()
    # Two independent exponential times of mean 12 and 20: 5/8 progress before they die; the
    # cohort is a sample of 600.
    error = math.sqrt(0.625 * 0.375 * (1.0 / SIZE + 1.0 / pool.size))
    assert abs(seen.mean() - 0.625) < WIDTH * error


def test_criteria_are_judged_where_the_cohort_can_tell(cohort, protocol) -> None:
    settings = trial_settings(protocol, model=patients_of(cohort), seed=5)
    counts = settings.generator.recruit(settings, 0, 50).funnel
    fit = float((cohort.patients["who_ps"] <= 1).mean())
    trials = counts.reached[1].sum() / counts.reached[0].sum()
    error = math.sqrt(fit * (1 - fit) / counts.reached[0].sum())
    assert abs(trials - fit) < WIDTH * error
    assert counts.not_met["E7"].sum() == counts.reached[0].sum() - counts.reached[1].sum()
    # Nothing is known of lesions, so that what asks for them is assumed, and counted.
    assert counts.assumed_met["E3"].sum() == counts.reached[0].sum()
    assert "E7" not in counts.assumed_met


def test_characteristics_serve_strata_and_leanings(cohort, protocol, pool_of) -> None:
    leaning = Leaning("age_years", -0.1, 60.0)
    funnel = [
        dataclasses.replace(step, leanings=(leaning,)) if step.step == "consenting" else step
        for step in protocol.funnel
    ]
    chosen = dataclasses.replace(
        protocol,
        funnel=tuple(funnel),
        conduct=dataclasses.replace(
            protocol.conduct, randomisation=Randomisation(strata=("who_ps",))
        ),
    )
    patients = patients_of(cohort)
    pool = pool_of(patients, 30, chosen)
    assert set(np.unique(pool.covariates["who_ps"])) == {0.0, 1.0}
    assert pool.covariates["age_years"].mean() < 58.0
    run = run_trial(chosen, model=patients, trials=3)
    assert run.truth.hazard_ratio < 1.0


def test_what_was_completed_and_assumed_is_told(cohort) -> None:
    censored = int((~cohort.followup["dead"]).sum())
    remarks = patients_of(cohort).remarks
    assert f"Follow-up of {censored} of {SIZE} patients was censored" in remarks[1]
    assert "the tail is assumed: exponential" in remarks[1]
    beyond = [float(each) for each in re.findall(r"([0-9.]+) % of the", remarks[1])]
    # Survival in the experimental arm is the control arm's to the power of the hazard ratio.
    assert beyond[1] == pytest.approx(100.0 * (beyond[0] / 100.0) ** 0.7, abs=0.1)
    without = Cohort.from_tables(
        {
            "patients": cohort.patients,
            "followup": cohort.followup.with_columns(
                progression_months=pl.lit(None, dtype=pl.Float64)
            ),
        }
    )
    assert "no progression" in patients_of(without).remarks[-1]
