"""Every test of the store runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from tests.board.records.postgresql_server import running_server

from debulk.board.records import LOCAL_MEMBER, Listed, open_records

DATABASES = ("sqlite", "postgresql")


class Clock:
    """A time that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        # Two moments are never the same, as on a machine.
        self.time += timedelta(microseconds=1)
        return self.time

    def go_on(self, **spans: float) -> None:
        self.time += timedelta(**spans)


@pytest.fixture(scope="session")
def postgresql():
    with running_server() as server:
        yield server


@pytest.fixture
def new_place(request, tmp_path):
    """A maker of empty databases by kind."""
    made = []

    def make(kind: str) -> str:
        made.append(kind)
        if kind == "postgresql":
            return request.getfixturevalue("postgresql").new_database()
        return str(tmp_path / f"board{len(made)}.sqlite")

    yield make
    if "postgresql" in made:
        request.getfixturevalue("postgresql").take_back()


@pytest.fixture(params=DATABASES)
def place(request, new_place):
    return new_place(request.param)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def opened(clock):
    """Open a store with the clock and a quick hash; closed at the end."""
    stores = []

    def open_one(place, **options):
        store = open_records(place, clock=clock, **options)
        store.users.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        stores.append(store)
        return store

    yield open_one
    for store in stores:
        store.close()


@pytest.fixture
def records(place, opened):
    return opened(place)


@pytest.fixture
def content():
    return case_content()


@pytest.fixture
def case(records, content):
    return records.cases.create(
        content, by=LOCAL_MEMBER, listed=Listed("multi_organ", "multi_organ", 3, 15)
    )


def on(case, **more):
    """The least that the store takes as a decision on a case."""
    return {"case_id": case.case_id, **more}


def case_content(age_years: int = 59) -> dict:
    return {
        "case_id": "BC03",
        "title": "",
        "question": "Debulk, or go on?",
        "board_months": 3.4,
        "answers": {},
        "tables": {"patients": [{"age_years": age_years}], "lesions": []},
    }
