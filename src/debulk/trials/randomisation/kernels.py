"""Kernels of the methods of randomisation, over rows sorted by trial and order in it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.streams import patient_key, uniform
from debulk.trials.decisions import BLOCK, TRIAL_ITSELF
from debulk.trials.randomisation.decisions import BLOCK_SIZE, COIN, MINIMISED

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel
def simple(seed: int, trial: Ints, order: Ints, share: float) -> Bools:
    """Toss a coin for each patient."""
    experimental = np.empty(trial.size, np.bool_)
    for row in range(trial.size):
        key = patient_key(seed, trial[row], TRIAL_ITSELF)
        experimental[row] = uniform(key, COIN, 0, order[row]) < share
    return experimental


@kernel
def _size_of_block(key: np.uint64, stratum: int, block: int, kinds: int) -> int:
    """Which of the sizes a block has."""
    if kinds == 1:
        return 0
    return min(int(uniform(key, BLOCK_SIZE, stratum, block) * kinds), kinds - 1)


@kernel
def _smallest_of_block(
    key: np.uint64, stratum: int, place: int, first: int, size: int, experimental_in_block: int
) -> bool:
    """Whether a place has one of the smallest draws of its block."""
    own = uniform(key, BLOCK, stratum, place)
    before = 0
    for other in range(first, first + size):
        before += int(uniform(key, BLOCK, stratum, other) < own)
    return before < experimental_in_block


@kernel
def permuted_blocks(
    seed: int,
    trial: Ints,
    place: Ints,
    stratum: Ints,
    sizes: Ints,
    experimental_in_block: Ints,
) -> Bools:
    """Assign by permuted blocks; rows sorted by trial, stratum and place in that stratum.

    One stratum with code 0 and one size is what trials without strata have always drawn.
    """
    experimental = np.empty(trial.size, np.bool_)
    block, first, kind = 0, 0, 0
    for row in range(trial.size):
        key = patient_key(seed, trial[row], TRIAL_ITSELF)
        if row == 0 or trial[row] != trial[row - 1] or stratum[row] != stratum[row - 1]:
            block, first = 0, 0
            kind = _size_of_block(key, stratum[row], 0, sizes.size)
        while place[row] >= first + sizes[kind]:
            first += sizes[kind]
            block += 1
            kind = _size_of_block(key, stratum[row], block, sizes.size)
        experimental[row] = _smallest_of_block(
            key, stratum[row], place[row], first, sizes[kind], experimental_in_block[kind]
        )
    return experimental


@kernel
def biased_coin(seed: int, trial: Ints, order: Ints, probability: float, limit: int) -> Bools:
    """Favour the arm that has fewer patients; at the limit take it for certain."""
    experimental = np.empty(trial.size, np.bool_)
    ahead = 0
    for row in range(trial.size):
        if row == 0 or trial[row] != trial[row - 1]:
            ahead = 0
        chance = 0.5
        if ahead != 0:
            towards = 1.0 if abs(ahead) >= limit else probability
            chance = towards if ahead < 0 else 1.0 - towards
        key = patient_key(seed, trial[row], TRIAL_ITSELF)
        experimental[row] = uniform(key, COIN, 0, order[row]) < chance
        ahead += 1 if experimental[row] else -1
    return experimental


@kernel
def minimisation(
    seed: int,
    trial: Ints,
    order: Ints,
    codes: Ints,
    offsets: Ints,
    cells: int,
    weights: Floats,
    squared: bool,
    share: float,
    chances: Floats,
) -> Bools:
    """Assign by minimisation.

    `codes` are dense within each factor, `offsets` say where a factor's cells begin among all
    `cells`; `chances` are those of the experimental arm when control or it is preferred.
    """
    experimental = np.empty(trial.size, np.bool_)
    control = np.zeros(cells)
    treated = np.zeros(cells)
    for row in range(trial.size):
        if row == 0 or trial[row] != trial[row - 1]:
            control[:] = 0.0
            treated[:] = 0.0
        to_control, to_experimental = 0.0, 0.0
        for factor in range(codes.shape[1]):
            cell = offsets[factor] + codes[row, factor]
            # Counts over the arm's share: equal when the level holds the planned allocation.
            there, here = control[cell] / (1.0 - share), treated[cell] / share
            if_control = abs(there + 1.0 / (1.0 - share) - here)
            if_experimental = abs(here + 1.0 / share - there)
            if squared:
                if_control, if_experimental = if_control**2, if_experimental**2
            to_control += weights[factor] * if_control
            to_experimental += weights[factor] * if_experimental
        # Sums that differ by rounding alone are equal.
        near = 1e-9 * (to_control + to_experimental)
        chance = share
        if to_experimental < to_control - near:
            chance = chances[1]
        elif to_control < to_experimental - near:
            chance = chances[0]
        key = patient_key(seed, trial[row], TRIAL_ITSELF)
        experimental[row] = uniform(key, MINIMISED, 0, order[row]) < chance
        for factor in range(codes.shape[1]):
            cell = offsets[factor] + codes[row, factor]
            if experimental[row]:
                treated[cell] += 1.0
            else:
                control[cell] += 1.0
    return experimental
