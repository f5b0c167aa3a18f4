"""What tests show of a tumour, on tumours made by hand."""

from __future__ import annotations

import dataclasses
import math
import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from debulk.core.errors import InputError
from debulk.core.streams import claims
from debulk.disease.course.outcome import Course, Watch
from debulk.disease.course.run import run_course
from debulk.disease.model import prior_model
from debulk.disease.observables import (
    cea_ug_l,
    constant,
    ctdna_vaf,
    observable_constants,
    utility,
    who_ps,
)
from debulk.disease.observed import draw_test_traits, observe, responses
from debulk.disease.presenters import draw_presenters
from debulk.disease.summaries import patient_summary
from debulk.evidence.firewall import firewall_violations
from debulk.evidence.record import findings_by_key
from debulk.patients.cohort import Cohort

PATIENTS = 20_000
SHARE_TOL = 0.015
"""Shares among 20,000 patients: over four Monte Carlo errors of 0.0035."""
LOG_TOL = 0.05
"""Log medians and log standard deviations of as many: over four errors of at most 0.011."""
VOLUME_OF_LARGEST = 1.5
"""Volume of the body's tumour over that of its largest metastasis; an assumption."""
LOADS = (0.25, 0.7, 1.2)

burdens = st.floats(0.0, 5e3)


@dataclasses.dataclass
class People:
    """The columns of `Presenters` that observations read."""

    seed: int
    trial: np.ndarray
    patient: np.ndarray
    recurrence_months: np.ndarray
    who_ps: np.ndarray

    def __len__(self) -> int:
        return self.trial.size


def people(n: int, seed: int = 5) -> People:
    return People(seed, np.zeros(n, np.int32), np.arange(n), np.full(n, 10.0), np.zeros(n, np.int8))


def made_watch(n: int, volumes: list[float], **columns: object) -> Watch:
    """Patients alike, with one volume a column; what is not given follows from the volume."""
    volume = np.tile(np.array(volumes, dtype=np.float32), (n, 1))
    given_columns = {
        "months": np.arange(len(volumes)) * 63.0 / 30.4375,
        "sum_diameters_mm": 10.0 * np.cbrt(volume),
        "seen_sum_diameters_mm": 10.0 * np.cbrt(volume),
        "lesions_seen": np.ones_like(volume),
        "new_lesion": np.where(np.isnan(volume), np.nan, 0.0).astype(np.float32),
        "living_cells": volume * np.float32(1e9),
        "volume_ml": volume,
        "load": volume / np.float32(200.0),
        "line": np.ones_like(volume),
        "drug": np.where(np.isnan(volume), np.nan, 1.0).astype(np.float32),
    }
    return Watch(**(given_columns | columns))


def made_course(watch: Watch | None, n: int, **columns: object) -> Course:
    """A course in which nothing but the watch and what is given is of interest."""
    empty = {each.name: np.full(n, np.nan) for each in dataclasses.fields(Course)}
    empty |= {"visit_interval_months": 63.0 / 30.4375, "watch": watch}
    return Course(**(empty | columns))


def test_every_constant_has_a_source_that_calibration_may_use():
    uses = {}
    for entry in observable_constants().values():
        assert entry.meaning
        assert entry.note
        for source in entry.source.split(";"):
            kind, _, key = source.partition(":")
            if kind == "summary":
                assert patient_summary(key)
            elif kind == "evidence":
                uses[f"{entry.name} {key}"] = key
                assert findings_by_key()[key].role == "calibration"
            else:
                assert source == "assumption"
    assert uses
    assert firewall_violations(uses) == []


def test_evidence_named_in_notes_exists_and_may_be_used():
    for entry in observable_constants().values():
        for key in re.findall(r"evidence:([\w/:#.-]+)", entry.note):
            assert findings_by_key()[key].role == "calibration"


def test_streams_are_claimed_in_their_block():
    mine = [number for number in claims() if 1200 <= number <= 1219]
    assert mine == [1200, 1201, 1202, 1203]


def test_without_a_tumour_tests_are_normal():
    traits = draw_test_traits(people(PATIENTS))
    cea = cea_ug_l(
        np.zeros(PATIENTS),
        secretion_ug_l_per_ml=traits.cea_secretion_ug_l_per_ml,
        background_ug_l=traits.cea_background_ug_l,
    )
    assert np.mean(cea <= 5.0) == pytest.approx(0.99, abs=0.005)
    assert np.all(ctdna_vaf(np.zeros(5)) == 0.0)
    assert np.all(who_ps(np.zeros(5), thresholds=LOADS) == 0.0)
    assert utility(0.0) == constant("utility_who_0")


@given(burdens, burdens)
def test_tests_are_monotone_in_burden(first, second):
    less, more = sorted((first, second))
    assert cea_ug_l(less) <= cea_ug_l(more)
    assert ctdna_vaf(less * 1e9) <= ctdna_vaf(more * 1e9) <= constant("ctdna_allele_share")
    before, after = (who_ps(each / 200.0, thresholds=LOADS) for each in (less, more))
    assert before <= after
    assert utility(before) >= utility(after)


def test_cea_doubles_with_a_large_tumour_and_not_with_a_small_one():
    large = cea_ug_l([1000.0, 2000.0])
    small = cea_ug_l([0.01, 0.02])
    assert large[1] / large[0] == pytest.approx(2.0, rel=0.01)
    assert small[1] / small[0] == pytest.approx(1.0, rel=0.01)


def test_allele_frequency_is_that_of_a_tumour_share_by_hand():
    # As much DNA of the tumour as of other cells: half of the plasma, of which half is mutated.
    assert ctdna_vaf(1e9 / constant("ctdna_odds_per_ml")) == pytest.approx(0.25, rel=1e-12)


def test_performance_status_counts_the_thresholds_passed():
    loads = np.array([0.0, 0.25, 0.69, 0.7, 1.2, 1.99, 2.0, 50.0, np.nan])
    expected = [0.0, 1.0, 1.0, 2.0, 3.0, 3.0, 4.0, 4.0, np.nan]
    np.testing.assert_array_equal(who_ps(loads, thresholds=LOADS), expected)


def test_frailty_makes_the_same_load_heavier():
    felt = who_ps(0.2, frailty=[-3.0, 0.0, 3.0], weight=0.2, thresholds=LOADS)
    np.testing.assert_array_equal(felt, [0.0, 0.0, 1.0])  # 0.2 e^0.6 = 0.36


def test_an_operation_costs_status_and_utility_for_a_while():
    months = np.array([np.nan, -1.0, 0.0, 1.0, 1.5, 20.0])
    status = who_ps(0.0, thresholds=LOADS, months_since_local=months)
    np.testing.assert_array_equal(status, [0, 0, 1, 1, 0, 0])
    assert who_ps(9.0, thresholds=LOADS, months_since_local=0.5) == 4.0
    value = utility(np.zeros(6), months_since_local=months)
    lost = constant("utility_who_0") - value
    np.testing.assert_allclose(lost[:4], [0.0, 0.0, 0.15, 0.075], atol=1e-15)
    assert 0.0 < lost[5] < 1e-6


def test_every_state_of_the_living_has_a_utility_between_death_and_health():
    status = np.arange(5.0)
    worst = utility(status, drug=1.0, months_since_local=0.0)
    assert np.all(worst >= 0.0)
    assert np.all(utility(status) < 1.0)


@pytest.mark.parametrize("call", ["cea_ug_l(-1.0)", "ctdna_vaf([1.0, -2.0])"])
def test_a_negative_burden_is_refused(call):
    with pytest.raises(InputError, match="below 0"):
        eval(call, {"cea_ug_l": cea_ug_l, "ctdna_vaf": ctdna_vaf})


def test_a_status_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match=r"2\.5.*from 0 to 4"):
        utility([0.0, 2.5])


def test_traits_have_the_spread_that_the_constants_say():
    traits = draw_test_traits(people(PATIENTS))
    secretion = traits.cea_secretion_ug_l_per_ml
    assert np.mean(secretion == 0.0) == pytest.approx(constant("cea_silent_share"), abs=SHARE_TOL)
    for values, name, spread in (
        (secretion[secretion > 0.0], "cea_secretion_ug_l_per_ml", "cea_secretion_spread"),
        (traits.cea_background_ug_l, "cea_background_ug_l", "cea_background_spread"),
        (traits.ctdna_odds_per_ml, "ctdna_odds_per_ml", "ctdna_spread"),
    ):
        logs = np.log(values)
        assert np.median(logs) == pytest.approx(math.log(constant(name)), abs=LOG_TOL)
        assert np.std(logs) == pytest.approx(constant(spread), abs=LOG_TOL)


def test_traits_belong_to_the_patient_and_not_to_the_row():
    together = draw_test_traits(people(50))
    one = dataclasses.replace(people(1), patient=np.array([17]))
    alone = draw_test_traits(one)
    for each in dataclasses.fields(alone):
        assert getattr(alone, each.name)[0] == getattr(together, each.name)[17]
    other_trial = draw_test_traits(dataclasses.replace(one, trial=np.ones(1, np.int32)))
    assert other_trial.ctdna_odds_per_ml[0] != alone.ctdna_odds_per_ml[0]


def test_cea_of_the_resected_is_as_observed():
    """Sizes of the resected (log-normal through their quartiles) give their CEA as it was."""
    low, middle, high = (
        patient_summary(f"tcia/largest-metastasis/q{q}").value for q in (25, 50, 75)
    )
    spread = math.log(high / low) / (2.0 * ndtri(0.75))
    sizes = middle * np.exp(spread * np.random.default_rng(3).standard_normal(PATIENTS))
    traits = draw_test_traits(people(PATIENTS))
    cea = cea_ug_l(
        VOLUME_OF_LARGEST * math.pi / 6.0 * (sizes / 10.0) ** 3,
        secretion_ug_l_per_ml=traits.cea_secretion_ug_l_per_ml,
        background_ug_l=traits.cea_background_ug_l,
    )
    share = patient_summary("tcia/cea-over-5")
    assert share.lower <= np.mean(cea > 5.0) <= share.upper
    for name in ("q50", "q75"):
        known = patient_summary(f"tcia/cea-before-resection/{name}")
        assert known.lower <= np.quantile(cea, int(name[1:]) / 100) <= known.upper


def test_primaries_at_diagnosis_are_seen_as_often_as_observed():
    """Share above the panel's limit, closed form: sizes and shedding are log-normal."""
    parameters = prior_model("reference").parameters
    volume = 10.0 ** (parameters["dxsize"] - 9.0)
    spread = math.hypot(constant("ctdna_spread"), parameters["sdxsize"] * math.log(10.0))
    frequency = float(ctdna_vaf(volume * 1e9))
    seen = ndtr(math.log(frequency / constant("ctdna_limit_panel")) / spread)
    row = findings_by_key()[
        "parameters:biomarker/ctdna-non-metastatic-vs-metastatic-crc-detectability#non-metastatic"
    ]
    assert 100.0 * seen == pytest.approx(float(row.value), abs=1.0)


def test_responses_follow_recist_by_hand():
    nan = np.nan
    sums = np.array(
        [
            [100, 75, 70, 69, 84, 90, 0],  # 84 is above 1.2 x 69, and 5 mm more
            [10, 2, 2.4, 6.9, 8, 10, 10],  # 6.9 is above 1.2 x 2, but only 4.9 mm more
            [40, 12, 0, 0, 4, 6, 30],  # all gone, back by less than 5 mm, and by more
            [0, 0, 5, 9, 9, 9, 9],  # none measured at the start
            [50, 50, nan, nan, nan, nan, nan],
        ],
        dtype=np.float32,
    )
    new = np.zeros_like(sums)
    new[0, 6] = 1.0
    codes = responses(sums, new)
    assert codes[0].tolist() == [-1, 2, 1, 1, 3, 3, 3]
    assert codes[1].tolist() == [-1, 1, 1, 1, 3, 3, 3]
    assert codes[2].tolist() == [-1, 1, 0, 0, 1, 3, 3]
    assert codes[3].tolist() == [-1] * 7
    assert codes[4].tolist() == [-1, 2, -1, -1, -1, -1, -1]


def test_assessments_end_with_life_and_are_a_cohorts_table():
    volumes = [200.0, 100.0, 40.0, 400.0]
    watch = made_watch(3, volumes)
    for column in dataclasses.fields(watch):
        if column.name != "months":
            getattr(watch, column.name)[1, 2:] = np.nan
    table = observe(prior_model("reference"), people(3), made_course(watch, 3))
    assert table.group_by("patient_id", maintain_order=True).len()["len"].to_list() == [4, 2, 4]
    assert table.null_count().select(pl.exclude("response")).sum_horizontal().item() == 0
    assert table["months_on_course"].max() == pytest.approx(3 * 63 / 30.4375)
    np.testing.assert_allclose(table["time_months"] - table["months_on_course"], 10.0)
    patients = pl.DataFrame({"patient_id": ["0", "1", "2"]})
    followup = patients.with_columns(last_months=pl.lit(30.0), dead=pl.lit(False))
    cohort = Cohort.from_tables({"patients": patients, "followup": followup, "assessments": table})
    assert cohort.assessments.height == 10


def test_an_operation_is_counted_from_the_start_of_line_one():
    watch = made_watch(1, [0.0] * 4)
    local = np.array([2.0])  # months from randomisation, itself at step 3
    course = made_course(watch, 1, local_months=local)
    table = observe(prior_model("reference"), people(1), course, randomised_step=3)
    start = 3 * 21 / 30.4375
    since = table["months_on_course"].to_numpy() - (start + 2.0)
    expected = np.where((since >= 0.0) & (since < constant("who_operation_months")), 1, 0)
    assert expected.tolist() == [0, 0, 1, 0]
    assert table["who_ps"].to_list() == expected.tolist()


def test_a_larger_tumour_never_tests_better():
    small, large = (
        observe(prior_model("reference"), people(40), made_course(made_watch(40, volumes), 40))
        for volumes in ([5.0, 20.0], [10.0, 400.0])
    )
    for name in ("cea_ug_l", "ctdna_vaf", "who_ps"):
        assert (large[name] >= small[name]).all()
    assert (large["ctdna_vaf"] > small["ctdna_vaf"]).all()
    assert (large["utility"] <= small["utility"]).all()


def test_a_course_that_cannot_be_observed_is_refused():
    model = prior_model("reference")
    with pytest.raises(InputError, match="watch=True"):
        observe(model, people(2), made_course(None, 2))
    with pytest.raises(InputError, match="3 patients, and 2 presenters"):
        observe(model, people(2), made_course(made_watch(3, [1.0]), 3))


def test_the_first_status_is_that_of_presentation():
    two = dataclasses.replace(people(2), who_ps=np.array([0, 2], np.int8))
    table = observe(prior_model("reference"), two, made_course(made_watch(2, [1.0, 1.0]), 2))
    assert table["who_ps"].to_list() == [0, 0, 2, 0]


@pytest.fixture(scope="module")
def lived():
    """Presenters, their courses under systemic therapy, and what tests show of them."""
    model = prior_model("reference")
    presenters = draw_presenters(model, seed=3, first_trial=0, trials=1, births=3000)
    course = run_course(
        model, presenters, seed=4, randomised_step=0, horizon_months=36.0, watch=True
    )
    return presenters, course, observe(model, presenters, course)


def test_courses_of_the_model_are_observed_while_patients_live(lived):
    presenters, course, table = lived
    last = table.group_by("patient_id", maintain_order=True).agg(pl.col("months_on_course").max())
    assert last.height == len(presenters)
    ends = np.minimum(course.death_months, 36.0)
    gap = ends - last["months_on_course"].to_numpy()
    assert np.all(gap > -1e-9)
    assert np.all(gap < 63.0 / 30.4375 + 21.0 / 30.4375)  # a column every 63 days, death by step
    started = table.filter(pl.col("months_on_course") == 0.0)
    np.testing.assert_array_equal(started["who_ps"], presenters.who_ps)
    assert table["utility"].is_between(-1.0, 1.0).all()


def test_half_of_recurrences_are_above_the_threshold_of_cea(lived):
    """Sensitivity of 5 ug/L at recurrence: its source says 50 % (40 to 60) at best.

    Made with the medians of the priors, so the share is held within the source's interval widened
    by two Monte Carlo errors of about 600 recurrences (4 %).
    """
    presenters, _, table = lived
    started = table.filter(pl.col("months_on_course") == 0.0)
    recurred = ~presenters.synchronous
    assert recurred.sum() > 400
    share = np.mean(started["cea_ug_l"].to_numpy()[recurred] > 5.0)
    assert 0.36 < share < 0.64


def test_large_metastases_are_seen_nearly_always_in_plasma(lived):
    """All of 14 patients with metastases were seen: exact lower limit 77 %.

    Held for sums of diameters above 60 mm, less two Monte Carlo errors of about 500 patients (2 %).
    """
    _, course, table = lived
    started = table.filter(pl.col("months_on_course") == 0.0)
    large = course.watch.sum_diameters_mm[:, 0] > 60.0
    assert large.sum() > 300
    seen = started["ctdna_vaf"].to_numpy()[large] > constant("ctdna_limit_panel")
    assert np.mean(seen) > 0.025 ** (1.0 / 14.0) - 0.04
