"""Studies of one's own beside the packaged ones: the same columns, the same filters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from debulk.evidence.own_studies import read_own_studies
from debulk.evidence.schema import CODES, FINDINGS, STUDIES
from debulk.evidence.searching import search
from debulk.evidence.tables import findings, studies, study_codes

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "evidence-sources.md"
EXAMPLE = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
SMALL = """\
studies:
  - study: Hilltop
    source: [https://example.org/report, NCT01234567]
    design: registry
    domain: ovarian
    organ: peritoneum
    modality: HIPEC
    findings:
      - {quantity: median OS, value: 30, unit: months, verified: yes}
      - {quantity: median OS, value: 20, unit: months, source: https://example.org/more}
      - {quantity: tumour volume change, value: -30, unit: "% change", outcome: response}
"""


@pytest.fixture(name="example")
def the_example_of_the_page(tmp_path: Path) -> Path:
    assert EXAMPLE is not None
    path = tmp_path / "example.yaml"
    path.write_text(EXAMPLE[1], encoding="utf-8")
    return path


@pytest.fixture(name="small")
def a_small_file(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def test_the_example_of_the_page_is_read(example: Path) -> None:
    own = read_own_studies(example)
    assert own.findings.columns == list(FINDINGS.columns)
    assert own.studies.columns == list(STUDIES.columns)
    assert own.codes.columns == list(CODES.columns)
    assert own.findings.select("key", "outcome", "value", "role", "verified").rows() == [
        ("own:Riverside 2024/hazard-ratio-for-death/operated-vs-not", "overall survival", 0.7,
         "context", "yes"),
        ("own:Riverside 2024/90-day-mortality/operated", "operative mortality", 2.5, "context",
         "yes"),
        ("own:Riverside 2024/finding/all", "other", None, "context", "partial"),
    ]  # fmt: skip
    assert own.findings["n"].to_list() == [120, 60, 120]
    assert own.findings["work"][0] == "Doe, Journal of Examples, 2024"
    assert own.studies["doi"].item() == "10.1000/riverside.1"


def test_own_studies_join_the_packaged_ones_at_their_end(example: Path, small: Path) -> None:
    every = studies(own=[example, small])
    assert every["study"].to_list()[-2:] == ["Riverside 2024", "Hilltop"]
    assert every.height == studies().height + 2
    assert every.schema == studies().schema
    assert studies(own=small, domain="ovarian")["study"].to_list()[-1] == "Hilltop"
    assert findings(own=small).height == findings().height + 3
    assert findings(own=[small], organ="peritoneum", table="own").height == 3
    assert findings(table="own").height == 0


def test_what_is_left_out_is_unclear_or_taken_from_the_study(small: Path) -> None:
    codes = study_codes(own=small, study="Hilltop").row(0, named=True)
    assert (codes["line"], codes["extent"], codes["immortal_time"]) == ("unclear",) * 3
    assert "not judged" in codes["immortal_time_reason"]
    first, second, change = findings(own=small, table="own").iter_rows(named=True)
    assert first["source"] == "https://example.org/report|NCT01234567"
    assert (first["secondary"], second["secondary"]) == (False, True)
    assert (first["key"], second["key"]) == (
        "own:Hilltop/median-os/all",
        "own:Hilltop/median-os/all-2",
    )
    assert (change["value"], change["outcome"]) == (-30, "response")
    assert studies(own=small, study="Hilltop")["registry"].item() == "NCT01234567"


def test_own_studies_are_found_by_their_words(example: Path) -> None:
    found = search("riverside", own=[example])
    assert found.studies["study"].to_list() == ["Riverside 2024"]
    assert found.findings.height == 3
