"""The parts of the site: the light ones at once, the others while the server already answers.

What a page needs (tables, kernels, charts) takes longer to load than a reader wants to wait for a
server. So a server that starts loads the heavy parts beside its first answers. A request for a page
of theirs waits for them. Then the worker is started, and every page that shows no patient is made
once, before a reader asks.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from debulk.web.errors import logged_defect
from debulk.web.pages import Pages
from debulk.web.visitor import LOCAL

LIGHT = ("debulk.web.home", "debulk.web.jobs", "debulk.web.people")
"""Packages whose pages need next to nothing."""

HEAVY = (
    "debulk.web.board",
    "debulk.web.trials",
    "debulk.web.evidence",
    "debulk.web.disease",
    "debulk.web.trust",
)
"""Packages whose pages need what takes a second or two to load."""

PARTS = (*LIGHT, *HEAVY)
"""Packages whose module ``routes`` holds ``PAGES``, a tuple of `debulk.web.pages.Pages`."""


def pages_of(parts: tuple[str, ...]) -> Iterator[Pages]:
    """The pages of some parts, which this loads."""
    for part in parts:
        yield from importlib.import_module(f"{part}.routes").PAGES


def add_parts(app: FastAPI, parts: tuple[str, ...]) -> None:
    """Load parts and let the application answer for their pages."""
    for pages in pages_of(parts):
        app.include_router(pages.router)


class Preparing:
    """Loads the heavy parts beside the first answers; until then a request for them waits.

    Parameters
    ----------
    app : FastAPI
        Has the light parts.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._loading: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def beside(self) -> AsyncIterator[None]:
        """Load, and make ready, while what is inside runs."""
        self._loading = asyncio.create_task(run_in_threadpool(add_parts, self._app, HEAVY))
        making_ready = asyncio.create_task(self._make_ready(self._loading))
        try:
            yield
        finally:
            making_ready.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await making_ready

    async def until_known(self, scope: Scope) -> None:
        """Wait where what is asked for may belong to a part that is still being loaded.

        The error under which loading failed is raised by every such request.
        """
        if self._loading is not None and not self._is_known(scope):
            await asyncio.shield(self._loading)

    def _is_known(self, scope: Scope) -> bool:
        if scope["path"] == self._app.openapi_url:
            return False
        return any(each.matches(scope)[0] is Match.FULL for each in self._app.routes)

    async def _make_ready(self, loading: asyncio.Task[None]) -> None:
        try:
            await asyncio.shield(loading)
            every = await run_in_threadpool(steps, self._app)
        except Exception as error:
            logged_defect(error)
            return
        self._loading = None
        for step in every:
            try:
                await run_in_threadpool(step)
            except Exception as error:
                # Nothing is hidden: the page that needs what failed says so again.
                logged_defect(error)


class Waiting:
    """Wraps the application: a request waits until the part it may be for is loaded."""

    def __init__(self, app: ASGIApp, *, preparing: Preparing) -> None:
        self._app = app
        self._preparing = preparing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            await self._preparing.until_known(scope)
        await self._app(scope, receive, send)


def steps(app: FastAPI) -> list[Callable[[], object]]:
    """What makes the loaded pages ready, the most wanted first, each step short."""
    from debulk.web.board import warming as of_board
    from debulk.web.trials import warming as of_trials

    return [
        app.state.workshop.wake,
        *of_board.steps(app.state.records),
        *of_trials.steps(),
        app.openapi,
        *(partial(make, app, route) for route in plain_pages()),
    ]


def plain_pages() -> list[APIRoute]:
    """Heavy pages that show no patient and are there without being told anything."""
    routes = [each for p in pages_of(HEAVY) if not p.patient for each in p.router.routes]
    return [
        each
        for each in routes
        if isinstance(each, APIRoute)
        and "GET" in (each.methods or ())
        and not each.include_in_schema
        and _needs_nothing(each)
    ]


def _needs_nothing(page: APIRoute) -> bool:
    asked = inspect.signature(page.endpoint).parameters.values()
    return all(each.name == "request" or each.default is not each.empty for each in asked)


def make(app: FastAPI, page: APIRoute) -> None:
    """Have a page made for nobody, past the guard, as it is without a query."""
    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": page.path,
        "query_string": b"",
        "headers": [],
        "app": app,
        "state": {"visitor": LOCAL},
    }
    page.endpoint(request=Request(scope))
