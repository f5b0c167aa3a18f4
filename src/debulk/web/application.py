"""The application: its parts, its guard, its error pages, its assets."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import AsyncIterator
from importlib.resources import files

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.staticfiles import StaticFiles

from debulk import __version__
from debulk.board.records import Records, open_records
from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.web.board.kept_uploads import KeptUploads
from debulk.web.errors import add_error_pages
from debulk.web.guard import add_guard
from debulk.web.jobs.workshop import Workshop
from debulk.web.preparing import LIGHT, PARTS, Preparing, Waiting, add_parts
from debulk.web.security.sign_ins import SignIns
from debulk.web.settings import WebSettings


def create_app(settings: WebSettings | None = None, *, at_once: bool = True) -> FastAPI:
    """Make the application, with its records open.

    Parameters
    ----------
    settings : WebSettings, optional
        Default: a loopback address, the user's own records.
    at_once : bool
        Whether every page is there at once; if not, it answers sooner, and loads the heavy pages
        beside its first answers.

    Raises
    ------
    InputError
        If the records cannot be opened, or others can reach the address and no account exists.
    """
    settings = settings or WebSettings()
    records = open_records(settings.database)
    _check_accounts(records, settings)
    app = FastAPI(
        title="debulk",
        version=__version__,
        description=text("home.description"),
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=_open_and_close,
    )
    app.state.settings = settings
    app.state.records = records
    app.state.workshop = Workshop(records, settings.database, enabled=settings.worker)
    app.state.sign_ins = SignIns(records, settings)
    app.state.kept_uploads = KeptUploads()
    app.state.closing = threading.Event()
    app.state.streams = 0
    app.state.preparing = None if at_once else Preparing(app)
    add_error_pages(app)
    if not at_once:
        app.add_middleware(Waiting, preparing=app.state.preparing)
    add_guard(app, settings, app.state.sign_ins)
    add_parts(app, PARTS if at_once else LIGHT)

    @app.get("/health", tags=["server"], summary="Whether the server answers.")
    def health() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    static = StaticFiles(directory=str(files("debulk.web").joinpath("static")))
    app.mount("/static", static, name="static")
    charts = StaticFiles(directory=str(files("debulk.reports").joinpath("assets")))
    app.mount("/charts", charts, name="charts")
    return app


@contextlib.asynccontextmanager
async def _open_and_close(app: FastAPI) -> AsyncIterator[None]:
    """Forget old sign-ins, take up interrupted runs; at the end, end worker and store."""
    await run_in_threadpool(app.state.records.sign_ins.forget_old)
    await run_in_threadpool(app.state.workshop.open)
    preparing = app.state.preparing
    try:
        async with preparing.beside() if preparing else contextlib.nullcontext():
            yield
    finally:
        app.state.closing.set()
        await run_in_threadpool(app.state.workshop.close)
        app.state.records.close()


def _check_accounts(records: Records, settings: WebSettings) -> None:
    """An address that others can reach is not served before somebody can sign in."""
    if settings.is_open and not records.users.exist():
        records.close()
        where = "--name" if settings.is_loopback else "--host"
        found = text("security.open_address.found", address=settings.name or settings.host)
        raise InputError(where, found, text("security.open_address.remedy"))
