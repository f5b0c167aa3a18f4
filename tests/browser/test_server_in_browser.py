"""A true server in a real browser: progress in eight tabs, a sign-in that ends, keys alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.browser.answering import answering

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"
TABS = 8
PATIENCE_MS, PAUSE_MS = 30_000, 20
STEPS = 8
WORKER = Path(__file__).parents[1] / "web" / "jobs" / "made_up_worker.py"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Any]]:
    """Address and application of a server with made-up runs."""
    pytest.importorskip("uvicorn")
    from debulk.web import WebSettings, create_app
    from debulk.web.jobs.kinds import KINDS
    from debulk.web.jobs.workshop import Workshop

    place = str(tmp_path / "records.sqlite")
    app = create_app(WebSettings(database=place, worker=False))
    app.state.workshop = Workshop(app.state.records, place, command=(sys.executable, str(WORKER)))
    KINDS["steps"] = "made_up_worker:steps"
    try:
        with answering(app) as address:
            yield address, app
    finally:
        del KINDS["steps"]


@pytest.fixture
def tab(browser: Any) -> Iterator[Callable[[], Any]]:
    """A function that opens a tab of one reader's browser; no tab may complain."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    noise: list[str] = []

    def open_one() -> Any:
        page = context.new_page()
        page.on("console", lambda m: noise.append(m.text) if is_noise(m) else None)
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.set_default_timeout(PATIENCE_MS)
        return page

    yield open_one
    context.close()
    assert noise == []


def is_noise(message: Any) -> bool:
    """Whether a page complains; a sign-in that ended is an answer, not a complaint."""
    return message.type == "error" and "401 (Unauthorized)" not in message.text


def test_eight_tabs_see_progress_and_the_server_still_answers(
    served: tuple[str, Any], tab: Callable[[], Any], tmp_path: Path
) -> None:
    from starlette.requests import Request

    from debulk.web.jobs import queue
    from debulk.web.visitor import LOCAL

    address, app = served
    asking = Request({"type": "http", "app": app, "headers": [], "state": {"visitor": LOCAL}})
    gate = tmp_path / "gate"
    job = queue.submit(asking, "steps", {"steps": 4, "gate": str(gate), "seconds": 1.2})
    pages = [tab() for _ in range(TABS)]
    for page in pages:
        page.goto(address + job.address)
    for page in pages:
        # The pulse of the true run reached every tab, by its stream or by its own questions.
        page.locator(".job-message", has_text="step 1 of 4").wait_for()
    comes_true(pages[0], lambda: app.state.streams == 1)
    # A ninth page, and forms, are answered while eight wait.
    ninth = tab()
    ninth.goto(address + "/")
    assert ninth.title()
    told = {page.locator(".job-told").text_content() for page in pages}
    assert all(each.startswith("Being computed:") for each in told)
    gate.touch()
    for page in pages:
        page.get_by_text("Computed.").wait_for()
        page.locator("progress").wait_for(state="detached")
    comes_true(pages[0], lambda: app.state.streams == 0)


def test_run_is_announced_by_quarters_and_cancelled_from_its_page(
    served: tuple[str, Any], tab: Callable[[], Any], tmp_path: Path
) -> None:
    from starlette.requests import Request

    from debulk.web.jobs import queue
    from debulk.web.visitor import LOCAL

    address, app = served
    asking = Request({"type": "http", "app": app, "headers": [], "state": {"visitor": LOCAL}})
    gate = tmp_path / "gate"
    job = queue.submit(asking, "steps", {"steps": STEPS, "gate": str(gate)})
    page = tab()
    page.goto(address + job.address)
    said = page.locator("#status")
    said.filter(has_text="Being computed: 0 % done.").wait_for()
    for done, shown, announced in ((1, "12 %", "0 %"), (2, "25 %", "25 %"), (4, "50 %", "50 %")):
        open_gates(gate, done)
        page.locator(".job-told", has_text=f"{shown} done").wait_for()
        # Announced with the same step of the script, where it is announced at all.
        assert f"Being computed: {announced} done" in said.text_content()
    open_gates(gate, 6)
    said.filter(has_text="75 % done").wait_for()
    page.get_by_role("button", name="Cancel").press("Enter")
    page.wait_for_url(address + job.address)
    page.get_by_text("The run was cancelled.").wait_for()
    assert queue.job_of(asking, job.id).state == "cancelled"


def open_gates(gate: Path, steps: int) -> None:
    """Let a run go on to the end of a step."""
    for step in range(1, steps + 1):
        gate.with_name(f"{gate.name}.{step}").touch()


def comes_true(page: Any, question: Callable[[], bool]) -> None:
    """Wait for what the server has yet to notice, while the browser goes on."""
    for _ in range(PATIENCE_MS // PAUSE_MS):
        if question():
            return
        page.wait_for_timeout(PAUSE_MS)
    pytest.fail("it did not come true")


def test_sign_in_that_ends_keeps_what_was_typed(
    served: tuple[str, Any], tab: Callable[[], Any]
) -> None:
    from datetime import UTC, datetime, timedelta

    from debulk.board.records import PROGRAM
    from debulk.board.records.sign_ins import IDLE_SECONDS

    address, app = served
    records, late = app.state.records, [timedelta()]
    records._database.clock = lambda: datetime.now(UTC) + late[0]
    records.users.add("ann", PASSWORD, ["administrator"], by=PROGRAM)
    app.state.sign_ins.ask_again()
    page = tab()
    page.goto(address + "/admin/settings")
    sign_in(page)
    page.wait_for_url(address + "/admin/settings")
    page.clock.install()
    page.reload()
    page.locator("#guideline").fill("Typed before the sign-in ended.")
    # The server's clock goes first: the page asks it as soon as its own has moved.
    late[0] += timedelta(seconds=IDLE_SECONDS - 110)
    page.clock.fast_forward((IDLE_SECONDS - 110) * 1000)
    page.get_by_role("button", name="Stay signed in").wait_for()
    assert "2 minutes" in page.locator("#status").text_content()
    late[0] += timedelta(seconds=IDLE_SECONDS + 1)
    page.clock.fast_forward(130 * 1000)
    page.get_by_role("button", name="Go on here").wait_for()
    page.get_by_role("button", name="Save as a new version").press("Enter")
    again = page.get_by_role("link", name="Sign in in another tab")
    assert again.evaluate("each => each === document.activeElement")
    other = tab()
    other.goto(address + "/login")
    sign_in(other)
    other.wait_for_url(address + "/")
    page.get_by_role("button", name="Go on here").press("Enter")
    page.locator("#sign-in-ending").wait_for(state="hidden")
    page.get_by_role("button", name="Save as a new version").press("Enter")
    page.get_by_text("Saved as version 1.").wait_for()
    assert records.settings.current()["guideline"] == "Typed before the sign-in ended."


def sign_in(page: Any) -> None:
    """Sign in, with the keyboard alone."""
    page.locator("#name").focus()
    page.keyboard.type("ann")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
