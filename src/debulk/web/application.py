"""The application: its parts, its error pages, its assets."""

from __future__ import annotations

import importlib
from importlib.resources import files

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.middleware.base import RequestResponseEndpoint
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from debulk import __version__
from debulk.core.strings import text
from debulk.web.errors import add_error_pages
from debulk.web.settings import WebSettings
from debulk.web.visitor import LOCAL

PARTS = (
    "debulk.web.home",
    "debulk.web.board",
    "debulk.web.trials",
    "debulk.web.evidence",
    "debulk.web.disease",
    "debulk.web.trust",
    "debulk.web.jobs",
    "debulk.web.people",
)
"""Packages whose module ``routes`` holds ``PAGES``, a tuple of `debulk.web.pages.Pages`."""


def create_app(settings: WebSettings | None = None) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    settings : WebSettings, optional
        Default: a loopback address, the user's own records.
    """
    app = FastAPI(
        title="debulk",
        version=__version__,
        description=text("home.description"),
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.state.settings = settings or WebSettings()
    add_error_pages(app)
    _add_guard(app)
    for part in PARTS:
        for pages in importlib.import_module(f"{part}.routes").PAGES:
            app.include_router(pages.router)

    @app.get("/health", tags=["server"], summary="Whether the server answers.")
    def health() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    static = StaticFiles(directory=str(files("debulk.web").joinpath("static")))
    app.mount("/static", static, name="static")
    charts = StaticFiles(directory=str(files("debulk.reports").joinpath("assets")))
    app.mount("/charts", charts, name="charts")
    return app


def _add_guard(app: FastAPI) -> None:
    @app.middleware("http")
    async def guard(request: Request, proceed: RequestResponseEndpoint) -> Response:
        request.state.visitor = LOCAL
        return await proceed(request)
