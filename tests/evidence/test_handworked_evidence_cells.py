"""How the converter reads a printed cell; worked by hand from the ways the sources print."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from debulk.evidence.keys import Keys, slug

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
PACKAGED = ROOT / "src" / "debulk" / "data" / "evidence"
SOURCES = os.environ.get("DEBULK_EVIDENCE")


@pytest.fixture(name="cells")
def load_cells(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    yield importlib.import_module("evidence_cells")
    for name in ("evidence_cells", "evidence_sources", "evidence_studies"):
        sys.modules.pop(name, None)


@pytest.fixture(name="sources")
def load_sources(cells: ModuleType) -> ModuleType:
    return importlib.import_module("evidence_sources")


@pytest.mark.parametrize(
    ("value", "interval", "expected"),
    [
        ("20", "16.5-23.5", ("20", "16.5", "23.5", "limits as printed", "")),
        ("30.5", "range 9-98", ("30.5", "", "", "range 9-98", "")),
        ("16.7", "102/612", ("16.7", "", "", "102/612", "")),
        ("60-70", "", ("", "60", "70", "printed as a range", "60-70")),
        ("27.5 vs 30.0", "", ("", "", "", "", "27.5 vs 30.0")),
        ("~80", "", ("", "", "", "", "~80")),
    ],
)
def test_value_and_interval(
    cells: ModuleType, value: str, interval: str, expected: tuple[str, ...]
) -> None:
    found = cells.measured(value, interval)
    names = ("value", "lower", "upper", "statistic", "text")
    assert tuple(found[name] for name in names) == expected


def test_slug_is_short_and_plain() -> None:
    assert slug("ablation mortality RFA / MWA") == "ablation-mortality-rfa-mwa"
    assert slug(">=80% debulking achieved") == "80-debulking-achieved"
    assert len(slug("x" * 100)) == 60
    assert not slug("y" * 59 + " z").endswith("-")


def test_the_same_words_get_the_next_number() -> None:
    keys = Keys()
    claimed = [keys.claim(name) for name in ("a", "a", "a-2", "a")]
    assert claimed == ["a", "a-2", "a-2-2", "a-3"]
    assert len(set(claimed)) == 4


@pytest.mark.parametrize(
    ("printed", "years"),
    [
        ("2013-2023", "10"),
        ("2012-08 to 2021-02", "8.50"),
        ("2010-12 to 2016-12 (first report)", "6.00"),
        ("2012", ""),
    ],
)
def test_years_of_accrual(cells: ModuleType, printed: str, years: str) -> None:
    assert cells.years_between(printed) == years


@pytest.mark.parametrize(
    ("status", "year"),
    [
        ("reported 2012 and 2017 (positive long term)", "2017"),
        ("recruiting (protocol 2024)", ""),
        ("stopped early 2021; final 2026", "2026"),
    ],
)
def test_year_of_the_report(cells: ModuleType, status: str, year: str) -> None:
    assert cells.report_year(status) == year


@pytest.mark.parametrize(
    ("address", "identifiers"),
    [
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC5408999", ["PMCID:PMC5408999"]),
        ("https://www.pubmed.gov/25956209/", ["PMID:25956209"]),
        ("https://link.springer.com/article/10.1007%2Fs00270-011-0241-8",
         ["doi:10.1007/s00270-011-0241-8"]),
        ("https://zendy.io/title/10.1093/jjco/hyz173", ["doi:10.1093/jjco/hyz173"]),
        ("https://bmccancer.biomedcentral.com/articles/10.1186/s12885-015-1060-0/tables/1",
         ["doi:10.1186/s12885-015-1060-0"]),
        ("https://trials.co/clinical-trials-details/-/NCT02738606", ["NCT02738606"]),
        ("https://repub.eur.nl/pub/101633", []),
    ],
)  # fmt: skip
def test_identifiers_in_an_address(
    sources: ModuleType, address: str, identifiers: list[str]
) -> None:
    assert sources.identifiers_in(address) == identifiers


@pytest.mark.skipif(SOURCES is None, reason="DEBULK_EVIDENCE does not name the source tables")
def test_the_packaged_tables_are_what_the_sources_give(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPTS / "build_evidence.py"), str(SOURCES), str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    for name in ("findings.csv", "studies.csv"):
        assert (tmp_path / name).read_bytes() == (PACKAGED / name).read_bytes()
