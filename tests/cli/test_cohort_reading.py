import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from debulk.cli.app import app
from debulk.core import InputError
from debulk.patients import read_cohort

PATIENTS = "id,sex,dx,last,dead\n1,m,2020-01-01,2021-01-01,1\n2,f,2020-02-01,2021-01-01,0\n"
MAPPING = """\
name: "[red]registry[/red]"
time_zero: {file: reg.csv, patient: id, date: dx, meaning: diagnosis}
tables:
  patients:
    file: reg.csv
    columns: {patient_id: {from: id}, sex: {from: sex, codes: {m: male, f: female}}}
  followup:
    file: reg.csv
    columns:
      patient_id: {from: id}
      last_months: {from: last, date: true}
      dead: {from: dead}
"""
KEYS = ["source", "patients", "rows", "exclusions", "decisions", "ignored", "not_known",
        "provenance"]  # fmt: skip


def run(*arguments):
    return CliRunner().invoke(app, ["cohort", *arguments], catch_exceptions=False)


@pytest.fixture
def registry(tmp_path):
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "reg.csv").write_text(PATIENTS)
    (folder / "map.yaml").write_text(MAPPING)
    return folder


def test_read_writes_a_cohort_that_can_be_read_again(registry, tmp_path):
    out = tmp_path / "cohort"
    result = run("read", str(registry / "map.yaml"), "--out", str(out), "--json")
    found = json.loads(result.stdout)
    assert set(KEYS) <= set(found)
    assert (found["patients"], found["rows"]["followup"]) == (2, 2)
    assert set(found["provenance"]["inputs"]) == {"reg.csv"}
    again = read_cohort(out)
    assert len(again) == 2
    assert again.record.source == "[red]registry[/red]"
    described = json.loads(run("read", str(out), "--json").stdout)
    assert described["source"] == found["source"]
    assert described["not_known"] == found["not_known"]


def test_people_are_told_what_was_read_and_markup_in_it_means_nothing(registry):
    shown = run("read", str(registry / "map.yaml")).stdout
    assert "[red]registry[/red]: 2 patients, 2 followup." in shown
    assert "cannot be known" in shown
    assert "no table lesions is mapped" in shown


@pytest.mark.parametrize("command", ["describe", "extent"])
def test_describe_and_extent_take_any_format(registry, command):
    found = json.loads(run(command, "--mapping", str(registry / "map.yaml"), "--json").stdout)
    assert found["patients"] == 2
    assert set(found["provenance"]["inputs"]) == {"reg.csv"}


def test_identifiers_that_look_like_markup_are_shown_as_they_are(registry):
    (registry / "reg.csv").write_text(PATIENTS.replace("\n1,", "\n[b]x[/b],"))
    shown = run("extent", str(registry / "map.yaml"), "--by-patient").stdout
    assert "[b]x[/b]" in shown


def test_map_writes_a_draft_once(registry, monkeypatch):
    monkeypatch.chdir(registry)
    told = run("map", "reg.csv", "--out", "draft.yaml", "--json")
    assert json.loads(told.stdout)["guesses"] > 3
    before = (registry / "draft.yaml").read_text()
    with pytest.raises(InputError, match="is there already"):
        run("map", "reg.csv", "--out", "draft.yaml")
    assert (registry / "draft.yaml").read_text() == before
    assert run("map", "reg.csv", "--out", "draft.yaml", "--overwrite").exit_code == 0


def test_a_draft_lies_anywhere_and_finds_its_tables(registry, tmp_path):
    run("map", str(registry / "reg.csv"), "--out", str(tmp_path / "draft.yaml"))
    found = json.loads(run("read", str(tmp_path / "draft.yaml"), "--json").stdout)
    assert found["patients"] == 2


def test_nothing_is_written_where_reading_fails(registry, tmp_path):
    (registry / "reg.csv").write_text(PATIENTS.replace(",f,", ",x,"))
    with pytest.raises(InputError, match="code 'x' is not in the mapping"):
        run("read", str(registry / "map.yaml"), "--out", str(tmp_path / "cohort"))
    assert not (tmp_path / "cohort").exists()


def test_a_foreign_folder_is_not_written_into(registry):
    with pytest.raises(InputError, match=r"holds 'map\.yaml'"):
        run("read", str(registry / "map.yaml"), "--out", str(registry))


def test_a_mistake_ends_in_one_line_and_exit_status_1(registry):
    command = [sys.executable, "-c", "from debulk.cli import main; main()", "cohort", "read"]
    done = subprocess.run(
        [*command, str(registry / "reg.csv"), "--json"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_path_must_be_given():
    assert run("read").exit_code == 2


def cdisc(folder):
    (folder / "dm.csv").write_text("USUBJID,AGE,SEX,RFSTDTC\nS1,60,F,2020-01-01\n")
    return [str(folder)]


def mcode(folder):
    patient = {"resourceType": "Patient", "id": "p1", "gender": "female"}
    bundle = {"resourceType": "Bundle", "entry": [{"resource": patient}]}
    (folder / "bundle.json").write_text(json.dumps(bundle))
    return [str(folder / "bundle.json")]


def omop(folder):
    (folder / "person.csv").write_text("person_id,gender_concept_id,year_of_birth\n1,8532,1960\n")
    (folder / "condition_occurrence.csv").write_text(
        "person_id,condition_concept_id,condition_start_date\n1,77,2020-01-01\n"
    )
    (folder / "map.yaml").write_text("concepts: {diagnosis: [77]}\n")
    return [str(folder), "--mapping", str(folder / "map.yaml")]


@pytest.mark.parametrize("made", [cdisc, mcode, omop])
def test_every_format_goes_through_the_command_line(made, tmp_path):
    arguments = made(tmp_path)
    found = json.loads(run("read", *arguments, "--json").stdout)
    assert found["patients"] == 1
    assert found["provenance"]["inputs"]
    named = json.loads(run("read", *arguments, "--format", made.__name__, "--json").stdout)
    assert named == found
