"""Are patients read from files, and mistakes told by file, line and field?"""

from __future__ import annotations

import json
import re
import shutil
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from debulk.cli.app import app
from debulk.core import InputError
from debulk.trials.generators.arms import ArmsPatients
from debulk.trials.generators.cohort import CohortPatients
from debulk.trials.generators.cure_mixture import CureMixturePatients
from debulk.trials.generators.illness_death import IllnessDeathPatients
from debulk.trials.generators.piecewise_exponential import PiecewiseExponentialPatients
from debulk.trials.generators.reading import load_generator
from debulk.trials.generators.strata import PrognosticFactor

HAZARDS = """\
kind: piecewise-exponential
registered: 300
hazard_control: 0.04
hazard_ratio: [[0, 1.3], [6, 0.6]]
strata:
  - {name: ras, levels: [[0.5, 1.0], [0.5, 1.4]]}
source: a made-up example
"""
ARMS = """\
kind: arms
registered: 300
control: Obs
experimental: Lev+5FU
survival: {file: colon.csv, time_unit: days}
tail: never
"""
COHORT = """\
kind: cohort
registered: 300
folder: cohort
hazard_ratio: 0.7
tail: exponential
"""


@pytest.fixture
def folder(tmp_path, colon):
    """A folder with the colon trial's deaths, in days."""
    colon.with_columns(time=(colon["time"] * 30.4375).round()).write_csv(tmp_path / "colon.csv")
    return tmp_path


def copy_cohort(folder) -> None:
    """Put the packaged cohort into a folder."""
    example = resources.files("debulk.data").joinpath("examples", "cohort")
    shutil.copytree(str(example), folder / "cohort")


def written(folder, text: str):
    """A file of patients."""
    path = folder / "patients.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_hazards_are_those_of_the_file(folder) -> None:
    found = load_generator(written(folder, HAZARDS))
    expected = PiecewiseExponentialPatients(
        300,
        0.04,
        ((0, 1.3), (6, 0.6)),
        strata=(PrognosticFactor("ras", ((0.5, 1.0), (0.5, 1.4))),),
        source="a made-up example",
    )
    assert isinstance(found, PiecewiseExponentialPatients)
    assert found.identity() == expected.identity()
    assert found.source == "a made-up example"


def test_cure_and_illness_death_models(folder) -> None:
    cure = """\
kind: cure-mixture
registered: 300
cured_control: 0.1
cured_experimental: 0.2
median_uncured_months: 14
hazard_ratio_uncured: 0.8
"""
    expected = CureMixturePatients(300, 0.1, 0.2, 14.0, 0.8)
    assert load_generator(written(folder, cure)).identity() == expected.identity()
    illness = """\
kind: illness-death
registered: 300
progression: 0.08
death_after: [[0, 0.02], [3, 0.06]]
death_after_salvage: 0.03
"""
    found = load_generator(written(folder, illness))
    expected_illness = IllnessDeathPatients(
        300, 0.08, None, ((0, 0.02), (3, 0.06)), death_after_salvage=0.03
    )
    assert found.identity() == expected_illness.identity()
    assert found.salvage


def test_arms_are_read_beside_the_file_and_in_their_unit(folder, colon_follow_up) -> None:
    found = load_generator(written(folder, ARMS))
    assert isinstance(found, ArmsPatients)
    direct = ArmsPatients(300, colon_follow_up, tail="never")
    for name, curve in direct.curves.items():
        np.testing.assert_allclose(found.curves[name].months, curve.months, rtol=1e-12)
        np.testing.assert_allclose(found.curves[name].survival, curve.survival, rtol=1e-12)


def test_a_cohort_is_read_beside_the_file(folder) -> None:
    copy_cohort(folder)
    found = load_generator(written(folder, COHORT))
    assert isinstance(found, CohortPatients)
    assert len(found.cohort) == 30


def test_every_file_on_the_page_can_be_read(folder) -> None:
    copy_cohort(folder)
    page = Path(__file__).parents[3] / "docs" / "reference" / "event-generators.md"
    blocks = re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    kinds = [type(load_generator(written(folder, block))) for block in blocks]
    assert set(kinds) == {
        PiecewiseExponentialPatients,
        CureMixturePatients,
        IllnessDeathPatients,
        CohortPatients,
        ArmsPatients,
    }


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("kind: hazards\n", r"line 1, kind: found 'hazards'.*Known"),
        ("registered: 3\n", r"line 1: 'kind' is missing"),
        ("[1, 2]\n", r"line 1: is not a mapping"),
        ("kind: [arms]\n", r"line 1, kind: found"),
        (HAZARDS.replace("0.04", "yes"), r"line 3, hazard_control"),
        (HAZARDS.replace("0.04", ".nan"), r"line 3, hazard_control"),
        (HAZARDS.replace("0.04", "-1"), r"line 3, hazard_control: -1.0 is out of range"),
        (HAZARDS.replace("[0, 1.3]", "[1, 1.3]"), r"line 4, hazard_ratio: step 1: starts at 1"),
        (HAZARDS.replace("[0, 1.3]", "[0]"), r"line 4, hazard_ratio.*as \[start in months"),
        (HAZARDS.replace("[0.5, 1.4]", "[0.6, 1.4]"), r"line 6, strata: ras: shares sum to 1.1"),
        (HAZARDS.replace("hazard_ratio", "ratio"), r"'hazard_ratio' is missing|not known here"),
        (HAZARDS.replace("300", "0"), r"line 2, registered: 0 is outside"),
        (HAZARDS.replace("300", "2.5"), r"line 2, registered"),
        (ARMS.replace("never", "always"), r"line 6, tail: 'always' is no choice"),
        (ARMS.replace("tail: never\n", ""), r"'tail' is missing"),
        (ARMS.replace("colon.csv", "no.csv"), r"line 5, survival: .*no.csv: there is no such"),
        (ARMS.replace("Obs", "Nobody"), r"nobody is in 'Nobody'.*Lev\+5FU"),
        (ARMS.replace("time_unit: days", "arm: group"), r"line 5, survival.*no column 'group'"),
        (COHORT, r"line 3, folder: .*cohort"),
    ],
)
def test_mistakes_are_told_by_file_and_line(folder, text, match) -> None:
    with pytest.raises(InputError, match=match) as found:
        load_generator(written(folder, text))
    assert "patients.yaml" in str(found.value)


def test_rows_without_an_arm_are_not_passed_over(folder) -> None:
    (folder / "colon.csv").write_text("time,event,arm\n5,1,Obs\n6,1,\n7,1,Lev+5FU\n")
    with pytest.raises(InputError, match="missing in 1 rows"):
        load_generator(written(folder, ARMS))


def test_no_file(tmp_path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml"):
        load_generator(tmp_path / "none.yaml")


def run(*arguments: str) -> dict:
    """What `debulk trial run` prints as JSON."""
    few = ("--trials", "2", "--json")
    found = CliRunner().invoke(app, ["trial", "run", *arguments, *few], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_the_command_line_takes_a_file_in_both_worlds(folder) -> None:
    path = str(written(folder, HAZARDS))
    asked = ("orchestra", "--patients", path)
    here = run(*asked, "--out", str(folder / "a"))
    null = run(*asked, "--null", "--out", str(folder / "b"))
    assert here["funnel"][0]["patients"] == 300.0
    assert here["truth"]["hazard_ratio"] != 1.0
    assert null["truth"]["hazard_ratio"] == 1.0
    sources = {each["name"]: each["source"] for each in here["provenance"]["parameters"]}
    assert sources["patients.hazard_ratio"] == "a made-up example"


def test_such_patients_have_no_disease_to_change(folder) -> None:
    path = str(written(folder, HAZARDS))
    arguments = ["trial", "run", "orchestra", "--patients", path, "--without", "pause"]
    with pytest.raises(InputError, match=r"patients.yaml, which has no disease"):
        CliRunner().invoke(app, arguments, catch_exceptions=False)
