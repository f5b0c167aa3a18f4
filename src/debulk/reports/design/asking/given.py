"""What was given, by flags and by a file, and where each thing stands for complaints."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from debulk.core.errors import InputError, nearest, number_remedy
from debulk.core.yaml_files import YamlDocument, read_yaml

COMMAND = "debulk trial design"

NUMBERS = (
    "gain_months", "front_median", "median_control", "null_ratio", "not_treated", "crossover",
    "alpha", "power", "patients", "events", "follow_up", "harm_alpha",
)  # fmt: skip
"""Options that take one number."""

WHOLE = ("sided", "simulate", "seed")
"""Options that take one whole number."""

PIECES = ("hazard_ratio", "hazard_control", "accrual")
"""Options that take one number or a step function."""

TEXTS = ("endpoint", "allocation", "dropout", "looks", "efficacy", "futility", "harm", "formula",
         "test")  # fmt: skip
"""Options that are read further."""

FLAGS = ("binding", "whole", "exact")
"""Options that are there or not."""

ORDER = (
    "endpoint", "hazard_ratio", "gain_months", "front_median", "median_control", "hazard_control",
    "stratum", "null_ratio", "not_treated", "crossover", "alpha", "sided", "power", "patients",
    "events", "follow_up", "allocation", "accrual", "dropout", "looks", "efficacy", "futility",
    "binding", "harm", "harm_alpha", "formula", "test", "whole", "exact", "simulate", "seed",
)  # fmt: skip
"""Everything that decides a result, in the order of the help; the keys of a file."""

_ALTERNATIVES = (
    ("hazard_ratio", "gain_months"),
    ("median_control", "hazard_control", "stratum"),
    ("whole", "exact"),
)
"""A flag takes the place of these in a file too: they answer the same question."""


@dataclass(frozen=True)
class Given:
    """Everything that was given.

    Attributes
    ----------
    values : mapping of str to anything
        By the names of `ORDER`: text and numbers as typed; strata a tuple of texts.
    places : mapping of str to str
        Where each stands: ``--accrual``, or ``plan.yaml, line 4, accrual``.
    """

    values: Mapping[str, Any]
    places: Mapping[str, str]

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def get(self, name: str, default: Any = None) -> Any:
        """The value, or a default."""
        return self.values.get(name, default)

    def place(self, name: str) -> str:
        """Where it stands, or the flag it would be."""
        return self.places.get(name, option(name))

    @property
    def from_file(self) -> frozenset[str]:
        """Names that a file gave."""
        return frozenset(name for name, place in self.places.items() if place != option(name))

    def command(self) -> str:
        """The command that makes the same design again."""
        return COMMAND + "".join(f" {each}" for each in self._words())

    def _words(self) -> Iterator[str]:
        for name in ORDER:
            value = self.values.get(name)
            if value is None:
                continue
            if name in FLAGS:
                yield option(name)
            elif name == "stratum":
                for each in value:
                    yield f"{option(name)} {shlex.quote(each)}"
            else:
                yield _word(name, written(value))


def option(name: str) -> str:
    """The flag of a name."""
    return "--" + name.replace("_", "-")


def _word(name: str, text: str) -> str:
    # A value that begins with a dash would be taken for a flag.
    between = "=" if text.startswith("-") else " "
    return f"{option(name)}{between}{shlex.quote(text)}"


def written(value: Any) -> str:
    """A value as it is typed: numbers with every digit they need and no more."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def gather(flags: Mapping[str, Any], file: Path | None) -> Given:
    """Join flags and a file; flags win, over their alternatives in the file too.

    Parameters
    ----------
    flags : mapping of str to anything
        Values of the flags that were typed; None and False were not.
    file : Path or None
        A YAML file with the same names, underscores for dashes.

    Raises
    ------
    InputError
        With the file and line, if it cannot be read or holds what is not known.
    """
    typed = {name: flags[name] for name in ORDER if _was_typed(flags.get(name))}
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    if file is not None:
        values, places = _from_file(read_yaml(file))
    for group in _ALTERNATIVES:
        if any(name in typed for name in group):
            for name in group:
                values.pop(name, None)
    values |= typed
    places = {name: places.get(name, "") for name in values if name not in typed}
    places |= {name: option(name) for name in typed}
    return Given({name: values[name] for name in ORDER if name in values}, places)


def _was_typed(value: Any) -> bool:
    # Not by equality: 0 and 0.0 are equal to False, and somebody typed them.
    return not (value is None or value is False or (isinstance(value, list | tuple) and not value))


def _from_file(document: YamlDocument) -> tuple[dict[str, Any], dict[str, str]]:
    content = document.content
    if not isinstance(content, dict) or not content:
        where = f"{document.name}, line 1"
        raise InputError(where, "is not a mapping of names to values", "Write hazard_ratio: 0.75")
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    for name, value in content.items():
        if name not in ORDER:
            found = f"{name!r} is not known here"
            raise document.error((str(name),), found, nearest(str(name), ORDER))
        if value is None:
            raise document.error((name,), "has no value", f"Write {name}: VALUE, or leave it out")
        places[name] = f"{document.name}, line {document.line_of((name,))}, {name}"
        found_value = _entry(name, value, places[name])
        if found_value is not None:
            values[name] = found_value
    return values, places


def _entry(name: str, value: Any, where: str) -> Any:
    """One entry as a flag would have given it; None for a flag that is off."""
    if name in FLAGS:
        if not isinstance(value, bool):
            raise InputError(where, f"found {value!r}", "Write true or false")
        return value or None
    if isinstance(value, bool):
        raise InputError(where, f"found {written(value)}", "Give a number or text")
    if name in WHOLE:
        if not isinstance(value, int):
            raise InputError(where, f"{value!r} is no whole number", "Give a whole number")
        return value
    if name in NUMBERS:
        if not isinstance(value, int | float):
            raise InputError(where, f"{value!r} is no number", number_remedy(value))
        return float(value)
    if name == "stratum":
        rows = value if isinstance(value, list) else [value]
        return tuple(_stratum(each, where) for each in rows)
    return _text(name, value, where)


def _stratum(row: Any, where: str) -> str:
    if isinstance(row, str):
        return row
    names = ("name", "share", "median", "hazard_ratio")
    if not isinstance(row, dict) or not set(row) <= set(names) or not set(names[:3]) <= set(row):
        remedy = "Write liver:0.6:24, or name, share, median and perhaps hazard_ratio"
        raise InputError(where, f"{row!r} is no stratum", remedy)
    return ":".join(written(row[name]) for name in names if name in row)


def _text(name: str, value: Any, where: str) -> str:
    """Text of a flag; lists are joined, pairs by a colon."""
    if isinstance(value, str | int | float):
        return written(value)
    rows = value if isinstance(value, list) else None
    if rows and all(isinstance(each, str | int | float) for each in rows):
        return ",".join(written(each) for each in rows)
    pairs = rows and all(isinstance(each, list) and len(each) == 2 for each in rows)
    if rows and pairs and name in PIECES:
        return ",".join(":".join(written(part) for part in each) for each in rows)
    raise InputError(where, f"found {value!r}", "Give a number, a text or a list")


def yaml_text(given: Given) -> str:
    """The same as a file that `--file` reads.

    Parameters
    ----------
    given : Given
    """
    import yaml

    content: dict[str, Any] = {}
    for name, value in given.values.items():
        if isinstance(value, float):
            content[name] = int(value) if value.is_integer() else value
        elif isinstance(value, tuple | list):
            content[name] = list(value)
        else:
            content[name] = value
    text: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    return f"# A design for `{COMMAND} --file`: the flags, with underscores for dashes.\n{text}"
