"""One's own account: roles, password, what the log holds under one's name."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request

from debulk.board.records import WrongSignIn
from debulk.core.strings import text
from debulk.web.errors import NotThere
from debulk.web.pages import Moved, Page, Pages
from debulk.web.people.audit import log_page
from debulk.web.people.forms import beside, field
from debulk.web.visitor import ROLES, visitor_of

pages = Pages("people", patient=False)


@pages.page("/account", "One's own account.", roles=ROLES)
def account(request: Request) -> Page:
    """Name, roles, and how long the sign-in still lasts.

    The form token is there for the page that is open when a sign-in ends: after a new one it takes
    the new token, and what was typed is not lost.
    """
    return _page(request, {})


@pages.form("/account", "Give oneself another password.", roles=ROLES)
def change_password(request: Request) -> Page | Moved:
    """Ask for the old one as well, since a browser may have been left alone."""
    visitor, records = visitor_of(request), request.app.state.records
    if visitor.local:
        raise NotThere(text("people.account.none"))
    errors: dict[str, str] = {}
    old, new, again = (field(request, name) for name in ("old", "password", "again"))
    if new != again:
        errors["again"] = text("people.account.differ")
    else:
        sender = request.client.host if request.client else "?"
        try:
            # Counted as a sign-in is, so that the old one cannot be guessed here either.
            records.sign_ins.end(records.sign_ins.start(visitor.name, old, address=sender))
        except WrongSignIn:
            errors["old"] = text("people.account.wrong_old")
        else:
            with beside(errors, "password"):
                records.users.set_password(visitor.name, new, by=visitor.acting())
    if errors:
        return _page(request, errors)
    sender = request.client.host if request.client else "?"
    request.state.signed_in = records.sign_ins.start(visitor.name, new, address=sender)
    return Moved("/account", text("people.account.said"))


@pages.page("/account/log", "What the log holds under one's own name.", roles=ROLES)
def own_log(request: Request, page: Annotated[int, Query(ge=1, le=1_000_000)] = 1) -> Page:
    """One's own entries, newest first."""
    title = text("people.account.log")
    return log_page(request, title, "/account/log", {"who": visitor_of(request).name}, page)


def _page(request: Request, errors: dict[str, str]) -> Page:
    visitor = visitor_of(request)
    data = {
        "name": visitor.name,
        "roles": [each for each in ROLES if each in visitor.roles],
        "local": visitor.local,
        "seconds_left": getattr(request.state, "sign_in_seconds", None),
        "form_token": request.state.csrf,
    }
    title, status = text("people.account.title"), 422 if errors else 200
    return Page("people/account.html", title, data, status=status, errors=errors)
