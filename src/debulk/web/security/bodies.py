"""Bodies of requests: read once, no longer than allowed, and given on as they came."""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from debulk.web.errors import TooLong

_PATIENCE_SECONDS = 30.0
MOST_FIELDS, _MOST_FILES = 40_000, 20
"""Of a form: that of a case has 34 columns of 500 rows, and as many that were taken out."""
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


async def read_body(request: Request, most_bytes: int) -> bytes:
    """The body of a request.

    Raises
    ------
    TooLong
        If it is, or says it is, longer than `most_bytes`.
    HTTPException
        If it does not come within half a minute, or is broken off.
    """
    said = request.headers.get("content-length", "0")
    if said.isdigit() and int(said) > most_bytes:
        raise TooLong(most_bytes)
    chunks, length = [], 0
    while True:
        try:
            message = await asyncio.wait_for(request.receive(), _PATIENCE_SECONDS)
        except TimeoutError:
            raise HTTPException(408) from None
        if message["type"] == "http.disconnect":
            raise HTTPException(400)
        chunks.append(message.get("body", b""))
        length += len(chunks[-1])
        if length > most_bytes:
            raise TooLong(most_bytes)
        if not message.get("more_body", False):
            return b"".join(chunks)


def again(body: bytes, receive: Receive) -> Receive:
    """A channel that gives a body once more, then what the true one says."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


async def form_in(request: Request, body: bytes) -> FormData:
    """The form in a body; empty where the body is none.

    Raises
    ------
    HTTPException
        If it is broken, or has more fields than any form of this server.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in _FORMS:
        return FormData()
    reader = Request(request.scope, again(body, request.receive))
    try:
        return await reader.form(max_files=_MOST_FILES, max_fields=MOST_FIELDS)
    except HTTPException:
        raise
    except Exception:
        # The parser tells broken bodies by many names; none of them is a defect of the program.
        raise HTTPException(400) from None


def form_of(request: Request) -> FormData:
    """The form that the guard found in the body of a request; empty where there was none."""
    form = getattr(request.state, "form", None)
    return form if isinstance(form, FormData) else FormData()


def words_of(form: FormData) -> list[tuple[str, str]]:
    """Names and values of a form without its files."""
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
