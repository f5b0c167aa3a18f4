"""First views, votes, decisions and their reviews."""

from __future__ import annotations

import pytest
from tests.board.records.conftest import on

from debulk.board.records import LOCAL_MEMBER, Actor, Conflict, NoSuchRecord
from debulk.core import InputError

ANN, BEN = Actor("ann", "board member"), Actor("ben", "board member")


@pytest.fixture
def signed(records, case):
    return records.decisions.sign(
        case.case_id,
        on(case, reasons="Patient's wish"),
        chosen="randomise",
        case_version=1,
        sitting=1,
        by=ANN,
        review_date="2027-03-01",
    )


def test_first_views_are_counted_without_names_and_noted_anew(records, case):
    case_id, note = case.case_id, records.votes.note_first_view
    note(case_id, "surgery", {"randomise": 3, "treat": 1, "no": 0}, by=ANN)
    note(case_id, "surgery", {"randomise": 1}, by=ANN)
    note(case_id, "oncology", {"treat": 1}, by=BEN)
    tally = records.votes.tally(case_id)
    assert tally["first_views"] == {
        "members": 2,
        "by_choice": {"treat": 1, "randomise": 1},
        "by_discipline": {"oncology": {"treat": 1}, "surgery": {"randomise": 1}},
    }
    assert "ann" not in str(tally)


def test_a_first_view_comes_before_the_futures_open(records, case):
    opened = records.votes.open_futures(case.case_id, by=ANN)
    assert records.votes.open_futures(case.case_id, by=BEN) == opened
    with pytest.raises(InputError, match="a first view comes before"):
        records.votes.note_first_view(case.case_id, "surgery", {"treat": 1}, by=BEN)


@pytest.mark.parametrize("count", [-1, 1.5, True, 101])
def test_a_count_of_views_is_a_whole_number(records, case, count):
    with pytest.raises(InputError, match="views"):
        records.votes.note_first_view(case.case_id, "surgery", {"treat": count}, by=ANN)


def test_signing_decides_the_case_and_sets_its_review(records, case, signed):
    row = records.cases.summary(case.case_id)
    assert (row["status"], row["review_date"]) == ("decided", "2027-03-01")
    assert records.cases.page(due="2027-02-28").total == 0
    assert records.cases.page(due="2027-03-01").total == 1
    assert records.decisions.of_case(case.case_id) == [signed]


def test_the_next_discussion_is_another_sitting(records, case, signed):
    assert records.votes.tally(case.case_id)["sitting"] == 2
    again = {"chosen": "treat", "case_version": 1, "by": BEN}
    records.decisions.sign(case.case_id, on(case), sitting=2, **again)
    assert [each.sitting for each in records.decisions.of_case(case.case_id)] == [2, 1]
    with pytest.raises(InputError, match="sitting 5, but the running one is 3"):
        records.decisions.sign(case.case_id, on(case), sitting=5, **again)


def test_two_who_sign_one_sitting_get_both(records, case, signed):
    with pytest.raises(Conflict) as refused:
        records.decisions.sign(
            case.case_id, on(case, mine=1), chosen="treat", case_version=1, sitting=1, by=BEN
        )
    assert refused.value.stored == signed
    assert refused.value.yours == on(case, mine=1)


def test_a_case_changed_since_is_not_signed(records, case):
    records.cases.save(case.case_id, case.content, based_on=1, by=BEN)
    with pytest.raises(Conflict) as refused:
        records.decisions.sign(
            case.case_id, on(case), chosen="treat", case_version=1, sitting=1, by=ANN
        )
    assert refused.value.stored.version == 2
    assert records.decisions.of_case(case.case_id) == []


def test_amending_adds_a_version_with_its_reason(records, case, signed):
    amend = {"chosen": "treat", "by": BEN}
    with pytest.raises(InputError, match="reason"):
        records.decisions.amend(case.case_id, 1, on(case), based_on=1, reason="", **amend)
    records.decisions.amend(
        case.case_id, 1, on(case, v=2), based_on=1, reason="Wrong option", **amend
    )
    newest, first = records.decisions.of_case(case.case_id)
    assert (newest.version, newest.reason, newest.signed_by) == (2, "Wrong option", "ben")
    assert first == signed
    assert [row["chosen"] for row in records.decisions.page().rows] == ["treat"]
    with pytest.raises(Conflict):
        records.decisions.amend(case.case_id, 1, on(case, v=3), based_on=1, reason="x", **amend)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (None, "None is no set of fields"),
        ([["case_id", "K7QF-2M"]], "is no set of fields"),
        ("treat", "'treat' is no set of fields"),
        ({}, "None, but the case is"),
        ({"case_id": "K7QF-2M"}, "'K7QF-2M', but the case is"),
        ({"case_id": 7}, "7, but the case is"),
    ],
)
def test_what_is_no_decision_on_the_case_is_not_signed(records, case, signed, given, found):
    with pytest.raises(InputError, match=found):
        records.decisions.sign(
            case.case_id, given, chosen="treat", case_version=1, sitting=2, by=ANN
        )
    with pytest.raises(InputError, match=found):
        records.decisions.amend(
            case.case_id, 1, given, chosen="treat", based_on=1, reason="Wrong option", by=ANN
        )
    assert records.decisions.of_case(case.case_id) == [signed]


def test_reviews_say_whether_the_board_was_followed(records, case, signed):
    counts = records.decisions.counts()
    assert (counts["by_option"], counts["not_reviewed"]) == ({"randomise": 1}, 1)
    next_date = "2027-06-01"
    records.reviews.add(
        case.case_id, 1, as_decided="no", content={}, by=ANN, next_review_date=next_date
    )
    records.reviews.add(case.case_id, 1, as_decided="yes", content={"note": "late"}, by=BEN)
    assert records.decisions.counts()["as_decided"]["yes"] == 1
    assert records.decisions.counts()["not_reviewed"] == 0
    assert records.cases.summary(case.case_id)["review_date"] is None
    assert [each["number"] for each in records.reviews.of_case(case.case_id)] == [2, 1]


def test_a_review_of_an_earlier_sitting_leaves_the_day_of_the_later_one(records, case, signed):
    again = {"chosen": "treat", "case_version": 1, "by": BEN, "review_date": "2027-09-01"}
    records.decisions.sign(case.case_id, on(case), sitting=2, **again)
    review = {"as_decided": "yes", "content": {}, "by": ANN, "next_review_date": "2027-05-01"}
    records.reviews.add(case.case_id, 1, **review)
    assert records.cases.summary(case.case_id)["review_date"] == "2027-09-01"
    records.reviews.add(case.case_id, 2, **review)
    assert records.cases.summary(case.case_id)["review_date"] == "2027-05-01"


def test_a_withdrawn_case_takes_no_review(records, case, signed):
    records.cases.withdraw(case.case_id, "Entered twice", by=ANN)
    with pytest.raises(InputError, match="it was withdrawn"):
        records.reviews.add(case.case_id, 1, as_decided="yes", content={}, by=ANN)
    assert records.reviews.of_case(case.case_id) == []


def test_the_registry_holds_what_the_board_saw(records, case, signed):
    records.cases.save(case.case_id, {**case.content, "question": "Later"}, based_on=1, by=BEN)
    (row,) = records.decisions.registry(by=ANN)
    assert row["case"] == case.content
    assert row["decision"] == signed.to_dict()
    assert records.audit.page(action="decisions exported").total == 1


def test_the_log_of_a_case_holds_the_exports_that_held_it(records, case, content, signed):
    records.decisions.registry(by=ANN)
    other = records.cases.create(content, by=ANN)
    records.decisions.registry(by=BEN)
    records.cases.withdraw(case.case_id, "Entered twice", by=ANN)
    records.decisions.registry(by=LOCAL_MEMBER)

    def exports_of(case_id, **asked):
        rows = records.audit.page(case_id=case_id, **asked).rows
        return [each["who"] for each in rows if each["action"] == "decisions exported"]

    assert exports_of(case.case_id) == ["ben", "ann"]
    assert exports_of(case.case_id, who="ann") == ["ann"]
    assert exports_of(other.case_id) == []
    assert records.audit.verify().sound


def test_wrong_values_change_nothing(records, case):
    sign = {"chosen": "treat", "case_version": 1, "sitting": 1, "by": LOCAL_MEMBER}
    for day in ("2027-02-30", "20270228", "2027-W09-1"):
        with pytest.raises(InputError, match=f"'{day}' is no day"):
            records.decisions.sign(case.case_id, on(case), review_date=day, **sign)
    with pytest.raises(InputError, match="cannot be written as JSON"):
        records.decisions.sign(case.case_id, on(case, x=float("nan")), **sign)
    with pytest.raises(NoSuchRecord, match="no decision of sitting 1"):
        records.reviews.add(case.case_id, 1, as_decided="yes", content={}, by=ANN)
    assert records.cases.summary(case.case_id)["status"] == "preparing"


def test_a_withdrawn_case_is_nowhere_among_the_decisions(records, case, signed):
    assert records.decisions.page().total == 1
    records.cases.withdraw(case.case_id, "Entered twice", by=ANN)
    assert records.decisions.page().total == 0
    assert records.decisions.registry(by=ANN) == []
    counts = records.decisions.counts()
    assert (counts["decisions"], counts["by_option"], counts["not_reviewed"]) == (0, {}, 0)
