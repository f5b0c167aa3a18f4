"""The meeting's tasks walked in a browser: what is seen at once, heard, typed, printed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.browser.board_server import Board
from tests.web.board.board_cases import NAMES, real_futures

pytestmark = pytest.mark.browser

SCREEN = {"width": 1366, "height": 768}
PHONE = {"width": 320, "height": 640}

LONG = (
    "Every lesion can be reached in two sessions, the liver first, the lung six weeks later, if "
    "the next scan shows no new lesion; the panel looked at the anatomy and at what would be left. "
)


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page of the meeting's screen on which every complaint of the browser is an error."""
    context = browser.new_context(viewport=SCREEN)
    opened, complaints = context.new_page(), []
    opened.on("console", lambda each: complaints.append(each.text) if _is_defect(each) else None)
    opened.on("pageerror", lambda each: complaints.append(str(each)))
    yield opened
    assert not complaints
    context.close()


def _is_defect(message: Any) -> bool:
    """An error on the console, but for a form's answer that a field needs attention."""
    return message.type == "error" and "status of 422" not in message.text


def _seen_without_scrolling(page: Any, selector: str) -> str:
    box = page.locator(selector).bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= SCREEN["height"], selector
    return str(page.inner_text(selector))


def test_task_2_organs_treatable_and_trial_are_seen_without_scrolling(
    board: Board, page: Any
) -> None:
    page.goto(board("BC03"))
    assert "3 organs, 15 lesions" in _seen_without_scrolling(page, ".in-short .extent")
    assert re.search(r"\d+ of 15", _seen_without_scrolling(page, ".in-short .treatable"))
    assert "ORCHESTRA" in _seen_without_scrolling(page, ".in-short .trials-short")
    for begins in ("#body-heading", "#lesions-heading", ".in-short .missing"):
        assert _seen_without_scrolling(page, begins)
    short = page.inner_text(".in-short")
    assert "Futures: the model cannot tell the options apart." in short
    assert re.search(r"Evidence: \d+ randomised, \d+ series", short)


def test_task_3_why_one_registration_is_met_and_the_other_is_not(board: Board, page: Any) -> None:
    page.goto(board("BC10"))
    page.click("a[href$='/trials#trial-orchestra'] >> nth=0")
    note = page.inner_text("#trial-orchestra .note >> nth=0")
    assert "more than 1" in note
    assert "more than 3" in note
    found = page.inner_text("#trial-orchestra tr:has-text('E4') >> nth=0")
    assert "lesions outside the liver 3" in found


def test_task_4_what_would_make_it_fit_and_what_cannot_change(board: Board, page: Any) -> None:
    page.goto(board("BC08"))
    page.click("#trials a[href$='/trials']")
    orchestra = page.locator("#trial-orchestra")
    page.wait_for_load_state()
    heads = orchestra.locator("h3").all_inner_texts()
    assert heads == ["What would make it fit"]
    decides = orchestra.locator(".what-decides li").all_inner_texts()
    assert [each.split(".")[0] for each in decides] == [
        "\u2715 not met WHO performance status 0 or 1",
        "\u2715 not met all planned local treatment can be delivered within 3 months",
    ]
    assert all("would be met if the WHO performance status were 1" in each for each in decides)
    # The other registration asks for more than three lesions outside the liver; two are there.
    assert "E4, versions differ: met" in orchestra.locator(".note").inner_text()
    elsewhere = page.locator("#trial-pulmicc")
    assert elsewhere.locator("h3").all_inner_texts() == ["What can change", "What cannot change"]
    assert "colorectal cancer, resected" in elsewhere.locator(".can-change").inner_text()
    assert "no metastases elsewhere" in elsewhere.locator(".cannot-change").inner_text()


def test_task_5_the_difference_stands_in_words_with_its_interval(board: Board, page: Any) -> None:
    words = real_futures()["text"]
    assert "18 more (9 fewer to 51 more)" in words["two_years"]
    page.goto(board("BC03"))
    said = page.inner_text("#futures")
    for name in ("two_years", "medians", "intervals", "published"):
        assert words[name] in said
    page.click("#futures a[href$='/futures']")
    page.wait_for_url("**/futures")
    page.wait_for_load_state()
    assert page.locator("svg.icon-array[role=img]").count() == 4
    for drawn in page.locator("svg.survival-bands").all():
        assert drawn.get_attribute("aria-label")
    assert page.locator(".layers strong").all_inner_texts() == ["Chance:", "Knowledge:", "Model:"]
    assert page.locator(".legend .swatch").count() == 3
    told = page.inner_text("main").lower()
    for never in ("recommend", "should", "significant", "best option", "-0 ", "\u22120 "):
        assert never not in told


def test_task_6_each_missing_item_is_one_key_press_from_its_field(board: Board, page: Any) -> None:
    page.goto(board("BC11"))
    items = page.locator(".missing a").all_inner_texts()
    assert {"WHO performance status", "RAS", "sizes of lesions without one"} <= set(items)
    page.locator(".missing a", has_text="WHO performance status").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/edit*")
    assert page.url.endswith("/edit#patients-who_ps")
    assert page.locator("#patients-who_ps").is_visible()


def test_task_8_a_decision_with_a_dissent_and_a_review_is_signed_and_fills_one_sheet(
    board: Board, page: Any, tmp_path: Path
) -> None:
    page.goto(board("BC04", "/decision"))
    page.locator("input[name=taken]").first.focus()
    page.keyboard.press("Space")
    for row, vote in enumerate(("systemic_alone", "all_treatable")):
        page.select_option(f"#votes-{row}-discipline", ("surgery", "radiology")[row])
        page.select_option(f"#votes-{row}-vote", vote)
    page.select_option("#dissent-0-discipline", "radiology")
    page.fill("#dissent-0-text", "Both sites can be reached.")
    page.fill("#review_date", "2027-02-26")
    page.select_option("#signed_role", "board_member")
    page.click(".actions button[value=sign]")
    page.locator("#errors:focus").wait_for()
    assert page.title().startswith("Error:")
    page.fill("#reasons", "The wish of the patient.")
    page.click(".actions button[value=sign]")
    assert "The decision is signed" in page.inner_text("#status")
    page.click("a[href$='/print'] >> nth=0")
    words = _sheet(page, tmp_path)
    for said in ("Both sites can be reached.", "2027-02-26", "radiology"):
        assert said in words
    # Name, birth date, address, hospital number: the sheet has no place for them.
    assert not re.search(r"\b(name|born|birth|address|hospital)\b", words, re.I)


def test_task_10_headings_and_status_line_alone_tell_the_case(board: Board, browser: Any) -> None:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(board("BC02"))
    heard = page.locator("h1, h2, h3, [role=status]").all_text_contents()
    said = " ".join(" ".join(heard).split())
    assert "Extent: oligometastatic" in said
    assert re.search(r"Treatable now: \d of 3", said)
    assert "Would you randomise this patient? The model cannot tell the options apart." in said
    assert "In the model In trials At this table Open to this patient" in said
    context.close()


@pytest.mark.parametrize("name", NAMES)
def test_the_sheet_is_one_page_even_with_a_long_decision(
    board: Board, page: Any, tmp_path: Path, name: str
) -> None:
    _decide_at_length(board, name)
    page.goto(board(name, "/print"))
    words = _sheet(page, tmp_path)
    for number, item in enumerate(
        (
            "Question",
            "Facts",
            "Body map",
            "Options considered",
            "Trials",
            "Decision",
            "Unknown at the time",
            "Review",
        ),
        start=1,
    ):
        assert f"{number} {item}" in words
    assert "full text in case version" in words
    assert "Research use, not a medical device" in words
    assert "page 1 of 1" in words


def _decide_at_length(board: Board, name: str) -> None:
    """A decision with every text as long as it may be, and forty votes."""
    from debulk.board.decisions.decision import Decision, Dissent, OptionConsidered, Vote
    from debulk.board.decisions.views import Views
    from debulk.board.records import LOCAL_MEMBER
    from debulk.core.strings import entries

    records, case_id = board.app.state.records, board.ids[name]
    disciplines = list(entries("decision.disciplines"))
    options = ("systemic_alone", "all_treatable")
    decision = Decision(
        case_id=case_id,
        case_version=1,
        board_months=1.0,
        options=tuple(OptionConsidered(each, each.replace("_", " ")) for each in options),
        taken="all_treatable",
        votes=tuple(
            Vote(disciplines[place % len(disciplines)], options[place % 2], place % 3 == 0)
            for place in range(40)
        ),
        first_views=Views(14, 14, 12),
        dissent=tuple(Dissent("surgery", LONG * 4) for _ in range(3)),
        reasons=LONG * 20,
        patients_wish=LONG * 10,
        review_months=4.0,
        review_trigger="new_information",
        unknown_at_the_time=tuple(f"{LONG[:100]} {number}" for number in range(12)),
        signed_role="board_member",
    )
    sitting = records.votes.tally(case_id)["sitting"]
    records.decisions.sign(
        case_id,
        decision.to_dict() | {"meeting_date": "2026-11-26"},
        chosen=decision.taken,
        case_version=1,
        sitting=sitting,
        by=LOCAL_MEMBER,
        review_date="2027-02-26",
    )


def _sheet(page: Any, folder: Path) -> str:
    """The words of the page as Chromium prints it, after a count of its pages."""
    if shutil.which("pdfinfo") is None:
        pytest.skip("pdfinfo and pdftotext (poppler-utils) are not installed")
    file = folder / "sheet.pdf"
    page.pdf(path=str(file), prefer_css_page_size=True)
    about = subprocess.run(["pdfinfo", file], capture_output=True, text=True, check=True).stdout
    assert re.search(r"^Pages:\s+1$", about, re.M), about
    assert "A4" in about
    words = subprocess.run(
        ["pdftotext", file, "-"], capture_output=True, text=True, check=True
    ).stdout
    return " ".join(words.split())


_SMALL_TARGETS = """least => [...document.querySelectorAll(
    'main a[href], main button, main summary, main select, main textarea, main input, main label')]
  .filter(each => each.checkVisibility({visibilityProperty: true}) && !each.closest('svg'))
  // A label is a target where it holds its field; a field inside one is reached through it.
  .filter(each => each.tagName !== 'LABEL' || each.querySelector('input'))
  .filter(each => each.tagName !== 'INPUT' || !each.closest('label'))
  // A link inside a sentence is as high as its line: the exception of WCAG 2.5.8.
  .filter(each => ![...each.parentNode.childNodes]
    .some(node => node.nodeType === 3 && node.textContent.trim() && each.tagName === 'A'))
  .map(each => [each, each.getBoundingClientRect()])
  .filter(([each, box]) => box.width && box.height < least)
  .map(([each, box]) => `${each.tagName} ${each.textContent.trim().slice(0, 40)} ${box.height}`)"""
_ON_TOUCH = 44


@pytest.mark.parametrize("part", ["", "/trials", "/evidence", "/futures", "/decision", "/print"])
def test_targets_are_large_enough_for_a_finger(board: Board, browser: Any, part: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    for name in ("BC03", "BC08"):
        page.goto(board(name, part))
        assert page.evaluate("matchMedia('(pointer: coarse)').matches")
        assert page.evaluate(_SMALL_TARGETS, _ON_TOUCH) == [], name
    context.close()


_DRAWN_POINTS = """() => [...document.querySelectorAll('.sheet *')]
  .map(each => [each, each.getScreenCTM ? each.getScreenCTM().a : 1])
  .filter(([each, _]) => [...each.childNodes]
    .some(node => node.nodeType === 3 && node.textContent.trim()))
  .map(([each, drawn]) => [each.textContent.trim().slice(0, 40),
    parseFloat(getComputedStyle(each).fontSize) * drawn * .75])
  .filter(([words, points]) => points < 9)"""


@pytest.mark.parametrize("name", ["BC03", "BC10"])
def test_no_word_or_figure_of_the_sheet_is_printed_below_nine_points(
    board: Board, page: Any, name: str
) -> None:
    page.emulate_media(media="print")
    page.goto(board(name, "/print"))
    assert page.locator(".sheet .body-map text.count").count() > 0
    assert page.evaluate(_DRAWN_POINTS) == []
