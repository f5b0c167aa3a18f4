"""Pages of long runs: one run, all runs, and the stream that tells how far they are."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from debulk.board.records import NoSuchRecord
from debulk.core.strings import text
from debulk.web.errors import TooMany
from debulk.web.jobs import queue
from debulk.web.jobs.words import named, told
from debulk.web.pages import BOARD_READERS, Moved, Page, Pages
from debulk.web.paging import pager
from debulk.web.security.sign_ins import BACKGROUND_HEADER
from debulk.web.visitor import visitor_of

pages = Pages("jobs", patient=True)
"""A run may be a case's, so its page is kept as a patient's page is: not at all."""

PAGES = (pages,)

PAGE_SIZE = 50
MOST_FOLLOWED = 20
"""Runs that one stream tells about."""

_STREAMED = ("id", "state", "share", "message", "address", "is_over", "told")
_LOOKS_SECONDS = 0.5
_ALIVE_SECONDS = 15.0
_LONGEST_SECONDS = 600.0
_RETRY_SECONDS = 3


@pages.page("/jobs", "Runs that wait, run, or are over, newest first.")
def all_jobs(request: Request, page: Annotated[int, Query(ge=1, le=1_000_000)] = 1) -> Page:
    """A page of runs, without their results."""
    found = request.app.state.records.jobs.page(page=page, size=PAGE_SIZE)
    data = found.to_dict()
    reads_cases = visitor_of(request).may(*BOARD_READERS)
    rows = [each | _shown(each) for each in data["rows"]]
    for row in rows:
        if row["case_id"] and not reads_cases:
            # Why the run of a case failed may quote the case.
            row["message"] = ""
    data |= {"rows": rows} if rows else {"rows": [], "state": "empty"}
    view = {"pager": pager(page, found.pages)}
    return Page("jobs/all.html", text("jobs.all.title"), data, view)


@pages.router.get(
    "/jobs/events",
    summary="How far runs are, as server-sent events, while one of them runs.",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def events(
    request: Request, id: Annotated[list[str], Query(max_length=MOST_FOLLOWED)]
) -> Response:
    """One stream for all the runs of a page."""
    state = request.app.state
    if state.streams >= state.settings.limits.streams:
        raise TooMany(_RETRY_SECONDS)
    for each in id:
        await run_in_threadpool(queue.job_of, request, each)
    return StreamingResponse(
        _follow(request, list(dict.fromkeys(id))),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


@pages.page("/jobs/{job_id}", "One run: how far it is, or what it computed.")
def one_job(request: Request, job_id: str) -> Page:
    """State, share done, time left, and the result where there is one."""
    job = queue.job_of(request, job_id)
    # A case's result stands on its pages alone: there it is shown once the sitting has opened it,
    # and reading it is logged. A page that asks in the background how far a run is reads none.
    with_result = job.case_id is None and BACKGROUND_HEADER not in request.headers
    data = {"job": job.to_dict(with_result=with_result), "named": named(job.kind)}
    status = 200 if job.is_over else 202
    return Page("jobs/one.html", text("jobs.one.title"), data, {"job": job}, status=status)


@pages.form("/jobs/{job_id}", "Cancel a run; another's as a member or administrator.", roles=())
def cancel_job(request: Request, job_id: str) -> Moved:
    """Cancel it; one that is over stays as it is."""
    job = queue.cancel(request, job_id)
    return Moved(job.address, text(f"jobs.said.{job.state}"))


def _shown(row: dict[str, Any]) -> dict[str, str]:
    """What the list says of a run."""
    words = {"told": told(row["state"], row["progress"]), "named": named(row["kind"])}
    return words | {"address": f"/jobs/{row['id']}"}


async def _follow(request: Request, ids: list[str]) -> AsyncIterator[str]:
    """Tell each change of each run; ends when all are over, or the server ends."""
    state, told_before = request.app.state, dict[str, str]()
    began = alive = time.monotonic()
    state.streams += 1
    try:
        yield f"retry: {_RETRY_SECONDS * 1000}\n\n"
        while not state.closing.is_set() and time.monotonic() - began < _LONGEST_SECONDS:
            jobs = await run_in_threadpool(_read, request, ids)
            for job in jobs:
                line = json.dumps(job, ensure_ascii=False)
                if told_before.get(job["id"]) != line:
                    told_before[job["id"]] = line
                    alive = time.monotonic()
                    yield f"event: job\ndata: {line}\n\n"
            if all(job["is_over"] for job in jobs):
                yield "event: end\ndata: {}\n\n"
                return
            if time.monotonic() - alive > _ALIVE_SECONDS:
                alive = time.monotonic()
                yield ": alive\n\n"
            await asyncio.sleep(_LOOKS_SECONDS)
    finally:
        state.streams -= 1


def _read(request: Request, ids: list[str]) -> list[dict[str, Any]]:
    """Runs as the stream tells them: without results, which their pages have.

    One that was removed meanwhile is left out.
    """
    found = []
    for each in ids:
        with contextlib.suppress(NoSuchRecord):
            values = queue.job_of(request, each).to_dict()
            found.append({name: values[name] for name in _STREAMED})
    return found
