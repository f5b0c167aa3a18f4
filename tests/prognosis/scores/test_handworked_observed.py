"""Points held against survival, counted by hand."""

import pytest
from tests.prognosis.scores.cases import cohort_of

from debulk.core import InputError
from debulk.prognosis.scores.in_cohort import score_in_cohort

# Shares of a few patients: no more than rounding may differ.
ROUNDING = 1e-12


def cohort(*patients):
    """Each a change to the plain patient, its months after the resection at 31, and its death."""
    made = cohort_of(*(changes for changes, _, _ in patients))
    followup = [
        {"patient_id": f"P{place}", "last_months": 31.0 + months, "dead": dead}
        for place, (_, months, dead) in enumerate(patients)
    ]
    return type(made).from_tables(made.tables | {"followup": followup})


FOUR = cohort(
    ({}, 70.0, False),
    ({"lesions": 4}, 40.0, True),
    ({}, 50.0, True),
    ({"lesions": 4, "synchronous": True}, 20.0, True),
)


def test_concordance_and_survival_by_group():
    found = score_in_cohort("konopke", FOUR).observed
    # Points 0, 1, 0, 2; deaths at 40, 50 and 20 months after the resection. Pairs that can be
    # compared: (4th, others) all right, (2nd, 1st) and (2nd, 3rd) right, (3rd, 1st) tied.
    assert found.concordance.estimate == pytest.approx(5.5 / 6, abs=ROUNDING)
    assert (found.n, found.deaths, found.missing) == (4, 3, 0)
    alive = {each.name: each.survival.estimate for each in found.groups}
    # Of two at low risk one died at 50 months; the other groups are one patient each, dead by 60.
    assert alive["low"] == pytest.approx(0.5, abs=ROUNDING)
    assert {each.name: each.median_months.estimate for each in found.groups}["high"] == 20.0
    assert [each.published[0].value for each in found.groups] == [94.0, 40.0, 33.0]


def test_time_runs_from_the_moment_of_judgement_and_nobody_is_lost_silently():
    some = cohort(
        ({}, 70.0, False),
        ({"lesions": 4}, -1.0, True),
        ({"lesions": 4}, 0.0, True),
        ({"cea_ug_l": None}, 50.0, True),
        ({"synchronous": True}, 20.0, True),
    )
    found = score_in_cohort("konopke", some)
    left_out = {each.reason: each.count for each in found.observed.exclusions}
    assert left_out == {
        "no points": 1,
        "outcome or end of follow-up not after the moment of judgement": 2,
    }
    assert (found.observed.n, found.observed.missing) == (2, 1)
    assert found.to_dict()["provenance"]["exclusions"][0]["count"] == 1


def test_patients_whose_moment_is_not_known_are_counted():
    tables = {name: each for name, each in FOUR.tables.items() if name != "treatments"}
    found = score_in_cohort("konopke", type(FOUR).from_tables(tables))
    assert any("4 of 4 patients have neither" in each for each in found.provenance().remarks)
    assert found.computed.outside_unknown == 4


def test_a_score_without_groups_is_shown_by_points():
    tables = FOUR.tables | {"patients": FOUR.patients.to_dicts()}
    found = score_in_cohort("rees_postoperative", type(FOUR).from_tables(tables)).observed
    assert [each.name for each in found.groups] == ["0 points"]
    assert found.groups[0].published[0].value == 0.64


def test_left_truncation_is_taken_into_account():
    patients = [{**row, "entry_months": 31.0 + 30.0} for row in FOUR.patients.to_dicts()]
    tables = FOUR.tables | {"patients": patients}
    found = score_in_cohort("konopke", type(FOUR).from_tables(tables)).observed
    # The death at 20 months came before entry at 30.
    assert found.n == 3
    assert found.exclusions[-1].reason == "follow-up ends before entry"
    assert found.concordance_uno is None


def test_a_given_column_is_held_against_survival_and_against_the_computed_points():
    patients = [
        {**row, "released": points}
        for row, points in zip(FOUR.patients.to_dicts(), [0, 1, 2, None], strict=True)
    ]
    cohort = type(FOUR).from_tables(FOUR.tables | {"patients": patients})
    found = score_in_cohort("konopke", cohort, points_column="released")
    seen = found.agreement
    assert (seen.both, seen.equal, seen.within_one, seen.given_higher, seen.given_lower) == (
        3,
        2,
        2,
        1,
        0,
    )
    assert (found.observed.n, found.observed.missing) == (3, 1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"points_column": "none"}, "no column 'none'"),
        ({"points_column": "age_years"}, "column age_years: found '60.0'.*from 0 to 3"),
        ({"points_column": "ras"}, "column ras: found 'wild_type'.*number"),
        ({"horizon_months": 0.0}, "months above 0"),
    ],
)
def test_mistakes_are_told(options, words):
    with pytest.raises(InputError, match=words):
        score_in_cohort("konopke", FOUR, **options)


def test_a_cohort_that_lacks_one_item_in_everybody_says_which():
    bare = cohort(({"crp_mg_l": None, "neutrophil_lymphocyte_ratio": None}, 20.0, True))
    with pytest.raises(InputError, match=r"inflammation: unknown in all.*columns crp_mg_l"):
        score_in_cohort("malik", bare)
