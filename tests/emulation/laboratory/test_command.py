"""Does `debulk emulate laboratory` answer, feed pooling, resume, and say what is wrong?"""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from debulk.cli.emulate_laboratory import laboratory
from debulk.cli.evidence.pooling import pool
from debulk.cli.plain_refusals import PlainGroup
from debulk.core.errors import InputError
from debulk.emulation.laboratory import cells

app = typer.Typer()
app.command()(laboratory)
pooling = typer.Typer(cls=PlainGroup)
pooling.command("pool")(pool)
pooling.command("other")(lambda: None)
STUDIES = """study,hr,lower,upper,design,immortal_time
Alpha,0.50,0.34,0.74,cohort,high
Beta,0.80,0.66,0.97,cohort,high
Gamma,1.25,0.69,2.25,randomised,
"""
RULES = """rules:
  - when: {immortal_time: high}
    situations:
      - {analysis: naive, scenario: null, selection: mild, unmeasured: none}
    extra_sd: 0.3
    why: whoever lived long enough was treated
"""
SMALL = ("--registries", "4", "--patients", "200", "--workers", "1", "--seed", "3")


def run(*arguments: str):
    return CliRunner().invoke(app, [*SMALL, *arguments])


def test_json_alone_has_the_keys_of_the_contract() -> None:
    done = run("--json", "--timing", "uniform")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["scenario"], told["selection"], told["unmeasured"]) == ("null", "mild", "none")
    assert (told["registries"], told["patients"]) == (4, 200)
    assert told["truth"]["uniform"]["rmst_difference_months"] == 0.0
    keys = {"method", "bias_log_hr", "coverage", "false_positive", "power", "monte_carlo_error"}
    assert all(keys <= set(each) for each in told["methods"])
    names = [each["method"] for each in told["methods"]]
    assert "clone-censor-weight-uniform" in names
    assert "clone-censor-weight-natural" not in names


def test_pooling_takes_what_it_printed(tmp_path) -> None:
    told = json.loads(run("--json").stdout)
    naive = next(each for each in told["methods"] if each["method"] == "naive")
    files = {"bias.json": json.dumps(told), "rules.yaml": RULES, "mine.csv": STUDIES}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    options = ("--bias", "bias.json", "--bias-rules", "rules.yaml")
    paths = [each if each.startswith("--") else str(tmp_path / each) for each in options]
    done = CliRunner().invoke(pooling, ["pool", str(tmp_path / "mine.csv"), *paths, "--json"])
    assert done.exit_code == 0, done.output
    adjusted = json.loads(done.stdout)["bias_adjusted"]["studies"]
    shifts = [-naive["bias_log_hr"], -naive["bias_log_hr"], 0.0]
    assert [each["shift"] for each in adjusted] == pytest.approx(shifts)


def test_a_table_files_and_a_second_run_from_what_is_kept(tmp_path) -> None:
    folder = tmp_path / "found"
    first = run("--out", str(folder), "--scenario", "harm-then-benefit")
    assert first.exit_code == 0, first.output
    assert "power" in first.stdout
    assert "clone-censor-weight-time-zero " in first.stdout
    assert "…" not in first.stdout
    assert max(map(len, first.stdout.splitlines()[:20])) <= 80
    written = {each.name for each in folder.iterdir()}
    assert {"chunks", "results.json", "scores.parquet"} <= written
    results = (folder / "results.json").read_bytes()
    again = run("--out", str(folder), "--scenario", "harm-then-benefit")
    assert again.stdout == first.stdout
    assert (folder / "results.json").read_bytes() == results
    refused = run("--out", str(folder), "--scenario", "null")
    assert isinstance(refused.exception, InputError)
    assert "other settings" in str(refused.exception)
    assert run("--out", str(folder), "--scenario", "null", "--fresh").exit_code == 0


def test_all_is_a_list_of_situations(monkeypatch) -> None:
    monkeypatch.setattr(cells, "STRENGTHS", ("none",))
    monkeypatch.setattr(cells, "SCENARIOS", ("null",))
    monkeypatch.setattr(cells, "SIZED", ())
    done = run("--all", "--json", "--bootstrap", "0")
    assert done.exit_code == 0, done.output
    assert [each["selection"] for each in json.loads(done.stdout)] == ["mild", "hard"]


def test_hostile_options_name_themselves() -> None:
    for arguments, words in (
        (("--scenario", "harm"), "--scenario: there is no scenario 'harm'"),
        (("--timing", "late"), "--timing: ('late',) are no timings"),
        (("--all", "--selection", "mild"), "--selection: 'mild' beside --all"),
        (("--model", "disease", "--scenario", "benefit-in-few"), "--scenario: the disease model"),
        (("--seed", "-1"), "--seed: -1 is out of range"),
    ):
        done = run(*arguments)
        assert isinstance(done.exception, InputError), arguments
        assert words in str(done.exception)
