"""Do `debulk disease continuum` and `fits` answer, write their files, and refuse clearly?"""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from debulk import InputError
from debulk.cli.disease.continuum import continuum
from debulk.cli.disease.fits import fits
from debulk.disease.model import prior_model

_PLACE = Path(__file__).parents[1] / "disease" / "hand_made.py"
HAND_MADE = runpy.run_path(str(_PLACE))
PEOPLE = ("--patients", "300")
COMMANDS = ("continuum", "fits")


@pytest.fixture(autouse=True)
def model(monkeypatch):
    """The prior's medians, in two structures, in place of the packaged posterior."""
    made = HAND_MADE["model_with_draws"](3)
    monkeypatch.setattr("debulk.disease.model.load_model", lambda: made)
    return made


def run(*arguments):
    app = typer.Typer()
    app.command("continuum")(continuum)
    app.command("fits")(fits)
    return CliRunner().invoke(app, arguments)


@pytest.mark.parametrize("command", COMMANDS)
def test_json_alone_on_standard_output(command) -> None:
    done = run(command, *PEOPLE, "--draws", "2", "--json")
    assert done.exit_code == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["draws"] == 2
    assert answer["patients_per_draw"] == 300
    assert answer["provenance"]["seed"] == 1
    assert answer["files"] == []
    if command == "continuum":
        assert set(answer["extents"][0]) >= {"extent", "cure", "occult", "published"}
        assert set(answer["extents"][0]["cure"]) >= {"median", "lower", "upper"}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_sentence_and_a_table(command) -> None:
    done = run(command, *PEOPLE)
    assert done.exit_code == 0, done.stderr
    assert "90 %" in done.stdout
    assert ("Stage III" if command == "continuum" else "overall-survival") in done.stdout
    assert "\u2026" not in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 80


@pytest.mark.parametrize("command", COMMANDS)
def test_files_in_a_folder_that_is_made(command, tmp_path) -> None:
    folder = tmp_path / "new" / "folder"
    done = run(command, *PEOPLE, "--draws", "1", "--out", str(folder), "--json")
    assert done.exit_code == 0, done.stderr
    answer = json.loads(done.stdout)
    kinds = ("svg", "pdf", "png", "html", "json")
    assert answer["files"] == [f"{command}.{kind}" for kind in kinds]
    assert sorted(path.name for path in folder.iterdir()) == sorted(answer["files"])
    assert json.loads((folder / f"{command}.json").read_text("utf-8"))["draws"] == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_the_same_seed_gives_the_same_bytes(command) -> None:
    first, second = (run(command, *PEOPLE, "--seed", "5", "--json") for _ in range(2))
    other = run(command, *PEOPLE, "--seed", "6", "--json")
    assert first.stdout == second.stdout != other.stdout


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--draws", "0"), "--draws: 0 draws asked for, the posterior has 3. Give 1 to 3"),
        (("--draws", "4"), "--draws: 4 draws asked for"),
        (("--patients", "0"), "--patients: 0 is below 1"),
        (("--patients", "99999999"), "--patients: 99,999,999 in each of 3 draws are more than"),
        (("--seed", "-1"), "--seed: -1 is out of range"),
    ],
    ids=str,
)
def test_wrong_numbers_name_their_option(command, arguments, words) -> None:
    done = run(command, *arguments)
    assert isinstance(done.exception, InputError)
    assert str(done.exception).startswith(words)


@pytest.mark.parametrize("command", COMMANDS)
def test_unknown_options_and_words_for_numbers_are_usage_errors(command) -> None:
    assert run(command, "--extent", "all").exit_code == 2
    assert run(command, "--draws", "many").exit_code == 2
    assert run(command, "here").exit_code == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_in_the_place_of_the_folder_is_refused_first(command, tmp_path) -> None:
    place = tmp_path / "file"
    place.write_text("")
    done = run(command, "--out", str(place), "--patients", "10000000")
    assert isinstance(done.exception, InputError)
    assert "is a file, not a folder" in str(done.exception)
    assert place.read_text() == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_cannot_be_made_is_refused(command, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    done = run(command, "--out", str(tmp_path / "file" / "below"))
    assert isinstance(done.exception, InputError)
    assert "cannot be written" in str(done.exception)


def test_one_parameter_set_takes_one_draw(monkeypatch) -> None:
    monkeypatch.setattr("debulk.disease.model.load_model", prior_model)
    done = run("continuum", *PEOPLE, "--draws", "2")
    assert isinstance(done.exception, InputError)
    assert "the model has one parameter set" in str(done.exception)
    assert "no bands" in run("continuum", *PEOPLE).stdout
