"""Draw the pictures of the tutorials on the board and on the designer into docs/img, as PNG.

Starts `debulk serve` on records of its own with the packaged synthetic cases, walks the pages in
Chromium as the tutorials tell, and reduces each picture to a palette. Needs the extra `web`, the
group `browser`, Pillow, and a Chromium (DEBULK_CHROMIUM names it); takes about a minute, most of
it the futures of one case.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image, ImageOps
from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parents[1] / "docs" / "img"
SCREEN = {"width": 1180, "height": 768}
FIRST_FIGURES = {"x": 0, "y": 80, "width": 1180, "height": 1055}
SHEET = {"width": 703, "height": 885}
"""Pixels between the margins of an A4 sheet, and of its upper part, which is all that is filled."""
MARGIN = 45
SLIDERS = {"x": 0, "y": 52, "width": 1180, "height": 1570}
COLOURS = 64
LONGEST_MS = 300_000

LESIONS_OF_THE_CASE = 15
"""The multi-organ case of the tutorial is the one synthetic case with so many lesions."""

VOTES = (
    ("surgery", "trial"),
    ("radiology", "trial"),
    ("medical_oncology", "systemic_alone"),
)

TYPED = "liver right S6 28 (41)\nlung RLL 11 x3\nnode para-aortic 22 vessel\nliver 2.8"


@contextmanager
def served() -> Iterator[str]:
    """Address of a server with records of its own."""
    with TemporaryDirectory() as folder:
        program = "from debulk.cli import main; main()"
        options = ["serve", "--port", "0", "--database", f"{folder}/records.sqlite"]
        command = [sys.executable, "-c", program, *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            try:
                yield server.stdout.readline().split()[3]
            finally:
                server.terminate()


def keep(name: str, drawn: bytes, folder: Path, *, margin: int = 0) -> None:
    """Write a picture with a palette: a page has few colours."""
    picture = Image.open(BytesIO(drawn)).convert("RGB")
    picture = ImageOps.expand(picture, margin, "white")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(folder / f"{name}.png", optimize=True)


def draw_form(page: Any, address: str, folder: Path) -> None:
    """The form with lesions typed one a line, read back, one not understood."""
    page.goto(f"{address}/board/cases/new")
    page.fill("textarea[name=quick]", TYPED)
    page.click("button[value=quick]")
    page.locator("textarea[name=quick]").scroll_into_view_if_needed()
    keep("board-form", page.screenshot(), folder)


def draw_case(page: Any, address: str, folder: Path) -> None:
    """A case by the road of a meeting: its trials, futures, decision, sheet, and its screen."""
    page.goto(f"{address}/board")
    page.click("button[value=examples]")
    rows = page.request.get(f"{address}/board.json").json()["rows"]
    (found,) = [row["address"] for row in rows if row["lesions"] == LESIONS_OF_THE_CASE]
    case = f"{address}{found}"
    page.goto(f"{case}/trials")
    page.eval_on_selector("#trial-pulmicc details", "each => { each.open = true }")
    keep("board-trials", page.locator("#trial-pulmicc").screenshot(), folder, margin=8)
    open_futures(page, case)
    keep("board-futures", page.screenshot(full_page=True, clip=FIRST_FIGURES), folder)
    page.goto(case)
    keep("board-meeting", page.screenshot(), folder)
    decide(page, case)
    page.goto(f"{case}/print")
    page.emulate_media(media="print")
    page.set_viewport_size(SHEET)
    keep("board-sheet", page.screenshot(), folder, margin=MARGIN)
    page.emulate_media(media="screen")
    page.set_viewport_size(SCREEN)


def open_futures(page: Any, case: str) -> None:
    """Note two first views, open the futures, wait until they are computed."""
    for view, discipline, button in (
        ("treat", "surgery", "note"),
        ("randomise", "medical_oncology", "note_and_open"),
    ):
        page.goto(f"{case}/futures")
        page.check(f"input[name=view][value={view}]")
        page.select_option("#discipline", discipline)
        with page.expect_navigation():
            page.click(f"button[value={button}]")
    page.locator("svg.survival-bands").first.wait_for()


def decide(page: Any, case: str) -> None:
    """Sign a decision with a dissent and a review."""
    page.goto(f"{case}/decision")
    page.check("input[name=considered][value=all_treatable]")
    page.check("input[name=taken][value=trial]")
    for row, (discipline, vote) in enumerate(VOTES):
        page.select_option(f"#votes-{row}-discipline", discipline)
        page.select_option(f"#votes-{row}-vote", vote)
    page.select_option("#dissent-0-discipline", "medical_oncology")
    page.fill("#dissent-0-text", "The response is not at its end; look again first.")
    page.fill("#reasons", "Nobody at this table knows which is better, and a trial may fit.")
    page.fill("#review_date", "2027-02-26")
    page.select_option("#signed_role", "board_member")
    with page.expect_navigation():
        page.click(".actions button[value=sign]")


def draw_designer(page: Any, address: str, folder: Path) -> None:
    """From ORCHESTRA's plan to a control that lives 27.5 months."""
    page.goto(f"{address}/trials/orchestra")
    page.get_by_role("link", name="Design from this").click()
    field = page.get_by_label("Median of the controls (months)")
    field.fill("27.5")
    field.press("Enter")
    page.wait_for_url("**median_control=27.5**")
    page.goto(page.url)
    for drawing in page.locator(".drawing").all():
        drawing.locator("svg").first.wait_for()
    keep("trial-sliders", page.screenshot(full_page=True, clip=SLIDERS), folder)


def main(folder: Path = IMAGES) -> None:
    """Draw them all."""
    path = os.environ.get("DEBULK_CHROMIUM") or shutil.which("chromium")
    # Chromium refuses its sandbox to the superuser.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        page = browser.new_page(viewport=SCREEN)
        page.set_default_timeout(LONGEST_MS)
        for draw in (draw_form, draw_case, draw_designer):
            draw(page, address, folder)
        browser.close()


if __name__ == "__main__":
    main()
