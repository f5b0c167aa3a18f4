"""The course: exact limits, switches, sham, and what must not change a bit."""

import dataclasses
import math

import numpy as np
import pytest

from debulk.core import InputError
from debulk.core.anatomy import ORGAN_CODE
from debulk.core.compiled import use_threads
from debulk.core.streams import normal, patient_key
from debulk.disease import LocalTreatment, decisions, draw_presenters, load_model, run_course
from debulk.disease.course_kernel import _hill
from debulk.disease.latents import kill_rate, resistance_logit, z_growth
from debulk.treatments import load_modalities, modality_tables

MODEL = load_model()
DRAWN = draw_presenters(MODEL, seed=11, first_trial=0, trials=1, births=1500)
TABLES = modality_tables(load_modalities())
EXACT_RTOL = 1e-12  # closed form against the steps, a few dozen roundings
TABLE_RTOL = 1e-4  # penetration is read from a table

BARE = {"hmax": 0.0, "h0": 0.0, "h_drug": 0.0}
NO_DRUG = {"k1": 0.0, "k2": 0.0, "k3": 0.0}


def course(model=MODEL, drawn=DRAWN, steps=3, months=60.0, **more):
    return run_course(model, drawn, seed=11, randomised_step=steps, horizon_months=months, **more)


def same(left, right):
    return all(
        np.array_equal(getattr(left, each.name), getattr(right, each.name), equal_nan=True)
        for each in dataclasses.fields(left)
    )


def local(step=4, *, delivered=1.0, where=None, **changes):
    where = DRAWN.visible if where is None else where
    modality = np.where(where, TABLES.names.index("liver_resection"), -1).astype(np.int8)
    tables = dataclasses.replace(TABLES, **changes) if changes else TABLES
    return LocalTreatment(tables, modality, np.full(len(DRAWN), step, np.int16), delivered)


def test_untreated_lesions_follow_gompertz_exactly():
    model = MODEL.without("immune", "seeding").with_parameters(
        {**BARE, **NO_DRUG, "acc": 0.0, "f1": 0.0, "f2": 0.0, "f3": 0.0}
    )
    steps = 40
    got = course(model, steps=steps, stop_after_run_in=True).run_in_diameter_mm
    ln_room = math.log(1e12) - np.log(DRAWN.cells)
    days = 21.0 * steps
    cells = np.exp(math.log(1e12) - ln_room * np.exp(-DRAWN.growth * days))
    large = DRAWN.cells > 1e3  # smaller clones may die out by chance
    expected = 10 * (6 * cells / 1e9 / np.pi) ** (1 / 3)
    assert got[large] == pytest.approx(expected[large], rel=EXACT_RTOL)


def test_one_step_on_drug_agrees_with_the_twin():
    model = MODEL.without("immune", "seeding", "resistance").with_parameters(BARE)
    p = dict(model.parameters)
    got = course(model, steps=1, stop_after_run_in=True).run_in_diameter_mm
    checked = 0
    for row in range(40):
        key = np.uint64(patient_key(11, 0, int(DRAWN.patient[row])))
        record = model.record()[0]
        kill = kill_rate(record, key, z_growth(key), 1)
        logit = resistance_logit(record, key, z_growth(key), 1)
        for lesion in range(DRAWN.offsets[row], DRAWN.offsets[row + 1]):
            cells = DRAWN.cells[lesion]
            slot = lesion - int(DRAWN.offsets[row])
            z = normal(key, decisions.LESION_RESISTANCE, slot, 1)
            share = 1 / (1 + math.exp(-(logit + p["sfz"] * z))) * (cells / 1e10) ** p["eta"]
            resistant = min(p["fmax"], share) * cells
            if resistant < 30:
                continue  # whole numbers drawn there
            room = math.log(1e12 / cells)
            gain = room * (1 - math.exp(-DRAWN.growth[lesion] * 21))
            depth = (room / math.log(1e12 / p["pen_cells"])) ** p["pen"]
            killed = min(p["kpmax"], kill * depth) * 21
            left = (cells - resistant) * math.exp(gain - killed)
            left += resistant * math.exp(gain - p["rhoR"] * killed)
            diameter = 10 * (6 * left / 1e9 / math.pi) ** (1 / 3)
            assert got[lesion] == pytest.approx(diameter, rel=TABLE_RTOL)
            checked += 1
    assert checked > 100


def test_hill_is_half_where_the_organ_fails():
    record = MODEL.record()[0]
    assert _hill(record, 1.0) == 0.5
    steep = MODEL.with_parameters({"hill": 200.0}).record()[0]
    assert _hill(steep, 0.9) < 1e-8
    assert _hill(steep, 1.1) > 1 - 1e-8


def test_resistant_cells_alone_do_not_feel_the_drug():
    immune = {"f1": 1.0, "f2": 1.0, "f3": 1.0, "fmax": 1.0, "eta": 0.0, "rhoR": 0.0, "sf": 0.0}
    # A new metastasis is one sensitive cell; the resistant cells of tiny ones are drawn.
    model = MODEL.without("seeding", "occult")
    with_drug = course(model.with_parameters(immune))
    without = course(model.with_parameters({**immune, **NO_DRUG}))
    assert same(with_drug, without)


def test_sensitive_cells_alone_shrink_as_long_as_kill_exceeds_growth():
    cells = {"f1": 0.0, "sk": 0.0, "k1": 0.1, "pen": 0.0, "hmax": 0.0, "h0": 0.0, "h_drug": 0.0}
    model = MODEL.without("resistance", "seeding", "immune", "occult").with_parameters(cells)
    done = course(model, steps=3, months=10.0)
    treated = done.run_in_diameter_mm[DRAWN.visible]
    assert (treated < DRAWN.diameter_mm[DRAWN.visible]).all()
    assert done.eligible_at_randomisation.all()


@pytest.mark.parametrize(
    ("mechanism", "limit"),
    [
        ("surge", {"surge": 0.0}),
        ("immune", {"kimm": 0.0}),
        ("resistance", {"uacq": 0.0}),
        ("seeding", {"fsec": 0.0}),
    ],
)
def test_a_mechanism_off_is_its_parameter_at_the_limit(mechanism, limit):
    plan = local()
    off = course(MODEL.without(mechanism), local=plan)
    assert same(off, course(MODEL.with_parameters(limit), local=plan))
    assert not same(off, course(MODEL, local=plan))


def test_pause_and_operative_death_off_are_cards_at_the_limit():
    zero, one = np.zeros(len(TABLES.names)), np.ones(len(TABLES.names))
    off = course(MODEL.without("pause"), local=local())
    gentle = local(pause_before_days=zero, pause_after_days=zero, resume_probability=one)
    assert same(off, course(MODEL, local=gentle))
    off = course(MODEL.without("operative-death"), local=local())
    assert same(off, course(MODEL, local=local(mortality_90_days=zero)))


def test_local_treatment_that_is_not_delivered_changes_nothing():
    alone = course()
    assert same(course(local=local(delivered=0.0)), alone)
    nothing = local(where=np.zeros(DRAWN.lesions, dtype=bool))
    assert same(course(local=nothing), alone)


def test_sham_counts_and_changes_nothing():
    alone, sham = course(), course(MODEL.null_world(), local=local())
    for name in ("death_months", "progression_months", "response", "systemic_days_lost"):
        assert np.array_equal(getattr(alone, name), getattr(sham, name))
    done = np.isfinite(sham.local_months)
    assert done.any()
    assert (sham.treated[done] > 0).any()
    assert (sham.controlled == 0).all()


def test_everything_controlled_and_nothing_occult_leaves_background_death():
    control = np.ones_like(TABLES.local_control)
    zero = np.zeros(len(TABLES.names))
    none = {"primary_kept": 0.0, "irel": 0.0, "h_drug": 0.0, "h0_step": 0.0, "sfrail0": 0.0}
    model = MODEL.with_parameters(none).without("occult", "seeding", "resistance")
    drawn = draw_presenters(model, seed=2, first_trial=0, trials=1, births=6000)
    modality = np.where(drawn.visible, 0, -1).astype(np.int8)
    tables = dataclasses.replace(
        TABLES, local_control=control, mortality_90_days=zero, pause_before_days=zero
    )
    plan = LocalTreatment(tables, modality, np.full(len(drawn), 3, np.int16))
    got = course(model, drawn, local=plan, months=120.0)
    done = np.isfinite(got.local_months)
    assert (got.controlled[done] == got.treated[done]).all()
    assert np.isinf(got.progression_months[done]).all()
    months = 120.0 - got.local_months[done]
    expected = np.mean(1 - np.exp(-model.parameters["h0"] * months))
    dead = np.isfinite(got.death_months[done])
    error = math.sqrt(expected * (1 - expected) / dead.size)
    assert abs(dead.mean() - expected) < 4 * error  # four Monte Carlo standard errors


def test_constant_hazard_gives_exponential_survival():
    flat = {"hmax": 0.0, "h0": 0.05, "h0_step": 0.0, "h_drug": 0.0, "sfrail0": 0.0}
    got = course(MODEL.with_parameters(flat), months=48.0)
    since_start = got.death_months + 3 * 21 / 30.4375
    for month in (6.0, 12.0, 36.0):
        expected = math.exp(-0.05 * month)
        error = math.sqrt(expected * (1 - expected) / len(got))
        assert abs(np.mean(since_start > month) - expected) < 4 * error


def test_control_adds_up():
    got = course(local=local())
    assert (got.controlled <= got.treated).all()
    assert (got.treated_visible <= got.treated).all()
    assert (got.treated_visible <= got.visible_at_local).all()
    done = np.isfinite(got.local_months)
    assert done.any()
    assert got.local_months[done] == pytest.approx(21 / 30.4375)
    assert (got.treated[~done] == 0).all()
    assert (got.systemic_days_lost[done] > 0).any()


def test_more_control_leaves_fewer_lesions():
    weak = course(local=local(local_control=np.full_like(TABLES.local_control, 0.5)))
    strong = course(local=local(local_control=np.full_like(TABLES.local_control, 0.9)))
    assert np.array_equal(weak.treated, strong.treated)
    assert (weak.controlled <= strong.controlled).all()


def test_times_are_consistent():
    got = course()
    assert (got.progression_months[np.isfinite(got.progression_months)] <= 60.0).all()
    both = np.isfinite(got.progression_months)
    assert (got.progression_months[both] <= got.death_months[both]).all()
    assert (got.visit_phase_months > 0).all()
    assert (got.death_months[got.eligible_at_randomisation] > 0).all()
    after = both & (got.progression_months > 0)
    visits = (got.progression_months - got.visit_phase_months)[after] / got.visit_interval_months
    assert visits == pytest.approx(np.round(visits), abs=1e-9)
    assert (got.response[got.eligible_at_randomisation] <= 2).all()


def test_threads_order_and_company_change_nothing():
    try:
        use_threads(1)
        one = course()
        use_threads(2)
        two = course()
    finally:
        use_threads(None)
    assert same(one, two)
    order = np.random.default_rng(1).permutation(len(DRAWN))[:100]
    some = course(drawn=DRAWN.take(order))
    assert np.array_equal(some.death_months, one.death_months[order])
    assert np.array_equal(some.progression_months, one.progression_months[order])
    assert np.array_equal(some.run_in_diameter_mm, one.run_in_diameter_mm[DRAWN.lesion_rows(order)])


def test_run_in_alone_agrees_with_the_whole_course():
    whole, run_in = course(), course(stop_after_run_in=True)
    for name in ("eligible_at_randomisation", "response", "run_in_diameter_mm", "run_in_visible"):
        assert np.array_equal(getattr(whole, name), getattr(run_in, name))


def test_kill_factor_scales_line_one():
    weak = course(kill_factor=np.full(len(DRAWN), 0.5))
    usual = course()
    seen = DRAWN.visible
    assert weak.run_in_diameter_mm[seen].sum() > usual.run_in_diameter_mm[seen].sum()


def test_background_resections_lengthen_life():
    with_them = course(secondary_resection=1.0, repeat_resection=1.0)
    alive = [np.mean(each.death_months > 36) for each in (course(), with_them)]
    assert alive[0] < alive[1]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"steps": 0}, "randomised_step"),
        ({"months": 0.0}, "horizon_months"),
        ({"kill_factor": [1.0]}, "kill_factor"),
        ({"local": local(step=1)}, "local.step"),
        ({"local": local(delivered=1.5)}, "local.delivered"),
    ],
)
def test_wrong_arguments_are_refused(change, where):
    with pytest.raises(InputError, match=where):
        course(**change)


def test_primary_is_never_treated():
    everywhere = np.ones(DRAWN.lesions, dtype=bool)
    primary_alone = DRAWN.organ == ORGAN_CODE["primary"]
    assert (course(local=local(where=primary_alone)).treated == 0).all()
    assert course(local=local(where=everywhere)).treated.sum() > 0


def test_local_treatment_can_wait_for_progression():
    without, usual = course(), course(local=local())
    late = course(local=dataclasses.replace(local(), after_progression=True))
    # Progression is reported up to half a step after its visit; who dies in between has none.
    both = np.isfinite(late.progression_months) & np.isfinite(without.progression_months)
    assert np.array_equal(late.progression_months[both], without.progression_months[both])
    done = np.isfinite(late.local_months)
    after = both & done & (without.progression_months > 0.0)
    assert after.sum() > 0.9 * done.sum() > 0
    wait = late.local_months[after] - without.progression_months[after]
    # The step after the visit; visits are shifted by half a step at most.
    assert (np.abs(wait) <= 0.5 * 21 / 30.4375 + 1e-9).all()
    assert late.local_months[done].min() >= 0.0
    assert np.array_equal(late.death_months[~done], without.death_months[~done])
    assert not np.array_equal(late.death_months[done], without.death_months[done])
    # Who is treated early has not progressed: the two never mean the same moment.
    assert (usual.local_months[np.isfinite(usual.local_months)] < 1.5).all()


def test_each_patient_can_have_their_own_chance_of_delivery():
    chance = np.where(np.arange(len(DRAWN)) % 2 == 0, 0.0, 1.0)
    got, all_of_them = course(local=local(delivered=chance)), course(local=local())
    even = chance == 0.0
    assert np.isnan(got.local_months[even]).all()
    assert np.array_equal(got.death_months[~even], all_of_them.death_months[~even])
    with pytest.raises(InputError, match="delivered"):
        course(local=local(delivered=chance[:3]))
    with pytest.raises(InputError, match="delivered"):
        course(local=local(delivered=chance + 0.5))


def test_the_modalities_used_are_told():
    got = course(local=local())
    done = np.isfinite(got.local_months)
    assert (got.used[done] == 1 << TABLES.names.index("liver_resection")).all()
    assert (got.used[~done] == 0).all()
