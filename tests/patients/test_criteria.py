import polars as pl
import pytest

from debulk.core import InputError
from debulk.patients import Cohort, Criterion, eligibility, judgement, states

MANY = Criterion("many", "more than 2 metastases", "latest", "lesions > 2")
FEW = Criterion("few", "at most 2 metastases", "latest", "lesions <= 2")
THREE = Criterion("three", "three metastases", "latest", "lesions = 3")
BOARD = Criterion("board", "the board agrees", "latest", None, because="no column")


def cohort(*, complete):
    lesions = [("a", 1), ("a", 2), ("a", 3), ("b", 1), ("c", 1)]
    return Cohort.from_tables(
        {
            "patients": [
                {"patient_id": name, "lesion_list_complete": complete} for name in ("a", "b", "c")
            ],
            "lesions": [
                {"patient_id": name, "lesion_id": f"L{number}", "organ": "lung"}
                for name, number in lesions
            ],
        }
    )


def test_a_state_is_met_not_met_or_unknown():
    found = states([MANY, FEW, BOARD], cohort(complete=True))
    assert found["many"].to_list() == [True, False, False]
    assert found["few"].to_list() == [False, True, True]
    assert found["board"].to_list() == [None, None, None]


def test_counts_of_an_incomplete_list_are_lower_bounds():
    found = states([MANY, FEW, THREE], cohort(complete=False))
    assert found["many"].to_list() == [True, None, None]
    assert found["few"].to_list() == [False, None, None]
    assert found["three"].to_list() == [None, None, None]
    shown = judgement([MANY], cohort(complete=False))
    assert shown["value"].to_list() == [f"lesions at least {n}" for n in (3, 1, 1)]


def test_flags_of_an_incomplete_list_are_true_or_unknown():
    row = cohort(complete=False).features(
        only=["has_lung", "has_brain", "liver_only", "extent_k2", "largest_diameter_mm"]
    )
    assert row.row(0)[-5:] == (True, None, False, None, None)


def test_patients_are_eligible_when_all_is_met():
    found = pl.DataFrame(
        {
            "patient_id": ["a", "b", "c", "d"],
            "x": [True, True, False, None],
            "y": [True, None, None, None],
        }
    )
    assert eligibility(found)["eligible"].to_list() == ["met", "unknown", "not met", "unknown"]
    assert eligibility(found.select("patient_id"))["eligible"].to_list() == ["met"] * 4


def test_a_judgement_shows_the_values_it_saw():
    assumed = Criterion("yes", "signed", "latest", None, "met", "asked at the visit")
    found = judgement([MANY, assumed], cohort(complete=True))
    assert found.height == 6
    assert found["criterion"].to_list()[:2] == ["many", "yes"]
    assert found["value"].to_list()[:2] == ["lesions = 3", ""]
    assert found["state"].to_list()[:2] == ["met", "unknown"]
    assert found["assumed"].to_list()[:2] == [False, True]


def test_moments_look_at_their_own_table():
    entry = Criterion("entry", "", "at entry", "lesions > 1")
    now = pl.DataFrame({"patient_id": ["a"], "lesions": [1]})
    then = pl.DataFrame({"patient_id": ["a"], "lesions": [2]})
    found = states([entry, MANY], {"now": now, "entry": then})
    assert found.row(0) == ("a", True, False)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Criterion("E", "", "someday", None), "someday"),
        (lambda: Criterion("E", "", "latest", None, "not met"), "Say met"),
        (lambda: states([MANY, MANY], cohort(complete=True)), "comes twice"),
        (lambda: states([Criterion("E", "", "latest", "nope > 1")], cohort(complete=True)), "nope"),
        (lambda: states([MANY], {"entry": pl.DataFrame({"patient_id": []})}), "'now'"),
        (lambda: states([MANY], {"now": pl.DataFrame({"patient_id": ["a"]})}), "no 'lesions'"),
        (lambda: states([], {}), "none given"),
        (lambda: judgement([], cohort(complete=True)), "there is none"),
    ],
)
def test_what_cannot_be_judged_is_refused(build, says):
    with pytest.raises(InputError) as caught:
        build()
    assert says in str(caught.value)


def test_a_rule_may_name_a_column_of_the_users_own():
    source = Cohort.from_tables({"patients": [{"patient_id": "a", "smoker": True}]})
    found = states([Criterion("S", "does not smoke", "latest", "not smoker")], source)
    assert found["S"].to_list() == [False]
