"""The qualification: what passes, what fails, and what its report says."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from debulk.reports.qualification import checks
from debulk.reports.qualification.checks import Check, agrees, reference_checks
from debulk.reports.qualification.report import qualification, write_qualification_report


@pytest.fixture(scope="module")
def done() -> list[Check]:
    return list(reference_checks())


def test_every_area_passes_here(done: list[Check]) -> None:
    assert {each.area for each in done} == set(checks.AREAS)
    assert [each for each in done if each.state != "passed"] == []


def test_every_check_has_its_own_name_and_a_source(done: list[Check]) -> None:
    names = [(each.area, each.name) for each in done]
    assert len(set(names)) == len(names)
    assert all(each.source for each in done)


@pytest.mark.parametrize(
    ("found", "expected", "tolerance", "agree"),
    [
        (1.0, 1.0 + 0.9e-6, 1e-6, True),
        (1.0, 1.0 + 2.1e-6, 1e-6, False),
        (1000.0, 1000.0005, 1e-6, True),
        (0.001, 0.0011, 1e-6, False),
        (math.nan, 1.0, 1.0, False),
    ],
)
def test_tolerance_is_absolute_below_one_and_relative_above(
    found: float, expected: float, tolerance: float, agree: bool
) -> None:
    assert agrees(found, expected, tolerance) is agree


def test_a_wrong_number_fails_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    file, compute = checks.AREAS["survival"]
    name = "log-rank chi-square/three groups"
    wrong = {**compute(), name: 11.0}
    monkeypatch.setattr(checks, "AREAS", {"survival": (file, lambda: wrong)})
    result = qualification(reference_checks())
    assert result["passed"] is False
    assert [each["name"] for each in result["checks"] if each["state"] == "failed"] == [name]


def test_what_cannot_be_computed_is_an_error_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken() -> dict[str, float]:
        raise OSError("no library")

    file, _ = checks.AREAS["survival"]
    monkeypatch.setattr(checks, "AREAS", {"survival": (file, broken)})
    result = qualification(reference_checks())
    assert result["counts"] == {"passed": 0, "failed": 0, "error": len(result["checks"])}
    assert result["checks"][0]["message"] == "OSError: no library"
    write_qualification_report(tmp_path / "report.html", result)
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "do not use this installation" in text


def test_no_checks_is_no_pass() -> None:
    assert qualification([])["passed"] is False


def test_report_lists_each_check_and_asks_the_network_nothing(
    done: list[Check], tmp_path: Path
) -> None:
    result = qualification(done)
    write_qualification_report(tmp_path / "report.html", result)
    text = (tmp_path / "report.html").read_text("utf-8")
    assert f"All {len(done)} reference checks passed" in text
    assert "http://" not in text.replace("http-equiv", "")
    assert "https://" not in text
    assert "not a medical device" in text
    assert result["installation"]["sources_sha256"] in text
