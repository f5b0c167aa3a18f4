"""The form that a browser sent."""

from __future__ import annotations

from fastapi import Request
from starlette.datastructures import FormData

_MOST_FIELDS, _MOST_FILES = 4_000, 2


async def posted(request: Request) -> FormData:
    """The form of a request: the guard has read it, or it is read here."""
    form = getattr(request.state, "form", None)
    if isinstance(form, FormData):
        return form
    return await request.form(max_fields=_MOST_FIELDS, max_files=_MOST_FILES)


def words_of(form: FormData) -> list[tuple[str, str]]:
    """Names and values of a form without its files."""
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
