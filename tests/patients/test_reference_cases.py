"""Twelve invented board cases with what follows for each from the definitions.

tests/reference/patients/cases.json states its conventions and rules; the rules of ORCHESTRA's
criteria are written here in the rule language.
"""

import json
from pathlib import Path

import pytest

from debulk.patients import Cohort, Criterion, eligibility, judgement, states

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "patients" / "cases.json").read_text("utf-8")
)
CASES = {case["case_id"]: case for case in REFERENCE["cases"]}

# Sums of whole millimetres are exact.
EXACT = 0.0

_SITES = "has_para_aortic_node or has_coeliac_node or has_adrenal or has_pleura or has_peritoneum"
RULES = {
    "E1": "crc_confirmed",
    "E2": "first_line",
    "E3": "organs_involved >= 2",
    "E4a": f"extrahepatic_lesions > 1 or (hepatic_lesions > 5 and not liver_one_lobe) or {_SITES}",
    "E4b": "organs_involved >= 2 and (extrahepatic_lesions > 3"
    " or (hepatic_lesions > 5 and not liver_one_lobe)"
    f" or (hepatic_lesions >= 1 and ({_SITES})))",
    "E6": "age_years >= 18",
    "E7": "who_ps <= 1",
    # 12 weeks are 84 days of 30.4375 a month.
    "E8": "life_expectancy_months >= 84 / 30.4375",
    "E9": "consent_months >= 0",
    "X1": "adjuvant = 'none' or months_adjuvant_to_extrahepatic >= 6",
    "X2": "not hipec_candidate",
    "X3": "not liver_only",
    "X4": "not has_brain",
    "R1": "induction_response in ('CR', 'PR', 'SD')",
}
CRITERIA = [
    Criterion(name, each["text"], each["judged"], RULES[name])
    for name, each in REFERENCE["orchestra_criteria"].items()
]
FEATURE_OF = {
    "n_organs": "organs_involved",
    "n_lesions": "lesions",
    "n_hepatic": "hepatic_lesions",
    "n_extrahepatic": "extrahepatic_lesions",
    "largest_known_diameter_mm": "largest_known_diameter_mm",
    "lesions_without_size": "lesions_without_size",
    "extent_k2": "extent_k2",
    "extent_k4": "extent_k4",
    "n_disappeared": "lesions_disappeared",
    "n_removed": "lesions_removed",
}


def cohort(case):
    tables = {name: rows for name, rows in case["tables"].items() if rows}
    patients = [{**row, "board_months": case["board_months"]} for row in tables["patients"]]
    return Cohort.from_tables({**tables, "patients": patients})


def everyone():
    tables = {}
    for case in CASES.values():
        for name, rows in case["tables"].items():
            added = {"board_months": case["board_months"]} if name == "patients" else {}
            tables.setdefault(name, []).extend({**row, **added} for row in rows)
    return Cohort.from_tables(tables)


def test_there_are_twelve_cases():
    assert len(CASES) == 12


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("moment", "expected"), [("now", "now"), ("entry", "at_entry")])
def test_features_are_those_expected(name, moment, expected):
    case = CASES[name]
    only = [*FEATURE_OF.values(), *(f"has_{organ}" for organ in ("lung", "bone", "adrenal"))]
    row = cohort(case).features(moment=moment, only=only).row(0, named=True)
    wanted = case["expect"][expected]
    for key, feature in FEATURE_OF.items():
        if key in wanted:
            assert row[feature] == wanted[key], feature
    for organ in ("lung", "bone", "adrenal"):
        assert row[f"has_{organ}"] == (organ in wanted["organs"])


@pytest.mark.parametrize("name", CASES)
def test_extents_of_both_moments_stand_beside_each_other(name):
    case = CASES[name]
    row = cohort(case).extent().row(0, named=True)
    expect = case["expect"]
    assert row == {
        "patient_id": name,
        "entry_k2": expect["at_entry"]["extent_k2"],
        "entry_k4": expect["at_entry"]["extent_k4"],
        "now_k2": expect["now"]["extent_k2"],
        "now_k4": expect["now"]["extent_k4"],
    }


@pytest.mark.parametrize("name", CASES)
def test_criteria_are_in_the_state_expected(name):
    case = CASES[name]
    found = judgement(CRITERIA, cohort(case))
    assert dict(zip(found["criterion"], found["state"], strict=True)) == case["expect"]["orchestra"]


def test_states_of_all_cases_together_are_those_of_each_alone():
    found = states(CRITERIA, everyone())
    word = {True: "met", False: "not met", None: "unknown"}
    for row in found.iter_rows(named=True):
        expected = CASES[row.pop("patient_id")]["expect"]["orchestra"]
        assert {name: word[value] for name, value in row.items()} == expected


@pytest.mark.parametrize(
    ("left_out", "key"),
    [("E4b", "orchestra_eligible_nct"), ("E4a", "orchestra_eligible_isrctn")],
)
def test_eligibility_is_unknown_at_best_since_some_criteria_need_the_board(left_out, key):
    board = Criterion("E5", "treatable", "at entry", None, because="needs the panel")
    chosen = [each for each in CRITERIA if each.id != left_out] + [board]
    found = eligibility(states(chosen, everyone()))
    expected = {name: case["expect"][key] for name, case in CASES.items()}
    assert dict(zip(found["patient_id"], found["eligible"], strict=True)) == expected


@pytest.mark.parametrize("name", CASES)
def test_target_sums_are_those_measured_at_the_latest_assessment(name):
    case = CASES[name]
    measured = [each for each in case["tables"]["assessments"] if each["sum_diameters_mm"]]
    if not measured:
        pytest.skip("no sum was measured in this case")
    row = cohort(case).features(only=["sum_diameters_mm"]).row(0, named=True)
    assert row["sum_diameters_mm"] == pytest.approx(
        measured[-1]["sum_diameters_mm"], abs=EXACT, rel=EXACT
    )


def test_the_entry_moment_is_the_start_of_the_first_line_else_the_board():
    from debulk.patients.sight import see

    moments = see(everyone(), "entry").times
    expected = {name: case["expect"]["entry_months"] for name, case in CASES.items()}
    assert dict(zip(moments["patient_id"], moments["moment_months"], strict=True)) == expected
