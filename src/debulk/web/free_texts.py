"""Free texts of forms: words that could tell who a patient is stay only if that is confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from debulk.board.imports.identifying import LONGEST, identifying_text
from debulk.core.errors import InputError

_MOST_NAMED = 3


def look_for_identifying(
    typed: Mapping[str, Any], names: Iterable[str], errors: dict[str, str]
) -> None:
    """Put a message beside each of the named texts that could tell who a patient is.

    One that already has a message, or whose box ``confirm.NAME`` is ticked, is left alone.
    """
    for name in names:
        words = _words(typed, name)
        if not words or name in errors or _is_confirmed(typed, name):
            continue
        try:
            places = identifying_text(words)
        except InputError as error:
            errors[name] = f"{error.found}. {error.remedy}."
            continue
        if places:
            errors[name] = " ".join(each.text for each in places[:_MOST_NAMED])


def needs_confirming(
    typed: Mapping[str, Any], names: Iterable[str], errors: Mapping[str, str]
) -> set[str]:
    """Texts whose words may stay if whoever typed them confirms that they identify nobody."""
    return {
        name
        for name in names
        if _is_confirmed(typed, name)
        or (name in errors and _looks_identifying(_words(typed, name)))
    }


def _is_confirmed(typed: Mapping[str, Any], name: str) -> bool:
    return bool(typed.get(f"confirm.{name}") == "yes")


def _looks_identifying(words: str) -> bool:
    return len(words) <= LONGEST and bool(identifying_text(words))


def _words(typed: Mapping[str, Any], name: str) -> str:
    return str(typed.get(name, "")).strip()
