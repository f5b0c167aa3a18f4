"""Do the commands say how far the model fits, and draw patients from the plan where it does not?"""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from debulk.cli.app import app
from debulk.core.errors import InputError

FEW = ("--set", "planned.registered=150", "--trials", "2")
runner = CliRunner()


def results(*arguments: str) -> dict:
    found = runner.invoke(app, ["trial", *arguments, "--json"], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_list_tells_the_fit_of_every_protocol() -> None:
    listed = {each["name"]: each for each in results("list")["protocols"]}
    assert listed["cairo4"]["applicability"] == "none"
    assert listed["clocc"]["applicability"] == "partial"
    assert all(each["missing"] for each in listed.values())
    shown = runner.invoke(app, ["trial", "list"], env={"COLUMNS": "120"}).stdout
    assert "disease model" in shown
    assert "sabr-comet-10 " in shown


def test_show_tells_what_is_missing() -> None:
    shown = runner.invoke(app, ["trial", "show", "cairo4"], env={"COLUMNS": "140"}).stdout
    assert "cannot stand for this trial; patients are drawn from its plan" in shown
    assert "removal of the primary tumour" in shown


def test_the_plan_makes_the_patients_in_both_worlds(tmp_path) -> None:
    hoped = results("run", "cairo4", *FEW, "--out", str(tmp_path / "a"))
    null = results("run", "cairo4", *FEW, "--null", "--out", str(tmp_path / "b"))
    assert hoped["funnel"][0]["patients"] == 150
    assert hoped["truth"]["hazard_ratio"] < 0.9
    assert null["truth"]["hazard_ratio"] == 1.0


@pytest.mark.parametrize(
    "options", [("--without", "pause"), ("--with", "pause"), ("--set", "disease.k1=0.03")]
)
def test_a_plan_has_no_disease_to_change(tmp_path, options) -> None:
    arguments = ["trial", "run", "cairo4", *FEW, *options, "--out", str(tmp_path / "a")]
    with pytest.raises(InputError, match="drawn from its plan"):
        runner.invoke(app, arguments, catch_exceptions=False)
    assert not (tmp_path / "a").exists()
