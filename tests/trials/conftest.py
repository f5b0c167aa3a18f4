"""Small runs shared by the tests of this room: fewer patients, so that a trial takes moments."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import debulk
from debulk.disease import load_model
from debulk.protocols import Protocol, load_protocol
from debulk.protocols.plans import Applicability, PlannedPatients
from debulk.trials import ProtocolCharacteristics, run_trial
from debulk.trials.recruitment.randomised import Randomised

SMALL = {"conduct.people_with_bowel_cancer": "9000"}
TRIALS = 12


@pytest.fixture(scope="session")
def small_protocol() -> Protocol:
    """ORCHESTRA in a smaller catchment."""
    return load_protocol("orchestra", changes=SMALL)


@pytest.fixture(scope="session")
def small_run(small_protocol: Protocol) -> ProtocolCharacteristics:
    """A dozen small trials."""
    return run_trial(small_protocol, trials=TRIALS, seed=1)


@pytest.fixture(scope="session")
def null_run(small_protocol: Protocol) -> ProtocolCharacteristics:
    """The same trials in the null world."""
    return run_trial(small_protocol, model=load_model().null_world(), trials=TRIALS, seed=1)


@pytest.fixture(scope="session")
def plan_of() -> Callable[..., Protocol]:
    """Makes protocols whose patients are drawn from a plan."""
    return _plan_of


def _plan_of(**changes: Any) -> Protocol:
    """ORCHESTRA without lost, withdrawn or crossed over, its patients drawn from a plan.

    Names of the parts `planned`, `conduct` and `design` may be changed.
    """
    protocol = load_protocol(
        "orchestra",
        changes={f"conduct.{name}": "0" for name in ("withdrawn", "crossed_over", "lost_per_year")},
    )
    planned = PlannedPatients(
        registered=600,
        median_os_months=20.0,
        hazard_ratio_os=0.75,
        median_pfs_months=9.0,
        hazard_ratio_pfs=0.7,
        visit_interval_months=2.0,
    )
    parts = {"planned": planned, "conduct": protocol.conduct, "design": protocol.design}
    for name, value in changes.items():
        part = next(key for key, each in parts.items() if hasattr(each, name))
        parts[part] = dataclasses.replace(parts[part], **{name: value})
    return dataclasses.replace(
        protocol, applicability=Applicability("none", ("no such treatment",)), **parts
    )


class DaskProcesses:
    """A scheduler and workers as processes of their own, on the loopback interface."""

    def __init__(self, folder: Path, environment: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.environment = {**os.environ, **(environment or {})}
        self.workers: list[subprocess.Popen[bytes]] = []
        self._all: list[subprocess.Popen[bytes]] = []
        file = folder / "scheduler.json"
        try:
            # The operating system chooses a free port; the scheduler writes it into a file.
            self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", file)
            self._await(file.exists)
            self._await(lambda: file.read_text(encoding="utf-8").strip().endswith("}"))
        except BaseException:
            self.close()
            raise
        self.address: str = json.loads(file.read_text(encoding="utf-8"))["address"]

    def add_worker(self, sources: Path | None = None) -> subprocess.Popen[bytes]:
        """Start a worker of one thread, without a nanny: who kills it kills it."""
        count = self._seen()
        options = ("--no-nanny", "--nthreads", "1", "--host", "127.0.0.1")
        process = self._start("worker", self.address, *options, sources=sources)
        self.workers.append(process)
        self._await(lambda: self._seen() > count)
        return process

    def close(self) -> None:
        """End every process that was started."""
        for process in self._all:
            process.kill()
        for process in self._all:
            process.wait()

    def _start(self, kind: str, *options: object, sources: Path | None = None) -> Any:
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *map(str, options)]
        command += ["--no-dashboard"]
        if kind == "worker":
            command += ["--local-directory", str(self.folder)]
        path = Path(debulk.__file__).parents[1] if sources is None else sources
        log = (self.folder / f"{kind}-{len(self._all)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**self.environment, "PYTHONPATH": str(path)},
                stdout=log,
                stderr=log,
            )
        self._all.append(process)
        return process

    def _seen(self) -> int:
        logs = self.folder.glob("scheduler-*.log")
        return sum(each.read_text(encoding="utf-8").count("Register worker") for each in logs)

    def _await(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 120
        while not happened():
            texts = [each.read_text(encoding="utf-8") for each in self.folder.glob("*.log")]
            assert time.monotonic() < deadline, texts
            assert self._all[-1].poll() is None, texts
            time.sleep(0.05)


@pytest.fixture
def dask_processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskProcesses]:
    """A scheduler without workers; all is ended when the test ends."""
    processes = DaskProcesses(tmp_path_factory.mktemp("dask"))
    try:
        yield processes
    finally:
        processes.close()


def made(size: int, **columns: Any) -> Randomised:
    """Patients of one trial who never die nor progress, but for the columns given."""
    nothing, never = np.full(size, np.nan), np.full(size, np.inf)
    standard = {
        "trial": np.zeros(size, np.int32),
        "patient": np.arange(size),
        "order": np.arange(size),
        "randomised_months": np.zeros(size),
        "death_control": never,
        "progression_control": never,
        "death_experimental": never,
        "progression_experimental": never,
        "local_months": nothing,
        "visible": np.zeros(size, np.int64),
        "treated": np.zeros(size, np.int64),
        "died_within_90_days": np.zeros(size, np.bool_),
        "systemic_days_lost_control": np.zeros(size),
        "systemic_days_lost_experimental": np.zeros(size),
        "visit_phase_months": np.zeros(size),
        "visit_interval_months": np.full(size, 2.0),
    }
    return Randomised(**{**standard, **{name: np.array(each) for name, each in columns.items()}})


@pytest.fixture
def patients() -> Callable[..., Randomised]:
    """Makes patients by hand."""
    return made
