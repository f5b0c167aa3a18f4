"""Working space for the results of some trials, filled again and again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from debulk.trials.simulation.flat_design import FlatDesign
from debulk.trials.simulation.patients import Ints
from debulk.trials.simulation.scores import Floats
from debulk.trials.simulation.trials import Bytes, run_trials

NUMBERS = 2**18
"""Statistics that a chunk holds at most, so that a run of any length takes the same memory."""


@dataclass(frozen=True, eq=False)
class Chunk:
    """Results of trials, one row each, as `run_trials` fills them."""

    z: Floats
    month: Floats
    log_ratio: Floats
    counts: Ints
    ends: Bytes

    @classmethod
    def empty(cls, flat: FlatDesign, trials: int) -> Chunk:
        """Space for a number of trials.

        Parameters
        ----------
        flat : FlatDesign
        trials : int
        """
        looks = flat.looks
        return cls(
            np.empty((trials, looks)),
            np.empty((trials, looks)),
            np.empty(trials),
            np.empty((trials, 2), np.int64),
            np.empty((trials, 4), np.uint8),
        )

    def fill(self, flat: FlatDesign, seed: int, first: int, trials: int, estimate: bool) -> None:
        """Simulate trials into the first rows.

        Parameters
        ----------
        flat : FlatDesign
        seed, first, trials : int
            Numbers of the trials are `first` to `first + trials - 1`.
        estimate : bool
            Whether the hazard ratio is estimated.
        """
        run_trials(
            seed,
            first,
            trials,
            flat.sizes,
            flat.labels,
            flat.hazards,
            flat.loss_means,
            flat.accrual,
            flat.events,
            flat.months,
            flat.timing,
            flat.bounds,
            flat.null_ratio,
            flat.weighting,
            flat.numbers,
            estimate,
            flat.carries_on,
            self.z,
            self.month,
            self.log_ratio,
            self.counts,
            self.ends,
        )
