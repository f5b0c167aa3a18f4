"""What a typed word means, and how a stored value is typed; the two undo each other."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from debulk.web.board.case_form.fields import Field
from debulk.web.typed_numbers import SPACES, NoNumber, typed_number

UNKNOWN_WORDS = ("", "?", "unknown")
"""What stands for a value that nobody knows; empty is unknown too."""

_MEANT = {"yes": True, "no": False}


class Wrong(ValueError):
    """A typed word that a field cannot take; `problem` names the message."""

    def __init__(self, problem: str, found: object) -> None:
        super().__init__(problem)
        self.problem = problem
        self.found = found


def read_value(field: Field, typed: str) -> Any:
    """The value that was typed; None is unknown.

    Raises
    ------
    Wrong
        If the field cannot take it. What is required is judged elsewhere, by row.
    """
    bare = " ".join(typed.split()) if field.kind != "text" else typed.strip()
    if bare.casefold() in UNKNOWN_WORDS:
        return None
    if field.is_number:
        return _number(field, bare)
    if field.kind == "truth":
        if bare not in _MEANT:
            raise Wrong("no_choice", bare)
        return _MEANT[bare]
    if field.kind == "words":
        if bare not in field.words:
            raise Wrong("no_choice", bare)
        return bare
    return _text(field, bare)


def show_value(field: Field, value: Any) -> str:
    """A stored value as it is typed."""
    if value is None:
        return ""
    if field.kind == "truth":
        return "yes" if value else "no"
    if field.kind == "lesions":
        apart = "; " if any(" " in each for each in value) else " "
        return apart.join(value) + (";" if apart == "; " and len(value) == 1 else "")
    if field.is_number:
        exact = Decimal(repr(value)) * (100 if field.percent else 1)
        plain = f"{exact:f}"
        return (plain.rstrip("0").rstrip(".") if "." in plain else plain) or "0"
    return str(value)


def _number(field: Field, typed: str) -> float | int:
    bare = typed.translate(SPACES)
    try:
        exact = typed_number(bare)
    except NoNumber as error:
        raise Wrong(error.problem, error.found) from None
    value = float(exact) + 0.0  # no negative zero
    if field.kind == "whole" and exact != exact.to_integral_value():
        raise Wrong("not_whole", bare)
    if value < field.least:
        problem = "zero" if value == 0.0 else "negative" if value < 0.0 <= field.least else "low"
        raise Wrong(problem, bare)
    if value > field.most:
        raise Wrong("high", bare)
    if field.kind == "whole":
        return int(exact)
    return float(exact / 100) + 0.0 if field.percent else value


def _text(field: Field, typed: str) -> str | list[str]:
    if len(typed) > field.longest:
        raise Wrong("long", len(typed))
    if any(not each.isprintable() and each not in "\r\n\t" for each in typed):
        raise Wrong("control", typed.encode("unicode_escape").decode("ascii")[:40])
    if field.kind == "lesions":
        mark = r"\s*;\s*" if ";" in typed else r"[\s,]+"
        return [each for each in re.split(mark, typed) if each]
    return typed
