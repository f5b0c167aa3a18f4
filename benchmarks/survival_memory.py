"""Peak memory of one task in a process of its own: python -m benchmarks.survival_memory TASK ROWS.

Prints the ratio of the peak, above what the process held before, to the size of the input, the
peak and the input in MiB. A small call comes first, so that compiled code is not counted.
"""

from __future__ import annotations

import ctypes
import gc
import resource
import sys

from benchmarks.survival_peers import COVARIATES, _ours, arrays

INPUTS = {
    "Cox, Efron": COVARIATES + 2,
    "Cox, start-stop, weights, clusters": COVARIATES + 5,
    "Kaplan-Meier": 2,
    "log-rank": 3,
}
"""Columns of eight bytes that each task is given."""

MIB = 2**20


def main(task: str, count: int) -> None:
    """Run the task small, then large; print what the large run took at its highest."""
    _ours(arrays(1_000))[task]()
    work = _ours(arrays(count))[task]
    # What was freed goes back to the system, and the count of the highest starts afresh: it may lie
    # in the making of the arrays.
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")
    before = _highest()
    work()
    peak = (_highest() - before) / MIB
    size = count * 8 * INPUTS[task] / MIB
    print(f"{peak / size:.3f} {peak:.1f} {size:.1f}")


def _highest() -> int:
    """Highest resident memory since the count began, in bytes (Linux)."""
    with open("/proc/self/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
