"""Does every row and every identifier of the source tables arrive in the packaged ones?"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from debulk.evidence.tables import findings, studies

SOURCES = os.environ.get("DEBULK_EVIDENCE")
pytestmark = pytest.mark.skipif(
    SOURCES is None, reason="DEBULK_EVIDENCE does not name the source tables"
)

Row = dict[str, str]
# Cited in the sources, but no row that was seen reports a number of it.
WITHOUT_A_ROW = {"de Jong 2009"}
# Columns of a trial that become findings, and the columns of limits that go with another.
NOT_FINDINGS = {
    "id", "acronym", "full_title_short", "question", "hr_lo", "hr_hi", "hr_pfs_lo", "hr_pfs_hi",
    "sources", "verified", "role", "role_note",
}  # fmt: skip


def source(name: str) -> list[Row]:
    with Path(str(SOURCES), f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def seen(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["verified"] != "no" and row["source"] != "not found"]


def whole(table: str) -> pl.DataFrame:
    """Packaged rows without the single numbers taken out of printed pairs."""
    return findings(table=table).filter(~pl.col("key").str.contains("#", literal=True))


def test_only_what_was_never_seen_is_left_out() -> None:
    left_out = [row for name in ("series", "parameters", "continuum", "eligibility")
                for row in source(name) if row not in seen([row])]  # fmt: skip
    assert [row["study"] for row in left_out] == ["Imai, Chua, van den Hurk"]
    assert all(trial["verified"] != "no" for trial in source("trials"))


def test_no_recalled_number_is_shipped() -> None:
    recalled = [row for row in source("parameters") if row["note"].startswith("memory:")]
    assert recalled
    assert not findings()["note"].str.starts_with("memory:").any()


def test_every_series_row_arrives() -> None:
    columns = ("study", "quantity", "group", "unit", "verified", "role", "role_note")
    packaged = Counter(whole("series").select(columns).iter_rows())
    printed = Counter(
        (row["study"], row["metric"], row["group"], row["unit"], row["verified"], row["role"],
         row["role_note"])
        for row in seen(source("series"))
    )  # fmt: skip
    assert packaged == printed


def test_every_parameter_arrives() -> None:
    columns = ("group", "quantity", "unit", "statistic", "population", "verified", "role")
    packaged = Counter(whole("parameters").select(columns).iter_rows())
    printed = Counter(
        (row["category"], row["parameter"], row["unit"], row["distribution"], row["population"],
         row["verified"], row["role"])
        for row in seen(source("parameters"))
    )  # fmt: skip
    assert packaged == printed


def test_every_step_of_the_continuum_arrives() -> None:
    columns = ("group", "quantity", "unit", "verified", "role", "role_note")
    packaged = Counter(whole("continuum").select(columns).iter_rows())
    printed = Counter(
        (row["stage"], row["quantity"], row["unit"], row["verified"], row["role"], row["role_note"])
        for row in seen(source("continuum"))
    )
    assert packaged == printed


def test_every_criterion_arrives() -> None:
    columns = ("study", "quantity", "text", "verified")
    packaged = Counter(whole("eligibility").select(columns).iter_rows())
    printed = Counter(
        (row["trial"], row["kind"], row["criterion"], row["verified"])
        for row in source("eligibility")
    )
    assert packaged == printed


def test_every_filled_cell_of_a_trial_arrives() -> None:
    for trial in source("trials"):
        filled = {column for column, cell in trial.items() if cell} - NOT_FINDINGS
        rows = whole("trials").filter(study=trial["acronym"])
        fields = {key.rsplit("/", 1)[1] for key in rows["key"]}
        named = {re.sub(r"_mo$", "_months", column) for column in filled - {"p"}}
        assert named <= fields, trial["acronym"]
        assert len(fields - named) == ("p" in filled)
        assert set(rows["verified"]) == {trial["verified"]}


@pytest.mark.parametrize("table", ["series", "parameters", "continuum"])
def test_every_printed_number_arrives(table: str) -> None:
    value, limits = ("value", ("lo", "hi")) if table == "parameters" else ("value", ("ci",))
    packaged = [
        {each for each in row if each is not None}
        for row in whole(table).select("value", "lower", "upper").iter_rows()
    ]
    for row, found in zip(seen(source(table)), packaged, strict=True):
        if re.fullmatch(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", row[value]):
            assert float(row[value]) in found, row
        for limit in limits:
            if re.fullmatch(r"\d+(\.\d+)?", row[limit]):
                assert float(row[limit]) in found, row


def test_every_doi_and_pmid_arrives_at_its_study() -> None:
    known = dict(studies().select("study", "source").iter_rows())
    for work in source("citations"):
        if work["key"] in WITHOUT_A_ROW:
            assert work["key"] not in known
            continue
        name = work["key"] if work["key"] in known else re.sub(r" \d{4}$", "", work["key"])
        identifiers = known[name].split("|")
        if work["doi"]:
            assert f"doi:{work['doi'].lower()}" in identifiers, name
        if work["pmid"]:
            assert f"PMID:{work['pmid']}" in identifiers, name
