"""Is a draw the pure function that the documentation states, whoever asks and in what order?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debulk.core import streams
from debulk.core.compiled import parallel_kernel, prange, use_threads

MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15
A = 0xD1342543DE82EF95
B = 0xA0761D6478BD642F

SEEDS = st.integers(0, 2**63 - 1)
COUNTS = st.integers(0, 2**31 - 1)
DECISIONS = st.integers(1, 2**31 - 1)


def twin_mix(word: int) -> int:
    """Python's integers, cut to 64 bits."""
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
    return word ^ (word >> 31)


def twin_key(seed: int, trial: int, patient: int) -> int:
    key = twin_mix((seed + GOLDEN) & MASK)
    key = twin_mix((key + A * (trial + 1)) & MASK)
    return twin_mix((key + B * (patient + 1)) & MASK)


def twin_word(key: int, decision: int, lesion: int, index: int) -> int:
    branch = twin_mix((key + A * ((decision << 32) + lesion + 1)) & MASK)
    return twin_mix((branch + B * (index + 1)) & MASK)


@given(SEEDS, COUNTS, COUNTS, DECISIONS, COUNTS, COUNTS)
def test_a_word_is_what_plain_integers_give(
    seed: int, trial: int, patient: int, decision: int, lesion: int, index: int
) -> None:
    key = streams.patient_key(seed, trial, patient)
    assert int(key) == twin_key(seed, trial, patient)
    assert int(streams.word(np.uint64(key), np.uint64(decision), lesion, index)) == twin_word(
        int(key), decision, lesion, index
    )


def test_a_known_word_never_changes() -> None:
    """The first output of splitmix64 from state 0, as published, and one draw of this program."""
    assert twin_mix(GOLDEN) == 0xE220A8397B1DCDAF
    assert int(streams.mix(np.uint64(GOLDEN))) == 0xE220A8397B1DCDAF
    key = np.uint64(streams.patient_key(1, 0, 0))
    assert (
        streams.uniform(key, np.uint64(1000), 0, 0)
        == ((twin_word(twin_key(1, 0, 0), 1000, 0, 0) >> 11) + 0.5) / 2**53
    )


@given(st.integers(0, MASK), DECISIONS, COUNTS, COUNTS)
def test_a_uniform_number_lies_strictly_between_0_and_1(
    key: int, decision: int, lesion: int, index: int
) -> None:
    number = streams.uniform(np.uint64(key), np.uint64(decision), lesion, index)
    assert 0.0 < number < 1.0
    assert number == ((twin_word(key, decision, lesion, index) >> 11) + 0.5) / 2**53


@pytest.mark.parametrize("seed", [0, 1, 2**31, 2**53 + 1, 2**63 - 1])
def test_every_seed_from_0_to_2_to_63_is_its_own(seed: int) -> None:
    assert int(streams.patient_key(seed, 0, 0)) == twin_key(seed, 0, 0)
    assert int(streams.patient_key(seed, 0, 0)) != twin_key(seed ^ 1, 0, 0)


def test_a_stream_is_claimed_once() -> None:
    number = 2**31 - 1
    assert streams.claim(number, "a decision of this test alone") == np.uint64(number)
    with pytest.raises(streams.StreamClaimError, match="is taken by 'a decision of this test"):
        streams.claim(number, "another decision")
    with pytest.raises(streams.StreamClaimError, match="claimed already"):
        streams.claim(number - 1, "a decision of this test alone")
    assert streams.claims()[number] == "a decision of this test alone"


@pytest.mark.parametrize("number", [-1, 0, 2**31])
def test_a_stream_outside_the_range_is_refused(number: int) -> None:
    with pytest.raises(streams.StreamClaimError, match="is not between"):
        streams.claim(number, "out of range")


@parallel_kernel
def _draw(seed, first, draws) -> None:
    for row in prange(draws.shape[0]):
        key = streams.patient_key(seed, 3, first + row)
        for index in range(draws.shape[1]):
            draws[row, index] = streams.normal(key, np.uint64(1000), 2, index)


def draw(seed: int, first: int, patients: int, workers: int | None = None) -> np.ndarray:
    use_threads(workers)
    draws = np.empty((patients, 5))
    _draw(seed, first, draws)
    return draws


def test_threads_and_chunks_change_no_bit() -> None:
    together = draw(11, 0, 1000)
    assert np.isfinite(together).all()
    assert draw(11, 0, 1000, workers=1).tobytes() == together.tobytes()
    chunks = [draw(11, 0, 1), draw(11, 1, 332), draw(11, 333, 667, workers=1)]
    assert np.concatenate(chunks).tobytes() == together.tobytes()
    assert draw(12, 0, 1000).tobytes() != together.tobytes()


def test_uniforms_are_the_patients_own_draws_in_any_order() -> None:
    patients = np.array([5, 0, 7, 5], dtype=np.int64)
    draws = streams.uniforms(9, 4, patients, np.uint64(1001), 2)
    for patient, number in zip(patients, draws, strict=True):
        key = np.uint64(streams.patient_key(9, 4, int(patient)))
        assert number == streams.uniform(key, np.uint64(1001), 0, 2)


def test_one_more_decision_shifts_no_other() -> None:
    key = np.uint64(streams.patient_key(1, 2, 3))
    before = streams.uniform(key, np.uint64(1002), 1, 4)
    streams.uniform(key, np.uint64(1003), 1, 4)
    assert streams.uniform(key, np.uint64(1002), 1, 4) == before
