"""Accounts: made, given roles, given a new password, closed."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from debulk.core.strings import text
from debulk.web.pages import ADMINISTRATORS, Moved, Page, Pages
from debulk.web.people.forms import beside, field, fields
from debulk.web.visitor import ROLES, visitor_of

pages = Pages("people", patient=False)


@pages.page("/admin/users", "The accounts of this server.", roles=ADMINISTRATORS)
def users(request: Request) -> Page:
    """Every account that can sign in, and the form for another."""
    return _list(request)


@pages.form("/admin/users", "Make an account.", roles=ADMINISTRATORS)
def add_user(request: Request) -> Page | Moved:
    """Make one; the first must be an administrator, since from then on everybody has to sign in."""
    records = request.app.state.records
    name, roles = field(request, "name"), fields(request, "roles")
    errors: dict[str, str] = {}
    if not records.users.exist() and "administrator" not in roles:
        errors["roles"] = text("people.users.first")
    else:
        with beside(errors, "name", "password", role="roles"):
            user = records.users.add(name, field(request, "password"), roles, by=_by(request))
    if errors:
        return _list(request, name=name, roles=roles, errors=errors)
    request.app.state.sign_ins.ask_again()
    return Moved("/admin/users", text("people.users.added", name=user.name))


@pages.page("/admin/users/{name}", "One account.", roles=ADMINISTRATORS)
def user(request: Request, name: str) -> Page:
    """Its roles, and what can be done to it."""
    return _one(request, name, {})


@pages.form("/admin/users/{name}", "Change or close an account.", roles=ADMINISTRATORS)
def change_user(request: Request, name: str) -> Page | Moved:
    """Other roles, a new password, the end of its sign-ins, or its end."""
    records, by = request.app.state.records, _by(request)
    found = records.users.read(name)
    errors: dict[str, str] = {}
    done = field(request, "do")
    if done == "roles":
        with beside(errors, "roles"):
            records.users.set_roles(found.name, fields(request, "roles"), by=by)
    elif done == "password":
        with beside(errors, "password"):
            records.users.set_password(found.name, field(request, "password"), by=by)
    elif done == "sign_out":
        records.sign_ins.end_all(found.name, by=by)
    elif done == "close":
        with beside(errors, "close"):
            records.users.remove(found.name, by=by)
    else:
        errors["do"] = text("people.users.do_what")
    if errors:
        return _one(request, name, errors)
    request.app.state.sign_ins.ask_again()
    said = text(f"people.users.said.{done}", name=found.name)
    return Moved("/admin/users" if done == "close" else f"/admin/users/{found.name}", said)


def _by(request: Request) -> Any:
    return visitor_of(request).acting(*ADMINISTRATORS)


def _list(
    request: Request,
    *,
    name: str = "",
    roles: list[str] | None = None,
    errors: dict[str, str] | None = None,
) -> Page:
    listed = [each.to_dict() for each in request.app.state.records.users.list()]
    data: dict[str, Any] = {"users": listed} if listed else {"users": [], "state": "empty"}
    view = {"name": name, "chosen": roles or [], "roles": ROLES}
    status, title = 422 if errors else 200, text("people.users.title")
    return Page("people/users.html", title, data, view, status=status, errors=errors or {})


def _one(request: Request, name: str, errors: dict[str, str]) -> Page:
    data = {"user": request.app.state.records.users.read(name).to_dict()}
    status, title = 422 if errors else 200, text("people.users.one", name=data["user"]["name"])
    return Page("people/user.html", title, data, {"roles": ROLES}, status=status, errors=errors)
