"""Does the page of the laboratory follow from its table?"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from debulk.core.files import json_text
from debulk.emulation.laboratory.cells import MODELS, Cell, Experiment
from debulk.emulation.laboratory.packaged import packaged_table, shortened
from debulk.emulation.laboratory.running import run_laboratory
from debulk.emulation.laboratory.table import tidy_frame
from debulk.evidence.pooling.bias_table import read_bias_table

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def script():
    file = ROOT / "scripts" / "write_laboratory_page.py"
    spec = importlib.util.spec_from_file_location("write_laboratory_page", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def cells():
    few = {"registries": 3, "patients": 200}
    experiment = Experiment(
        (
            Cell("null", "mild", "none", **few, bootstrap=20),
            Cell("null", "mild", "none", registries=3, patients=300),
            Cell("benefit-in-few", "mild", "strong", **few),
        ),
        truth_patients=400,
    )
    return json.loads(json_text(run_laboratory(experiment, workers=1).to_list()))


def test_tables_name_every_method_and_situation(script, cells) -> None:
    text = script.tables(shortened(cells))
    for method in cells[0]["methods"]:
        assert method["title"] in text
    assert "### null, mild selection" in text
    assert "### benefit-in-few, mild selection" in text
    assert "| null | natural | bootstrap | RMST-36 |" in text
    assert "| null, mild, none | 300 |" in text
    begin, end = (mark.format(model="simple") for mark in (script.BEGIN, script.END))
    assert script.page(f"a\n{begin} x -->\nold\n{end}\nb", text, "simple").count("old") == 0


def test_the_shortened_table_is_still_what_pooling_and_figures_read(cells, tmp_path) -> None:
    short = shortened(cells)
    (tmp_path / "table.json").write_text(json_text(short), encoding="utf-8")
    assert len(read_bias_table(tmp_path / "table.json").cells) == 24
    assert tidy_frame(short).height == tidy_frame(cells).height
    assert "parameters" not in short[0]["provenance"]


@pytest.mark.parametrize("model", MODELS)
def test_the_page_shows_the_packaged_table(script, model) -> None:
    text = script.PAGE.read_text(encoding="utf-8")
    assert script.page(text, script.tables(packaged_table(model)), model) == text
