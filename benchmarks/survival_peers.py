"""Survival analysis beside R's survival and cmprsk, lifelines and statsmodels, in one run."""

from __future__ import annotations

import importlib.metadata
import math
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.row import Row, best_seconds

SIZES = (1_000, 10_000, 100_000, 1_000_000)
COVARIATES = 10
NAMES = [f"x{number}" for number in range(COVARIATES)]
MEMORY_ROWS = 1_000_000
SLOW_PEER_ROWS = 100_000  # lifelines' and statsmodels' Cox models take longer than R's
SLOWEST_PEER_ROWS = 10_000  # lifelines' time-varying Cox model loops in Python

Arrays = dict[str, np.ndarray[Any, np.dtype[np.float64]]]
Work = dict[str, Callable[[], object]]


def rows() -> list[Row]:
    """Every task at every size, by every program that has it; then peak memory."""
    measured = []
    for count in SIZES:
        print(f"  {count:,} rows", file=sys.stderr, flush=True)
        data = arrays(count)
        repeats = 5 if count <= SLOW_PEER_ROWS else 3
        for program, tasks in (("debulk", _ours(data)), *_peers(data)):
            for task, work in tasks.items():
                patience = math.inf if program == "debulk" else 3.0
                seconds = best_seconds(work, repeats=repeats, patience=patience)
                measured.append(Row(f"{task}, {count:,} rows", program, seconds, "s"))
        measured += _of_r(data)
    return measured + list(_memory())


def arrays(count: int) -> Arrays:
    """Exponential survival on ten covariates, uniform follow-up; the same for every program.

    The start-stop data are those of a registry seen every five months: four rows a patient, which
    are its cluster, from a late entry on; only the last can end with the event.
    """
    random = np.random.default_rng(count)
    x = random.normal(size=(count, COVARIATES))
    death = random.exponential(30.0 * np.exp(-x @ np.linspace(-0.3, 0.3, COVARIATES)))
    lost = random.uniform(5.0, 60.0, count)
    time, event = np.minimum(death, lost), (death <= lost).astype(np.float64)
    row = np.arange(count) % 4
    start = np.repeat(random.uniform(0.0, 5.0, (count + 3) // 4), 4)[:count] + 5.0 * row
    last = row == 3
    return {
        "x": x,
        "time": time,
        "event": event,
        "group": (random.random(count) < 0.5).astype(np.float64),
        "start": start,
        "stop": start + np.where(last, time, 5.0),
        "status": np.where(last, event, 0.0),
        "weight": random.uniform(0.5, 2.0, count),
        "cluster": (np.arange(count) // 4).astype(np.float64),
        "cause": event * (1 + (random.random(count) < 0.4)),
    }


def _ours(data: Arrays) -> Work:
    from debulk import survival as s

    frame = {name: data["x"][:, place].copy() for place, name in enumerate(NAMES)} | data
    del frame["x"]
    model = s.cox(frame, time="time", event="event", covariates=NAMES)
    time, event, group, cause = (data[name] for name in ("time", "event", "group", "cause"))
    risk = data["x"][:, 0].copy()
    tasks: Work = {
        "Cox, Efron": lambda: s.cox(frame, time="time", event="event", covariates=NAMES),
        "Cox, start-stop": lambda: s.cox(
            frame, time="stop", event="status", entry="start", covariates=NAMES
        ),
        "Cox, start-stop, weights, clusters": lambda: s.cox(
            frame,
            time="stop",
            event="status",
            entry="start",
            covariates=NAMES,
            weights="weight",
            cluster="cluster",
        ),
        "proportionality test": lambda: model.proportionality(),
        "Kaplan-Meier": lambda: s.kaplan_meier(time, event),
        "log-rank": lambda: s.logrank(time, event, group),
        "log-rank, stratified": lambda: s.logrank(time, event, group, strata=cause),
        "MaxCombo": lambda: s.max_combo(time, event, group),
        "Harrell's C": lambda: s.concordance(time, event, risk),
        "cumulative incidence": lambda: s.cumulative_incidence(time, cause, group=group),
        "Gray's test": lambda: s.gray_test(time, cause, group),
        "Fine-Gray": lambda: s.fine_gray(frame, time="time", cause="cause", covariates=NAMES),
        "Weibull regression": lambda: s.parametric(
            time + 1e-9, event, model="weibull", covariates=data["x"]
        ),
    }
    return tasks


def _peers(data: Arrays) -> Iterator[tuple[str, Work]]:
    yield f"lifelines {importlib.metadata.version('lifelines')}", dict(_of_lifelines(data))
    yield f"statsmodels {importlib.metadata.version('statsmodels')}", dict(_of_statsmodels(data))


def _of_lifelines(data: Arrays) -> Iterator[tuple[str, Callable[[], object]]]:
    import lifelines
    import pandas as pd
    from lifelines.statistics import logrank_test
    from lifelines.utils import concordance_index

    warnings.simplefilter("ignore")
    time, event, other = data["time"], data["event"], data["group"] == 1
    yield "Kaplan-Meier", lambda: lifelines.KaplanMeierFitter().fit(time, event)
    yield (
        "log-rank",
        lambda: logrank_test(time[~other], time[other], event[~other], event[other]),
    )
    risk = data["x"][:, 0].copy()
    if time.size <= SLOW_PEER_ROWS:
        frame = pd.DataFrame(data["x"], columns=NAMES).assign(time=time, event=event)
        yield "Cox, Efron", lambda: lifelines.CoxPHFitter().fit(frame, "time", "event")
        yield "Harrell's C", lambda: concordance_index(time, -risk, event)
        yield (
            "Weibull regression",
            lambda: lifelines.WeibullAFTFitter().fit(frame, "time", "event"),
        )
    if time.size <= SLOWEST_PEER_ROWS:
        counting = frame.drop(columns=["time", "event"]).assign(
            id=np.arange(time.size), start=data["start"], stop=data["stop"], status=data["status"]
        )
        yield (
            "Cox, start-stop, weights, clusters",
            lambda: lifelines.CoxTimeVaryingFitter().fit(
                counting.assign(weight=data["weight"]),
                id_col="id",
                event_col="status",
                weights_col="weight",
                robust=False,
            ),
        )


def _of_statsmodels(data: Arrays) -> Iterator[tuple[str, Callable[[], object]]]:
    from statsmodels.duration.hazard_regression import PHReg
    from statsmodels.duration.survfunc import SurvfuncRight, survdiff

    time, event = data["time"], data["event"]
    if time.size <= SLOW_PEER_ROWS:
        yield "Cox, Efron", lambda: PHReg(time, data["x"], event, ties="efron").fit()
        yield "Kaplan-Meier", lambda: SurvfuncRight(time, event)
        yield "log-rank", lambda: survdiff(time, event, data["group"])


def _of_r(data: Arrays) -> list[Row]:
    """R's own times; its task names are those used here, "bare" being coxph.fit without frame."""
    if shutil.which("Rscript") is None:
        print("  R is not installed, so its column stays empty", file=sys.stderr)
        return []
    count = data["time"].size
    with tempfile.TemporaryDirectory() as folder:
        for name, values in data.items():
            values.tofile(Path(folder) / name)
        script = str(Path(__file__).with_suffix(".R"))
        command = ["Rscript", script, folder, str(count), str(COVARIATES)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [line.split("\t") for line in printed.splitlines()]
    versions = {line[0].removeprefix("version "): line[1] for line in lines if "version" in line[0]}
    found = []
    for task, seconds, *_ in (line for line in lines if "version" not in line[0]):
        package = "cmprsk" if task in ("Gray's test", "Fine-Gray") else "survival"
        program = f"R {package} {versions[package]}"
        if task.endswith(", bare"):
            task, program = task.removesuffix(", bare"), "R coxph.fit"
        found.append(Row(f"{task}, {count:,} rows", program, float(seconds), "s"))
    return found


def _memory() -> Iterator[Row]:
    """Peak memory of one call above what its process held before, over the size of its input."""
    for task in ("Cox, Efron", "Cox, start-stop, weights, clusters", "Kaplan-Meier", "log-rank"):
        command = [sys.executable, "-m", "benchmarks.survival_memory", task, str(MEMORY_ROWS)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        ratio, peak, size = (float(each) for each in printed.split())
        note = f"peak {peak:,.0f} MiB above the start; input {size:,.0f} MiB"
        yield Row(f"memory: {task}, {MEMORY_ROWS:,} rows", "debulk", ratio, "x input", note)
