"""`debulk board list`, `backup`, `restore` and `user` on a store made for each test."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from debulk.board.records import LOCAL_MEMBER, Listed, open_records
from debulk.cli.board import users
from debulk.cli.board.records import backup, list_cases, restore
from debulk.cli.plain_refusals import PlainGroup
from debulk.core import InputError

app = typer.Typer(cls=PlainGroup, pretty_exceptions_enable=False)
app.command("list")(list_cases)
app.command("backup")(backup)
app.command("restore")(restore)
app.add_typer(users, name="user")

PASSWORD = "four words in a row"


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    monkeypatch.setenv("DEBULK_DATABASE", str(tmp_path / "board.sqlite"))
    return tmp_path / "board.sqlite"


@pytest.fixture
def case(place):
    content = {"case_id": "BC03", "tables": {"patients": [{"age_years": 59}]}}
    with open_records(place) as records:
        listed = Listed("multi_organ", "multi_organ", 3, 15)
        return records.cases.create(content, by=LOCAL_MEMBER, listed=listed)


def run(*arguments, **options):
    return CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False, **options)


def test_cases_are_listed(case):
    told = run("list").stdout
    assert case.case_id in told
    assert "multi_organ" in told
    assert "1 case." in told


def test_the_list_as_json_is_one_object(case):
    listed = json.loads(run("list", "multi", "--json").stdout)
    assert [row["id"] for row in listed["rows"]] == [case.case_id]
    assert json.loads(run("list", "--due", "--json").stdout)["total"] == 0


@pytest.mark.parametrize(
    "asked", [["list"], ["backup", "out.backup"], ["user", "list"], ["user", "remove", "ann"]]
)
def test_a_place_where_nothing_is_stored_is_refused_and_not_made(place, asked):
    with pytest.raises(InputError, match="nothing is stored at"):
        run(*asked)
    assert not place.exists()


def test_an_empty_board_says_so(place):
    open_records(place).close()
    assert run("list").stdout.strip() == "0 cases, page 1 of 1."


def test_a_wrong_status_is_answered_in_words(case):
    with pytest.raises(InputError, match="preparing, decided, withdrawn"):
        run("list", "--status", "open")


def test_a_backup_is_written_and_restored(case, tmp_path, place):
    told = " ".join(run("backup", tmp_path / "one.backup").stdout.split())
    assert "Cases: 1. Versions of decisions: 0." in told
    other = tmp_path / "other.sqlite"
    restored = " ".join(run("restore", tmp_path / "one.backup", "--database", other).stdout.split())
    assert "rows restored" in restored
    with open_records(other) as records:
        assert records.cases.page().total == 1
    with pytest.raises(InputError, match="--force"):
        run("restore", tmp_path / "one.backup")
    forced = json.loads(run("restore", tmp_path / "one.backup", "--force", "--json").stdout)
    assert forced["aside"].startswith(str(place))
    assert forced["audit_sound"]


@pytest.mark.parametrize("name", ["board.sqlite", "board.sqlite-wal", "link", "notes.txt"])
def test_hostile_backup_over_the_database_or_another_file_is_refused(case, place, tmp_path, name):
    (tmp_path / "link").symlink_to(place)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="not overwritten"):
        run("backup", tmp_path / name)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert "1 case." in run("list").stdout
    for _ in range(2):
        assert run("backup", tmp_path / "one.backup").exit_code == 0


def test_accounts_are_made_listed_changed_and_closed(place):
    given = {"input": PASSWORD + "\n"}
    roles = ("--role", "board member", "--role", "administrator")
    assert "Account ann made: board member, administrator." in " ".join(
        run("user", "add", "Ann", *roles, **given).stdout.split()
    )
    assert "1 account." in run("user", "list").stdout
    (listed,) = json.loads(run("user", "list", "--json").stdout)["users"]
    assert (listed["name"], listed["roles"]) == ("ann", ["board member", "administrator"])
    assert "argon2" not in str(listed)
    run("user", "password", "ann", input="another four words\n")
    with open_records(place) as records:
        assert records.sign_ins.start("ann", "another four words", address="here")
    assert "closed" in run("user", "remove", "ann").stdout
    assert json.loads(run("user", "list", "--json").stdout) == {"users": []}


def test_a_short_password_is_refused(place):
    with pytest.raises(InputError, match="it has 5 characters"):
        run("user", "add", "ann", "--role", "viewer", input="short\n")
    with pytest.raises(InputError, match="there is no account 'ben'"):
        run("user", "password", "ben", input=PASSWORD + "\n")


def test_a_command_cut_off_at_a_password_makes_nothing(place):
    with pytest.raises(InputError, match="it has 0 characters"):
        run("user", "add", "ann", "--role", "viewer", input="")
    assert json.loads(run("user", "list", "--json").stdout) == {"users": []}
