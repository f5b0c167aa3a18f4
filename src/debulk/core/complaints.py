"""Complaints about arguments of a function, told of the options they came from."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping

from debulk.core.errors import InputError


@contextlib.contextmanager
def naming_options(options: Mapping[str, str]) -> Iterator[None]:
    """Let complaints about arguments of a function name the options they came from.

    What a remedy tells to say is told as an option too: ``missing='indicator'`` becomes
    ``--missing indicator``.

    Parameters
    ----------
    options : mapping of str to str
        Options by argument.
    """
    try:
        yield
    except InputError as error:
        where = _with_option(error.where, options)
        remedy = _with_options(error.remedy, options)
        if (where, remedy) == (error.where, error.remedy):
            raise
        raise InputError(where, error.found, remedy) from None


def _with_option(where: str, options: Mapping[str, str]) -> str:
    """A place whose first words, as many as are known, are written as the option."""
    words = where.split(" ")
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count])
        if name in options:
            return options[name] + where[len(name) :]
    return where


def _with_options(remedy: str, options: Mapping[str, str]) -> str:
    """A remedy in which arguments with a word to say are written as options."""
    for name, option in options.items():
        remedy = re.sub(rf"\b{re.escape(name)}='([^'\s]*)'", rf"{option} \1", remedy)
    return remedy
