"""Work on long arrays part by part, on as many threads as there are."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numba

_PART = 65_536
"""Rows of a part. It depends on nothing else, so that sums over parts have the same bits on any
number of threads."""


def parts_of(rows: int) -> list[tuple[int, int]]:
    """First row and end of each part, in order; one part where there are few rows."""
    return [(start, min(start + _PART, rows)) for start in range(0, max(rows, 1), _PART)]


def on_threads(rows: int, work: Callable[[int, int, int], None]) -> int:
    """Do ``work(part, start, stop)`` for every part; the calls may overlap.

    Parameters
    ----------
    rows : int
        Number of rows.
    work : callable
        Writes only what belongs to its part, and lets other threads run while it does (compiled
        kernels and NumPy's copies do).

    Returns
    -------
    int
        Number of parts.
    """
    parts = parts_of(rows)
    workers = min(int(numba.get_num_threads()), len(parts))
    if workers < 2:
        for part, (start, stop) in enumerate(parts):
            work(part, start, stop)
        return len(parts)
    # A pool of its own for each call: a kept one would hang in a forked child.
    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(work, k, *part) for k, part in enumerate(parts)]:
            done.result()
    return len(parts)
