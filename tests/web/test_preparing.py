"""A server that starts answers at once, and whoever wants a heavy page waits until it is loaded."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from debulk.web import WebSettings, create_app, preparing

PATIENCE_SECONDS = 60
ADDRESS = "http://127.0.0.1"


@pytest.fixture
def starting(tmp_path: Path, empty_records: Path) -> FastAPI:
    """An application that has the light parts, and makes nothing ready."""
    place = shutil.copy(empty_records, tmp_path / "records.sqlite")
    return create_app(WebSettings(database=str(place), worker=False), at_once=False)


def loading_with(
    monkeypatch: pytest.MonkeyPatch, before: Callable[[], Any], steps: list[Callable[[], Any]]
) -> None:
    """Do something before the heavy parts are loaded, and other steps after."""
    add_parts = preparing.add_parts

    def load(app: FastAPI, parts: tuple[str, ...]) -> None:
        before()
        add_parts(app, parts)

    monkeypatch.setattr(preparing, "add_parts", load)
    monkeypatch.setattr(preparing, "steps", lambda app: steps)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/trials", 200), ("/board", 200), ("/openapi.json", 200), ("/none", 404)],
)
def test_what_may_belong_to_a_heavy_part_waits_and_nothing_else(
    starting: FastAPI, monkeypatch: pytest.MonkeyPatch, path: str, status: int
) -> None:
    gate = threading.Event()
    loading_with(monkeypatch, partial(gate.wait, PATIENCE_SECONDS), [])
    with TestClient(starting, base_url=ADDRESS) as client, ThreadPoolExecutor() as readers:
        heavy = readers.submit(client.get, path)
        light = [client.get(each).status_code for each in ("/health", "/", "/jobs", "/login")]
        waited = not heavy.done()
        gate.set()
        answer = heavy.result(PATIENCE_SECONDS)
    assert light == [200] * 4
    assert waited
    assert answer.status_code == status
    if path == "/openapi.json":
        assert "/trials.json" in answer.json()["paths"]


def test_a_part_that_cannot_be_loaded_is_a_defect_in_words(
    starting: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ImportError("a package is broken")

    loading_with(monkeypatch, fail, [])
    with TestClient(starting, base_url=ADDRESS) as client:
        assert [client.get("/trials").status_code for _ in range(2)] == [500, 500]
        assert client.get("/health").status_code == 200


def test_a_step_that_fails_stops_neither_the_next_nor_the_server(
    starting: FastAPI, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done = threading.Event()
    loading_with(monkeypatch, lambda: None, [partial(int, "age 59"), done.set])
    with TestClient(starting, base_url=ADDRESS) as client:
        assert done.wait(PATIENCE_SECONDS)
        assert client.get("/trials").status_code == 200
    assert "ValueError" in caplog.text
    assert "59" not in caplog.text


def test_every_page_without_a_patient_is_made(app: FastAPI) -> None:
    pages = preparing.plain_pages()
    for page in pages:
        preparing.make(app, page)
    paths = {each.path for each in pages}
    assert {"/trials", "/disease", "/disease/patient", "/retrodiction", "/laboratory"} <= paths
