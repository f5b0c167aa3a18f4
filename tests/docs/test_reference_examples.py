"""Do the examples of the reference pages give what the pages show?"""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PAGES = sorted(path for path in REFERENCE.glob("*.md") if "```pycon" in path.read_text("utf-8"))
BLOCK = re.compile(r"^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def failures(text: str, name: str) -> tuple[int, str]:
    """How many examples of a page give something else than it shows, and which."""
    told: list[str] = []
    lines = "".join(BLOCK.findall(text)).splitlines()
    source = "\n".join(line or "<BLANKLINE>" for line in lines)
    test = doctest.DocTestParser().get_doctest(source, {}, name, name, 0)
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(test, out=told.append)
    return runner.failures, "".join(told)


def test_a_page_that_lies_is_caught() -> None:
    assert failures("```pycon\n>>> 1 + 1\n2\n```\n", "here")[0] == 0
    assert failures("```pycon\n>>> 1 + 1\n3\n```\n", "here")[0] == 1


def test_there_are_pages_with_examples() -> None:
    assert {"group-sequential", "planning"} <= {page.stem for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_examples_of_a_page_give_what_it_shows(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(BLOCK.findall(text)) == text.count("```pycon")
    count, told = failures(text, page.name)
    assert count == 0, told
