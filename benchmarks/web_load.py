"""The pages under load: fifty readers on the loopback, every page that simulates nothing.

A server of its own runs beside in a process with its own records (`benchmarks.web_site`): 1,000
invented cases, most of them with ten signed decisions, and an account under which the readers have
signed in. Sixty cases are opened by them, which is more than a server has discussed before somebody
asks; a quarter of those have futures that are computed and opened.

Pages are found as a reader would, by their links, at some addresses for each path of the OpenAPI
document; searches, filters and the last pages of lists are added. A path that no link leads to ends
the benchmark, but for what `LEFT_OUT` names. Each reader then asks for one page about every second
(exponential pauses), in an order of its own, which is quicker than anybody reads.

What is told is the time from the request to the last byte, seen by the reader; with the readers on
the same cores as the server it is an upper bound of the server's. The first time that an address is
asked for counts apart from the later ones.
"""

from __future__ import annotations

import asyncio
import html
import json
import os
import random
import re
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

from benchmarks.row import Row
from benchmarks.web_site import Filled, Reader, Size, fill, server

READERS = 50
SECONDS = 40.0
THINKING_SECONDS = 1.0
SETTLING_SECONDS = 10.0
"""In which a server that has started makes its pages ready."""
SEED = 1
SIZE = Size(cases=1_000, read=60, decisions_each=10, sign_ins=READERS)
LEFT_OUT = {
    "/admin/audit/check": "hashes every entry of the log, and nobody asks for it in a meeting",
    "/jobs/events": "a stream that ends with its runs",
}
MOST_OF_ONE = 6
"""Addresses for one path, those of a case not counted."""
MOST_SHOWN = 8
ROWS_A_PAGE = 50
LINK = re.compile(r'href="([^"#]+)')
ASKED = (
    "/board?page={last}",
    "/board?search=A",
    "/board?status=decided",
    "/board?status=decided&extent=multi_organ",
    "/board/decisions?page={last}",
    "/board/decisions?option=all_treatable",
    "/admin/audit?page={last}",
    "/admin/audit?action=decision+signed",
    "/admin/audit?case={case_id}",
    "/account/log?page=1",
    "/evidence?organ=liver",
    "/trials?q=liver",
)
"""What is asked of lists, each told as a page of its own."""


@dataclass
class Site:
    """Addresses by page, and those of the OpenAPI document that no link led to.

    `named` counts the pages of the document, `walked` the requests that found their addresses.
    """

    addresses: dict[str, list[str]] = field(default_factory=dict)
    named: int = 0
    walked: int = 0
    not_reached: list[str] = field(default_factory=list)


@dataclass
class Times:
    """Seconds of answers by page: of an address asked for the first time, and of the later ones."""

    first: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    later: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refused: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)

    async def ask(self, reader: Reader, page: str, address: str) -> str:
        """Ask and note how long it took; gives the answer's words."""
        kept = self.later if address in self.seen else self.first
        self.seen.add(address)
        start = time.perf_counter()
        answer = await reader.ask(address)
        kept[page].append(time.perf_counter() - start)
        if answer.status != 200:
            self.refused[f"{address} {answer.status}"] += 1
        return answer.text


def rows(
    size: Size = SIZE, seconds: float = SECONDS, settling_seconds: float = SETTLING_SECONDS
) -> list[Row]:
    """All pages together, what was opened first, the slowest pages, and an export."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "records.sqlite"
        filled = fill(place, size)
        with server(place) as (host, port):
            time.sleep(settling_seconds)
            site, times, export = asyncio.run(read_all(host, port, filled, size, seconds))
    if site.not_reached:
        raise RuntimeError(f"no link leads to {', '.join(site.not_reached)}")
    if times.refused:
        raise RuntimeError(f"refused: {times.refused.most_common(MOST_SHOWN)}")
    count = sum(len(each) for kept in (times.first, times.later) for each in kept.values())
    note = (
        f"{size.sign_ins} readers, {count - site.walked:,} requests in {seconds:g} s after a walk "
        f"of {site.walked}, none refused; load average {os.getloadavg()[0]:.1f}"
    )
    every = {
        page: [*times.later.get(page, ()), *times.first.get(page, ())]
        for page in (*times.later, *times.first)
    }
    left_out = "; ".join(f"left out: {page}, {why}" for page, why in LEFT_OUT.items())
    return [
        Row(f"pages reached, of {site.named}", "debulk", _reached(site), "pages", left_out),
        *_told("any page", every, note),
        *_told("any page, asked for before", times.later, note),
        *_told("any page, first time at its address", times.first, note),
        *_slowest(times.later),
        Row(f"export of {_decided(size):,} decided cases", "debulk", 1000 * export, "ms"),
    ]


def _reached(site: Site) -> int:
    return sum("?" not in page for page in site.addresses)


def _decided(size: Size) -> int:
    return size.cases - size.read // 2


def _told(what: str, seconds: dict[str, list[float]], note: str) -> list[Row]:
    every = [each for found in seconds.values() for each in found]
    worst = max(seconds, key=lambda page: max(seconds[page]))
    return [
        Row(f"{what}, median", "debulk", 1000 * quantile(every, 0.5), "ms", note),
        Row(f"{what}, 95th percentile", "debulk", 1000 * quantile(every, 0.95), "ms", note),
        Row(f"{what}, slowest", "debulk", 1000 * max(every), "ms", worst),
    ]


def _slowest(seconds: dict[str, list[float]]) -> list[Row]:
    slowest = sorted(seconds, key=lambda page: -quantile(seconds[page], 0.95))
    made = []
    for page in slowest[:MOST_SHOWN]:
        found = seconds[page]
        note = (
            f"median {1000 * quantile(found, 0.5):.0f} ms, slowest {1000 * max(found):.0f} ms, "
            f"{len(found)} requests"
        )
        what = f"page {page}, 95th percentile"
        made.append(Row(what, "debulk", 1000 * quantile(found, 0.95), "ms", note))
    return made


async def read_all(
    host: str, port: int, filled: Filled, size: Size, seconds: float
) -> tuple[Site, Times, float]:
    """What links lead to, what the readers saw, and the seconds of one export."""
    times = Times()
    first = Reader(host, port, filled.tokens[0])
    site = await crawl(first, filled.read, times)
    last = max(1, size.cases // ROWS_A_PAGE)
    site.addresses |= {each: [each.replace("{last}", str(last))] for each in ASKED}
    pages, end = list(site.addresses), time.perf_counter() + seconds

    async def read(number: int) -> None:
        order = random.Random(SEED + number)
        reader = Reader(host, port, filled.tokens[number])
        while time.perf_counter() < end:
            await asyncio.sleep(order.expovariate(1.0 / THINKING_SECONDS))
            page = order.choice(pages)
            address = order.choice(site.addresses[page])
            case_id = order.choice(filled.read)
            await times.ask(reader, page, address.replace("{case_id}", case_id))
        reader.close()

    await asyncio.gather(*(read(number) for number in range(len(filled.tokens))))
    start = time.perf_counter()
    answer = await first.post("/board/decisions")
    first.close()
    assert answer.content.startswith(b"PK"), answer.text
    return site, times, time.perf_counter() - start


async def crawl(reader: Reader, cases: tuple[str, ...], times: Times) -> Site:
    """Follow links from the pages that need nothing and from a case of each kind."""
    paths = json.loads((await reader.ask("/openapi.json")).text)["paths"]
    # The most precise first: /board/cases/new before /board/cases/{case_id}.
    names = sorted((_page_of(each) for each in paths if _is_page(each)), key=_precision)
    shapes = {each: re.compile(re.sub(r"{[^}]+}", "[^/]+", each)) for each in names}
    site = Site(named=len(names))
    found: dict[str, list[str]] = {}
    waiting = [*(each for each in names if "{" not in each), *_starts(cases)]
    while waiting:
        address = waiting.pop(0)
        path, mark, query = address.partition("?")
        name = next((each for each in names if shapes[each].fullmatch(path)), None)
        if name is None or path.endswith(".json"):
            continue
        kept = found.setdefault(name, [])
        # Any case stands for all; what is asked of its page is kept.
        pattern = f"{name}{mark}{query}" if "{case_id}" in name else address
        known = address in times.seen or len(kept) >= MOST_OF_ONE
        if known or (pattern in kept and address not in _starts(cases)):
            continue
        if pattern not in kept:
            kept.append(pattern)
        page = await times.ask(reader, name, address)
        links = (urljoin(address, html.unescape(link)) for link in LINK.findall(page))
        waiting += [each for each in links if each.startswith("/") and each not in times.seen]
    site.walked = len(times.seen)
    site.addresses = {name: kept for name, kept in found.items() if kept}
    site.not_reached = [name for name in names if name not in site.addresses]
    return site


def _starts(cases: tuple[str, ...]) -> list[str]:
    """A decided case and an open one: their pages lead to different ones."""
    return [f"/board/cases/{case}" for case in cases[:2]]


def _is_page(twin: str) -> bool:
    return twin.endswith(".json") and _page_of(twin) not in LEFT_OUT


def _page_of(twin: str) -> str:
    return "/" if twin == "/index.json" else twin.removesuffix(".json")


def _precision(name: str) -> int:
    return name.count("{")


def quantile(values: list[float], share: float) -> float:
    """The value that a share of the values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
