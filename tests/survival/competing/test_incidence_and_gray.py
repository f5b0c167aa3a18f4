"""Cumulative incidence and Gray's test: by hand, properties, edges, what they refuse."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.core import InputError
from debulk.survival import kaplan_meier
from debulk.survival.competing import cumulative_incidence, fine_gray_weights, gray_test

ROUNDING = 1e-12  # a few dozen additions


def test_handworked_incidence():
    # At risk 4, 3, 2, 1: S = 3/4, 3/4, 3/8, 0.
    curves = cumulative_incidence([1, 2, 3, 4], [1, 0, 2, 1])["all"]
    np.testing.assert_allclose(curves[1].incidence, [1 / 4, 1 / 4, 1 / 4, 5 / 8])
    np.testing.assert_allclose(curves[2].incidence, [0, 0, 3 / 8, 3 / 8])
    np.testing.assert_allclose(curves[1].at([0, 1, 3.9, 4, 5]), [0, 1 / 4, 1 / 4, 5 / 8, np.nan])
    np.testing.assert_allclose(curves[1].at_risk, [4, 3, 2, 1])
    np.testing.assert_allclose(curves[1].at_risk_at([0, 1.5, 4]), [4, 3, 1])
    # With one event the variance is that of a share: p (1 - p) / n.
    np.testing.assert_allclose(curves[1].std_error[0] ** 2, 1 / 4 * 3 / 4 * 1 / 4 * 4 / 3)
    assert curves[1].rmtl(4).estimate == pytest.approx(3 / 4)
    assert curves[2].rmtl(4).estimate == pytest.approx(3 / 8)


FOLLOW_UP = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 2), st.integers(0, 1)), min_size=2, max_size=40
).filter(lambda rows: any(row[1] for row in rows))


@settings(max_examples=60, deadline=None)
@given(FOLLOW_UP)
def test_property_causes_and_survival_add_up_to_one(rows):
    time, cause, _ = (np.array(each) for each in zip(*rows, strict=True))
    for variance in ("aalen", "jackknife"):
        curves = cumulative_incidence(time, cause, variance=variance)["all"]
        total = sum(curve.incidence for curve in curves.values())
        survival = kaplan_meier(time, cause > 0).survival
        np.testing.assert_allclose(total + survival, 1, atol=ROUNDING)
        for curve in curves.values():
            assert (np.diff(curve.incidence) >= 0).all()
            assert np.isfinite(curve.std_error).all()
            known = curve.incidence > 0
            assert (curve.lower[known] <= curve.incidence[known]).all()
            assert (curve.upper[known] >= curve.incidence[known]).all()


@settings(max_examples=40, deadline=None)
@given(FOLLOW_UP)
def test_property_twice_the_sample_is_weight_two(rows):
    time, cause, group = (np.array(each) for each in zip(*rows, strict=True))
    doubled = cumulative_incidence(np.tile(time, 2), np.tile(cause, 2))["all"]
    weighted = cumulative_incidence(time, cause, weights=np.full(time.size, 2.0))["all"]
    for label, curve in weighted.items():
        np.testing.assert_allclose(curve.incidence, doubled[label].incidence, atol=ROUNDING)
        np.testing.assert_allclose(curve.at_risk, doubled[label].at_risk)
    first = cumulative_incidence(time, cause, group=group)
    order = np.random.default_rng(0).permutation(time.size)
    again = cumulative_incidence(time[order], cause[order], group=group[order])
    for label, curves in first.items():
        for name, curve in curves.items():
            np.testing.assert_allclose(curve.std_error, again[label][name].std_error)


def test_one_cause_is_the_complement_of_kaplan_meier_with_entry():
    rng = np.random.default_rng(2)
    time = np.ceil(rng.exponential(6, 60)) + 1
    entry, event = np.floor(time * rng.uniform(0, 0.9, 60)), rng.integers(0, 2, 60)
    curve = cumulative_incidence(time, event, entry=entry)["all"][1]
    km = kaplan_meier(time, event, entry=entry)
    np.testing.assert_allclose(1 - curve.incidence, km.survival, atol=ROUNDING)


def test_statistical_standard_errors_cover():
    # 400 samples of 150: the share of 95 % intervals that hold the truth is binomial with
    # standard error 0.011; the band is three of those.
    rng = np.random.default_rng(11)
    truth = 0.5 * (1 - np.exp(-2.0))  # two exponential causes of rate 1 each, at t = 1
    held = {"aalen": 0, "jackknife": 0}
    for _ in range(400):
        event, end = rng.exponential(0.5, 150), rng.exponential(2.0, 150)
        cause = np.where(event <= end, rng.integers(1, 3, 150), 0)
        for variance in held:
            curves = cumulative_incidence(np.minimum(event, end), cause, variance=variance)
            lower, upper = curves["all"][1].limits_at([1.0])
            held[variance] += int(lower[0] <= truth <= upper[0])
    for count in held.values():
        assert abs(count / 400 - 0.95) < 0.033


def test_keys_are_found_as_they_are_written():
    found = cumulative_incidence([1, 2, 3.0], [1.0, 2.0, 0.0], group=[1, 1, 2])
    assert list(found) == ["1", "2"]
    assert list(found["1"]) == [1, 2]
    assert found[1]["2"] is found["1"][2]
    np.testing.assert_array_equal(found[2][1].incidence, [0])
    with pytest.raises(InputError, match="nothing under '3'"):
        found[1][3]
    text = cumulative_incidence([1, 2, 3], ["death", "lost", "relapse"], censoring="lost")["all"]
    assert list(text) == ["death", "relapse"]
    assert list(cumulative_incidence([1], [True])["all"]) == [1]


def test_one_subject_and_time_zero():
    curve = cumulative_incidence([0], [1])["all"][1]
    # cmprsk, too, gives the last one who leaves alone a variance of 1; the jackknife gives 0.
    np.testing.assert_array_equal((curve.incidence, curve.std_error), [[1], [1]])
    assert curve.to_dict()["upper"] == [1.0]
    alone = cumulative_incidence([0], [1], variance="jackknife")["all"][1]
    np.testing.assert_array_equal((alone.incidence, alone.std_error), [[1], [0]])
    start = cumulative_incidence([0, 0, 2], [1, 2, 0], variance="jackknife")["all"][1]
    np.testing.assert_allclose(start.incidence, [1 / 3, 1 / 3])
    np.testing.assert_allclose(start.std_error, np.sqrt(2 / 27))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (([], []), "no rows"),
        (([1, 2], [0, 0]), "every row is censored"),
        (([1, 2], [1]), "cause.*1 values"),
        (([1, np.inf], [1, 0]), "time, row 2.*inf"),
        (([1, -2], [1, 0]), "time, row 2.*negative"),
        (([1, 2], [1, -1]), "cause, row 2.*-1"),
        (([1, 2], [1, 0.5]), "cause, row 2.*0.5"),
        (([1, 2], ["a", None]), "cause, row 2.*missing"),
        (([1, 2], ["a", "b"]), "censoring.*'0'"),
    ],
)
def test_wrong_follow_up_is_named(given, said):
    with pytest.raises(InputError, match=said):
        cumulative_incidence(*given)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"entry": [0, 2]}, "entry, row 2"),
        ({"weights": [1, 0]}, "weights, row 2"),
        ({"weights": [1, 2], "variance": "aalen"}, "'aalen' holds"),
        ({"variance": "best"}, "'best'"),
        ({"conf_type": "odd"}, "'odd'"),
        ({"conf_level": 2}, "2 is not between"),
        ({"group": ["a", None]}, "group, row 2.*missing"),
        ({"cluster": [1]}, "cluster.*1 values"),
    ],
)
def test_wrong_options_are_named(options, said):
    with pytest.raises(InputError, match=said):
        cumulative_incidence([1, 2], [1, 1], **options)


def test_horizon_beyond_the_last_follow_up():
    with pytest.raises(InputError, match="last follow-up, 2"):
        cumulative_incidence([1, 2], [1, 1])["all"][1].rmtl(3)


def test_gray_signs_reference_and_counts():
    rng = np.random.default_rng(1)
    time, cause = np.ceil(rng.exponential(5, 90)), rng.integers(0, 3, 90)
    group = np.array(["x", "y", "z"])[rng.integers(0, 3, 90)]
    found = gray_test(time, cause, group, reference="z")
    assert (found.reference, found.df, found.z) == ("z", 2, None)
    assert found.statistic == pytest.approx(gray_test(time, cause, group).statistic)
    assert sum(found.observed.values()) == pytest.approx(sum(found.expected.values()))
    two = group != "z"
    one = gray_test(time[two], cause[two], group[two])
    assert one.z**2 == pytest.approx(one.statistic)
    assert np.sign(one.z) == np.sign(one.observed["y"] - one.expected["y"])
    assert one.to_dict()["details"]["cause_of_interest"] == 1


def test_gray_on_an_enum_takes_its_first_level():
    group = pl.Series(["b", "a", "b", "a"], dtype=pl.Enum(["b", "a"]))
    assert gray_test([1, 2, 3, 4], [1, 1, 2, 1], group).reference == "b"


@pytest.mark.parametrize(
    ("given", "options", "said"),
    [
        (([1, 2], [1, 1], ["a", "a"]), {}, "one group only"),
        (([1, 2], [1, 1], ["a", "b"]), {"cause_of_interest": 2}, "cause '2'"),
        (([1, 2, 3], [1, 1, 0], ["a", "b", "b"]), {"strata": [1, 2, 3]}, "cannot be compared"),
        (([1, 2], [1, 1], ["a", "b"]), {"rho": np.nan}, "rho"),
    ],
)
def test_gray_refuses_by_name(given, options, said):
    with pytest.raises(InputError, match=said):
        gray_test(*given, **options)


def test_a_stratum_without_the_cause_cannot_be_expanded():
    with pytest.raises(InputError, match="nobody in 'b'"):
        fine_gray_weights([1, 2, 3], [1, 2, 2], strata=["a", "a", "b"])


def test_statistical_gray_holds_its_level():
    # 500 samples without a difference; the share below 0.05 has standard error 0.0097.
    rng = np.random.default_rng(4)
    below = 0
    for _ in range(500):
        time, cause = rng.exponential(size=80), rng.integers(0, 3, 80)
        below += gray_test(time, cause, np.arange(80) % 2).p < 0.05
    assert abs(below / 500 - 0.05) < 0.03
