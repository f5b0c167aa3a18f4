"""Eight registries as they should not be, through the commands: refused, or decided and counted.

Each is the same small registry with one thing wrong in it. A number never comes without what was
done to get it: the decision stands in the reading's record and in the emulation's own provenance.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from debulk.cli.app import app
from debulk.core import InputError

MAPPING = """\
name: hand-made registry
time_zero: {file: people.csv, patient: id, date: dx, meaning: diagnosis of metastases}
dates: [yyyy-mm-dd]
tables:
  patients:
    file: people.csv
    columns: {patient_id: {from: id}, age_years: {from: age}, cea_ug_l: {from: cea, unit: ug/l}}
  followup:
    file: people.csv
    columns:
      patient_id: {from: id}
      last_months: {from: last, date: true}
      dead: {from: dead}
  treatments:
    file: treatments.csv
    columns:
      patient_id: {from: id}
      kind: {from: kind}
      line: {from: line}
      start_months: {from: start, date: true}
      end_months: {from: end, date: true}
  assessments:
    file: scans.csv
    columns:
      patient_id: {from: id}
      time_months: {from: day, date: true}
      response: {from: response}
"""
ASKED = ("orchestra", "--share", "any", "--unknown", "assume-met", "--covariate", "age_years")
HORIZON = ("--tau-months", "36")
PATIENTS = 60
Rows = list[dict[str, Any]]


class Registry:
    """Diagnosis, first line after 20 days, a scan after 80 more, then local treatment for some."""

    def __init__(self) -> None:
        self.people: Rows = []
        self.treatments: Rows = []
        self.scans: Rows = []
        self.mapping = MAPPING
        for number in range(PATIENTS):
            name, start = f"p{number:02}", date(2019, 1, 1) + timedelta(days=7 * number)
            last = start + timedelta(days=300 + (number * 379) % 1500)
            self.people.append(
                {"id": name, "dx": start, "age": 50 + number * 7 % 31, "cea": 3 + number}
                | {"last": last, "dead": int(number % 4 > 0)}
            )
            line = start + timedelta(days=20)
            scan = line + timedelta(days=80)
            self.scans.append({"id": name, "day": scan, "response": "SD"})
            self.treat(name, "systemic", line, line + timedelta(days=70), 1)
            if number % 3 == 0:
                self.treat(name, "local", scan + timedelta(days=10 + number))

    def treat(self, name: str, kind: str, start: date, end: date | None = None, line: Any = None):
        row = {"id": name, "kind": kind, "line": line, "start": start, "end": end}
        self.treatments.append(row)

    def write(self, folder: Path) -> Path:
        for name in ("people", "treatments", "scans"):
            rows = getattr(self, name)
            lines = [",".join(rows[0])]
            lines += [
                ",".join("" if value is None else str(value) for value in row.values())
                for row in rows
            ]
            (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
        (folder / "map.yaml").write_text(self.mapping)
        return folder / "map.yaml"


@pytest.fixture
def registry() -> Registry:
    return Registry()


def run(*arguments: str) -> dict[str, Any]:
    """What a command prints as JSON; nothing else may stand there."""
    done = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(done.stdout, parse_constant=pytest.fail)
    return told


def answered(path: Path, *more: str) -> dict[str, Any]:
    return run("emulate", "run", str(path), *ASKED, *HORIZON, "--method", "naive", *more)


def counted(rows: Any, words: str) -> float:
    """How many a reason that holds these words was counted for."""
    found = [each for each in rows if words in each["reason"]]
    assert found, f"{words!r} is not among {rows}"
    return sum(each.get("count", each.get("patients")) for each in found)


def said(lines: Any, words: str) -> str:
    found = [each for each in lines if words in str(each)]
    assert found, f"{words!r} is not among {lines}"
    return str(found[0])


def test_nothing_is_wrong_and_nothing_is_counted(registry: Registry, tmp_path: Path) -> None:
    told = answered(registry.write(tmp_path))
    assert told["patients"] == PATIENTS
    assert told["excluded"] == []
    assert told["effect"]["hazard_ratio"]["estimate"] > 0.0
    assert "immortal time" in told["answers"][0]["caveats"][0]


def test_time_zero_after_treatment(registry: Registry, tmp_path: Path) -> None:
    for row in registry.treatments:
        if row["kind"] == "local" and row["id"] in ("p00", "p03", "p06"):
            row["start"] = registry.scans[int(row["id"][1:])]["day"] - timedelta(days=30)
    told = answered(registry.write(tmp_path))
    assert counted(told["excluded"], "local treatment before time zero") == 3
    assert told["patients"] == PATIENTS - 3
    check = next(each for each in told["checks"] if each["check"] == "prevalent treatment")
    assert "3 of 60" in check["text"]


def test_treatment_after_death(registry: Registry, tmp_path: Path) -> None:
    person = registry.people[5]
    assert person["dead"]
    registry.treat(person["id"], "local", person["last"] + timedelta(days=40))
    path = registry.write(tmp_path)
    read = run("cohort", "read", str(path))
    assert counted(read["exclusions"], "start after the patient's death") == 1
    told = answered(path)
    assert counted(told["provenance"]["exclusions"], "start after the patient's death") == 1


def test_overlapping_lines(registry: Registry, tmp_path: Path) -> None:
    first = registry.treatments[0]
    begins = first["end"] - timedelta(days=20)
    registry.treat(first["id"], "systemic", begins, first["end"] + timedelta(days=90), 2)
    path = registry.write(tmp_path)
    words = "systemic lines that overlap the next one end where it starts: 1"
    said(run("cohort", "read", str(path))["decisions"], words)
    said(answered(path)["provenance"]["remarks"], words)


@pytest.mark.parametrize(
    ("before", "after", "match"),
    [
        ("unit: ug/l", "unit: furlong", r"map\.yaml.*'furlong'"),
        ("unit: ug/l", "unit: mm", r"map\.yaml.*'mm'"),
    ],
)
def test_unknown_units(
    registry: Registry, tmp_path: Path, before: str, after: str, match: str
) -> None:
    registry.mapping = MAPPING.replace(before, after)
    path = registry.write(tmp_path)
    for command in (("cohort", "read", str(path)), ("emulate", "run", str(path), *ASKED)):
        with pytest.raises(InputError, match=match):
            run(*command)


def test_a_unit_that_is_not_told_is_counted(registry: Registry, tmp_path: Path) -> None:
    registry.mapping = MAPPING.replace(", unit: ug/l", "")
    path = registry.write(tmp_path)
    words = said(
        run("cohort", "read", str(path))["decisions"],
        "column cea: no unit is named, taken as ug/l: 60",
    )
    assert "60" in words
    said(answered(path)["provenance"]["remarks"], "column cea: no unit is named, taken as ug/l: 60")


def test_dates_as_text_in_three_formats(registry: Registry, tmp_path: Path) -> None:
    usual = answered(registry.write(tmp_path))
    for number, row in enumerate(registry.scans):
        shape = ("%Y-%m-%d", "%d.%m.%Y", "%d%b%Y")[number % 3]
        row["day"] = row["day"].strftime(shape).upper()
    path = registry.write(tmp_path)
    with pytest.raises(InputError, match=r"scans\.csv.*day"):
        run("cohort", "read", str(path))
    registry.mapping = MAPPING.replace("[yyyy-mm-dd]", "[yyyy-mm-dd, dd.mm.yyyy, ddmonyyyy]")
    told = answered(registry.write(tmp_path))
    assert told["effect"] == usual["effect"]
    said(told["provenance"]["remarks"], "dd.mm.yyyy")
    registry.mapping = MAPPING.replace("[yyyy-mm-dd]", "[yyyy-mm-dd, dd/mm/yyyy, mm/dd/yyyy]")
    registry.scans[0]["day"], registry.scans[1]["day"] = "04/05/2019", "2019-04-12"
    with pytest.raises(InputError, match="04/05/2019"):
        run("cohort", "read", str(registry.write(tmp_path)))


def test_duplicated_patients(registry: Registry, tmp_path: Path) -> None:
    registry.people.append({**registry.people[7], "age": 99})
    with pytest.raises(InputError, match=r"people\.csv.*'p07'"):
        run("cohort", "read", str(registry.write(tmp_path)))
    registry.mapping = MAPPING.replace(
        "file: people.csv\n    columns", "file: people.csv\n    duplicates: first\n    columns"
    )
    path = registry.write(tmp_path)
    words = "further rows of a patient (first is kept)"
    assert counted(run("cohort", "read", str(path))["exclusions"], words) >= 1
    told = answered(path)
    assert told["patients"] == PATIENTS
    assert counted(told["provenance"]["exclusions"], words) >= 1


def test_40_per_cent_missing(registry: Registry, tmp_path: Path) -> None:
    for row in registry.people[::5] + registry.people[1::5]:
        row["age"] = None
    path = registry.write(tmp_path)
    with pytest.raises(InputError, match=r"age_years.*24.*40 %"):
        answered(path)
    told = answered(path, "--missing", "indicator")
    check = next(each for each in told["checks"] if each["check"] == "missing covariates")
    assert check["state"] == "fail"
    assert "40 %" in check["text"]
    assert "24" in said(told["decisions"], "age_years")
    complete = answered(path, "--missing", "complete-cases")
    assert complete["patients"] == 36
    assert counted(complete["excluded"], "age_years") == 24


@pytest.mark.parametrize("method", ["naive", "clone-censor-weight", "all"])
def test_one_strategy_never_occurs(registry: Registry, tmp_path: Path, method: str) -> None:
    registry.treatments = [row for row in registry.treatments if row["kind"] != "local"]
    path = registry.write(tmp_path)
    with pytest.raises(InputError, match=r"debulking|treated"):
        run("emulate", "run", str(path), *ASKED, "--method", method)
    told = run("emulate", "checks", str(path), *ASKED)
    assert told["patients"] == PATIENTS
    said([each["text"] for each in told["items"]], "0 of 60 patients had local treatment")
