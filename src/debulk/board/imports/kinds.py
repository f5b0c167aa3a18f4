"""What kind of file was given, told from its content."""

from __future__ import annotations

import json
from typing import Any, Literal

from debulk.board.imports.quick_lines import names_an_organ
from debulk.core.errors import InputError

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
        found = f"{len(content):,} bytes"
        raise InputError(name, found, f"Give a file of at most {LARGEST_BYTES:,} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"byte {content[error.start]:#04x} is not UTF-8"
        raise InputError(f"{name}, line {line}", found, "Save the file as UTF-8") from None
    if not text.strip():
        raise InputError(name, "the file is empty", "Choose another file")
    if "\0" in text:
        raise InputError(name, "the file holds a NUL character", "Save it as plain text")
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
        found = f"not JSON: {error.msg}"
        raise InputError(f"{name}, line {error.lineno}", found, "Export the file again") from None
    except (RecursionError, ValueError) as error:
        found = "not JSON that can be read: " + (str(error) or "nested too deeply")
        raise InputError(name, found[:200], "Export the file again") from None
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
    raise InputError(name, f"nested more than {DEEPEST} deep", "Export the file again")


def kind_of(name: str, content: bytes) -> Kind:
    """The kind of a file, from its content and then its name.

    Raises
    ------
    InputError
        If it is of no kind that can be imported.
    """
    if content.startswith(b"PK"):
        return "zip"
    for start, called in ((b"%PDF", "a PDF"), (b"\xd0\xcf\x11\xe0", "an old Excel or Word file")):
        if content.startswith(start):
            found = f"{called} cannot be read"
            raise InputError(name, found, "Give CSV, a zip of CSV files, or JSON")
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
    found = "JSON, but no case, FHIR bundle or ClinicalTrials.gov record"
    raise InputError(name, found, "Give one of these, or CSV")
