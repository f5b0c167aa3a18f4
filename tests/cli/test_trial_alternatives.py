"""Does `debulk trial alternatives` compare, print, write, and say clearly what is wrong?"""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from debulk.cli.trial_alternatives import FILE, alternatives
from debulk.core import InputError

# As the command of a program of its own; its patients are drawn from a plan.
APP = typer.Typer()
APP.command("alternatives")(alternatives)
PROTOCOL = "cairo4"


def run(*arguments: str):
    return CliRunner().invoke(APP, [PROTOCOL, "--trials", "4", *arguments])


def test_one_json_object_and_a_file(tmp_path) -> None:
    done = run("--json", "--out", str(tmp_path / "new"), "--set", "alternatives.outside=0.4")
    assert done.exit_code == 0, done.exception
    found = json.loads(done.stdout)
    assert found == json.loads((tmp_path / "new" / FILE).read_text())
    assert [each["name"] for each in found["designs"]] == [
        "rct",
        "registry-rct",
        "twics",
        "single-arm-external",
    ]
    assert (found["trials"], found["world"]) == (4, "hoped-for")
    assert found["assumptions"]["outside"] == 0.4


def test_tables_name_designs_truth_and_assumptions() -> None:
    done = run("--designs", "rct, twics", "--null")
    assert done.exit_code == 0, done.exception
    words = " ".join(done.stdout.split())
    for part in ("null world", "TwiCs", "Assumptions", "alternatives.cohort_consent"):
        assert part in words
    assert "registry_trial" not in words


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (("--designs", "crossover"), "designs"),
        (("--set", "alternatives.cohort=0.5"), "cohort_consent"),
        (("--set", "alternatives.outside=many"), "not a number"),
        (("--set", "alternatives.outside=2"), "outside"),
        (("--set", "disease.k1=0.03"), "no disease"),
        (("--trials", "0"), "trials"),
    ],
)
def test_what_is_wrong_is_said(arguments, where) -> None:
    done = run(*arguments)
    assert isinstance(done.exception, InputError)
    assert where in str(done.exception)
