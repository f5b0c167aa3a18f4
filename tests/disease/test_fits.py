"""Do the fits hold the model against the aggregates as they say, and is their p-value fair?"""

import json
import math
import runpy
import types
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debulk.core import InputError
from debulk.core.files import json_text
from debulk.disease.fits import LEAST_REPLICATES, compute_fits
from debulk.disease.fits_checks import (
    Gathering,
    columns_quantile,
    predictive_p,
    replicate_rows,
)
from debulk.disease.fits_cohorts import (
    COHORTS,
    SEVERAL_SHARE,
    ffcd_sample,
    mixed,
)
from debulk.disease.fits_panels import PANELS, change_at, incidence, quantiles, shrunk_by, survival
from debulk.disease.model import prior_model
from debulk.disease.summaries import patient_summary

HAND_MADE = runpy.run_path(str(Path(__file__).with_name("hand_made.py")))
model_with_draws = HAND_MADE["model_with_draws"]

EXACT = 1e-12
ALL = np.arange(4)


def at(*places):
    return np.array(places, dtype=np.float64)


def test_statistics_by_hand():
    sample = {
        "time": at(5.0, 10.0, np.inf, 20.0),
        "death": at(9.0, 9.0, 9.0, 30.0),
        "size": at(10.0, 20.0, 30.0, np.nan),
    }
    assert survival("time")(sample, ALL, at(0, 5, 12)).tolist() == [1.0, 0.75, 0.5]
    assert incidence("time", "death")(sample, ALL, at(5, 10, 20)).tolist() == [0.25, 0.25, 0.5]
    assert quantiles("size")(sample, ALL, at(0.5, 1.0)).tolist() == [20.0, 30.0]
    assert quantiles("size")(sample, ALL[3:], at(0.5)).tolist() == pytest.approx(
        [math.nan], nan_ok=True
    )
    for statistic in (survival("time"), incidence("time", "death"), quantiles("size")):
        assert np.isnan(statistic(sample, ALL[:0], at(1.0))).all()


def watched():
    months = at(0.0, 2.0, 4.0, 6.0, 8.0)
    nan = np.nan
    sums = np.array(
        [
            [100.0, 80.0, 60.0, 90.0, 120.0],
            [100.0, 50.0, 70.0, nan, nan],
            [100.0, nan, nan, nan, nan],
            [100.0, 130.0, 90.0, 40.0, 0.0],
        ]
    )
    new = np.array(
        [
            [0.0, 0.0, 0.0, 1.0, 1.0],
            [0.0, 0.0, 0.0, nan, nan],
            [0.0, nan, nan, nan, nan],
            [0.0, 0.0, 1.0, 1.0, 1.0],
        ]
    )
    watch = types.SimpleNamespace(months=months, sum_diameters_mm=sums, new_lesion=new)
    return ffcd_sample(types.SimpleNamespace(death_months=at(30.0, 5.0, 1.0, 40.0)), watch)


def test_a_watched_course_gives_what_the_summaries_are_of():
    sample = watched()
    assert sample["sum_mm"].tolist() == [100.0] * 4
    assert sample["new_lesion_months"].tolist() == [6.0, np.inf, np.inf, 4.0]
    # Best before the first new lesion: the last patient's fall to 0 comes after it.
    assert sample["best_change"][:2].tolist() == pytest.approx([-0.4, -0.5])
    assert np.isnan(sample["best_change"][2])
    assert sample["best_change"][3] == pytest.approx(0.3)
    assert shrunk_by()(sample, ALL, at(20, 40, 50)).tolist() == [0.5, 0.5, 0.25]
    change = change_at()(sample, ALL, at(2.2, 4.0, 7.9))
    assert change.tolist() == pytest.approx([-0.2, -0.3, -0.4])


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_mix_of_one_and_several_is_that_of_the_data(one, several):
    eligible = np.ones(one + several + 3, dtype=np.bool_)
    eligible[-3:] = False
    single = np.arange(eligible.size) < one
    rows = mixed(eligible, single)
    assert np.unique(rows).size == rows.size
    assert not np.isin(rows, [one + several, one + several + 1]).any()
    if min(one, several) > 0:
        wanted = SEVERAL_SHARE * rows.size
        assert abs((~single[rows]).sum() - wanted) <= 1.0
    assert rows.size <= one + several


@given(st.integers(1, 500), st.integers(1, 120), st.integers(0, 2**40))
def test_replicates_share_no_patient_while_there_are_enough(size, n, seed):
    blocks = size // n
    rows = [replicate_rows(size, n, seed=seed, draw=3, index=index) for index in range(blocks)]
    assert all(each.size == n for each in rows)
    together = np.concatenate([*rows, np.array([], dtype=np.int64)])
    assert np.unique(together).size == together.size == blocks * n
    more = replicate_rows(size, n, seed=seed, draw=3, index=blocks)
    assert more.size == n
    assert 0 <= more.min() <= more.max() < size


def test_p_by_hand():
    replicated = at(1.0, 2.0, 3.0, 3.0, np.nan)
    p, above = predictive_p(replicated, 3.0)
    assert above == 0.25
    assert p == pytest.approx(2.0 * 2.0 / 6.0)
    assert predictive_p(replicated, 9.0) == (pytest.approx(2.0 / 6.0), 0.0)
    assert predictive_p(replicated, -9.0) == (pytest.approx(2.0 / 6.0), 1.0)
    assert all(math.isnan(each) for each in predictive_p(at(np.nan), 1.0))


@given(st.lists(st.floats(-9.0, 9.0), min_size=1, max_size=40), st.floats(-9.0, 9.0))
def test_p_is_a_probability_above_0(values, observed):
    p, above = predictive_p(np.array(values), observed)
    assert 0.0 < p <= 1.0
    assert 0.0 <= above <= 1.0


def test_statistical_p_is_uniform_where_the_data_come_from_the_model():
    # Shares of p in 1,500 data sets have a Monte Carlo error of 0.013 at most, the places of the
    # quartiles among 1,500 replicates one of 0.016: together 0.02.
    spec = next(each for each in PANELS if each.name == "tcia-survival")
    random = np.random.default_rng(8)
    gathering = Gathering.of(spec)
    for draw in range(1500):
        sample = {"death_months": random.exponential(70.0, 400)}
        gathering.add(sample, seed=1, draw=draw, replicates=1)
    gathered = np.array(gathering.replicated)
    column = int(np.searchsorted(gathering.at, 36.0))
    found = []
    for _ in range(1500):
        data = {"death_months": random.exponential(70.0, gathering.cohort_size)}
        value = spec.statistic(data, np.arange(gathering.cohort_size), at(36.0))[0]
        found.append(predictive_p(gathered[:, column], value)[0])
    assert np.mean(np.array(found) < 0.2) == pytest.approx(0.2, abs=0.07)
    assert np.mean(np.array(found) < 0.5) == pytest.approx(0.5, abs=0.07)


def test_columns_without_values_stay_unknown():
    rows = np.array([[1.0, np.nan], [3.0, np.nan]])
    low, high = columns_quantile(rows, [0.0, 1.0])
    assert (low[0], high[0]) == (1.0, 3.0)
    assert np.isnan([low[1], high[1]]).all()


@pytest.mark.parametrize("spec", PANELS, ids=lambda each: each.name)
def test_each_panel_has_its_aggregates_and_its_cohort(spec):
    assert spec.cohort in {each.name for each in COHORTS}
    for place, name in spec.points:
        found = patient_summary(name)
        assert found.unit == spec.unit
        assert found.lower <= found.value <= found.upper
        digits = f"{place:g}"
        years, percent = f"{place / 12:g}", f"{100 * place:g}"
        assert name.rsplit("/", 1)[1].endswith((digits, years, percent, f"{digits}-percent"))


@pytest.fixture(scope="module")
def small():
    """The prior's medians, few people."""
    return compute_fits(prior_model(), patients=1500, seed=2)


def test_the_model_end_to_end(small):
    result = small.to_dict()
    assert [each["name"] for each in result["panels"]] == [each.name for each in PANELS]
    assert result["replicates"] >= LEAST_REPLICATES
    assert result["points"] == sum(len(each.points) for each in PANELS)
    assert 0.0 <= result["inside_share"] <= 1.0
    for panel in small.panels:
        assert panel.virtual > 50
        assert (np.diff(panel.x) > 0).all()
        assert (panel.predicted_lower <= panel.predicted_upper).all()
        for point in panel.points:
            assert np.isfinite([point.model, point.predicted_lower, point.tail]).all()
            assert point.inside == (
                point.predicted_lower <= point.observed <= point.predicted_upper
            )
    assert json.loads(json_text(result)) == result
    curves = {each.name: each.median for each in small.panels}
    assert (np.diff(curves["ffcd-survival"]) <= 0).all()
    assert curves["ffcd-survival"][0] == 1.0
    assert (np.diff(curves["colon-without-adjuvant"]) >= 0).all()
    assert curves["colon-with-adjuvant"][-1] < curves["colon-without-adjuvant"][-1]


def test_same_seed_same_bytes(small):
    assert json_text(compute_fits(prior_model(), patients=1500, seed=2)) == json_text(small)


def test_a_cohort_that_nobody_fits_is_not_known():
    told = []
    found = compute_fits(
        prior_model(), patients=1, seed=2, progress=lambda *each: told.append(each)
    )
    assert told == [(1, 1)]
    empty = [each for each in found.panels if each.virtual == 0.0]
    assert empty
    for panel in empty:
        assert all(math.isnan(point.tail) and not point.inside for point in panel.points)
    assert json.loads(json_text(found))["panels"]


def test_draws_share_the_replicates():
    found = compute_fits(model_with_draws(2), patients=300)
    assert found.draws == 2
    assert found.replicates == LEAST_REPLICATES
    assert dict(found.structures) == {"reference": 1, "exponential": 1}


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"draws": 0}, "draws"), ({"patients": 0}, "patients"), ({"seed": -1}, "seed")],
    ids=str,
)
def test_numbers_out_of_range_are_refused(changes, words):
    with pytest.raises(InputError, match=words):
        compute_fits(prior_model(), **changes)
