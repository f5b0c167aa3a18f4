"""Every page of the site, by one walk: what axe sees, headings, targets, names, width."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.browser.answering import answering
from tests.browser.board_server import Board
from tests.web.board.board_cases import entries, sign, store

pytestmark = pytest.mark.browser

SCREEN, PHONE = {"width": 1366, "height": 768}, {"width": 320, "height": 640}
LOOKS = (("light", SCREEN, None), ("dark", PHONE, None), ("dark", SCREEN, "color-contrast"))
"""Colours and width; the layout is one of width and contrast one of colours, so that the third look
asks for contrast alone."""

CASE = "/board/cases/{BC03}"
PARTS = ("", "/edit", "/missing", "/trials", "/evidence", "/futures", "/decision", "/print")
PAGES = (
    *("/", "/board", "/board/import", "/board/cases/new", "/board/decisions", "/trials"),
    *("/trials/orchestra", "/trials/design?population=orchestra&looks=0.5+0.75+1"),
    *("/trials/design?gain_months=-3&alpha=x", "/trials/design?a=median_control%3D27.5"),
    *("/disease", "/disease/patient", "/retrodiction", "/laboratory", "/jobs", "/help", "/about"),
    *("/evidence", "/evidence/pool", "/evidence/fong", "/scores", "/scores/fong", "/jobs/{run}"),
    *("/account", "/account/log", "/admin", "/admin/audit", "/admin/settings", "/admin/users"),
    *("/admin/audit/check", "/login", "/nowhere"),
    *(f"{CASE}{part}" for part in PARTS),
    *("/board/cases/{BC11}", "/board/cases/{BC11}/futures", "/board/cases/{BC01}/futures"),
    *(f"{CASE}/history", "/board/decisions/{signed}", "/board/cases/{signed}/decision"),
)
OF_ACCOUNTS = ("/login", "/account", "/admin/users", "/admin/users/ann")
"""Pages that are others where accounts exist."""

FILES = {"/trials/{name}/protocol.yaml", "/trials/design/files/{file}"}
"""What a page links to and is none."""
STATUS = {"/nowhere": 404, "/trials/design?gain_months=-3&alpha=x": 422}

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
  if (document.documentElement.scrollWidth > innerWidth) {
    const wide = all("main *").filter((each) => each.getBoundingClientRect().right > innerWidth);
    found.push("wider than the screen: " + wide.map((each) => each.tagName + "." + each.className));
  }
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


@pytest.fixture(scope="module")
def ids(board: Board) -> dict[str, str]:
    """What stands in the addresses: a case by its name, one that is decided, a run."""
    signed = store(board.app, "BC12")
    sign(board.app, signed)
    run = board.app.state.records.jobs.latest("board.futures", case_id=board.ids["BC03"])
    return {**board.ids, "signed": signed, "run": run.id}


@pytest.fixture(scope="module")
def department(tmp_path_factory: pytest.TempPathFactory, tab: Any) -> Iterator[str]:
    """Address of a server with an account, which the tab's browser is signed in to."""
    from debulk.board.records import PROGRAM
    from debulk.web import WebSettings, create_app
    from debulk.web.security.cookies import SIGN_IN

    place = tmp_path_factory.mktemp("department") / "records.sqlite"
    app = create_app(WebSettings(database=str(place), worker=False))
    records, password = app.state.records, "correct horse battery"
    records.users.add("ann", password, ["administrator"], by=PROGRAM)
    token = records.sign_ins.start("ann", password, address="test")
    with answering(app) as address:
        tab.context.add_cookies([{"name": SIGN_IN, "value": token, "url": address}])
        yield address
    tab.context.clear_cookies(name=SIGN_IN)


def test_property_the_walk_leaves_no_page_of_the_openapi_document_out(board: Board) -> None:
    twins = {each for each in board.app.openapi()["paths"] if each.endswith(".json")}
    named = {"/" if each == "/index.json" else each.removesuffix(".json") for each in twins}
    walked = [page.partition("?")[0] for page in (*PAGES, *OF_ACCOUNTS)]
    exact = named & set(walked)
    others = [page for page in walked if page not in exact]
    shapes = {name: re.sub(r"{\w+}", "[^/]+", name) for name in named - exact - FILES}
    assert len(named) > 40
    assert [
        n for n, shape in shapes.items() if not any(re.fullmatch(shape, p) for p in others)
    ] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_page_keeps_the_rules_in_every_look(
    board: Board, tab: Any, ids: dict[str, str], page: str
) -> None:
    tab.complaints.clear()
    tab.set_viewport_size(SCREEN)
    tab.goto(board.home + page.format(**ids))
    assert_rules_in_every_look(tab, page)


@pytest.mark.parametrize("page", OF_ACCOUNTS)
def test_pages_of_accounts_keep_the_rules_in_every_look(
    department: str, tab: Any, page: str
) -> None:
    tab.complaints.clear()
    tab.set_viewport_size(SCREEN)
    tab.goto(department + page)
    assert tab.url == department + page
    assert_rules_in_every_look(tab, page)


def import_preview(board: Board, tab: Any) -> None:
    """A file that was looked at."""
    tab.goto(f"{board.home}/board/import")
    content = json.dumps({"cases": [entries()["BC03"]]}).encode()
    file = {"name": "cases.json", "mimeType": "application/json", "buffer": content}
    tab.set_input_files("#file", file)
    tab.click("button[value=look]")
    tab.locator("#preview-heading").wait_for()


def conflict_of_a_case(board: Board, tab: Any) -> None:
    """A form that is saved after another saved the case."""
    from debulk.board.records import LOCAL_MEMBER

    case_id, cases = store(board.app, "BC06"), board.app.state.records.cases
    tab.goto(f"{board.home}/board/cases/{case_id}/edit")
    content = cases.read(case_id, by=LOCAL_MEMBER).content
    cases.save(case_id, content | {"question": "Theirs?"}, based_on=1, by=LOCAL_MEMBER)
    tab.fill("[name='case.question']", "Mine?")
    tab.click("#save button[value=save]")
    tab.get_by_text("Theirs?").first.wait_for()


def conflict_of_a_decision(board: Board, tab: Any) -> None:
    """A decision that is signed after another's."""
    case_id = store(board.app, "BC06")
    tab.goto(f"{board.home}/board/cases/{case_id}/decision")
    sign(board.app, case_id)
    tab.check("input[name=considered] >> nth=0")
    tab.check("input[name=taken] >> nth=0")
    tab.fill("#reasons", "Another view of the same case.")
    tab.select_option("#signed_role", "board_member")
    tab.click(".actions button[value=sign]")
    tab.locator("#errors[role=alert]").wait_for()


@pytest.mark.parametrize("come", [import_preview, conflict_of_a_case, conflict_of_a_decision])
def test_what_a_form_leads_to_keeps_the_rules_in_every_look(
    board: Board, tab: Any, come: Callable[[Board, Any], None]
) -> None:
    tab.complaints.clear()
    tab.set_viewport_size(SCREEN)
    come(board, tab)
    assert_rules_in_every_look(tab, come.__name__)


def assert_rules_in_every_look(tab: Any, page: str) -> None:
    """The rules on the page where the tab is."""
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


_LOST_WITHOUT_SCRIPTS = """() => {
  const all = (what) => [...document.querySelectorAll(what)];
  return [
    ...all("form").filter((each) => !each.querySelector("button:not([type=button])"))
      .map((each) => "no button: " + each.action),
    ...all("[data-chart]").filter((each) => !each.closest("figure").querySelector("table")
      && !each.closest("section").querySelector("details.as-table table"))
      .map((each) => "no table: " + each.dataset.chart),
  ];
}"""


def test_without_scripts_every_page_has_its_heading_its_buttons_and_its_tables(
    board: Board, browser: Any, ids: dict[str, str]
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=SCREEN)
    page = context.new_page()
    page.set_default_timeout(WAIT)
    charts = 0
    for each in PAGES:
        answer = page.goto(board.home + each.format(**ids))
        assert answer.status == STATUS.get(each, 200), each
        assert page.locator("h1").count() == 1, each
        assert page.evaluate(_LOST_WITHOUT_SCRIPTS) == [], each
        charts += page.locator("[data-chart]").count()
    context.close()
    assert charts > 10


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
