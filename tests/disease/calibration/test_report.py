"""Do tables and page say what the report holds?"""

from __future__ import annotations

import dataclasses
import importlib.util
import json
from pathlib import Path

import pytest

from debulk.disease.calibration import CalibrationSettings, calibrate
from debulk.disease.calibration.report import markdown

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "scripts" / "write_disease_calibration_page.py"
SMALL = CalibrationSettings(members=20, waves=1, refinements=1, draws=8, checked=4, chain_steps=60)


@pytest.fixture
def finished(toys, tmp_path) -> Path:
    """Folder of a calibration of two structures, one of which does not know x1."""
    problem = toys.linear_problem(
        [[1.0, 0.5], [0.0, 0.0]],
        [1.0, 9.0],
        [0.1, 1.0],
        structures=("both", "first"),
        fixed={"first": ("x1",)},
    )
    plain = problem.simulate

    def simulate(values, structure, seed):
        return plain(values * [1.0, float(structure == "both")], structure, seed)

    calibrate(dataclasses.replace(problem, simulate=simulate), tmp_path, settings=SMALL)
    return tmp_path


def test_the_table_names_what_informs_and_what_stays(finished):
    report = json.loads((finished / "identifiability.json").read_text(encoding="utf-8"))
    text = (finished / "identifiability.md").read_text(encoding="utf-8")
    assert text == markdown(report)
    first = report["structures"][1]
    assert first["parameters"][1] == {
        "parameter": "x1",
        "prior": first["parameters"][1]["prior"],
        "posterior": first["parameters"][1]["posterior"],
        "spread_ratio": 1.0,
        "shift": 0.0,
        "spread_ratio_draws": first["parameters"][1]["spread_ratio_draws"],
        "at_prior": True,
        "in_structure": False,
    }
    assert "not in this structure" in text
    assert [each["parameter"] for each in first["targets"][0]["informs"]] == ["x0"]
    # A target that no parameter moves is informed by none and out of reach.
    assert first["targets"][1]["informs"] == []
    assert first["targets"][1]["inside_2"] is False
    assert first["inside_share"] == 0.5
    for line in text.splitlines():
        if line.startswith("|"):
            assert line.count("|") in (6, 7)


def test_the_page_takes_the_tables_between_its_marks(finished):
    spec = importlib.util.spec_from_file_location("write_page", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    report, about = (
        json.loads((finished / name).read_text(encoding="utf-8"))
        for name in ("identifiability.json", "posterior.json")
    )
    content = script.tables(report, about)
    before = script.PAGE.read_text(encoding="utf-8")
    after = script.page(before, content)
    assert "### Structure first" in after
    assert after.startswith(before.partition(script.BEGIN)[0])
    assert after.endswith(script.END + "\n")
    assert script.page(after, content) == after
    with pytest.raises(SystemExit, match="lost its marks"):
        script.page("nothing", content)
