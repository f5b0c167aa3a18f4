"""Who of many simulated trials' patients is assigned to the experimental arm."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.trials.randomisation import kernels
from debulk.trials.randomisation.checks import (
    LARGEST_SEED,
    Ints,
    code_columns,
    share_experimental,
    whole,
    whole_column,
)
from debulk.trials.randomisation.methods import (
    BiasedCoin,
    Method,
    Minimisation,
    PermutedBlocks,
    Simple,
)

Bools = npt.NDArray[np.bool_]

LARGEST_NUMBER = 2**40 - 1
"""Largest number of a trial, and largest place in its order of randomisation."""

LARGEST_PLACE = 10_000_000
"""Largest place in the order of randomisation where blocks are walked through from the first."""


def assign(
    method: Method,
    *,
    seed: int,
    trial: npt.ArrayLike,
    order: npt.ArrayLike,
    codes: Any = None,
    allocation: float = 1.0,
) -> Bools:
    """Assign the patients of many simulated trials to two arms.

    The result is a pure function of seed, trial and what its patients are, so chunks of whole
    trials, threads and the order of rows do not matter. A method that looks back (strata,
    minimisation, biased coin) needs every patient of a trial in one call.

    Parameters
    ----------
    method : Simple, PermutedBlocks, Minimisation or BiasedCoin
        The method of randomisation.
    seed : int
        Seed of the random streams, 0 to 2**63 - 1.
    trial : array-like of int
        Trial of each patient.
    order : array-like of int
        Place of each patient in the trial's order of randomisation, from 0, once in a trial.
    codes : mapping of str to array-like of int, array-like of int (patients, names), or None
        Levels of the method's strata or factors, from 0; by name, or as columns in the method's
        order. None where the method uses none. With k names a code is below ``2**(31 // k)``.
    allocation : float
        Experimental : control, 0.01 to 100.

    Returns
    -------
    bool array
        True for the experimental arm; in the order of the rows given.

    Raises
    ------
    InputError
        If an argument has the wrong kind, shape or range, a place is taken twice, or a block
        cannot hold the allocation.
    """
    if not isinstance(method, Simple | PermutedBlocks | Minimisation | BiasedCoin):
        raise InputError("method", f"{method!r} is none", "Give PermutedBlocks() or another method")
    seed = whole(seed, "seed", 0, LARGEST_SEED)
    trials = whole_column(trial, "trial", None, LARGEST_NUMBER)
    places = whole_column(order, "order", trials.size, LARGEST_NUMBER)
    share = share_experimental(allocation)
    named = method.strata if isinstance(method, PermutedBlocks) else ()
    named = method.factors if isinstance(method, Minimisation) else named
    levels = code_columns(codes, named, "codes", trials.size)
    by_place = np.lexsort((places, trials))
    trials, places, levels = trials[by_place], places[by_place], levels[by_place]
    _check_places(trials, places)
    experimental = np.empty(trials.size, np.bool_)
    experimental[by_place] = _assigned(method, seed, trials, places, levels, share)
    return experimental


def experimental_in_blocks(sizes: tuple[int, ...], share: Fraction) -> tuple[int, ...]:
    """Patients of the experimental arm in a block of each size.

    Raises
    ------
    InputError
        If a block cannot hold the allocation exactly.
    """
    for size in sizes:
        if (size * share).denominator != 1:
            raise InputError(
                "sizes",
                f"a block of {size} cannot hold the allocation {share / (1 - share)} : 1",
                f"Give multiples of {share.denominator}",
            )
    return tuple(int(size * share) for size in sizes)


def _check_places(trials: Ints, places: Ints) -> None:
    twice = (np.diff(trials) == 0) & (np.diff(places) == 0)
    if twice.any():
        row = int(np.argmax(twice))
        raise InputError(
            "order",
            f"place {places[row]} of trial {trials[row]} is taken twice",
            "Give each patient of a trial a place of its own",
        )


def _assigned(
    method: Method, seed: int, trials: Ints, places: Ints, levels: Ints, share: Fraction
) -> Bools:
    if isinstance(method, Simple):
        return kernels.simple(seed, trials, places, float(share))
    if isinstance(method, PermutedBlocks):
        return _in_blocks(method, seed, trials, places, levels, share)
    if isinstance(method, Minimisation):
        return _minimised(method, seed, trials, places, levels, share)
    if share != Fraction(1, 2):
        raise InputError(
            "allocation", f"{share / (1 - share)} : 1 with a biased coin", "Give 1, or use blocks"
        )
    limit = method.largest_imbalance or LARGEST_NUMBER
    return kernels.biased_coin(seed, trials, places, method.probability, limit)


def _in_blocks(
    method: PermutedBlocks, seed: int, trials: Ints, places: Ints, levels: Ints, share: Fraction
) -> Bools:
    sizes = np.array(method.sizes, np.int64)
    inside = np.array(experimental_in_blocks(method.sizes, share), np.int64)
    if not method.strata:
        if places.max() > LARGEST_PLACE:
            raise InputError("order", f"{places.max()} is too large", f"Give up to {LARGEST_PLACE}")
        none = np.zeros(trials.size, np.int64)
        return kernels.permuted_blocks(seed, trials, places, none, sizes, inside)
    bits = 31 // levels.shape[1]
    stratum = np.zeros(trials.size, np.int64)
    for column in range(levels.shape[1]):
        stratum = (stratum << bits) | levels[:, column]
    together = np.lexsort((places, stratum, trials))
    stratum, trials = stratum[together], trials[together]
    starts = np.flatnonzero(
        np.r_[True, (np.diff(trials) != 0) | (np.diff(stratum) != 0)].astype(np.bool_)
    )
    lengths = np.diff(np.r_[starts, trials.size])
    within = np.arange(trials.size) - np.repeat(starts, lengths)
    experimental = np.empty(trials.size, np.bool_)
    experimental[together] = kernels.permuted_blocks(seed, trials, within, stratum, sizes, inside)
    return experimental


def _minimised(
    method: Minimisation, seed: int, trials: Ints, places: Ints, levels: Ints, share: Fraction
) -> Bools:
    least = min(share, 1 - share)
    if method.probability < least:
        raise InputError(
            "probability",
            f"{method.probability} is below the smaller arm's share {float(least):g}",
            "Give a larger probability",
        )
    dense = np.empty_like(levels)
    cells = [0]
    for column in range(levels.shape[1]):
        known, inverse = np.unique(levels[:, column], return_inverse=True)
        dense[:, column] = inverse
        cells.append(cells[-1] + known.size)
    weights = np.array(method.weights or (1.0,) * len(method.factors))
    return kernels.minimisation(
        seed,
        trials,
        places,
        dense,
        np.array(cells[:-1], np.int64),
        cells[-1],
        weights,
        method.measure == "variance",
        float(share),
        np.array(preferred_chances(method.probability, share)),
    )


def preferred_chances(probability: float, share: Fraction) -> tuple[float, float]:
    """Chances of the experimental arm when control, and when it itself, is preferred.

    Parameters
    ----------
    probability : float
        Of taking the preferred arm, if that is the arm with the smaller part.
    share : Fraction
        Planned share of the experimental arm.

    Notes
    -----
    The larger arm is taken with 1 - (1 - p) / r, r the larger part over the smaller: if each arm
    is preferred as often as it is planned, it is also taken as often.
    """
    smaller, larger = sorted((share, 1 - share))
    lifted = 1.0 - (1.0 - probability) * float(smaller / larger)
    if share <= Fraction(1, 2):
        return 1.0 - lifted, probability
    return 1.0 - probability, lifted
