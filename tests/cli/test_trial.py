"""Does `debulk trial` answer, and does it say clearly what is wrong?"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

SMALL = ("--set", "conduct.people_with_bowel_cancer=6000")


def debulk(*arguments: str, cwd: Path, **options) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    command = [sys.executable, "-c", "from debulk.cli import main; main()", *arguments]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False, **options
    )


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """A folder with a finished run of seven small trials."""
    folder = tmp_path_factory.mktemp("run")
    done = debulk("trial", "run", "orchestra", "--trials", "7", *SMALL, "--out", "a", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_four_files_are_there_and_hold_what_they_should(finished) -> None:
    folder = finished / "a"
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert results["trials"] == 7
    assert pl.read_parquet(folder / "trials.parquet").height == 7
    assert "seconds" in json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert "<html" in (folder / "report.html").read_text(encoding="utf-8")
    left = [each.name for each in folder.iterdir() if each.name.startswith(".")]
    assert left == []


def test_other_folder_other_threads_other_chunks_same_bytes(finished) -> None:
    """A run of two trials grows to seven in the same folder."""
    arguments = ("trial", "run", "orchestra", *SMALL, "--out", "deep/b", "--workers", "1")
    assert debulk(*arguments, "--trials", "2", cwd=finished).returncode == 0
    assert debulk(*arguments, "--trials", "7", cwd=finished).returncode == 0
    first, second = finished / "a" / "results.json", finished / "deep" / "b" / "results.json"
    assert sha256(first) == sha256(second)


def test_json_alone_on_standard_output(finished) -> None:
    done = debulk(
        "trial", "run", "orchestra", "--trials", "7", *SMALL, "--out", "a", "--json", cwd=finished
    )
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert answer["protocol"] == "orchestra"
    assert Path(finished, answer["files"]["report"]).exists()


def test_a_folder_with_another_run_is_refused_unless_fresh(finished) -> None:
    other = ("trial", "run", "orchestra", "--trials", "2", *SMALL, "--seed", "9", "--out", "c")
    assert debulk(*other, cwd=finished).returncode == 0
    again = ("trial", "run", "orchestra", "--trials", "2", *SMALL, "--seed", "8", "--out", "c")
    refused = debulk(*again, cwd=finished)
    assert refused.returncode == 1
    assert "other settings" in refused.stderr
    assert "--fresh" in refused.stderr
    assert debulk(*again, "--fresh", cwd=finished).returncode == 0


def test_list_and_show(tmp_path) -> None:
    listed = json.loads(debulk("trial", "list", "--json", cwd=tmp_path).stdout)
    assert "orchestra" in [each["name"] for each in listed["protocols"]]
    shown = debulk("trial", "show", "orchestra", cwd=tmp_path)
    assert shown.returncode == 0
    assert "treatable_share >= 0.8" in shown.stdout
    copied = debulk("trial", "show", "orchestra", "--yaml", cwd=tmp_path).stdout
    (tmp_path / "mine.yaml").write_text(copied, encoding="utf-8")
    assert debulk("trial", "show", "mine.yaml", "--json", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("orchestr",), "Did you mean 'orchestra'"),
        (("none.yaml",), "there is no such file"),
        (("orchestra", "--trials", "0"), "--trials"),
        (("orchestra", "--seed", "-1"), "seed"),
        (("orchestra", "--workers", "0"), "workers"),
        (("orchestra", "--cluster", "somewhere"), "is no address"),
        (("orchestra", "--cluster", "tcp://127.0.0.1:1"), "no Dask scheduler answers"),
        (("orchestra", "--without", "surg"), "surge"),
        (("orchestra", "--null", "--without", "surge"), "--null"),
        (("orchestra", "--set", "disease.kk1=3"), "disease"),
        (("orchestra", "--set", "disease.k1=much"), "is not a number"),
        (("orchestra", "--set", "conduct"), "KEY=VALUE"),
        (("orchestra", "--set", "modalities.rfaa.mortality_90_days=0.1"), "rfa"),
        (("orchestra", "--set", "modalities.rfa.mortality_90_days=7"), "rfa"),
        (("orchestra", "--out", "a-file"), "is a file"),
        (("orchestra", "--out", "a-file/below"), "a-file"),
        (("orchestra", "--out", "/proc/nowhere"), "cannot be written"),
    ],
)
def test_wrong_input_is_one_message_and_status_1(tmp_path, arguments, words) -> None:
    (tmp_path / "a-file").write_text("x", encoding="utf-8")
    done = debulk("trial", "run", *arguments, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a-file"]


def test_wrong_usage_is_status_2(tmp_path) -> None:
    assert debulk("trial", "run", "orchestra", "--trails", "3", cwd=tmp_path).returncode == 2


def test_interruption_leaves_nothing_half_written_and_can_be_resumed(tmp_path) -> None:
    command = [sys.executable, "-c", "from debulk.cli import main; main()", "trial", "run"]
    command += ["orchestra", "--trials", "4000", *SMALL, "--out", "long"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    chunks = tmp_path / "long" / "chunks"
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and len(list(chunks.glob("trials-*.npz"))) < 2:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.2)
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "resumes" in err
    assert out == ""
    assert [each.name for each in (tmp_path / "long").iterdir()] == ["chunks"]
    assert not [each for each in chunks.iterdir() if each.name.startswith(".")]


def test_help_starts_without_the_heavy_libraries(tmp_path) -> None:
    code = (
        "import sys; sys.argv = ['debulk', '--help']\n"
        "from debulk.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'numba', 'polars', 'scipy', 'altair', 'pandas', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert done.stderr.strip() == "[]"
