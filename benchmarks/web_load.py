"""The pages under load: fifty readers on the loopback, every page that simulates nothing.

A server of its own runs beside in a process with its own records, in which the packaged examples of
cases are loaded where there are any. Pages are found as a reader would, by their links, one for
each address of the OpenAPI document. Each reader then asks for one page about every second, in an
order of its own. What is told is the time from the request to the last byte, seen by the reader;
with the readers on the same cores as the server it is an upper bound of the server's.
"""

from __future__ import annotations

import asyncio
import html
import json
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
from urllib.parse import urlencode

from benchmarks.row import Row

READERS = 50
SECONDS = 40.0
THINKING_SECONDS = 1.0
SEED = 1
MOST_CRAWLED = 150
MOST_SHOWN = 8
TOKEN = re.compile(r'name="csrf" content="([0-9a-f]+)"')
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
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (host, port):
        seconds, wrong = asyncio.run(load(host, port))
    every = [each for found in seconds.values() for each in found]
    slowest = sorted(seconds, key=lambda page: -quantile(seconds[page], 0.95))
    note = f"{READERS} readers, {len(every):,} requests in {SECONDS:g} s, {wrong} refused"
    made = [
        Row("any page, median", "debulk", 1000 * quantile(every, 0.5), "ms", note),
        Row("any page, 95th percentile", "debulk", 1000 * quantile(every, 0.95), "ms", note),
    ]
    for page in slowest[:MOST_SHOWN]:
        found = seconds[page]
        median = f"median {1000 * quantile(found, 0.5):.0f} ms of {len(found)} requests"
        what = f"page {page}, 95th percentile"
        made.append(Row(what, "debulk", 1000 * quantile(found, 0.95), "ms", median))
    return made


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, int]]:
    """Host and port of a server with records of its own."""
    command = [sys.executable, "-c", SERVER, str(folder / "records.sqlite")]
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

    async def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and body of an answer; a connection that fell asleep is opened anew."""
        try:
            return await self._ask(path, form)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.close()
            return await self._ask(path, form)

    async def _ask(self, path: str, form: dict[str, str] | None) -> tuple[int, str]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        body = urlencode(form or {}).encode()
        lines = [f"{'POST' if form else 'GET'} {path} HTTP/1.1", f"Host: {self._host}:{self._port}"]
        if self._cookie:
            lines.append(f"Cookie: {self._cookie}")
        if form:
            lines.append("Content-Type: application/x-www-form-urlencoded")
        lines += [f"Content-Length: {len(body)}", "", ""]
        writer.write("\r\n".join(lines).encode() + body)
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


async def load(host: str, port: int) -> tuple[dict[str, list[float]], int]:
    """Seconds of every answer by page, and how many answers were none."""
    pages = await crawl(Reader(host, port))
    seconds: dict[str, list[float]] = defaultdict(list)
    wrong = 0
    end = time.perf_counter() + SECONDS

    async def read(number: int) -> None:
        nonlocal wrong
        order, reader = random.Random(SEED + number), Reader(host, port)
        while time.perf_counter() < end:
            await asyncio.sleep(order.expovariate(1.0 / THINKING_SECONDS))
            page = order.choice(list(pages))
            start = time.perf_counter()
            status, _ = await reader.ask(pages[page])
            seconds[page].append(time.perf_counter() - start)
            wrong += status != 200
        reader.close()

    await asyncio.gather(*(read(number) for number in range(READERS)))
    return dict(seconds), wrong


async def crawl(reader: Reader) -> dict[str, str]:
    """An address for each page of the OpenAPI document that links lead to."""
    _, first = await reader.ask("/")
    found = TOKEN.search(first)
    assert found is not None
    await reader.ask("/board", {"csrf": found[1], "action": "examples"})
    _, document = await reader.ask("/openapi.json")
    twins = [each for each in json.loads(document)["paths"] if each.endswith(".json")]
    names = ["/" if each == "/index.json" else each.removesuffix(".json") for each in twins]
    # The most precise first: /board/cases/new before /board/cases/{id}.
    names.sort(key=lambda each: each.count("{"))
    shapes = {each: re.compile(re.sub(r"{[^}]+}", "[^/]+", each)) for each in names}
    pages: dict[str, str] = {}
    waiting = ["/", *(each for each in names if "{" not in each)]
    seen: set[str] = set()
    while waiting and len(seen) < MOST_CRAWLED:
        address = waiting.pop(0)
        if address in seen:
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
