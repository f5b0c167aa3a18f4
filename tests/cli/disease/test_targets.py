"""Does `debulk disease targets` answer, write whole files, and say clearly what is wrong?"""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from debulk.cli.disease.targets import RESULTS, targets
from debulk.core import InputError

KEYS = ("name", "evidence_ids", "published", "lower", "upper", "interval", "simulated")
SMALL = ("--prior", "--patients", "200", "--only", "clocc_control_5y", "--only", "stage_1")

app = typer.Typer()
app.command()(targets)


def debulk(*arguments: str) -> str:
    """Run the command; complaints are raised as they are."""
    found = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert found.exit_code == 0, found.stderr
    return found.stdout


def test_json_has_the_agreed_keys_and_the_file_the_same(tmp_path):
    told = json.loads(debulk(*SMALL, "--json", "--out", str(tmp_path / "out")))
    assert [row["name"] for row in told["targets"]] == ["stage_1", "clocc_control_5y"]
    for row in told["targets"]:
        assert {*KEYS, "monte_carlo_se", "inside"} <= set(row)
    assert told["targets"][1]["evidence_ids"] == ["trials:CLOCC/os_rates#5y-control"]
    assert set(told) >= {"targets", "inside_share", "posterior"}
    assert {"draws", "sha256"} <= set(told["posterior"])
    assert json.loads((tmp_path / "out" / RESULTS).read_text(encoding="utf-8")) == told


def test_the_table_stands_under_its_themes():
    text = debulk(*SMALL)
    assert "Stage and recurrence" in text
    assert "Ablation of all liver metastases (CLOCC)" in text
    assert "1 targets with evidence" in text
    assert "One parameter set; 200 virtual patients" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--patients", "20"), "--patients: 20 is below 200"),
        (("--seed", "-1"), "--seed: -1 is below 0"),
        (("--only", "clocc"), "--only: no target is called 'clocc'"),
        (("--posterior", "nothing.parquet"), "--prior: a posterior file is given as well"),
        (("--targets", "nothing.yaml"), "nothing.yaml: there is no such file"),
    ],
)
def test_what_cannot_be_is_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        debulk("--prior", *arguments)
