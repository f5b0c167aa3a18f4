"""The report in a real browser: quiet, offline, drawn, and fit for phone, dark and paper."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

IMAGES = Path(__file__).parents[2] / "docs" / "img"
CHARTS = ("os", "pfs", "spread", "forest")


@contextmanager
def opened(browser: Any, report: Path, **options: Any) -> Iterator[Any]:
    """Open the report, wait for its charts, and fail on any noise or any request off the file."""
    context = browser.new_context(**{"viewport": {"width": 1100, "height": 900}, **options})
    page = context.new_page()
    noise: list[str] = []
    page.on("console", lambda m: noise.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: noise.append(str(error)))
    local = ("file:", "data:", "blob:")
    page.on("request", lambda r: None if r.url.startswith(local) else noise.append(r.url))
    try:
        page.goto(report.as_uri())
        page.wait_for_selector("html[data-drawn=yes]", timeout=20_000)
        yield page
        assert noise == []
    finally:
        context.close()


def picture(page: Any, name: str, **options: Any) -> None:
    if os.environ.get("DEBULK_RENEW_IMAGES") == "1":
        IMAGES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(IMAGES / name), **options)


def marks(page: Any, chart: str) -> int:
    return int(page.locator(f"#chart-{chart} svg path, #chart-{chart} svg line").count())


def overflow(page: Any) -> int:
    script = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(script))


def test_every_chart_draws_its_marks(browser: Any, report_file: Path) -> None:
    with opened(browser, report_file) as page:
        for chart in CHARTS:
            assert marks(page, chart) > 5, chart
        picture(page, "report-top.png")
        page.locator("#curves").evaluate("e => e.scrollIntoView()")
        picture(page, "report-curves.png")


def test_nothing_sticks_out_on_a_phone(browser: Any, report_file: Path) -> None:
    phone = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2}
    with opened(browser, report_file, **phone) as page:
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert overflow(page) <= 0
        assert page.locator("svg.consort.narrow").is_visible()
        assert not page.locator("svg.consort.wide").is_visible()
        widest = page.evaluate(
            "Math.max(...[...document.querySelectorAll('.chart svg')]"
            ".map(e => e.getBoundingClientRect().right))"
        )
        assert widest <= 360
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = false)")
        picture(page, "report-phone.png")


def test_dark_is_dark_and_redraws_the_charts_when_it_changes(
    browser: Any, report_file: Path
) -> None:
    colour = "getComputedStyle(document.querySelector('#chart-os svg text')).fill"
    with opened(browser, report_file, color_scheme="dark") as page:
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        dark_text = page.evaluate(colour)
        page.locator("#curves").evaluate("e => e.scrollIntoView()")
        picture(page, "report-dark.png")
        page.emulate_media(color_scheme="light")
        # Asked again and again from here, since the page's policy forbids waiting by eval.
        for _ in range(100):
            if page.evaluate(colour) != dark_text:
                break
            page.wait_for_timeout(50)
        assert page.evaluate(colour) != dark_text
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark


def test_paper_is_white_with_everything_open(browser: Any, report_file: Path) -> None:
    with opened(browser, report_file, color_scheme="dark") as page:
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert page.locator("details:not([open])").count() == 0
        paper = page.pdf(format="A4", print_background=True)
        assert paper.startswith(b"%PDF")


def test_the_chart_of_looks_is_drawn_and_fits_a_phone(
    browser: Any, report_with_looks: Path
) -> None:
    with opened(browser, report_with_looks, viewport={"width": 360, "height": 740}) as page:
        assert marks(page, "stopping") > 5
        assert overflow(page) <= 0
        right = "document.querySelector('#chart-stopping svg').getBoundingClientRect().right"
        assert page.evaluate(right) <= 360
