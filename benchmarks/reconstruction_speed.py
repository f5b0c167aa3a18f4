"""Patients from a published curve: one reconstruction, and a thousand of one curve."""

from __future__ import annotations

import tracemalloc

import numpy as np

from benchmarks.row import Row, best_seconds
from debulk.core.compiled import use_threads
from debulk.evidence.reconstruction.one_arm import reconstruct_arm
from debulk.evidence.reconstruction.replicates import reconstruction_replicates
from debulk.evidence.reconstruction.two_arms import reconstruction_uncertainty

PATIENTS = 300
CLICKS = 200
REPLICATES = 1000


def rows() -> list[Row]:
    """Seconds and memory, with and without a total of deaths."""
    curve, table, deaths = _figure()
    what = f"{PATIENTS} patients, {CLICKS} clicks, 11 numbers at risk"
    threads = use_threads(None)
    measured = []
    for name, events in (("no total", None), ("total off by 3", deaths + 3)):
        made = reconstruct_arm(curve, table, events=events)
        one = best_seconds(lambda events=events: reconstruct_arm(curve, table, events=events))
        many = best_seconds(lambda made=made: reconstruction_replicates(made))
        measured += [
            Row(f"one reconstruction, {what}", f"debulk, {name}", one, "s", "checks and accuracy"),
            Row(f"{REPLICATES} of one curve, {what}", f"debulk, {name}", many, "s",
                f"{threads} threads"),
        ]  # fmt: skip
    tracemalloc.start()
    reconstruction_replicates(made)
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    note = "the result; working arrays of a few kilobytes a thread not counted"
    measured.append(Row(f"{REPLICATES} of one curve, {what}", "debulk, memory", peak, "MiB", note))
    both = best_seconds(lambda: reconstruction_uncertainty(made, made))
    note = "hazard ratio, restricted means, medians"
    measured.append(Row(f"{REPLICATES} pairs of two arms compared", "debulk", both, "s", note))
    return measured


def _figure() -> tuple[dict[str, object], dict[str, object], int]:
    """Exponential survival of median 14 months, uniform censoring from 5 to 50."""
    random = np.random.default_rng(1)
    death, end = random.exponential(20.0, PATIENTS), random.uniform(5.0, 50.0, PATIENTS)
    time, event = np.minimum(death, end), death <= end
    at, ticks = np.linspace(0.0, time.max(), CLICKS + 1)[1:], np.arange(0.0, 51.0, 5.0)
    died, left = np.sort(time[event]), np.sort(time)
    at_risk = PATIENTS - np.searchsorted(left, died)
    steps = np.concatenate([[1.0], np.cumprod(1.0 - 1.0 / at_risk)])
    survival = steps[np.searchsorted(died, at, side="right")]
    survival = np.clip(survival + 0.005 * random.standard_normal(CLICKS), 0.0, 1.0)
    counts = PATIENTS - np.searchsorted(left, ticks)
    return {"time": at, "survival": survival}, {"time": ticks, "at_risk": counts}, int(event.sum())
