"""`debulk survival` from the outside: exit status, standard output, files."""

import json
import subprocess
import sys

import polars as pl
import pytest
from typer.testing import CliRunner

from debulk.cli.app import app
from debulk.core.errors import InputError

RUN = CliRunner()
NUMBERS = ["report.html", "groups.csv", "curves.csv", "tests.csv", "survival.json"]
TABLE = ("x.csv", "--time", "t", "--event", "e", "--by", "g")
TWO = "months,dead,arm\n5,1,local\n7,0,control\n9,1,control\n12,1,local\n15,1,control\n16,0,local\n"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "two.csv"
    path.write_text(TWO)
    return str(path)


def run(*arguments):
    return RUN.invoke(app, ["survival", *arguments])


def columns(table):
    return (table, "--time", "months", "--event", "dead")


def test_the_example_as_json():
    result = run("--example", "colon", "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert (answer["n"], answer["events"], answer["time_unit"]) == (929, 452, "days")
    assert answer["reference"] == "Obs"
    assert answer["groups"]["Obs"]["median"] == 2083
    assert answer["logrank"]["df"] == 2
    assert answer["logrank"]["z"] is None
    assert answer["hazard_ratio"] is None
    assert round(answer["hazard_ratios"]["Lev+5FU"]["estimate"], 4) == 0.6896
    assert answer["rmst_differences"]["Lev"]["tau"] == 3214
    assert "no metastases" in result.stderr


def test_the_example_in_words():
    result = run("--example", "colon")
    assert result.exit_code == 0
    for word in ("Obs", "Lev+5FU", "2083.0", "not reached", "chi-square 11.683", "0.690"):
        assert word in result.stdout
    assert "--out" in result.stderr


def test_two_groups_have_the_keys_of_the_contract(table):
    result = run(
        *columns(table), "--by", "arm", "--reference", "control", "--unit", "months", "--json"
    )
    answer = json.loads(result.stdout)
    assert answer["reference"] == "control"
    assert answer["time_unit"] == "months"
    assert set(answer["groups"]["local"]) == {"n", "events", "median", "lower", "upper"}
    assert set(answer["logrank"]) == {"statistic", "z", "df", "p"}
    assert {"estimate", "lower", "upper", "p"} <= set(answer["hazard_ratio"])
    assert {"tau", "estimate", "lower", "upper"} <= set(answer["rmst_difference"])
    assert answer["rmst_difference"]["tau"] == 15
    chosen = {each["name"]: each["status"] for each in answer["provenance"]["parameters"]}
    assert chosen["reference"] == "chosen"
    assert chosen["tau"] == "derived"
    assert list(answer["provenance"]["inputs"]) == ["two.csv"]


def test_a_reference_by_sorted_order_is_said_aloud(table):
    result = run(*columns(table), "--by", "arm", "--json")
    assert json.loads(result.stdout)["reference"] == "control"
    assert "first in sorted order" in result.stderr
    named = run(*columns(table), "--by", "arm", "--reference", "local")
    assert "sorted order" not in named.stderr


def test_without_groups(table):
    result = run(*columns(table), "--json")
    answer = json.loads(result.stdout)
    assert list(answer["groups"]) == ["all"]
    assert answer["time_unit"] == "as in the file"


def test_the_horizon_and_the_interval_can_be_chosen(table):
    arguments = (*columns(table), "--by", "arm", "--tau", "10", "--conf-type", "plain", "--json")
    answer = json.loads(run(*arguments).stdout)
    assert answer["rmst_difference"]["tau"] == 10
    chosen = {each["name"]: each["value"] for each in answer["provenance"]["parameters"]}
    assert chosen["conf_type"] == "plain"


def test_out_writes_tables_figure_and_json(table, tmp_path):
    out = tmp_path / "result"
    result = run(*columns(table), "--by", "arm", "--out", str(out), "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert sorted(answer["files"]) == sorted(path.name for path in out.iterdir())
    assert json.loads((out / "survival.json").read_text()) == answer
    assert (out / "survival.png").read_bytes().startswith(b"\x89PNG")
    assert (out / "survival.pdf").read_bytes().startswith(b"%PDF")
    assert "<svg" in (out / "survival.svg").read_text()
    groups = pl.read_csv(out / "groups.csv")
    assert groups["group"].to_list() == ["control", "local"]
    curves = pl.read_csv(out / "curves.csv")
    assert curves.columns[:3] == ["group", "time", "survival"]


def test_without_vl_convert_the_numbers_are_written_and_the_lack_is_said(
    table, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    result = run(*columns(table), "--by", "arm", "--out", str(tmp_path / "result"), "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["files"] == NUMBERS
    assert "pip install 'debulk[figures]'" in " ".join(result.stderr.split())


def test_an_arm_without_events_is_explained(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("months,dead,arm\n5,1,a\n7,1,a\n9,0,b\n12,0,b\n")
    result = run(*columns(str(path)), "--by", "arm")
    assert result.exit_code == 0
    assert "no estimate" in result.stdout
    assert "No finite hazard ratio of b against a" in " ".join(result.stdout.split())


def test_labels_are_shown_as_they_are(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("months,dead,arm\n5,1,[red]a\n7,1,b\n9,0,[red]a\n12,1,b\n")
    result = run(*columns(str(path)), "--by", "arm")
    assert "[red]a" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give a FILE"),
        (("x.csv",), "name the columns"),
        (("x.csv", "--example", "colon"), "exclude each other"),
        (("--example", "colon", "--by", "sex"), "exclude each other"),
        (("--example", "colon", "--unit", "months"), "in days"),
        (("x.csv", "--time", "t", "--event", "e", "--tau", "3"), "add --by"),
        (("x.csv", "--time", "t", "--event", "e", "--test", "median"), "add --by"),
        (("x.csv", "--time", "t", "--event", "e", "--strata", "s"), "add --by COLUMN or --adjust"),
        (("--example", "colon", "--weights", "w"), "exclude each other"),
        (("--example", "colon", "--competing"), "needs a FILE"),
        ((*TABLE, "--strata", "sex,"), "holds an empty name"),
        ((*TABLE, "--strata", "s,s"), "names a column twice"),
        ((*TABLE, "--strata", "g"), "name the same column"),
        ((*TABLE, "--cause", "2"), "add --competing"),
        ((*TABLE, "--competing", "--cause", "0"), "from 1 on"),
        ((*TABLE, "--competing", "--rmst", "3"), "exclude each other"),
        ((*TABLE, "--competing", "--test", "median"), "exclude each other"),
        ((*TABLE, "--firth"), "add --adjust"),
        ((*TABLE, "--rmst", "-1"), "--rmst is a time above 0"),
        ((*TABLE, "--landmark", "nan"), "--landmark is a time above 0"),
        ((*TABLE, "--test", "fh:1"), "Write fh:RHO,GAMMA"),
        ((*TABLE, "--test", "gray"), "add --competing"),
        ((*TABLE, "--weights", "w", "--test", "fh:0,1"), "does not take --weights"),
        ((*TABLE, "--entry", "s", "--test", "median"), "does not take --entry"),
    ],
)
def test_wrong_usage(arguments, message):
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.replace("│", " ").split())


def test_wrong_input_is_an_input_error(table):
    result = run(*columns(table), "--by", "amr")
    assert isinstance(result.exception, InputError)
    assert "Did you mean 'arm'" in str(result.exception)


def test_wrong_input_ends_in_one_line_and_status_1(table):
    command = [sys.executable, "-c", "from debulk.cli import main; main()", "survival"]
    arguments = [table, "--time", "month", "--event", "dead"]
    result = subprocess.run(command + arguments, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("debulk: ")
    assert result.stderr.count("\n") == 1


WIDE = """\
t,e,g,start,w,site,age,why
5,1,a,0,1,x,60,1
7,1,b,1,2,x,70,2
8,0,a,0,1,y,65,0
9,1,a,2,1,y,55,2
11,1,b,0,0.5,x,,1
12,1,b,3,1,y,72,1
14,0,b,0,1,x,61,0
15,1,a,1,2,y,66,1
16,1,b,1,1,x,58,2
18,1,a,0,1,y,59,1
"""


@pytest.fixture
def wide(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text(WIDE)
    return str(path), "--time", "t", "--event", "e", "--by", "g"


def test_tau_and_rmst_are_one_option(wide):
    first, second = (run(*wide, name, "12", "--json") for name in ("--tau", "--rmst"))
    assert first.stdout == second.stdout
    assert json.loads(first.stdout)["rmst_difference"]["tau"] == 12


def test_an_adjusted_model_in_words_and_files(wide, tmp_path):
    out = tmp_path / "out"
    result = run(
        *wide, "--adjust", "age", "--test", "fh:0,1", "--test", "median", "--out", str(out)
    )
    assert result.exit_code == 0
    for word in ("adjusted for age (9 rows", "Unadjusted, the same 9 rows", "GLOBAL", "g: b"):
        assert word in " ".join(result.stdout.split())
    assert "the covariate 'age' is missing (adjusted model only)" in " ".join(result.stderr.split())
    answer = json.loads((out / "survival.json").read_text())
    assert sorted(answer["files"]) == sorted(path.name for path in out.iterdir())
    for name in ("forest.svg", "schoenfeld.pdf", "log-log.png", "adjusted.csv"):
        assert name in answer["files"]
    assert [each["asked"] for each in answer["tests"]] == ["fh:0,1", "median"]
    adjusted = pl.read_csv(out / "adjusted.csv")
    assert adjusted["term"].to_list() == ["g[T.b]", "age", "b"]
    tests = pl.read_csv(out / "tests.csv")
    assert tests["asked"].to_list() == [None, "fh:0,1", "median"]
    assert pl.read_csv(out / "proportionality.csv")["term"].to_list()[-1] == "GLOBAL"


def test_competing_causes_in_words_and_files(wide, tmp_path):
    out = tmp_path / "out"
    arguments = [each if each != "e" else "why" for each in wide]
    result = run(*arguments, "--competing", "--test", "gray", "--out", str(out))
    assert result.exit_code == 0
    for word in (
        "Cumulative incidence of cause 1",
        "Gray's test",
        "Cause-specific",
        "Fine and Gray",
    ):
        assert word in " ".join(result.stdout.split())
    answer = json.loads((out / "survival.json").read_text())
    assert answer["competing"]["cause"] == 1
    assert "incidence.pdf" in answer["files"]
    rows = pl.read_csv(out / "incidence.csv")
    assert set(rows["cause"].to_list()) == {1, 2}
    assert rows.columns[:4] == ["group", "cause", "time", "incidence"]
    other = run(*arguments, "--competing", "--cause", "2", "--json")
    assert json.loads(other.stdout)["competing"]["cause"] == 2


def test_notices_of_weights_strata_and_landmark(wide):
    result = run(*wide, "--weights", "w", "--landmark", "6", "--unit", "months")
    assert result.exit_code == 0
    notices = " ".join(result.stderr.split())
    assert "rank tests do not take weights" in notices
    assert "Landmark 6 is read in months" in notices
    assert "had the event before 6" in notices
    assert "Robust Wald test" in result.stdout
    result = run(*wide, "--strata", "site", "--entry", "start")
    assert "Stratified by site" in " ".join(result.stderr.split())
    assert "Log-rank, stratified" in result.stdout


def test_an_adjustment_needs_no_groups(wide):
    result = run(*wide[:5], "--adjust", "age", "--json")
    answer = json.loads(result.stdout)
    assert list(answer["adjusted"]["hazard_ratios"]) == ["age"]
    assert answer["hazard_ratio"] is None


def test_the_example_takes_strata_and_adjustment():
    result = run("--example", "colon", "--strata", "sex", "--adjust", "age,nodes", "--json")
    answer = json.loads(result.stdout)
    assert answer["strata"] == ["sex"]
    assert answer["adjusted"]["n"] == 911
    names = {each["name"]: each["value"] for each in answer["provenance"]["parameters"]}
    assert names["adjust"] == "age, nodes"
