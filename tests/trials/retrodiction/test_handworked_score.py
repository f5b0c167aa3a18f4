"""Coverage, its probability, ranking and spread by arithmetic that a reader can repeat."""

from __future__ import annotations

import math
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from debulk.trials.retrodiction.score import coverage_of, kendall_tau, tau_p
from debulk.trials.retrodiction.spread import FEWEST, LEVEL, few_words, place_among, spread_of

made_up = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("made_up.py"))))

CLOSED = 1e-12
"""Closed forms in double precision."""


@pytest.mark.parametrize(("trials", "inside"), [(5, 3), (5, 5), (9, 7), (1, 0)])
def test_the_probability_of_so_few_inside_is_a_sum_of_binomial_terms(trials, inside) -> None:
    by_hand = sum(math.comb(trials, k) * 0.95**k * 0.05 ** (trials - k) for k in range(inside + 1))
    found = coverage_of([True] * inside + [False] * (trials - inside))
    assert found.coverage == inside / trials
    assert found.p == pytest.approx(by_hand, rel=CLOSED)


def test_without_trials_there_is_neither_coverage_nor_probability() -> None:
    found = coverage_of([])
    assert (found.trials, found.coverage, found.p) == (0, None, None)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=12))
def test_tau_is_that_of_scipy_ties_included(pairs) -> None:
    first, second = (np.array([float(each[side]) for each in pairs]) for side in (0, 1))
    ours = kendall_tau(first, second)
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert ours is None
        return
    assert ours == pytest.approx(kendalltau(first, second).statistic, abs=CLOSED)


def test_the_permutation_p_is_scipys_exact_one() -> None:
    first = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    for second in ([1.0, 2.0, 3.0, 5.0, 4.0], [2.0, 1.0, 5.0, 4.0, 3.0], [5.0, 4.0, 3.0, 2.0, 1.0]):
        exact = kendalltau(first, second, method="exact").pvalue
        assert tau_p(first, np.array(second)) == pytest.approx(exact, rel=CLOSED)


def test_the_limits_are_the_quantiles_and_what_is_not_reached_comes_last() -> None:
    values = np.arange(201.0)
    found = spread_of(values)
    assert (found.lower, found.median, found.upper) == pytest.approx(
        (5.0, 100.0, 195.0), rel=CLOSED
    )
    late = spread_of(np.where(values > 190.0, np.nan, values), late=True)
    assert late.upper is None
    assert late.holds(500.0) is True
    assert late.holds(4.0) is False
    left_out = spread_of(np.where(values > 190.0, np.nan, values))
    assert left_out.trials == 191


def test_the_error_of_a_limit_is_half_the_distance_of_two_order_statistics() -> None:
    size, tail = 1000, 0.025
    values = np.arange(size) / (size - 1)
    by_hand = math.sqrt(tail * (1.0 - tail) / size)
    assert spread_of(values).lower_error == pytest.approx(by_hand, rel=1e-9)


def test_the_place_among_trials_counts_equal_ones_by_half() -> None:
    assert place_among(np.array([1.0, 2.0, 2.0, 3.0, np.nan]), 2.0) == 0.5


def test_no_trial_without_a_prediction_and_no_calibration_trial_is_scored() -> None:
    score = made_up.usual().score
    assert score.all.trials == 3
    assert score.all.inside == 2
    assert set(score.width_ratios) == {"ALPHA", "BETA", "GAMMA"}
    assert score.by_applicability["full"].trials == 0
    assert "No validation trial is fully in the model's domain" in score.verdict
    assert (
        "Of 2 published medians and survival shares of their arms, 1 lies inside." in score.verdict
    )


def test_all_inside_is_no_proof() -> None:
    score = made_up.retrodiction(made_up.entry("A", 0.8, 0.8), made_up.entry("B", 1.0, 1.0)).score
    assert "with a probability of 0.90, and wide ones hold much" in score.verdict


def test_the_width_is_compared_on_the_log_scale() -> None:
    alpha = made_up.usual().trials[0]
    wide = math.log(alpha.blind.effect.upper / alpha.blind.effect.lower)
    assert alpha.width_ratio == pytest.approx(wide / (2.0 * math.log(1.5)), rel=CLOSED)


def test_a_ratio_of_medians_is_ranked_the_other_way_round() -> None:
    # By benefit: 0.5 as hazard ratio and 2.0 as ratio of medians are the same.
    score = made_up.retrodiction(
        made_up.entry("A", 0.5, 0.5),
        made_up.entry("B", 1.25, 1.25, measure="median_ratio"),
        made_up.entry("C", 0.9, 0.9),
    ).score
    assert score.ranking.tau == 1.0


def test_below_forty_trials_nothing_is_told_from_the_null_world() -> None:
    # Of 39 trials 0.975 lie beyond each limit on average, of 40 one does.
    assert 39 * 0.025 < 1.0 <= 40 * (1.0 - LEVEL) / 2.0 + CLOSED
    few, enough = (made_up.entry("A", 0.8, 0.3, size=size) for size in (FEWEST - 1, FEWEST))
    assert made_up.retrodiction(few).score.told_from_null is None
    assert "null world" not in few.comment
    assert made_up.retrodiction(enough).score.told_from_null == 1
    assert "does not hold the published value" in enough.comment
    assert few_words(FEWEST) == ""
    assert "the limits are the most extreme trials" in few_words(FEWEST - 1)


def test_one_trial_and_one_median_are_spoken_of_as_one() -> None:
    arms = {"median_os_control_months": 30.0}
    one = made_up.entry("A", 0.8, 0.8, arms=arms)
    text = made_up.retrodiction(one).score.verdict
    assert "The one predicted at all lies inside" in text
    assert "Of 1 published median or survival share of its arm, 1 lies inside" in text
    assert "The one published median or share of its arms lies inside." in one.comment
