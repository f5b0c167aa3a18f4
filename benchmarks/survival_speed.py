"""Two-arm survival statistics beside lifelines, on the same simulated patients."""

from __future__ import annotations

import numpy as np

from benchmarks.row import Row, best_seconds
from debulk.survival import hazard_ratio, kaplan_meier, logrank
from debulk.survival.kernels import two_arm_test

PATIENTS = 382
MANY = 100_000
TRIALS = 2_000


def rows() -> list[Row]:
    """Log-rank and hazard ratio of one trial's size; Kaplan-Meier and log-rank of many patients."""
    import lifelines
    from lifelines.statistics import logrank_test

    peer = f"lifelines {lifelines.__version__}"
    time, event, arm = _patients(PATIENTS)
    kernel = best_seconds(lambda: [two_arm_test(time, event, arm) for _ in range(TRIALS)])
    one = f"{PATIENTS} patients in two arms"
    ours = best_seconds(lambda: (logrank(time, event, arm), hazard_ratio(time, event, arm)))
    theirs = best_seconds(
        lambda: logrank_test(time[arm == 0], time[arm == 1], event[arm == 0], event[arm == 1])
    )
    measured = [
        Row(f"log-rank and Cox, {one}", "debulk kernel", TRIALS / kernel, "trials/s", "one core"),
        Row(
            f"log-rank and Cox, {one}", "debulk", 1.0 / ours, "trials/s", "checked input, intervals"
        ),
        Row(f"log-rank alone, {one}", peer, 1.0 / theirs, "trials/s"),
    ]
    time, event, arm = _patients(MANY)
    many = f"{MANY:,} patients"
    fitter = lifelines.KaplanMeierFitter()
    measured += [
        Row(
            f"Kaplan-Meier, {many}", "debulk", best_seconds(lambda: kaplan_meier(time, event)), "s"
        ),
        Row(f"Kaplan-Meier, {many}", peer, best_seconds(lambda: fitter.fit(time, event)), "s"),
        Row(f"log-rank, {many}", "debulk", best_seconds(lambda: logrank(time, event, arm)), "s"),
        Row(
            f"log-rank, {many}",
            peer,
            best_seconds(
                lambda: logrank_test(
                    time[arm == 0], time[arm == 1], event[arm == 0], event[arm == 1]
                )
            ),
            "s",
        ),
    ]
    return measured


def _patients(
    count: int,
) -> tuple[
    np.ndarray[tuple[int], np.dtype[np.float64]],
    np.ndarray[tuple[int], np.dtype[np.bool_]],
    np.ndarray[tuple[int], np.dtype[np.uint8]],
]:
    """Exponential survival with a hazard ratio of 0.8, uniform follow-up of 12 to 72 months."""
    random = np.random.default_rng(1)
    arm = (np.arange(count) % 2).astype(np.uint8)
    death = random.exponential(28.0 / np.where(arm == 1, 0.8, 1.0))
    follow_up = random.uniform(12.0, 72.0, count)
    return np.minimum(death, follow_up), death <= follow_up, arm
