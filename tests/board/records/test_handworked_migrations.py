"""The schema: moved up and down with what it holds, the same as the tables the program uses."""

from __future__ import annotations

import json
import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from tests.board.records.conftest import on

from debulk.board.records import LOCAL_MEMBER, Listed, open_records
from debulk.board.records.schema import HEAD, REVISIONS, move_to, revision_of
from debulk.board.records.tables import METADATA
from debulk.core import InputError

CASES = Path(__file__).parents[2] / "reference" / "patients" / "cases.json"


def tables(records):
    with records._database.reading() as connection:
        return set(inspect(connection).get_table_names())


def test_the_program_knows_the_packaged_revisions():
    config = Config()
    config.set_main_option("script_location", "debulk.board.records:migrations")
    scripts = ScriptDirectory.from_config(config)
    assert tuple(each.revision for each in reversed(list(scripts.walk_revisions()))) == REVISIONS


def test_what_the_revisions_make_is_what_the_program_uses(records):
    with records._database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    assert tables(records) == set(METADATA.tables) | {"alembic_version"}


def test_down_and_up_again_step_by_step(records, case):
    sign = {"chosen": "treat", "case_version": 1, "sitting": 1, "by": LOCAL_MEMBER}
    records.decisions.sign(case.case_id, on(case), review_date="2027-01-01", **sign)
    database = records._database
    move_to(database, "board_0001")
    assert "jobs" not in tables(records)
    with database.reading() as connection:
        assert revision_of(connection) == "board_0001"
        columns = {each["name"] for each in inspect(connection).get_columns("cases")}
    assert "review_date" not in columns
    move_to(database, HEAD)
    # The date is read again from the decision that was signed.
    assert records.cases.summary(case.case_id)["review_date"] == "2027-01-01"
    assert records.audit.verify().sound
    move_to(database, "base")
    assert tables(records) == {"alembic_version"}
    move_to(database, HEAD)
    assert records.cases.page().total == 0


def test_what_an_older_store_lists_gets_both_extents_and_no_status_of_before(records, case):
    entries = json.loads(CASES.read_text("utf-8"))["cases"]
    content = next(each for each in entries if each["case_id"] == "BC08")
    shown = Listed("liver_only", "liver_only", 2, 4)
    made = records.cases.create(content, by=LOCAL_MEMBER, listed=shown)
    database = records._database
    move_to(database, "board_0002")
    with database.writing() as connection:
        connection.execute(text("UPDATE cases SET status = 'ready'"))
    move_to(database, HEAD)

    def listed():
        return {row["id"]: (row["extent"], row["status"]) for row in records.cases.page().rows}

    # The content of the other is no whole case, so it stays as it was listed.
    assert listed() == {
        made.case_id: ("multi_organ", "preparing"),
        case.case_id: ("multi_organ", "preparing"),
    }
    records.settings.change({"extent_k": 4}, by=LOCAL_MEMBER)
    assert listed() == {
        made.case_id: ("oligometastatic", "preparing"),
        case.case_id: (None, "preparing"),
    }


def test_an_older_store_is_brought_up_to_date_when_it_may_be(records, place, opened):
    move_to(records._database, "board_0001")
    with pytest.raises(InputError, match="revision board_0001"):
        opened(place, migrate=False)
    assert opened(place).cases.page().total == 0


def test_a_newer_store_is_refused(records, place, opened):
    with records._database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'board_9999'"))
    with pytest.raises(InputError, match="Install a newer debulk"):
        opened(place)


def test_another_programs_tables_are_left_alone(tmp_path, opened):
    path = tmp_path / "places.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(InputError, match="tables that are not debulk's"):
        opened(path)
    assert path.read_bytes() == before


def test_a_move_that_fails_changes_nothing(records, monkeypatch):
    from debulk.board.records import append_only

    move_to(records._database, "base")
    monkeypatch.setattr(append_only, "_SQLITE", ("CREATE NONSENSE {table}",))
    monkeypatch.setattr(append_only, "_POSTGRESQL", ("CREATE NONSENSE {table}",))
    with pytest.raises(Exception, match="NONSENSE"):
        move_to(records._database, HEAD)
    assert tables(records) == {"alembic_version"}


def test_four_that_open_an_empty_place_at_once_make_it_once(place):
    failures = []

    def start():
        try:
            open_records(place).close()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []
