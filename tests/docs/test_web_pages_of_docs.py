"""Is every address of the pages documented, with its twin, its fields and who may ask for it?"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the extra web is not installed")

from tests.docs.test_coverage_of_docs import REFERENCE, script

web_pages = script("write_web_pages_page")
TEXT = (REFERENCE / "web-pages.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The OpenAPI document, which the application makes without the script."""
    from debulk.web import WebSettings, create_app

    place: Path = tmp_path_factory.mktemp("records") / "records.sqlite"
    app = create_app(WebSettings(database=str(place), worker=False))
    made = app.openapi()
    app.state.records.close()
    return dict(made["paths"])


@cache
def rows() -> dict[str, list[str]]:
    """Cells of the page's tables, by each address that a row names."""
    found: dict[str, list[str]] = {}
    for line in TEXT.splitlines():
        if not line.startswith("| `/"):
            continue
        cells = [each.strip() for each in line.strip("|").split(" | ")]
        for each in re.findall(r"`([^`]+)`", cells[0]):
            path = each.removesuffix("[.json]")
            found[path] = cells
            if each != path:
                found[f"{path}.json"] = cells
    return found


def test_the_page_is_up_to_date() -> None:
    assert web_pages.page() == TEXT, "run scripts/write_web_pages_page.py"


def test_every_twin_form_and_stream_is_documented(document: dict[str, Any]) -> None:
    missing = {path for path in document if path not in rows()} - {"/health"}
    assert missing == set()
    assert "`/health`" in TEXT


def test_every_field_of_an_address_is_documented(document: dict[str, Any]) -> None:
    told_elsewhere = tuple(web_pages.DESCRIBED)
    for path, methods in document.items():
        if path.startswith(told_elsewhere):
            continue
        for each in methods.get("get", {}).get("parameters", []):
            if each["in"] == "query":
                assert re.search(rf"`{each['name']}[=`]", rows()[path][2]), (path, each["name"])


def test_every_field_of_a_design_is_documented_where_the_page_says_so(
    document: dict[str, Any],
) -> None:
    text = (REFERENCE / "web-designer.md").read_text(encoding="utf-8")
    for each in document["/trials/design.json"]["get"]["parameters"]:
        assert f"`{each['name']}`" in text, each["name"]


def test_every_summary_is_that_of_the_document(document: dict[str, Any]) -> None:
    for path, methods in document.items():
        for operation in methods.values():
            if path != "/health":
                assert operation["summary"] in rows()[path][1], path


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/", "everybody"),
        ("/login", "anybody"),
        ("/board/cases/{case_id}", "viewer, board member"),
        ("/board/cases/{case_id}/futures", "viewer, board member; posts: board member"),
        ("/board/cases/{case_id}/edit", "board member"),
        ("/admin/settings", "everybody; posts: administrator"),
        ("/admin/backup", "administrator"),
    ],
)
def test_handworked_who_may_is_told(path: str, who: str) -> None:
    assert rows()[path][-1] == who
