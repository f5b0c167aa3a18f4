"""Plain words for wrong numbers, for options, and for a command that is interrupted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from debulk.core.complaints import naming_options as naming_options
from debulk.core.errors import number_remedy

if TYPE_CHECKING:
    from rich.console import Console

TOLD = "the command has said what is kept"
"""Note on an interruption of which a command told itself."""

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
"""What word processors make of hyphens."""

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
        except Exception as error:
            text = getattr(error, "message", None)
            if isinstance(text, str) and any(dash in text for dash in _DASHES):
                hint = "A long dash stands there: options begin with two hyphens (--)."
                error.message = f"{text.rstrip('.')}. {hint}"  # type: ignore[attr-defined]
            raise
        except KeyboardInterrupt as stop:
            if TOLD not in getattr(stop, "__notes__", ()):
                print("Interrupted; nothing was finished.", file=sys.stderr)
                # A group inside a group passes here twice.
                stop.add_note(TOLD)
            raise


def tell_what_is_kept(
    console: Console, stop: BaseException, folder: Path, *, one: str, kept: bool
) -> None:
    """After an interruption, say what the same command finds again; nothing for other stops.

    Parameters
    ----------
    console : Console
    stop : BaseException
        What stopped the command; marked as told.
    folder : Path
        Where finished work is kept.
    one : str
        One piece of the work, as in ``"trial"``.
    kept : bool
        Whether any was finished.
    """
    if not isinstance(stop, KeyboardInterrupt):
        return
    stop.add_note(TOLD)
    console.print(
        f"Interrupted. Finished {one}s are kept in {folder}; the same command resumes."
        if kept
        else f"Interrupted before a {one} was finished; nothing was written.",
        soft_wrap=True,
    )


def _plain(error: typer.BadParameter) -> str:
    """The complaint about a number, or any other as it is."""
    problems = getattr(error.__cause__, "errors", None)
    first = problems()[0] if callable(problems) else {}
    kind = str(first.get("type", "")).partition("_")[0]
    if kind not in _KINDS:
        return error.message
    found = first.get("input")
    usual = f"Give {_KINDS[kind]}"
    remedy = number_remedy(found, usual)
    if kind == "int" and "." in remedy:
        remedy = usual
    return f"{found!r} is not {_KINDS[kind]}. {remedy}."
