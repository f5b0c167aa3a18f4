"""The designer in a real browser: task 9, fields that keep the focus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.browser.answering import answering

pytestmark = pytest.mark.browser

SECONDS = 1000
WAIT = 30 * SECONDS
"""Milliseconds; the first design of a fresh installation compiles its kernels."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a free loopback port."""
    pytest.importorskip("uvicorn", reason="the extra web is not installed")
    from debulk.web import WebSettings, create_app

    place = tmp_path_factory.mktemp("records") / "records.sqlite"
    app = create_app(WebSettings(database=str(place), worker=False))
    with answering(app) as home:
        yield home


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    """A tab of its own that waits long enough, and the complaints of its console."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()


def figures(page: Any) -> list[str]:
    return list(page.locator("#head .figure strong").all_inner_texts())


def test_task_nine_from_orchestra_to_a_control_of_27_and_a_half_and_a_link_to_a_colleague(
    tab: Any, address: str, browser: Any
) -> None:
    tab.goto(f"{address}/trials")
    tab.get_by_role("link", name="ORCHESTRA", exact=True).click()
    tab.get_by_role("link", name="Design from this").click()
    # Enter before the scripts have come is a plain form's: computed too, but as a new page.
    tab.wait_for_load_state("load")
    before = figures(tab)
    field = tab.get_by_label("Median of the controls (months)")
    field.fill("27.5")
    with tab.expect_response(lambda answer: "median_control=27.5" in answer.url):
        field.press("Enter")
    tab.locator("#head").filter(has_text="27.5").wait_for()
    assert parse_qs(urlsplit(tab.url).query)["median_control"] == ["27.5"]
    assert tab.evaluate("document.activeElement.id") == "median_control"
    after = figures(tab)
    assert after != before
    assert float(after[3].split()[0]) >= 80.0
    assert "power 8" in tab.locator("#status").inner_text()
    colleague = browser.new_page()
    colleague.goto(tab.url)
    assert figures(colleague) == after
    assert colleague.locator("#head").inner_text() == tab.locator("#head").inner_text()
    colleague.close()
    assert tab.complaints == []


def test_a_fault_stands_beside_its_field_and_goes_when_it_is_mended(tab: Any, address: str) -> None:
    tab.goto(f"{address}/trials/design")
    field = tab.locator("#power")
    field.fill("80")
    field.press("Tab")
    message = tab.locator("#power-error")
    message.filter(has_text="out of range").wait_for()
    tab.locator("#power[aria-invalid=true]").wait_for()
    assert field.input_value() == "80"
    field.fill("0.9")
    field.press("Tab")
    message.wait_for(state="hidden")
    tab.locator("#power:not([aria-invalid])").wait_for()
    assert figures(tab)[3].startswith("90")


def test_a_slider_moves_the_result_by_keyboard(tab: Any, address: str) -> None:
    tab.goto(f"{address}/trials/design")
    before = figures(tab)
    slider = tab.locator("input[type=range][data-for=gain_months]")
    slider.focus()
    slider.press("ArrowRight")
    tab.wait_for_url("**gain_months=6.5**")
    assert figures(tab) != before
    assert tab.evaluate("document.activeElement.dataset.for") == "gain_months"


def test_without_scripts_the_button_computes(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/trials/design")
    page.locator("#median_control").fill("27.5")
    page.get_by_role("button", name="Compute").click()
    assert "median_control=27.5" in page.url
    assert "27.5" in page.locator("#head").inner_text()
    context.close()
