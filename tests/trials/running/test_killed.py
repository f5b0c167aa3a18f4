"""Does a run that was killed go on where it was, with the same bytes in the end?"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from debulk.core import InputError
from debulk.trials import ChunkStore, run_trial, trial_settings

OPTIONS = ["trial", "run", "orchestra", "--set", "conduct.people_with_bowel_cancer=3000"]
OPTIONS += ["--trials", "60", "--workers", "1", "--out"]
PLAIN = "from debulk.cli import main; main()"

# Writes half of a file, then is no more.
KILLED_WHILE_WRITING = """
import os, signal
import numpy
whole, calls = numpy.savez, []
def half(file, **content):
    whole(file, **content)
    calls.append(file)
    if len(calls) == 2:
        file.truncate(file.tell() // 2)
        file.flush()
        os.kill(os.getpid(), signal.SIGKILL)
numpy.savez = half
from debulk.cli import main; main()
"""


def start(folder: Path, out: str, program: str = PLAIN) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *OPTIONS, out],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def finish(folder: Path, out: str) -> bytes:
    """Run to the end; the bytes of the results."""
    process = start(folder, out)
    _, messages = process.communicate(timeout=300)
    assert process.returncode == 0, messages
    return (folder / out / "results.json").read_bytes()


def chunks_of(folder: Path) -> int:
    return len(list((folder / "chunks").glob("trials-*.npz")))


def wait_for_chunks(process: subprocess.Popen[bytes], folder: Path, wanted: int) -> None:
    deadline = time.monotonic() + 300
    while chunks_of(folder) < wanted:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> bytes:
    """Results of a run that nobody killed."""
    return finish(tmp_path_factory.mktemp("undisturbed"), "run")


@pytest.mark.slow
def test_killed_again_and_again_it_ends_with_the_same_bytes(tmp_path, undisturbed) -> None:
    moments = random.Random(1)
    for wanted in (1, 2, 4):
        process = start(tmp_path, "run")
        wait_for_chunks(process, tmp_path / "run", wanted)
        time.sleep(moments.uniform(0.0, 0.1))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert 4 <= chunks_of(tmp_path / "run") <= 6
    assert finish(tmp_path, "run") == undisturbed
    hidden = [each.name for each in (tmp_path / "run").rglob(".*")]
    assert hidden == []


@pytest.mark.slow
def test_killed_while_writing_leaves_no_half_of_a_chunk(tmp_path, undisturbed) -> None:
    process = start(tmp_path, "run", KILLED_WHILE_WRITING)
    process.communicate(timeout=300)
    assert process.returncode == -signal.SIGKILL
    chunks = tmp_path / "run" / "chunks"
    assert chunks_of(tmp_path / "run") == 1
    assert len(list(chunks.glob(".trials-*"))) == 1
    # As a kill while the results are written would leave.
    (tmp_path / "run" / ".results.json.abcd1234").write_text("{", encoding="utf-8")
    (tmp_path / "run" / ".mine").write_text("kept", encoding="utf-8")
    assert finish(tmp_path, "run") == undisturbed
    assert [each.name for each in (tmp_path / "run").rglob(".*")] == [".mine"]


@pytest.mark.slow
def test_a_second_run_in_the_same_folder_is_refused(tmp_path) -> None:
    first = start(tmp_path, "run")
    try:
        wait_for_chunks(first, tmp_path / "run", 1)
        first.send_signal(signal.SIGSTOP)
        second = start(tmp_path, "run")
        _, messages = second.communicate(timeout=120)
        assert second.returncode == 1
        assert f"in use by another run (process {first.pid})" in messages.decode()
        assert chunks_of(tmp_path / "run") >= 1
    finally:
        first.kill()
        first.communicate()


def test_a_folder_is_free_again_once_its_run_has_ended(small_protocol, tmp_path) -> None:
    settings = trial_settings(small_protocol)
    held = ChunkStore(tmp_path, settings.fingerprint)
    with pytest.raises(InputError, match=f"in use by another run \\(process {os.getpid()}\\)"):
        ChunkStore(tmp_path, settings.fingerprint)
    held.close()
    ChunkStore(tmp_path, settings.fingerprint).close()


def test_a_chunk_of_other_settings_is_never_taken(small_protocol, tmp_path) -> None:
    """Even where the folder's own mark says that all is well."""
    here, there = (trial_settings(small_protocol, seed=seed) for seed in (1, 2))
    store = ChunkStore(tmp_path / "a", here.fingerprint)
    run_trial(small_protocol, trials=1, seed=1, store=store)
    (chunk,) = store.folder.glob("trials-*.npz")
    other = ChunkStore(tmp_path / "b", there.fingerprint)
    (other.folder / chunk.name).write_bytes(chunk.read_bytes())
    assert store.load(0, 1) is not None
    assert other.load(0, 1) is None
