"""The pages of evidence in a browser: the focus stays, and all works without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.browser.answering import answering

pytestmark = pytest.mark.browser

PATIENCE_MS = 30_000
DESK = {"width": 1366, "height": 768}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a true server."""
    pytest.importorskip("uvicorn")
    from debulk.web import WebSettings, create_app

    place = tmp_path_factory.mktemp("served") / "records.sqlite"
    app = create_app(WebSettings(database=str(place), worker=False))
    with answering(app) as home:
        yield home


def opened(browser: Any, address: str, path: str, **options: Any) -> tuple[Any, list[str]]:
    """A page of a context of its own, drawn, and what it complained of."""
    context = browser.new_context(**options)
    page, noise = context.new_page(), []
    page.on("console", lambda m: noise.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address + path)
    return page, noise


def test_a_filter_keeps_the_focus_and_is_told_once(browser: Any, address: str) -> None:
    page, noise = opened(browser, address, "/evidence", viewport=DESK)
    before = page.locator("#pooled-now .answer").inner_text()
    page.locator("#organ").focus()
    page.locator("#organ").select_option("liver")
    page.wait_for_function(
        "before => document.querySelector('#pooled-now .answer').innerText !== before", arg=before
    )
    assert page.evaluate("document.activeElement.id") == "organ"
    assert "organ=liver" in page.url
    answer = page.locator("#pooled-now .answer").inner_text()
    assert answer in page.locator("#status").inner_text()
    page.locator("#figure-map svg").wait_for()
    page.reload()
    assert page.locator("#pooled-now .answer").inner_text() == answer
    assert noise == []
    page.context.close()


def test_without_scripts_filters_and_calculator_work(browser: Any, address: str) -> None:
    page, _ = opened(browser, address, "/evidence", java_script_enabled=False)
    page.locator("#design").select_option("registry")
    page.get_by_role("button", name="Show", exact=True).click()
    assert "of the other kind" in page.locator("#pooled-now").inner_text()
    page.goto(f"{address}/scores/konopke")
    page.locator("#hepatic_lesions").fill("4")
    page.locator("#cea_ug_l").fill("10")
    page.locator("#synchronous").select_option("no")
    page.get_by_role("button", name="Compute").click()
    assert "1 of 3 points, group intermediate" in page.locator("#result").inner_text()
    assert "hepatic" not in page.url
    page.context.close()
