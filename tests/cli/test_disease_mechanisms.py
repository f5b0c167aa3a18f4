"""Does `debulk disease mechanisms` answer, write its files, and say clearly what is wrong?"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from debulk.cli.disease.mechanisms import mechanisms
from debulk.cli.plain_refusals import PlainGroup
from debulk.core import InputError
from debulk.disease import Posterior
from debulk.disease.parameters import parameter_entries

_app = typer.Typer(cls=PlainGroup)
_app.command("mechanisms")(mechanisms)
_app.command("other")(lambda: None)

QUICK = ("--patients", "160", "--only", "surge", "--only", "occult", "--no-sobol")


def debulk(*arguments: str):
    """Run the command in this process."""
    return CliRunner().invoke(_app, ["mechanisms", *arguments])


@pytest.fixture(autouse=True)
def _posterior(monkeypatch) -> None:
    """Two draws near the priors' medians, of two structures."""
    values = {
        name: np.array([entry.value, entry.value])
        for name, entry in parameter_entries().items()
        if entry.free
    }
    sample = Posterior(values, ("reference", "no-immunity"), {"seed": 1})
    monkeypatch.setattr("debulk.disease.model.packaged_posterior", lambda: sample)


def test_json_alone_is_on_standard_output() -> None:
    done = debulk("orchestra", *QUICK, "--json")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert [each["mechanism"] for each in answer["mechanisms"]] == ["occult", "surge"]
    assert {"hazard_ratio_on", "hazard_ratio_off", "monte_carlo_error"} <= set(
        answer["mechanisms"][0]
    )
    assert answer["worlds"]["null"]["hazard_ratio"] == 1.0
    assert answer["draws"] == 2
    assert answer["sobol"] is None
    assert answer["files"] == {}


def test_tables_sentences_and_files(tmp_path: Path) -> None:
    folder = tmp_path / "found"
    options = ("--sobol-samples", "8", "--sobol-patients", "50", "--draws", "1")
    done = debulk("orchestra", *QUICK[:-1], *options, "--out", str(folder))
    assert done.exit_code == 0, done.output
    for words in ("Each mechanism switched alone", "null world", "In whom", "Sobol"):
        assert words in done.stdout
    result = json.loads((folder / "mechanisms.json").read_text(encoding="utf-8"))
    assert result["draws"] == 1
    assert len(result["sobol"]["indices"]) == 2
    page = (folder / "mechanisms.html").read_text(encoding="utf-8")
    assert "What the mechanisms are worth" in page
    assert "as the model has them" in page
    assert (folder / "mechanisms.svg").read_bytes().startswith(b"<svg")


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second, other = (
        debulk("orchestra", *QUICK, "--json", "--seed", seed).stdout for seed in ("3", "3", "4")
    )
    assert first == second
    assert first != other


def test_strength_and_set_change_the_model() -> None:
    options = ("--json", "--strength", "surge=3", "--set", "disease.irel=0.5")
    answer = json.loads(debulk("orchestra", *QUICK, *options).stdout)
    used = {each["name"]: each["value"] for each in answer["provenance"]["parameters"]}
    assert used["disease.mechanism.surge"] == 3.0
    assert used["disease.irel"] == 0.5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("orchestra", "--only", "surg"), "--only: there is no mechanism 'surg'"),
        (("orchestra", "--strength", "surge"), "--strength surge: is not NAME=VALUE"),
        (("orchestra", "--strength", "surg=1"), "--strength surg=1: there is no mechanism"),
        (("orchestra", "--strength", "surge=x"), "--strength surge=x: 'x' is not a number"),
        (("orchestra", "--strength", "surge=11"), "--strength surge=11: 11.0 is not from 0 to 10"),
        (("orchestra", "--strength", "occult=2"), "--strength occult=2: 2.0 is not from 0 to 1"),
        (
            ("orchestra", "--strength", "surge=1", "--strength", "surge=2"),
            "--strength surge=2: 'surge' is given twice",
        ),
        (("orchestra", "--patients", "0"), "--patients: found 0"),
        (("orchestra", "--draws", "3"), "--draws: found 3"),
        (("orchestra", "--sobol-samples", "48"), "--sobol-samples: found 48"),
        (("orchestra", "--sobol-patients", "5"), "--sobol-patients: found 5"),
        (("orchestra", "--seed", "-1"), "--seed: -1 is outside"),
        (("greccar-8",), "the disease model does not fit it"),
        (("orchestr",), "orchestra"),
    ],
)
def test_what_is_wrong_is_named_as_it_was_typed(arguments, words: str) -> None:
    done = debulk(*arguments)
    assert isinstance(done.exception, InputError)
    assert words in str(done.exception)
    assert done.stdout == ""


def test_nothing_is_left_where_the_input_is_wrong(tmp_path: Path) -> None:
    debulk("orchestra", "--only", "surg", "--out", str(tmp_path / "found"))
    assert not any(tmp_path.rglob("*.json"))
