"""Clone-censor-weight beside the PyPI package of that name, on one simulated registry."""

from __future__ import annotations

import math
import resource
import runpy
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.row import Row, best_seconds
from debulk.core.compiled import use_threads
from debulk.emulation.clones.fit import clone_censor_weight
from debulk.emulation.grace import GracePeriod
from debulk.emulation.person_time import PersonTime
from debulk.emulation.weight_model import WeightModel

TESTS = Path(__file__).parents[1] / "tests"
PATIENTS, MONTHS, REPLICATES = 10_000, 24, 500
SMALL = 2_000

SIZE = f"{PATIENTS:,} patients, {MONTHS} months, two strategies"
BOOTSTRAP = f"{SIZE}, {REPLICATES} bootstrap replicates, treatment and loss refitted"
BOOTSTRAP_ONE_THREAD = f"{BOOTSTRAP}, one thread"
ONE = f"{SIZE}, one fit of treatment and loss"
LABORATORY = f"{SMALL:,} patients, one analysis with its sandwich"
MONTH_AS_SPLINE = WeightModel(month="spline", knots=4)
MEMORY = f"peak memory, {BOOTSTRAP}"


def registry(patients: int) -> PersonTime:
    """Registry of the tests: burden walks, treatment follows it, 1 % are lost a month."""
    made = runpy.run_path(str(TESTS / "emulation" / "clones" / "simulated.py"))
    found: PersonTime = made["registry"](patients, 1, loss=0.01, strength=1.0, intercept=-2.35)
    return found


def bootstrap(data: PersonTime, workers: int | None = None) -> None:
    """Everything again in each replicate; splines of the month and of burden."""
    clone_censor_weight(
        data,
        GracePeriod("natural"),
        tau_months=36.0,
        interval="bootstrap",
        replicates=REPLICATES,
        workers=workers,
        loss_model=MONTH_AS_SPLINE,
        curves=False,
    )


def one(data: PersonTime, loss: bool = False) -> None:
    """One analysis, sandwich only."""
    clone_censor_weight(
        data,
        GracePeriod("natural"),
        tau_months=36.0,
        loss_model=MONTH_AS_SPLINE if loss else None,
        curves=False,
    )


def peak() -> float:
    """Peak memory of this process after the bootstrap, in MiB."""
    bootstrap(registry(PATIENTS))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def rows() -> list[Row]:
    """Best of some runs of each, after one that is not counted."""
    data, small = registry(PATIENTS), registry(SMALL)
    found = [
        Row(BOOTSTRAP, "debulk", best_seconds(lambda: bootstrap(data), repeats=3), "s"),
        Row(BOOTSTRAP_ONE_THREAD, "debulk", best_seconds(lambda: bootstrap(data, 1)), "s"),
        Row(ONE, "debulk", best_seconds(lambda: one(data, loss=True)), "s"),
        Row(LABORATORY, "debulk", best_seconds(lambda: one(small), repeats=20), "s"),
    ]
    use_threads(None)
    return [*found, *_peak_apart(), *_peer(data)]


def _peak_apart() -> list[Row]:
    """Peak memory in a process of its own."""
    command = "from benchmarks.emulation_speed import peak; print(peak())"
    done = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        return [Row(MEMORY, "debulk", math.nan, "MiB", done.stderr.strip()[-80:])]
    return [Row(MEMORY, "debulk", float(done.stdout), "MiB", "imports included")]


def _peer(data: PersonTime) -> list[Row]:
    try:
        import ccw  # noqa: F401
        import pandas as pd
    except ImportError:
        return [Row(ONE, "ccw", math.nan, "s", "not installed")]
    script = runpy.run_path(str(TESTS / "reference" / "emulation" / "ccw_peer.py"))
    frame = pd.DataFrame(_long(data))

    def fit() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the peer's own dependencies
            script["peer_risks"](frame, "treatment_probability", "burden + side + tstart")

    seconds = best_seconds(fit, repeats=2)
    told = "one fit, told for all replicates"
    return [Row(ONE, "ccw", seconds, "s"), Row(BOOTSTRAP, "ccw", seconds * REPLICATES, "s", told)]


def _long(data: PersonTime) -> dict[str, Any]:
    """Rows of the peer: one a patient and month, and one of the outcome after it."""
    patient, visit = data.patient, data.visit
    last = np.r_[patient[1:] != patient[:-1], True]
    follows = last & ((data.cause[patient] == 1) | (data.time_months[patient] > MONTHS))
    rows = np.r_[np.arange(visit.size), np.flatnonzero(follows)]
    month = np.r_[visit, visit[follows] + 1]
    order = np.lexsort((month, patient[rows]))
    rows, month = rows[order], month[order]
    who = patient[rows]
    outcome = month > visit[rows]
    time = data.time_months[who]
    return {
        "id": who,
        "month": month,
        "treated": (data.start_visit[who] == month).astype(int),
        "died": (outcome & (time <= month) & (data.cause[who] == 1)).astype(int),
        "lost": (last[rows] & ~follows[rows]).astype(int),
        "burden": data.values[rows, 0],
        "side": data.values[rows, 1].astype(int),
        "progressed": (data.progression_months[who] <= month).astype(int),
    }
