"""Means by parameter draw, their noise, and ranges without it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from debulk.board.futures.alike import Alike
from debulk.board.futures.equipoise import shares_of_draws, verdict_of
from debulk.board.futures.measures import curve_of, median_difference, middle
from debulk.board.futures.spread import Spread, spread_of
from debulk.disease import draw_presenters, load_model

ROUNDING = 1e-12
"""Sums of a few numbers of order one."""

DRAWS, EACH = 160, 25
Z99 = 2.5758


def _who(draw: npt.NDArray[np.int64], weight: npt.NDArray[np.float64]) -> Alike:
    nobody = draw_presenters(load_model(), seed=1, first_trial=0, trials=0, births=0)
    return Alike(
        presenters=nobody,
        diameter_mm=np.zeros(0),
        visible=np.zeros(0, dtype=np.bool_),
        draw=draw,
        trials=np.unique(draw),
        weight=weight,
        run_in_steps=0,
        progressed=False,
        effective=0.0,
        drawn=0,
        compared=0,
        draws_left_out=0,
    )


def _even(draws: int, each: int) -> Alike:
    draw = np.repeat(np.arange(draws), each)
    return _who(draw, np.full(draw.size, 1.0 / draw.size))


def test_handworked_mean_and_noise_of_a_weighted_draw() -> None:
    who = _who(np.array([0, 0, 0, 1, 1]), np.array([2.0, 1.0, 1.0, 2.0, 2.0]) / 8.0)
    found = spread_of(np.array([1.0, 3.0, 5.0, 2.0, 2.0]), who)
    # Draw 0: shares 1/2, 1/4, 1/4, mean 2.5; effective number 16 / 6, factor 1.6.
    variance = (0.25 * 1.5**2 + 0.0625 * 0.5**2 + 0.0625 * 2.5**2) * 1.6
    np.testing.assert_allclose(found.by_draw, [2.5, 2.0], rtol=ROUNDING)
    np.testing.assert_allclose(found.noise, [variance, 0.0], rtol=ROUNDING)


def test_handworked_who_is_left_out_takes_the_draw_along() -> None:
    who = _even(2, 2)
    found = spread_of(np.array([1.0, 2.0, 3.0, 4.0]), who, np.array([1.0, 0.0, 0.0, 0.0]))
    np.testing.assert_array_equal(found.by_draw, [1.0])


@pytest.mark.parametrize(("true_sd", "noise_sd"), [(2.0, 5.0), (1.0, 12.0), (0.0, 8.0)])
def test_statistical_ranges_hold_the_true_scatter_and_not_the_noise(
    true_sd: float, noise_sd: float
) -> None:
    source = np.random.default_rng(11)
    who = _even(DRAWS, EACH)
    widths, own = [], []
    for _ in range(60):
        true = 4.0 + true_sd * source.standard_normal(DRAWS)
        values = np.repeat(true, EACH) + noise_sd * source.standard_normal(DRAWS * EACH)
        found = spread_of(values, who)
        low, high = np.quantile(found.true, [0.05, 0.95])
        widths.append(high - low)
        own.append(np.subtract(*np.quantile(found.by_draw, [0.95, 0.05])))
    expected = 2 * 1.6449 * true_sd
    # One standard error of the scatter is left in on purpose: wide, but narrower than the noise.
    assert np.mean(widths) > 0.9 * expected
    assert np.mean(widths) < np.mean(own)


def test_statistical_monte_carlo_error_is_that_of_repeated_draws() -> None:
    source = np.random.default_rng(5)
    who = _even(40, 8)
    found = [spread_of(source.standard_normal(320), who) for _ in range(400)]
    spread = np.std([float(each.mean) for each in found], ddof=1)
    told = np.sqrt(np.mean([float(each.monte_carlo_se) ** 2 for each in found]))
    assert abs(spread / told - 1.0) < Z99 / np.sqrt(2 * 400)


def test_handworked_median_of_a_curve_and_of_one_never_reached() -> None:
    who = _even(2, 4)
    half = curve_of(np.array([10.0, 20.0, 30.0, 40.0] * 2), who)
    assert half.median().estimate == 20.0  # a share of one half is left from month 20 on
    never = curve_of(np.array([10.0, np.inf, np.inf, np.inf] * 2), who)
    assert never.median().estimate == np.inf
    assert never.median().to_dict()["estimate"] is None
    nothing = Spread(np.zeros_like(never.spread.by_draw), np.zeros_like(never.spread.noise))
    assert np.isnan(median_difference(never, nothing).estimate)
    assert median_difference(half, nothing).estimate == 0.0


def test_handworked_middle_80_of_weighted_patients() -> None:
    who = replace(_even(1, 8), weight=np.array([3.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]) / 10.0)
    # The first three tenths die last, in month 8; the tenth that dies first, in month 1.
    assert middle(np.arange(8.0, 0.0, -1.0), who) == (1.0, 8.0)
    assert middle(np.arange(1.0, 9.0), who) == (1.0, 7.0)


def test_handworked_shares_add_up_to_100_and_lean_by_the_settings() -> None:
    values = np.array([5.0] * 7 + [0.0] * 2 + [-4.0] * 2)
    spread = Spread(values, np.zeros(values.size))
    without, counted = shares_of_draws(spread, 3.0)
    assert without == counted == (64, 18, 18)
    assert verdict_of((64, 18, 18), 90) == "open"
    assert verdict_of((64, 18, 18), 60) == "gain"
    assert verdict_of((3, 95, 2), 90) == "little"
    assert verdict_of((0, 5, 95), 90) == "loss"


def test_statistical_noise_alone_makes_no_gain_and_no_loss() -> None:
    source = np.random.default_rng(3)
    values = np.zeros((DRAWS, EACH)) + 9.0 * source.standard_normal((DRAWS, EACH))
    found = spread_of(values.ravel(), _even(DRAWS, EACH))
    without, counted = shares_of_draws(found, 2.0)
    assert counted[0] + counted[2] > 15  # the noise of the draws looks like gains and losses
    assert without[1] > counted[1]
    assert without[1] >= 95
