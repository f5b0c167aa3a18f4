"""Requests made up from the OpenAPI document: none may break the server."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

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


def test_hostile_property_nothing_in_the_openapi_document_breaks_the_server(
    tmp_path: Path, empty_records: Path
) -> None:
    place = shutil.copy(empty_records, tmp_path / "records.sqlite")
    limits = Limits(address_per_second=1e9, address_burst=1e9)
    app = create_app(WebSettings(database=str(place), worker=False, limits=limits))
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    headers = {"Cookie": f"{VISIT}=word", "X-CSRF-Token": token_of("word")}
    broken: list[str] = []
    asked = 0

    def ask(case: Any) -> None:
        nonlocal asked
        asked += 1
        status = case.call(headers=headers).status_code
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
    assert asked > len(app.openapi()["paths"])
    assert broken == []
