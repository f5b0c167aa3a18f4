"""What is kept of simulated trials, of a size that does not grow with their number.

Shares and means are running counts and sums, added in the order of the trials, so that no number
depends on threads or on how many trials are made at a time. Quantiles come from counts in fine
bins: each is the quantile of the values rounded to the middle of their bin.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from debulk.core.compiled import kernel
from debulk.trials.simulation.patients import Ints
from debulk.trials.simulation.scores import Floats
from debulk.trials.simulation.trials import Bytes

LOG_RATIO_STEP = 1e-4
"""Width of a bin of log hazard ratios."""
_FARTHEST = 12.0
_LOG_BINS = round(2 * _FARTHEST / LOG_RATIO_STEP)
MONTH_BINS = 2**17
MONTHS_PER_DURATION = 5_000
"""Bins of calendar time within the planned duration."""

_FLAGS = 3
_EVENTS, _PATIENTS, _MONTHS = 0, 1, 2


@dataclass(eq=False)
class Tally:
    """Running counts and sums over trials.

    Attributes
    ----------
    looks : int
    month_step : float
        Width of a bin of months.
    trials : int
        Trials added so far.
    stopped : array of int, shape (looks, 5)
        Trials that ended at each look, by how.
    ignored : array of int, shape (looks + 1,)
        Trials that crossed efficacy first at look k (entry k + 1) whatever futility says.
    flags : array of int, shape (3,)
        Trials whose events were never reached, with tied events, with a statistic undefined.
    held : array of int, shape (looks,)
        Looks held by trials that had not stopped before.
    look_months : array, shape (looks,)
        Sum of their calendar months.
    sums : array, shape (3, 2)
        Sum and sum of squares of events, patients, months at the end, less `shifts`.
    shifts : array, shape (3,)
        Near the means, so that squares lose no digits.
    log_bins, month_bins : arrays of int
        Counts of log hazard ratios and of months at the end.
    """

    looks: int
    month_step: float
    shifts: Floats
    trials: int = 0
    stopped: Ints = field(init=False)
    ignored: Ints = field(init=False)
    flags: Ints = field(init=False)
    held: Ints = field(init=False)
    look_months: Floats = field(init=False)
    sums: Floats = field(init=False)
    log_bins: Ints = field(init=False)
    month_bins: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.stopped = np.zeros((self.looks, 5), np.int64)
        self.ignored = np.zeros(self.looks + 1, np.int64)
        self.flags = np.zeros(_FLAGS, np.int64)
        self.held = np.zeros(self.looks, np.int64)
        self.look_months = np.zeros(self.looks)
        self.sums = np.zeros((3, 2))
        self.log_bins = np.zeros(_LOG_BINS, np.int64)
        self.month_bins = np.zeros(MONTH_BINS, np.int64)

    def add(self, month: Floats, log_ratio: Floats, counts: Ints, ends: Bytes) -> None:
        """Add trials, in their order; arrays as `run_trials` fills them.

        Parameters
        ----------
        month, log_ratio, counts, ends : arrays
            One row a trial.
        """
        self.trials += int(log_ratio.size)
        _add(
            month, log_ratio, counts, ends, self.stopped, self.ignored, self.flags, self.held,
            self.look_months, self.sums, self.shifts, self.log_bins, self.month_bins,
            self.month_step,
        )  # fmt: skip

    def mean(self, what: int) -> tuple[float, float]:
        """Mean over trials, and its standard error.

        Parameters
        ----------
        what : int
            0 events, 1 patients, 2 months at the end.
        """
        total, squares = self.sums[what]
        mean = total / self.trials
        if self.trials < 2:
            return float(mean + self.shifts[what]), math.nan
        variance = max(squares - total * mean, 0.0) / (self.trials - 1)
        return float(mean + self.shifts[what]), math.sqrt(variance / self.trials)

    def log_ratio_quantile(self, share: float) -> float:
        """Quantile of the log hazard ratios; NaN where there are none.

        Parameters
        ----------
        share : float
            Between 0 and 1.
        """
        place = quantile(self.log_bins, share)
        return place * LOG_RATIO_STEP - _FARTHEST

    def month_quantile(self, share: float) -> float:
        """Quantile of the months at the end; infinite where it lies beyond the bins.

        Parameters
        ----------
        share : float
            Between 0 and 1.
        """
        place = quantile(self.month_bins, share)
        return math.inf if place > MONTH_BINS - 1 else place * self.month_step


def quantile(bins: Ints, share: float) -> float:
    """Quantile, in bins from the lower end of the first, of values at the middle of their bin.

    Between two values it is interpolated (type 7 of Hyndman and Fan 1996, The American
    Statistician).

    Parameters
    ----------
    bins : array of int
        Values in each bin.
    share : float
        Between 0 and 1.
    """
    cumulated = np.cumsum(bins)
    total = int(cumulated[-1])
    if total == 0:
        return math.nan
    rank = share * (total - 1)
    low, high = np.searchsorted(cumulated, [math.floor(rank), math.ceil(rank)], side="right")
    return float(low + (rank - math.floor(rank)) * (high - low) + 0.5)


@kernel
def _add(
    month: Floats,
    log_ratio: Floats,
    counts: Ints,
    ends: Bytes,
    stopped: Ints,
    ignored: Ints,
    flags: Ints,
    held: Ints,
    look_months: Floats,
    sums: Floats,
    shifts: Floats,
    log_bins: Ints,
    month_bins: Ints,
    month_step: float,
) -> None:
    for row in range(log_ratio.size):
        look = np.int64(ends[row, 0])
        stopped[look, np.int64(ends[row, 1])] += 1
        ignored[np.int64(ends[row, 2])] += 1
        for flag in range(flags.size):
            flags[flag] += np.int64((ends[row, 3] >> flag) & 1)
        for each in range(look + 1):
            if not math.isnan(month[row, each]):
                held[each] += 1
                look_months[each] += month[row, each]
        last = month[row, look]
        for what in range(3):
            value = (last if what == _MONTHS else float(counts[row, what])) - shifts[what]
            sums[what, 0] += value
            sums[what, 1] += value * value
        month_bins[min(int(last / month_step), month_bins.size - 1)] += 1
        if not math.isnan(log_ratio[row]):
            place = int((log_ratio[row] + _FARTHEST) / LOG_RATIO_STEP)
            log_bins[min(max(place, 0), log_bins.size - 1)] += 1
