"""The form of a case in a true browser: by keyboard alone, without scripts, with errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.browser.answering import answering

pytestmark = pytest.mark.browser

_LANDSCAPE = {"width": 1366, "height": 768}
_NO_MOUSE = (
    "for (const kind of ['mousedown', 'pointerdown', 'touchstart'])"
    " document.addEventListener(kind, () => { window.mouseUsed = true; }, true);"
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any]]:
    """Address of a true server, and its application."""
    pytest.importorskip("uvicorn")
    from debulk.web import WebSettings, create_app

    place = tmp_path_factory.mktemp("served") / "records.sqlite"
    app = create_app(WebSettings(database=str(place), port=0, worker=False))
    with answering(app) as address:
        yield address, app


@pytest.fixture
def opened(browser: Any) -> Iterator[Any]:
    """A function that opens a page of a new context."""
    contexts = []

    def open_page(address: str, **options: Any) -> Any:
        context = browser.new_context(**{"viewport": _LANDSCAPE, **options})
        contexts.append(context)
        page = context.new_page()
        page.goto(address)
        return page

    yield open_page
    for each in contexts:
        each.close()


def type_into(page: Any, values: list[tuple[str, str]]) -> None:
    """Fill controls by Tab and typing alone; each must come after the one before."""
    for name, value in values:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name || ''") == name:
                break
        else:
            pytest.fail(f"{name} is not reached by Tab")
        page.keyboard.type(value)


PATIENT = [
    ("case.question", "Three liver lesions and limited peritoneal disease: is HIPEC an option?"),
    ("case.board_months", "1,2"),
    ("patients.age_years", "66"),
    *(("patients.sex", "f"), ("patients.primary_site", "right"), ("patients.primary_in_situ", "n")),
    *(("patients.synchronous", "y"), ("patients.t_stage", "4"), ("patients.n_positive", "6")),
    *(("patients.who_ps", "1"), ("patients.asa", "2"), ("patients.comorbidity", "1")),
    *(("patients.life_expectancy_months", "18"), ("patients.cea_ug_l", "42")),
    *(("patients.ras", "w"), ("patients.braf", "m"), ("patients.msi", "s")),
    *(("patients.liver_remnant_share", "58"), ("patients.hipec_candidate", "y")),
    *(("patients.crc_confirmed", "y"), ("patients.adjuvant", "n")),
    ("patients.lesion_list_complete", "y"),
]
LIVER = [("right S6", "26"), ("right S5", "18"), ("left S2", "12")]
PERITONEUM = [("right flank", "22"), ("pelvis", "15"), ("omentum", "30"), ("pelvis", "9")]


def type_lesion(page: Any, organ: str, site: str, size: str, vessel: str) -> None:
    """Type one row of lesions, Enter going from cell to cell, and in the last one to a new row."""
    for each in (organ, site, size, "", vessel, "", "", "", ""):
        if each:
            page.keyboard.type(each)
        page.keyboard.press("Enter")


def test_task_1_a_patient_with_seven_lesions_is_entered_by_keyboard_alone(
    served: tuple[str, Any], opened: Any
) -> None:
    from debulk.board.example_cases import example_cases

    address, app = served
    page = opened(f"{address}/board/cases/new")
    page.evaluate(_NO_MOUSE)
    type_into(page, PATIENT)
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name || ''").endswith(".organ"):
            break
    for site, size in LIVER:
        type_lesion(page, "liver", site, size, "n")
    for site, size in PERITONEUM:
        type_lesion(page, "perit", site, size, "")
    time_cell = "assessments.n1.time_months"
    type_into(page, [(time_cell, "0.9"), ("assessments.n1.sum_diameters_mm", "96")])
    type_into(page, [("assessments.n1.cea_ug_l", "42"), ("assessments.n1.who_ps", "1")])
    assert page.evaluate("window.mouseUsed") is None
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#save') !== null"):
            break
    with page.expect_navigation(url=re.compile(r"/board/cases/[A-Z0-9]{4}-[A-Z0-9]{2}(#.*)?$")):
        page.keyboard.press("Enter")
    made = app.state.records.cases.page().rows[0]["id"]
    stored = app.state.records.cases.versions(made)
    assert len(stored) == 1
    from debulk.board.records import LOCAL_MEMBER

    content = app.state.records.cases.read(made, by=LOCAL_MEMBER).content
    expected = next(each for each in example_cases() if each.case_id == "BC04").to_dict()
    assert content["board_months"] == expected["board_months"]
    for table, rows in expected["tables"].items():
        assert [without_name(each) for each in content["tables"][table]] == [
            without_name(each) for each in rows
        ], table


def without_name(row: dict[str, Any]) -> dict[str, Any]:
    """A row without the name of its patient, which the program makes."""
    return {name: value for name, value in row.items() if name != "patient_id"}


def test_task_7_a_wrong_size_and_a_wrong_month_are_mended_by_their_messages(
    served: tuple[str, Any], opened: Any
) -> None:
    address, app = served
    page = opened(f"{address}/board/cases/new")
    before = app.state.records.cases.page().total
    page.keyboard.press("Tab")
    type_into(page, [("case.board_months", "3"), ("patients.age_years", "70")])
    type_into(page, [("patients.lesion_list_complete", "y"), ("lesions.n1.organ", "liver")])
    type_into(page, [("lesions.n1.site", "left S2"), ("lesions.n1.diameter_mm", "2.8")])
    type_into(page, [("lesions.n1.detected_months", "-3")])
    with page.expect_navigation():
        page.locator("[name='patients.age_years']").press("Enter")
    for reload in (False, True):
        if reload:
            page.reload()
        assert page.title().startswith("Error:")
        assert page.evaluate("document.activeElement.id") == "errors"
        links = page.locator("#errors a").all_inner_texts()
        assert links == [
            "Months count from the diagnosis of the bowel cancer and cannot be negative "
            "(found -3).",
            "2.8 looks like centimetres: use 28?",
        ]
        assert page.input_value("[name='lesions.L1.site']") == "left S2"
        assert page.input_value("[name='patients.age_years']") == "70"
    assert app.state.records.cases.page().total == before
    for value in ("0", "28"):
        page.keyboard.press("Tab")
        link = 0 if value == "0" else 1
        page.locator("#errors a").nth(link).press("Enter")
        page.wait_for_function("document.activeElement.name.startsWith('lesions.L1.')")
        page.keyboard.press("Control+a")
        page.keyboard.type(value)
    with page.expect_navigation(url=re.compile(r"/board/cases/[A-Z0-9]{4}-[A-Z0-9]{2}(#.*)?$")):
        page.locator("[name='patients.age_years']").press("Enter")
    row = app.state.records.cases.page().rows[0]
    assert (app.state.records.cases.page().total, row["lesions"]) == (before + 1, 1)


def test_everything_works_without_scripts(served: tuple[str, Any], opened: Any) -> None:
    address, _ = served
    page = opened(f"{address}/board/cases/new", java_script_enabled=False)
    page.fill("#quick", "liver right S6 28 no vessel\nlivr 3")
    page.click("button[value=quick]")
    page.fill("#quick", "")
    page.click("#take")
    assert page.input_value("[name='lesions.L1.site']") == "right S6"
    page.click("button[value='same:lesions']")
    assert page.input_value("[name='lesions.L2.site']") == "right S6"
    page.click("button[value='remove:lesions:L1']")
    # Only the page without the row offers to bring it back.
    page.locator("button[value='undo:lesions:L1']").wait_for()
    assert page.locator("[name='lesions.L1.site']").count() == 0
    page.click("button[value='undo:lesions:L1']")
    assert page.input_value("[name='lesions.L1.diameter_mm']") == "28"
    page.wait_for_load_state()
    assert page.locator("button.convert:visible").count() == 0


def test_rows_dates_and_undo_with_scripts(served: tuple[str, Any], opened: Any) -> None:
    address, _ = served
    page = opened(f"{address}/board/cases/new")
    requests: list[str] = []
    page.on("request", lambda each: requests.append(each.url + (each.post_data or "")))
    page.select_option("[name='lesions.n1.organ']", "lung")
    assert page.inner_text("#lesions .row-name") == "U1"
    page.fill("[name='lesions.n1.diameter_mm']", "11")
    page.click("#lesions .same")
    assert page.inner_text("#lesions tbody tr:nth-child(2) .row-name") == "U2"
    page.fill("[name='lesions.n2.diameter_mm']", "9")
    page.press("[name='lesions.n2.diameter_mm']", "ArrowUp")
    assert page.evaluate("document.activeElement.name") == "lesions.n1.diameter_mm"
    page.click("#lesions tbody tr:nth-child(1) .remove")
    assert page.input_value("[name='removed.lesions.n1.diameter_mm']") == "11"
    page.keyboard.press("Enter")
    assert page.input_value("[name='lesions.n1.diameter_mm']") == "11"
    page.click("[data-converts='case-board_months']")
    page.fill("#converter-from", "2025-01-01")
    page.fill("#converter-to", "2026-01-01")
    page.click("#converter-use")
    assert page.input_value("[name='case.board_months']") == "12.0"
    page.check("[name='patients.asa:unknown']")
    page.fill("[name='patients.asa']", "2")
    assert not page.is_checked("[name='patients.asa:unknown']")
    page.click("#save button")
    page.wait_for_selector("#errors")
    assert not [each for each in requests if "2025-01-01" in each]
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert kept == "[{},{}]"
    assert "lung" not in page.url


def test_axe_finds_nothing_where_the_form_has_errors(served: tuple[str, Any], opened: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = opened(f"{served[0]}/board/cases/new")
    page.fill("[name='patients.age_years']", "7")
    page.press("[name='patients.age_years']", "Enter")
    page.wait_for_selector("#errors")
    assert [each["id"] for each in axe.run(page).response["violations"]] == []
