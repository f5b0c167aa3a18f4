"""A Chromium of the system's, or the reason why there is none."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _chromium() -> str | None:
    named = os.environ.get("DEBULK_CHROMIUM")
    if named:
        return named
    return shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A running browser; the test is skipped, with the reason, where there is none."""
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="the browser group (playwright) is not installed"
    )
    path = _chromium()
    if path is None:
        pytest.skip("no Chromium found; install it or name it in DEBULK_CHROMIUM")
    # Chromium refuses its sandbox to the superuser.
    flags = [*_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=flags, headless=True)
        yield running
        running.close()


@pytest.fixture(scope="session")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One server with the twelve cases for every test that only reads, or keeps to its case."""
    pytest.importorskip("uvicorn", reason="the extra web is not installed")
    from tests.browser.board_server import running_board

    with running_board(tmp_path_factory.mktemp("board")) as running:
        yield running


@pytest.fixture(scope="session")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of the made-up result, or the report that DEBULK_REPORT names."""
    from debulk.reports import write_trial_report

    given = os.environ.get("DEBULK_REPORT")
    if given:
        return Path(given).resolve()
    module = _made_up()
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_trial_report(path, module.make_result())
    return path


@pytest.fixture(scope="session")
def report_with_looks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up report of trials with a look before the last analysis."""
    from debulk.reports import write_trial_report

    module = _made_up()
    path = tmp_path_factory.mktemp("looks") / "report.html"
    write_trial_report(path, module.make_result(monitoring=module.make_looks()))
    return path


def _made_up() -> Any:
    """The module that makes results for the tests of reports."""
    home = Path(__file__).parent.parent / "reports" / "conftest.py"
    specification = importlib.util.spec_from_file_location("made_up_result", home)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
