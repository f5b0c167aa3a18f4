"""The course as a whole: what it counts, and what must not change a bit."""

import dataclasses

import numpy as np
import pytest
from course_cases import DRAWN, MODEL, RESECTING, TABLES, course, differing, local, patient

from debulk.core.anatomy import ORGAN_CODE
from debulk.core.compiled import use_threads
from debulk.disease.course.care import Care
from debulk.disease.model import DiseaseModel
from debulk.disease.posterior import Posterior

COUNTED = {
    "local_months",
    "visible_at_local",
    "treated",
    "treated_visible",
    "used",
    "died_within_90_days",
}
STEP_MONTHS = 21 / 30.4375
CARES = {
    "lines": Care(),
    "resections": RESECTING,
    "after progression": Care("after progression", repeat_resection=1.0),
    "none": Care("none"),
    "adjuvant": Care(first_drug_step=2, last_drug_step=10, maintenance="all"),
}


@pytest.mark.parametrize("care", CARES.values(), ids=CARES)
def test_watching_changes_nothing(care):
    plan = local()
    watched = course(care=care, local=plan, watch=True)
    assert differing(watched, course(care=care, local=plan)) == []
    assert watched.watch is not None


@pytest.mark.parametrize("care", CARES.values(), ids=CARES)
def test_a_sham_is_counted_and_changes_nothing(care):
    alone, sham = course(care=care), course(MODEL.null_world(), care=care, local=local())
    assert set(differing(alone, sham)) <= COUNTED
    done = np.isfinite(sham.local_months)
    assert done.any()
    assert (sham.treated[done] > 0).all()
    assert (sham.controlled == 0).all()


def test_local_treatment_that_is_not_delivered_changes_nothing():
    alone = course()
    assert differing(course(local=local(more={"delivered": 0.0})), alone) == []
    nothing = local(where=np.zeros(DRAWN.lesions, dtype=bool))
    assert differing(course(local=nothing), alone) == []


def test_small_living_lesions_are_not_given_up():
    # All of a patient's few lesions are put to rest when they are small; they live on.
    drawn = patient([1e6 + 1.0, 5e5])
    fixed = {"f1": 1e-9, "sk": 0.0, "k1": 0.1, "hmax": 0.0, "other_causes": 0.0, "h_drug": 0.0}
    model = MODEL.without("immune", "seeding", "resistance", "perfusion").with_parameters(fixed)
    cells = course(model, drawn, watch=True, months=2.0).watch.living_cells[0]
    assert 100.0 < cells[1] < 1e5
    assert cells[2] > 0.0


def test_control_adds_up():
    got = course(local=local())
    assert (got.controlled <= got.treated).all()
    assert (got.treated_visible <= got.treated).all()
    assert (got.treated_visible <= got.visible_at_local).all()
    done = np.isfinite(got.local_months)
    assert done.any()
    assert got.local_months[done] == pytest.approx(STEP_MONTHS)
    assert (got.treated[~done] == 0).all()
    assert (got.systemic_days_lost[done] > 0).any()
    assert (got.used[done] == 1 << TABLES.names.index("liver_resection")).all()
    assert (got.used[~done] == 0).all()


@pytest.mark.parametrize("care", CARES.values(), ids=CARES)
def test_times_are_consistent(care):
    got = course(care=care, months=24.3)
    progressed = np.isfinite(got.progression_months)
    assert (got.progression_months[progressed] <= 24.3).all()
    assert (got.progression_months[progressed] <= got.death_months[progressed]).all()
    assert (got.progression_site[progressed] > 0).all()
    assert (got.progression_site[~progressed] == 0).all()
    assert (got.visit_phase_months > 0).all()
    assert (got.death_months[got.eligible_at_randomisation] > 0).all()
    assert ((got.cause > 0) == np.isfinite(got.death_months)).all()
    after = progressed & (got.progression_months > 0)
    visits = (got.progression_months - got.visit_phase_months)[after] / got.visit_interval_months
    assert visits == pytest.approx(np.round(visits), abs=1e-9)
    assert (got.response[got.eligible_at_randomisation] <= 2).all()
    starts, ends = got.line_start_months, got.line_end_months
    last = np.minimum(got.death_months, 24.3)[:, None]
    assert not (starts > last).any()
    assert not ((ends > last) & np.isfinite(ends)).any()
    assert (np.isnan(starts) == np.isnan(ends)).all()
    assert not (ends < starts).any()
    assert not (starts[:, 1:] < starts[:, :-1]).any()


def test_early_change_counts_who_progresses_at_that_visit():
    got = course(steps=3)
    at_visit = (got.progression_months == 0.0) & (got.death_months > 0.0)
    assert at_visit.any()
    assert np.isfinite(got.early_change[at_visit]).all()


def test_threads_order_and_company_change_nothing():
    try:
        use_threads(1)
        one = course()
        use_threads(2)
        two = course()
    finally:
        use_threads(None)
    assert differing(one, two) == []
    order = np.random.default_rng(1).permutation(len(DRAWN))[:100]
    some = course(drawn=DRAWN.take(order))
    assert np.array_equal(some.death_months, one.death_months[order])
    assert np.array_equal(some.progression_months, one.progression_months[order])
    assert np.array_equal(some.run_in_diameter_mm, one.run_in_diameter_mm[DRAWN.lesion_rows(order)])


def test_a_trial_lives_by_its_own_draw():
    values = {"k1": 0.036, "maintained": 0.6, "induction_steps": 8.0}
    other = {"k1": 0.02, "maintained": 0.0, "induction_steps": 3.0}
    rows = {name: np.array([values[name], other[name]]) for name in values}
    both = DiseaseModel(MODEL.parameters, Posterior(rows, ("reference", "no-immunity"), {}))
    trial = np.arange(len(DRAWN), dtype=np.int32) % 4
    drawn = dataclasses.replace(DRAWN, trial=trial)
    got = course(both, drawn)
    for row, structure in enumerate(("reference", "no-immunity")):
        alone = {name: each[row] for name, each in rows.items()}
        model = DiseaseModel({**MODEL.parameters, **alone}, structure=structure)
        mine = trial % 2 == row
        assert np.array_equal(course(model, drawn).death_months[mine], got.death_months[mine])


def test_run_in_alone_agrees_with_the_whole_course():
    whole, run_in = course(steps=4), course(steps=4, stop_after_run_in=True)
    for name in ("eligible_at_randomisation", "response", "run_in_diameter_mm", "run_in_visible"):
        assert np.array_equal(getattr(whole, name), getattr(run_in, name))


def test_kill_factor_scales_line_one():
    weak = course(kill_factor=np.full(len(DRAWN), 0.5))
    seen = DRAWN.visible
    assert weak.run_in_diameter_mm[seen].sum() > course().run_in_diameter_mm[seen].sum()


def test_background_resections_lengthen_life():
    alive = [np.mean(each.death_months > 36) for each in (course(), course(care=RESECTING))]
    assert alive[0] < alive[1]


def test_primary_is_never_treated():
    primary_alone = DRAWN.organ == ORGAN_CODE["primary"]
    assert (course(local=local(where=primary_alone)).treated == 0).all()
    everywhere = np.ones(DRAWN.lesions, dtype=bool)
    assert course(local=local(where=everywhere)).treated.sum() > 0


def test_local_treatment_can_wait_for_progression():
    without = course()
    late = course(local=local(more={"after_progression": True}))
    both = np.isfinite(late.progression_months) & np.isfinite(without.progression_months)
    assert np.array_equal(late.progression_months[both], without.progression_months[both])
    done = np.isfinite(late.local_months)
    after = both & done & (without.progression_months > 0.0)
    assert after.sum() > 0.9 * done.sum() > 0
    wait = late.local_months[after] - without.progression_months[after]
    # The step after the visit; visits are shifted by half a step at most.
    assert (np.abs(wait) <= 0.5 * STEP_MONTHS + 1e-9).all()
    assert late.local_months[done].min() >= 0.0
    assert np.array_equal(late.death_months[~done], without.death_months[~done])
    assert not np.array_equal(late.death_months[done], without.death_months[done])


def test_each_patient_can_have_their_own_chance_of_delivery():
    chance = np.where(np.arange(len(DRAWN)) % 2 == 0, 0.0, 1.0)
    got, all_of_them = course(local=local(more={"delivered": chance})), course(local=local())
    even = chance == 0.0
    assert np.isnan(got.local_months[even]).all()
    assert np.array_equal(got.death_months[~even], all_of_them.death_months[~even])


def test_a_whole_organ_removed_is_controlled():
    liver = DRAWN.visible & (DRAWN.organ == ORGAN_CODE["liver"])
    got = course(local=local(where=liver, name="liver_transplantation"))
    assert got.treated.sum() > 0
    assert (got.controlled == got.treated).all()


def test_an_operation_pauses_the_drug_after_progression_too():
    care = Care(repeat_resection=1.0)
    model = MODEL.with_parameters({"prep": 1.0, "resection_mortality": 0.0})
    with_pause, none = (
        course(each, care=care, watch=True) for each in (model, model.without("pause"))
    )
    resected = with_pause.resections > 0
    assert resected.any()
    # Until the first repeat resection nothing differs; after it the drug rests.
    assert np.nansum(with_pause.watch.drug[resected]) < np.nansum(none.watch.drug[resected])


def test_line_one_that_was_to_come_later_begins_at_progression():
    got = course(steps=0, care=Care(first_drug_step=30))
    early = (got.progression_months < 29 * STEP_MONTHS) & (got.death_months > 24.0)
    assert early.any()
    assert got.line_start_months[early, 0] == pytest.approx(got.progression_months[early])
