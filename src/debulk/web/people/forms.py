"""What the forms of people share: fields as text, and a refusal beside its field."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from fastapi import Request

from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.web.security.bodies import form_of


def field(request: Request, name: str) -> str:
    """A field of the form that was sent; empty where it is none, or a file."""
    value = form_of(request).get(name, "")
    return value if isinstance(value, str) else ""


def fields(request: Request, name: str) -> list[str]:
    """Every value sent under a name, as boxes that are ticked are."""
    return [each for each in form_of(request).getlist(name) if isinstance(each, str)]


@contextlib.contextmanager
def beside(errors: dict[str, str], *names: str, **called: str) -> Iterator[None]:
    """Put a refusal beside the field it names, or else the first of `names`.

    `called` gives the field for what the store calls otherwise.
    """
    try:
        yield
    except InputError as error:
        name = called.get(error.where, error.where if error.where in names else names[0])
        errors[name] = wrong(error)


def wrong(error: InputError) -> str:
    """A refusal as a message beside a field."""
    found = error.found[:1].upper() + error.found[1:]
    return text("people.wrong", found=found, remedy=error.remedy.rstrip("."))
