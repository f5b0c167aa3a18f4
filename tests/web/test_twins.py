"""Every page has its twin, every form a page, and the OpenAPI document names them all."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from debulk.core.results import plain
from debulk.web.templating import render, twin_of

STREAMS = {"/jobs/events"}
"""What is no page."""
VERBS = ("get", "post")
FORMS_WITHOUT_PAGE = {"/logout", "/admin/backup"}
"""Buttons that stand on other pages."""
MOVING = {"log"}
"""What the next request tells otherwise: reading a case is logged."""


def paths(routes: list[APIRoute], method: str) -> set[str]:
    return {each.path for each in routes if method in each.methods}


def test_property_every_page_has_its_twin_and_every_twin_its_page(
    every_route: list[APIRoute],
) -> None:
    gets = paths(every_route, "GET") - STREAMS
    twins = {each for each in gets if each.endswith(".json")}
    pages = gets - twins
    assert {"/", "/jobs", "/jobs/{job_id}", "/login", "/admin/audit"} <= pages
    assert {twin_of(each) for each in pages} == twins


def test_property_every_form_posts_to_a_page(every_route: list[APIRoute]) -> None:
    assert paths(every_route, "POST") - FORMS_WITHOUT_PAGE <= paths(every_route, "GET")


def test_property_the_openapi_document_names_every_twin_and_every_form(
    every_route: list[APIRoute], client: TestClient
) -> None:
    document = client.get("/openapi.json").json()["paths"]
    named = {method: {path for path in document if method in document[path]} for method in VERBS}
    twins = {each for each in paths(every_route, "GET") if each.endswith(".json")}
    assert named["get"] == twins | STREAMS | {"/health"}
    assert named["post"] == paths(every_route, "POST")
    for path, methods in document.items():
        for operation in methods.values():
            assert operation["summary"].endswith("."), path


def test_head_answers_as_get_does_and_stands_in_no_document(
    every_route: list[APIRoute], client: TestClient
) -> None:
    assert paths(every_route, "HEAD") == paths(every_route, "GET") - STREAMS
    for path in ("/", "/index.json", "/board", "/nowhere"):
        assert client.head(path).status_code == client.get(path).status_code, path
    assert not any("head" in each for each in client.get("/openapi.json").json()["paths"].values())


def still(value: Any) -> Any:
    """What does not move from one request to the next."""
    if isinstance(value, dict):
        return {name: still(each) for name, each in value.items() if name not in MOVING}
    return [still(each) for each in value] if isinstance(value, list) else value


@pytest.mark.slow
def test_every_page_and_its_twin_answer_alike(
    every_route: list[APIRoute],
    client: TestClient,
    stored_case: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pages of one study, file or run have tests of their own."""
    drawn: list[Mapping[str, Any]] = []

    def noting(request: Any, template: str, context: Any, **more: Any) -> Any:
        if "data" in context:
            drawn.append(context["data"])
        return render(request, template, context, **more)

    monkeypatch.setattr("debulk.web.pages.render", noting)
    named = {"case_id": stored_case, "name": "orchestra"}
    walked: set[str] = set()
    for path in sorted(paths(every_route, "GET") - STREAMS):
        if path.endswith(".json") or set(re.findall(r"{(\w+)}", path)) - set(named):
            continue
        address = path.format(**named)
        drawn.clear()
        page, twin = client.get(address), client.get(twin_of(address))
        assert page.status_code == (200 if twin.status_code == 202 else twin.status_code), path
        assert page.status_code in (200, 404), path
        assert "application/json" in twin.headers["content-type"]
        told = twin.json()
        assert told is not None
        if drawn:
            assert still(json.loads(json.dumps(plain(drawn.pop())))) == still(told), path
        walked.add(path)
    assert {"/board", "/board/cases/{case_id}/futures", "/laboratory"} <= walked
