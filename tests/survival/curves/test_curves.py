"""Curves at their edges, what they answer, and what they refuse."""

import json
import math

import numpy as np
import polars as pl
import pytest

from debulk import InputError
from debulk.survival.curves import kaplan_meier, landmark, nelson_aalen


def test_one_subject_with_and_without_an_event():
    died, left = kaplan_meier([3.0], [1]), kaplan_meier([3.0], [0])
    assert died.survival.tolist() == [0.0]
    assert math.isnan(died.std_error[0])
    assert died.median.estimate == 3.0
    assert left.survival.tolist() == [1.0]
    assert left.std_error.tolist() == [0.0]
    assert math.isnan(left.median.estimate)
    assert left.rmst(3.0).estimate == 3.0
    assert left.rmtl(3.0).estimate == 0.0


def test_everyone_censored_has_survival_1_without_error():
    curve = kaplan_meier([1, 2, 3], [0, 0, 0], conf_type="plain")
    assert curve.survival.tolist() == [1.0] * 3
    assert curve.lower.tolist() == curve.upper.tolist() == [1.0] * 3
    assert curve.cumulative_hazard.tolist() == [0.0] * 3
    hazard = nelson_aalen([1, 2, 3], [0, 0, 0], conf_type="plain")
    assert hazard.lower.tolist() == hazard.upper.tolist() == [0.0] * 3


def test_all_events_at_one_time():
    curve = kaplan_meier([2, 2, 2], [1, 1, 1])
    assert curve.survival.tolist() == [0.0]
    assert (curve.median.estimate, curve.rmst(2).estimate) == (2.0, 2.0)
    assert nelson_aalen([2, 2, 2], [1, 1, 1]).cumulative_hazard.tolist() == [1.0]
    one_by_one = nelson_aalen([2, 2, 2], [1, 1, 1], ties="one by one")
    assert one_by_one.cumulative_hazard == pytest.approx([1 / 3 + 1 / 2 + 1])


def test_events_at_time_0_and_the_sign_of_0():
    curve = kaplan_meier([0.0, -0.0, 1.0, 1.0], [1, 0, 1, 0])
    assert curve.time.tolist() == [0.0, 1.0]
    assert curve.at_risk.tolist() == [4.0, 2.0]
    assert curve.survival.tolist() == [0.75, 0.375]
    assert curve.at([0.0]).tolist() == [0.75]
    assert not np.signbit(curve.time[0])
    weighted = kaplan_meier([0.0, -0.0, 1.0, 1.0], [1, 0, 1, 0], weights=[1, 1, 1, 1])
    assert weighted.time.tolist() == [0.0, 1.0]


def test_a_row_of_weight_0_counts_for_nothing():
    curve = kaplan_meier([1, 2, 3], [1, 1, 1], weights=[1, 0, 1], cluster=["a", "b", "a"])
    assert curve.time.tolist() == [1.0, 3.0]
    assert (curve.n, curve.n_events) == (2, 2)
    with pytest.raises(InputError, match="weights: every weight is 0"):
        kaplan_meier([1, 2], [1, 1], weights=[0, 0])


def test_a_sum_in_another_order_leaves_no_crumb_at_risk():
    weights = [0.1, 0.2, 0.3, 0.7]
    curve = kaplan_meier([1, 5, 5, 5], [0, 1, 1, 1], weights=weights, entry=[0, 0, 1, 2])
    assert curve.survival[-1] == 0.0


def test_columns_that_may_not_be_written_to_are_read_all_the_same():
    time, event = pl.Series([1.0, 2.0, 3.0]), pl.Series([True, False, True])
    curve = kaplan_meier(time, event, weights=pl.Series([1.0, 2.0, 1.0]))
    assert curve.survival.tolist() == [0.75, 0.75, 0.0]
    given = np.array([3.0, 1.0, 2.0])
    kaplan_meier(given, [1, 1, 0])
    assert given.tolist() == [3.0, 1.0, 2.0]
    strided = np.arange(12.0)[::4]
    assert kaplan_meier(strided, [1, 1, 1]).time.tolist() == [0.0, 4.0, 8.0]


def test_milestones_with_their_intervals():
    curve = kaplan_meier([1, 2, 3, 4], [1, 0, 1, 0])
    early, middle, late = (curve.estimate_at(time) for time in (0.5, 3.5, 9))
    assert (early.estimate, early.se, early.lower, early.upper) == (1.0, 0.0, 1.0, 1.0)
    assert middle.estimate == curve.survival[2]
    assert (middle.se, middle.lower, middle.upper) == (
        curve.std_error[2],
        curve.lower[2],
        curve.upper[2],
    )
    assert math.isnan(late.estimate)
    lower, upper = curve.limits_at([0.5, 3.5, 9])
    np.testing.assert_array_equal(lower, [1.0, middle.lower, np.nan])
    np.testing.assert_array_equal(upper, [1.0, middle.upper, np.nan])


def test_conditional_survival_by_hand():
    curve = kaplan_meier([1, 2, 3, 4, 5], [1, 1, 0, 1, 0]).conditional(2.5)
    assert curve.time.tolist() == [3.0, 4.0, 5.0]
    assert curve.survival.tolist() == [1.0, 0.5, 0.5]
    assert curve.rmst(4.5).estimate == pytest.approx(1.5 + 0.25)
    assert curve.rmtl(4.5).estimate == pytest.approx(0.25)
    assert curve.at([2.6]).tolist() == [1.0]
    with pytest.raises(InputError, match=r"tau: 2 is not above 2\.5 and up to"):
        curve.rmst(2)


@pytest.mark.parametrize("moment", [-1, 5.5])
def test_conditional_survival_outside_the_curve(moment):
    with pytest.raises(InputError, match=r"from_time: .* is not between 0 and the last"):
        kaplan_meier([1, 5], [1, 1]).conditional(moment)


def test_a_variance_for_few_events():
    curve = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 0])
    plain, inflated = curve.rmst(3), curve.rmst(3, small_sample=True)
    assert inflated.se == pytest.approx(plain.se * math.sqrt(3 / 2))
    assert math.isnan(kaplan_meier([1, 2], [1, 0]).rmst(2, small_sample=True).se)
    assert kaplan_meier([1, 2], [0, 0]).rmst(2, small_sample=True).se == 0.0


def test_variances_of_a_hazard_by_hand():
    arrays = [1, 1, 2, 3], [1, 1, 1, 0]
    assert nelson_aalen(*arrays).std_error == pytest.approx(
        np.sqrt([2 / 16, 2 / 16 + 1 / 4, 2 / 16 + 1 / 4])
    )
    binomial = nelson_aalen(*arrays, variance="greenwood")
    assert binomial.std_error == pytest.approx(np.sqrt([4 / 64, 4 / 64 + 1 / 8, 4 / 64 + 1 / 8]))
    assert binomial.variance == "greenwood"
    assert nelson_aalen(*arrays, robust=True, variance="greenwood").variance == "jackknife"
    np.testing.assert_array_equal(binomial.at([0, 1.5, 4]), [0.0, 0.5, np.nan])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ties": "efron"}, "ties: 'efron' is not known"),
        ({"variance": "binomial"}, "variance: 'binomial' is not known"),
        ({"conf_type": "log-log"}, "conf_type: 'log-log' is not known"),
        ({"variance": "greenwood", "ties": "one by one"}, "does not go with ties"),
        ({"cluster": [1, 2], "robust": False}, "robust: is False, and clusters are given"),
        ({"cluster": [1, None]}, "cluster, row 2: the value is missing"),
        ({"weights": [1, -1]}, "weights, row 2: -1 is negative"),
    ],
)
def test_what_a_hazard_refuses(options, message):
    with pytest.raises(InputError, match=message):
        nelson_aalen([1, 2], [1, 0], **options)


def test_curves_become_plain_json():
    curve = kaplan_meier([1, 2, 3], [1, 0, 1])
    written = json.loads(json.dumps(curve.to_dict(), allow_nan=False))
    assert written["survival"] == pytest.approx([2 / 3, 2 / 3, 0])
    assert written["std_error"][2] is None
    hazard = json.loads(json.dumps(nelson_aalen([1, 2], [0, 1]).to_dict(), allow_nan=False))
    assert hazard["cumulative_hazard"] == [0, 1]
    assert hazard["lower"][0] is None


def test_a_landmark_counts_whom_it_leaves_out():
    found = landmark([1, 2, 3, 4, 6], [1, 0, 1, 0, 1], 3, entry=[0, 0, 0, 3.5, 1])
    assert found.kept.tolist() == [False, False, True, False, True]
    assert found.time.tolist() == [0.0, 3.0]
    assert found.event.tolist() == [True, True]
    assert [(each.reason, each.count) for each in found.excluded] == [
        ("had the event before 3", 1),
        ("censored before 3", 1),
        ("observed only after 3", 1),
    ]
    assert found.to_dict()["kept"] == [False, False, True, False, True]
    assert len(landmark([1, 5], [1, 1], 2).excluded) == 2


@pytest.mark.parametrize(
    ("at", "message"),
    [
        (-1, "at: -1 is negative"),
        (9, "at: nobody is at risk at 9"),
        (math.nan, "nan is not a finite number"),
    ],
)
def test_landmarks_that_cannot_be(at, message):
    with pytest.raises(InputError, match=message):
        landmark([1, 2], [1, 1], at)
