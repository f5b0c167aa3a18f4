"""Strings: every use has an entry, every entry a use; templates hold no words of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from debulk.core.strings import areas, entries, text

SOURCE = Path(__file__).parents[2] / "src" / "debulk"
TEMPLATES = sorted((SOURCE / "web" / "templates").rglob("*.html"))
MODULES = sorted(SOURCE.rglob("*.py"))

_WHOLE = re.compile(r"""["']([a-z][a-z_]*(?:\.[a-z0-9_]+)+)["']""")
"""A key written whole."""
_BEGUN = re.compile(
    r"""["']([a-z][a-z_]*(?:\.[a-z0-9_]+)*\.)["']\s*~|f["']([a-z][a-z_]*\.[a-z_.0-9]*)\{"""
)
"""The beginning of a key that is put together."""


def _paths(group: Mapping[str, Any], before: str) -> Iterator[str]:
    for name, entry in group.items():
        key = f"{before}.{name}"
        if isinstance(entry, Mapping) and set(entry) != {"one", "other"}:
            yield from _paths(entry, key)
        else:
            yield key


BARE_ATTRIBUTES = {"autofocus"}
"""Attributes without a value that a macro puts together."""
READ_WHOLE = {"about", "help"}
"""Areas that are pages of text, shown from top to bottom."""
KEYS = {key for area, group in areas().items() for key in _paths(group, area)}
USES = "\n".join(path.read_text("utf-8") for path in (*TEMPLATES, *MODULES))
WHOLE = {key for key in _WHOLE.findall(USES) if key.split(".")[0] in areas()}
BEGUN = {first or second for first, second in _BEGUN.findall(USES)}
BEGUN = {each for each in BEGUN if each.split(".")[0] in areas()}


def test_every_key_that_a_template_writes_exists():
    written = {
        key
        for path in TEMPLATES
        for key in re.findall(r"""\bt\(\s*["']([^"']+)["']\s*[,)]""", path.read_text("utf-8"))
    }
    assert written - KEYS - {key for key in written if _is_group(key)} == set()


def _is_group(key: str) -> bool:
    try:
        return bool(entries(key))
    except LookupError:
        return False


def test_every_entry_is_used():
    def used(key: str) -> bool:
        groups = [key[: place.start()] for place in re.finditer(r"\.", key)]
        return (
            key.split(".")[0] in READ_WHOLE
            or key in WHOLE
            or any(group in WHOLE for group in groups[1:])
            or any(key.startswith(begun) for begun in BEGUN)
        )

    assert sorted(key for key in KEYS if not used(key)) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_words_of_their_own(path):
    content = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.S)
    content = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", "", content, flags=re.S)
    content = re.sub(r"<(script|style)\b.*?</\1>", "", content, flags=re.S)
    content = re.sub(r"<[^>]*>", " ", content, flags=re.S)
    # Attributes that a macro puts together stand outside a tag.
    content = re.sub(r"""[a-z-]+="[^"]*\"""", " ", content)
    words = [each for each in re.findall(r"[A-Za-z]{3,}", content) if each not in BARE_ATTRIBUTES]
    assert words == []


def test_forms_and_places():
    assert text("page.errors.heading", count=1).startswith("One field")
    assert text("page.errors.heading", count=3).startswith("3 fields")
    with pytest.raises(LookupError, match="say count"):
        text("page.errors.heading")
    with pytest.raises(LookupError, match="no string"):
        text("page.nothing.here")
    with pytest.raises(LookupError, match="one string, not a group"):
        entries("page.product")
