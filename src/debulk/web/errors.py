"""What a page answers when it cannot do what was asked: in words, with what is allowed."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from debulk.board.records import Conflict, NoSuchRecord, TooManySignIns
from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.web.visitor import visitor_of

_log = logging.getLogger("debulk.web")
_LONGEST_FOUND = 80


class Refused(Exception):
    """The visitor may not do this; says who may."""

    def __init__(self, roles: tuple[str, ...] = ()) -> None:
        super().__init__(*roles)
        self.roles = roles


class Forged(Exception):
    """The request did not come from a page of this server; `why` is an entry of the strings."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NotThere(Exception):
    """There is no such page, case, study or job."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class TooLong(Exception):
    """The body of the request is longer than the server takes."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(most_bytes)
        self.most_bytes = most_bytes


class TooMany(Exception):
    """Too many requests; says when to try again."""

    def __init__(self, retry_seconds: int) -> None:
        super().__init__(retry_seconds)
        self.retry_seconds = retry_seconds


def add_error_pages(app: FastAPI) -> None:
    """Answer every error of the program and of the framework in words."""

    def handle(request: Request, error: Exception) -> Response:
        return answer_to(request, error)

    for kind in _ANSWERS:
        app.add_exception_handler(kind, handle)


def answer_to(request: Request, error: Exception) -> Response:
    """The page, or the JSON, that says what is wrong; a defect for what no page foresaw."""
    for kind, answer in _ANSWERS.items():
        if isinstance(error, kind):
            return answer(request, error)
    return _defect(request, error)


def _no_such_record(request: Request, error: NoSuchRecord) -> Response:
    said = {"field": error.where, "found": error.found, "message": error.remedy}
    return _answer(request, 404, "errors.input", said)


def _conflict(request: Request, error: Conflict) -> Response:
    said = {"field": error.where, "found": error.found, "message": error.remedy}
    return _answer(request, 409, "errors.input", said)


def _too_many_sign_ins(request: Request, error: TooManySignIns) -> Response:
    return _too_many(request, TooMany(error.seconds))


def _input(request: Request, error: InputError) -> Response:
    said = {"field": error.where, "found": error.found, "message": error.remedy}
    return _answer(request, 422, "errors.input", said)


def _validation(request: Request, error: RequestValidationError) -> Response:
    first = error.errors()[0]
    field = ".".join(str(each) for each in first["loc"][1:]) or text("errors.input.request")
    found = _shown(first.get("input", ""))
    return _answer(
        request, 422, "errors.input", {"field": field, "found": found, "message": first["msg"]}
    )


def _refused(request: Request, error: Refused) -> Response:
    if not visitor_of(request).name:
        return _sign_in_first(request)
    roles = ", ".join(error.roles) or text("errors.refused.nobody")
    return _answer(request, 403, "errors.refused", {"roles": roles})


def _sign_in_first(request: Request) -> Response:
    """Who has not signed in is sent to do so and comes back to the page that was asked for."""
    from debulk.web.pages import wants_json

    if wants_json(request) or request.method not in ("GET", "HEAD"):
        return _answer(request, 401, "errors.sign_in", {})
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(wanted, safe='/')}", status_code=303)


def _forged(request: Request, error: Forged) -> Response:
    return _answer(request, 403, "errors.forged", {"why": text(f"errors.forged.{error.why}")})


def _not_there(request: Request, error: NotThere) -> Response:
    return _answer(request, 404, "errors.not_there", {"what": error.what, "do": error.remedy})


def _too_long(request: Request, error: TooLong) -> Response:
    return _answer(request, 413, "errors.too_long", {"megabytes": error.most_bytes // 2**20})


def _too_many(request: Request, error: TooMany) -> Response:
    said = {"seconds": error.retry_seconds}
    headers = {"Retry-After": str(error.retry_seconds)}
    return _answer(request, 429, "errors.too_many", said, headers=headers)


def _http(request: Request, error: HTTPException) -> Response:
    if error.status_code == 404:
        said = {"what": text("errors.not_there.page"), "do": ""}
        return _answer(request, 404, "errors.not_there", said)
    values = {"status": error.status_code, "detail": str(error.detail)}
    return _answer(request, error.status_code, "errors.other", values, headers=error.headers)


_ANSWERS: dict[type[Exception], Callable[[Request, Any], Response]] = {
    # The kinds of InputError that have a status of their own come before it.
    NoSuchRecord: _no_such_record,
    Conflict: _conflict,
    TooManySignIns: _too_many_sign_ins,
    InputError: _input,
    RequestValidationError: _validation,
    Refused: _refused,
    Forged: _forged,
    NotThere: _not_there,
    TooLong: _too_long,
    TooMany: _too_many,
    HTTPException: _http,
}


def _defect(request: Request, error: Exception) -> Response:
    """Answer a defect of the program: a reference, no trace, no patient's data in the log."""
    return _answer(request, 500, "errors.defect", {"reference": logged_defect(error)})


def logged_defect(error: Exception) -> str:
    """Log where a defect lies, and return the reference under which the log has it."""
    reference = secrets.token_hex(3).upper()
    _log.error("defect %s: %s at %s", reference, type(error).__name__, _place(error))
    return reference


def _place(error: Exception) -> str:
    """File and line of a defect; its message may hold what a user typed and is not logged."""
    trace, last = error.__traceback__, "?"
    while trace is not None:
        code = trace.tb_frame.f_code
        last = f"{code.co_filename}:{trace.tb_lineno} {code.co_name}"
        trace = trace.tb_next
    return last


def _shown(value: Any) -> str:
    """What was found, short; half a character, which no page can hold, becomes a mark."""
    return str(value).encode("utf-8", "replace").decode("utf-8")[:_LONGEST_FOUND]


def _answer(
    request: Request,
    status: int,
    key: str,
    values: Mapping[str, Any],
    *,
    headers: Mapping[str, str] | None = None,
) -> Response:
    from debulk.web.pages import wants_json
    from debulk.web.templating import render

    said = text(f"{key}.text", **values)
    if wants_json(request):
        content = {"state": "error", "status": status, "text": said, **values}
        return JSONResponse(content, status, headers=dict(headers or {}))
    view = {"title": text(f"{key}.title"), "text": said, "status": status}
    return render(request, "error.html", view, status=status, headers=headers or {})
