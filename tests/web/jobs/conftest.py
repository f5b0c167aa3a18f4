"""An application whose worker knows made-up runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request

from debulk.web.jobs import queue, workshop
from debulk.web.jobs.kinds import KINDS
from debulk.web.jobs.workshop import Workshop
from debulk.web.visitor import LOCAL

WORKER = Path(__file__).with_name("made_up_worker.py")
PATIENCE_SECONDS = 30.0


@pytest.fixture
def made_up_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue takes the made-up kinds."""
    for name in ("steps", "stubborn", "dies", "wrong"):
        monkeypatch.setitem(KINDS, name, f"made_up_worker:{name}")


@pytest.fixture
def working(
    app: FastAPI, made_up_kinds: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FastAPI]:
    """The application with a true worker process."""
    monkeypatch.setattr(workshop, "GRACE_SECONDS", 0.3)
    place = app.state.settings.database
    made = Workshop(app.state.records, place, command=(sys.executable, str(WORKER)))
    app.state.workshop = made
    yield app
    made.close()


@pytest.fixture
def asking(app: FastAPI) -> Request:
    """A request of the local member's, as the functions of the queue get it."""
    request = Request({"type": "http", "app": app, "headers": [], "state": {}})
    request.state.visitor = LOCAL
    return request


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], Any]:
    """A function that waits until another's value is true, and returns it."""

    def wait(found: Callable[[], Any]) -> Any:
        end = time.monotonic() + PATIENCE_SECONDS
        while not (value := found()):
            assert time.monotonic() < end, "nothing came of it"
            time.sleep(0.02)
        return value

    return wait


@pytest.fixture
def over(asking: Request, until: Callable[..., Any]) -> Callable[[str], queue.Job]:
    """A function that waits until a run is over, and returns it."""

    def wait(job_id: str) -> queue.Job:
        until(lambda: queue.job_of(asking, job_id).is_over)
        return queue.job_of(asking, job_id)

    return wait
