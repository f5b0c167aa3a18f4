"""The futures of a case as the worker process computes them after a click."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.browser.board_server import running_board

pytestmark = pytest.mark.browser

PATIENCE_MILLISECONDS = 180_000
"""The first run on a machine draws the library of virtual patients and compiles the kernels."""


@pytest.mark.slow
def test_opened_futures_are_computed_by_the_worker_and_shown(browser: Any, tmp_path: Path) -> None:
    pytest.importorskip("uvicorn", reason="the extra web is not installed")
    with running_board(tmp_path, worker=True) as board:
        page = browser.new_page()
        page.goto(board("BC10", "/futures"))
        assert "Of 100 virtual patients" not in page.inner_text("main")
        # Whoever opens them starts the run; its page part waits, then shows what was computed.
        page.click("button[value=open]")
        page.wait_for_selector(".job progress, svg.icon-array")
        page.wait_for_selector("text=Of 100 virtual patients", timeout=PATIENCE_MILLISECONDS)
        page.locator("svg.icon-array[role=img]").nth(3).wait_for()
        page.close()
