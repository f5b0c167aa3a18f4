"""Cases: saved in versions, never overwritten, found again, withdrawn."""

from __future__ import annotations

import threading

import pytest
from tests.board.records.conftest import case_content

from debulk.board.records import LOCAL_MEMBER, Actor, Conflict, Listed, NoSuchRecord
from debulk.core import InputError

ANN = Actor("ann", "board member")


def test_a_saved_case_reads_back_under_its_own_identifier(records, case, content):
    found = records.cases.read(case.case_id, by=ANN)
    assert found.content == {**content, "case_id": case.case_id}
    assert (found.version, found.status, found.author) == (1, "preparing", "local")


def test_each_saving_adds_a_version_and_the_former_stays(records, case):
    changed = {**case.content, "question": "And now?"}
    second = records.cases.save(case.case_id, changed, based_on=1, by=ANN, reason="new scan")
    assert (second.version, second.author, second.reason) == (2, "ann", "new scan")
    assert records.cases.read(case.case_id, 1, by=ANN).content == case.content
    assert [each["version"] for each in records.cases.versions(case.case_id)] == [2, 1]


def test_who_saves_on_an_older_version_gets_both_and_nothing_is_overwritten(records, case):
    theirs = {**case.content, "question": "Theirs"}
    yours = {**case.content, "question": "Yours"}
    records.cases.save(case.case_id, theirs, based_on=1, by=ANN)
    with pytest.raises(Conflict, match="somebody saved version 2 meanwhile") as refused:
        records.cases.save(case.case_id, yours, based_on=1, by=LOCAL_MEMBER)
    assert refused.value.stored.content["question"] == "Theirs"
    assert refused.value.yours["question"] == "Yours"
    assert refused.value.base == case.content
    assert records.cases.read(case.case_id, by=ANN).content == theirs


def test_of_eight_who_save_at_once_one_is_stored(records, case):
    outcomes = []

    def save(number):
        try:
            records.cases.save(case.case_id, case_content(20 + number), based_on=1, by=ANN)
            outcomes.append("stored")
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=save, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(outcomes) == ["conflict"] * 7 + ["stored"]
    assert records.cases.summary(case.case_id)["version"] == 2
    assert records.audit.verify().sound


def test_an_import_that_fails_changes_nothing(records, content):
    with pytest.raises(InputError, match="there are no tables"):
        records.cases.create_all([(content, Listed()), ({}, Listed())], by=ANN)
    assert records.cases.page().total == 0
    assert len(records.audit) == 0


@pytest.fixture
def twelve(records, clock):
    made = []
    for number in range(12):
        clock.go_on(minutes=1)
        extent = "liver_only" if number % 3 else "multi_organ"
        listed = Listed(extent, extent, 1, number)
        made.append(records.cases.create(case_content(40 + number), by=ANN, listed=listed))
    return made


def test_the_list_is_cut_into_pages_last_changed_first(records, twelve):
    first, last = records.cases.page(size=5), records.cases.page(size=5, page=3)
    assert (first.total, first.pages, len(first.rows), len(last.rows)) == (12, 3, 5, 2)
    assert [row["lesions"] for row in first.rows] == [11, 10, 9, 8, 7]
    assert records.cases.page(page=99).rows == ()


@pytest.mark.parametrize("written", [str.lower, lambda text: text.replace("-", ""), str.strip])
def test_a_case_is_found_by_its_identifier_however_written(records, twelve, written):
    case_id = twelve[4].case_id
    found = records.cases.page(search=written(case_id))
    assert [row["id"] for row in found.rows] == [case_id]


def test_cases_are_found_by_extent_and_by_status(records, twelve):
    assert records.cases.page(search="multi-organ").total == 4
    assert records.cases.page(extent="liver_only").total == 8
    records.cases.withdraw(twelve[0].case_id, "Entered twice", by=ANN)
    withdrawn = records.cases.page(status="withdrawn")
    assert [row["id"] for row in withdrawn.rows] == [twelve[0].case_id]
    assert records.cases.counts() == {"preparing": 11, "decided": 0, "withdrawn": 1}


def test_the_list_shows_the_extent_by_the_k_that_the_department_chose(records, content):
    listed = Listed("multi_organ", "oligometastatic", 2, 4)
    made = records.cases.create(content, by=ANN, listed=listed)
    assert records.cases.page(extent="multi_organ").rows[0]["extent"] == "multi_organ"
    records.settings.change({"extent_k": 4}, by=ANN)
    assert records.cases.page(extent="multi_organ").total == 0
    (row,) = records.cases.page(search="oligo").rows
    assert (row["id"], row["extent"]) == (made.case_id, "oligometastatic")
    assert records.cases.summary(made.case_id)["extent"] == "oligometastatic"


@pytest.mark.parametrize("mark", ["%", "_", "' OR 1=1 --", "\\", "é"])
def test_marks_of_a_database_are_sought_as_they_stand(records, twelve, mark):
    assert records.cases.page(search=f"{mark}0").total == 0


def test_a_withdrawn_case_leaves_the_list_and_can_only_be_read(records, case):
    records.cases.withdraw(case.case_id, "Entered twice", by=ANN)
    assert records.cases.page().total == 0
    assert records.cases.page(status="withdrawn").total == 1
    found = records.cases.read(case.case_id, by=ANN)
    assert (found.status, found.reason) == ("withdrawn", "Entered twice")
    with pytest.raises(InputError, match="it was withdrawn"):
        records.cases.save(case.case_id, case.content, based_on=2, by=ANN)
    with pytest.raises(InputError, match="nothing was written"):
        records.cases.withdraw(case.case_id, "  ", by=ANN)


def test_what_is_not_there_says_so(records, case):
    with pytest.raises(NoSuchRecord, match="there is no version 7"):
        records.cases.read(case.case_id, 7, by=ANN)
    with pytest.raises(InputError, match="no identifier of a case"):
        records.cases.read("123456", by=ANN)


def test_cases_to_compute_with_are_the_open_ones_changed_last_and_no_read(records):
    names = [records.cases.create({"tables": {}, "n": n}, by=ANN).case_id for n in range(4)]
    records.cases.withdraw(names[1], "entered twice", by=ANN)
    records.cases.save(names[0], {"tables": {}, "n": 9}, based_on=1, by=ANN)
    logged = records.audit.page().total
    assert [each["n"] for each in records.cases.changed_last(2)] == [9, 3]
    assert records.audit.page().total == logged
