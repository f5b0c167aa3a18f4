"""Do virtual patients leave the registry that their courses say?"""

from __future__ import annotations

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.emulation.laboratory.disease_cohort import cohort_of_registry
from debulk.emulation.laboratory.disease_world import disease_world
from debulk.emulation.laboratory.virtual_patients import VISIT_MONTHS
from debulk.patients import read_cohort

PATIENTS = 400
ROUNDING = 1e-9


@pytest.fixture(scope="module")
def world():
    return disease_world("harm-then-benefit", "mild", "none")


@pytest.fixture(scope="module")
def made(world):
    return world.virtual_registry(seed=1, registry=0, patients=PATIENTS)


def test_nobody_differs_before_the_treatment_chosen_for_them(made) -> None:
    start = made.local.local_months
    without = made.without.progression_months[made.treated]
    local = made.local.progression_months
    assert made.treated.size > PATIENTS // 10
    assert np.all(np.isfinite(start))
    assert np.all(without > start)
    assert np.all(local > start)
    assert np.all(made.local.death_months >= start)
    before = made.local.watch.months - 3 * 21 / 30.4375 <= start[:, None] + ROUNDING
    same = made.local.watch.sum_diameters_mm == made.without.watch.sum_diameters_mm[made.treated]
    assert np.all(same[before])


def test_treatment_stands_on_a_visit_at_which_it_could_be_given(world, made) -> None:
    found = world.person_time(made)
    visit = found.start_visit[made.treated]
    assert np.allclose(found.start_months[made.treated], visit * VISIT_MONTHS, atol=ROUNDING)
    assert np.all(made.openings.eligible[made.treated, visit])
    assert np.all(found.eligible[found.first[made.treated] + visit])
    assert found.visit_months == VISIT_MONTHS
    assert not np.any(np.isnan(found.values))
    assert np.array_equal(np.diff(found.first), np.ceil(found.time_months / VISIT_MONTHS))


def test_what_the_board_saw_is_what_the_registry_has(world, made) -> None:
    """On the day of treatment the covariates are those before it, as the board's odds show."""
    found = world.person_time(made)
    visit = np.maximum(found.start_visit, 0)
    rows = found.first[:-1] + np.where(found.time_months > visit * VISIT_MONTHS, visit, 0)
    there = np.flatnonzero(made.openings.eligible[np.arange(PATIENTS), found.visit[rows]])
    seen = found.values[rows[there]]
    knobs = world.knobs
    odds = knobs.choice_burden * (seen[:, 0] - 3.75) / 0.9 + knobs.choice_status * seen[:, 2]
    odds += knobs.choice_response * (seen[:, 1] - 0.25) / 0.2
    odds = knobs.choice_intercept + knobs.choice_strength * odds
    chance = made.openings.chance[there, found.visit[rows[there]]]
    assert np.allclose(np.log(chance / (1.0 - chance)), odds)


def test_the_null_is_a_sham() -> None:
    null = disease_world("null", "hard", "strong")
    truth = null.truth(seed=2, tau_months=36.0, patients=300)
    for timed in (truth.natural, truth.uniform):
        assert timed.rmst_difference_months == timed.log_hazard_ratio == 0.0
    made = null.virtual_registry(seed=2, registry=0, patients=300)
    assert np.array_equal(made.observed("death_months"), made.without.death_months)
    assert np.isfinite(made.observed("local_months")).any()


def test_the_model_as_calibrated_lengthens_life(world) -> None:
    truth = world.truth(seed=2, tau_months=36.0, patients=1_500)
    for timed in (truth.natural, truth.uniform):
        assert timed.rmst_difference_months > 4.0 * timed.rmst_difference_error


def test_the_board_leaves_the_frail_where_it_sees_them() -> None:
    """Strong: a log odds of 0.9 less for each standard deviation of frailty."""
    from debulk.disease.observed import draw_test_traits

    chances = []
    for strength in ("none", "strong"):
        there = disease_world("null", "mild", strength)
        found = there.virtual_registry(seed=3, registry=0, patients=PATIENTS)
        frailty = draw_test_traits(found.who.presenters).frailty
        open_now = found.openings.eligible[:, 0]
        chance = found.openings.chance[open_now, 0]
        chances.append((np.log(chance / (1.0 - chance)), frailty[open_now]))
    assert np.allclose(chances[1][0] - chances[0][0], -0.9 * chances[1][1])


def test_the_cohort_passes_the_border_and_tells_the_same(world, made, tmp_path) -> None:
    cohort = cohort_of_registry(world.model, made)
    cohort.write(tmp_path / "registry")
    read = read_cohort(tmp_path / "registry")
    assert len(read) == PATIENTS
    person_time = world.person_time(made)
    assert read.followup["dead"].sum() == person_time.cause.sum()
    local = read.treatments.filter(kind="local")
    assert local["patient_id"].n_unique() == made.treated.size
    first_line = read.treatments.filter(line=1)["start_months"].to_numpy()
    followed = read.followup["last_months"].to_numpy() - first_line - 3 * 21 / 30.4375
    assert np.allclose(followed, person_time.time_months)
    last = dict(read.followup.select("patient_id", "last_months").iter_rows())
    for patient, month in read.assessments.select("patient_id", "time_months").iter_rows():
        assert month <= last[patient] + ROUNDING


def test_hostile_there_is_no_benefit_in_few() -> None:
    with pytest.raises(InputError, match="no scenario 'benefit-in-few'"):
        disease_world("benefit-in-few", "mild", "none")
