"""Pages and their JSON twins: one function makes both from one object.

The twin of page P is P.json; the twin of ``/`` is ``/index.json``. A form posts to P itself: it
answers with a redirect when it was taken, and with the same page, status 422 and messages beside
the fields when it was not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from debulk.core.results import plain
from debulk.web.errors import Refused
from debulk.web.templating import render, twin_of
from debulk.web.visitor import visitor_of

Function = TypeVar("Function", bound=Callable[..., Any])

BOARD_READERS = ("viewer", "board member")
"""Roles that may read cases."""

BOARD_MEMBERS = ("board member",)
"""Roles that may change cases, vote and sign."""

ADMINISTRATORS = ("administrator",)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page shows.

    Attributes
    ----------
    template : str
        File in `templates/`.
    title : str
        Of the page; never a patient's value.
    data : mapping
        What the JSON twin shows, and the template sees as ``data``.
    view : mapping
        What only the HTML needs (charts, choices of a form), seen by its own names.
    status : int
        200; 202 where something is being computed; 409, 422 as in the errors.
    errors : mapping of str to str
        Messages by the name of the field they stand beside.
    headers : mapping of str to str
        More headers.
    """

    template: str
    title: str
    data: Mapping[str, Any] = field(default_factory=dict)
    view: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    errors: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moved:
    """A form that was taken: where the reader goes next, and what the status line says there."""

    address: str
    said: str = ""


class Pages:
    """The pages of one part of the site, collected in a router.

    Parameters
    ----------
    tag : str
        Part of the OpenAPI document they stand in.
    patient : bool
        Whether they show a patient: never cached, never in the browser's store, with the
        research-use line.
    """

    def __init__(self, tag: str, *, patient: bool = False) -> None:
        self.router = APIRouter(tags=[tag])
        self.patient = patient

    def page(
        self, path: str, summary: str, *, roles: tuple[str, ...] = ()
    ) -> Callable[[Function], Function]:
        """Register a function of (request, ...) that returns a `Page`, and its twin.

        Parameters
        ----------
        path : str
            As FastAPI writes it.
        summary : str
            One sentence for the OpenAPI document.
        roles : tuple of str
            Who may read it; empty: everybody who may use the server.
        """

        def register(function: Function) -> Function:
            as_json = self._answering(function, roles, as_json=True)
            as_html = self._answering(function, roles, as_json=False)
            # The twin comes first, or the page's own last parameter would swallow its ".json".
            add = partial(self.router.add_api_route, response_model=None)
            add(twin_of(path), as_json, methods=["GET"], summary=summary)
            # The server sends no body after HEAD; the OpenAPI document need not say so.
            add(twin_of(path), as_json, methods=["HEAD"], include_in_schema=False)
            add(path, as_html, methods=["GET", "HEAD"], include_in_schema=False)
            return function

        return register

    def form(
        self, path: str, summary: str, *, roles: tuple[str, ...] = BOARD_MEMBERS
    ) -> Callable[[Function], Function]:
        """Register a function of (request, ...) that takes a form and returns `Moved` or `Page`."""

        def register(function: Function) -> Function:
            self.router.add_api_route(
                path,
                self._answering(function, roles, as_json=None),
                methods=["POST"],
                summary=summary,
                response_model=None,
            )
            return function

        return register

    def _answering(
        self, function: Callable[..., Any], roles: tuple[str, ...], *, as_json: bool | None
    ) -> Callable[..., Response]:
        @wraps(function)
        def answer(*args: Any, **kwargs: Any) -> Response:
            request: Request = kwargs["request"]
            request.state.patient_page = self.patient
            if not visitor_of(request).may(*roles):
                raise Refused(roles)
            wanted = wants_json(request) if as_json is None else as_json
            return respond(request, function(*args, **kwargs), as_json=wanted, patient=self.patient)

        return answer


def wants_json(request: Request) -> bool:
    """Whether the answer is to be JSON: the address of a twin, or a client that asks for it."""
    return request.url.path.endswith(".json") or "application/json" in request.headers.get(
        "accept", ""
    )


def respond(request: Request, answer: Any, *, as_json: bool, patient: bool = False) -> Response:
    """The response for what a page's function returned."""
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, Moved):
        request.state.said = answer.said
        if as_json:
            return JSONResponse({"state": "done", "address": answer.address, "text": answer.said})
        return RedirectResponse(answer.address, status_code=303)
    page: Page = answer
    if as_json:
        content = plain(dict(page.data))
        if page.errors:
            content |= {"errors": dict(page.errors)}
        return JSONResponse(content, page.status, headers=dict(page.headers))
    return render(
        request,
        page.template,
        {
            **page.view,
            "title": page.title,
            "data": page.data,
            "errors": page.errors,
            "patient_page": patient,
        },
        # A page is there as soon as it is drawn, whatever one of its parts still waits for.
        status=200 if page.status == 202 else page.status,
        headers=page.headers,
    )
