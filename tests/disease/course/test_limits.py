"""The course in simple worlds, where its outcome is known in closed form."""

import dataclasses
import itertools
import math

import numba
import numpy as np
import pytest
from course_cases import DRAWN, MODEL, RESECTING, SEED, TABLES, course, differing, local, patient

from debulk.core.streams import exponential, patient_key, uniform
from debulk.disease import decisions as d
from debulk.disease.course.care import Care
from debulk.disease.course.death import hill
from debulk.disease.life_table import other_cause_hazards
from debulk.disease.mechanisms import MECHANISMS
from debulk.disease.model import prior_model

FAST_RTOL = 1e-8  # the kernel's exponential and logarithm have errors of 2e-11 a step
MONTH = 30.4375
NO_DRUG = {"k1": 0.0, "k2": 0.0, "k3": 0.0}
IMMORTAL = {"hmax": 0.0, "other_causes": 0.0, "h_drug": 0.0}
NOBODY = Care("none")
ZERO, ONE = np.zeros(len(TABLES.names)), np.ones(len(TABLES.names))


def keys(drawn):
    return [np.uint64(patient_key(SEED, 0, int(each))) for each in drawn.patient]


def plain(structure="reference"):
    """Cells grow and nothing else happens to them; nobody dies."""
    quiet = prior_model(structure).without("immune", "seeding", "resistance", "perfusion")
    return quiet.with_parameters(IMMORTAL)


@pytest.mark.parametrize("structure", ["reference", "exponential"])
@pytest.mark.parametrize("steps", [1, 7, 40])
def test_untreated_lesions_go_on_as_in_the_natural_history(structure, steps):
    # Without resistant cells, of which a few may die out by chance.
    model = plain(structure).with_parameters({"f1": 0.0})
    got = course(model, steps=steps, stop_after_run_in=True, care=NOBODY).run_in_diameter_mm
    days = 21.0 * steps
    capacity = math.log(10) * np.where(DRAWN.organ == 10, 12.0, MODEL.parameters["cap_met"])
    room = capacity - np.log(DRAWN.cells)
    cells = np.exp(capacity - room * np.exp(-DRAWN.growth * days))
    large = DRAWN.cells > 1e4  # smaller clones may die out by chance
    if structure == "exponential":
        large &= DRAWN.organ != 10
        cells = DRAWN.cells * np.exp(DRAWN.growth * days)
        large &= cells < 1e14
    diameter = 10 * np.cbrt(6 * cells / 1e9 / np.pi)
    assert got[large] == pytest.approx(diameter[large], rel=FAST_RTOL)


def test_sensitive_cells_decay_by_kill_less_growth():
    fixed = {"f1": 0.0, "sk": 0.0, "k1": 0.05}
    drawn = patient([1e9, 3e8, 1e7], growth=0.01)
    care = Care(induction_steps=1000)
    model = plain("exponential").with_parameters({**fixed, "intolerance": 0.0})
    got = course(model, drawn, steps=4, care=care)
    cells = drawn.cells * math.exp((0.01 - 0.05) * 84)
    assert got.run_in_diameter_mm == pytest.approx(
        10 * np.cbrt(6 * cells / 1e9 / np.pi), rel=FAST_RTOL
    )
    assert np.isinf(got.progression_months).all()
    assert got.tumour_free.all()


def test_resistant_cells_alone_do_not_feel_the_drug():
    resistant = {"f1": 1.0, "f2": 1.0, "f3": 1.0, "fmax": 1.0, "eta": 0.0, "rhoR": 0.0, "sf": 0.0}
    # A new metastasis is one sensitive cell; the resistant cells of tiny ones are drawn.
    model = MODEL.without("seeding", "occult")
    with_drug = course(model.with_parameters(resistant))
    without = course(model.with_parameters({**resistant, **NO_DRUG}))
    assert differing(with_drug, without) == []


def test_no_progression_while_kill_exceeds_growth():
    fixed = {"f1": 0.0, "sk": 0.0, "k1": 0.1, "rhoR": 0.0, "intolerance": 0.0}
    model = plain().with_parameters(fixed).without("occult")
    got = course(model, care=Care(induction_steps=1000), months=24.0)
    assert np.isinf(got.progression_months).all()
    assert got.eligible_at_randomisation.all()
    assert (got.run_in_diameter_mm[DRAWN.visible] < DRAWN.diameter_mm[DRAWN.visible]).all()


@numba.njit
def hill_of(p, load):
    return hill(p, load)


def test_hill_is_half_where_the_organ_fails():
    assert hill_of(MODEL.record()[0], 1.0) == pytest.approx(0.5, rel=FAST_RTOL)
    steep = MODEL.with_parameters({"hill": 200.0}).record()[0]
    assert hill_of(steep, 0.9) < 1e-8
    assert hill_of(steep, 1.1) > 1 - 1e-8
    assert hill_of(steep, 0.0) == 0.0


@pytest.mark.parametrize("organ", ["liver", "lung", "peritoneum", "lymph_node", "bone"])
def test_an_organ_at_its_limit_kills_by_half_the_largest_hazard(organ):
    name = {"lymph_node": "c0_ln", "bone": "c0_oth", "peritoneum": "c0_per"}.get(
        organ, f"c0_{organ}"
    )
    p = MODEL.parameters
    drawn = patient([1e9 * p[name] * p["cscale"]], organ, growth=0.0, people=50)
    model = MODEL.without("seeding").with_parameters({"other_causes": 0.0, "sfrail": 0.0})
    got = course(model, drawn, steps=0, months=600.0, care=NOBODY)
    due = np.array([exponential(key, d.DEATH, 0, 0) for key in keys(drawn)])
    assert got.death_months == pytest.approx(due / (0.5 * p["hmax"]), rel=FAST_RTOL)
    assert (got.cause == 1).all()


def test_constant_hazard_gives_exponential_survival():
    # Nothing grows, nobody progresses, everybody stays on line 1 and dies of it alone.
    flat = {"hmax": 0.0, "other_causes": 0.0, "h_drug": 0.05, "k1": 0.0, "intolerance": 0.0}
    model = MODEL.without("seeding", "immune").with_parameters(flat)
    drawn = patient([1e9], growth=0.0, people=2000)
    got = course(model, drawn, steps=0, months=2000.0, care=Care(maintenance="all"))
    due = np.array([exponential(key, d.DEATH, 0, 0) for key in keys(drawn)])
    assert got.death_months == pytest.approx(due / 0.05, rel=1e-10)
    assert (got.cause == 2).all()
    alive = np.mean(got.death_months > 12.0)
    expected = math.exp(-0.05 * 12.0)
    # Four Monte Carlo standard errors of 2,000 patients.
    assert abs(alive - expected) < 4 * math.sqrt(expected * (1 - expected) / 2000)


def test_everything_controlled_and_nothing_occult_leaves_background_death():
    drawn = patient([2e9, 5e9], people=3000, age=70.4)
    plan = local(0, drawn=drawn, local_control=np.ones_like(TABLES.local_control))
    cured = {"mortality_90_days": ZERO}
    plan = dataclasses.replace(plan, tables=dataclasses.replace(plan.tables, **cured))
    got = course(MODEL, drawn, steps=0, months=120.0, local=plan, care=NOBODY)
    assert (got.controlled == 2).all()
    assert got.tumour_free.all()
    assert np.isinf(got.progression_months).all()
    assert set(got.cause) == {0, 3}
    table = other_cause_hazards(MODEL.parameters["table_year"])[0]
    ages = ((70.4 * 365.25 + 21.0 * np.arange(174)) / 365.25).astype(int)
    hazard = np.cumsum(table[ages]) * 21.0 / MONTH
    due = np.array([exponential(key, d.DEATH, 0, 0) for key in keys(drawn)])
    expected = np.interp(due, np.r_[0.0, hazard], 21.0 / MONTH * np.arange(175))
    dead = got.cause == 3
    assert dead.sum() > 500
    assert got.death_months[dead] == pytest.approx(expected[dead], rel=1e-9)


def test_cells_before_a_resection_are_those_removed_and_those_left():
    drawn = DRAWN
    liver = drawn.visible & (drawn.organ == 0)
    model = plain()
    still = dataclasses.replace(drawn, growth=np.zeros(drawn.lesions))
    half = np.full_like(TABLES.local_control, 0.5)
    more = {"operative_threshold": 0.0}
    plan = local(1, drawn=still, where=liver, local_control=half, mortality_90_days=ZERO, more=more)
    got = course(model, still, steps=0, months=4.0, local=plan, care=NOBODY, watch=True)
    before, after = got.watch.living_cells[:, 0], got.watch.living_cells[:, 1]
    owner = np.repeat(np.arange(len(drawn)), np.diff(drawn.offsets))
    place = np.arange(drawn.lesions) - drawn.offsets[owner]
    key = keys(drawn)
    controlled = np.array(
        [
            uniform(key[who], d.LOCAL_CONTROL, at, 0) < 0.5
            for who, at in zip(owner, place, strict=True)
        ]
    )
    share = np.where(liver, np.where(controlled, 1.0, 1 - MODEL.parameters["residual"]), 0.0)
    removed = np.bincount(owner, share * drawn.cells, len(drawn))
    # The watch writes float32.
    assert before == pytest.approx(after + removed, rel=1e-6)
    assert got.controlled.sum() == controlled[liver & np.isfinite(got.local_months)[owner]].sum()


CARDS_AT_THE_LIMIT = {
    "pause": {"pause_before_days": ZERO, "pause_after_days": ZERO, "resume_probability": ONE},
    "operative-death": {"mortality_90_days": ZERO},
    "operative-morbidity": {"major_complication": ZERO},
}
LIMITS = {
    "seeding": {"fsec": 0.0},
    "dna-shedding": {"dna_seed": 0.0},
    "tolerance": {"frail_intolerance": 0.0},
    "perfusion": {"pen": 0.0},
    "resistance": {"uacq": 0.0},
    "immune": {"kimm": 0.0},
    "immunosuppression": {"imm_total": 1e300, "imm_half": 1e300},
    "surge": {"surge": 0.0},
    "operative-immunosuppression": {"operative_immune_weeks": 0.0},
    "pause": {"resection_pause_days": 0.0},
    "operative-death": {"resection_mortality": 0.0},
    "operative-morbidity": {"morbid_pause_days": 0.0, "morbid_resume": 1.0},
}


@pytest.mark.parametrize("mechanism", LIMITS)
def test_a_mechanism_off_is_its_parameter_at_the_limit(mechanism):
    cards = CARDS_AT_THE_LIMIT.get(mechanism, {})
    off = course(MODEL.without(mechanism), local=local(), care=RESECTING)
    limit = course(MODEL.with_parameters(LIMITS[mechanism]), local=local(**cards), care=RESECTING)
    assert differing(off, limit) == []
    assert differing(off, course(local=local(), care=RESECTING)) != []


def test_no_occult_disease_is_none_among_the_presenters():
    hidden = ~DRAWN.visible & (DRAWN.organ != 10)
    shown = dataclasses.replace(DRAWN, cells=np.where(hidden, 0.0, DRAWN.cells))
    off, gone = course(MODEL.without("occult")), course(drawn=shown)
    assert np.array_equal(off.death_months, gone.death_months)
    assert np.array_equal(off.progression_months, gone.progression_months)


def test_pooled_death_is_that_of_the_only_organ():
    drawn = patient([2e11, 1e11], people=200)
    same = MODEL.without("seeding").with_parameters({"c0_pooled": MODEL.parameters["c0_liver"]})
    assert differing(course(same, drawn), course(same.without("organ-death"), drawn)) == []
    other = course(MODEL.with_parameters({"c0_pooled": 60.0}).without("organ-death"), drawn)
    assert differing(course(MODEL, drawn), other) != []


def test_every_mechanism_has_its_limit_tested():
    assert set(LIMITS) | {"occult", "organ-death"} == set(MECHANISMS)


FREE = MODEL.with_parameters({"next_hazard": 1e9})
"""Therapy does not ask for the hazard, which therefore changes nothing but death."""


@pytest.mark.parametrize(
    "harsher",
    [
        FREE.with_parameters({"hmax": 2.0}),
        FREE.with_parameters({"h_drug": 0.1}),
        FREE.with_parameters({"other_causes": 10.0}),
        FREE.with_parameters({"psl": 1.0}),
        FREE.with_strengths({"operative-death": 10.0}),
    ],
    ids=["hmax", "h_drug", "other_causes", "psl", "operative-death"],
)
def test_more_hazard_never_lengthens_a_life(harsher):
    usual, shorter = (course(each, local=local(), care=RESECTING) for each in (FREE, harsher))
    assert (shorter.death_months <= usual.death_months).all()
    assert (shorter.death_months < usual.death_months).any()


def test_a_stronger_surge_never_lengthens_a_life_without_drugs():
    lives = [
        course(
            MODEL.without("seeding", "occult").with_strengths({"surge": strength}),
            local=local(),
            care=NOBODY,
        ).death_months
        for strength in (0.0, 1.0, 3.0, 10.0)
    ]
    for weaker, stronger in itertools.pairwise(lives):
        assert (stronger <= weaker + 1e-9).all()
        assert (stronger < weaker - 1e-3).any()


def test_more_control_and_a_sharper_eye_leave_fewer_lesions():
    weak, strong = (
        course(local=local(local_control=np.full_like(TABLES.local_control, control)))
        for control in (0.5, 0.9)
    )
    assert np.array_equal(weak.treated, strong.treated)
    assert (weak.controlled <= strong.controlled).all()
    everything = np.ones(DRAWN.lesions, dtype=bool)
    blunt, sharp = (
        course(MODEL.with_parameters({"irel": irel}), local=local(where=everything))
        for irel in (0.8, 0.01)
    )
    assert (blunt.treated <= sharp.treated).all()
    assert (blunt.treated < sharp.treated).any()


def test_bare_removal_costs_nothing():
    bare, alone = course(MODEL.bare_removal(), local=local()), course(MODEL.bare_removal())
    done = np.isfinite(bare.local_months)
    assert done.any()
    # The drug goes on, nobody dies of the operation: what is removed can only help.
    later = bare.death_months >= alone.death_months - 1e-9
    assert np.mean(later[done]) > 0.9
    assert np.array_equal(bare.death_months[~done], alone.death_months[~done])
