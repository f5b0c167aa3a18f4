"""The 32-bit words behind simulated patients: uniform, and independent in every direction."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from debulk.core.compiled import kernel
from debulk.trials.simulation.draws import exponentials, trial_keys, uniforms, words

TRIALS, PATIENTS = 4_000, 512
P_LEAST = 1e-4
"""A test fails below; of some 60 p-values, one good generator in 170 has one. The seed is fixed."""

Words = npt.NDArray[np.uint32]


@kernel
def _table(seed: int, first: int, decision: np.uint32, out: Words) -> None:
    for row in range(out.shape[0]):
        a, b = trial_keys(seed, first + row)
        words(a, b, decision, out[row])


def table(decision: int, *, seed: int = 1, first: int = 0, trials: int = TRIALS) -> Words:
    out = np.empty((trials, PATIENTS), np.uint32)
    _table(seed, first, np.uint32(decision), out)
    return out


@pytest.fixture(scope="module")
def drawn() -> Words:
    return np.stack([table(decision) for decision in (1, 2, 3)])


def test_words_are_those_of_the_documented_recipe() -> None:
    a, b = (int(each) for each in trial_keys(5, 77))
    found = np.empty(400, np.uint32)
    words(np.uint32(a), np.uint32(b), np.uint32(2), found)
    for patient in (0, 1, 2, 57, 399):
        x = (patient * 0x9E3779B1 + a + 2 * 0x632BE5AB) % 2**32
        x = (x ^ x >> 16) * 0x85EBCA6B % 2**32 ^ b
        x = (x ^ x >> 15) * 0xC2B2AE35 % 2**32
        x = (x ^ x >> 14) * 0x27D4EB2F % 2**32
        assert found[patient] == x ^ x >> 16


def test_within_a_trial_no_two_patients_share_a_word(drawn: Words) -> None:
    for row in drawn[0, :50]:
        assert np.unique(row).size == PATIENTS


def test_words_repeat_over_trials_as_chance_has_it(drawn: Words) -> None:
    every = drawn[0].ravel()
    repeated = every.size - np.unique(every).size
    expected = every.size**2 / 2**33
    assert abs(repeated - expected) < 5 * np.sqrt(expected)


@pytest.mark.parametrize("shift", [0, 8, 16, 24])
@pytest.mark.parametrize("decision", [0, 1, 2])
def test_bytes_are_uniform(drawn: Words, decision: int, shift: int) -> None:
    counts = np.bincount(((drawn[decision] >> shift) & 0xFF).ravel(), minlength=256)
    assert stats.chisquare(counts).pvalue > P_LEAST


def test_bits_are_balanced_and_independent_of_each_other(drawn: Words) -> None:
    bits = _bits(drawn[0].ravel()[:200_000]).astype(np.float32)
    z = (bits.mean(0) - 0.5) * 2 * np.sqrt(bits.shape[0])
    assert np.abs(z).max() < 4.5
    correlation = np.corrcoef(bits.T) - np.eye(32)
    assert np.abs(correlation).max() * np.sqrt(bits.shape[0]) < 5.0


@pytest.mark.parametrize("lag", [1, 2, 3, 7, 16, 191])
def test_patients_do_not_depend_on_each_other(drawn: Words, lag: int) -> None:
    unit = drawn[0] / 2.0**32 - 0.5
    _uncorrelated(unit[:, :-lag], unit[:, lag:])
    _independent(drawn[0][:, :-lag], drawn[0][:, lag:])


@pytest.mark.parametrize("lag", [1, 2, 3, 64, 256, 1024])
def test_trials_do_not_depend_on_each_other(drawn: Words, lag: int) -> None:
    unit = drawn[0] / 2.0**32 - 0.5
    _uncorrelated(unit[:-lag], unit[lag:])
    _independent(drawn[0][:-lag], drawn[0][lag:])


@pytest.mark.parametrize(("one", "other"), [(0, 1), (0, 2), (1, 2)])
def test_decisions_do_not_depend_on_each_other(drawn: Words, one: int, other: int) -> None:
    _uncorrelated(drawn[one] / 2.0**32 - 0.5, drawn[other] / 2.0**32 - 0.5)
    _independent(drawn[one], drawn[other])


def test_seeds_do_not_depend_on_each_other(drawn: Words) -> None:
    second = table(1, seed=2)
    _uncorrelated(drawn[0] / 2.0**32 - 0.5, second / 2.0**32 - 0.5)
    _independent(drawn[0], second)


def test_next_trial_patient_and_key_change_half_of_the_bits(drawn: Words) -> None:
    for changed in (
        drawn[0, 1:] ^ drawn[0, :-1],
        drawn[0][:, 1:] ^ drawn[0][:, :-1],
        drawn[0] ^ drawn[1],
    ):
        share = _bits(changed.ravel()[:400_000]).mean(0)
        assert np.abs(share - 0.5).max() < 5 * 0.5 / np.sqrt(400_000)


def test_every_bit_of_a_key_moves_every_bit_of_the_words() -> None:
    rng = np.random.default_rng(3)
    keys = rng.integers(0, 2**32, (200, 2), dtype=np.uint32)
    before, after = np.empty(PATIENTS, np.uint32), np.empty(PATIENTS, np.uint32)
    for place in range(2):
        for bit in range(32):
            moved = np.zeros(32)
            for row in keys:
                changed = row.copy()
                changed[place] ^= np.uint32(1 << bit)
                words(row[0], row[1], np.uint32(1), before)
                words(changed[0], changed[1], np.uint32(1), after)
                moved += _bits(before ^ after).mean(0) / len(keys)
            # The top bit of b meets only two products, so full diffusion is not exact there.
            assert np.abs(moved - 0.5).max() < 0.03, (place, bit)


def test_sum_over_patients_varies_from_trial_to_trial_as_it_should(drawn: Words) -> None:
    # A lattice among patients would make the sums too even, one among trials too uneven.
    sums = (drawn / 2.0**32 - 0.5).sum(2) / np.sqrt(PATIENTS / 12.0)
    for row in sums:
        assert stats.kstest(row, "norm").pvalue > P_LEAST
        chi2 = (row**2).sum()
        assert P_LEAST < stats.chi2.cdf(chi2, row.size) < 1.0 - P_LEAST


def test_exponentials_are_exponential_and_accurate(drawn: Words) -> None:
    every = drawn[0].ravel()
    found = _exponentials(every)
    assert stats.kstest(found[:500_000], "expon").pvalue > P_LEAST
    exact = -np.log(((every >> 1) | 1).astype(np.float32).astype(float) / 2.0**31)
    away = np.abs(found - exact)
    assert (away[exact > 0] / exact[exact > 0]).max() < 4e-7
    assert (found >= 0.0).all()
    assert found.max() < 21.5


def test_smallest_and_largest_word_have_finite_times() -> None:
    found = _exponentials(np.array([0, 1, 2**32 - 1, 2**32 - 300], np.uint32))
    assert found == pytest.approx([31 * np.log(2.0)] * 2 + [0.0, 6.98e-8], rel=1e-6, abs=1e-7)


def test_uniforms_are_uniform(drawn: Words) -> None:
    out = np.empty(drawn[2].size, np.float32)
    uniforms(drawn[2].ravel(), out)
    assert stats.kstest(out[:500_000], "uniform").pvalue > P_LEAST
    assert out.min() >= 0.0
    assert out.max() <= 1.0


def _exponentials(word: Words) -> npt.NDArray[np.float32]:
    bits, out = np.empty(word.size, np.uint32), np.empty(word.size, np.float32)
    exponentials(word, bits, bits.view(np.float32), out)
    return out


def _bits(word: Words) -> npt.NDArray[np.uint8]:
    return np.unpackbits(word.astype(">u4").view(np.uint8).reshape(-1, 4), axis=1)


def _uncorrelated(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> None:
    z = (one * other).mean() * 12.0 * np.sqrt(one.size)
    assert abs(z) < 4.5


def _independent(one: Words, other: Words) -> None:
    cells = ((one >> 28) << 4 | (other >> 28)).ravel()
    assert stats.chisquare(np.bincount(cells, minlength=256)).pvalue > P_LEAST
    low = ((one & 15) << 4 | (other & 15)).ravel()
    assert stats.chisquare(np.bincount(low, minlength=256)).pvalue > P_LEAST
