"""Small cases worked by hand from the formulas."""

import math

import numpy as np
import polars as pl
import pytest

from debulk import InputError
from debulk.survival import hazard_ratio, hazard_ratios, kaplan_meier, logrank, rmst_difference

EXACT = 1e-12

# Deaths at 1, 2 (two), 4; censored at 2 and 5. At risk 6, 5, 2.
TIME = [1, 2, 2, 2, 4, 5]
EVENT = [1, 1, 1, 0, 1, 0]


def test_curve():
    curve = kaplan_meier(TIME, EVENT)
    assert curve.time.tolist() == [1, 2, 4, 5]
    assert curve.at_risk.tolist() == [6, 5, 2, 1]
    assert curve.events.tolist() == [1, 2, 1, 0]
    np.testing.assert_allclose(curve.survival, [5 / 6, 1 / 2, 1 / 4, 1 / 4], rtol=EXACT)
    greenwood = 1 / (6 * 5) + 2 / (5 * 3)
    np.testing.assert_allclose(curve.std_error[1], 0.5 * math.sqrt(greenwood), rtol=EXACT)


def test_median_is_the_midpoint_where_survival_rests_on_one_half():
    assert kaplan_meier(TIME, EVENT).quantile(0.5).estimate == 3.0
    assert kaplan_meier(TIME, EVENT).quantile(0.1).estimate == 1.0


def test_a_curve_that_ends_on_the_level_takes_the_midpoint_to_the_last_time():
    assert kaplan_meier([1, 3], [1, 0]).quantile(0.5).estimate == 2.0


def test_a_quantile_not_reached_is_nan():
    assert math.isnan(kaplan_meier([1, 2, 3], [1, 0, 0]).quantile(0.5).estimate)


def test_survival_at_times():
    found = kaplan_meier(TIME, EVENT).at([0, 0.9, 1, 3, 5, 5.1])
    np.testing.assert_allclose(found[:5], [1, 1, 5 / 6, 0.5, 0.25], rtol=EXACT)
    assert math.isnan(found[5])


def test_restricted_mean_is_the_area():
    area = 1 * 1 + 5 / 6 * 1 + 0.5 * 1.5
    assert kaplan_meier(TIME, EVENT).rmst(3.5).estimate == pytest.approx(area, rel=EXACT)


def test_restricted_mean_beyond_the_last_follow_up_is_an_error():
    with pytest.raises(InputError, match="last follow-up, 5"):
        kaplan_meier(TIME, EVENT).rmst(5.01)


def test_entry_counts_from_after_the_start():
    curve = kaplan_meier([2, 3, 4], [1, 1, 1], entry=[0, 2, 0])
    assert curve.at_risk.tolist() == [2, 2, 1]


def test_equal_weights_give_the_same_standard_error_as_none():
    plain, weighted = kaplan_meier(TIME, EVENT), kaplan_meier(TIME, EVENT, weights=[2.5] * 6)
    np.testing.assert_allclose(weighted.survival, plain.survival, rtol=EXACT)
    np.testing.assert_allclose(weighted.std_error, plain.std_error, rtol=EXACT)
    np.testing.assert_allclose(weighted.rmst(3).se, plain.rmst(3).se, rtol=EXACT)


def test_logrank():
    # Times 1 (2 against 2, a dies), 2 (1 against 2, b dies), 3 (1 against 1, b dies), 4: one left.
    result = logrank([1, 4, 2, 3], [1, 1, 1, 1], ["a", "a", "b", "b"])
    expected_b = 1 / 2 + 2 / 3 + 1 / 2
    variance = 1 / 4 + 2 / 9 + 1 / 4
    assert result.reference == "a"
    assert result.observed["b"] == 2
    assert result.expected["b"] == pytest.approx(expected_b, rel=EXACT)
    assert result.z == pytest.approx((2 - expected_b) / math.sqrt(variance), rel=EXACT)
    assert result.statistic == pytest.approx(result.z**2, rel=EXACT)


def test_peto_weighs_by_survival_just_before():
    result = logrank([1, 4, 2, 3], [1, 1, 1, 1], ["a", "a", "b", "b"], weighting="peto")
    excess = 1 * (0 - 1 / 2) + 3 / 4 * (1 - 2 / 3) + 1 / 2 * (1 - 1 / 2)
    variance = 1 / 4 + 9 / 16 * 2 / 9 + 1 / 4 * 1 / 4
    assert result.z == pytest.approx(excess / math.sqrt(variance), rel=EXACT)


def test_hazard_ratio_of_three_untied_events():
    # Likelihood (2 theta + 1 alive ...): b dies first of (1 a, 1 b), then a alone.
    # With order b, a, b for 2 b and 1 a: theta/(1 + 2 theta) * 1/(1 + theta); root 1/sqrt(2).
    result = hazard_ratio([1, 2, 3], [1, 1, 1], ["b", "a", "b"])
    assert result.estimate == pytest.approx(1 / math.sqrt(2), rel=1e-9)


@pytest.mark.parametrize(
    ("time", "event", "group"),
    [
        ([1, 2, 3, 4], [1, 1, 0, 0], ["a", "a", "b", "b"]),  # no event in b
        ([1, 2, 3, 4], [1, 1, 1, 1], ["a", "a", "b", "b"]),  # events in b only when a is gone
    ],
)
def test_a_likelihood_without_maximum_gives_no_number(time, event, group):
    result = hazard_ratio(time, event, group)
    assert math.isnan(result.estimate)
    assert math.isnan(result.se)
    assert result.p is None
    assert "No finite hazard ratio of b against a" in result.note


def test_a_group_without_events_leaves_the_other_ratio_as_it_is():
    time, event = [1, 2, 3, 4, 5, 6, 7], [1, 1, 1, 1, 1, 1, 0]
    group = ["b", "a", "b", "a", "a", "b", "c"]
    pair = hazard_ratio(time[:6], event[:6], group[:6])
    found = hazard_ratios(time, event, group)
    assert found["b"].estimate == pytest.approx(pair.estimate, rel=1e-9)
    assert math.isnan(found["c"].estimate)


def test_restricted_mean_difference_states_its_horizon():
    result = rmst_difference([1, 3, 2, 5], [1, 0, 1, 1], [0, 0, 1, 1])
    # Group 0: 1 + 2 * 0.5; group 1 to 3: 2 + 0.5.
    assert result.estimate == pytest.approx(2.5 - 2.0, rel=EXACT)
    assert "tau = 3 (the smallest of the groups' last times)" in result.note


@pytest.mark.parametrize(
    ("group", "reference", "found"),
    [
        (["b", "a", "b", "a"], None, "a"),
        (["b", "a", "b", "a"], "b", "b"),
        ([10, 9, 10, 9], None, "9"),
        ([1.0, 0.0, 1.0, 0.0], 1, "1"),
        (np.array([True, False, True, False]), None, "False"),
        (pl.Series(["x", "y", "x", "y"], dtype=pl.Enum(["z", "y", "x"])), None, "y"),
        (pl.Series(["x", "c", "x", "c"], dtype=pl.Categorical), None, "x"),
    ],
)
def test_reference(group, reference, found):
    result = logrank([1, 2, 3, 4], [1, 1, 1, 1], group, reference=reference)
    assert result.reference == found


def test_one_patient_against_very_many_converges():
    n = 200_000
    time = np.concatenate(([0.0], np.arange(1.0, n), [n / 2]))
    group = np.concatenate(([1], np.zeros(n - 1, dtype=int), [1]))
    event = np.concatenate((np.ones(200), np.zeros(n - 200), [0]))
    result = hazard_ratio(time, event, group)
    assert 0 < result.lower < result.estimate < result.upper < 1e4


def test_a_curve_as_plain_values_has_no_nan():
    plain = kaplan_meier([1, 2], [1, 1]).to_dict()
    assert plain["survival"] == [0.5, 0.0]
    assert plain["std_error"][1] is None
    assert plain["n_events"] == 2


def test_numbers_at_risk_at_round_times():
    assert kaplan_meier(TIME, EVENT).at_risk_at([0, 2, 3, 6]).tolist() == [6, 5, 2, 0]
    late = kaplan_meier([2, 3], [1, 1], entry=[0, 1])
    assert late.at_risk_at([0, 1, 2]).tolist() == [1, 1, 2]
