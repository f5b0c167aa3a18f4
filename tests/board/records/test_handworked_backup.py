"""Backups: of one moment, sealed, restored into either database, all or nothing."""

from __future__ import annotations

import sqlite3
import stat
import threading
from itertools import product
from pathlib import Path

import pytest
from tests.board.records.conftest import DATABASES, case_content, on

from debulk.board.records import LOCAL_MEMBER, PROGRAM, restore
from debulk.board.records.schema import HEAD, move_to
from debulk.core import InputError

PASSWORD = "four words in a row"
DAMAGED_EVERY = 9_973
"""Bytes between those that are damaged; a prime, so that each lies elsewhere in its page."""


def fill(records, cases=3):
    records.users.add("ann", PASSWORD, "administrator", by=PROGRAM)
    records.settings.change({"guideline": "Ümlaut, 中, \U0001f600"}, by=LOCAL_MEMBER)
    for number in range(cases):
        case = records.cases.create(case_content(40 + number), by=LOCAL_MEMBER)
        sign = {"chosen": "treat", "case_version": 1, "sitting": 1, "by": LOCAL_MEMBER}
        records.decisions.sign(case.case_id, on(case, n=number), review_date="2027-01-01", **sign)
        records.jobs.add("futures", {"n": number}, by=LOCAL_MEMBER, case_id=case.case_id)
        records.votes.note_first_view(case.case_id, "surgery", {"treat": 2}, by=LOCAL_MEMBER)
    records.trials.store("NCT01792934", {"a": [1, 2.5, None]}, "criteria: []", by=LOCAL_MEMBER)


def everything(records):
    return {
        "cases": records.cases.page().rows,
        "decisions": records.decisions.page().rows,
        "settings": records.settings.current(),
        "users": records.users.list(),
        "jobs": records.jobs.page().rows,
        "trials": records.trials.current(),
    }


@pytest.fixture
def backup(records, tmp_path):
    fill(records)
    path = tmp_path / "board.backup"
    records.backup(path)
    return path


@pytest.mark.parametrize(("source", "target"), list(product(DATABASES, DATABASES)))
def test_a_backup_of_one_database_is_restored_into_the_other(
    new_place, opened, tmp_path, source, target
):
    one, other = opened(new_place(source)), opened(new_place(target))
    fill(one)
    seal = one.backup(tmp_path / "board.backup")
    restored = other.restore(tmp_path / "board.backup")
    assert everything(other) == everything(one)
    assert restored.backup == seal
    assert restored.audit_sound
    assert other.audit.verify().sound
    assert other.audit.page().rows[0]["action"] == "backup restored"
    assert other.sign_ins.start("ann", PASSWORD, address="10.0.0.1")


def test_a_backup_is_readable_by_its_owner_alone(backup):
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_a_backup_holds_one_moment_while_others_write(records, opened, new_place, tmp_path):
    fill(records, cases=1)
    stop = threading.Event()

    def write():
        while not stop.is_set():
            records.cases.create(case_content(), by=LOCAL_MEMBER)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seals = [records.backup(tmp_path / f"{number}.backup") for number in range(3)]
    finally:
        stop.set()
        writer.join()
    for number, seal in enumerate(seals):
        other = opened(new_place("sqlite"))
        other.restore(tmp_path / f"{number}.backup")
        check = other.audit.verify()
        # Every case has its row in the log: neither runs ahead of the other.
        assert other.cases.page().total == other.audit.page(action="case created").total
        assert check.sound
        assert check.rows == seal.rows["audit"] + 1


def test_what_is_stored_is_not_overwritten_unless_forced(records, backup):
    extra = records.cases.create(case_content(), by=LOCAL_MEMBER)
    with pytest.raises(InputError, match="Restore into an empty one, or use --force"):
        records.restore(backup)
    assert records.cases.page().total == 4
    restored = records.restore(backup, force=True)
    assert records.cases.page().total == 3
    assert records.audit.verify().sound
    records.restore(restored.aside, force=True)
    assert records.cases.read(extra.case_id, by=LOCAL_MEMBER).content == extra.content


@pytest.fixture(autouse=True)
def _own_data_folder(monkeypatch, tmp_path):
    # Where a database is no file, what it held is put aside in the folder for data.
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def test_a_restore_that_fails_half_way_changes_nothing(records, backup, monkeypatch):
    before = everything(records)

    def broken(*arguments):
        raise InputError("disk", "full", "Make room")

    monkeypatch.setattr(restore, "guard", broken)
    with pytest.raises(InputError, match="disk"):
        records.restore(backup, force=True)
    monkeypatch.undo()
    assert everything(records) == before
    assert records.audit.verify().sound
    with pytest.raises(Exception, match="append-only"), records._database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM audit")


def _alter(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases SET lesions = 99",
        "DELETE FROM votes",
        "UPDATE users SET roles = '[\"viewer\"]'",
        "UPDATE backup_seal SET seal = '{}'",
        "DROP TABLE jobs",
        "DELETE FROM backup_seal",
    ],
)
def test_a_backup_that_was_changed_is_refused(opened, new_place, backup, statement):
    _alter(backup, statement)
    other = opened(new_place("sqlite"))
    with pytest.raises(InputError, match="do not fit its seal"):
        other.restore(backup)
    assert other.cases.page().total == 0


def test_a_damaged_byte_is_refused_or_harmless(opened, new_place, backup):
    whole = backup.read_bytes()
    other = opened(new_place("sqlite"))
    refused = 0
    for place in range(0, len(whole), DAMAGED_EVERY):
        backup.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            other.restore(backup, force=True)
        except InputError:
            refused += 1
            continue
        # A byte of free space: what was restored is what was sealed.
        assert other.cases.page().total == 3
    assert refused


@pytest.mark.parametrize("content", [b"", b"no database", None])
def test_what_is_no_backup_is_refused(records, tmp_path, content):
    path = tmp_path / "other.file"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"no such file|no backup|cannot be used"):
        records.restore(path)


def test_a_backup_of_a_newer_debulk_is_refused(opened, new_place, backup):
    _alter(backup, "UPDATE alembic_version SET version_num = 'board_9999'")
    with pytest.raises(InputError, match="Install a newer debulk"):
        opened(new_place("sqlite")).restore(backup)


def test_a_backup_that_cannot_be_written_leaves_nothing(records, tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        records.backup(tmp_path / "missing" / "board.backup")
    assert not (tmp_path / "missing").exists()


def test_moving_the_schema_is_known_to_the_restored(opened, new_place, backup):
    other = opened(new_place("sqlite"))
    other.restore(backup)
    move_to(other._database, "board_0001")
    move_to(other._database, HEAD)
    assert {row["review_date"] for row in other.cases.page().rows} == {"2027-01-01"}
