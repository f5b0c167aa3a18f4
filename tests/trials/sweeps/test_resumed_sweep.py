"""Does a sweep go on where it was, alone or on a cluster, within bounded memory?"""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from debulk.core import InputError
from debulk.trials.sweeps.store import PointStore
from debulk.trials.sweeps.sweeping import sweep, sweep_spec

FIXED = {"median_control": 20.0, "accrual": 36.0, "follow_up": 12.0, "power": 0.8}
GRID = {"hazard_ratio": [0.5 + 0.001 * each for each in range(450)], "sided": [1, 2]}


def contents(folder) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in (folder / "points").glob("*.parquet")}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> dict[str, bytes]:
    """Files of a sweep that nobody disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    sweep(GRID, out=folder, fixed=FIXED)
    found = contents(folder)
    assert len(found) == 9
    return found


def test_what_is_kept_is_not_computed_again_and_what_is_damaged_is(tmp_path, undisturbed) -> None:
    sweep(GRID, out=tmp_path, fixed=FIXED)
    files = sorted((tmp_path / "points").glob("*.parquet"))
    files[3].write_bytes(files[3].read_bytes()[:500])
    files[5].unlink()
    files[6].write_bytes(b"")
    before = {each: each.stat().st_mtime_ns for each in files if each.exists()}
    counted: list[int] = []
    sweep(GRID, out=tmp_path, fixed=FIXED, progress=lambda done, _: counted.append(done))
    assert counted == [600, 700, 800, 900]
    assert contents(tmp_path) == undisturbed
    same = [each for each, when in before.items() if each.stat().st_mtime_ns == when]
    assert len(same) == 6


def test_an_interrupted_sweep_goes_on(tmp_path, undisturbed) -> None:
    def interrupt(done: int, wanted: int) -> None:
        if done >= 300:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(GRID, out=tmp_path, fixed=FIXED, progress=interrupt)
    assert len(contents(tmp_path)) == 3
    sweep(GRID, out=tmp_path, fixed=FIXED)
    assert contents(tmp_path) == undisturbed


def test_a_killed_sweep_goes_on(tmp_path, undisturbed) -> None:
    program = (
        "from debulk.trials.sweeps.sweeping import sweep\n"
        f"sweep({GRID!r}, out={str(tmp_path)!r}, fixed={FIXED!r})\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program])
    deadline = time.monotonic() + 120
    while len(contents(tmp_path)) < 2:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert len(contents(tmp_path)) < 9
    sweep(GRID, out=tmp_path, fixed=FIXED)
    assert contents(tmp_path) == undisturbed


def test_a_second_sweep_in_the_same_folder_is_refused(tmp_path) -> None:
    spec = sweep_spec(GRID, fixed=FIXED)
    held = PointStore(tmp_path, spec.fingerprint)
    with pytest.raises(InputError, match="in use by another run"):
        sweep(GRID, out=tmp_path, fixed=FIXED)
    held.close()


@pytest.mark.slow
def test_a_cluster_writes_the_same_bytes_though_a_worker_is_killed(
    dask_processes, tmp_path, undisturbed
) -> None:
    victim = dask_processes.add_worker()
    dask_processes.add_worker()

    def kill_it(done: int, wanted: int) -> None:
        if done >= 200:
            victim.kill()

    done = sweep(GRID, out=tmp_path, fixed=FIXED, cluster=dask_processes.address, progress=kill_it)
    assert victim.wait() == -signal.SIGKILL
    assert contents(tmp_path) == undisturbed
    assert done.failed() == 0


@pytest.mark.slow
def test_a_chunk_that_costs_worker_after_worker_ends_the_sweep(
    dask_processes, tmp_path, undisturbed
) -> None:
    # Another scheduler, to which one lost worker is one too many.
    strict = type(dask_processes)(tmp_path, {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"})
    try:
        victim = strict.add_worker()
        strict.add_worker()
        with pytest.raises(InputError, match="lost one worker after another"):
            sweep(
                GRID,
                out=tmp_path / "out",
                fixed=FIXED,
                cluster=strict.address,
                progress=lambda done, _: victim.kill() if done >= 100 else None,
            )
    finally:
        strict.close()
    assert 1 <= len(contents(tmp_path / "out")) < 9
    sweep(GRID, out=tmp_path / "out", fixed=FIXED)
    assert contents(tmp_path / "out") == undisturbed


def test_memory_does_not_grow_with_the_points(tmp_path) -> None:
    program = (
        "import resource, sys\n"
        "from debulk.trials.sweeps.sweeping import sweep\n"
        "def most(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        f"fixed = {FIXED!r}\n"
        "def grid(n): return {'hazard_ratio': [0.5 + 0.4 * each / n for each in range(n)]}\n"
        f"sweep(grid(200), out={str(tmp_path / 'few')!r}, fixed=fixed).failed()\n"
        "few = most()\n"
        f"sweep(grid(2000), out={str(tmp_path / 'many')!r}, fixed=fixed).failed()\n"
        "print(most() - few)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 20.0  # MiB
