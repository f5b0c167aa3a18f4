"""A decision: what it holds, what it refuses, and that plain values bring it back."""

import json
import math

import pytest

from debulk.board.decisions.decision import (
    Decision,
    Dissent,
    OptionConsidered,
    Vote,
    decision_from_dict,
)
from debulk.board.decisions.views import Views, table_words, views_of_counts
from debulk.core.errors import InputError

OPTIONS = (
    OptionConsidered("systemic_alone", "Systemic therapy alone"),
    OptionConsidered("resect_and_ablate", "Resect and ablate"),
)
VOTES = (
    Vote("surgery", "resect_and_ablate", False),
    Vote("medical_oncology", "systemic_alone", False),
    Vote("radiology", "systemic_alone", True),
    Vote("nursing", "abstains"),
)


def decision(**changes):
    fields = {
        "case_id": "K7QF",
        "case_version": 4,
        "board_months": 4.0,
        "options": OPTIONS,
        "taken": "systemic_alone",
        "votes": VOTES,
        "dissent": (Dissent("surgery", "All lesions can be treated."),),
        "reasons": "The patient declines an operation.",
        "patients_wish": "To work on.",
        "review_months": 7.0,
        "review_trigger": "response",
        "unknown_at_the_time": ("ras",),
        "signed_role": "chair",
        "first_views": Views(3, 3, 1),
    }
    return Decision(**{**fields, **changes})


def test_handworked_shares():
    found = decision()
    assert found.agreement == 2 / 3  # the abstention is no vote
    assert found.randomise_share == 1 / 3
    assert found.signed
    assert found.text == "Systemic therapy alone: 2 of 3 votes; 1 of 3 would randomise."
    alone = decision(votes=(), dissent=())
    assert (alone.agreement, alone.randomise_share) == (None, None)
    assert alone.text == "Systemic therapy alone; no vote was noted."


def test_handworked_what_was_said_at_the_table():
    found = decision()
    assert found.views == Views(randomise=1, treat=1, not_treat=1)
    assert table_words(found.views, found.first_views) == (
        "At this table: 1 of 3 would randomise, 1 would treat, 1 would not; before the futures "
        "were opened 3, 3, 1."
    )
    assert table_words(Views(4, 2, 1), Views(3, 3, 1)) == (
        "At this table: 4 of 7 would randomise, 2 would treat, 1 would not; before the futures "
        "were opened 3, 3, 1."
    )
    unasked = Vote("pathology", "resect_and_ablate")
    elsewhere = Vote("geriatrics", "more_diagnosis", randomise=False)
    views = decision(votes=(*VOTES, unasked, elsewhere)).views
    assert views == Views(1, 1, 1, 1)
    assert "1 of 4 would randomise" in table_words(views)
    assert "1 would not, 1 chose none of these." in table_words(views)
    assert decision(votes=(unasked,), dissent=()).views is None
    assert table_words(None, Views(treat=2)).startswith("First views of 2: 0 would randomise, 2")
    assert table_words(None) == "At this table: no view is noted."
    assert views_of_counts({}) is None
    assert views_of_counts({"treat": 2, "unheard of": 9}) == Views(treat=2)


def test_a_decision_stored_by_an_earlier_version_is_read():
    told = decision().to_dict()
    del told["first_views"]
    told["votes"] = [{**each, "first_view": None} for each in told["votes"]]
    assert decision_from_dict(told) == decision(first_views=None)


def test_plain_values_bring_it_back():
    found = decision()
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert decision_from_dict(told) == found


@pytest.mark.parametrize("taken", ["trial", "more_diagnosis", "not_enough_known"])
def test_not_choosing_an_option_is_a_decision(taken):
    assert decision(taken=taken, dissent=()).taken == taken


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"taken": "resect"}, "decision taken"),
        ({"options": ()}, "options"),
        ({"options": (*OPTIONS, OPTIONS[0])}, "options"),
        ({"options": (*OPTIONS, OptionConsidered("trial", "A trial"))}, "options"),
        ({"votes": (Vote("surgery", "operate"),)}, "votes, vote"),
        ({"votes": VOTES * 20}, "number of votes"),
        ({"dissent": (Dissent("radiology", "No."),)}, "dissent"),
        ({"review_months": 4.0}, "review_months"),
        ({"review_months": math.inf}, "review_months"),
        ({"review_trigger": "soon"}, "review trigger"),
        ({"board_months": math.nan}, "board_months"),
        ({"board_months": -3.0}, "board_months"),
        ({"case_version": True}, "case version"),
        ({"case_version": 0}, "case version"),
        ({"case_id": " "}, "case id"),
        ({"reasons": ""}, "reasons"),
        ({"reasons": "x" * 5_000}, "reasons"),
        ({"signed_role": "Dr. de Vries"}, "signed role"),
        ({"unknown_at_the_time": ("",)}, "unknown at the time"),
    ],
)
def test_a_wrong_field_is_named(changes, where):
    with pytest.raises(InputError) as caught:
        decision(**changes)
    assert caught.value.where == where
    assert caught.value.remedy


def test_the_texts_on_a_patient_are_given_to_be_looked_through():
    assert set(decision().free_texts) == {"reasons", "patients_wish", "dissent.0"}


def test_a_draft_needs_no_reasons():
    assert not decision(reasons="", signed_role="").signed


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Vote("Jan Jansen", "trial"),
        lambda: Vote("surgery", "trial", 1),
        lambda: Dissent("surgery", " "),
        lambda: Views(treat=-1),
        lambda: Views(treat=True),
        lambda: OptionConsidered("Resect!", "Resect"),
        lambda: OptionConsidered("resect", "x" * 500),
    ],
)
def test_a_wrong_part_is_refused(wrong):
    with pytest.raises(InputError):
        wrong()


@pytest.mark.parametrize(
    "changes",
    [
        {"votes": 3},
        {"first_views": [3]},
        {"first_views": {"randomise": "3"}},
        {"votes": [3]},
        {"votes": [{"vote": "trial"}]},
        {"options": {"a": 1}},
        {"dissent": [{"discipline": "surgery"}]},
        {"unknown_at_the_time": "ras"},
        {"case_version": 1.5},
        {"reasons": None},
        {"taken": ["trial"]},
    ],
)
def test_hostile_plain_values_are_input_errors(changes):
    with pytest.raises(InputError):
        decision_from_dict({**decision().to_dict(), **changes})


def test_a_missing_key_is_named():
    told = decision().to_dict()
    del told["taken"]
    with pytest.raises(InputError, match="taken"):
        decision_from_dict(told)
    with pytest.raises(InputError):
        decision_from_dict([])
