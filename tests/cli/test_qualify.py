"""`debulk qualify` as a user starts it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from debulk.cli.app import app
from debulk.reports.qualification import checks


def test_passes_and_writes_a_report(tmp_path: Path) -> None:
    run = CliRunner().invoke(app, ["qualify", "--out", str(tmp_path), "--json"])
    assert run.exit_code == 0
    result = json.loads(run.stdout)
    assert result["passed"] is True
    assert {Path(each).name for each in result["files"].values()} == {
        "qualification.html",
        "qualification.json",
    }
    assert json.loads((tmp_path / "qualification.json").read_text("utf-8"))["counts"]["failed"] == 0


def test_a_failure_is_status_1_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, compute = checks.AREAS["survival"]
    wrong = {**compute(), "Weibull log likelihood": 0.0}
    monkeypatch.setattr(checks, "AREAS", {"survival": (file, lambda: wrong)})
    run = CliRunner().invoke(app, ["qualify", "--out", str(tmp_path)])
    assert run.exit_code == 1
    assert "failed: Weibull log likelihood" in run.stdout
    assert "do not use this installation" in (tmp_path / "qualification.html").read_text("utf-8")
