"""The packaged tables: complete, sourced, filtered by what a reader asks for."""

from __future__ import annotations

import csv
import time
from collections import Counter
from importlib import resources

import polars as pl
import pytest

from debulk.core import InputError
from debulk.evidence import citation, finding, findings, studies
from debulk.evidence.parsing import parse_table
from debulk.evidence.record import findings_by_key
from debulk.evidence.schema import FINDINGS, ROLES, STUDIES

# Rows of the source tables by role, after leaving out the one row that was never verified.
SOURCE_ROLES = {
    "series": {"calibration": 159, "validation": 81, "context": 15},
    "parameters": {"calibration": 111, "validation": 5, "process": 6, "context": 2},
    "continuum": {"calibration": 38, "validation": 15, "context": 11},
}
TRIALS_BY_ROLE = {
    "calibration": 9,
    "validation": 14,
    "context": 6,
    "planned": 8,
    "analogy": 5,
}
# Single numbers on how a held-out trial was delivered, in rows that also print its outcome.
DELIVERY = {
    "trials:CAIRO4/other_results#not-resected": 5,
    "trials:iPACS/perioperative_mortality#resection": 3,
    "trials:COLLISION/perioperative_mortality#resection": 3,
    "trials:PulMiCC/perioperative_mortality#treatment-related": 0,
    "trials:SABR-COMET/perioperative_mortality#experimental": 4.5,
    "trials:TransMet/other_results#transplanted": 38,
    "trials:TransMet/other_results#randomisation-to-transplantation": 51,
    "trials:New EPOC/other_results#liver-volume-resected": 27.8,
}
# Reading must not be felt by a user; the bound is far above what it takes (about 20 ms).
LONGEST_READ_S = 0.5


def packaged(name: str) -> bytes:
    return resources.files("debulk.data").joinpath("evidence", name).read_bytes()


def whole_rows(table: str) -> pl.DataFrame:
    """Rows as the source printed them, without the single numbers taken out of pairs."""
    return findings(table=table).filter(~pl.col("key").str.contains("#", literal=True))


@pytest.mark.parametrize("table", sorted(SOURCE_ROLES))
def test_each_source_row_is_one_finding_with_its_role(table: str) -> None:
    assert Counter(whole_rows(table)["role"]) == SOURCE_ROLES[table]


def test_each_criterion_keeps_its_place_in_its_trial() -> None:
    criteria = findings(table="eligibility")
    assert criteria.height == 126
    assert set(criteria["role"]) == {"eligibility"}
    assert set(criteria["kind"]) == {"criterion"}
    assert finding("eligibility:ORCHESTRA/5").text.startswith(
        "fraction_of_metastases_locally_treatable >= 0.80"
    )
    for trial in criteria["study"].unique():
        numbers = [int(key.rsplit("/", 1)[1]) for key in criteria.filter(study=trial)["key"]]
        assert numbers == list(range(1, len(numbers) + 1))


def test_trials_keep_their_role() -> None:
    assert Counter(studies(table="trials")["role"]) == TRIALS_BY_ROLE


def test_plan_of_a_held_out_trial_is_apart_from_its_outcome() -> None:
    held_out = set(studies(table="trials", role="validation")["study"])
    rows = findings(table="trials", study=sorted(held_out))
    plan = {
        "population", "phase", "control", "experimental", "randomisation_point", "planned_n",
        "enrolled_n", "primary_endpoint", "design_assumption", "accrual_years", "accrual_start",
    }  # fmt: skip
    for key, role in rows.select("key", "role").iter_rows():
        field = key.rsplit("/", 1)[1].split("#")[0]
        outcome = "process" if key in DELIVERY else "validation"
        assert role == ("protocol" if field in plan else outcome), key


def test_no_other_role_hides_an_outcome_of_a_held_out_trial() -> None:
    held_out = set(studies(table="trials", role="validation")["study"])
    rows = findings(table=["parameters", "continuum", "series"], role="calibration")
    # CAIRO4's protocol estimated the survival of untreated patients before the trial began.
    known = {"parameters:systemic/untreated-advanced-crc"}
    assert set(rows.filter(pl.col("study").is_in(list(held_out)))["key"]) == known


def test_every_finding_has_a_source_and_was_seen() -> None:
    rows = findings()
    assert (rows["source"].str.strip_chars() != "").all()
    assert set(rows["verified"]) <= {"yes", "partial"}
    assert not rows["source"].str.contains("not found").any()
    assert set(rows["role"]) <= set(ROLES)
    assert rows["key"].is_unique().all()


def test_a_source_is_secondary_exactly_when_it_has_no_identifier() -> None:
    identifier = r"(^|\|)(doi:10\.|PMID:\d|PMCID:PMC\d|NCT\d{8}|ISRCTN\d{8}|UMIN\d{9})"
    rows = findings()
    assert (rows["secondary"] == ~rows["source"].str.contains(identifier)).all()
    assert rows["secondary"].any()


def test_every_study_of_a_finding_is_in_the_table_of_studies() -> None:
    named = set(findings()["study"]) - {""}
    assert named <= set(studies()["study"])


def test_a_single_number_of_a_pair_shares_source_and_role_with_the_pair() -> None:
    parts = [key for key in findings_by_key() if "#" in key]
    assert len(parts) > 200
    for key in parts:
        part, pair = finding(key), finding(key.split("#")[0])
        assert (part.source, part.verified) == (pair.source, pair.verified)
        assert part.role == ("process" if key in DELIVERY else pair.role)
        assert part.kind == "number"


def test_delivery_facts_are_apart_from_the_outcome_beside_them() -> None:
    for key, value in DELIVERY.items():
        fact = finding(key)
        assert (fact.value, fact.role) == (value, "process")
        assert "as delivered" in fact.role_note
        assert finding(key.split("#")[0]).role == "validation"
    assert finding("trials:TransMet/os_rates#5y-experimental").role == "validation"


def test_numbers_stand_as_their_sources_print_them() -> None:
    rfa = finding("parameters:harm/ablation-mortality-rfa-mwa#rfa")
    assert (rfa.value, rfa.lower, rfa.upper, rfa.unit) == (0.15, 0.08, 0.23, "%")
    pause = finding("parameters:systemic/chemo-pause-effect#os-observation")
    assert (pause.value, pause.unit) == (18.1, "months")
    cure = finding("series:cucchetti-cure-model-2015/cure-fraction/all")
    assert (cure.value, cure.lower, cure.upper) == (20, 16.5, 23.5)
    late = finding("trials:CLOCC/os_rates#8y-experimental")
    assert (late.value, late.role) == (35.9, "calibration")
    assert finding("trials:ORCHESTRA/planned_n").value == 478
    assert finding("trials:ORCHESTRA/enrolled_n").value == 382
    assert finding("trials:ORCHESTRA/accrual_years").value == 10


def test_a_range_is_no_interval() -> None:
    spread = finding("series:hwang-2014/median-os/all-ehd")
    assert (spread.value, spread.lower, spread.statistic) == (30.5, None, "range 9-98")


def test_filters_meet_and_lists_are_alternatives() -> None:
    both = findings(table="trials", study=["CLOCC", "PulMiCC"], quantity="hazard ratio for death")
    assert dict(both.select("study", "value").iter_rows()) == {"CLOCC": 0.58, "PulMiCC": 0.82}
    assert findings(value=0.58, secondary=False, study="CLOCC").height == 1
    assert findings(value=None)["value"].is_null().all()
    assert set(findings(study=None)["study"]) == {""}


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({"rol": "validation"}, "Did you mean 'role'"),
        ({"role": "validaton"}, "Did you mean 'validation'"),
        ({"role": 3}, "3 is no text"),
        ({"year": "2018"}, "'2018' is no integer"),
        ({"n": True}, "True is no integer"),
        ({"secondary": "yes"}, "Give True or False"),
    ],
)
def test_a_mistaken_filter_is_told(filters: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        findings(**filters)


def test_an_unknown_key_offers_the_nearest() -> None:
    with pytest.raises(InputError, match="trials:ORCHESTRA/hr_os"):
        finding("trials:ORCHESTRA/hros")
    with pytest.raises(InputError, match="lists every key"):
        finding("@@@@@")


def test_a_citation_names_work_and_identifier() -> None:
    clocc = citation(finding("trials:CLOCC/hr_os"))
    assert clocc == "Ruers, J Natl Cancer Inst, 2017. doi:10.1093/jnci/djx015"
    untraced = citation(finding("continuum:iv-multi-organ-extensive/median-os"))
    assert untraced.endswith("(secondary source)")


@pytest.mark.parametrize("name", ["findings.csv", "studies.csv"])
def test_the_files_are_plain_text_in_a_fixed_order(name: str) -> None:
    data = packaged(name)
    assert b"\r" not in data
    assert data.endswith(b"\n")
    tables = [row["table"] for row in csv.DictReader(data.decode("utf-8").splitlines())]
    order = ("trials", "eligibility", "series", "parameters", "continuum")
    assert tables == sorted(tables, key=order.index)


def test_reading_is_quick() -> None:
    data = packaged("findings.csv")
    start = time.process_time()
    parse_table(data, FINDINGS, "findings.csv")
    assert time.process_time() - start < LONGEST_READ_S


def test_changing_a_table_in_place_changes_nobody_elses() -> None:
    mine = findings()
    mine.insert_column(0, pl.lit(1).alias("mine"))
    assert "mine" not in findings().columns


def test_a_reader_gets_typed_columns() -> None:
    assert findings().schema["value"] == pl.Float64
    assert findings().schema["year"] == pl.Int64
    assert findings().columns == list(FINDINGS.columns)
    assert studies().columns[: len(STUDIES.columns)] == list(STUDIES.columns)
    assert studies().schema["organ"] == pl.List(pl.String)
    assert finding("trials:CLOCC/hr_os").to_dict()["upper"] == 0.88
