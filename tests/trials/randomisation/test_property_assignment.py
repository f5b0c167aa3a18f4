"""Are assignments a pure function of seed, trial and patients, and do blocks hold their ratio?"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debulk.trials.randomisation.assignment import assign
from debulk.trials.randomisation.methods import BiasedCoin, Minimisation, PermutedBlocks, Simple

METHODS = (
    Simple(),
    PermutedBlocks((4,)),
    PermutedBlocks((2, 4, 8)),
    PermutedBlocks((2, 6), ("centre", "extent")),
    Minimisation(("centre", "extent")),
    BiasedCoin(0.7, 4),
)


def world(seed: int, trials: int, patients: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    size = trials * patients
    return {
        "trial": np.repeat(np.arange(trials), patients),
        "order": np.tile(np.arange(patients), trials),
        "codes": np.stack([rng.integers(0, 5, size), rng.integers(0, 2, size)], axis=1),
    }


def drawn(method, seed, found, rows=slice(None)):
    uses = getattr(method, "strata", ()) or getattr(method, "factors", ())
    codes = found["codes"][rows] if uses else None
    return assign(
        method, seed=seed, trial=found["trial"][rows], order=found["order"][rows], codes=codes
    )


@pytest.mark.parametrize("method", METHODS, ids=lambda each: each.to_dict()["method"])
@given(
    seed=st.integers(0, 2**63 - 1),
    trials=st.integers(1, 5),
    patients=st.integers(1, 40),
    shuffle=st.integers(0, 1000),
)
def test_neither_chunks_nor_the_order_of_rows_matter(
    method, seed, trials, patients, shuffle
) -> None:
    found = world(shuffle, trials, patients)
    whole = drawn(method, seed, found)
    assert (whole == drawn(method, seed, found)).all()
    for trial in range(trials):
        rows = found["trial"] == trial
        assert (drawn(method, seed, found, rows) == whole[rows]).all()
    mixed = np.random.default_rng(shuffle).permutation(whole.size)
    assert (drawn(method, seed, found, mixed) == whole[mixed]).all()


@given(
    seed=st.integers(0, 2**63 - 1),
    parts=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    times=st.lists(st.integers(1, 4), min_size=1, max_size=3, unique=True),
    patients=st.integers(1, 120),
)
def test_arms_never_part_further_than_half_a_block_and_meet_again(
    seed, parts, times, patients
) -> None:
    control, experimental = parts
    share = experimental / (control + experimental)
    smallest = (control + experimental) // math.gcd(control, experimental)
    sizes = tuple(smallest * each for each in times)
    found = world(0, 3, patients)
    arms = assign(
        PermutedBlocks(sizes),
        seed=seed,
        trial=found["trial"],
        order=found["order"],
        allocation=experimental / control,
    ).reshape(3, patients)
    places = np.arange(1, patients + 1)
    ahead = np.cumsum(arms, axis=1) - share * places
    assert np.abs(ahead).max() <= share * (1 - share) * max(sizes) + 1e-9
    if len(sizes) == 1:
        ends = np.abs(ahead[:, sizes[0] - 1 :: sizes[0]])
        assert (ends < 1e-9).all()


def test_numbers_of_patients_and_trials_do_not_change_the_first_ones() -> None:
    short, long = world(1, 2, 30), world(1, 2, 60)
    for method in (Simple(), PermutedBlocks((4, 6)), BiasedCoin()):
        first = drawn(method, 8, long).reshape(2, 60)[:, :30]
        assert (first == drawn(method, 8, short).reshape(2, 30)).all()


def test_other_seeds_and_other_trials_differ() -> None:
    found = world(1, 2, 64)
    for method in METHODS:
        first, second = drawn(method, 1, found), drawn(method, 2, found)
        assert (first != second).any()
    for method in (Simple(), PermutedBlocks((4,)), BiasedCoin()):
        first, second = drawn(method, 1, found).reshape(2, 64)
        assert (first != second).any()
