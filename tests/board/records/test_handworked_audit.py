"""The log: a chain that shows each change, and tables that refuse to be changed."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.board.records.conftest import on

from debulk.board.records import LOCAL_MEMBER, Actor
from debulk.board.records.append_only import release
from debulk.board.records.tables import APPEND_ONLY
from debulk.core import InputError

ANN = Actor("ann", "board member")


@pytest.fixture
def lively(records, case, clock):
    records.cases.read(case.case_id, by=ANN, part="print")
    clock.go_on(days=1)
    sign = {"chosen": "treat", "case_version": 1, "sitting": 1}
    records.decisions.sign(case.case_id, on(case, reasons="age 59"), by=ANN, **sign)
    reviewed = {"as_decided": "yes", "content": {}}
    records.reviews.add(case.case_id, 1, by=ANN, **reviewed)
    records.settings.change({"delta_months": 4}, by=LOCAL_MEMBER)
    return records


def test_reads_and_writes_stand_in_the_log(lively):
    rows = lively.audit.page().rows
    assert [row["action"] for row in reversed(rows)] == [
        "case created",
        "case read",
        "decision signed",
        "decision reviewed",
        "settings changed",
    ]
    assert rows[3]["detail"] == {"version": 1, "part": "print"}
    assert lively.audit.verify().rows == len(lively.audit) == 5
    assert lively.audit.verify().sound


def test_the_log_holds_no_values_of_a_patient(lively):
    assert "59" not in str([row["detail"] for row in lively.audit.page().rows])


def test_the_log_is_filtered_and_cut_into_pages(lively, case):
    assert lively.audit.page(who="ann").total == 3
    assert lively.audit.page(case_id=case.case_id).total == 4
    assert lively.audit.page(action="case read", who="local").total == 0
    assert lively.audit.page(since="2026-11-27").total == 3
    assert lively.audit.page(until="2026-11-27").total == 2
    assert [row["number"] for row in lively.audit.page(size=2, page=2).rows] == [3, 2]


@pytest.mark.parametrize("table", [each.name for each in APPEND_ONLY])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_was_written(lively, table, statement):
    column = {"audit": "number", "settings": "version"}.get(table, "case_id")
    with pytest.raises(DBAPIError, match="append-only"), lively._database.writing() as connection:
        connection.execute(text(statement.format(table, column, column)))


@pytest.mark.parametrize(
    ("change", "broken_at"),
    [
        ("UPDATE audit SET who = 'eve' WHERE number = 2", 2),
        ("UPDATE audit SET detail = '{}' WHERE number = 1", 1),
        ("DELETE FROM audit WHERE number = 3", 4),
        ("UPDATE audit SET hash = previous WHERE number = 4", 4),
    ],
)
def test_a_change_behind_the_triggers_is_found(lively, change, broken_at):
    with lively._database.writing() as connection:
        release(connection, ["audit"])
        connection.execute(text(change))
    checked = lively.audit.verify()
    assert (checked.sound, checked.broken_at) == (False, broken_at)


def test_rows_cut_off_at_the_end_show_in_the_head(lively):
    head = lively.audit.verify().head
    with lively._database.writing() as connection:
        release(connection, ["audit"])
        connection.execute(text("DELETE FROM audit WHERE number = 5"))
    assert lively.audit.verify().sound
    assert lively.audit.verify().head != head


def test_a_write_that_fails_leaves_no_row(lively, case):
    with pytest.raises(InputError):
        lively.cases.save(case.case_id, case.content, based_on=9, by=ANN)
    assert len(lively.audit) == 5


def test_a_note_is_short_words(lively):
    lively.audit.note("decisions exported", ANN, rows=3)
    with pytest.raises(InputError, match="at most 200"):
        lively.audit.note("decisions exported", ANN, what="x" * 201)
