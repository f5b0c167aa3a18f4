"""The pages of evidence in a browser: the focus stays, charts are drawn, axe finds nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.browser

PATIENCE_MS = 30_000
PAGES = ("/evidence", "/evidence/pool", "/evidence/fong", "/scores", "/scores/fong")
DESK, PHONE = {"width": 1366, "height": 768}, {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a true server."""
    pytest.importorskip("uvicorn")
    import uvicorn

    from debulk.web import WebSettings, create_app

    place = tmp_path_factory.mktemp("served") / "records.sqlite"
    app = create_app(WebSettings(database=str(place), worker=False))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    app.state.closing.set()
    server.should_exit = True
    thread.join(20)


def opened(browser: Any, address: str, path: str, **options: Any) -> tuple[Any, list[str]]:
    """A page of a context of its own, drawn, and what it complained of."""
    context = browser.new_context(**options)
    page, noise = context.new_page(), []
    page.on("console", lambda m: noise.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address + path)
    return page, noise


def test_axe_finds_no_violation_in_light_and_in_dark(browser: Any, address: str) -> None:
    axe_module = pytest.importorskip("axe_playwright_python.sync_playwright")
    axe = axe_module.Axe()
    for path in PAGES:
        for scheme in ("light", "dark"):
            page, noise = opened(browser, address, path, viewport=DESK, color_scheme=scheme)
            if page.locator("[data-chart]").count():
                page.locator("html[data-drawn=yes]").wait_for(state="attached")
            found = axe.run(page).response["violations"]
            told = [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found]
            page.context.close()
            assert told == [], (path, scheme)
            assert noise == []


def test_a_phone_scrolls_sideways_in_tables_and_figures_alone(browser: Any, address: str) -> None:
    for path in PAGES:
        page, noise = opened(browser, address, path, viewport=PHONE)
        width = page.evaluate("document.documentElement.scrollWidth")
        page.context.close()
        assert width <= PHONE["width"], path
        assert noise == []


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
