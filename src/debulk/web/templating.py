"""Jinja templates with the strings of the catalogue and the few filters that pages need."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from debulk import __version__
from debulk.core.results import plain
from debulk.core.strings import text
from debulk.reports import words
from debulk.web.security.said import said_to
from debulk.web.visitor import visitor_of


@cache
def environment() -> jinja2.Environment:
    """The templates: undefined names are errors, everything is escaped."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("debulk.web", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(t=text, version=__version__, asset=_asset, drawing_asset=_drawing_asset)
    made.filters.update(
        data_block=data_block,
        ratio=words.ratio,
        months=words.months,
        share=words.share,
        moment=moment,
        day=day,
    )
    return made


def render(
    request: Request,
    template: str,
    view: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """One page as HTML."""
    path, query = request.url.path, request.url.query
    content = (
        environment()
        .get_template(template)
        .render(
            {
                "data": {},
                "errors": {},
                "patient_page": getattr(request.state, "patient_page", False),
                "twin": f"{twin_of(path)}?{query}" if query else twin_of(path),
                **view,
                "visitor": visitor_of(request),
                "path": path,
                "query": query,
                "csrf": getattr(request.state, "csrf", ""),
                "said": said_to(request),
                "sign_in_seconds": getattr(request.state, "sign_in_seconds", None),
            }
        )
    )
    return HTMLResponse(content, status_code=status, headers=dict(headers or {}))


def twin_of(path: str) -> str:
    """Address of a page's JSON twin."""
    return "/index.json" if path == "/" else f"{path}.json"


def data_block(value: Any) -> Markup:
    """JSON that is safe inside a ``<script type="application/json">``, which never runs."""
    content = json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))
    escaped = content.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return Markup(escaped)


def moment(value: str) -> str:
    """A stored moment as a reader sees it: to the minute, in UTC."""
    return f"{value[:10]} {value[11:16]} UTC"


def day(value: str) -> str:
    """The day of a stored moment, in UTC."""
    return value[:10]


@cache
def _asset(name: str) -> str:
    """Address of a packaged asset; its version lets browsers keep it for long."""
    return _versioned("debulk.web", "static", "/static", name)


@cache
def _drawing_asset(name: str) -> str:
    """The same of what draws charts, which reports carry."""
    return _versioned("debulk.reports", "assets", "/charts", name)


def _versioned(package: str, folder: str, mounted: str, name: str) -> str:
    if not files(package).joinpath(folder, name).is_file():
        raise LookupError(f"there is no asset {name}")
    return f"{mounted}/{name}?v={__version__}"
