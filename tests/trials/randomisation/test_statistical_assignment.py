"""Balance, shares and guesses against closed forms; each test states its Monte Carlo error."""

from __future__ import annotations

import math

import numpy as np
import pytest

from debulk.trials.randomisation.assignment import assign
from debulk.trials.randomisation.balance import assignment_balance
from debulk.trials.randomisation.methods import BiasedCoin, Minimisation, PermutedBlocks, Simple

TRIALS, PATIENTS = 4000, 96
FAR = 4.5
"""Standard errors within which a right answer lies all but 7 times in a million."""

CHI_SQUARE_5 = 30.9
"""Quantile of chi-square with 5 degrees of freedom that is passed with probability 1e-5."""


def rows() -> dict[str, np.ndarray]:
    return {
        "trial": np.repeat(np.arange(TRIALS), PATIENTS),
        "order": np.tile(np.arange(PATIENTS), TRIALS),
    }


def codes() -> np.ndarray:
    rng = np.random.default_rng(4)
    size = TRIALS * PATIENTS
    return np.stack([rng.integers(0, 8, size), rng.integers(0, 2, size)], axis=1)


@pytest.mark.parametrize("allocation", [1.0, 2.0, 0.5])
@pytest.mark.parametrize("probability", [0.75, 1.0])
def test_minimisation_keeps_the_allocation(allocation, probability) -> None:
    """Share of the experimental arm; its error from the spread over trials."""
    method = Minimisation(("centre", "extent"), probability)
    arms = assign(method, seed=5, codes=codes(), allocation=allocation, **rows())
    by_trial = arms.reshape(TRIALS, PATIENTS).mean(axis=1)
    share = allocation / (1.0 + allocation)
    error = by_trial.std(ddof=1) / math.sqrt(TRIALS)
    # Unequal arms: the start leaves up to a fifth of a patient a trial, as `Minimisation` says.
    allowed = FAR * error + (0.0 if allocation == 1.0 else 0.2 / PATIENTS)
    assert abs(by_trial.mean() - share) < allowed
    assert error < 0.002


def test_every_arrangement_of_a_block_is_as_frequent() -> None:
    """Six arrangements of two and two: chi-square over 96 000 blocks."""
    arms = assign(PermutedBlocks((4,)), seed=6, **rows()).reshape(-1, 4)
    _, counts = np.unique(arms @ np.array([8, 4, 2, 1]), return_counts=True)
    expected = counts.sum() / 6.0
    assert counts.size == 6
    assert ((counts - expected) ** 2 / expected).sum() < CHI_SQUARE_5


def test_mixed_sizes_are_as_frequent() -> None:
    """The first block is one of two exactly if its first two arms differ, or by chance in six."""
    arms = assign(PermutedBlocks((2, 6)), seed=6, **rows()).reshape(TRIALS, PATIENTS)
    differ = (arms[:, 0] != arms[:, 1]).mean()
    expected = 0.5 + 0.5 * 0.6
    assert abs(differ - expected) < FAR * math.sqrt(expected * (1 - expected) / TRIALS)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (Simple(), 0.5),
        (PermutedBlocks((4,)), 17.0 / 24.0),
        (BiasedCoin(0.5, 1), 0.75),
        (BiasedCoin(1.0), 0.75),
    ],
    ids=["simple", "blocks of four", "big stick of one", "certain coin"],
)
def test_guesses_against_closed_forms(method, expected) -> None:
    """Blackwell and Hodges: 17/24 for blocks of four, 3/4 for pairs, a half for a coin."""
    found = assignment_balance(assign(method, seed=7, **rows()), **rows())
    assert abs(found.guessed - expected) < FAR * found.guessed_se + 1e-12
    assert found.guessed_se < 0.002


def test_guesses_in_blocks_of_two_to_one() -> None:
    """E E C, E C E, C E E with ties to the larger arm: 2, 3 and 2 of 3 guessed, by hand."""
    arms = assign(PermutedBlocks((3,)), seed=7, allocation=2.0, **rows())
    found = assignment_balance(arms, allocation=2.0, **rows())
    assert abs(found.guessed - 7.0 / 9.0) < FAR * found.guessed_se


def test_imbalance_of_a_coin_against_the_binomial() -> None:
    """Mean absolute deviation of a binomial count, by its sum."""
    found = assignment_balance(assign(Simple(), seed=8, **rows()), **rows())
    exact = (
        sum(math.comb(PATIENTS, each) * abs(each - PATIENTS / 2) for each in range(PATIENTS + 1))
        / 2**PATIENTS
    )
    assert abs(found.imbalance - exact) < FAR * found.imbalance_se
    assert found.imbalance_se < 0.06


def test_efrons_coin_is_balanced_half_of_the_time() -> None:
    """In the long run, at even places, with probability 1 - (1 - p) / p (Efron 1971): a half."""
    arms = assign(BiasedCoin(2.0 / 3.0), seed=9, **rows()).reshape(TRIALS, PATIENTS)
    balanced = (arms.sum(axis=1) == PATIENTS // 2).mean()
    assert abs(balanced - 0.5) < FAR * math.sqrt(0.25 / TRIALS)


def test_minimisation_balances_factors_better_than_a_coin_and_blocks_within_strata() -> None:
    """By centre: mean imbalance of minimisation less than half of a coin's, errors apart."""
    centre = codes()[:, 0]
    found = {}
    for name, method, given in (
        ("coin", Simple(), None),
        ("minimised", Minimisation(("centre", "extent"), 0.9), codes()),
        ("blocks", PermutedBlocks((4,), ("centre",)), centre),
    ):
        arms = assign(method, seed=10, codes=given, **rows())
        found[name] = assignment_balance(arms, stratum=centre, **rows())
    coin, minimised = found["coin"], found["minimised"]
    errors = coin.stratum_imbalance_se + minimised.stratum_imbalance_se
    assert minimised.stratum_imbalance + FAR * errors < coin.stratum_imbalance / 2.0
    assert minimised.imbalance < 1.0 < coin.imbalance
    assert found["blocks"].largest_stratum_imbalance == 1.0
