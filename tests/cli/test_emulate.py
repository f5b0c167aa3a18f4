"""Does the command answer, warn, and refuse in one sentence?"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.emulation.question.registries import cohort, patient
from tests.emulation.stubs import Stub
from typer.testing import CliRunner, Result

from debulk.cli.emulate import app
from debulk.core import InputError
from debulk.core.provenance import sha256_of
from debulk.core.results import Estimate
from debulk.emulation.method_table import Method
from debulk.reports import words


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    scans = ((3.0, "SD", 5.0), (5.0, "SD", 6.0))
    three = ("liver", "lung", "lung")
    registry = cohort(
        a=patient(last=31.0, dead=True, assessments=scans, lesions=three, age_years=60.0),
        b=patient(last=41.0, local=(4.0,), assessments=scans, lesions=three, age_years=70.0),
        c=patient(last=41.0, local=(0.5,), assessments=scans, lesions=three),
    )
    registry.write(tmp_path / "registry")
    return tmp_path / "registry"


@pytest.fixture(autouse=True)
def stub(monkeypatch: pytest.MonkeyPatch) -> Stub:
    made = Stub()
    monkeypatch.setattr(Method, "function", lambda self: made.of(self))
    monkeypatch.setenv("COLUMNS", "200")
    return made


def command(name: str, folder: Path, *arguments: str) -> Result:
    line = [name, str(folder), "orchestra", "--share", "any", "--covariate", "age_years"]
    return CliRunner().invoke(app, [*line, *arguments], catch_exceptions=False)


ASSUMED = ("--unknown", "assume-met", "--missing", "indicator")


def test_json_alone_stands_on_standard_output(folder: Path) -> None:
    result = command("run", folder, *ASSUMED, "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["protocol"], told["method"]) == ("orchestra", "clone-censor-weight")
    assert (told["patients"], told["clones"]) == (2, 4)
    assert [each["method"] for each in told["answers"]] == ["naive", "clone-censor-weight"]
    inputs = told["provenance"]["inputs"]
    assert inputs["patients.csv"] == sha256_of(folder / "patients.csv")
    assert str(folder) not in result.stdout


def test_people_get_the_warning_before_the_answers(folder: Path) -> None:
    said = command("run", folder, *ASSUMED, "--method", "all").stdout
    order = [
        "Participant flow",
        "A warning, no answer",
        "It is biased.",
        "Methods side by side",
        "the trial itself, ORCHESTRA",
        "The seven items",
        "What the registry cannot tell",
    ]
    places = [said.index(each) for each in order]
    assert places == sorted(places)
    assert "0.90 (0.70 to none)" in said
    assert "1 local treatment before time zero (prevalent treatment)" in said
    assert "mantel-byar *" in said


def test_a_method_without_an_answer_is_named(folder: Path, stub: Stub) -> None:
    stub.refuses = {"overlap"}
    said = command("run", folder, *ASSUMED, "--method", "all").stdout
    assert "overlap gave no answer: model of treatment: separation" in said


def test_options_of_the_model_reach_the_methods(folder: Path, stub: Stub) -> None:
    command("run", folder, *ASSUMED, "--form", "cox", "--knots", "4", "--truncate", "0.99")
    given = stub.given["clone-censor-weight"]
    assert (given["model"].form, given["model"].knots, given["truncate"]) == ("cox", 4, 0.99)
    with pytest.raises(InputError, match=r"^--knots: found 7"):
        command("run", folder, *ASSUMED, "--knots", "7")


KINDS = ("svg", "pdf", "png")


def test_files_are_written_whole(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = command("run", folder, *ASSUMED, "--out", str(out), "--json")
    pictures = {f"{name}.{kind}" for name in ("methods", "curves", "flow") for kind in KINDS}
    expected = {"curves.csv", "emulation.json", "flow.csv", "emulation.html", *pictures}
    assert {each.name for each in out.iterdir()} == expected
    assert json.loads((out / "emulation.json").read_text()) == json.loads(result.stdout)
    flow = (out / "flow.csv").read_text().splitlines()
    assert flow[:2] == ["step,patients,left_out,reason", "patients of the registry,3,0,"]
    curves = (out / "curves.csv").read_text().splitlines()
    assert curves[0] == "method,strategy,time_months,survival,lower,upper,at_risk"
    assert curves[1].startswith("naive,control,1.0,0.9")


def test_checks_show_what_is_unknown_without_answering(folder: Path, stub: Stub) -> None:
    result = command("checks", folder)
    assert result.exit_code == 0
    assert not stub.given
    assert "assumed met" in result.stdout
    told = json.loads(command("checks", folder, "--json").stdout)
    assert len(told["items"]) == 7
    assert told["patients"] == 2
    assert "answers" not in told


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ((), "orchestra, criteria: unknown in patients"),
        (
            ("--unknown", "assume-met", "--share", "strategy"),
            "^--share: of 1 treated patients 1 have no",
        ),
        ((*ASSUMED, "--method", "magic"), "^--method: no method 'magic'"),
        ((*ASSUMED, "--timing", "soon"), "^--timing: found 'soon'"),
        ((*ASSUMED, "--covariate", "agee"), "^--covariate: no covariate 'agee'"),
        ((*ASSUMED, "--grace-months", "2.5"), "^--grace-months: 2.5 months are no whole"),
        ((*ASSUMED, "--time-zero", "noon"), "^--time-zero: 'noon' is neither"),
        ((*ASSUMED, "--require", "E99"), "no criterion 'E99'"),
        ((*ASSUMED, "--event-cause", "flu"), "^--event-cause: nobody died of 'flu'"),
        ((*ASSUMED, "--weigh-loss"), "^--weigh-loss: the patients have no column cutoff_months"),
        (
            (*ASSUMED, "--weigh-loss", "--method", "naive"),
            "^--weigh-loss: chosen, and naive has no use",
        ),
        ((*ASSUMED, "--negative-control", "falls"), "^--negative-control: 'falls' is no column"),
        ((*ASSUMED, "--replicates", "9"), "^--replicates: chosen, and the interval 'sandwich'"),
        ((*ASSUMED, "--workers", "0"), "^--workers: 0 is out of range"),
        ((*ASSUMED, "--method", "naive", "--truncate", "0.9"), "^--truncate: .*no use for it"),
        ((*ASSUMED, "--method", "naive", "--knots", "4"), "^--form, --knots, --month: "),
        ((*ASSUMED, "--method", "sequential", "--interval", "bootstrap"), "^--interval: "),
    ],
)
def test_refusals_name_the_option(folder: Path, arguments: tuple[str, ...], match: str) -> None:
    with pytest.raises(InputError, match=match):
        command("run", folder, *arguments)


def test_no_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such"):
        command("run", tmp_path / "nothing")


def test_a_folder_is_tried_first_and_not_left_empty(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a file, not a folder"):
        command("run", folder, "--out", str(folder / "patients.csv"))
    with pytest.raises(InputError, match="unknown in patients"):
        command("run", folder, "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_where_the_main_method_gives_no_answer_it_is_said(folder: Path, stub: Stub) -> None:
    stub.refuses = {"clone-censor-weight"}
    said = command("run", folder, *ASSUMED, "--method", "all").stdout
    assert "clone-censor-weight gave no answer, see below" in said
    assert "no basis for a decision about a patient" in said
    told = json.loads(command("run", folder, *ASSUMED, "--method", "all", "--json").stdout)
    assert told["effect_of"] != "clone-censor-weight"


def test_visits_may_lie_weeks_apart(folder: Path) -> None:
    """Six visits of 42 days are 8.28 months; six months are no whole number of them."""
    asked = ("--visit-days", "42", "--grace-months", "8.28", *ASSUMED)
    told = json.loads(command("run", folder, *asked, "--json").stdout)
    parameters = {each["name"]: each for each in told["provenance"]["parameters"]}
    assert parameters["visit_months"]["value"] == 42 / 30.4375
    assert parameters["visit_months"]["status"] == "chosen"
    assert "within 8.28 months" in command("run", folder, *asked).stdout
    with pytest.raises(InputError, match=r"--grace-months: 6 months are no whole number") as caught:
        command("checks", folder, "--visit-days", "42")
    assert caught.value.remedy == "Give 5.52, or another multiple of 1.37988"
    with pytest.raises(InputError, match="--visit-days"):
        command("checks", folder, "--visit-days", "2")


def test_an_estimate_without_an_interval_stands_alone() -> None:
    from debulk.cli.emulate_printing import _estimate

    bare = Estimate("a ratio", 0.9, float("nan"), float("nan"), float("nan"), 0.95, 2, 1)
    assert _estimate(bare, words.ratio) == "0.90"
    assert _estimate(replace(bare, lower=0.7, upper=1.1), words.ratio) == "0.90 (0.70 to 1.10)"
