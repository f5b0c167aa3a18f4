"""The page of a retrodiction in a real browser: drawn, quiet, fit for phone and dark."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytestmark = pytest.mark.browser

_MADE_UP = Path(__file__).parents[1] / "trials" / "retrodiction" / "made_up.py"
SIZES = {"desktop": (1200, 900), "phone": (390, 844)}
_BEYOND = """[...document.querySelectorAll('h1, h2, h3, p, li, td, th, figcaption')]
    .filter(e => !e.closest('.scroller'))
    .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth)
    .map(e => e.textContent)"""
_CUT = """[...document.querySelectorAll('.scroller')]
    .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.ariaLabel)"""


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the made-up retrodiction."""
    pytest.importorskip("vl_convert")
    from debulk.reports.retrodiction.page import write_retrodiction_page

    path = tmp_path_factory.mktemp("retrodiction") / "page.html"
    made_up = SimpleNamespace(**runpy.run_path(str(_MADE_UP)))
    write_retrodiction_page(path, made_up.usual().to_dict())
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_sticks_out_and_nothing_is_fetched(
    browser: Any, page_file: Path, size: str, scheme: str
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    noise: list[str] = []
    page.on("console", lambda m: noise.append(m.text) if m.type in ("error", "warning") else None)
    page.on("request", lambda r: None if r.url[:5] in ("file:", "data:") else noise.append(r.url))
    try:
        page.goto(page_file.as_uri())
        page.wait_for_function("document.querySelector('img.figure').naturalWidth > 0")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(_BEYOND) == []
        if size == "desktop":
            assert page.evaluate(_CUT) == []
        # Below that the figure's letters are smaller than eight pixels; a phone scrolls it.
        assert page.locator("img.figure").bounding_box()["width"] >= 540
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        shade = sum(int(part) for part in paper.strip("rgba()").split(",")[:3])
        assert (shade < 3 * 64) == (scheme == "dark")
        assert noise == []
    finally:
        context.close()
