"""Does `debulk trial randomise` draw, seal and check, and say clearly what is wrong?"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

# The command in a program of its own, ended as the whole command line ends.
PROGRAM = """
import sys
import typer
from debulk.cli.randomise import randomise
from debulk.core.errors import InputError
app = typer.Typer(pretty_exceptions_enable=False)
app.command("randomise")(randomise)
app.callback()(lambda: None)
try:
    app()
except InputError as error:
    print(f"debulk: {error}", file=sys.stderr)
    sys.exit(1)
"""

ARMS = ("--arm", "control", "--arm", "experimental")
STRATA = ("--stratum", "centre=A,B", "--stratum", "extent=one,more")
BLOCKS = ("--block-size", "4", "--block-size", "6", "--allocation", "1")
WHOLE = (*ARMS, "--patients", "100", *STRATA, *BLOCKS, "--seed", "1", "--out", "list.csv")


def randomise(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, "randomise", *arguments]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


def test_draw_and_verify(tmp_path) -> None:
    done = randomise(*WHOLE, "--blinded", "blinded.csv", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    table = pl.read_csv(tmp_path / "list.csv")
    assert found["rows"] == table.height >= 400
    assert table.group_by("stratum").len()["len"].min() >= 100
    assert found["balance"]["patients"] == {
        arm: table.filter(arm=arm).height for arm in ("control", "experimental")
    }
    assert "arm" not in pl.read_csv(tmp_path / "blinded.csv").columns
    assert "seed is short" in done.stderr
    checked = randomise("--verify", "list.csv", "--digest", found["digest"], "--json", cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert json.loads(checked.stdout)["untouched"] is True

    file = tmp_path / "list.csv"
    lines = file.read_text(encoding="utf-8").split("\n")
    lines[7] = lines[7].replace("control", "x").replace("experimental", "control")
    file.write_text("\n".join(lines), encoding="utf-8")
    checked = randomise("--verify", "list.csv", "--json", cwd=tmp_path)
    assert checked.returncode == 1
    assert json.loads(checked.stdout)["changed_rows"] == [7]
    assert checked.stderr.startswith("debulk: list.csv: changed: row 7.")


def test_the_same_command_gives_the_same_bytes(tmp_path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        assert randomise(*WHOLE, cwd=tmp_path / folder).returncode == 0
    for name in ("list.csv", "list.csv.seal.json"):
        first, second = (tmp_path / each / name for each in ("a", "b"))
        assert first.read_bytes() == second.read_bytes()


def test_without_a_seed_it_is_told_to_nobody(tmp_path) -> None:
    done = randomise(*ARMS, "--patients", "20", "--out", "list.csv", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    seal = json.loads((tmp_path / "list.csv.seal.json").read_text(encoding="utf-8"))
    assert json.loads(done.stdout)["seed"] is None
    assert seal["seed"] not in done.stdout + done.stderr
    assert done.stderr == ""
    shown = randomise("--verify", "list.csv", cwd=tmp_path)
    rows = json.loads(done.stdout)["rows"]
    assert f"untouched ({rows} rows)" in shown.stdout


def test_the_answer_in_words_takes_names_as_they_are(tmp_path) -> None:
    strata = ("--stratum", "centre=[red]A,100 %")
    done = randomise(*ARMS, "--patients", "8", *strata, "--out", "l.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for text in ("[red]A", "100 %", "digest", "by chance it is 50.0 %"):
        assert text in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((*ARMS, "--patients", "0"), "patients: 0 is outside"),
        ((*ARMS, "--patients", "9", "--stratum", "centre"), "has no ="),
        ((*ARMS, "--patients", "9", "--stratum", "centre=A,"), "cannot be a name"),
        ((*ARMS, "--patients", "9", "--stratum", "a=1", "--stratum", "a=2"), "twice"),
        ((*ARMS, "--patients", "9", "--block-size", "5"), "cannot hold the allocation"),
        ((*ARMS, "--patients", "9", "--allocation", "nan"), "--allocation: 'nan' is no number"),
        ((*ARMS, "--patients", "9", "--seed", "-3"), "seed: -3"),
        (("--arm", "one", "--patients", "9"), "--arm: has 1 name"),
    ],
)
def test_wrong_input_ends_with_1_and_one_message(tmp_path, arguments, says) -> None:
    done = randomise(*arguments, "--out", "l.csv", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert says in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        (*ARMS, "--patients", "9"),
        (*ARMS, "--out", "l.csv"),
        (*ARMS, "--patients", "many", "--out", "l.csv"),
        ("--verify", "l.csv", *ARMS),
        ("--verify", "l.csv", "--blinded", "b.csv"),
        (*WHOLE, "--digest", "0"),
    ],
)
def test_wrong_usage_ends_with_2(tmp_path, arguments) -> None:
    done = randomise(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_lists_that_are_missing_or_there_already(tmp_path) -> None:
    assert randomise("--verify", "none.csv", cwd=tmp_path).returncode == 1
    assert randomise(*WHOLE, cwd=tmp_path).returncode == 0
    again = randomise(*WHOLE, cwd=tmp_path)
    assert again.returncode == 1
    assert "never overwritten" in again.stderr
