"""Contrasts of two curves worked by hand, at their edges, and what they refuse."""

import math

import numpy as np
import pytest
from scipy.special import chdtrc

from debulk import InputError
from debulk.survival.adjusted import adjusted_rmst
from debulk.survival.curves import kaplan_meier
from debulk.survival.medians import median_difference
from debulk.survival.milestone import milestone_difference
from debulk.survival.restricted import rmst_difference, rmst_ratio, rmtl_ratio

TIME = [1, 2, 3, 4, 2, 4, 6, 8]
EVENT = [1, 1, 1, 1, 1, 1, 1, 0]
GROUP = ["a"] * 4 + ["b"] * 4


def test_milestone_by_hand():
    found = milestone_difference(TIME, EVENT, GROUP, 3)
    assert found.estimate == pytest.approx(0.75 - 0.25)
    assert found.se == pytest.approx(math.sqrt(0.75 * 0.25 / 4 + 0.25 * 0.75 / 4))
    turned = milestone_difference(TIME, EVENT, GROUP, 3, reference="b")
    assert (turned.estimate, turned.p) == (-found.estimate, found.p)


def test_a_milestone_where_a_group_has_lost_everyone():
    found = milestone_difference(TIME, EVENT, GROUP, 4)
    assert found.estimate == pytest.approx(0.5)
    assert found.se == pytest.approx(math.sqrt(0.5 * 0.5 / 4))
    log = milestone_difference(TIME, EVENT, GROUP, 4, scale="log-log")
    assert math.isnan(log.estimate)
    assert log.p is None
    assert "survival there is 0 or 1" in log.note


def test_milestones_out_of_reach():
    with pytest.raises(InputError, match="at: 5 is not above 0 and up to 4"):
        milestone_difference(TIME, EVENT, GROUP, 5)
    with pytest.raises(InputError, match="scale: 'logit' is not known"):
        milestone_difference(TIME, EVENT, GROUP, 3, scale="logit")


def test_ratios_by_hand():
    ratio = rmst_ratio(TIME, EVENT, GROUP, 4)
    assert ratio.estimate == pytest.approx((2 + 0.75 * 2) / 2.5)
    lost = rmtl_ratio(TIME, EVENT, GROUP, 4)
    assert lost.estimate == pytest.approx(0.5 / 1.5)
    assert rmst_difference(TIME, EVENT, GROUP, 4, conf_level=0.9).conf_level == 0.9


def test_no_ratio_where_a_group_loses_no_time():
    found = rmtl_ratio([1, 2, 5, 5], [1, 1, 0, 0], GROUP[2:6], 2)
    assert math.isnan(found.estimate)
    assert found.p is None
    assert "of 0 to 2" in found.note


def test_a_median_difference_squares_and_adds_the_distances_to_the_limits():
    rng = np.random.default_rng(3)
    time, group = rng.exponential(5, 120), np.repeat([0, 1], 60)
    event = rng.random(120) < 0.8
    base, other = (kaplan_meier(time[group == g], event[group == g]).median for g in (0, 1))
    found = median_difference(time, event, group)
    down = math.hypot(other.estimate - other.lower, base.upper - base.estimate)
    up = math.hypot(other.upper - other.estimate, base.estimate - base.lower)
    assert found.estimate == other.estimate - base.estimate
    assert found.lower == pytest.approx(found.estimate - down)
    assert found.upper == pytest.approx(found.estimate + up)
    turned = median_difference(time, event, group, reference=1)
    assert (turned.lower, turned.upper) == pytest.approx((-found.upper, -found.lower))
    assert turned.p == pytest.approx(found.p)


@pytest.mark.parametrize("method", ["square-and-add", "minimum dispersion"])
@pytest.mark.parametrize("p", [0.3, 0.5])
def test_the_interval_of_a_median_difference_and_its_test_agree(method, p):
    rng = np.random.default_rng(5)
    time, group = rng.exponential(5, 100), np.repeat([0, 1], 50)
    time[group == 1] *= 1.8
    event = rng.random(100) < 0.8
    options = {"p": p, "method": method}
    tested = median_difference(time, event, group, **options).p
    for slack, inside in ((1e-6, True), (-1e-6, False)):
        found = median_difference(time, event, group, **options, conf_level=1 - tested + slack)
        assert (found.lower <= 0.0 <= found.upper) == inside


def slow_dispersion(time, event, p):
    """Start, end and squared distance from the level of each flat stretch of a curve."""
    curve = kaplan_meier(time, event)
    found = []
    for j, survival in enumerate(curve.survival):
        if 0 < survival < 1:
            log = np.log(survival)
            se = curve.std_error[j] / (survival * -log)
            distance = ((np.log(-log) - np.log(-np.log(1 - p))) / se) ** 2
            end = curve.time[j + 1] if j + 1 < curve.time.size else np.inf
            found.append((curve.time[j], end, distance))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_minimum_dispersion_interval_is_that_of_a_search(seed):
    rng = np.random.default_rng(seed)
    time, group = np.ceil(rng.exponential(9, 60)), np.repeat([0, 1], 30)
    event = rng.random(60) < 0.8
    found = median_difference(time, event, group, method="minimum dispersion")
    base, other = (slow_dispersion(time[group == g], event[group == g], 0.5) for g in (0, 1))
    kept = [
        (start_1 - end_0, end_1 - start_0)
        for start_0, end_0, distance_0 in base
        for start_1, end_1, distance_1 in other
        if distance_0 + distance_1 <= 1.959963984540054**2
    ]
    assert found.lower == min(low for low, _ in kept)
    assert found.upper == max(high for _, high in kept)
    together = [
        distance_0 + distance_1
        for start_0, end_0, distance_0 in base
        for start_1, end_1, distance_1 in other
        if max(start_0, start_1) < min(end_0, end_1)
    ]
    assert found.p == pytest.approx(chdtrc(1, min(together)))


def test_medians_that_are_not_reached():
    arrays = [1, 2, 3, 9, 9, 9], [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]
    found = median_difference(*arrays)
    assert math.isnan(found.estimate)
    assert found.p is None
    assert "A group has not reached it" in found.note
    spread = median_difference(*arrays, method="minimum dispersion")
    assert math.isnan(spread.upper)
    same = median_difference([1, 2, 3, 1, 2, 3], [1] * 6, arrays[2])
    assert (same.estimate, same.p) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"p": 1}, "p: 1 is not between 0 and 1"), ({"method": "bootstrap"}, "method: 'bootstrap'")],
)
def test_what_a_median_difference_refuses(options, message):
    with pytest.raises(InputError, match=message):
        median_difference(TIME, EVENT, GROUP, **options)


def test_adjusting_for_nothing_without_censoring_is_the_plain_difference():
    found = adjusted_rmst(TIME[:7], [1] * 7, GROUP[:7], {}, 4)
    plain = rmst_difference(TIME[:7], [1] * 7, GROUP[:7], 4)
    assert found.contrast.estimate == pytest.approx(plain.estimate)
    assert found.contrast.se == pytest.approx(plain.se)
    assert found.to_dict()["terms"] == ["intercept", "b"]


def test_covariates_as_an_array_a_mapping_and_one_column():
    rng = np.random.default_rng(1)
    time, group, age = rng.exponential(5, 60), np.repeat([0, 1], 30), rng.normal(60, 9, 60)
    event = rng.random(60) < 0.7
    named = adjusted_rmst(time, event, group, {"age": age}, 4)
    one = adjusted_rmst(time, event, group, age, 4)
    table = adjusted_rmst(time, event, group, age[:, None], 4)
    assert named.terms == ("intercept", "1", "age")
    assert one.terms == table.terms == ("intercept", "1", "x1")
    assert one.coef.tolist() == table.coef.tolist() == named.coef.tolist()


@pytest.mark.parametrize(
    ("covariates", "options", "message"),
    [
        ({"one": np.ones(8)}, {}, "covariate one: is constant or follows"),
        ({"side": [0] * 4 + [1] * 4}, {}, "covariate side: is constant or follows"),
        ({"age": [1, 2]}, {}, "covariate age: has 2 values, time has 8"),
        ({"age": [1, None] * 4}, {}, "covariate age, row 2: the value is missing"),
        (np.zeros((2, 2, 2)), {}, "covariates: has 3 dimensions"),
        (np.random.default_rng(0).normal(size=(8, 7)), {}, "has 8 rows whose outcome is known"),
        ({}, {"measure": "odds"}, "measure: 'odds' is not known"),
    ],
)
def test_what_an_adjusted_mean_refuses(covariates, options, message):
    with pytest.raises(InputError, match=message):
        adjusted_rmst(TIME, EVENT, GROUP, covariates, 4, **options)


def test_no_adjusted_ratio_where_nobody_loses_time():
    with pytest.raises(InputError, match="nobody has lost time by then"):
        adjusted_rmst(TIME, EVENT, GROUP, {}, 1, measure="time lost ratio")


def test_no_adjusted_ratio_where_one_group_loses_no_time():
    with pytest.raises(InputError, match="measure: the model has no finite solution"):
        adjusted_rmst(TIME, EVENT, GROUP, {}, 2, measure="time lost ratio", reference="b")
