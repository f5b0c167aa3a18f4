"""Does a real cluster give the same bytes, whatever happens to its workers?"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import debulk
from debulk.core import InputError
from debulk.core.files import json_text
from debulk.protocols import load_protocol
from debulk.trials import ChunkStore, run_trial, trial_settings
from debulk.trials.running import cluster as clusters

PEOPLE = "conduct.people_with_bowel_cancer=3000"
TRIALS = 120


@pytest.fixture(scope="module")
def protocol():
    """ORCHESTRA in a catchment so small that ten trials take a moment."""
    return load_protocol("orchestra", changes=dict([PEOPLE.split("=")]))


def command(*arguments: str) -> list[str]:
    program = "from debulk.cli import main; main()"
    return [sys.executable, "-c", program, "trial", "run", "orchestra", "--set", PEOPLE, *arguments]


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_changes_no_byte(dask_processes, tmp_path) -> None:
    victim = dask_processes.add_worker()
    dask_processes.add_worker()
    options = ("--trials", str(TRIALS), "--out")
    run = subprocess.Popen(
        command(*options, "far", "--cluster", dask_processes.address),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        chunks = tmp_path / "far" / "chunks"
        deadline = time.monotonic() + 300
        while len(list(chunks.glob("trials-*.npz"))) < 2:
            assert run.poll() is None, run.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        victim.send_signal(signal.SIGKILL)
        assert victim.wait() == -signal.SIGKILL
        # It was the middle: there was work left, and some of it was the victim's.
        assert len(list(chunks.glob("trials-*.npz"))) < TRIALS // 10
        _, messages = run.communicate(timeout=300)
    finally:
        run.kill()
        run.communicate()
    assert run.returncode == 0, messages
    assert "Traceback" not in messages
    subprocess.run(command(*options, "near"), cwd=tmp_path, check=True, capture_output=True)
    far, near = (tmp_path / each / "results.json" for each in ("far", "near"))
    assert far.read_bytes() == near.read_bytes()
    for chunk in chunks.glob("trials-*.npz"):
        assert chunk.read_bytes() == (tmp_path / "near" / "chunks" / chunk.name).read_bytes()


@pytest.mark.slow
def test_without_workers_it_gives_up_and_later_goes_on(
    dask_processes, protocol, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(clusters, "NO_WORKER_SECONDS", 2.0)
    worker = dask_processes.add_worker()
    settings = trial_settings(protocol, seed=3)
    store = ChunkStore(tmp_path / "run", settings.fingerprint)
    options = {"trials": 60, "seed": 3, "store": store, "cluster": dask_processes.address}

    def kill_it(done: int, wanted: int) -> None:
        if done >= 20:
            worker.kill()

    with pytest.raises(InputError, match="no worker for 2 seconds"):
        run_trial(protocol, progress=kill_it, **options)
    kept = list(store.folder.glob("trials-*.npz"))
    assert 2 <= len(kept) < 6
    dask_processes.add_worker()
    again = run_trial(protocol, **options)
    assert json_text(again) == json_text(run_trial(protocol, trials=60, seed=3))


@pytest.mark.slow
def test_an_interruption_keeps_what_is_finished(dask_processes, protocol, tmp_path) -> None:
    dask_processes.add_worker()
    settings = trial_settings(protocol, seed=5)
    store = ChunkStore(tmp_path / "run", settings.fingerprint)

    def interrupt(done: int, wanted: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_trial(
            protocol,
            trials=50,
            seed=5,
            store=store,
            progress=interrupt,
            cluster=dask_processes.address,
        )
    assert 1 <= len(list(store.folder.glob("trials-*.npz"))) < 5


def test_a_worker_with_other_sources_is_named(dask_processes, protocol, tmp_path) -> None:
    shutil.copytree(
        Path(debulk.__file__).parent,
        tmp_path / "other" / "debulk",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    changed = tmp_path / "other" / "debulk" / "trials" / "truth.py"
    changed.write_text(changed.read_text(encoding="utf-8") + "\n# another\n", encoding="utf-8")
    dask_processes.add_worker()
    dask_processes.add_worker(tmp_path / "other")
    with pytest.raises(InputError, match=r"worker tcp://127\.0\.0\.1:\d+ has sources"):
        run_trial(protocol, trials=2, cluster=dask_processes.address)


def test_a_worker_without_the_program_is_named(dask_processes, protocol, tmp_path) -> None:
    (tmp_path / "debulk").mkdir()
    (tmp_path / "debulk" / "__init__.py").write_text("", encoding="utf-8")
    dask_processes.add_worker(tmp_path)
    with pytest.raises(InputError, match=r"worker tcp://127\.0\.0\.1:\d+ has no debulk"):
        run_trial(protocol, trials=2, cluster=dask_processes.address)


def test_a_worker_is_no_scheduler(dask_processes, protocol) -> None:
    dask_processes.add_worker()
    log = next(dask_processes.folder.glob("worker-*.log")).read_text(encoding="utf-8")
    address = log.split("Start worker at:")[1].split()[0]
    with pytest.raises(InputError, match="is a Dask worker"):
        run_trial(protocol, trials=2, cluster=address)


def test_a_worker_that_joins_late_with_other_sources_computes_nothing() -> None:
    here = {**clusters.identity(), "sources": "another"}
    with pytest.raises(InputError, match="a worker has sources"):
        clusters.on_worker(os.path.join, here, b"", 0, 1)
