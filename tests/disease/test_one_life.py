"""One virtual patient: the same under every option until something differs; lesions add up."""

from __future__ import annotations

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.disease import draw_presenters, load_model, run_course
from debulk.disease.one_life import EXTENT_NAMES, LOCAL_STEP, live_one

SINGLE_PRECISION = 1e-6
"""Sizes followed are kept as float32."""


def test_followed_lesions_are_those_that_the_run_in_shows():
    model = load_model().central()
    drawn = draw_presenters(model, seed=3, first_trial=0, trials=1, births=200)
    some = drawn.take(np.arange(8))
    for column in (1, 3):
        course = run_course(
            model,
            some,
            seed=3,
            randomised_step=3 * column,
            horizon_months=24.0,
            follow_lesions=True,
        )
        assert course.followed is not None
        for row, (first, end) in enumerate(zip(some.offsets, some.offsets[1:], strict=False)):
            sizes = course.followed.diameter_mm[row, : end - first, column]
            if np.isnan(sizes).all():  # dead by then
                continue
            looked = course.run_in_diameter_mm[first:end]
            np.testing.assert_allclose(sizes, looked, rtol=SINGLE_PRECISION, atol=SINGLE_PRECISION)
            own = course.followed.organ[row, : end - first]
            np.testing.assert_array_equal(own, some.organ[first:end])


def test_following_changes_nothing():
    model = load_model().central()
    drawn = draw_presenters(model, seed=3, first_trial=0, trials=1, births=300)
    plain = run_course(model, drawn, seed=3, randomised_step=0, horizon_months=60.0)
    followed = run_course(
        model, drawn, seed=3, randomised_step=0, horizon_months=60.0, follow_lesions=True
    )
    np.testing.assert_array_equal(plain.death_months, followed.death_months)
    np.testing.assert_array_equal(plain.progression_months, followed.progression_months)


def test_too_many_are_not_followed():
    model = load_model().central()
    drawn = draw_presenters(model, seed=3, first_trial=0, trials=1, births=3000)
    with pytest.raises(InputError, match="1000 is the most"):
        run_course(model, drawn, seed=3, randomised_step=0, horizon_months=1.0, follow_lesions=True)


@pytest.mark.parametrize("extent", EXTENT_NAMES)
def test_every_extent_has_a_patient(extent):
    life = live_one(seed=3, extent=extent)
    assert life.patient["metastases"] >= 1
    assert len(life.months) == len(life.whole["line"])


def test_options_share_the_patient_until_local_treatment():
    lives = {option: live_one(seed=0, option=option) for option in ("systemic", "local", "null")}
    before = LOCAL_STEP // 3 + 1
    sizes = {
        option: [lesion["diameter_mm"][:before] for lesion in life.lesions if lesion["of_start"]]
        for option, life in lives.items()
    }
    assert sizes["systemic"] == sizes["local"] == sizes["null"]
    treated = [each for each in lives["local"].lesions if each["modality"]]
    assert treated
    assert all(each["diameter_mm"][before + 1] == 0.0 or each["of_start"] for each in treated)


def test_a_sham_is_systemic_therapy_alone():
    sham, alone = live_one(seed=0, option="null"), live_one(seed=0, option="systemic")
    assert sham.events["death_months"] == alone.events["death_months"]
    assert sham.to_dict()["whole"] == alone.to_dict()["whole"]


def test_lesions_seen_add_up():
    life = live_one(seed=0, extent="multi_organ_limited", option="systemic")
    for column, seen in enumerate(life.whole["lesions_seen"]):
        if np.isnan(seen):
            continue
        counted = sum(
            each["stands_for"]
            for each in life.lesions
            if each["organ"] != "primary"
            and each["shown"][column]
            and each["diameter_mm"][column] > 0
        )
        assert counted == seen


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"seed": -1}, "0 to 1,000,000"),
        ({"extent": "liver"}, "extent"),
        ({"regimen": "folfixi"}, "no card"),
        ({"option": "best"}, "option"),
        ({"without": ("magic",)}, "magic"),
    ],
)
def test_wrong_words_are_refused(wrong, words):
    with pytest.raises(InputError, match=words):
        live_one(**wrong)
