"""Small curves whose patients are found by hand, and the kernels beside a plain twin."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.reconstruction import twin

from debulk.evidence.reconstruction import isotonic
from debulk.evidence.reconstruction.arms import with_ticks
from debulk.evidence.reconstruction.intervals import Curve
from debulk.evidence.reconstruction.one_arm import reconstruct_arm, reconstruct_survival

ROUNDING = 1e-12  # sums of a few hundred terms in another order


def rows(frame) -> list[tuple[float, bool]]:
    return [(round(time, 9), event) for time, event in frame.iter_rows()]


def test_single_steps_lie_at_their_clicks():
    # Ten patients: deaths at 1, 2 and 4 with nobody censored between; 7 are followed to 6.
    curve = {"time": [1, 2, 4, 6], "survival": [0.9, 0.8, 0.7, 0.7]}
    found = reconstruct_survival(curve, patients=10)
    assert rows(found) == [(1, True), (2, True), (4, True)] + [(6, False)] * 7


def test_censorings_fill_what_the_number_at_risk_leaves():
    # Of ten, one dies at 2 (0.9); six are at risk at 4, so three are censored, evenly: 1, 2, 3.
    # At 2 one has gone already (and one goes then): of the nine left 0.9 lies nearest one death.
    curve = {"time": [2, 5, 6], "survival": [0.9, 0.9, 0.9]}
    found = reconstruct_survival(curve, {"time": [0, 4, 6], "at_risk": [10, 6, 6]})
    expected = [(1, False), (2, True), (2, False), (3, False)] + [(6, False)] * 6
    assert rows(found) == expected


def test_several_deaths_between_two_clicks_spread_over_the_gap():
    curve = {"time": [2, 6], "survival": [1.0, 0.6]}
    found = reconstruct_survival(curve, patients=10)
    assert rows(found)[:4] == [(3, True), (4, True), (5, True), (6, True)]


def test_a_total_below_what_the_curve_shows_without_censoring_tells_the_censored():
    # Half of 100 would be 50 deaths if nobody were censored; with 40, more must leave early.
    at = np.linspace(0.5, 20.0, 40)
    curve = {"time": at, "survival": 0.5 ** (at / 20.0)}
    found = reconstruct_arm(curve, patients=100, events=40)
    assert found.events == 40
    assert found.n == 100
    # One death of 60 at risk.
    assert found.accuracy.greatest < 1.5 / 60


def test_after_the_last_number_censoring_goes_on_as_before():
    # 100 at 0, 80 at 10, a flat curve to 15: 20 censored in 900 patient-months. At that rate
    # 80 (1 - exp(-5 * 20 / 900)) = 8.4 are in the five months that follow.
    curve = {"time": [5, 10, 15], "survival": [1.0, 1.0, 1.0]}
    found = reconstruct_survival(curve, {"time": [0, 10], "at_risk": [100, 80]})
    late = found.filter(found["time"] > 10)["time"]
    assert (late < 15).sum() == 8
    assert (late == 15).sum() == 72
    assert found["event"].sum() == 0


def test_a_drop_of_many_deaths_across_a_tick_is_shared_by_time():
    # From 1 at 4 to 0.5 at 8, tick at 5: a quarter of the drop lies before it. One step is not cut.
    curve = Curve(np.array([4.0, 8.0]), np.array([1.0, 0.5]))
    ticks = np.array([0.0, 5.0])
    shared = with_ticks(curve, ticks, np.array([100, 90]))
    assert list(shared.time) == [4.0, 5.0, 8.0]
    assert list(shared.survival) == [1.0, 0.875, 0.5]
    assert list(with_ticks(curve, ticks, np.array([3, 2])).survival) == [1.0, 1.0, 0.5]


def test_what_was_changed_is_counted():
    curve = {"time": [-0.1, 3, 2, 6, 6, 9], "survival": [0.99, 0.8, 0.9, 0.82, 0.7, 0.72]}
    made = reconstruct_arm(curve, {"time": [0, 5, 8], "at_risk": [50, None, 30]})
    told = " ".join(made.provenance.remarks)
    assert "1 of 6 clicks lay at or left of time 0" in told
    assert "order of time" in told
    assert "1 of 5 clicks had the time of another" in told
    assert "2 of 4 clicks were moved, by 0.01 at the most" in told
    assert "1 of 3 numbers at risk are missing" in told
    assert list(made.clicks.survival) == pytest.approx([0.9, 0.8, 0.71, 0.71])


@pytest.mark.parametrize("seed", range(5))
def test_falling_is_the_max_min_formula(seed: int):
    values = np.random.default_rng(seed).normal(size=40) - np.linspace(0.0, 2.0, 40)
    expected = twin.falling(list(values))
    np.testing.assert_allclose(isotonic.falling(values), expected, rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("seed", range(8))
def test_kernels_do_as_the_plain_twin(seed: int):
    arm = twin.made_up(150, seed)
    curve = arm.read(90, 0.005, np.random.default_rng(seed))
    ticks = np.arange(0.0, 45.0, 4.0)
    table = arm.at_risk(ticks)
    zero = int(np.argmax(table["at_risk"] == 0)) + 1
    known = list(zip(ticks[:zero], map(int, table["at_risk"][:zero]), strict=True))
    fitted = Curve(curve["time"], isotonic.falling(curve["survival"]))
    used = with_ticks(fitted, ticks[:zero], table["at_risk"][:zero])
    expected = twin.reconstruct(list(zip(used.time, used.survival, strict=True)), known)
    found = reconstruct_survival(curve, table)
    times, events = (np.array(each) for each in zip(*expected, strict=True))
    np.testing.assert_allclose(found["time"].to_numpy(), times, rtol=0, atol=1e-9)
    assert found["event"].sum() == events.sum()
