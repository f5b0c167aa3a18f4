"""The one error a user can cause, and what it must tell them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Something a user gave is wrong; the text says where, what was found, and the remedy.

    Parameters
    ----------
    where : str
        The place: a file with its line or row and column, an option, an argument.
    found : str
        What was found there, with the offending value quoted.
    remedy : str
        What the user can do about it.

    Notes
    -----
    Any other exception that reaches a user is a defect of the program.
    """

    def __init__(self, where: str, found: str, remedy: str) -> None:
        self.where = where
        self.found = found
        self.remedy = remedy
        super().__init__(f"{where}: {_clause(found)}. {_sentence(remedy)}")

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str, str]]:
        return type(self), (self.where, self.found, self.remedy)


def nearest(name: str, known: Iterable[str], *, most: int = 3) -> str:
    """Sentence that offers the known names closest to a misspelt one.

    Parameters
    ----------
    name : str
        What the user wrote.
    known : iterable of str
        The names that exist.
    most : int
        How many to offer at most.

    Returns
    -------
    str
        ``"Did you mean 'a' or 'b'?"``, or the list of known names when none is near.
    """
    names = sorted(set(known))
    close = difflib.get_close_matches(name, names, n=most, cutoff=0.5)
    if close:
        return f"Did you mean {' or '.join(repr(each) for each in close)}?"
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    return f"Known: {shown}." if names else "None is known."


def _clause(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


def _sentence(text: str) -> str:
    words = " ".join(text.split())
    return words if words.endswith((".", "?", "!")) else words + "."
