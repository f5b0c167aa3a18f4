import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from debulk.cli.app import app
from debulk.core import InputError
from debulk.patients import EXTENTS, example_cohort

COMMANDS = ["describe", "extent"]


def run(*arguments):
    return CliRunner().invoke(app, ["cohort", *arguments], catch_exceptions=False)


def test_describe_counts_what_is_in_the_tables():
    cohort = example_cohort()
    result = run("describe", "--example", "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert found["patients"] == len(cohort)
    assert found["deaths"] == cohort.followup["dead"].sum()
    assert found["rows"] == {name: table.height for name, table in cohort.tables.items()}
    assert found["without_followup"] == 0
    latest = cohort.followup["last_months"].max()
    assert 0 < found["median_followup_months"] <= latest
    assert found["organs"]["liver"] == (cohort.features()["hepatic_lesions"] > 0).sum()
    assert set(found["provenance"]["inputs"]) == {f"{name}.csv" for name in cohort.tables}
    assert "invented" in result.stderr


def test_median_follow_up_counts_deaths_as_censored(tmp_path):
    (tmp_path / "patients.csv").write_text("patient_id\n" + "\n".join("abcd") + "\n")
    (tmp_path / "followup.csv").write_text(
        "patient_id,last_months,dead\na,1,1\nb,10,0\nc,20,0\nd,30,0\n"
    )
    found = json.loads(run("describe", str(tmp_path), "--json").stdout)
    # Of the three alive at 10 months, one third leaves at 10, the second at 20: S = 1/3 < 1/2.
    assert found["median_followup_months"] == 20
    # No lesions table: nothing is known about extent.
    assert found["extent"]["now_k2"]["unknown"] == 4


@pytest.mark.parametrize("column", ["entry_k2", "entry_k4", "now_k2", "now_k4"])
def test_extent_counts_every_patient_once(column):
    found = json.loads(run("extent", "--example", "--json").stdout)
    counts = found["extent"][column]
    assert list(counts) == [*EXTENTS, "unknown"]
    assert sum(counts.values()) == found["patients"]
    by_patient = [row[column] or "unknown" for row in found["by_patient"]]
    assert {name: by_patient.count(name) for name in counts} == counts


def test_people_get_tables():
    described = run("describe", "--example")
    assert "deaths" in described.stdout
    assert "liver" in described.stdout
    assert "multi_organ" in run("extent", "--example").stdout
    assert "EX01" in run("extent", "--example", "--by-patient").stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_is_not_there_is_named(command, tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        run(command, str(tmp_path / "nowhere"))


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("more", [[], ["folder", "--example"]])
def test_a_folder_or_the_example_must_be_given(command, more):
    assert run(command, *more).exit_code == 2


def test_a_written_cohort_is_described_like_the_original(tmp_path):
    example_cohort().write(tmp_path / "copy")
    copy = json.loads(run("describe", str(tmp_path / "copy"), "--json").stdout)
    original = json.loads(run("describe", "--example", "--json").stdout)
    for each in (copy, original):
        each.pop("provenance")
    assert copy == original


def test_a_mistake_ends_in_one_line_and_exit_status_1(tmp_path):
    (tmp_path / "patients.csv").write_text("patient_id,sex\na,men\n")
    (tmp_path / "followup.csv").write_text("patient_id,last_months,dead\na,1,0\n")
    command = [sys.executable, "-c", "from debulk.cli import main; main()"]
    done = subprocess.run(
        [*command, "cohort", "describe", str(tmp_path), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert "patients.csv, line 2, column sex: found 'men'" in done.stderr
