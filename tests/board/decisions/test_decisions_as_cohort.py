"""The board's decisions as a registry: written, read back, and without a free word."""

import json

import pytest
from tests.board.shown_cases import lesion, shown_case
from typer.testing import CliRunner

from debulk.board.decisions.decision import Decision, OptionConsidered, Vote
from debulk.board.decisions.decisions_as_cohort import (
    COLUMNS,
    DecidedCase,
    Later,
    decisions_cohort,
)
from debulk.cli.app import app
from debulk.core.errors import InputError
from debulk.patients import read_cohort

OPTIONS = (OptionConsidered("systemic_alone", "Alone"), OptionConsidered("local", "Local"))
RESECTED = {
    "kind": "local",
    "name": "liver_resection",
    "start_months": 5.0,
    "end_months": 5.0,
    "lesion_ids": ["L1"],
    "completeness": "complete",
}


def decided(name, taken="systemic_alone", *, later=None, version=1, signed="chair", votes=None):
    case = shown_case(
        lesion("L1", "liver", 28.0, site="right S6"),
        lesion("C1", "peritoneum", 12.0, site="seen by Dr. Vries"),
        treatments=(
            {"kind": "systemic", "name": "CAPOX + bevacizumab", "line": 1, "start_months": 1.0},
            {"kind": "systemic", "name": "Mr Smith's mixture", "line": 0, "start_months": 0.1},
        ),
        case_id=name,
        centre="Utrecht",
        age_years=93.0,
        nickname="Jan",
    )
    decision = Decision(
        case_id=name,
        case_version=2,
        board_months=case.board_months,
        options=OPTIONS,
        taken=taken,
        votes=(Vote("surgery", "local", randomise=True), Vote("radiology", "systemic_alone"))
        if votes is None
        else votes,
        reasons="Said Dr. Vries on 12-03-2024.",
        review_months=8.0,
        version=version,
        signed_role=signed,
    )
    return DecidedCase(case, decision, later)


def records():
    treated = Later(20.0, True, 12.0, "cancer", True, treatments=(RESECTED,))
    untreated = Later(9.0, False, treated_as_decided=False)
    return [
        decided("A", "local", later=treated),
        decided("B", later=untreated),
        decided("C", "trial", votes=()),
    ]


def test_the_latest_signed_version_stands_and_the_others_are_counted():
    several = [decided("A"), decided("A", "local", version=2), decided("A", signed="", version=3)]
    found = decisions_cohort(several)
    assert found.patients["board_option"].to_list() == ["local"]
    assert [each.count for each in found.record.exclusions] == [1, 1]


def test_the_registry_is_written_and_read_back(tmp_path):
    cohort = decisions_cohort(records())
    cohort.write(tmp_path / "registry")
    back = read_cohort(tmp_path / "registry")
    for name in ("lesions", "treatments", "followup"):
        assert back.tables[name].equals(cohort.tables[name])
    told = back.patients.select("patient_id", *COLUMNS).row(0, named=True)
    assert told["board_option"] == "local"
    assert told["board_agreement_share"] == 0.5
    assert told["board_randomise_votes_share"] == 1.0
    assert told["board_treated_as_decided"] is True
    assert back.followup["last_months"].to_list() == [20.0, 9.0, 4.0]
    assert back.followup["dead"].to_list() == [True, False, False]
    assert back.patients["board_months"].to_list() == [4.0, 4.0, 4.0]


def test_cohort_describe_reads_the_registry(tmp_path):
    decisions_cohort(records()).write(tmp_path / "registry")
    told = CliRunner().invoke(app, ["cohort", "describe", str(tmp_path / "registry"), "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["patients"] == 3


def test_no_free_text_no_date_and_no_centre_is_exported(tmp_path):
    cohort = decisions_cohort(records())
    cohort.write(tmp_path / "registry")
    written = "".join(each.read_text() for each in (tmp_path / "registry").iterdir())
    for word in ("Vries", "Utrecht", "Smith", "12-03-2024", "Jan", "93"):
        assert word not in written
    names = cohort.treatments["name"].to_list()[:3]
    assert names == ["capox_bevacizumab", "other", "liver_resection"]
    assert cohort.lesions["site"].to_list()[:2] == ["right S6", None]
    assert cohort.patients["age_years"].to_list() == [90.0] * 3
    assert cohort.record is not None
    assert any("site of lesions" in each.reason for each in cohort.record.ignored)


def test_without_a_signed_decision_there_is_no_registry():
    with pytest.raises(InputError, match="no decision"):
        decisions_cohort([decided("A", signed="")])


def test_a_decision_belongs_to_its_own_case():
    one, other = decided("A"), decided("B")
    with pytest.raises(InputError, match="own case"):
        DecidedCase(one.case, other.decision)
