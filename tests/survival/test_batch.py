"""Many two-arm trials at once, against plain NumPy, the public estimators and bad input."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from debulk import InputError
from debulk.core.compiled import use_threads
from debulk.survival import hazard_ratio, logrank, two_arm_trials

CLOSED = 1e-12
ITERATIVE = 1e-8  # Newton against a bracketing root finder


def sample(seed, n, tied):
    random = np.random.default_rng(seed)
    arm = (random.random(n) < 0.5).astype(np.uint8)
    death = random.exponential(30 / np.where(arm == 1, 0.7, 1.0))
    lost = random.uniform(5, 90, n)
    time = np.minimum(death, lost)
    return (np.ceil(time / 5) if tied else time), death <= lost, arm


def one(time, event, arm):
    """Result of a single trial as three floats."""
    found = two_arm_trials([time], [event], [arm])
    return float(found.z[0]), float(found.log_hazard_ratio[0]), float(found.standard_error[0])


def twin_test(time, event, arm):
    """Loops over times and tied events; the root of the score by bracketing."""
    excess = variance = 0.0
    terms = []
    for now in np.unique(time[event]):
        at_risk = np.array([(time >= now)[arm == a].sum() for a in (0, 1)], dtype=float)
        dead = np.array([((time == now) & event)[arm == a].sum() for a in (0, 1)], dtype=float)
        n, d = at_risk.sum(), dead.sum()
        excess += dead[1] - d * at_risk[1] / n
        if n > 1:
            variance += d * (at_risk[0] / n) * (at_risk[1] / n) * (n - d) / (n - 1)
        terms += [at_risk - place / d * dead for place in range(int(d))]
    rows = np.array(terms)

    def shares(beta):
        risk = rows[:, 1] * np.exp(beta)
        return risk / (rows[:, 0] + risk)

    beta = brentq(lambda b: event[arm == 1].sum() - shares(b).sum(), -20, 20, xtol=1e-13)
    information = (shares(beta) * (1 - shares(beta))).sum()
    return excess / math.sqrt(variance), beta, 1 / math.sqrt(information)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_two_arm_test(seed, tied):
    time, event, arm = sample(seed, 120, tied)
    z, beta, se = one(time, event, arm)
    expected = twin_test(time, event, arm)
    assert z == pytest.approx(expected[0], rel=CLOSED, abs=CLOSED)
    assert (beta, se) == pytest.approx(expected[1:], rel=ITERATIVE, abs=ITERATIVE)
    assert z == pytest.approx(logrank(time, event, arm).z, rel=CLOSED, abs=CLOSED)
    public = hazard_ratio(time, event, arm)
    assert beta == pytest.approx(math.log(public.estimate), rel=ITERATIVE, abs=ITERATIVE)


def test_two_arm_test_takes_events_as_bytes_and_does_not_change_its_arrays():
    time, event, arm = sample(1, 50, True)
    before = time.copy()
    assert one(time, event.astype(np.uint8), arm) == one(time, event, arm)
    np.testing.assert_array_equal(time, before)


def test_an_arm_without_events_has_a_z_and_no_ratio():
    time = np.array([1.0, 2.0, 3.0, 4.0])
    event = np.array([True, True, False, False])
    z, beta, se = one(time, event, np.array([0, 0, 1, 1], dtype=np.uint8))
    assert z < 0
    assert math.isnan(beta)
    assert math.isnan(se)


def test_events_in_one_arm_only_after_the_other_has_gone_give_no_ratio():
    time, event = np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4, dtype=bool)
    _, beta, _ = one(time, event, np.array([0, 0, 1, 1], dtype=np.uint8))
    assert math.isnan(beta)


@pytest.mark.parametrize("events", [np.zeros(4, bool), np.array([0, 0, 0, 1], bool)])
def test_nothing_to_compare_gives_nan(events):
    time, arm = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 1, 0, 1], dtype=np.uint8)
    assert all(math.isnan(each) for each in one(time, events, arm))


def test_a_ratio_far_from_1_converges():
    # One experimental death among many early control deaths.
    time = np.arange(1.0, 201.0)
    arm = (np.arange(200) >= 100).astype(np.uint8)
    arm[50] = 1
    event = np.ones(200, dtype=bool)
    z, beta, se = one(time, event, arm)
    expected = twin_test(time, event, arm)
    assert (z, beta, se) == pytest.approx(expected, rel=ITERATIVE)


def test_trials_of_unequal_size_are_each_analysed_alone():
    sizes = [0, 1, 2, 40, 300, 7]
    parts = [sample(seed, n, seed % 2 == 0) for seed, n in enumerate(sizes)]
    flat = [np.concatenate(each) for each in zip(*parts, strict=True)]
    found = two_arm_trials(*flat, starts=np.concatenate(([0], np.cumsum(sizes))))
    expected = np.array([one(*part) for part in parts])
    np.testing.assert_array_equal(found.z, expected[:, 0])
    np.testing.assert_array_equal(found.log_hazard_ratio, expected[:, 1])


def test_a_large_trial_takes_the_other_sort_and_agrees():
    time, event, arm = sample(3, 25_000, False)
    z, beta, _ = one(time, event, arm)
    assert z == pytest.approx(logrank(time, event, arm).z, rel=CLOSED)
    assert beta == pytest.approx(math.log(hazard_ratio(time, event, arm).estimate), rel=ITERATIVE)


def test_the_bits_do_not_depend_on_the_number_of_threads():
    parts = [sample(seed, 90, False) for seed in range(200)]
    arrays = [np.stack(each) for each in zip(*parts, strict=True)]
    use_threads(1)
    alone = two_arm_trials(*arrays)
    use_threads(None)
    together = two_arm_trials(*arrays)
    for name in ("z", "log_hazard_ratio", "standard_error"):
        np.testing.assert_array_equal(getattr(alone, name), getattr(together, name))


@pytest.mark.parametrize("times", [[0.0, 0.0, 1.0, 1e300], [0.0, 5e-324, 1e-300, 2.0]])
def test_times_far_apart_are_still_in_order(times):
    event, arm = [True, True, True, True], [0, 1, 0, 1]
    assert one(times, event, arm)[0] == pytest.approx(logrank(times, event, arm).z, rel=CLOSED)


def test_one_row_of_arms_serves_all_trials_and_the_ratio_can_be_left_out():
    time, event, arm = sample(1, 60, False)
    found = two_arm_trials([time, time], [event, event], arm, hazard_ratio=False)
    assert found.z[0] == found.z[1] == one(time, event, arm)[0]
    assert np.isnan(found.log_hazard_ratio).all()


@pytest.mark.parametrize(
    ("arrays", "starts", "message"),
    [
        (([[1, np.nan]], [[1, 0]], [[0, 1]]), None, r"time, trial 1, patient 2: nan is no time"),
        (([[1, 2], [3, -4]], [[1, 0]] * 2, [0, 1]), None, r"time, trial 2, patient 2: -4"),
        (([1, np.inf], [1, 0], [0, 1]), [0, 2], r"time, patient 2: inf"),
        (([[1, 2]], [[1, 2]], [[0, 1]]), None, r"event: holds a value that is neither"),
        (([[1, 2]], [[1, 0]], [[0, 0.5]]), None, r"experimental: holds a value"),
        (([[1, 2]], [1, 0], [0, 1]), None, r"event: has shape"),
        (([1, 2], [1, 0], [0, 1]), None, r"starts: is missing"),
        (([1, 2], [1, 0], [0, 1]), [0, 1], r"starts: does not rise"),
        (([[[1]]], [[[1]]], [[[1]]]), None, r"time: has 3 dimensions"),
    ],
)
def test_what_does_not_fit_is_refused(arrays, starts, message):
    with pytest.raises(InputError, match=message):
        two_arm_trials(*arrays, starts=starts)
