"""Balance of a list, and the probability of guessing its next assignment."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from debulk.trials.randomisation.list_settings import ListSettings, stratum_label


@dataclass(frozen=True, slots=True)
class StratumBalance:
    """Balance of one stratum of a list.

    Attributes
    ----------
    stratum : str
        Its name.
    patients : mapping of str to int
        Places by arm, the whole list used.
    largest_imbalance : float
        Most patients that an arm has too many or too few of, against its planned share, if the
        stratum stops recruiting at any place.
    """

    stratum: str
    patients: dict[str, int]
    largest_imbalance: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class ListBalance:
    """Balance and predictability of a list.

    Attributes
    ----------
    patients : mapping of str to int
        Places by arm, the whole list used.
    worst_imbalance : float
        Most patients that an arm can have too many or too few of overall, if each stratum stops
        recruiting at its worst place for that arm.
    strata : tuple of StratumBalance
        By stratum.
    guessed_in_list : float
        Share of this list's places guessed rightly by who knows all earlier ones of the stratum
        and guesses the arm that is most behind (the convergence strategy).
    guessed : float
        Its expectation for lists of these block sizes, exact for whole blocks.
    guessed_knowing_blocks : float
        The same for who also knows where blocks end: the arm of which most are left.
    certain : float
        Expected share of places that who knows where blocks end knows for certain.
    by_chance : float
        Share guessed rightly without knowing anything: the largest planned share.
    """

    patients: dict[str, int]
    worst_imbalance: float
    strata: tuple[StratumBalance, ...]
    guessed_in_list: float
    guessed: float
    guessed_knowing_blocks: float
    certain: float
    by_chance: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        rest = {name: getattr(self, name) for name in self.__slots__ if name != "strata"}
        return {**rest, "strata": [each.to_dict() for each in self.strata]}


def list_balance(
    places: Sequence[tuple[tuple[str, ...], str]], settings: ListSettings
) -> ListBalance:
    """Balance of a list, given as stratum and arm of its places in their order.

    Parameters
    ----------
    places : sequence of (tuple of str, str)
        Levels of the stratum, and arm; a stratum's places stand together.
    settings : ListSettings
        Arms, their parts, block sizes.
    """
    total = sum(settings.parts)
    shares = [Fraction(part, total) for part in settings.parts]
    strata = []
    over = [Fraction(0)] * len(shares)
    under = [Fraction(0)] * len(shares)
    right = Fraction(0)
    for levels, group in itertools.groupby(places, key=lambda each: each[0]):
        counts = [0] * len(shares)
        highest, lowest = [Fraction(0)] * len(shares), [Fraction(0)] * len(shares)
        for place, (_, arm) in enumerate(group, start=1):
            chosen = settings.arms.index(arm)
            right += _chances_of_guess(counts, settings.parts)[chosen]
            counts[chosen] += 1
            for each, share in enumerate(shares):
                excess = counts[each] - share * place
                highest[each] = max(highest[each], excess)
                lowest[each] = min(lowest[each], excess)
        over = [a + b for a, b in zip(over, highest, strict=True)]
        under = [a + b for a, b in zip(under, lowest, strict=True)]
        largest = float(max(max(highest), -min(lowest)))
        by_arm = dict(zip(settings.arms, counts, strict=True))
        strata.append(StratumBalance(stratum_label(levels), by_arm, largest))
    blocks = [_expected_guesses(settings.parts, size) for size in settings.block_sizes]
    guessed, knowing, certain = (
        float(sum(each) / sum(settings.block_sizes)) for each in zip(*blocks, strict=True)
    )
    return ListBalance(
        patients={arm: sum(each.patients[arm] for each in strata) for arm in settings.arms},
        worst_imbalance=float(max(max(over), -min(under))),
        strata=tuple(strata),
        guessed_in_list=float(right / len(places)),
        guessed=guessed,
        guessed_knowing_blocks=knowing,
        certain=certain,
        by_chance=float(max(shares)),
    )


def _chances_of_guess(counts: Sequence[int], parts: Sequence[int]) -> list[Fraction]:
    """With what probability the convergence strategy guesses each arm.

    The arm most behind its part; among equals the largest part; among equals of these any.
    """
    behind = min(Fraction(count, part) for count, part in zip(counts, parts, strict=True))
    tied = [
        arm
        for arm, (count, part) in enumerate(zip(counts, parts, strict=True))
        if Fraction(count, part) == behind
    ]
    largest = max(parts[arm] for arm in tied)
    best = [arm for arm in tied if parts[arm] == largest]
    return [Fraction(int(arm in best), len(best)) for arm in range(len(parts))]


def _expected_guesses(parts: Sequence[int], size: int) -> tuple[float, float, float]:
    """Expected right guesses in one block: by convergence, knowing the block, and for certain.

    Sums over every state a block can pass through, with its probability; counts are level again at
    the end of each block, so blocks do not depend on one another.
    """
    whole = [part * size // sum(parts) for part in parts]
    chances: dict[tuple[int, ...], float] = {(0,) * len(parts): 1.0}
    converged, knowing, certain = 0.0, 0.0, 0.0
    for place in range(size):
        after: dict[tuple[int, ...], float] = {}
        for counts, chance in chances.items():
            left = [most - count for most, count in zip(whole, counts, strict=True)]
            guess = _chances_of_guess(counts, parts)
            for arm, remaining in enumerate(left):
                if remaining == 0:
                    continue
                step = chance * remaining / (size - place)
                converged += step * float(guess[arm])
                state = (*counts[:arm], counts[arm] + 1, *counts[arm + 1 :])
                after[state] = after.get(state, 0.0) + step
            knowing += chance * max(left) / (size - place)
            certain += chance * (max(left) == size - place)
        chances = after
    return converged, knowing, certain
