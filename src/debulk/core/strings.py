"""Every string of the board and the web page, in one place, so that another language is a folder.

A file of `debulk/data/strings/en` is one area; its entries are found by ``area.entry.entry``. An
entry is a text with places such as ``{n}``, or a group ``one:`` and ``other:`` told apart by
`count`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from debulk.core.errors import nearest
from debulk.core.yaml_files import parse_yaml

LANGUAGE = "en"
"""The language that is packaged."""

_FORMS = {"one", "other"}


def text(key: str, /, **values: Any) -> str:
    """The text of an entry with its places filled.

    Parameters
    ----------
    key : str
        Area and entries joined by dots, such as ``"case.in_short.extent"``.
    **values : object
        What the places are filled with. ``count``, a number, also chooses between the forms ``one``
        and ``other``.

    Raises
    ------
    LookupError
        If there is no such entry or a place is left unfilled: a defect of the program, which the
        tests look for, never something that a user typed.
    """
    entry, count = _entry(key), values.get("count")
    if isinstance(entry, Mapping):
        if set(entry) != _FORMS:
            raise LookupError(f"{key} is a group of strings, not one")
        if count is None:
            raise LookupError(f"{key} has the forms one and other: say count")
        entry = entry["one" if count == 1 else "other"]
    if count is not None:
        values["count"] = f"{count:g}"
    return str(entry).format_map(values).strip() if values or "{" in str(entry) else str(entry)


def areas() -> dict[str, Mapping[str, Any]]:
    """Every packaged area with its entries."""
    folder = files("debulk.data").joinpath("strings", LANGUAGE)
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".yaml"))
    return {name.removesuffix(".yaml"): _area(name.removesuffix(".yaml")) for name in names}


def entries(key: str) -> Mapping[str, Any]:
    """The group of entries below a key, for lists of choices and of messages."""
    entry = _entry(key)
    if not isinstance(entry, Mapping):
        raise LookupError(f"{key} is one string, not a group")
    return entry


def choices(key: str) -> list[tuple[str, str]]:
    """The group of entries below a key as names and words, in their order."""
    return [(name, str(words)) for name, words in entries(key).items()]


@lru_cache(maxsize=4_096)
def _entry(key: str) -> Any:
    area, *path = key.split(".")
    entry: Any = _area(area)
    for name in path:
        if not isinstance(entry, Mapping) or name not in entry:
            known = entry if isinstance(entry, Mapping) else ()
            raise LookupError(f"there is no string {key!r}. {nearest(name, known)}")
        entry = entry[name]
    return entry


@cache
def _area(name: str) -> Mapping[str, Any]:
    file = files("debulk.data").joinpath("strings", LANGUAGE, f"{name}.yaml")
    if not file.is_file():
        raise LookupError(f"there is no area of strings {name!r}")
    content = parse_yaml(file.read_text("utf-8"), f"strings/{LANGUAGE}/{name}.yaml").content
    if not isinstance(content, Mapping):
        raise LookupError(f"the area of strings {name!r} holds no entries")
    _check_names(content, name)
    return content


def _check_names(group: Mapping[Any, Any], where: str) -> None:
    """YAML reads yes, no, on and null as values: as names they must stand in quotes."""
    for name, entry in group.items():
        if not isinstance(name, str):
            raise LookupError(f"{where}: the name {name!r} must stand in quotes")
        if isinstance(entry, Mapping):
            _check_names(entry, f"{where}.{name}")
