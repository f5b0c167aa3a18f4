"""Are the numbers uniform and independent along every coordinate that names them?

Every test uses the fixed seed below, so it passes or fails the same way each time. A bound is set
so that a perfect generator would break it in about one of a million seeds, each test counted alone.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from debulk.core import streams
from debulk.core.compiled import kernel

SEED = 20260101
N = 200_000
P_FLOOR = 1e-6  # a fixed seed that a perfect generator would fail once in a million
Z_CEILING = 4.9  # two-sided normal quantile of P_FLOOR

COORDINATES = ("seed", "trial", "patient", "decision", "lesion", "index")
START = {"seed": SEED, "trial": 0, "patient": 0, "decision": 1000, "lesion": 0, "index": 0}


@kernel
def _words(start, step, count):
    words = np.empty(count, dtype=np.uint64)
    for row in range(count):
        at = start + step * row
        key = streams.patient_key(at[0], at[1], at[2])
        words[row] = streams.word(key, np.uint64(at[3]), at[4], at[5])
    return words


def words_along(coordinate: str, count: int = N, stride: int = 1, **moved: int) -> np.ndarray:
    """Words at consecutive values of one coordinate, the others held where START puts them."""
    place = {**START, **moved}
    start = np.array([place[each] for each in COORDINATES], dtype=np.int64)
    step = np.array([stride * (each == coordinate) for each in COORDINATES], dtype=np.int64)
    return _words(start, step, count)


def unit(words: np.ndarray) -> np.ndarray:
    return ((words >> np.uint64(11)).astype(np.float64) + 0.5) / 2**53


def chi_square_p(counts: np.ndarray) -> float:
    return float(stats.chisquare(counts.ravel()).pvalue)


@pytest.mark.parametrize("coordinate", COORDINATES)
@pytest.mark.parametrize("stride", [1, 2, 1024])
def test_uniform_along_each_coordinate(coordinate: str, stride: int) -> None:
    numbers = unit(words_along(coordinate, stride=stride))
    assert chi_square_p(np.histogram(numbers, bins=1000, range=(0, 1))[0]) > P_FLOOR
    assert stats.kstest(numbers, "uniform").pvalue > P_FLOOR


@pytest.mark.parametrize("coordinate", COORDINATES)
def test_every_bit_is_fair_along_each_coordinate(coordinate: str) -> None:
    words = words_along(coordinate)
    for bit in range(64):
        ones = int(((words >> np.uint64(bit)) & np.uint64(1)).sum())
        assert abs(ones - N / 2) / np.sqrt(N / 4) < Z_CEILING, f"bit {bit}"


@pytest.mark.parametrize("coordinate", COORDINATES)
def test_neighbours_along_a_coordinate_fill_square_and_cube(coordinate: str) -> None:
    """Serial tests: pairs and triples of consecutive draws fall evenly into cells."""
    numbers = unit(words_along(coordinate, 300_000))
    cell = (numbers * 32).astype(np.int64)
    pairs = np.bincount(cell[0::2] * 32 + cell[1::2], minlength=32**2)
    assert chi_square_p(pairs) > P_FLOOR
    cell = (numbers * 10).astype(np.int64)
    triples = np.bincount(cell[0::3] * 100 + cell[1::3] * 10 + cell[2::3], minlength=1000)
    assert chi_square_p(triples) > P_FLOOR


@pytest.mark.parametrize("along", COORDINATES)
@pytest.mark.parametrize("beside", COORDINATES)
def test_neighbouring_streams_are_not_correlated(along: str, beside: str) -> None:
    """A stream along one coordinate beside the stream one step aside in any coordinate."""
    here = unit(words_along(along))
    there = unit(words_along(along, **{beside: START[beside] + 1}))
    correlation = np.corrcoef(here, there)[0, 1]
    assert abs(correlation) * np.sqrt(N) < Z_CEILING
    cells = (here * 20).astype(np.int64) * 20 + (there * 20).astype(np.int64)
    if along != beside:
        assert chi_square_p(np.bincount(cells, minlength=400)) > P_FLOOR


@pytest.mark.parametrize("coordinate", COORDINATES)
def test_avalanche(coordinate: str) -> None:
    """One step in a coordinate flips each of the 64 bits half of the time."""
    words = words_along(coordinate, 20_001)
    flipped = words[1:] ^ words[:-1]
    for bit in range(64):
        ones = int(((flipped >> np.uint64(bit)) & np.uint64(1)).sum())
        assert abs(ones - 10_000) / np.sqrt(5_000) < Z_CEILING, f"bit {bit}"


@kernel
def _grid(seed, trials, patients, decisions, lesions, indices):
    words = np.empty(trials * patients * decisions * lesions * indices, dtype=np.uint64)
    row = 0
    for trial in range(trials):
        for patient in range(patients):
            key = streams.patient_key(seed, trial, patient)
            for decision in range(decisions):
                for lesion in range(lesions):
                    for index in range(indices):
                        words[row] = streams.word(key, np.uint64(1000 + decision), lesion, index)
                        row += 1
    return words


def test_two_million_mixed_words_never_meet() -> None:
    """By chance two of 2e6 words of 64 bits meet with probability 1e-7."""
    words = _grid(SEED, 10, 100, 10, 20, 10)
    assert np.unique(words).size == words.size == 2_000_000


@kernel
def _normals_and_exponentials(count):
    normals, exponentials = np.empty(count), np.empty(count)
    for patient in range(count):
        key = streams.patient_key(SEED, 0, patient)
        normals[patient] = streams.normal(key, np.uint64(1000), 0, 0)
        exponentials[patient] = streams.exponential(key, np.uint64(1001), 0, 0)
    return normals, exponentials


def test_normal_and_exponential_numbers_follow_their_distribution() -> None:
    normals, exponentials = _normals_and_exponentials(N)
    assert stats.kstest(normals, "norm").pvalue > P_FLOOR
    assert stats.kstest(exponentials, "expon").pvalue > P_FLOOR
    assert abs(np.corrcoef(normals, exponentials)[0, 1]) * np.sqrt(N) < Z_CEILING
