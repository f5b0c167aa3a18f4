"""The form that a browser sent."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import Request
from starlette.datastructures import FormData

from debulk.web.security.bodies import form_of


async def posted(request: Request) -> AsyncIterator[FormData]:
    """The form of a request, for FastAPI to hand to a page; its files are closed afterwards."""
    form = form_of(request)
    try:
        yield form
    finally:
        await form.close()


def words_of(form: FormData) -> list[tuple[str, str]]:
    """Names and values of a form without its files."""
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
