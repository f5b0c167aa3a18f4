"""What is packaged is what was written, and what was locked."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from debulk.disease.posterior import packaged_posterior
from debulk.trials.retrodiction.packaged import packaged_predictions, packaged_retrodiction

ROOT = Path(__file__).parents[3]


def test_the_locked_files_are_those_of_the_repository():
    folder = files("debulk.data") / "retrodiction" / "locked"
    kept = {each.name: each.read_bytes() for each in (ROOT / "predictions").iterdir()}
    kept.pop("README.md")
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == kept
    assert len(packaged_predictions()) >= 4


def test_the_result_is_of_the_frozen_posterior_and_in_the_documentation():
    result = packaged_retrodiction()
    assert result["posterior"]["sha256"] == packaged_posterior().sha256
    page = (ROOT / "docs" / "reference" / "retrodiction.md").read_text("utf-8")
    assert result["score"]["verdict"].replace(" *", " \\*") in page.replace("\n", " ")
