"""Hazard ratios of a large pool with each of some groups left out, for a jackknife."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import parallel_kernel, prange
from debulk.survival.batch import analyse_sorted
from debulk.survival.ordering import rising_order
from debulk.survival.subjects import Floats, Ints

Flags = npt.NDArray[np.uint8] | npt.NDArray[np.bool_]


@parallel_kernel
def log_ratios_without(
    time: Floats, event: Flags, experimental: Flags, group: Ints, groups: int
) -> Floats:
    """Log hazard ratio (Cox, Efron) without each group in turn, and at last of everybody.

    The pool is sorted once for all of them.

    Parameters
    ----------
    time : float64[n]
        End of follow-up, finite and at least 0.
    event, experimental : bool or uint8[n]
        Whether follow-up ended with the event; the arm.
    group : int64[n]
        Which group each patient is in, from 0.
    groups : int
        How many there are.

    Returns
    -------
    float64[groups + 1]
        NaN where an arm has no event.
    """
    size = time.size
    order = rising_order(time)
    times, own, flags = np.empty(size), np.empty(size, np.int64), np.empty(size, np.uint64)
    for row in range(size):
        patient = order[row]
        times[row], own[row] = time[patient], group[patient]
        flags[row] = (np.uint64(event[patient]) << np.uint64(1)) | np.uint64(experimental[patient])
    ratios = np.empty(groups + 1)
    for left_out in prange(groups + 1):
        kept_times, kept_flags = np.empty(size), np.empty(size, np.uint64)
        kept = 0
        for row in range(size):
            # No group has the number `groups`: the last turn counts everybody.
            if own[row] != left_out:
                kept_times[kept], kept_flags[kept] = times[row], flags[row]
                kept += 1
        found = analyse_sorted(kept_times[:kept], kept_flags[:kept], np.empty(kept), True)
        ratios[left_out] = found[1]
    return ratios
