"""Refusals of the store, with their words from the packaged strings, and checks of free text."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, TypeVar

from debulk.core.errors import InputError
from debulk.core.strings import entries

LONGEST_TEXT = 20_000
"""Characters of a reason, a note or a guideline."""

Refusal = TypeVar("Refusal", bound=InputError)


class NoSuchRecord(InputError):
    """What was asked for is not stored: a case, a version, a job, an account."""


def refusal(key: str, **values: object) -> InputError:
    """The refusal whose where, found and remedy lie under a key of the strings."""
    return _made(InputError, key, values)


def missing(key: str, **values: object) -> NoSuchRecord:
    """The same, for what is not there."""
    return _made(NoSuchRecord, key, values)


def words(key: str, **values: object) -> tuple[str, str, str]:
    """Where, found and remedy of a refusal."""
    entry = entries(key)
    where, found, remedy = (
        str(entry[part]).format_map(values) for part in ("where", "found", "remedy")
    )
    return where, found, remedy


def clean_text(value: Any, field: str, *, most: int = LONGEST_TEXT, needed: bool = False) -> str:
    """Text that both databases can hold, without spaces around it.

    Raises
    ------
    InputError
        If it is no text, too long, holds a control character, or is empty where it is needed.
    """
    if not isinstance(value, str):
        raise refusal("records.refusals.not_text", field=field, found=f"{value!r:.60}")
    text = value.strip()
    if needed and not text:
        raise refusal("records.refusals.empty_text", field=field)
    if len(text) > most:
        raise refusal("records.refusals.long_text", field=field, n=len(text), most=most)
    for mark in text:
        if (ord(mark) < 32 and mark not in "\n\r\t") or 0xD800 <= ord(mark) <= 0xDFFF:
            raise refusal("records.refusals.control_character", field=field, code=ord(mark))
    return text


def clean_json(value: Any, field: str) -> Any:
    """A value that JSON can hold exactly: no NaN, no infinity, text as keys.

    Raises
    ------
    InputError
        If JSON cannot hold it.
    """
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise refusal("records.refusals.not_json", field=field, reason=str(error)) from None


def choice(value: Any, field: str, known: tuple[str, ...]) -> str:
    """A word out of a closed list.

    Raises
    ------
    InputError
        If it is another.
    """
    if value not in known:
        raise refusal(
            "records.refusals.unknown_choice",
            field=field,
            found=f"{value!r:.60}",
            known=", ".join(known),
        )
    return str(value)


def whole_number(value: Any, field: str, least: int = 1) -> int:
    """A whole number of at least `least`.

    Raises
    ------
    InputError
        If it is none, or lies outside what both databases can hold.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**31:
        raise refusal(
            "records.refusals.not_whole", field=field, found=f"{value!r:.60}", least=least
        )
    return value


def day_of(value: str | date | None) -> str | None:
    """A day as text, ``2026-11-26``; None where none is given.

    Raises
    ------
    InputError
        If it is no day, or is written in another way, such as ``20261126``.
    """
    given = "" if value is None else str(value)
    if not given:
        return None
    try:
        day = date.fromisoformat(given).isoformat()
    except ValueError:
        day = ""
    if day != given:
        raise refusal("records.refusals.no_day", found=f"{given!r:.40}")
    return day


def _made(kind: type[Refusal], key: str, values: dict[str, object]) -> Refusal:
    return kind(*words(key, **values))
