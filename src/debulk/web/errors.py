"""What a page answers when it cannot do what was asked: in words, with what is allowed."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from debulk.core.errors import InputError
from debulk.core.strings import text

if TYPE_CHECKING:
    from collections.abc import Mapping

_log = logging.getLogger("debulk.web")


class Refused(Exception):
    """The visitor may not do this; says who may."""

    def __init__(self, roles: tuple[str, ...] = ()) -> None:
        super().__init__(*roles)
        self.roles = roles


class NotThere(Exception):
    """There is no such page, case, study or job."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class TooMany(Exception):
    """Too many requests; says when to try again."""

    def __init__(self, retry_seconds: int) -> None:
        super().__init__(retry_seconds)
        self.retry_seconds = retry_seconds


def add_error_pages(app: FastAPI) -> None:
    """Answer every error of the program, of the framework, and every defect, in words."""

    @app.exception_handler(InputError)
    def _input(request: Request, error: InputError) -> Response:
        said = {"field": error.where, "found": error.found, "message": error.remedy}
        return _answer(request, 422, "errors.input", said)

    @app.exception_handler(RequestValidationError)
    def _validation(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        field = ".".join(str(each) for each in first["loc"][1:]) or "request"
        found = str(first.get("input", ""))[:80]
        said = {"field": field, "found": found, "message": first["msg"]}
        return _answer(request, 422, "errors.input", said)

    @app.exception_handler(Refused)
    def _refused(request: Request, error: Refused) -> Response:
        roles = ", ".join(error.roles) or text("errors.refused.nobody")
        return _answer(request, 403, "errors.refused", {"roles": roles})

    @app.exception_handler(NotThere)
    def _not_there(request: Request, error: NotThere) -> Response:
        return _answer(request, 404, "errors.not_there", {"what": error.what, "do": error.remedy})

    @app.exception_handler(TooMany)
    def _too_many(request: Request, error: TooMany) -> Response:
        headers = {"Retry-After": str(error.retry_seconds)}
        said: dict[str, Any] = {"seconds": error.retry_seconds}
        return _answer(request, 429, "errors.too_many", said, headers=headers)

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            said = {"what": text("errors.not_there.page"), "do": ""}
            return _answer(request, 404, "errors.not_there", said)
        said = {"status": error.status_code, "detail": str(error.detail)}
        return _answer(request, error.status_code, "errors.other", said, headers=error.headers)

    @app.exception_handler(Exception)
    def _defect(request: Request, error: Exception) -> Response:
        return defect(request, error)


def defect(request: Request, error: Exception) -> Response:
    """Answer a defect of the program: a reference, no trace, no patient's data in the log."""
    reference = secrets.token_hex(3).upper()
    where = _place(error)
    _log.error("defect %s: %s at %s", reference, type(error).__name__, where)
    return _answer(request, 500, "errors.defect", {"reference": reference})


def _place(error: Exception) -> str:
    """File and line of a defect; its message may hold what a user typed and is not logged."""
    trace, last = error.__traceback__, "?"
    while trace is not None:
        code = trace.tb_frame.f_code
        last = f"{code.co_filename}:{trace.tb_lineno} {code.co_name}"
        trace = trace.tb_next
    return last


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
