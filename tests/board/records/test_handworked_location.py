"""Where the store lies, and who may read it."""

from __future__ import annotations

import os
import stat

import pytest

from debulk.board.records import open_records
from debulk.board.records.location import database_url
from debulk.core import InputError


def test_the_environment_names_the_place(monkeypatch, tmp_path):
    monkeypatch.setenv("DEBULK_DATABASE", str(tmp_path / "here.sqlite"))
    assert database_url().database == str(tmp_path / "here.sqlite")
    assert database_url(tmp_path / "there.sqlite").database == str(tmp_path / "there.sqlite")


def test_without_a_name_it_is_a_file_in_the_folder_for_data(monkeypatch, tmp_path):
    monkeypatch.delenv("DEBULK_DATABASE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert database_url().database == str(tmp_path / "debulk" / "board.sqlite")


def test_a_password_is_never_shown(place, opened):
    url = "postgresql://ann:secret@/board?unix_sock=/nowhere/.s.PGSQL.5432"
    assert database_url(url).drivername == "postgresql+pg8000"
    with pytest.raises(InputError, match="cannot be used") as refused:
        opened(url)
    assert "secret" not in str(refused.value)


def test_a_database_that_is_not_there_is_no_defect(postgresql, opened):
    with pytest.raises(InputError, match="the database cannot be used"):
        opened(postgresql.url("nowhere").render_as_string())


@pytest.mark.parametrize("place", ["mysql://host/board", "sqlite://", "http://x:y@z/", "a\0b"])
def test_what_is_no_place_is_refused(place):
    with pytest.raises(InputError, match="no place of a database"):
        open_records(place)


@pytest.mark.parametrize("content", [b"not a database, but long enough to be looked at" * 20])
def test_another_file_is_left_alone(tmp_path, content):
    path = tmp_path / "letter.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match="not a database"):
        open_records(path)
    assert path.read_bytes() == content


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InputError, match="cannot be used"):
        open_records(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="file modes are POSIX's")
def test_the_file_is_readable_by_its_owner_alone(tmp_path):
    path = tmp_path / "new" / "board.sqlite"
    mask = os.umask(0)
    try:
        with open_records(path):
            modes = {stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    finally:
        os.umask(mask)
    assert modes == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_was_acknowledged_is_on_disk(tmp_path):
    with open_records(tmp_path / "board.sqlite") as records:
        for name, value in {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "busy_timeout": 30_000,
        }.items():
            with records._database.reading() as connection:
                assert connection.exec_driver_sql(f"PRAGMA {name}").scalar() == value
