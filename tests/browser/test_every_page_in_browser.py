"""Every page of the site, by one walk: what axe sees, headings, targets, names, width."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.browser.board_server import Board

pytestmark = pytest.mark.browser

SCREEN, PHONE = {"width": 1366, "height": 768}, {"width": 320, "height": 640}
LOOKS = (("light", SCREEN, None), ("dark", PHONE, None), ("dark", SCREEN, "color-contrast"))
"""Colours and width; the layout is one of width and contrast one of colours, so that the third look
asks for contrast alone."""

PAGES = (
    *("/", "/board", "/board/import", "/board/cases/new", "/board/decisions", "/trials"),
    *("/trials/orchestra", "/trials/design?population=orchestra&looks=0.5+0.75+1"),
    *("/trials/design?gain_months=-3&alpha=x", "/trials/design?a=median_control%3D27.5"),
    *("/disease", "/disease/patient", "/retrodiction", "/laboratory", "/jobs", "/help", "/about"),
    *("/evidence", "/evidence/pool", "/evidence/fong", "/scores", "/scores/fong"),
    *("/account", "/account/log", "/admin", "/admin/audit", "/admin/settings", "/admin/users"),
    *("/login", "/nowhere"),
)
PARTS = ("", "/edit", "/missing", "/trials", "/evidence", "/futures", "/decision", "/print")
PARTS_OF_OTHERS = (("BC11", ""), ("BC11", "/futures"), ("BC01", "/futures"), ("BC03", "/history"))

ALL = (*PAGES, *(f"BC03{part}" for part in PARTS), *map("".join, PARTS_OF_OTHERS))

LEAST_TARGET_PX = 24.0
WAIT = 120_000
"""Milliseconds; a fresh installation compiles its kernels for the first virtual patient."""

_SETTLED = """() => [...document.querySelectorAll("[data-chart]")].every((each) =>
    each.querySelector("svg")) && (!document.querySelector("#missing")
    || document.querySelector("#missing-answers"))"""
"""Charts are drawn, and what a page asks for once it is there has come."""

_FAULTS = """(least) => {
  const found = [], seen = {}, all = (what) => [...document.querySelectorAll(what)];
  let before = 0;
  if (all("h1").length !== 1) { found.push(all("h1").length + " h1"); }
  for (const each of all("h1, h2, h3, h4, h5, h6")) {
    const level = Number(each.tagName[1]);
    if (level > before + 1) { found.push("heading skips a level: " + each.textContent.trim()); }
    before = level;
  }
  for (const what of ["main", "header nav", "footer"]) {
    if (!document.querySelector(what)) { found.push("no " + what); }
  }
  for (const each of all("[id]")) {
    if (seen[each.id]) { found.push("two with id " + each.id); }
    seen[each.id] = true;
  }
  for (const each of all("a, button, input:not([type=hidden]), select, textarea, summary")) {
    const box = each.getBoundingClientRect(), style = getComputedStyle(each);
    // Links in a sentence, what a label enlarges and what waits off the screen are exempt.
    if (!box.width || box.right < 0 || style.visibility === "hidden") { continue; }
    if ((each.tagName === "A" && style.display === "inline") || each.closest("label")) { continue; }
    if (Math.min(box.width, box.height) < least - 0.5) {
      found.push("small target: " + (each.textContent.trim() || each.name));
    }
  }
  for (const each of all("table")) {
    if (!each.caption && !each.closest("[aria-label][role=region], section[aria-labelledby]")) {
      found.push("table without a name: " + each.textContent.trim().slice(0, 40));
    }
  }
  if (document.documentElement.scrollWidth > innerWidth) { found.push("wider than the screen"); }
  return found;
}"""


@pytest.fixture(scope="module")
def tab(browser: Any) -> Iterator[Any]:
    """One tab for all pages, with the script of axe at hand: a new one a page takes longer."""
    playwright = pytest.importorskip("axe_playwright_python.sync_playwright")
    script = Path(str(playwright.__file__)).with_name("axe.min.js").read_text("utf-8")
    context = browser.new_context(viewport=SCREEN, reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(WAIT)
    opened.axe = script
    opened.complaints = []
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    yield opened
    context.close()


@pytest.mark.parametrize(
    "page", [*PAGES, *(f"BC03{part}" for part in PARTS), *map("".join, PARTS_OF_OTHERS)]
)
def test_every_page_keeps_the_rules_in_every_look(board: Board, tab: Any, page: str) -> None:
    name, slash, part = page.partition("/")
    tab.complaints.clear()
    tab.set_viewport_size(SCREEN)
    tab.goto(board(name, slash + part) if name else board.home + page)
    tab.wait_for_function(_SETTLED)
    tab.evaluate(tab.axe)
    for colours, size, only in LOOKS:
        tab.emulate_media(color_scheme=colours)
        tab.set_viewport_size(size)
        faults = [] if only else tab.evaluate(_FAULTS, LEAST_TARGET_PX)
        assert faults + _axe(tab, only) == [], (page, colours, size["width"])
    assert tab.complaints == []


def _axe(tab: Any, only: str | None) -> list[tuple[str, str]]:
    """Rules that axe finds broken, each with the first place."""
    found = tab.evaluate(
        """async (only) => (await axe.run(only ? {runOnly: {type: "rule", values: [only]}} : {}))
        .violations.map((each) => [each.id, each.nodes[0].html.slice(0, 120)])""",
        only,
    )
    return [tuple(each) for each in found]


def test_at_400_percent_the_meeting_has_one_column_and_loses_nothing(
    board: Board, tab: Any
) -> None:
    tab.set_viewport_size(SCREEN)
    tab.goto(board("BC03"))
    wide = tab.inner_text("main").split()
    # 1366 pixels at 400 % are 341 of the page.
    tab.set_viewport_size({"width": 341, "height": 192})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 341
    narrow = set(tab.inner_text("main").split())
    assert [each for each in wide if each not in narrow] == []


def test_skip_links_lead_to_in_short_lesions_and_decision_by_keyboard(
    board: Board, tab: Any
) -> None:
    tab.set_viewport_size(SCREEN)
    for presses, place in ((2, "in-short"), (3, "lesions"), (4, "decision")):
        tab.goto(board("BC03"))
        for _ in range(presses):
            tab.keyboard.press("Tab")
        tab.keyboard.press("Enter")
        assert tab.evaluate("document.activeElement.id") == place
        assert tab.evaluate("scrollY + innerHeight >= document.activeElement.offsetTop")
