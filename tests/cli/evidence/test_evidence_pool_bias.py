"""Does `debulk evidence pool --bias` adjust by the laboratory's table, and refuse to guess?"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from debulk.cli.evidence.pooling import pool
from debulk.cli.plain_refusals import PlainGroup
from debulk.core import InputError

_app = typer.Typer(cls=PlainGroup)
_app.command("pool")(pool)
_app.command("other")(lambda: None)

STUDIES = """study,hr,lower,upper,design,organ,immortal_time
Alpha,0.50,0.34,0.74,cohort,liver + lung,high
Beta,0.80,0.66,0.97,cohort,liver,low
Gamma,1.25,0.69,2.25,randomised,lung,
Delta,0.70,0.50,0.98,registry,liver,some
"""
RULES = """rules:
  - when: {immortal_time: [some, high], organ: liver}
    situations:
      - {analysis: naive, scenario: null, selection: hard, unmeasured: none}
    extra_sd: 0.3
    why: whoever lived long enough was treated
  - when: {immortal_time: low}
    situations: []
    why: followed from diagnosis
"""
LABORATORY = {
    "scenario": "null",
    "selection": "hard",
    "unmeasured": "none",
    "registries": 400,
    "methods": [{"method": "naive", "bias_log_hr": -0.4, "monte_carlo_error": 0.04}],
}
_CLOSED = 1e-12
"""Closed forms in the same arithmetic; only the order of sums differs."""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table, rules and a laboratory's file, made up, in the folder that the command runs in."""
    monkeypatch.chdir(tmp_path)
    Path("mine.csv").write_text(STUDIES)
    Path("rules.yaml").write_text(RULES)
    Path("bias.json").write_text(json.dumps(LABORATORY))
    return tmp_path


BOTH = ("--bias", "bias.json", "--bias-rules", "rules.yaml")


def debulk(*arguments: str) -> Any:
    """Run the command in this process."""
    return CliRunner().invoke(_app, ["pool", *arguments])


def answer(*arguments: str) -> dict[str, Any]:
    done = debulk(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


@pytest.mark.usefixtures("files")
def test_handworked_shifts_stand_beside_what_was_published() -> None:
    plain, found = answer("mine.csv"), answer("mine.csv", *BOTH)
    assert plain["bias_adjusted"] is None
    assert found["estimate"] == plain["estimate"]
    told = found["bias_adjusted"]
    assert [each["shift"] for each in told["studies"]] == pytest.approx([0.4, 0.0, 0.0, 0.4])
    first = told["studies"][0]
    se = math.hypot(found["studies"][0]["se"], 0.3, 0.04)
    assert first["adjusted_se"] == pytest.approx(se, rel=_CLOSED)
    assert first["natural"]["estimate"] == pytest.approx(0.5 * math.exp(0.4), rel=_CLOSED)
    assert told["natural"]["estimate"] == pytest.approx(math.exp(told["estimate"]), rel=_CLOSED)
    assert "Taken as unbiased: Beta, Gamma" in told["remarks"]
    assert sorted(found["inputs"]) == ["bias.json", "mine.csv", "rules.yaml"]


@pytest.mark.usefixtures("files")
def test_down_weighting_keeps_estimates() -> None:
    told = answer("mine.csv", *BOTH, "--bias-how", "down-weight")["bias_adjusted"]
    assert [each["shift"] for each in told["studies"]] == [0.0] * 4
    assert told["studies"][0]["adjusted_weight"] < told["studies"][0]["weight"]


@pytest.mark.usefixtures("files")
def test_the_answer_in_words_has_both_effects_and_what_is_assumed() -> None:
    told = " ".join(debulk("mine.csv", *BOTH).stdout.split())
    assert "as published" in told
    assert "with the bias of each study taken into account" in told
    assert "Assumed: Bias adds to the log hazard ratio" in told
    assert "-0.40 (0.30)" in told


def test_page_and_figures_have_the_forest_of_both(files: Path) -> None:
    answer("mine.csv", *BOTH, "--out", "found", "--figure", "both.html")
    assert (files / "found" / "bias-adjusted.svg").is_file()
    for page in (files / "found" / "pool.html", files / "both.html"):
        text = page.read_text()
        assert "Bias taken into account" in text
        assert "Input rules.yaml, SHA-256" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--bias", "bias.json"), "--bias: comes without rules"),
        (("--bias-rules", "rules.yaml"), "debulk emulate laboratory --json"),
        (("--bias-how", "down-weight"), "--bias-how: comes without a table of biases"),
        ((*BOTH, "--moderator", "organ"), "--bias: does not go with --moderator"),
        (("--bias", "nowhere.json", "--bias-rules", "rules.yaml"), "nowhere.json"),
        (("--bias", "rules.yaml", "--bias-rules", "rules.yaml"), "rules.yaml, line 1: not JSON"),
    ],
)
@pytest.mark.usefixtures("files")
def test_hostile_wishes_are_one_clear_complaint(arguments: tuple[str, ...], words: str) -> None:
    done = debulk("mine.csv", *arguments)
    assert isinstance(done.exception, InputError), done.output
    assert words in str(done.exception)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("organ: liver}", "organ: livver}", "line 2, rules.0.when.organ: organ is never 'livver'"),
        ("[some, high]", "[some, hihg]", "Did you mean 'high'"),
        ("immortal_time: low", "immortal_tme: low", "'immortal_tme' is not coded, but rules.yaml"),
        ("immortal_time: low", "immortal_time: unclear", "'Beta': no rule fits"),
        ("selection: hard", "selection: herd", "no selection 'herd' in the tables of bias"),
    ],
)
def test_hostile_rules_name_their_line(files: Path, before: str, after: str, words: str) -> None:
    assert before in RULES
    (files / "rules.yaml").write_text(RULES.replace(before, after))
    done = debulk("mine.csv", *BOTH)
    assert isinstance(done.exception, InputError), done.output
    assert words in str(done.exception)


def test_hostile_measure_without_a_hazard_ratio(files: Path) -> None:
    (files / "counts.csv").write_text("study,events,n\nA,5,50\nB,7,60\n")
    done = debulk("counts.csv", *BOTH)
    assert isinstance(done.exception, InputError)
    assert "--bias: a proportion is pooled" in str(done.exception)


def test_scale_and_correction_of_counts(files: Path) -> None:
    (files / "counts.csv").write_text("study,events,n\nA,0,50\nB,7,60\nC,12,80\n")
    usual, small = answer("counts.csv"), answer("counts.csv", "--correction", "0.1")
    assert small["studies"][0]["estimate"] == pytest.approx(math.log(0.1 / 50.1))
    assert usual["studies"][0]["estimate"] == pytest.approx(math.log(0.5 / 50.5))
    everyone = answer("counts.csv", "--corrected", "all")
    assert everyone["studies"][1]["estimate"] == pytest.approx(math.log(7.5 / 53.5))
    shares = answer("counts.csv", "--scale", "double-arcsine")
    own = [each["estimate"] for each in shares["natural"]["studies"]]
    assert own == pytest.approx([0.0, 7 / 60, 12 / 80], abs=1e-12)
    assert shares["scale"] == "double arcsine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("mine.csv", "--scale", "logit"), "--scale: is of proportions"),
        (("mine.csv", "--correction", "-1"), "--correction: -1 is not above 0"),
        (("--outcome", "overall survival", "--corrected", "all"), "--corrected: is about a table"),
    ],
)
@pytest.mark.usefixtures("files")
def test_hostile_scales_and_corrections(arguments: tuple[str, ...], words: str) -> None:
    done = debulk(*arguments)
    assert isinstance(done.exception, InputError), done.output
    assert words in str(done.exception)
