"""Balance and predictability of assignments, over many simulated trials, with their errors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.results import plain
from debulk.trials.randomisation.assignment import LARGEST_NUMBER
from debulk.trials.randomisation.checks import (
    Floats,
    Ints,
    flag_column,
    share_experimental,
    whole_column,
)


@dataclass(frozen=True, slots=True)
class AssignmentBalance:
    """How balanced assignments are, and how well the next one can be guessed.

    Attributes
    ----------
    trials, patients : int
        Trials, and patients in all of them.
    imbalance : float
        Mean over trials of the patients too many in the experimental arm, or too few: the
        absolute difference between its size and its planned share.
    imbalance_se : float
        Its standard error over trials; NaN for one trial.
    largest_imbalance : float
        The largest at the end of any trial.
    stratum_imbalance, stratum_imbalance_se, largest_stratum_imbalance : float
        The same by stratum: mean over strata within a trial, then over trials.
    guessed : float
        Share of patients whose arm is guessed rightly by who always guesses the arm that is
        behind in the patient's stratum, or the larger arm, or any, when none is (the convergence
        strategy of Blackwell and Hodges 1957). A fair coin gives 0.5 at 1 : 1.
    guessed_se : float
        Its standard error over trials; NaN for one trial.
    """

    trials: int
    patients: int
    imbalance: float
    imbalance_se: float
    largest_imbalance: float
    stratum_imbalance: float
    stratum_imbalance_se: float
    largest_stratum_imbalance: float
    guessed: float
    guessed_se: float

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, ready for JSON; what one trial cannot tell is None."""
        return {name: plain(getattr(self, name)) for name in self.__slots__}


def assignment_balance(
    experimental: npt.ArrayLike,
    *,
    trial: npt.ArrayLike,
    order: npt.ArrayLike,
    stratum: npt.ArrayLike | None = None,
    allocation: float = 1.0,
) -> AssignmentBalance:
    """Balance and predictability of the assignments of simulated trials.

    Parameters
    ----------
    experimental : array-like of bool
        As `assign` gives them.
    trial, order : array-like of int
        Trial of each patient and place in its order of randomisation.
    stratum : array-like of int or None
        Stratum of each patient, from 0; None for none.
    allocation : float
        Experimental : control, as planned.

    Returns
    -------
    AssignmentBalance

    Raises
    ------
    InputError
        If an argument has the wrong kind, shape or range.
    """
    arms = flag_column(experimental, "experimental", None)
    trials = whole_column(trial, "trial", arms.size, LARGEST_NUMBER)
    places = whole_column(order, "order", arms.size, LARGEST_NUMBER)
    if stratum is None:
        strata = np.zeros(arms.size, np.int64)
    else:
        strata = whole_column(stratum, "stratum", arms.size, 2**31 - 1)
    share = float(share_experimental(allocation))
    together = np.lexsort((places, strata, trials))
    arms, trials, strata = arms[together], trials[together], strata[together]
    numbers, first = np.unique(trials, return_index=True)
    edges = np.r_[first, arms.size].astype(np.int64)
    whole, by_stratum, largest, right = _by_trial(arms, strata, edges, share)
    size = np.diff(edges)
    guessed = float(right.sum() / arms.size)
    residual = right - guessed * size
    count = numbers.size
    guessed_se = math.nan
    if count > 1:
        spread = float((residual**2).sum()) * count / (count - 1)
        guessed_se = math.sqrt(spread) / arms.size
    return AssignmentBalance(
        trials=int(count),
        patients=int(arms.size),
        imbalance=float(whole.mean()),
        imbalance_se=_standard_error(whole),
        largest_imbalance=float(whole.max()),
        stratum_imbalance=float(by_stratum.mean()),
        stratum_imbalance_se=_standard_error(by_stratum),
        largest_stratum_imbalance=float(largest.max()),
        guessed=guessed,
        guessed_se=guessed_se,
    )


def _standard_error(values: Floats) -> float:
    if values.size < 2:
        return math.nan
    return float(values.std(ddof=1) / math.sqrt(values.size))


@kernel
def _by_trial(
    experimental: npt.NDArray[np.bool_], stratum: Ints, edges: Ints, share: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Imbalance of the whole, mean and largest by stratum, and right guesses, of each trial."""
    trials = edges.size - 1
    whole, mean, largest = np.zeros(trials), np.zeros(trials), np.zeros(trials)
    right = np.zeros(trials)
    undecided = 0.5
    if abs(share - 0.5) > 1e-12:
        undecided = 1.0 if share > 0.5 else 0.0
    for trial in range(trials):
        ahead, total, strata = 0.0, 0.0, 0
        for row in range(edges[trial], edges[trial + 1]):
            if row == edges[trial] or stratum[row] != stratum[row - 1]:
                ahead = 0.0
                strata += 1
            # Ties of shares that are no binary fractions differ by rounding alone.
            guess = undecided
            if ahead < -1e-9:
                guess = 1.0
            elif ahead > 1e-9:
                guess = 0.0
            right[trial] += guess if experimental[row] else 1.0 - guess
            step = 1.0 - share if experimental[row] else -share
            ahead += step
            total += step
            if row + 1 == edges[trial + 1] or stratum[row + 1] != stratum[row]:
                mean[trial] += abs(ahead)
                largest[trial] = max(largest[trial], abs(ahead))
        whole[trial] = abs(total)
        mean[trial] /= strata
    return whole, mean, largest, right
