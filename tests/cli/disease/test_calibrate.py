"""Does `debulk disease calibrate` answer, resume, and say clearly what is wrong?"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import typer
import yaml
from typer.testing import CliRunner

from debulk.cli.disease.calibrate import calibrate
from debulk.cli.plain_refusals import PlainGroup
from debulk.core.errors import InputError
from debulk.disease.calibration import Priors, Problem, ProblemTarget, disease_problem

SMALL = (
    *("--members", "12", "--waves", "2", "--refinements", "1", "--draws", "6"),
    *("--checked", "3"),
)


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run the command as a user does, on a problem of two parameters."""
    monkeypatch.chdir(tmp_path)
    app = typer.Typer(cls=PlainGroup, pretty_exceptions_enable=False)
    app.command("calibrate")(calibrate)
    app.command("other")(lambda: None)

    def invoke(*arguments: str):
        return CliRunner().invoke(app, ["calibrate", *arguments])

    return invoke


@pytest.fixture
def toy(monkeypatch):
    """Two structures of a simulator that answers at once."""
    runs = []

    def simulate(values, structure, seed):
        runs.append(structure)
        shift = 0.5 if structure == "exponential" else 0.0
        return np.array([values[0] + shift, values.sum()]), np.zeros(2)

    flat = np.full(2, np.inf)
    priors = Priors(("a", "b"), ("normal",) * 2, np.zeros(2), np.ones(2), -flat, flat)
    targets = (ProblemTarget("first", "g", 0.5, 0.2), ProblemTarget("sum", "g", 1.0, 0.2))

    def make(*, targets: Path | None, patients: int):
        assert targets is None
        identity = {"patients": patients}
        return Problem(
            priors, wanted, simulate, ("reference", "exponential"), {}, patients, identity
        )

    wanted = targets
    monkeypatch.setattr(disease_problem, "disease_problem", make)
    return runs


def test_a_table_and_where_the_files_are(run, toy, tmp_path):
    done = run(*SMALL, "--out", "found")
    assert done.exit_code == 0, done.output
    assert "reference" in done.stdout
    assert "exponential" in done.stdout
    assert "12 draws" in done.stdout
    names = {each.name for each in (tmp_path / "found").iterdir()}
    assert {"posterior.parquet", "posterior.json", "identifiability.json"} <= names


def test_json_alone(run, toy):
    done = run(*SMALL, "--out", "found", "--structure", "reference", "--json")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["posterior"]["draws"] == 6
    assert answer["structures"][0]["waves"][0]["members"] == 12
    assert answer["provenance"]["settings"]["seed"] == 1
    assert Path(answer["files"]["posterior.parquet"]).exists()


def test_quick_is_the_reference_structure_alone(run, toy):
    done = run("--quick", "--json")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert [each["structure"] for each in answer["structures"]] == ["reference"]
    assert answer["provenance"]["settings"]["patients"] == 300
    (made,) = Path("runs").iterdir()
    assert made.name.startswith("calibration-")
    first = len(toy)
    again = run("--quick", "--json")
    assert again.stdout == done.stdout
    assert len(toy) == first


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--members", "3"), "--members: 3 is out of range"),
        (("--waves", "0"), "--waves"),
        (("--refinements", "0"), "--refinements"),
        (("--draws", "0"), "--draws"),
        (("--checked", "-1"), "--checked"),
        (("--seed", "-1"), "--seed"),
        (("--tails", "0.2"), "--tails"),
        (("--at-once", "0"), "--at-once"),
        (("--workers", "0"), "--workers"),
        (("--structure", "referense"), "--structure: 'referense' is not known"),
        (("--out", "taken"), "is a file"),
        (("--out", "long" * 100), "File name too long"),
    ],
)
def test_wrong_options_are_one_message_and_nothing_is_written(run, toy, tmp_path, arguments, words):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    done = run(*SMALL, *arguments)
    assert isinstance(done.exception, InputError), done.output
    assert words in str(done.exception)
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]
    assert not toy


def test_interruption_keeps_what_is_finished(run, toy, monkeypatch, tmp_path):
    def stop(values, structure, seed):
        raise KeyboardInterrupt

    made = disease_problem.disease_problem(targets=None, patients=600)
    whole = made.simulate

    def later(values, structure, seed):
        if len(toy) >= 5:
            raise KeyboardInterrupt
        return whole(values, structure, seed)

    for simulate, kept in ((stop, False), (later, True)):
        monkeypatch.setattr(
            disease_problem,
            "disease_problem",
            lambda simulate=simulate, **_: Problem(
                made.priors, made.targets, simulate, made.structures
            ),
        )
        done = run(*SMALL, "--out", "part")
        assert done.exit_code != 0
        words = "the same command" if kept else "nothing was written"
        assert words in done.stderr
        assert (tmp_path / "part").exists() == kept


def test_targets_kept_for_validation_are_refused(run, tmp_path):
    """A table into which a validation row has been smuggled."""
    from importlib.resources import files

    from debulk.evidence.record import findings_by_key

    forbidden = sorted(key for key, row in findings_by_key().items() if row.role == "validation")[0]
    text = (files("debulk") / "data" / "disease" / "targets.yaml").read_text(encoding="utf-8")
    table = yaml.safe_load(text)
    with_evidence = next(each for each in table["targets"] if each.get("evidence"))
    with_evidence["evidence"] = [forbidden]
    (tmp_path / "tampered.yaml").write_text(yaml.safe_dump(table), encoding="utf-8")
    done = run("--quick", "--targets", "tampered.yaml", "--out", "found")
    assert isinstance(done.exception, InputError), done.output
    assert "validation" in str(done.exception)
    assert forbidden in str(done.exception)
    assert not (tmp_path / "found").exists()
