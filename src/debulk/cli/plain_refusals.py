"""What the library behind the options says of a wrong number, in plain words with the value."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from debulk.core.errors import number_remedy

_KINDS = {"float": "a number", "int": "a whole number"}


class PlainGroup(TyperGroup):
    """Group of commands whose complaints about numbers show what was typed and how to write it."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; see `typer.core.TyperGroup`."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = _plain(error)
            raise


def _plain(error: typer.BadParameter) -> str:
    """The complaint about a number, or any other as it is."""
    problems = getattr(error.__cause__, "errors", None)
    first = problems()[0] if callable(problems) else {}
    kind = str(first.get("type", "")).partition("_")[0]
    if kind not in _KINDS:
        return error.message
    found = first.get("input")
    remedy = number_remedy(found, f"Give {_KINDS[kind]}")
    return f"{found!r} is not {_KINDS[kind]}. {remedy}."
