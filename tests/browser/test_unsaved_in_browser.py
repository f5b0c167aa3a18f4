"""What was typed and not sent is told before a reload throws it away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.browser.board_server import Board

pytestmark = pytest.mark.browser

PATIENCE_MS = 30_000
WORDS = "discussed twice"


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context()
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    context.close()


def addresses(board: Board) -> list[tuple[str, str]]:
    """Forms that store something, and a field of each that takes words."""
    return [
        (board("BC04", "/decision?again=true"), "#reasons"),
        (board("BC04", "/history"), "#reason"),
        (board("BC04", "/edit"), "#quick"),
        (board.home + "/admin/settings", "#guideline"),
    ]


def asked(page: Any, do: str) -> list[str]:
    """Kinds of the dialogs that a script of the page brings up; each is answered with no."""
    kinds: list[str] = []

    def answer(dialog: Any) -> None:
        kinds.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", answer)
    page.evaluate(f"() => {{ setTimeout(() => {do}, 0); }}")
    page.wait_for_timeout(400)
    page.remove_listener("dialog", answer)
    return kinds


def test_a_reload_asks_before_typed_words_are_lost(board: Board, page: Any) -> None:
    for address, field in addresses(board):
        page.goto(address)
        before = page.input_value(field)
        page.locator(field).press_sequentially(WORDS)
        assert asked(page, "location.reload()") == ["beforeunload"], address
        assert WORDS in page.input_value(field), address
        page.once("dialog", lambda dialog: dialog.accept())
        page.goto(board.home + "/help")
        page.goto(address)
        assert page.input_value(field) == before
        assert asked(page, "location.reload()") == [], address


def test_what_is_sent_or_refused_asks_as_it_should(board: Board, page: Any) -> None:
    page.goto(board("BC04", "/decision?again=true"))
    page.locator("#reasons").press_sequentially(WORDS)
    kinds: list[str] = []
    page.on("dialog", lambda dialog: (kinds.append(dialog.type), dialog.accept()))
    page.locator(".decision-form p.actions button").click()
    page.locator("#errors").wait_for()
    assert kinds == []
    page.locator("#reasons").click()
    page.goto(board.home + "/help")
    assert kinds == ["beforeunload"]
