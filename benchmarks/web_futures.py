"""Futures of a case through the pages: from the click to the result that its page shows.

A server with its worker computes them for the packaged cases, one after another, as a reader who
opens them would wait for it; the page is asked every 20 ms. The first click comes as soon as the
server answers, so that the worker is a fresh process, with its kernels compiled and the library of
virtual patients in its file. What the same takes without a server is `benchmarks.futures_speed`.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.row import Row
from benchmarks.web_site import Reader, server, sign_in
from debulk.board.example_cases import example_cases
from debulk.board.futures.front import futures_of
from debulk.board.futures.origin import PATIENTS
from debulk.board.records import LOCAL_MEMBER, open_records

SMALLER = 2_000
PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 120.0

WORKER = """
from functools import partial
from debulk.web.board import futures_run
from debulk.web.jobs import worker
futures_run.futures_of = partial(futures_run.futures_of, patients={patients})
worker.main()
"""
"""The worker of `debulk serve`, told how many virtual patients to draw."""


def rows(sizes: tuple[int, ...] = (SMALLER, PATIENTS)) -> list[Row]:
    """Seconds of the first computation in a process and of the later ones, by size."""
    # Kernels are compiled and the library drawn before anything is told.
    futures_of(example_cases()[0])
    made = []
    for patients in sizes:
        first, *later = one_server(patients)
        what = f"click to futures, 2 options, {patients:,} virtual patients drawn"
        note = f"{len(later)} packaged cases, one worker"
        made += [
            Row(f"{what}, first in a fresh worker", "debulk", first, "s"),
            Row(f"{what}, later ones, median", "debulk", statistics.median(later), "s", note),
            Row(f"{what}, later ones, slowest", "debulk", max(later), "s", note),
        ]
    return made


def one_server(patients: int) -> list[float]:
    """Seconds of each case of which enough is known, in the order they were clicked."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "records.sqlite"
        with open_records(place) as records:
            stored = [
                records.cases.create(case.to_dict(), by=LOCAL_MEMBER).case_id
                for case in example_cases()
            ]
            (token,) = sign_in(records, 1)
        with server(place, worker=WORKER.format(patients=patients)) as (host, port):
            return asyncio.run(click_all(Reader(host, port, token), stored))


async def click_all(reader: Reader, cases: list[str]) -> list[float]:
    """Open the futures of one case after another."""
    seconds = []
    for case in cases:
        page = f"/board/cases/{case}/futures"
        if (await state_of(reader, page)) == "not_enough_known":
            continue
        start = time.perf_counter()
        await reader.post(page, do="open")
        while (state := await state_of(reader, page)) == "computing":
            assert time.perf_counter() - start < PATIENCE_SECONDS, page
            await asyncio.sleep(PAUSE_SECONDS)
        # With few virtual patients, too few may be like a case: computed all the same.
        assert state in ("done", "not_enough_known"), state
        seconds.append(time.perf_counter() - start)
    reader.close()
    return seconds


async def state_of(reader: Reader, page: str) -> str:
    """How far the futures of a page are."""
    return str(json.loads((await reader.ask(f"{page}.json")).text)["state"])
