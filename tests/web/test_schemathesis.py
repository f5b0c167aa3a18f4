"""Requests made up from the OpenAPI document: none may break the server."""

from __future__ import annotations

import contextlib
import shutil
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from tests.web.board.board_cases import sign, store, store_futures

from debulk.board.records import LOCAL_MEMBER
from debulk.web import WebSettings, create_app
from debulk.web.security.cookies import VISIT, token_of
from debulk.web.settings import Limits

pytestmark = pytest.mark.slow

schemathesis = pytest.importorskip("schemathesis")
GenerationMode = schemathesis.GenerationMode
FEW = settings(
    max_examples=4,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""Requests of each operation, right ones and wrong ones."""

SKIPPED = "/jobs/events"
"""A stream, which has a test of its own."""

KNOWN: dict[str, dict[str, str]] = {
    "/trials/": {"name": "orchestra", "file": "design.yaml"},
    "/scores/": {"name": "fong"},
    "/evidence/": {"study": "fong"},
}
"""What is there, by the path's beginning."""

OF_ACCOUNTS = {"POST /account", "GET /admin/users/{name}.json", "POST /admin/users/{name}"}
"""With an account everybody would have to sign in."""


def test_hostile_property_nothing_in_the_openapi_document_breaks_the_server(
    tmp_path: Path, empty_records: Path
) -> None:
    place = shutil.copy(empty_records, tmp_path / "records.sqlite")
    limits = Limits(address_per_second=1e9, address_burst=1e9)
    app = create_app(WebSettings(database=str(place), worker=False, limits=limits))
    known = filled(app)
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    headers = {"Cookie": f"{VISIT}=word", "X-CSRF-Token": token_of("word")}
    broken: list[str] = []
    asked: Counter[str] = Counter()
    answered: dict[str, set[int]] = defaultdict(set)

    def ask(case: Any) -> None:
        # What is made up leads nowhere; so each other request is for what is there.
        asked[case.path] += 1
        if asked[case.path] % 2:
            room = next((each for each in KNOWN if case.path.startswith(each)), "")
            there = known | KNOWN.get(room, {})
            case.path_parameters |= {
                name: there[name] for name in case.path_parameters or {} if name in there
            }
        status = case.call(headers=headers).status_code
        answered[f"{case.method} {case.path}"].add(status)
        if status >= 500:
            broken.append(f"{status} {case.method} {case.formatted_path} {case.query}")

    for each in schema.get_all_operations():
        operation = each.ok()
        if operation.path == SKIPPED:
            continue
        for mode in GenerationMode:
            try_many = given(operation.as_strategy(mode))
            with contextlib.suppress(Unsatisfiable):
                # An operation without parameters cannot be asked wrongly.
                FEW(try_many(ask))()
    app.state.records.close()
    assert asked.total() > len(app.openapi()["paths"])
    assert broken == []
    # Beyond "there is no such case".
    lost = {each for each, statuses in answered.items() if statuses <= {404, 405}}
    assert lost <= OF_ACCOUNTS


def filled(app: FastAPI) -> dict[str, str]:
    """A case with kept futures and a signed decision, its run; their names by path parameter."""
    case_id = store(app, "BC03")
    records = app.state.records
    records.votes.open_futures(case_id, by=LOCAL_MEMBER)
    store_futures(app, case_id)
    sign(app, case_id)
    run = records.jobs.latest("board.futures", case_id=case_id)
    return {"case_id": case_id, "job_id": run.id}
