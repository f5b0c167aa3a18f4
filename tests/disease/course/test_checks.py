"""Hostile and extreme input of the course: a defined result, or a clear error."""

import dataclasses
import math

import numpy as np
import polars as pl
import pytest
from course_cases import DRAWN, MODEL, course, differing, local, patient

from debulk.core import InputError
from debulk.disease.course.care import Care
from debulk.disease.course.run import run_course
from debulk.disease.course.state import SLOTS
from debulk.disease.observed import observe

MONTH = 30.4375


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"steps": -1}, "randomised_step"),
        ({"steps": 2.5}, "randomised_step"),
        ({"steps": True}, "randomised_step"),
        ({"steps": 10**9}, "randomised_step"),
        ({"months": 0.0}, "horizon_months"),
        ({"months": -3.0}, "horizon_months"),
        ({"months": float("nan")}, "horizon_months"),
        ({"months": float("inf")}, "horizon_months"),
        ({"months": 1e9}, "horizon_months"),
        ({"months": np.ones(3)}, "horizon_months"),
        ({"kill_factor": [1.0]}, "kill_factor"),
        ({"kill_factor": np.full(len(DRAWN), np.nan)}, "kill_factor"),
        ({"kill_factor": np.full(len(DRAWN), np.inf)}, "kill_factor"),
        ({"kill_factor": np.full(len(DRAWN), -1.0)}, "kill_factor"),
        ({"local": local(1)}, "local.step"),
        ({"local": local(more={"delivered": 1.5})}, "local.delivered"),
        ({"local": local(more={"delivered": float("nan")})}, "local.delivered"),
        ({"local": local(more={"delivered": np.ones(3)})}, "local.delivered"),
        ({"local": local(more={"operative_threshold": -1.0})}, "local.operative_threshold"),
        ({"local": dataclasses.replace(local(), step=np.zeros(2, int))}, "local.step"),
        ({"local": dataclasses.replace(local(), step=local().step * 1.5)}, "local.step"),
        ({"local": dataclasses.replace(local(), modality=local().modality[:5])}, "local.modality"),
        (
            {"local": dataclasses.replace(local(), modality=local().modality * 0 + 99)},
            "local.modality",
        ),
        (
            {"local": dataclasses.replace(local(), modality=local().modality * 1.0)},
            "local.modality",
        ),
    ],
    ids=str,
)
def test_wrong_arguments_are_refused(change, where):
    with pytest.raises(InputError, match=where):
        course(**change)


@pytest.mark.parametrize("seed", [-1, 2**63, 1.5, "1"])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(InputError, match="seed"):
        run_course(MODEL, DRAWN, seed=seed, randomised_step=3, horizon_months=12.0)


def test_the_largest_seed_is_taken():
    for seed in (0, 2**63 - 1):
        got = run_course(MODEL, DRAWN, seed=seed, randomised_step=3, horizon_months=12.0)
        assert np.isfinite(got.death_months).any()


@pytest.mark.parametrize(
    "words",
    [
        {"systemic": "line"},
        {"maintenance": "some"},
        {"first_drug_step": -1},
        {"last_drug_step": 2.5},
        {"induction_steps": 10**7},
        {"lines_most": 4},
        {"lines_most": 1.5},
        {"era": float("nan")},
        {"era": -0.1},
        {"secondary_resection": float("inf")},
        {"repeat_resection": "often"},
        {"new_lesion_factor": 0.0},
    ],
    ids=str,
)
def test_care_out_of_range_is_refused(words):
    with pytest.raises(InputError, match=f"care.{next(iter(words))}"):
        Care(**words)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cells", np.nan),
        ("cells", -1.0),
        ("cells", 1e16),
        ("growth", np.nan),
        ("growth", -0.1),
        ("growth", np.inf),
        ("copies", np.nan),
        ("organ", 11),
        ("organ", -1),
        ("age_years", np.nan),
        ("age_years", -5.0),
        ("age_years", 200.0),
    ],
)
def test_patients_who_cannot_be_followed_are_refused(name, value):
    damaged = getattr(DRAWN, name).copy()
    damaged[len(damaged) // 2] = value
    with pytest.raises(InputError, match=name):
        course(drawn=dataclasses.replace(DRAWN, **{name: damaged}))


def test_offsets_that_do_not_fit_are_refused():
    for offsets in (DRAWN.offsets + 1, DRAWN.offsets[::-1].copy(), DRAWN.offsets * 2):
        with pytest.raises(InputError, match="offsets"):
            course(drawn=dataclasses.replace(DRAWN, offsets=offsets))


def test_more_lesions_than_there_is_room_for_are_refused_with_a_recipe_that_works():
    cells = np.geomspace(1e5, 2e9, 500)
    with pytest.raises(InputError, match=r"500 lesions, 80 is the most.*40 largest.*`copies`"):
        course(drawn=patient(cells))
    least = cells[:-40]
    lump = np.exp(np.log(least).mean())
    copies = [least.size, *[1] * 40]
    got = course(
        drawn=patient([lump, *cells[-40:]], copies=copies, people=20), months=24.0, watch=True
    )
    assert np.isfinite(got.death_months).any()
    held = least.size * lump + cells[-40:].sum()
    assert got.watch.living_cells[:, 0] == pytest.approx(np.full(20, held), rel=1e-6)


def test_as_many_lesions_as_there_is_room_for_are_followed():
    full = course(drawn=patient(np.full(SLOTS, 1e9)), months=24.0)
    assert np.isfinite(full.death_months).all()


LETHAL = patient(np.full(8, 3e11), people=200)
"""Two litres and more of tumour in the liver of each."""

ENTRIES = {
    "lethal load": (LETHAL, 0),
    "lethal load and a run-in": (LETHAL, 40),
    "120 years old": (patient([1e9], age=120.0, people=100), 0),
    "no lesion": (patient([], people=100), 3),
    "one cell": (patient([1.0], people=100), 3),
    "room for no further lesion": (patient(np.full(SLOTS, 1e8), people=100), 3),
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_whoever_enters_has_a_course_and_assessments(entry):
    drawn, steps = ENTRIES[entry]
    got = course(drawn=drawn, steps=steps, months=60.0, watch=True)
    assert not np.isnan(got.death_months).any()
    assert (got.death_months >= -steps * 21 / MONTH).all()
    assert ((got.cause == 0) == np.isinf(got.death_months)).all()
    shown = observe(MODEL, drawn, got, randomised_step=steps)
    # Everybody is seen at the start, and nobody after death.
    start = shown.filter(pl.col("months_on_course") == 0.0)
    assert start["patient_id"].cast(pl.Int64).to_list() == list(range(len(drawn)))
    rows = shown["patient_id"].cast(pl.Int64).to_numpy()
    lived = got.death_months[rows] + steps * 21 / MONTH
    assert (shown["months_on_course"].to_numpy() <= lived + 1e-9).all()
    for name in ("sum_diameters_mm", "cea_ug_l", "ctdna_vaf", "utility"):
        values = shown[name].to_numpy()
        assert np.isfinite(values).all(), name
        assert (values >= 0.0).all(), name
    assert set(shown["who_ps"]) <= set(range(5))
    assert shown["ctdna_vaf"].max() <= 1.0


def test_a_lethal_load_kills_at_once_and_of_the_tumour():
    got = course(drawn=LETHAL, steps=0, months=60.0)
    assert (got.death_months > 0.0).all()
    # The hazard of a liver that has failed is at most `hmax` a month, times the patient's frailty.
    assert np.median(got.death_months) == pytest.approx(
        math.log(2.0) / MODEL.parameters["hmax"], rel=0.3
    )  # a median of 200 patients has an error of 10 % of itself, frailty adds
    assert np.mean(got.cause == 1) > 0.9
    assert got.eligible_at_randomisation.all()


def test_a_cohort_that_dies_in_the_run_in_is_told_as_that():
    deadly = MODEL.with_parameters({"hmax": 0.9, "sfrail": 0.3})
    drawn = patient(np.full(8, 3e11), people=50)
    got = course(deadly, drawn, steps=60, months=12.0, watch=True)
    assert (got.death_months < 0.0).all()
    assert (got.cause > 0).all()
    assert not got.eligible_at_randomisation.any()
    assert (got.response == 4).all()
    assert (got.run_in_diameter_mm == 0.0).all()
    assert np.isnan(got.local_months).all()
    shown = observe(deadly, drawn, got, randomised_step=60)
    assert set(shown["patient_id"].cast(pl.Int64)) == set(range(50))
    assert shown["months_on_course"].max() < 60 * 21 / MONTH


def test_a_full_patient_seeds_no_further_lesion():
    # Every slot holds a lesion that sheds a great deal; nothing may be written beyond them.
    model = MODEL.with_parameters({"fsec": 1e6})
    for count in (SLOTS - 9, SLOTS - 1, SLOTS):
        drawn = patient(np.full(count, 1e8), people=5)
        seen = course(model, drawn, months=24.0, watch=True).watch.lesions_seen
        assert np.nanmax(seen) <= SLOTS


def test_a_patient_without_lesions_lives_until_other_causes():
    got = course(drawn=patient([], people=50), months=600.0, watch=True)
    assert set(got.cause) <= {2, 3}
    assert np.isfinite(got.death_months).all()
    assert np.isinf(got.progression_months).all()
    assert got.tumour_free.all()
    assert np.isnan(got.early_change).all()
    assert np.nansum(got.watch.living_cells) == 0.0


def test_no_patients_at_all():
    nobody = course(drawn=DRAWN.take([]), local=None)
    assert len(nobody) == 0
    assert nobody.run_in_diameter_mm.size == 0


def test_one_cell_may_die_out_or_grow():
    got = course(
        MODEL.with_parameters({"other_causes": 0.0, "h_drug": 0.0}),
        patient([1.0], growth=0.0003, people=300),
        steps=0,
        months=240.0,
        care=Care("none"),
    )
    assert 0.1 < got.tumour_free.mean() < 1.0
    assert (np.isfinite(got.death_months) == (got.cause == 1)).all()


def test_more_cells_than_the_capacity_shrink_and_kill_soon():
    got = course(MODEL, patient([1e13], people=20), steps=0, months=60.0, care=Care("none"))
    assert (got.death_months < 24.0).all()


def test_growth_of_nothing_and_ages_at_the_end_of_the_table():
    still = course(drawn=patient([1e9], growth=0.0, people=20), care=Care("none"))
    assert still.run_in_diameter_mm == pytest.approx(np.full(20, 10 * np.cbrt(6 / np.pi)))
    old = course(drawn=patient([1e9], age=110.0, people=200), months=120.0)
    assert np.isfinite(old.death_months).all()


def test_death_in_the_run_in_is_before_randomisation():
    got = course(drawn=patient([3e11], people=200), steps=8)
    early = got.death_months < 0.0
    assert early.any()
    assert not got.eligible_at_randomisation[early].any()
    assert (got.response[early] == 4).all()
    assert (got.run_in_diameter_mm[early] == 0.0).all()


def test_a_tiny_horizon_hides_what_comes_after():
    got = course(months=1e-6)
    alive = got.death_months == np.inf
    assert (got.death_months[~alive] <= 1e-6).all()
    assert (got.cause[alive] == 0).all()
    assert (
        not (got.progression_months > 1e-6).any()
        or np.isinf(got.progression_months[got.progression_months > 1e-6]).all()
    )


def test_local_treatment_long_after_death_is_never_given():
    assert differing(course(local=local(30_000)), course()) == []
    assert differing(course(local=local(-1)), course()) == []


def test_each_patient_can_have_an_own_horizon():
    months = np.linspace(1.0, 60.0, len(DRAWN))
    own, long = course(months=months), course(months=60.0)
    seen = long.death_months <= months
    assert np.array_equal(own.death_months[seen], long.death_months[seen])
    assert np.isinf(own.death_months[~seen]).all()


def test_the_watch_ends_with_life():
    got = course(watch=True, months=36.0)
    watch = got.watch
    assert watch.months[1] == pytest.approx(63 / MONTH)
    last = (got.death_months[:, None] + 3 * 21 / MONTH) <= watch.months[None, :]
    for name in ("sum_diameters_mm", "living_cells", "line", "load", "drug"):
        values = getattr(watch, name)
        assert np.isnan(values[last]).all(), name
        assert np.isfinite(values[:, 0]).all(), name
    owner = np.repeat(np.arange(len(DRAWN)), np.diff(DRAWN.offsets))
    shown = np.bincount(owner, DRAWN.visible * DRAWN.diameter_mm, len(DRAWN))
    assert watch.sum_diameters_mm[:, 0] == pytest.approx(shown, rel=1e-6)
    cells = np.bincount(owner, DRAWN.cells * DRAWN.copies, len(DRAWN))
    assert watch.living_cells[:, 0] == pytest.approx(cells, rel=1e-6)
