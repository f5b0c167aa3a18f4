"""Do the methods assign what slow, plain twins and a pencil say?"""

from __future__ import annotations

import hashlib
import statistics
from fractions import Fraction

import numpy as np
import pytest

from debulk.core.streams import patient_key, uniform
from debulk.trials.decisions import BLOCK, TRIAL_ITSELF
from debulk.trials.randomisation.assignment import assign, preferred_chances
from debulk.trials.randomisation.decisions import BLOCK_SIZE, MINIMISED
from debulk.trials.randomisation.methods import BiasedCoin, Minimisation, PermutedBlocks

PUBLISHED_BLOCKS = "5d3251a76cf3f73cb6c0cd6e07b67fd52ac993b0e384416dc825cba11be2250d"
"""SHA-256 of what trials drew in blocks of four before strata and other methods were there."""


def rows(trials: int, patients: int) -> dict[str, np.ndarray]:
    return {
        "trial": np.repeat(np.arange(trials), patients),
        "order": np.tile(np.arange(patients), trials),
    }


def key(seed: int, trial: int) -> np.uint64:
    return np.uint64(patient_key(seed, trial, TRIAL_ITSELF))


def test_blocks_of_four_are_what_published_numbers_were_drawn_with() -> None:
    experimental = assign(PermutedBlocks((4,)), seed=20, **rows(5, 100))
    assert hashlib.sha256(experimental.tobytes()).hexdigest() == PUBLISHED_BLOCKS


@pytest.mark.parametrize(("sizes", "allocation"), [((4,), 1.0), ((2, 6, 4), 1.0), ((3, 6), 0.5)])
def test_blocks_against_sorting_the_draws_of_each_block(sizes, allocation) -> None:
    seed, trials, patients = 9, 6, 57
    drawn = assign(
        PermutedBlocks(sizes), seed=seed, allocation=allocation, **rows(trials, patients)
    )
    for trial in range(trials):
        expected: list[bool] = []
        block = 0
        while len(expected) < patients:
            which = int(uniform(key(seed, trial), BLOCK_SIZE, 0, block) * len(sizes))
            size = sizes[which] if len(sizes) > 1 else sizes[0]
            first = len(expected)
            draws = [uniform(key(seed, trial), BLOCK, 0, first + each) for each in range(size)]
            experimental = round(size * allocation / (1 + allocation))
            smallest = sorted(draws)[:experimental]
            expected += [draw in smallest for draw in draws]
            block += 1
        own = drawn[trial * patients : (trial + 1) * patients]
        assert own.tolist() == expected[:patients]


def test_a_stratum_has_blocks_of_its_own_and_one_stratum_is_none() -> None:
    given = rows(4, 60)
    whole = assign(PermutedBlocks((2, 4)), seed=3, **given)
    one = assign(PermutedBlocks((2, 4), ("site",)), seed=3, codes=np.zeros(240, int), **given)
    assert (whole == one).all()
    site = np.arange(240) % 3
    by_site = assign(PermutedBlocks((4,), ("site",)), seed=3, codes={"site": site}, **given)
    for trial in range(4):
        for each in range(3):
            own = by_site[(given["trial"] == trial) & (site == each)]
            assert own.reshape(-1, 4).sum(axis=1).tolist() == [2] * 5
    sites = [by_site[site == each].tolist() for each in range(3)]
    assert sites[0] != sites[1] != sites[2] != sites[0]


def slow_minimisation(method, seed, trial, codes, allocation):
    """Count the earlier patients of each level anew for every patient; chances by hand."""
    parts = (1.0, allocation)
    share = allocation / (1.0 + allocation)
    weights = method.weights or [1.0] * codes.shape[1]
    given: list[int] = []
    for patient, levels in enumerate(codes):
        sums = []
        for candidate in (0, 1):
            total = 0.0
            for factor, level in enumerate(levels):
                counts = [0, 0]
                for earlier, arm in enumerate(given):
                    counts[arm] += int(codes[earlier, factor] == level)
                counts[candidate] += 1
                scaled = [count / part for count, part in zip(counts, parts, strict=True)]
                spread = (
                    statistics.variance(scaled)
                    if method.measure == "variance"
                    else (max(scaled) - min(scaled))
                )
                total += weights[factor] * spread
            sums.append(total)
        if abs(sums[0] - sums[1]) < 1e-9:
            chance = share
        elif sums[1] < sums[0]:
            p = method.probability
            chance = p if allocation <= 1 else 1 - (1 - p) / allocation
        else:
            p = method.probability
            chance = 1 - p if allocation >= 1 else (1 - p) * allocation
        draw = uniform(key(seed, trial), MINIMISED, 0, patient)
        given.append(int(draw < chance))
    return [bool(each) for each in given]


@pytest.mark.parametrize("measure", ["range", "variance"])
@pytest.mark.parametrize("allocation", [1.0, 2.0, 0.5, 1.5])
@pytest.mark.parametrize("weights", [None, (3.0, 0.1, 1.0)])
def test_minimisation_against_a_slow_twin(measure, allocation, weights) -> None:
    trials, patients = 4, 50
    codes = np.random.default_rng(5).integers(0, (2, 3, 7), (trials * patients, 3))
    method = Minimisation(("sex", "site", "centre"), 0.85, weights, measure)
    drawn = assign(method, seed=11, codes=codes, allocation=allocation, **rows(trials, patients))
    for trial in range(trials):
        own = slice(trial * patients, (trial + 1) * patients)
        expected = slow_minimisation(method, 11, trial, codes[own], allocation)
        assert drawn[own].tolist() == expected


def test_minimisation_by_hand() -> None:
    """Five patients with certain choices: the 2nd, 4th and 5th follow from the 1st and 3rd."""
    codes = np.tile([[0, 0], [0, 0], [0, 1], [1, 1], [0, 1]], (200, 1))
    method = Minimisation(("sex", "site"), probability=1.0)
    first, second, third, fourth, fifth = (
        assign(method, seed=1, codes=codes, **rows(200, 5)).reshape(200, 5).T
    )
    assert (second == ~first).all()
    assert (fourth == ~third).all()
    assert (fifth == ~third).all()
    assert 0 < (first == third).sum() < 200


def test_the_heavier_factor_decides() -> None:
    """The third patient pulls either way: sex says one arm, site the other."""
    codes = np.tile([[0, 0], [1, 1], [0, 1]], (300, 1))
    for weights, leading in (((2.0, 1.0), 0), ((1.0, 2.0), 1)):
        method = Minimisation(("sex", "site"), 1.0, weights)
        arms = assign(method, seed=2, codes=codes, **rows(300, 3)).reshape(300, 3)
        differ = arms[:, 0] != arms[:, 1]
        assert differ.any()
        assert (arms[differ, 2] == ~arms[differ, leading]).all()


def test_chances_of_unequal_arms_by_hand() -> None:
    assert preferred_chances(0.8, Fraction(1, 2)) == pytest.approx((0.2, 0.8))
    assert preferred_chances(0.8, Fraction(2, 3)) == pytest.approx((0.2, 0.9))
    assert preferred_chances(0.8, Fraction(1, 3)) == pytest.approx((0.1, 0.8))


def test_the_big_stick_never_lets_the_arms_part_further() -> None:
    arms = assign(BiasedCoin(0.5, 3), seed=1, **rows(300, 80)).reshape(300, 80)
    ahead = np.cumsum(2 * arms.astype(int) - 1, axis=1)
    assert np.abs(ahead).max() == 3
    pairs = assign(BiasedCoin(0.5, 1), seed=1, **rows(300, 80)).reshape(300, 40, 2)
    assert (pairs.sum(axis=2) == 1).all()
