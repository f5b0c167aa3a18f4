"""`debulk score` on the packaged cohort and on cohorts made by hand."""

import json

import polars as pl
import pytest
import typer
from tests.prognosis.scores.cases import cohort_of
from typer.testing import CliRunner

from debulk.cli.plain_refusals import PlainGroup
from debulk.cli.score import score
from debulk.core import InputError
from debulk.patients.reading import example_folder
from debulk.prognosis.scores.library import load_score, packaged_scores, wanted_scores

app = typer.Typer(cls=PlainGroup, pretty_exceptions_enable=False)
app.command("score")(score)
app.callback()(lambda: None)


def run(*arguments, **options):
    options = {"catch_exceptions": False, **options}
    return CliRunner().invoke(app, ["score", *map(str, arguments)], **options)


@pytest.fixture(scope="module")
def example():
    with example_folder() as folder:
        yield folder


def test_json_holds_the_contract_and_nothing_else_is_printed(example):
    result = run("fong", example, "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert {"score", "n", "missing", "concordance", "groups", "provenance"} <= set(found)
    assert {"estimate", "lower", "upper"} <= set(found["concordance"])
    assert (found["score"], found["n"] + found["missing"]) == ("fong", 30)
    assert sum(each["n"] for each in found["groups"]) == found["n"]
    assert set(found["provenance"]["inputs"]) >= {"patients.csv", "lesions.csv", "followup.csv"}
    assert "NaN" not in result.stdout


def test_people_read_who_it_was_made_in_and_how_well_it_orders(example):
    said = " ".join(run("fong", example).stdout.split())
    assert "Made in: 1,001 consecutive resections" in said
    assert "Of 100 pairs it orders" in said
    assert "37 % at 60 months" in said
    assert "18 of 30 patients are outside that population" in said
    assert "does not say whom local treatment helps" in said


def test_the_list_holds_packaged_and_wanted_scores():
    found = json.loads(run("--list", "--json").stdout)
    assert [each["name"] for each in found["packaged"]] == packaged_scores()
    assert [each["name"] for each in found["wanted"]] == [each.name for each in wanted_scores()]
    said = run("--list").stdout
    assert all(name in said for name in (*packaged_scores(), "iwatsuki", "gercor"))


@pytest.mark.parametrize("name", packaged_scores())
def test_a_formula_is_shown_with_its_sources(name):
    said = " ".join(run(name).stdout.split())
    found = json.loads(run(name, "--json").stdout)
    assert "Source (" in said
    assert found["items"][0]["text"].split()[0] in said


def test_points_and_answer_are_written(example, tmp_path):
    result = run("konopke", example, "--missing", "lowest", "--out", tmp_path / "o", "--json")
    found = json.loads(result.stdout)
    points = pl.read_csv(found["files"]["points"])
    assert points.height == 30
    assert points["points"].null_count() == 0
    assert "cea" in points["missing_items"].drop_nulls().to_list()
    written = json.loads((tmp_path / "o" / "score.json").read_text(encoding="utf-8"))
    assert written["concordance"] == found["concordance"]
    assert any("'lowest'" in each for each in found["provenance"]["remarks"])


def test_a_released_column_and_a_substitute(tmp_path):
    made = cohort_of({"released": 1, "primary_there": True}, {"released": 0}, {"lesions": 2})
    made.write(tmp_path / "c")
    arguments = ("fong", tmp_path / "c", "--points-column", "released")
    found = json.loads(run(*arguments, "--json").stdout)
    assert (found["n"], found["missing"]) == (2, 1)
    assert found["agreement"]["both"] == 2
    assert found["agreement"]["equal"] == 1
    replaced = run(*arguments, "--substitute", "disease_free_interval=primary_there = true")
    assert "substitute 'primary_there = true'" in " ".join(replaced.stdout.split())
    assert "agree in 1 of 1 patients" in " ".join(replaced.stdout.split())


def test_a_validation_is_added_where_asked_for(example):
    found = json.loads(run("fong", example, "--validate", "--json").stdout)
    assert found["validation"]["n"] == found["n"]
    held = found["validation"]["concordance"]["estimate"]
    # Two ways to count the same pairs: no more than rounding may differ.
    assert held == pytest.approx(found["concordance"]["estimate"], abs=1e-12)
    assert "auc" in found["validation"]["statistics"]
    assert "area under the ROC curve" in run("fong", example, "--validate").stdout


def test_a_validation_is_written_as_a_page(example, tmp_path):
    found = json.loads(run("fong", example, "--validate", "--out", tmp_path, "--json").stdout)
    page = (tmp_path / "validation.html").read_text(encoding="utf-8")
    assert found["files"]["validation"] == str(tmp_path / "validation.html")
    assert found["provenance"]["inputs"]
    assert load_score("fong").title in page
    assert "its calibration cannot be judged" in page


def test_words_from_files_are_no_markup(tmp_path):
    text = (
        "name: own\ntitle: '[red]Own[/red] [bold'\nsources: [{says: '[x]', address: here}]\n"
        "population: {text: '[dim]nobody'}\noutcome: survival\nhorizon_months: 60\n"
        "items: [{id: old, text: '[/b]', levels: [{points: 1, rule: age_years > 70}]}]\n"
        "groups: [{name: '[u]', least: 0}]\nunknown: nothing\n"
    )
    file = tmp_path / "own.yaml"
    file.write_text(text, encoding="utf-8")
    cohort_of({}, {}).write(tmp_path / "c")
    for arguments in ((file,), (file, tmp_path / "c")):
        said = run(*arguments).stdout
        assert "[red]Own[/red] [bold" in said
        assert "[u]" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("fogn",), "Did you mean 'fong'"),
        (("kohne",), "wanted, not packaged"),
        (("fong", "nowhere"), "no such file or folder"),
        (("fong", "EXAMPLE", "--missing", "guess"), "--missing: 'guess'"),
        (("fong", "EXAMPLE", "--horizon-months", "0"), "--horizon-months"),
        (("fong", "EXAMPLE", "--points-column", "none"), "--points-column: .*no column"),
        (("fong", "EXAMPLE", "--substitute", "cea"), "not ITEM=RULE"),
        (("fong", "EXAMPLE", "--substitute", "dfi=synchronous"), "--substitute: .*no item 'dfi'"),
        (("malik", "EXAMPLE"), "unknown in all.*crp_mg_l"),
    ],
)
def test_mistakes_name_the_option_and_the_remedy(example, arguments, words):
    given = [str(example) if each == "EXAMPLE" else each for each in arguments]
    with pytest.raises(InputError, match=words):
        run(*given)


def test_a_name_is_asked_for():
    result = run()
    assert result.exit_code == 2
    assert "--list" in result.output


def test_a_list_stands_alone():
    assert run("fong", "--list").exit_code == 2


def test_equal_points_are_said_to_order_nobody(tmp_path):
    people = {"patient_id": ["a", "b"], "cea_ug_l": [10.0, 20.0]}
    follow_up = {"patient_id": ["a", "b"], "last_months": [5.0, 9.0], "dead": [True, True]}
    cohort = cohort_of({}, {})
    cohort = type(cohort).from_tables(
        {"patients": pl.DataFrame(people), "followup": pl.DataFrame(follow_up)}
    )
    cohort.write(tmp_path / "c")
    said = " ".join(run("fong", tmp_path / "c", "--missing", "lowest").stdout.split())
    assert "Every patient has the same points" in said
