"""What kind of file was given, told from its content."""

from __future__ import annotations

import json
from typing import Any, Literal

from debulk.board.imports.quick_lines import names_an_organ
from debulk.board.imports.refusals import line_of, refusal

Kind = Literal["case", "cases", "mcode", "csv", "zip", "lines", "registry_trial"]

LARGEST_BYTES = 10_000_000
"""Of a file: a patient's rows are a few kilobytes."""

DEEPEST = 60
"""Nesting of JSON beyond which nothing is read."""


def text_of(name: str, content: bytes) -> str:
    """The text of a file in UTF-8.

    Raises
    ------
    InputError
        If it is too large, empty, not UTF-8, or holds a NUL character.
    """
    if len(content) > LARGEST_BYTES:
        raise refusal(name, "too_large", size=len(content), most=LARGEST_BYTES)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        byte = f"{content[error.start]:#04x}"
        raise refusal(line_of(name, line), "not_utf8", byte=byte) from None
    if not text.strip():
        raise refusal(name, "empty")
    if "\0" in text:
        raise refusal(name, "nul")
    return text


def json_of(name: str, text: str) -> Any:
    """The value of a JSON text, without NaN, Infinity or nesting that is too deep.

    Raises
    ------
    InputError
        If it is not such JSON; with its line.
    """
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise refusal(line_of(name, error.lineno), "no_json", error=error.msg) from None
    except RecursionError:
        raise refusal(name, "too_deep", most=DEEPEST) from None
    except ValueError as error:
        raise refusal(name, "no_json", error=str(error)) from None
    _check_depth(name, value)
    return value


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no number")


def _check_depth(name: str, value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return
    raise refusal(name, "too_deep", most=DEEPEST)


def kind_of(name: str, content: bytes) -> Kind:
    """The kind of a file, from its content and then its name.

    Raises
    ------
    InputError
        If it is of no kind that can be imported.
    """
    if content.startswith(b"PK"):
        return "zip"
    for start, key in ((b"%PDF", "pdf"), (b"\xd0\xcf\x11\xe0", "old_office")):
        if content.startswith(start):
            raise refusal(name, key)
    text = text_of(name, content)
    if text.lstrip()[:1] in ("{", "["):
        return _json_kind(name, text)
    header = text.lstrip().splitlines()[0]
    if names_an_organ(header) and "," not in header.split()[0]:
        return "lines"
    return "csv" if "," in header or ";" in header or "\t" in header else "lines"


def _json_kind(name: str, text: str) -> Kind:
    if name.lower().endswith(".ndjson"):
        return "mcode"
    value = json_of(name, text)
    if isinstance(value, dict):
        if "protocolSection" in value or "studies" in value:
            return "registry_trial"
        if "resourceType" in value:
            return "mcode"
        if "cases" in value:
            return "cases"
        if "tables" in value:
            return "case"
    elif any(isinstance(each, dict) and "resourceType" in each for each in value):
        return "mcode"
    raise refusal(name, "other_json")
