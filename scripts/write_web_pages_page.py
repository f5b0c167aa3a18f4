"""Write docs/reference/web-pages.md: every address of the pages, from the routes themselves.

Run after a change of a page's address, its fields or who may read it:
.venv/bin/python scripts/write_web_pages_page.py
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from debulk.web.application import PARTS
from debulk.web.guard import PUBLIC
from debulk.web.pages import twin_of
from debulk.web.visitor import ROLES

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "web-pages.md"

TITLES = {
    "home": "The first page, help, limits",
    "board": "The tumour board",
    "trials": "Trials and their designer",
    "evidence": "Evidence and scores",
    "disease": "The disease",
    "trust": "Can it be trusted?",
    "jobs": "Long runs",
    "people": "Accounts and the department",
}
"""Headings in the order of the page, by the last word of a part's package."""

EVERY_ROLE = "everybody"

DESCRIBED = {"/trials/design": "[the design](web-designer.md)"}
"""Beginnings of addresses whose many fields a page of their own describes."""

HEAD = """\
# The pages, one by one

<!-- Written by scripts/write_web_pages_page.py; do not edit. -->

*Which pages does `debulk serve` show, who may see them, and what does their address hold?*

Page `P` and its JSON twin `P.json` (of `/` it is `/index.json`) are made by one function from one
object; below, `P[.json]` stands for both. Forms post to `P` itself. `/openapi.json` describes the
twins and the forms, `/health` answers `{"status": "ok"}`.

What is asked of a page stands in its address, so a scenario can be kept as a bookmark and sent; its
fields are shown with what they are when left out. A patient's values never stand there: a case has
a random identifier. What shows a patient carries the research-use line, and no browser keeps it.

*Everybody* is who may use the server: without accounts the one local member, who has every role;
with accounts who has signed in. *Anybody* need not sign in. Runs on a case are shown to who may
read the case.

## What a page answers

| | HTML | JSON |
|---|---|---|
| done | 200 | 200 |
| nothing there yet | 200 | 200, `"state": "empty"` |
| being computed | 200, the rest of the page works | 202, `"job"` |
| not enough is known | 200, with the reasons | 200, `"state": "not_enough_known"` |
| a form was taken | 303 to the next page | 200, `"address"` of the next page |
| a wrong value | 422, beside its field; all that was typed is kept | 422, field and message |
| changed by another meanwhile | 409, nothing is overwritten | 409 |
| not signed in | 303 to `/login` | 401 |
| not allowed, not there, too long, too often | 403, 404, 413, 429 | the same |
| a defect | 500, with a reference | 500, `"reference"` |

A form that is sent with `Accept: application/json` is answered in JSON.

Above every chart stands what it shows in one sentence, below it a table of its numbers and a link to
the page's JSON. A reload, or a link, asks before it throws away what was typed into a form that
posts.
"""


@dataclass
class Address:
    """One address: what it shows, what it takes, who may."""

    path: str
    patient: bool
    summary: str = ""
    read_by: str | None = None
    asks: list[str] = field(default_factory=list)
    twin: str | None = None
    posts: str = ""
    posted_by: str = ""


def addresses(part: str) -> Iterator[Address]:
    """Every address of a part, in the order in which it was registered."""
    found: dict[str, Address] = {}
    twins: dict[str, Any] = {}
    for pages in importlib.import_module(f"{part}.routes").PAGES:
        for route in pages.router.routes:
            if route.methods == {"HEAD"}:
                continue
            if "GET" in route.methods and _made_by_pages(route) and route.include_in_schema:
                twins[route.path] = route
                continue
            each = found.setdefault(route.path, Address(route.path, pages.patient))
            if route.methods == {"POST"}:
                each.posts, each.posted_by = route.summary, who(route)
            else:
                twin = twins.get(twin_of(route.path))
                each.twin = twin.path if twin is not None else None
                each.summary = (twin or route).summary
                each.read_by, each.asks = who(route), asked(route)
    yield from found.values()


def _made_by_pages(route: Any) -> bool:
    """Whether `Pages.page` or `Pages.form` registered it, and not the part itself."""
    return "roles" in inspect.getclosurevars(route.endpoint).nonlocals


def who(route: Any) -> str:
    """Who may ask for an address, in the words of the roles."""
    if route.path in PUBLIC:
        return "anybody"
    roles = inspect.getclosurevars(route.endpoint).nonlocals.get("roles", ())
    return EVERY_ROLE if set(roles) == set(ROLES) else ", ".join(roles) or EVERY_ROLE


def asked(route: Any) -> list[str]:
    """Fields of the query string, with what they are when left out."""
    shown = []
    for each in _fields(route):
        default = each.field_info.default
        is_told = isinstance(default, str | int | float) and default != ""
        value = f"{default:g}" if isinstance(default, float) else str(default)
        value = value.lower() if isinstance(default, bool) else value
        shown.append(f"`{each.alias}={value}`" if is_told else f"`{each.alias}`")
    return shown


def _fields(route: Any) -> Iterator[Any]:
    """Fields of the query string, those of a group one by one."""
    for each in _parameters(route.dependant):
        kind = each.field_info.annotation
        group = getattr(kind, "model_fields", None)
        if group is None:
            yield each
        else:
            for name, info in group.items():
                yield SimpleNamespace(alias=info.alias or name, field_info=info)


def _parameters(dependant: Any) -> Iterator[Any]:
    """What a page's function takes from the query string, and what those it depends on take."""
    yield from dependant.query_params
    for each in dependant.dependencies:
        yield from _parameters(each)


def row(each: Address) -> str:
    """One address as a row of its part's table."""
    told = [text for start, text in DESCRIBED.items() if each.path.startswith(start)]
    fields = ", ".join(told or each.asks)
    shown = f"{each.summary} *Posts*: {each.posts}" if each.posts else each.summary
    by = each.read_by or each.posted_by
    if each.posts and each.read_by and each.posted_by != each.read_by:
        by = f"{by}; posts: {each.posted_by}"
    return f"| {named(each)} | {shown.strip()} | {fields} | {by} |\n"


def named(each: Address) -> str:
    """An address with that of its twin."""
    if each.twin is None:
        return f"`{each.path}`"
    if each.twin == f"{each.path}.json":
        return f"`{each.path}[.json]`"
    return f"`{each.path}`, `{each.twin}`"


def section(part: str) -> str:
    """One part: its heading and its table."""
    rows = "".join(row(each) for each in addresses(part))
    head = "| page | shows | in the address | who |\n|---|---|---|---|\n"
    return f"## {TITLES[_short(part)]}\n\n{head}{rows}"


def _short(part: str) -> str:
    """Last word of a part's package."""
    return part.rsplit(".", 1)[-1]


def page() -> str:
    """The whole page."""
    in_order = sorted(PARTS, key=lambda part: list(TITLES).index(_short(part)))
    sections = [section(part) for part in in_order if list(addresses(part))]
    return HEAD + "\n" + "\n".join(sections)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
