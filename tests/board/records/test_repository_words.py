"""Every word that is stored has its words for a reader."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from debulk.board.records.actors import BOARD_ROLES, PROGRAM
from debulk.board.records.case_rows import STATUSES
from debulk.core.strings import entries


@pytest.mark.parametrize(
    ("key", "stored"),
    [
        ("statuses", STATUSES),
        ("roles", (*BOARD_ROLES, PROGRAM.role)),
    ],
)
def test_closed_lists_have_their_words(key, stored):
    assert set(entries(f"records.{key}")) == set(stored)


def source() -> str:
    folder = files("debulk.board.records")
    return "\n".join(
        each.read_text("utf-8") for each in folder.iterdir() if each.name.endswith(".py")
    )


def test_every_action_of_the_log_has_its_words_and_is_used():
    actions = set(entries("records.actions"))
    text = source()
    written = {each for each in actions if f'"{each}"' in text}
    assert written == actions
    logged = re.findall(r'\bby, "([a-z -]+)"|PROGRAM, "([a-z -]+)"|\), "(signed in)"', text)
    assert {next(filter(None, each)) for each in logged} <= actions


def test_every_refusal_has_its_words_and_is_used():
    used = set(re.findall(r'"records\.refusals\.([a-z_]+)"', source()))
    assert used == set(entries("records.refusals"))
    for name in used:
        assert set(entries(f"records.refusals.{name}")) == {"where", "found", "remedy"}
