"""The command `debulk retrodict`, with made-up predictions in place of simulated ones."""

from __future__ import annotations

import json
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner

from debulk.cli.retrodict import retrodict
from debulk.core.errors import InputError
from debulk.trials.retrodiction import locking, retrodicting

_MADE_UP = Path(__file__).parents[1] / "trials" / "retrodiction" / "made_up.py"
made_up = SimpleNamespace(**runpy.run_path(str(_MADE_UP)))


@pytest.fixture
def run(monkeypatch):
    """Run the command; what the simulation was asked for is kept."""
    app = typer.Typer()
    app.command()(retrodict)
    asked: dict[str, object] = {}

    def predicted(**given):
        asked.update(given)
        if given["trials"] < 1:
            raise InputError("trials", "found 0", "Give 1 or more")
        return made_up.usual()

    monkeypatch.setattr(retrodicting, "retrodict", predicted)

    def call(*arguments: str):
        return CliRunner().invoke(app, list(arguments)), asked

    return call


def test_json_is_one_object_with_the_contract(run) -> None:
    result, asked = run("--json", "--seed", "7", "--only", "orchestra")
    content = json.loads(result.stdout)
    assert {"posterior", "trials", "coverage", "coverage_p"} <= set(content)
    assert (asked["seed"], asked["only"], asked["planned"]) == (7, ["orchestra"], False)


def test_the_terminal_shows_table_and_verdict(run) -> None:
    result, _ = run()
    assert result.exit_code == 0
    assert "GAMMA" in result.stdout
    assert "2 lie inside" in result.stdout


def test_a_folder_gets_page_numbers_and_figures(run, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    result, asked = run("--out", str(tmp_path / "o"), "--page", str(tmp_path / "p.html"), "--fresh")
    assert result.exit_code == 0
    names = {each.name for each in (tmp_path / "o").iterdir()}
    figures = {
        f"retrodiction-{n}.{k}" for n in ("forest", "calibration") for k in ("svg", "pdf", "png")
    }
    assert figures | {"retrodiction.json"} == names
    assert (tmp_path / "p.html").exists()
    assert asked["fresh"] is True
    assert asked["folder"] == tmp_path / "o" / "runs"


def test_wrong_options_are_named_before_anything_runs(run, tmp_path: Path) -> None:
    result, asked = run("--trials", "0")
    assert result.exception.where == "--trials"
    there = tmp_path / "there.json"
    there.write_text("{}")
    asked.clear()
    result, asked = run("--lock", str(there))
    assert "never written over" in str(result.exception)
    result, asked = run("--page", str(tmp_path / "nowhere" / "p.html"))
    assert "its folder is not there" in str(result.exception)
    assert asked == {}


def test_locked_predictions_are_shown_again(run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(locking, "load_protocol", lambda _: SimpleNamespace(sha256="00"))
    result, asked = run("--lock", str(tmp_path / "a.json"))
    assert result.exit_code == 0, result.exception
    assert sorted(name.partition(" ")[0] for name in asked["only"]) == [
        *("COLLISION-RELAPSE", "ERASur", "SABR-COMET-10", "SABR-COMET-3")
    ]
    shown, _ = run("--verify", str(tmp_path), "--json")
    content = json.loads(shown.stdout)
    assert [each["trial"] for each in content["trials"]] == ["EPSILON", "ETA"]
    table, _ = run("--verify", str(tmp_path))
    assert "not reported" in table.stdout
    assert "Every file is as it was locked." in table.stdout


@pytest.mark.parametrize(
    ("arguments", "where", "words"),
    [
        (("--fresh",), "--fresh", "there is no --out"),
        (("--page", "."), "--page .", "is a folder"),
        (("--page", "x.txt"), "--page x.txt", "is no .html file"),
        (("--lock", "a.txt"), "a.txt", "is no .json file"),
        (("--lock", "a.json", "--only", "orchestra"), "--only", "ORCHESTRA is no planned trial"),
        (("--lock", "a.json", "--only", "erasure"), "--only", "Did you mean 'erasur'"),
        (("--verify", "."), ".", "there is no index SHA256SUMS"),
        (("--verify", "nowhere"), "nowhere", "is not there"),
        (("--verify", ".", "--planned"), "--verify .", "--planned would do nothing"),
        (("--verify", ".", "--lock", "a.json"), "--verify .", "--lock would do nothing"),
    ],
)
def test_what_cannot_be_done_is_told_before_anything_runs(
    run, tmp_path: Path, monkeypatch, arguments, where, words
) -> None:
    monkeypatch.chdir(tmp_path)
    result, asked = run(*arguments)
    assert isinstance(result.exception, InputError)
    assert result.exception.where == where
    assert words in str(result.exception)
    assert asked == {}
    assert list(tmp_path.iterdir()) == []


def test_a_complaint_is_one_line_where_nobody_watches(run) -> None:
    result, _ = run("--trials", "0")
    assert result.stderr == ""
    assert str(result.exception) == "--trials: found 0. Give 1 or more."


def test_a_trial_asked_for_by_name_and_not_predicted_gets_its_reason(run, monkeypatch) -> None:
    monkeypatch.setattr(made_up, "usual", lambda: made_up.retrodiction(made_up.unpredicted("ZETA")))
    result, _ = run("--only", "zeta")
    assert result.stdout.startswith("Not predicted: ZETA (validation; published 1.10")
    result, _ = run()
    assert result.stdout.startswith("1 more trial is not predicted; --json and the page say why.")


@pytest.mark.slow
def test_interrupted_it_keeps_finished_trials_and_the_same_command_resumes(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from debulk.cli import main; main()", "retrodict", "--json"]
    command += ["--only", "sabr-comet", "--trials", "40", "--workers", "1", "--out", "held"]
    first = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and not _chunks(tmp_path):
        assert first.poll() is None, first.stderr.read()
        time.sleep(0.05)
    first.send_signal(signal.SIGINT)
    out, err = first.communicate(timeout=120)
    assert first.returncode == 130, err
    assert "the same command resumes" in err
    assert "Traceback" not in err
    assert out == ""
    kept = {each: each.stat().st_mtime_ns for each in _chunks(tmp_path)}
    assert 0 < len(kept) < 8
    assert [each.name for each in (tmp_path / "held").iterdir()] == ["runs"]
    second = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=True
    )
    content = json.loads(second.stdout)
    assert content["trials"][0]["trial"] == "SABR-COMET"
    assert len(_chunks(tmp_path)) == 8
    assert {each: each.stat().st_mtime_ns for each in kept} == kept
    del content["files"]
    assert json.loads((tmp_path / "held" / "retrodiction.json").read_text("utf-8")) == content


def _chunks(folder: Path) -> list[Path]:
    return sorted((folder / "held" / "runs").glob("*/chunks/trials-*.npz"))
