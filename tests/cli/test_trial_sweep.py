"""Does `debulk trial sweep` answer, resume, and say clearly what is wrong?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

DESIGNS = """\
fixed:
  median_control: 20
  accrual: 36
  follow_up: 12
grid:
  hazard_ratio: [0.6, 0.7, 0.8, 1.0]
  power: [0.8, 0.9]
"""


def debulk(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    command = [sys.executable, "-c", "from debulk.cli import main; main()", "trial", "sweep"]
    return subprocess.run(
        [*command, *arguments], cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder with the file of a sweep."""
    (tmp_path / "designs.yaml").write_text(DESIGNS, encoding="utf-8")
    return tmp_path


def test_a_table_and_where_the_rows_are(folder) -> None:
    done = debulk("designs.yaml", "--out", "found", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "planned" in done.stdout
    assert "Point 6: hazard_ratio: 1 is the null hypothesis itself" in done.stdout
    assert "8 points; 2 of them impossible." in done.stdout
    assert "found/points (1 file)" in done.stdout
    rows = pl.read_parquet(folder / "found" / "points" / "*.parquet")
    assert rows.height == 8
    assert rows["error"].null_count() == 6


def test_json_alone_and_means_by_an_axis(folder) -> None:
    done = debulk("designs.yaml", "--out", "found", "--by", "power", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["points"] == 8
    assert answer["failed"] == 2
    assert [each["power"] for each in answer["rows"]] == [0.8, 0.9]
    assert answer["rows"][0]["planned_events"] < answer["rows"][1]["planned_events"]


def test_without_out_the_folder_is_named_by_file_and_content(folder) -> None:
    first, second = (debulk("designs.yaml", "--json", cwd=folder) for _ in range(2))
    assert first.stdout == second.stdout
    (made,) = (folder / "runs").iterdir()
    assert made.name.startswith("sweep-designs-")


@pytest.mark.parametrize(
    ("text", "arguments", "words"),
    [
        (None, (), "there is no such file"),
        ("grid: [", (), "not YAML"),
        (DESIGNS, ("--by", "power", "--by", "power"), "--by: 'power' stands there twice"),
        (DESIGNS, ("--trials", "-2"), "--trials: -2 is out of range"),
        ("grid: {power: [0.8]}", (), "sweep.yaml: hazard_ratio is missing"),
        ("fixed: {}", (), "has no grid"),
        ("grid:", (), "names no axis"),
        ("gird: {}\ngrid: {}", (), "Did you mean 'grid'"),
        ("kind: trial\ngrid: {a: [1]}", (), "kind"),
        (DESIGNS, ("--trials", "-1"), "trials"),
        (DESIGNS, ("--seed", "-1"), "seed"),
        (DESIGNS, ("--workers", "0"), "workers"),
        (DESIGNS, ("--by", "hazard"), "--by"),
        (DESIGNS, ("--cluster", "somewhere"), "is no address"),
        (DESIGNS, ("--out", "sweep.yaml"), "is a file"),
        (DESIGNS + "  hazard_ration: [1]\n", (), "hazard_ratio"),
    ],
)
def test_wrong_input_is_one_message_and_status_1(tmp_path, text, arguments, words) -> None:
    if text is not None:
        (tmp_path / "sweep.yaml").write_text(text, encoding="utf-8")
    before = sorted(each.name for each in tmp_path.iterdir())
    done = debulk("sweep.yaml", *arguments, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert sorted(each.name for each in tmp_path.iterdir()) == before


def test_interruption_keeps_finished_points(folder) -> None:
    many = ", ".join(f"{0.5 + each / 10000:g}" for each in range(4000))
    text = DESIGNS.replace("0.6, 0.7, 0.8, 1.0", many)
    (folder / "designs.yaml").write_text(text, encoding="utf-8")
    command = [sys.executable, "-c", "from debulk.cli import main; main()", "trial", "sweep"]
    process = subprocess.Popen(
        [*command, "designs.yaml", "--out", "long"],
        cwd=folder,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while not list((folder / "long").glob("points/points-*.parquet")):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    out, messages = process.communicate(timeout=120)
    assert process.returncode == 130, messages
    assert "the same command resumes" in messages
    assert "Traceback" not in messages
    assert out == ""
