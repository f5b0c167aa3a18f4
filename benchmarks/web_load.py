"""The pages under load: fifty readers on the loopback, every page that simulates nothing.

A server of its own runs beside in a process with its own records: the packaged examples over and
over as 1,000 cases with ten signed decisions each, and twelve that are open. Pages are found as a
reader would, by their links, one for each address of the OpenAPI document; a page of a case is
asked for in the twelve.
The check of the audit log is left out: it hashes every entry, and nobody asks for it in a meeting.
Each reader then asks for one page about every second (exponential pauses), in an order of its own,
which is quicker than anybody reads. What is told is the time from the request to the last byte,
seen by the reader; with the readers on the same cores as the server it is an upper bound of the
server's.
"""

from __future__ import annotations

import asyncio
import html
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.row import Row
from debulk.board.example_cases import example_cases
from debulk.board.records import LOCAL_MEMBER, open_records
from debulk.web.board.case_form.keeping import listed_of

READERS = 50
SECONDS = 40.0
THINKING_SECONDS = 1.0
SETTLING_SECONDS = 10.0
"""In which a server that has started makes its pages ready."""
SEED = 1
CASES, DECISIONS_EACH = 1_000, 10
CASES_READ = 12
LEFT_OUT = "/admin/audit/check"
MOST_CRAWLED = 150
MOST_SHOWN = 8
LINK = re.compile(r'href="(/[^"#]*)"')

SERVER = """
import sys
from debulk.web.server import serve
from debulk.web.settings import Limits, WebSettings
free = Limits(address_per_second=1e9, address_burst=1e9)
settings = WebSettings(port=0, database=sys.argv[1], worker=False, limits=free)
serve(settings, lambda address, app: print(address, flush=True))
"""


def rows() -> list[Row]:
    """The slowest pages, and all of them together."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "records.sqlite"
        cases = fill(place)
        with server(place) as (host, port):
            time.sleep(SETTLING_SECONDS)
            seconds, wrong = asyncio.run(load(host, port, cases))
    every = [each for found in seconds.values() for each in found]
    slowest = sorted(seconds, key=lambda page: -quantile(seconds[page], 0.95))
    note = (
        f"{READERS} readers, {len(every):,} requests in {SECONDS:g} s, {wrong} refused; "
        f"load average {os.getloadavg()[0]:.1f}"
    )
    made = [
        Row("any page, median", "debulk", 1000 * quantile(every, 0.5), "ms", note),
        Row("any page, 95th percentile", "debulk", 1000 * quantile(every, 0.95), "ms", note),
        Row("any page, slowest", "debulk", 1000 * max(every), "ms", note),
    ]
    for page in slowest[:MOST_SHOWN]:
        found = seconds[page]
        median = (
            f"median {1000 * quantile(found, 0.5):.0f} ms, slowest {1000 * max(found):.0f} ms, "
            f"{len(found)} requests"
        )
        what = f"page {page}, 95th percentile"
        made.append(Row(what, "debulk", 1000 * quantile(found, 0.95), "ms", median))
    return made


def fill(place: Path) -> list[str]:
    """Make the records that the readers read; gives the cases they open."""
    examples = example_cases()
    chosen = itertools.cycle(("randomise", "treat", "not_treat"))
    with open_records(place) as records:
        ready = [(each.to_dict(), listed_of(each)) for each in examples]
        every = itertools.islice(itertools.cycle(ready), CASES + CASES_READ)
        stored = records.cases.create_all(list(every), by=LOCAL_MEMBER)
        for case in stored[CASES_READ:]:
            for sitting in range(1, DECISIONS_EACH + 1):
                records.decisions.sign(
                    case.case_id,
                    {"case_id": case.case_id, "agreement": 0.8},
                    chosen=next(chosen),
                    case_version=1,
                    sitting=sitting,
                    by=LOCAL_MEMBER,
                )
    return [each.case_id for each in stored[:CASES_READ]]


@contextmanager
def server(place: Path) -> Iterator[tuple[str, int]]:
    """Host and port of a server with records of its own."""
    command = [sys.executable, "-c", SERVER, str(place)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        host, port = address.removeprefix("http://").rsplit(":", 1)
        yield host, int(port)
    finally:
        process.terminate()
        process.communicate(timeout=20)


class Reader:
    """One connection that is kept, as a browser keeps it."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._cookie = ""
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str) -> tuple[int, str]:
        """Status and body of an answer; a connection that fell asleep is opened anew."""
        try:
            return await self._ask(path)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.close()
            return await self._ask(path)

    async def _ask(self, path: str) -> tuple[int, str]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        lines = [f"GET {path} HTTP/1.1", f"Host: {self._host}:{self._port}"]
        if self._cookie:
            lines.append(f"Cookie: {self._cookie}")
        writer.write("\r\n".join([*lines, "", ""]).encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
        found = re.search(r"(?im)^set-cookie: ([^;]+)", head)
        self._cookie = found[1] if found else self._cookie
        content = await reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection") == "close":
            self.close()
        return int(head.split(" ", 2)[1]), content.decode("utf-8", "replace")

    def close(self) -> None:
        """Give the connection back."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def load(host: str, port: int, cases: list[str]) -> tuple[dict[str, list[float]], int]:
    """Seconds of every answer by page, and how many answers were none."""
    pages = await crawl(Reader(host, port), cases[0])
    seconds: dict[str, list[float]] = defaultdict(list)
    wrong = 0
    end = time.perf_counter() + SECONDS

    async def read(number: int) -> None:
        nonlocal wrong
        order, reader = random.Random(SEED + number), Reader(host, port)
        while time.perf_counter() < end:
            await asyncio.sleep(order.expovariate(1.0 / THINKING_SECONDS))
            page = order.choice(list(pages))
            address = pages[page].replace(cases[0], order.choice(cases))
            start = time.perf_counter()
            status, _ = await reader.ask(address)
            seconds[page].append(time.perf_counter() - start)
            wrong += status != 200
        reader.close()

    await asyncio.gather(*(read(number) for number in range(READERS)))
    return dict(seconds), wrong


async def crawl(reader: Reader, case: str) -> dict[str, str]:
    """An address for each page of the OpenAPI document that links lead to, of one case."""
    _, document = await reader.ask("/openapi.json")
    twins = [each for each in json.loads(document)["paths"] if each.endswith(".json")]
    twins.remove(f"{LEFT_OUT}.json")
    names = ["/" if each == "/index.json" else each.removesuffix(".json") for each in twins]
    # The most precise first: /board/cases/new before /board/cases/{id}.
    names.sort(key=lambda each: each.count("{"))
    shapes = {each: re.compile(re.sub(r"{[^}]+}", "[^/]+", each)) for each in names}
    pages: dict[str, str] = {}
    waiting = ["/", f"/board/cases/{case}", *(each for each in names if "{" not in each)]
    seen: set[str] = set()
    while waiting and len(seen) < MOST_CRAWLED:
        address = waiting.pop(0)
        if address in seen or address.split("?")[0].endswith(".json"):
            continue
        seen.add(address)
        name = next((n for n in names if shapes[n].fullmatch(address.split("?")[0])), None)
        if name is None or (name in pages and "{" in name):
            continue
        status, page = await reader.ask(address)
        if status == 200:
            pages.setdefault(name, address)
            waiting += [html.unescape(link) for link in LINK.findall(page)]
    reader.close()
    return pages


def quantile(values: list[float], share: float) -> float:
    """The value that a share of the values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
