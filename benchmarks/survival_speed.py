"""Many simulated two-arm trials: log-rank and hazard ratio, beside lifelines trial by trial."""

from __future__ import annotations

import numpy as np

from benchmarks.row import Row, best_seconds
from debulk.core.compiled import use_threads
from debulk.survival import two_arm_trials

PATIENTS = 382
TRIALS = 20_000


def rows() -> list[Row]:
    """Trials a second, on one thread and on all."""
    import lifelines
    from lifelines.statistics import logrank_test

    time, event, arm = _trials()
    what = f"{PATIENTS} patients in two arms"
    measured = []
    for threads in sorted({1, use_threads(None)}):
        use_threads(threads)
        for task, fit in (("log-rank", False), ("log-rank and Cox hazard ratio", True)):
            seconds = best_seconds(
                lambda fit=fit: two_arm_trials(time, event, arm, hazard_ratio=fit)
            )
            note = f"{threads} thread{'s' if threads > 1 else ''}, checked input"
            measured.append(
                Row(f"{task}, {what}", f"debulk, {threads}", TRIALS / seconds, "trials/s", note)
            )
    use_threads(None)
    one, dead, other = time[0], event[0], arm == 1
    theirs = best_seconds(lambda: logrank_test(one[~other], one[other], dead[~other], dead[other]))
    peer = f"lifelines {lifelines.__version__}"
    return [*measured, Row(f"log-rank, {what}", peer, 1.0 / theirs, "trials/s", "one at a time")]


def _trials() -> tuple[
    np.ndarray[tuple[int, int], np.dtype[np.float64]],
    np.ndarray[tuple[int, int], np.dtype[np.bool_]],
    np.ndarray[tuple[int], np.dtype[np.uint8]],
]:
    """Exponential survival with a hazard ratio of 0.8, uniform follow-up of 12 to 72 months."""
    random = np.random.default_rng(1)
    arm = (np.arange(PATIENTS) % 2).astype(np.uint8)
    death = random.exponential(28.0 / np.where(arm == 1, 0.8, 1.0), (TRIALS, PATIENTS))
    follow_up = random.uniform(12.0, 72.0, (TRIALS, PATIENTS))
    return np.minimum(death, follow_up), death <= follow_up, arm
