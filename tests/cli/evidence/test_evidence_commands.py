"""`debulk evidence list | show | search`: what they print, as tables and as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from debulk.cli.evidence import app
from debulk.core import InputError
from debulk.evidence.tables import CODED_BY, findings, studies

OWN = """\
studies:
  - study: Hilltop
    source: https://example.org/report
    design: registry
    domain: mcrc
    organ: liver
    modality: ablation
    findings:
      - {quantity: median OS, value: 30, lower: 25, upper: 36, unit: months}
"""
COLUMNS = 80


@pytest.fixture(name="own")
def a_study_of_ones_own(tmp_path: Path) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(OWN, encoding="utf-8")
    return str(path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False, env={"COLUMNS": "80"})


def answer(*arguments: str) -> dict[str, object]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0
    told: dict[str, object] = json.loads(result.stdout)
    return told


def test_list_gives_every_study() -> None:
    found = answer("list")
    assert found["count"] == studies().height
    assert [each["study"] for each in found["studies"]] == studies()["study"].to_list()
    assert CODED_BY in found["provenance"]["remarks"]


def test_filters_of_one_kind_are_alternatives_and_of_several_meet() -> None:
    found = answer("list", "--organ", "lung", "--organ", "peritoneum", "--design", "randomised")
    assert {each["study"] for each in found["studies"]} == {"PulMiCC", "PRODIGE 7", "CAIRO6"}
    assert found["filters"] == {"design": ["randomised"], "organ": ["lung", "peritoneum"]}


def test_studies_are_filtered_by_what_they_report_and_by_bias() -> None:
    arguments = ("--outcome", "cure", "--risk", "immortal_time=high", "--table", "series")
    found = answer("list", *arguments)
    assert [each["study"] for each in found["studies"]] == ["Tomlinson"]
    spaced = answer("list", "--risk", "immortal-time = high")
    assert {each["immortal_time"] for each in spaced["studies"]} == {"high"}


def test_findings_are_listed_with_what_they_may_be_used_for() -> None:
    found = answer("list", "--findings", "--role", "process", "--table", "trials")
    keys = [each["key"] for each in found["findings"]]
    assert keys == findings(role="process", table="trials")["key"].to_list()
    assert "trials:TransMet/other_results#transplanted" in keys
    text = run("list", "--findings", "--role", "process", "--table", "trials").stdout
    assert "51 days" in text
    assert "process" in text
    assert f"{len(keys)} findings" in text


def test_nothing_found_is_said() -> None:
    result = run("list", "--domain", "gastric", "--organ", "lung")
    assert result.stdout == "0 studies.\n"
    assert answer("list", "--domain", "gastric", "--organ", "lung")["studies"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("list", "--findings", "--table", "series"),
        ("show", "ORCHESTRA"),
        ("show", "trials:CLOCC/hr_os"),
        ("search", "peritoneum"),
    ],
)
def test_the_tables_fit_a_narrow_terminal(arguments: tuple[str, ...]) -> None:
    assert max(map(len, run(*arguments).stdout.splitlines())) <= COLUMNS


@pytest.mark.parametrize(
    ("arguments", "last"),
    [(("list",), "bias"), (("list", "--findings"), "role"), (("show", "CLOCC"), "role")],
)
def test_no_column_is_squeezed(arguments: tuple[str, ...], last: str) -> None:
    lines = [line.rstrip() for line in run(*arguments).stdout.splitlines()]
    assert any(line.startswith(("study ", "key ")) and line.endswith(last) for line in lines)


def test_show_tells_whose_judgement_the_codes_are() -> None:
    text = " ".join(run("show", "raxo").stdout.split())
    assert "high operated and not operated are set side by side" in text
    assert CODED_BY in text
    assert "doi:10.1016/j.lanepe.2021.100049" in text


def test_show_gives_a_study_with_all_its_findings() -> None:
    found = answer("show", "clocc")
    assert found["study"]["study"] == "CLOCC"
    assert found["study"]["immortal_time_reason"]
    assert found["citation"].startswith("Ruers, J Natl Cancer Inst, 2017. doi:10.1093/jnci/djx015")
    assert len(found["findings"]) == findings(study="CLOCC").height


def test_the_beginning_of_a_name_is_enough_where_one_begins_so() -> None:
    assert answer("show", "erasur")["study"]["study"].startswith("ERASur")
    assert answer("show", "SABR-COMET")["study"]["study"] == "SABR-COMET"
    with pytest.raises(InputError, match=r"begins several names.*'CAIRO3', 'CAIRO5'"):
        run("show", "cairo")


def test_show_gives_one_finding_by_its_key() -> None:
    found = answer("show", "trials:CLOCC/hr_os")
    assert found["finding"]["value"] == 0.58
    assert found["citation"] == "Ruers, J Natl Cancer Inst, 2017. doi:10.1093/jnci/djx015"
    text = run("show", "continuum:iv-multi-organ-extensive/median-os").stdout
    assert "(secondary source)" in text.replace("\n", " ")


def test_search_says_how_many_and_shows_the_first() -> None:
    found = answer("search", "Liver", "transplant")
    assert found["words"] == ["Liver", "transplant"]
    assert found["counts"] == {"studies": 1, "findings": len(found["findings"])}
    text = run("search", "survival", "--most", "2").stdout
    assert "the first 2 are shown" in text
    nothing = run("search", "zebra").stdout
    assert "None of the studies holds all of: zebra" in nothing


def test_own_studies_stand_beside_the_packaged_ones(own: str) -> None:
    found = answer("list", "--with", own, "--organ", "liver", "--modality", "ablation")
    assert found["studies"][-1]["study"] == "Hilltop"
    assert list(found["provenance"]["inputs"]) == ["mine.yaml"]
    text = " ".join(run("show", "hilltop", "--with", own).stdout.split())
    assert "Coded by who added the study" in text
    assert "30 (25 to 36)" in text
    assert "yes* " in text
    key = "own:Hilltop/median-os/all"
    assert answer("show", key, "--with", own)["finding"]["secondary"] is True
    assert answer("search", "hilltop", "--with", own)["counts"] == {"studies": 1, "findings": 1}


def test_two_files_of_one_name_are_both_told(own: str, tmp_path: Path) -> None:
    other = tmp_path / "other" / "mine.yaml"
    other.parent.mkdir()
    other.write_text(OWN.replace("Hilltop", "Lakeside"), encoding="utf-8")
    found = answer("list", "--with", own, "--with", str(other), "--table", "own")
    assert [each["study"] for each in found["studies"]] == ["Hilltop", "Lakeside"]
    assert list(found["provenance"]["inputs"]) == ["mine.yaml", "mine.yaml-2"]


def test_list_writes_every_column_of_what_it_would_print(tmp_path: Path) -> None:
    path = tmp_path / "studies.csv"
    done = run("list", "--organ", "lymph nodes", "--out", str(path))
    rows = pl.read_csv(path, infer_schema=False)
    asked = studies(organ="lymph nodes")
    assert f"{asked.height} studies written" in done.stdout
    assert rows.columns == asked.columns
    assert rows["study"].to_list() == asked["study"].to_list()
    assert rows["organ"].to_list() == ["|".join(each) for each in asked["organ"]]


def test_list_writes_the_same_rows_as_parquet(tmp_path: Path) -> None:
    path = tmp_path / "findings.parquet"
    told = answer("list", "--findings", "--study", "CLOCC", "--out", str(path))
    assert told["files"] == {"findings": str(path)}
    assert pl.read_parquet(path).equals(findings(study="CLOCC"))


def test_studies_with_a_quantity_are_those_that_report_it() -> None:
    listed = {each["study"] for each in answer("list", "--quantity", "5y OS")["studies"]}
    assert listed == set(findings(quantity="5y OS")["study"]) - {""}


def test_search_takes_the_filters_of_list() -> None:
    found = answer("search", "survival", "--design", "registry", "--organ", "liver")
    allowed = set(studies(design="registry", organ="liver")["study"])
    assert found["counts"]["findings"] > 0
    assert {each["study"] for each in found["findings"]} <= allowed


def test_a_narrow_terminal_loses_no_column() -> None:
    done = CliRunner().invoke(app, ["list", "--study", "CLOCC"], env={"COLUMNS": "40"})
    assert "bias" in done.stdout.splitlines()[0]
    assert "LLL" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("list", "--design", "randomized"), "--design: 'randomized'. Did you mean 'randomised'"),
        (("list", "--outcome", "survival"), "--outcome: 'survival'. Did you mean 'overall"),
        (("list", "--findings", "--role", "valid"), "--role: 'valid'. Did you mean 'validation'"),
        (("list", "--risk", "immortal_time"), "--risk: 'immortal_time'. Write BIAS=LEVEL"),
        (("list", "--risk", "imortal_time=high"), "--risk: .*Did you mean 'immortal_time'"),
        (("list", "--risk", "immortal_time=hihg"), "--risk: 'hihg'. Did you mean 'high'"),
        (("show", "CLOC5"), "NAME_OR_KEY: .*'CLOC5'. Did you mean 'CLOCC'"),
        (("show", "trials:CLOCC/hros"), "NAME_OR_KEY: .*Did you mean 'trials:CLOCC/hr_os'"),
        (("show", "@@@@"), "debulk evidence list names every study"),
        (("show", ""), "no study or finding is called ''"),
        (("search", " "), "holds no word"),
        (("list", "--study", "CLOC"), "--study: 'CLOC'. Did you mean 'CLOCC'"),
        (("list", "--quantity", "5y Os"), "--quantity: '5y Os'. Did you mean '5y OS'"),
        (("search", "survival", "--organ", "livre"), "--organ: 'livre'. Did you mean 'liver'"),
        (("list", "--out", "studies.xlsx"), "--out studies.xlsx: ends in '.xlsx'"),
        (("list", "--out", "studies"), "--out studies: has no ending"),
        (("list", "--out", "no-folder/studies.csv"), "its folder does not exist"),
        (("list", "--with", "no-such-file.yaml"), "no-such-file.yaml: there is no such file"),
    ],
)
def test_a_mistake_is_told_with_its_option(arguments: tuple[str, ...], told: str) -> None:
    with pytest.raises(InputError, match=told):
        run(*arguments)


def test_the_commands_load_nothing_heavy_before_they_run() -> None:
    code = (
        "import sys, debulk.cli.evidence;"
        "heavy = {'polars', 'numpy', 'scipy', 'numba', 'altair', 'pydantic', 'rich.table'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
