"""Accounts and signing in: hashes only, an end in time, a limit to guessing."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from debulk.board.records import PROGRAM, NoSuchRecord, TooManySignIns, WrongSignIn
from debulk.board.records.sign_ins import (
    FAILURES_BY_ADDRESS,
    FAILURES_BY_NAME,
    IDLE_SECONDS,
    LONGEST_SECONDS,
)
from debulk.board.records.tables import NOT_BACKED_UP, SIGN_INS, USERS
from debulk.core import InputError

PASSWORD = "four words in a row"


@pytest.fixture
def ann(records):
    return records.users.add("Ann", PASSWORD, ["board member", "administrator"], by=PROGRAM)


def start(records, password=PASSWORD, name="ann", address="10.0.0.1"):
    return records.sign_ins.start(name, password, address=address)


def test_nothing_that_opens_a_door_is_stored(records, ann):
    token = start(records)
    with records._database.reading() as connection:
        stored = str(connection.execute(select(USERS)).all())
        stored += str(connection.execute(select(SIGN_INS)).all())
    assert "$argon2id$" in stored
    assert PASSWORD not in stored
    assert token not in stored


def test_what_is_more_than_a_day_old_is_forgotten_without_another_attempt(records, ann, clock):
    def left():
        with records._database.reading() as connection:
            return [len(connection.execute(select(each)).all()) for each in NOT_BACKED_UP]

    start(records)
    with pytest.raises(WrongSignIn):
        start(records, password="wrong")
    clock.go_on(hours=23)
    records.sign_ins.forget_old()
    assert left() == [1, 1]
    clock.go_on(hours=2)
    records.sign_ins.forget_old()
    assert left() == [0, 0]


@pytest.mark.parametrize("name", ["ann", "nobody", "no/body"])
def test_an_unknown_name_costs_the_checking_of_one_password_too(records, ann, monkeypatch, name):
    checked, hasher = [], records.users.hasher

    class Spy:
        hash = hasher.hash

        def verify(self, stored, password):
            checked.append(stored)
            return hasher.verify(stored, password)

    monkeypatch.setattr(records.users, "hasher", Spy())
    known = records.sign_ins._hash_of("ann")
    with pytest.raises(WrongSignIn):
        start(records, name=name, password="wrong")
    assert len(checked) == 1
    assert (checked == [known]) is (name == "ann")


def test_a_sign_in_knows_its_account_and_roles(records, ann):
    found = records.sign_ins.find(start(records, name=" ANN "))
    assert found.user == ann
    assert records.sign_ins.find("guessed") is None


@pytest.mark.parametrize(("name", "password"), [("ann", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_name_reads_like_a_wrong_password(records, ann, name, password):
    with pytest.raises(WrongSignIn, match="name and password do not fit"):
        start(records, password, name)


def test_a_sign_in_ends_when_nothing_is_asked(records, ann, clock):
    token = start(records)
    clock.go_on(seconds=IDLE_SECONDS - 60)
    assert records.sign_ins.find(token, touch=False).seconds_left <= 60
    assert records.sign_ins.find(token).seconds_left > 60
    clock.go_on(seconds=IDLE_SECONDS - 60)
    assert records.sign_ins.find(token) is not None
    clock.go_on(seconds=IDLE_SECONDS + 1)
    assert records.sign_ins.find(token) is None
    assert records.sign_ins.list() == ()


def test_a_sign_in_ends_in_any_case(records, ann, clock):
    token = start(records)
    for _ in range(LONGEST_SECONDS // 1200 - 1):
        clock.go_on(seconds=1200)
        assert records.sign_ins.find(token) is not None
    clock.go_on(seconds=1200)
    assert records.sign_ins.find(token) is None


def test_signing_out_a_new_password_and_removal_end_sign_ins(records, ann):
    first = start(records)
    records.sign_ins.end(first)
    assert records.sign_ins.find(first) is None
    second = start(records)
    records.users.set_password("ann", "another four words", by=PROGRAM)
    assert records.sign_ins.find(second) is None
    third = start(records, "another four words")
    records.sign_ins.end_all("ann", by=PROGRAM)
    assert records.sign_ins.find(third) is None
    fourth = start(records, "another four words")
    records.users.remove("ann", by=PROGRAM)
    assert records.sign_ins.find(fourth) is None
    with pytest.raises(WrongSignIn):
        start(records, "another four words")


def test_an_account_that_is_guessed_at_waits(records, ann, clock):
    for number in range(FAILURES_BY_NAME):
        with pytest.raises(WrongSignIn):
            start(records, "wrong", address=f"10.0.0.{number}")
    with pytest.raises(TooManySignIns, match="Try again in 15 minutes") as refused:
        start(records)
    clock.go_on(seconds=refused.value.seconds + 1)
    assert start(records)


def test_an_address_that_guesses_names_waits(records, ann):
    for number in range(FAILURES_BY_ADDRESS):
        with pytest.raises(WrongSignIn):
            start(records, "wrong", name=f"name{number}")
    with pytest.raises(TooManySignIns):
        start(records)
    assert start(records, address="10.0.0.2")


def test_guesses_at_once_do_not_slip_under_the_limit(records, ann):
    outcomes = []

    def guess():
        try:
            start(records, "wrong")
        except InputError as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=guess) for _ in range(FAILURES_BY_NAME + 6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert outcomes.count(WrongSignIn) == FAILURES_BY_NAME
    assert outcomes.count(TooManySignIns) == 6


def test_the_log_names_no_account_that_is_none(records, ann):
    # What stands in the field of the name may be a password.
    with pytest.raises(WrongSignIn):
        start(records, name="my secret words")
    assert "secret" not in str(records.audit.page().rows)


@pytest.mark.parametrize("name", ["", "two words", "local", "program", "x" * 65, None, "ä"])
def test_a_name_that_is_none_is_refused(records, name):
    with pytest.raises(InputError, match="cannot name an account"):
        records.users.add(name, PASSWORD, ["viewer"], by=PROGRAM)


@pytest.mark.parametrize("password", ["short", "", None, "x" * 1001])
def test_a_password_has_a_length(records, password):
    with pytest.raises(InputError, match="Use 12 to 1000"):
        records.users.add("ben", password, ["viewer"], by=PROGRAM)


@pytest.mark.parametrize("roles", [[], ["director"]])
def test_roles_are_those_of_a_board(records, roles):
    with pytest.raises(InputError, match="viewer, board member, administrator"):
        records.users.add("ben", PASSWORD, roles, by=PROGRAM)


def test_a_name_is_one_account(records, ann):
    with pytest.raises(InputError, match="there is an account 'ann'"):
        records.users.add("ann", PASSWORD, ["viewer"], by=PROGRAM)
    with pytest.raises(NoSuchRecord, match="there is no account 'ben'"):
        records.users.read("ben")


def test_the_last_administrator_stays_while_there_are_others(records, ann):
    records.users.add("ben", PASSWORD, "viewer", by=PROGRAM)
    with pytest.raises(InputError, match="'ann' is the last administrator"):
        records.users.remove("ann", by=PROGRAM)
    with pytest.raises(InputError, match="last administrator"):
        records.users.set_roles("ann", ["viewer"], by=PROGRAM)
    assert records.users.read("ann").roles == ("board member", "administrator")
    records.users.remove("ben", by=PROGRAM)
    records.users.remove("ann", by=PROGRAM)
    assert not records.users.exist()
    assert records.users.add("ann", PASSWORD, "administrator", by=PROGRAM).removed_at is None
