"""Signing in and out."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Query, Request

from debulk.board.records import WrongSignIn
from debulk.core.strings import text
from debulk.web.pages import Moved, Page, Pages
from debulk.web.people.forms import field, wrong
from debulk.web.security.cookies import SIGN_IN, cookie_of
from debulk.web.visitor import visitor_of

pages = Pages("people", patient=False)

_LONGEST_ADDRESS = 2_000


@pages.page("/login", "Sign in.")
def login(request: Request, next: Annotated[str, Query(max_length=_LONGEST_ADDRESS)] = "/") -> Page:
    """The form; it says so where nobody needs to sign in."""
    return _page(request, safe_address(next))


@pages.form("/login", "Sign in with name and password.", roles=())
def sign_in(request: Request) -> Page | Moved:
    """A sign-in of its own each time, so that no word from before is one after."""
    name, wanted = field(request, "name"), safe_address(field(request, "next"))
    sign_ins = request.app.state.records.sign_ins
    sender = request.client.host if request.client else "?"
    try:
        token = sign_ins.start(name, field(request, "password"), address=sender)
    except WrongSignIn as error:
        return _page(request, wanted, name=name, errors={"name": wrong(error)})
    _end(request)
    request.state.signed_in = token
    return Moved(wanted, text("people.login.said"))


@pages.form("/logout", "Sign out.", roles=())
def sign_out(request: Request) -> Moved:
    """End the sign-in on the server and take back the cookie."""
    _end(request)
    request.state.signed_in = ""
    return Moved("/login")


def safe_address(wanted: str) -> str:
    """An address on this server and no other, to go to after signing in; else the first page."""
    parts = urlsplit(wanted) if wanted.isprintable() and "\\" not in wanted else None
    if parts is None or parts.scheme or parts.netloc or not wanted.startswith("/"):
        return "/"
    return "/" if wanted.startswith(("//", "/login", "/logout")) else wanted


def _end(request: Request) -> None:
    token = cookie_of(request, SIGN_IN)
    if token:
        request.app.state.records.sign_ins.end(token)


def _page(
    request: Request, wanted: str, *, name: str = "", errors: dict[str, str] | None = None
) -> Page:
    settings = request.app.state.settings
    visitor = visitor_of(request)
    data = {"needed": not visitor.local, "signed_in_as": visitor.name or None}
    # Browsers give a sign-in back to an unencrypted address on no other machine.
    unencrypted = settings.is_open and request.url.scheme != "https"
    view = {"next": wanted, "name": name, "unencrypted": unencrypted}
    status = 422 if errors else 200
    title = text("people.login.title")
    return Page("people/login.html", title, data, view, status=status, errors=errors or {})
