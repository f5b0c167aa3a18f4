"""Methods of randomisation as specifications: what a protocol can ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.options import shown
from debulk.trials.randomisation.checks import names, number, whole

LARGEST_BLOCK = 1000
"""Largest size of a block in a simulation."""

MEASURES = ("range", "variance")
"""Measures of a factor's imbalance in minimisation."""


@dataclass(frozen=True, slots=True)
class Simple:
    """Simple randomisation: each patient by a coin of the planned share."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"method": "simple"}


@dataclass(frozen=True, slots=True)
class PermutedBlocks:
    """Permuted blocks, of one size or of several mixed at random, whole or by stratum.

    Parameters
    ----------
    sizes : tuple of int
        Sizes of a block, 2 to 1000; several are drawn with equal probability, block by block.
        Each must hold the allocation exactly.
    strata : tuple of str
        Names of the characteristics that stratify (the centre is one like any other); each
        combination of their codes has blocks of its own. None by default.

    Raises
    ------
    InputError
        If a size is not allowed or a name is repeated.
    """

    sizes: tuple[int, ...] = (4,)
    strata: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        sizes = self.sizes if isinstance(self.sizes, tuple | list) else (self.sizes,)
        if not sizes:
            raise InputError("sizes", "is empty", "Give one block size or more")
        checked = tuple(whole(each, "sizes", 2, LARGEST_BLOCK) for each in sizes)
        if len(set(checked)) < len(checked):
            raise InputError("sizes", f"{checked} repeats a size", "Give each size once")
        object.__setattr__(self, "sizes", checked)
        object.__setattr__(self, "strata", names(self.strata, "strata", least=0))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "method": "permuted blocks",
            "sizes": list(self.sizes),
            "strata": list(self.strata),
        }


@dataclass(frozen=True, slots=True)
class Minimisation:
    """Minimisation of marginal imbalance (Pocock and Simon, Biometrics 1975), with a biased coin.

    For each arm, the patient is put there on trial; over the factors, the imbalance among the
    patients who share the new patient's level is measured and summed with the weights; the arm
    with the smaller sum is preferred and taken with a probability. Equal sums: a coin of the
    planned share. Counts are divided by the arm's part of the allocation.

    Parameters
    ----------
    factors : tuple of str
        Names of the factors to balance, at least one.
    probability : float
        With which the preferred arm is taken if it is the one with the smaller part of the
        allocation (either, at 1 : 1); at least that part's share, at most 1. For the other arm it
        is raised so that the planned share is kept on average: 1 - (1 - p) / r, with r the larger
        part over the smaller (Han, Enas and McEntegart, Statistics in Medicine 2009).
    weights : tuple of float or None
        One a factor, not negative, not all zero; equal by default.
    measure : {"range", "variance"}
        Of one factor's imbalance: difference between the arms, or its variance. For two arms the
        sum of squared differences is twice the variance, so it would assign the same.

    Raises
    ------
    InputError
        If a value is not allowed.

    Notes
    -----
    At 1 : 1 the arms are as often taken as planned. At unequal allocation the start, when no level
    has anybody yet, leaves the larger arm with up to 0.22 of a patient too many, or 0.14 too few,
    on average over trials (simulated for 2 : 1, 1 : 2 and 3 : 1, p 0.75 to 1, 24 to 400 patients,
    error 0.01); it does not grow with the trial.
    """

    factors: tuple[str, ...]
    probability: float = 0.8
    weights: tuple[float, ...] | None = None
    measure: str = "range"

    def __post_init__(self) -> None:
        factors = names(self.factors, "factors", least=1)
        object.__setattr__(self, "factors", factors)
        object.__setattr__(self, "probability", number(self.probability, "probability", 0.0, 1.0))
        if not isinstance(self.measure, str) or self.measure not in MEASURES:
            found = f"{shown(self.measure)} is unknown"
            raise InputError("measure", found, "Give range or variance")
        if self.weights is None:
            return
        if not isinstance(self.weights, tuple | list) or len(self.weights) != len(factors):
            raise InputError(
                "weights", f"{self.weights!r} does not fit {len(factors)} factors", "Give one each"
            )
        weights = tuple(number(each, "weights", 0.0, 1e6) for each in self.weights)
        if not any(weights):
            raise InputError("weights", "are all zero", "Give one factor a weight above zero")
        object.__setattr__(self, "weights", weights)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "method": "minimisation",
            "factors": list(self.factors),
            "probability": self.probability,
            "weights": plain(self.weights),
            "measure": self.measure,
        }


@dataclass(frozen=True, slots=True)
class BiasedCoin:
    """Biased coin (Efron, Biometrika 1971), with a limit to the imbalance if wanted; 1 : 1 only.

    Parameters
    ----------
    probability : float
        With which the arm that has fewer patients is taken, 0.5 to 1. With 0.5 and a limit it is
        the big stick (Soares and Wu 1983).
    largest_imbalance : int or None
        Difference between the arms at which the next patient goes to the smaller arm for
        certain; None for no limit.

    Raises
    ------
    InputError
        If a value is not allowed.
    """

    probability: float = 2.0 / 3.0
    largest_imbalance: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "probability", number(self.probability, "probability", 0.5, 1.0))
        if self.largest_imbalance is not None:
            limit = whole(self.largest_imbalance, "largest_imbalance", 1, 10_000)
            object.__setattr__(self, "largest_imbalance", limit)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "method": "biased coin",
            "probability": self.probability,
            "largest_imbalance": self.largest_imbalance,
        }


Method = Simple | PermutedBlocks | Minimisation | BiasedCoin
"""Every method that `assign` knows."""
