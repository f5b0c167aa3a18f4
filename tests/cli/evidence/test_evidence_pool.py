"""Does `debulk evidence pool` pool what is asked for, say what it mixes, and refuse clearly?"""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from debulk.cli.evidence.pooling import pool
from debulk.cli.plain_refusals import PlainGroup
from debulk.core import InputError
from debulk.evidence.pooling.random_effects import pool as pool_effects

_app = typer.Typer(cls=PlainGroup)
_app.command("pool")(pool)
_app.command("other")(lambda: None)

LOCAL = ("--outcome", "overall survival", "--design", "randomised", "--domain", "mcrc")
CONTRACT = [
    *("k", "method", "interval", "estimate", "se", "lower", "upper", "tau2", "i2", "q", "q_p"),
    *("prediction", "studies"),
]
HAND_MADE = """study,hr,lower,upper,n,organ,year
Alpha,0.50,0.34,0.74,120,liver,2001
Beta,0.80,0.66,0.97,400,liver,2003
Gamma,1.25,0.69,2.25,60,lung,2002
Delta,0.70,0.50,0.98,150,lung,2004
"""
OWN = """studies:
  - study: Riverside 2024
    source: doi:10.1000/riverside.1
    design: randomised
    domain: mcrc
    organ: liver
    modality: resection
    year: 2024
    n: 90
    findings:
      - {quantity: hazard ratio for death, value: 0.7, lower: 0.5, upper: 0.98, unit: ratio}
"""
_CLOSED = 1e-12
"""Closed forms in the same arithmetic; only the order of sums differs."""


def debulk(*arguments: str):
    """Run the command in this process."""
    return CliRunner().invoke(_app, ["pool", *arguments])


def answer(*arguments: str):
    done = debulk(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture
def table(tmp_path: Path) -> str:
    """A user's table of four studies."""
    path = tmp_path / "mine.csv"
    path.write_text(HAND_MADE)
    return str(path)


def test_the_packaged_trials_of_local_treatment_pool_without_further_options() -> None:
    found = answer(*LOCAL)
    names = [each["name"] for each in found["studies"]]
    assert {"ORCHESTRA", "CLOCC", "TransMet"} <= set(names)
    assert "CAIRO5" not in names
    assert found["measure"] == "hazard ratio"
    assert found["outcome"] == "death"
    assert found["k"] == len(names)
    assert any("CAIRO5" in each["reason"] for each in found["exclusions"])
    assert sum(each["weight"] for each in found["studies"]) == pytest.approx(1.0, rel=_CLOSED)


def test_the_contract_stands_first_and_natural_numbers_are_the_exponentials() -> None:
    found = answer(*LOCAL)
    assert list(found)[: len(CONTRACT)] == CONTRACT
    for key in ("estimate", "lower", "upper"):
        assert found["natural"][key] == pytest.approx(math.exp(found[key]), rel=_CLOSED)
    for end in ("lower", "upper"):
        expected = math.exp(found["prediction"][end])
        assert found["natural"]["prediction"][end] == pytest.approx(expected, rel=_CLOSED)
    again = pool_effects(
        [each["estimate"] for each in found["studies"]], [each["se"] for each in found["studies"]]
    )
    assert found["estimate"] == pytest.approx(again.estimate, rel=_CLOSED)


def test_the_answer_says_what_is_mixed_and_what_was_left_out() -> None:
    done = debulk(*LOCAL)
    assert done.exit_code == 0, done.output
    told = " ".join(done.stdout.split())
    assert "This pool mixes organs: several organs (1)" in told
    assert "it is the effect in none of them" in told
    assert "New EPOC, 80405, CAIRO5: systemic against systemic, not local treatment" in told
    assert "Held out, pooled to describe and never to set a number: ORCHESTRA" in told


def test_only_local_treatment_against_none_is_pooled_unless_asked_otherwise() -> None:
    usual = answer(*LOCAL)
    names = {each["name"] for each in usual["studies"]}
    assert names.isdisjoint({"COLLISION", "PRODIGE 7", "RECOURSE"})
    reasons = [each["reason"] for each in usual["exclusions"]]
    assert any(each.startswith("COLLISION: local against local") for each in reasons)
    assert any(each.startswith("PRODIGE 7: more local against less") for each in reasons)
    every = {each["name"] for each in answer(*LOCAL, "--comparison", "any")["studies"]}
    assert every >= names | {"COLLISION", "PRODIGE 7", "CAIRO5"}
    against = answer(*LOCAL, "--comparison", "local against none")["studies"]
    assert {each["name"] for each in against} == names - {"iPACS"}


def test_a_pool_of_another_question_alone_says_how_to_ask_for_it() -> None:
    refused = debulk("--outcome", "overall survival", "--modality", "HIPEC")
    assert refused.exit_code != 0
    assert "Add --comparison any" in str(refused.exception)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--key", "trials:CLOCC/hr_oz"), "Did you mean 'trials:CLOCC/hr_os'"),
        (("--key", "trials:CLOCC/hr_os", "--key", "trials:CLOCC/hr_os"), "is named twice"),
        (("--key", "trials:CLOCC/hr_os", "--domain", "ovarian"), "no finding has all of these"),
        (
            ("--key", "trials:CLOCC/hr_os", "--key", "trials:LION/hr_os", "--domain", "mcrc"),
            "'trials:LION/hr_os' is not among what the other options choose",
        ),
        (("--study", "CLOC"), "Did you mean 'CLOCC'"),
        (("--quantity", "5 y OS"), "--quantity: '5 y OS'"),
        ((*LOCAL, "--without", "CLOC"), "'CLOC' is not among the studies"),
        ((*LOCAL, "--risk", "immortal_tim=low"), "Did you mean 'immortal_time'"),
    ],
)
def test_hostile_names_that_nothing_has_are_refused(options: tuple[str, ...], told: str) -> None:
    refused = debulk(*options)
    assert isinstance(refused.exception, InputError)
    assert told in str(refused.exception)


def test_studies_left_out_by_name_are_counted(table: str) -> None:
    for given, names in ((LOCAL, ("TransMet", "iPACS")), ((table,), ("Gamma",))):
        left = [word for name in names for word in ("--without", name)]
        found = answer(*given, *left)
        assert {each["name"] for each in found["studies"]}.isdisjoint(names)
        expected = {"reason": f"{', '.join(names)}: left out as asked for", "count": len(names)}
        assert expected in [
            {"reason": each["reason"], "count": each["count"]} for each in found["exclusions"]
        ]


def test_hostile_every_study_left_out_is_refused(table: str) -> None:
    names = ("Alpha", "Beta", "Gamma", "Delta")
    for given, left in (((table,), names), (("--key", "trials:CLOCC/hr_os"), ("CLOCC",))):
        refused = debulk(*given, *(word for name in left for word in ("--without", name)))
        assert isinstance(refused.exception, InputError)
        assert "--without: every study would be left out" in str(refused.exception)


def test_extent_role_and_risk_choose_as_they_do_in_lists() -> None:
    found = answer(*LOCAL, "--extent", "liver_only", "--risk", "immortal_time=low")
    assert {each["groups"]["extent"] for each in found["studies"]} == {"liver_only"}
    set_by = answer(*LOCAL, "--role", "validation")
    assert {each["groups"]["role"] for each in set_by["studies"]} == {"validation"}


def test_systemic_trials_pool_where_asked_for() -> None:
    names = [each["name"] for each in answer(*LOCAL, "--modality", "systemic")["studies"]]
    assert "CAIRO5" in names
    assert "ORCHESTRA" not in names


def test_shares_are_pooled_on_the_logit_and_told_as_shares() -> None:
    found = answer("--quantity", "5y OS", "--design", "cohort", "--design", "registry")
    assert (found["measure"], found["scale"], found["no_effect"]) == ("proportion", "logit", None)
    assert 0.0 < found["natural"]["lower"] < found["natural"]["estimate"] < 1.0
    assert found["natural"]["unit"] == "share"


def test_a_table_of_ones_own_with_every_check(table: str) -> None:
    found = answer(
        *(table, "--subgroup", "organ", "--cumulative-by", "year", "--leave-one-out"),
        *("--small-study", "--bayes", "--tau-scale", "0.3"),
    )
    assert [each["name"] for each in found["subgroups"]["groups"]] == ["liver", "lung"]
    assert [each["value"] for each in found["cumulative"]["rows"]] == [2001, 2002, 2003, 2004]
    last = found["cumulative"]["rows"][-1]
    assert last["estimate"] == pytest.approx(found["estimate"], rel=_CLOSED)
    assert [each["name"] for each in found["leave_one_out"]["rows"]] == [
        *("Alpha", "Beta", "Gamma", "Delta")
    ]
    assert 0.0 <= found["small_study"]["test"]["p"] <= 1.0
    assert found["bayes"]["tau_prior"] == {"prior": "half-normal", "scale": 0.3}
    assert found["inputs"].keys() == {"mine.csv"}
    assert len(found["inputs"]["mine.csv"]) == 64


def test_a_moderator_takes_the_prediction_away_and_has_a_coefficient(table: str) -> None:
    found = answer(table, "--moderator", "year")
    assert [each["name"] for each in found["coefficients"]] == ["intercept", "year"]
    assert found["natural"]["prediction"] == {"lower": None, "upper": None}


def test_common_effects_have_no_prediction_and_t_widens_it(table: str) -> None:
    common = answer(table, "--method", "ee", "--interval", "wald")
    assert common["prediction"] == {"lower": None, "upper": None}
    usual, wider = answer(table), answer(table, "--prediction", "t")
    assert wider["prediction"]["upper"] > usual["prediction"]["upper"]


def test_a_folder_gets_pictures_page_and_numbers(table: str, tmp_path: Path) -> None:
    folder = tmp_path / "found"
    found = answer(table, "--small-study", "--out", str(folder))
    names = sorted(each.name for each in folder.iterdir())
    assert names == sorted(
        [f"{name}.{kind}" for name in ("forest", "funnel") for kind in ("svg", "pdf", "png")]
        + ["pool.html", "pool.json"]
    )
    assert sorted(Path(each).name for each in found["files"]) == names
    written = json.loads((folder / "pool.json").read_text())
    assert written["estimate"] == found["estimate"]
    assert "https://" not in (folder / "pool.html").read_text()


def test_one_figure_alone(table: str, tmp_path: Path) -> None:
    path = tmp_path / "forest.svg"
    assert debulk(table, "--figure", str(path)).exit_code == 0
    assert path.read_bytes().startswith(b"<svg")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--outcome 'overall survival'"),
        (("--outcome", "overal survival"), "Did you mean 'overall survival'"),
        ((*LOCAL, "--design", "randomized"), "--design"),
        ((*LOCAL, "--organ", "lymph nodes"), "no finding has all of these"),
        ((*LOCAL, "--subgroup", "orgen"), "--subgroup: there is no column 'orgen'"),
        ((*LOCAL, "--moderator", "size"), "--moderator: there is no column 'size'"),
        ((*LOCAL, "--cumulative-by", "yaer"), "Did you mean 'year'"),
        ((*LOCAL, "--level", "95"), "--level"),
        ((*LOCAL, "--bayes", "--tau-scale", "-1"), "--tau-scale"),
        ((*LOCAL, "--favours", "this"), "--favours"),
        ((*LOCAL, "--measure", "odds ratio"), "--measure"),
        ((*LOCAL, "--figure", "forest.gif"), ".svg"),
        (("nowhere.csv",), "nowhere.csv"),
        (("--with", "nowhere.yaml", *LOCAL), "nowhere.yaml"),
        (("--key", "trials:CLOCC/hr_os"), "1 study"),
        (("--study", "CLOCC"), "Choose one with --key"),
    ],
)
def test_hostile_wishes_are_one_clear_complaint(arguments, words, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = debulk(*arguments, "--out", "found")
    assert isinstance(done.exception, InputError), done.output
    assert words in str(done.exception)
    assert [each.name for each in tmp_path.rglob("*") if each.is_file()] == []


def test_hostile_table_and_filters_together(table: str) -> None:
    done = debulk(table, *LOCAL)
    assert isinstance(done.exception, InputError)
    assert "--outcome" in str(done.exception)


@pytest.mark.parametrize(
    "arguments", [("--method", "remel"), ("--nonsense",), ("--level", "wide"), ("a.csv", "b.csv")]
)
def test_hostile_usage_ends_with_2(arguments) -> None:
    assert debulk(*arguments).exit_code == 2


def test_a_study_of_ones_own_joins_the_packaged_ones(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(OWN)
    found = answer(*LOCAL, "--with", str(path))
    without = answer(*LOCAL)
    assert found["k"] == without["k"] + 1
    last = found["studies"][-1]
    assert (last["name"], last["patients"]) == ("Riverside 2024", 90)
    assert "10.1000/riverside.1" in last["source"]
    assert list(found["inputs"]) == ["own.yaml"]


def test_names_that_look_like_markup_are_printed_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "marked.csv"
    path.write_text("study,hr,lower,upper\n[/bold] x,0.5,0.3,0.8\n[b]y[/b],0.6,0.3,1.2\n")
    done = debulk(str(path))
    assert done.exit_code == 0, done.output
    assert "[/bold] x" in done.stdout
    assert "[b]y[/b]" in done.stdout


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ("alpha,0.8,0.66,0.97,", "mine.csv, row 3, column 'study': 'alpha' stands there twice"),
        ("Beta,0.8,0.66,0.97,doi:10.1000/x", "mine.csv, row 3, column 'source'"),
    ],
)
def test_hostile_a_study_pooled_with_itself(tmp_path: Path, second: str, words: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(f"study,hr,lower,upper,source\nAlpha,0.5,0.34,0.74,doi:10.1000/x\n{second}\n")
    done = debulk(str(path))
    assert isinstance(done.exception, InputError), done.output
    assert words in str(done.exception)


def test_a_missing_year_names_the_study_and_how_to_leave_it_out() -> None:
    asked = ("--quantity", "5y OS", "--moderator", "year")
    refused = debulk(*asked)
    assert isinstance(refused.exception, InputError)
    told = str(refused.exception)
    assert "--moderator year: the value is missing for Single HPB centre 1992-2002" in told
    assert "--without 'Single HPB centre 1992-2002'" in told
    found = answer(*asked, "--without", "Single HPB centre 1992-2002")
    assert [each["name"] for each in found["coefficients"]] == ["intercept", "year"]


def test_a_folder_holds_nothing_of_a_former_run(table: str, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    folder = tmp_path / "found"
    answer(table, "--small-study", "--out", str(folder))
    (folder / "notes.txt").write_text("mine")
    found = answer(table, "--out", str(folder))
    lying = {str(each) for each in folder.iterdir()}
    assert lying == {*found["files"], str(folder / "notes.txt")}


def test_a_long_table_is_printed_in_part_and_told_whole(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    rows = [f"S{i},{0.5 + i / 1000},{0.3 + i / 1000},{0.9 + i / 1000}" for i in range(80)]
    path.write_text("\n".join(["study,hr,lower,upper", *rows]))
    printed = debulk(str(path)).stdout
    assert "S49" in printed
    assert "S50" not in printed
    assert "and 30 more, see --json" in printed
    assert len(answer(str(path))["studies"]) == len(rows)


def test_a_table_says_whether_its_numbers_have_sources(table: str, tmp_path: Path) -> None:
    assert any("No source is given" in each for each in answer(table)["remarks"])
    path = tmp_path / "sources.csv"
    path.write_text("study,hr,lower,upper,source\nA,0.5,0.3,0.9,doi:10.1000/x\nB,0.8,0.5,1.2,\n")
    refused = debulk(str(path))
    assert isinstance(refused.exception, InputError)
    assert "row 3, column 'source': study 'B' has no source" in str(refused.exception)


def test_semicolons_between_cells_are_named(tmp_path: Path) -> None:
    path = tmp_path / "semi.csv"
    path.write_text("study;hr;lower;upper\nA;0,5;0,3;0,9\n")
    refused = debulk(str(path))
    assert "separated by semicolons" in str(refused.exception)


def test_years_of_a_table_are_whole(table: str) -> None:
    printed = debulk(table, "--cumulative-by", "year").stdout
    assert "(2001)" in printed
    assert "2001.0" not in printed
