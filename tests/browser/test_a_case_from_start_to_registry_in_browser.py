"""One case from its first field to the registry, in one browser and by its own run."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.browser.answering import answering

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE_MS = 180_000
"""The first run on a machine draws the library of virtual patients and compiles the kernels."""

PATIENT = {
    "case.question": "Three liver lesions and a node: all of them, or go on?",
    "case.board_months": "1.2",
    "patients.age_years": "66",
    "patients.who_ps": "1",
}
CHOSEN = {
    "patients.sex": "female",
    "patients.synchronous": "yes",
    "patients.primary_in_situ": "no",
    "patients.lesion_list_complete": "yes",
}
LESIONS = "liver right S6 26\nliver left S2 18\nliver right S5 12\nnode para-aortic 22"


def test_from_the_form_to_the_registry(browser: Any, tmp_path: Path) -> None:
    pytest.importorskip("uvicorn", reason="the extra web is not installed")
    from debulk.web import WebSettings, create_app

    app = create_app(WebSettings(database=str(tmp_path / "records.sqlite")))
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    with answering(app) as home:
        case = enter(page, home)
        look_at_futures(page, case)
        decide(page, case)
        page.get_by_role("link", name="Print").first.click()
        page.wait_for_url(f"{case}/print")
        assert "All treatable lesions" in page.inner_text("main")
        page.goto(f"{home}/board/decisions")
        with page.expect_download() as waited:
            page.get_by_role("button", name="Export").click()
        content = Path(waited.value.path()).read_bytes()
        context.close()
    with zipfile.ZipFile(io.BytesIO(content)) as registry:
        patients = registry.read("patients.csv").decode()
        lesions = registry.read("lesions.csv").decode()
    (told,) = patients.splitlines()[1:]
    assert "all_treatable" in told
    assert len(lesions.splitlines()) == 1 + len(LESIONS.splitlines())
    assert PATIENT["case.question"] not in patients


def enter(page: Any, home: str) -> str:
    """Fill the form and save it; gives the address of the case."""
    page.goto(f"{home}/board/cases/new")
    for name, value in PATIENT.items():
        page.fill(f"[name='{name}']", value)
    for name, value in CHOSEN.items():
        page.select_option(f"[name='{name}']", value)
    page.fill("#quick", LESIONS)
    page.click("button[value=quick]")
    page.click("#take")
    page.locator("[name='lesions.L3.site']").wait_for()
    page.click("#save button[value=save]")
    page.wait_for_url(re.compile(r"/board/cases/[A-Z0-9]{4}-[A-Z0-9]{2}(#.*)?$"))
    return str(page.url.partition("#")[0])


def look_at_futures(page: Any, case: str) -> None:
    """Note a first view, open the futures, and wait for the run of the true worker."""
    page.goto(f"{case}/futures")
    page.check("input[name=view][value=treat]")
    page.select_option("#discipline", "surgery")
    page.click("button[value=note_and_open]")
    page.get_by_text("Of 100 virtual patients").first.wait_for()
    page.locator("svg.icon-array").nth(3).wait_for()


def decide(page: Any, case: str) -> None:
    """Sign what was decided."""
    page.goto(f"{case}/decision")
    page.check("input[name=considered][value=all_treatable]")
    page.check("input[name=taken][value=all_treatable]")
    page.select_option("#votes-0-discipline", "surgery")
    page.select_option("#votes-0-vote", "all_treatable")
    page.fill("#reasons", "Every lesion can be reached.")
    page.select_option("#signed_role", "board_member")
    page.click(".actions button[value=sign]")
    page.locator("#status", has_text="The decision is signed").wait_for()
