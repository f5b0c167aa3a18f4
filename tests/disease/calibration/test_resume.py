"""Is an interrupted calibration the same as one that was not, and is nothing else in its folder?"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.disease.calibration import CalibrationSettings, calibrate
from debulk.disease.calibration.checkpoint import EVALUATIONS, LOCK, RESULTS, SETTINGS
from debulk.disease.calibration.run import ALGORITHM

SMALL = CalibrationSettings(
    members=20, waves=2, refinements=2, draws=12, checked=5, chain_steps=60, tail_degrees=5.0
)


@pytest.fixture
def problem(toys):
    """Two structures, two parameters, noise by the seed, and a failure here and there."""

    def simulate(values, structure, seed):
        if abs(values[1]) > 2.2:
            raise ZeroDivisionError("nobody")
        noise = np.random.default_rng([seed, int(values[0] > 0.0)]).standard_normal(2) * 0.05
        bend = 0.2 * values[0] ** 2 if structure == "bent" else 0.0
        return np.array([values[0] + bend, values[0] - values[1]]) + noise, np.full(2, 0.0025)

    straight = toys.linear_problem([[1.0, 0.0], [1.0, -1.0]], [0.5, 0.2], [0.2, 0.3])
    return dataclasses.replace(straight, simulate=simulate, structures=("straight", "bent"))


def contents(folder: Path) -> dict[str, str]:
    return {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in folder.iterdir()}


@pytest.fixture
def whole(problem, tmp_path):
    """Files of a calibration that ran through."""
    calibrate(problem, tmp_path / "whole", settings=SMALL)
    return contents(tmp_path / "whole")


def test_the_folder_holds_what_is_said(whole):
    assert sorted(whole) == sorted((*RESULTS, EVALUATIONS, SETTINGS, LOCK))


class Stop(KeyboardInterrupt):
    """An interruption by the test."""


@pytest.mark.parametrize("after", [0, 1, 20, 33, 87, 169])
@pytest.mark.parametrize("members_at_once", [1, 4])
def test_interrupted_and_resumed_is_the_same(problem, whole, tmp_path, after, members_at_once):
    def stop(done, total):
        if done > after:
            raise Stop

    with pytest.raises(Stop):
        calibrate(
            problem,
            tmp_path / "part",
            settings=SMALL,
            progress=stop,
            members_at_once=members_at_once,
        )
    assert not (tmp_path / "part" / RESULTS[0]).exists()
    seen = []
    calibrate(
        problem,
        tmp_path / "part",
        settings=SMALL,
        progress=lambda done, total: seen.append((done, total)),
        members_at_once=members_at_once,
    )
    assert contents(tmp_path / "part") == whole
    assert seen[-1] == (2 * SMALL.evaluations, 2 * SMALL.evaluations)


@pytest.mark.parametrize("cut", [1, 40, 300])
def test_a_line_killed_half_written_is_written_again(problem, whole, tmp_path, cut):
    folder = tmp_path / "part"
    calibrate(problem, folder, settings=SMALL)
    lines = (folder / EVALUATIONS).read_bytes()
    (folder / EVALUATIONS).write_bytes(lines[:-cut])
    for name in RESULTS:
        (folder / name).unlink()
    (folder / ".posterior.parquet.abcdefgh").write_text("half", encoding="utf-8")
    calibrate(problem, folder, settings=SMALL)
    assert contents(folder) == whole


KILLED = """
import dataclasses, importlib.util, sys, time
from debulk.disease.calibration import CalibrationSettings, calibrate
spec = importlib.util.spec_from_file_location("toys", sys.argv[1])
toys = importlib.util.module_from_spec(spec)
spec.loader.exec_module(toys)
problem = toys.linear_problem([[1.0, 0.5]], [1.0], [0.3])
plain = problem.simulate
def slow(values, structure, seed):
    time.sleep(float(sys.argv[3]))
    return plain(values, structure, seed)
sizes = dict(members=20, waves=2, refinements=1, draws=5, checked=3, chain_steps=60)
settings = CalibrationSettings(**sizes)
calibrate(dataclasses.replace(problem, simulate=slow), sys.argv[2], settings=settings)
"""


def test_a_killed_process_resumes_to_the_same_bytes(toys, tmp_path):
    def command(folder, pause):
        arguments = [sys.executable, "-c", KILLED, toys.__file__, str(folder), pause]
        return subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)

    part = tmp_path / "part"
    process = command(part, "0.05")
    deadline = time.monotonic() + 120
    while not (part / EVALUATIONS).exists() or (part / EVALUATIONS).stat().st_size < 3000:
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert not (part / RESULTS[0]).exists()
    for folder in (part, tmp_path / "whole"):
        again = command(folder, "0")
        assert again.wait(timeout=120) == 0, again.stderr.read()
        again.stderr.close()
    assert contents(part) == contents(tmp_path / "whole")


def test_a_finished_calibration_is_read_not_run(problem, tmp_path):
    first = calibrate(problem, tmp_path, settings=SMALL)

    def never(values, structure, seed):
        raise AssertionError("ran again")

    again = calibrate(dataclasses.replace(problem, simulate=never), tmp_path, settings=SMALL)
    assert again.posterior.sha256 == first.posterior.sha256


def test_seeds_and_structures_decide_alone(problem, tmp_path):
    """Another seed gives another sample; a structure's does not depend on those beside it."""
    both = calibrate(problem, tmp_path / "a", settings=SMALL)
    other = calibrate(problem, tmp_path / "b", settings=dataclasses.replace(SMALL, seed=2))
    alone = calibrate(problem, tmp_path / "c", settings=SMALL, structures=["bent"])
    assert both.posterior.sha256 != other.posterior.sha256
    bent = np.array(both.posterior.structures) == "bent"
    assert sorted(both.posterior.values["x0"][bent]) == sorted(alone.posterior.values["x0"])


def test_other_settings_or_targets_are_refused_unless_fresh(problem, tmp_path):
    calibrate(problem, tmp_path, settings=SMALL)
    before = contents(tmp_path)
    changed = dataclasses.replace(SMALL, draws=13)
    moved = dataclasses.replace(
        problem, targets=(dataclasses.replace(problem.targets[0], value=0.6), problem.targets[1])
    )
    for wrong, settings in ((problem, changed), (moved, SMALL)):
        with pytest.raises(InputError, match="other settings"):
            calibrate(wrong, tmp_path, settings=settings)
    assert contents(tmp_path) == before
    found = calibrate(problem, tmp_path, settings=changed, fresh=True)
    assert len(found.posterior) == 26


def test_a_damaged_line_and_a_folder_without_settings_are_refused(problem, tmp_path):
    calibrate(problem, tmp_path, settings=SMALL)
    lines = (tmp_path / EVALUATIONS).read_text(encoding="utf-8").splitlines()
    (tmp_path / EVALUATIONS).write_text("\n".join([lines[0], "{}", ""]), encoding="utf-8")
    with pytest.raises(InputError, match="line 2: is no evaluation"):
        calibrate(problem, tmp_path, settings=SMALL)
    (tmp_path / SETTINGS).unlink()
    with pytest.raises(InputError, match=r"without settings\.json"):
        calibrate(problem, tmp_path, settings=SMALL)


def test_a_folder_in_use_is_refused(problem, tmp_path):
    def meet(done, total):
        if done == 3:
            with pytest.raises(InputError, match="in use by another calibration"):
                calibrate(problem, tmp_path, settings=SMALL)
            raise Stop

    with pytest.raises(Stop):
        calibrate(problem, tmp_path, settings=SMALL, progress=meet)


def test_all_members_of_a_wave_share_its_seed_and_no_other(problem, tmp_path):
    seeds: dict[str, set[int]] = {}

    def listen(values, structure, seed):
        seeds.setdefault(structure, set()).add(seed)
        return problem.simulate(values, structure, seed)

    calibrate(dataclasses.replace(problem, simulate=listen), tmp_path, settings=SMALL)
    # Two waves of the smoother, two at draws, one check; the same for both structures.
    assert len(seeds["straight"]) == 5
    assert seeds["straight"] == seeds["bent"]


def test_provenance_says_how_it_was_made(problem, tmp_path):
    found = calibrate(problem, tmp_path, settings=SMALL)
    about = json.loads((tmp_path / "posterior.json").read_text(encoding="utf-8"))
    assert about["settings"]["algorithm"] == ALGORITHM
    assert about["settings"]["problem"] == problem.fingerprint
    assert about["sha256"] == found.posterior.sha256
    assert [each["name"] for each in about["targets"]] == ["y0", "y1"]
    waves = about["structures"][0]["waves"]
    assert [each["wave"] for each in waves] == [
        *("smoother-1", "smoother-2", "refinement-1", "refinement-2")
    ]
    # One set of the prior is out of the simulator's reach; those that follow have learned.
    assert [each["failures"] for each in waves] == [1, 0, 0, 0]
    assert about["assumptions"]
    report = json.loads((tmp_path / "identifiability.json").read_text(encoding="utf-8"))
    assert [each["structure"] for each in report["structures"]] == ["straight", "bent"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("members", 9),
        ("members", 20.0),
        ("waves", 0),
        ("refinements", 0),
        ("draws", 0),
        ("checked", -1),
        ("seed", -1),
        ("seed", True),
        ("tail_degrees", 0.5),
        ("tail_degrees", float("nan")),
        ("implausible", 0.0),
        ("effective_share", 1.0),
        ("directions", -1),
        ("chain_steps", 10),
    ],
)
def test_wrong_settings_are_refused(name, value):
    with pytest.raises(InputError, match=name):
        dataclasses.replace(SMALL, **{name: value})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"structures": ["strait"]}, "Did you mean 'straight'"),
        ({"structures": ["bent", "bent"]}, "stands there twice"),
        ({"structures": []}, "there is none"),
        ({"members_at_once": 0}, "members_at_once"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_written(problem, tmp_path, options, words):
    with pytest.raises(InputError, match=words):
        calibrate(problem, tmp_path / "new", settings=SMALL, **options)
    assert not (tmp_path / "new").exists()
