"""The one error a user can cause, and what it must tell them."""

from __future__ import annotations

import difflib
import re
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
    folded = {each.casefold(): each for each in names}
    close = difflib.get_close_matches(name, names, n=most, cutoff=0.5) or [
        folded[each] for each in difflib.get_close_matches(name.casefold(), folded, n=most)
    ]
    if close:
        return f"Did you mean {' or '.join(repr(each) for each in close)}?"
    shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    return f"Known: {shown}." if names else "None is known."


def number_remedy(text: object, remedy: str = "Give a number") -> str:
    """Sentence that offers the number meant by a percentage or a decimal comma.

    Parameters
    ----------
    text : object
        What the user wrote where a number belongs.
    remedy : str
        What to say where no number can be made out.

    Returns
    -------
    str
        ``"Write 0.05"`` for ``5%``, ``"Write 0.75"`` for ``0,75``, else the remedy.
    """
    found = re.fullmatch(r"([+-]?\d{1,9}(?:[.,]\d{1,9})?)\s*(%?)", str(text).strip())
    if found is None or str(text).strip() == found[1].replace(",", "."):
        return remedy
    value = float(found[1].replace(",", ".")) / (100.0 if found[2] else 1.0)
    return f"Write {value:.12g}"


def _clause(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


def _sentence(text: str) -> str:
    words = " ".join(text.split())
    return words if words.endswith((".", "?", "!")) else words + "."
