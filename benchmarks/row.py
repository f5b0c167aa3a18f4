"""What a benchmark returns."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measurement.

    Attributes
    ----------
    what : str
        What was done, with its size.
    program : str
        Which program did it.
    value : float
        What was measured.
    unit : str
        Its unit.
    note : str
        What a reader must know to judge it.
    """

    what: str
    program: str
    value: float
    unit: str
    note: str = ""


def best_seconds(
    work: Callable[[], object], *, repeats: int = 5, patience: float = math.inf
) -> float:
    """The shortest of some runs, after one that is not counted (compilation, cold caches).

    A first run longer than `patience` seconds is taken as it is, for peers that take long and have
    nothing to compile.
    """
    start = time.perf_counter()
    work()
    first = time.perf_counter() - start
    if first > patience:
        return first
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)
