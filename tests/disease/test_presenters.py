import dataclasses

import numpy as np
import pytest

from debulk.core import ORGANS, InputError
from debulk.core.anatomy import ORGAN_CODE
from debulk.core.compiled import use_threads
from debulk.disease.census import take_census
from debulk.disease.growth import CLASS_OF_ORGAN, PRIMARY
from debulk.disease.model import prior_model
from debulk.disease.presenters import draw_presenters

MODEL = prior_model()
FAST_RTOL = 1e-10  # diameters come from the fast logarithm and exponential


def draw(first=0, trials=1, births=3000, seed=4, model=MODEL):
    return draw_presenters(model, seed=seed, first_trial=first, trials=trials, births=births)


def same(left, right):
    return all(
        np.array_equal(getattr(left, each.name), getattr(right, each.name), equal_nan=True)
        for each in dataclasses.fields(left)
        if isinstance(getattr(left, each.name), np.ndarray)
    )


def test_arrays_fit_together():
    drawn = draw()
    assert drawn.births == 3000
    assert drawn.offsets[0] == 0
    assert drawn.offsets[-1] == drawn.lesions
    counts = np.diff(drawn.offsets)
    assert counts.min() >= 1
    assert counts.max() <= 46
    owner = np.repeat(np.arange(len(drawn)), counts)
    assert (np.bincount(owner, drawn.visible) >= 1).all()
    primary = drawn.organ == ORGAN_CODE["primary"]
    assert np.array_equal(np.bincount(owner, primary) == 1, drawn.primary_in_situ)
    assert not drawn.visible[primary].any()
    assert not drawn.female[owner[drawn.organ == ORGAN_CODE["ovary"]]].size or (
        drawn.female[owner[drawn.organ == ORGAN_CODE["ovary"]]].all()
    )
    assert (drawn.lobe[drawn.organ != ORGAN_CODE["liver"]] == 0).all()
    assert (drawn.station[drawn.organ == ORGAN_CODE["lymph_node"]] > 0).all()
    assert (drawn.synchronous == (drawn.stage == 4)).all()
    assert np.isfinite(drawn.adjuvant_end_months[drawn.adjuvant]).all()
    assert drawn.age_years.min() >= 25
    assert (drawn.age_years - drawn.recurrence_months / 12).max() <= 90 * (1 + 1e-12)
    volume = np.pi / 6 * (drawn.diameter_mm / 10) ** 3
    assert volume == pytest.approx(drawn.cells / 1e9, rel=FAST_RTOL)


def test_small_metastases_are_lumped_by_class_of_organ():
    drawn = draw()
    kind = CLASS_OF_ORGAN[drawn.organ]
    assert (drawn.copies[kind == PRIMARY] == 1).all()
    for row in range(len(drawn)):
        mine = slice(drawn.offsets[row], drawn.offsets[row + 1])
        copies, cells, kinds = drawn.copies[mine], drawn.cells[mine], kind[mine]
        metastases = kinds != PRIMARY
        lumps = np.flatnonzero(metastases)[40:]
        assert (copies == np.round(copies)).all()
        assert (copies[:40] == 1).all()
        assert np.unique(kinds[lumps]).size == lumps.size <= 5
        if lumps.size:
            assert cells[lumps].max() <= cells[:40].min() * (1 + FAST_RTOL)
    assert (drawn.copies > 1).any()


def test_age_and_sex_are_those_of_the_census():
    drawn, people = draw(births=600), take_census(MODEL, seed=4, births=600)
    assert np.array_equal(drawn.female, people.female[drawn.patient])
    at_diagnosis = drawn.age_years - drawn.recurrence_months / 12
    assert at_diagnosis == pytest.approx(people.age_years[drawn.patient])
    assert np.array_equal(drawn.stage, people.stage[drawn.patient])
    late = ~drawn.synchronous
    months = people.recurrence_months[drawn.patient]
    assert np.array_equal(drawn.recurrence_months[late], months[late])


def test_chunks_of_trials_change_nothing():
    whole, parts = draw(trials=3, births=700), [draw(first=t, births=700) for t in range(3)]
    for name in ("trial", "patient", "cells", "organ", "age_years", "copies", "ras"):
        joined = np.concatenate([getattr(each, name) for each in parts])
        assert np.array_equal(getattr(whole, name), joined)


def test_threads_change_nothing():
    try:
        use_threads(1)
        one = draw(births=9000)
        use_threads(2)
        two = draw(births=9000)
    finally:
        use_threads(None)
    assert same(one, two)


def test_take_gathers_lesions():
    drawn = draw(births=800)
    rows = np.array([5, 2, 2, 0])
    taken = drawn.take(rows)
    for place, row in enumerate(rows):
        mine = slice(drawn.offsets[row], drawn.offsets[row + 1])
        theirs = slice(taken.offsets[place], taken.offsets[place + 1])
        assert np.array_equal(drawn.cells[mine], taken.cells[theirs])
        assert drawn.patient[row] == taken.patient[place]
    assert np.array_equal(drawn.cells[drawn.lesion_rows(rows)], taken.cells)
    mask = drawn.who_ps == 0
    assert len(drawn.take(mask)) == mask.sum()


def test_take_refuses_rows_that_are_not_there():
    drawn = draw(births=200)
    with pytest.raises(InputError, match="indices"):
        drawn.take([len(drawn)])
    with pytest.raises(InputError, match="mask"):
        drawn.take(np.ones(3, dtype=bool))


def test_course_mechanisms_leave_the_presenters_alone():
    assert same(draw(births=500), draw(births=500, model=MODEL.without("all")))


def test_another_seed_gives_others():
    assert not np.array_equal(draw(births=300).patient, draw(births=300, seed=5).patient)


def test_no_births_no_presenters():
    assert len(draw(births=0)) == 0
    assert len(draw(trials=0)) == 0


def test_negative_numbers_are_refused():
    with pytest.raises(InputError, match="births"):
        draw(births=-1)


def test_cohort_lists_what_imaging_shows():
    drawn = draw(births=1500)
    cohort = drawn.cohort()
    assert cohort.patients.height == len(drawn)
    assert cohort.lesions.height == drawn.visible.sum()
    assert set(cohort.lesions["organ"].unique()) <= set(ORGANS) - {"primary"}
    assert cohort.lesions["diameter_mm"].to_numpy() == pytest.approx(
        drawn.diameter_mm[drawn.visible]
    )
    given = cohort.patients["adjuvant"].cast(str) == "given"
    assert np.array_equal(given.to_numpy(), drawn.adjuvant)
    assert cohort.patients["adjuvant_end_months"].null_count() == (~drawn.adjuvant).sum()


def test_cohort_names_markers():
    drawn = draw(births=1500)
    patients = drawn.cohort().patients
    for name, word in (("ras", "mutated"), ("braf", "mutated"), ("msi", "high")):
        assert np.array_equal((patients[name] == word).to_numpy(), getattr(drawn, name))
        assert getattr(drawn, name).any()


def test_extreme_shedding_stays_within_the_store():
    model = MODEL.with_parameters({"mu": 1e-5, "fsec": 10.0})
    drawn = draw(births=300, model=model)
    assert np.diff(drawn.offsets).max() == 46
    assert np.isfinite(drawn.cells).all()
    assert (drawn.cells >= 1).all()
