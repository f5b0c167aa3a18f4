"""What benchmarks of the pages share: full records, a server beside, a reader's connection."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from debulk.board.case import BoardCase
from debulk.board.decisions.decision import Decision, OptionConsidered, Vote
from debulk.board.example_cases import example_cases
from debulk.board.records import LOCAL_MEMBER, PROGRAM, Records, open_records
from debulk.board.settings import BoardSettings
from debulk.web.board.case_form.keeping import listed_of
from debulk.web.board.futures_state import KIND
from debulk.web.security.cookies import SIGN_IN, token_of

OPTIONS = ("systemic_alone", "all_treatable")
KEPT_FUTURES = Path(__file__).parents[1] / "tests" / "web" / "board" / "real_futures.json"
"""What the worker computed once for one of the packaged cases."""
ACCOUNT, PASSWORD = "reader", "correct horse battery"

SERVER = """
import sys
from debulk.web.jobs.workshop import Workshop
from debulk.web.server import serve
from debulk.web.settings import Limits, WebSettings
place, worker = sys.argv[1:]
Workshop.__init__.__kwdefaults__["command"] = (sys.executable, "-c", worker)
settings = WebSettings(port=0, database=place, worker=bool(worker), limits=Limits(*[1e9] * 4))
serve(settings, lambda address, app: print(address, flush=True))
"""


@dataclass(frozen=True)
class Size:
    """How much the records hold.

    Attributes
    ----------
    cases : int
        Each another invented patient's, told apart by its question, so that none is discussed
        before it is opened.
    read : int
        Those among them that readers open: every second one has no decision yet, and every fourth
        has its futures opened and computed.
    decisions_each : int
        Signed on each decided case, one a sitting; each can be exported.
    sign_ins : int
        One for each reader.
    """

    cases: int
    read: int
    decisions_each: int
    sign_ins: int


@dataclass(frozen=True)
class Filled:
    """The cases that readers open, the first of them decided, and a token for each reader."""

    read: tuple[str, ...]
    tokens: tuple[str, ...]


def fill(place: Path, size: Size) -> Filled:
    """Make the records that the readers read."""
    futures = json.loads(KEPT_FUTURES.read_text("utf-8"))
    examples = list(itertools.islice(itertools.cycle(example_cases()), size.cases))
    numbered = [
        dataclasses.replace(case, question=f"{case.question} (invented patient {number})")
        for number, case in enumerate(examples, start=1)
    ]
    with open_records(place) as records:
        ready = [(each.to_dict(), listed_of(each)) for each in numbered]
        stored = [each.case_id for each in records.cases.create_all(ready, by=LOCAL_MEMBER)]
        for number, (case_id, case) in enumerate(zip(stored, numbered, strict=True)):
            if number >= size.read or number % 2 == 0:
                decide(records, case_id, case, size.decisions_each)
            elif number % 4 == 1:
                records.votes.open_futures(case_id, by=LOCAL_MEMBER)
                records.jobs.add(
                    KIND, {"settings": BoardSettings().to_dict()}, by=LOCAL_MEMBER, case_id=case_id
                )
                job = records.jobs.claim_next("benchmark")
                assert job is not None
                records.jobs.finish(job.id, futures)
        tokens = sign_in(records, size.sign_ins)
    return Filled(tuple(stored[: size.read]), tokens)


def decide(records: Records, case_id: str, case: BoardCase, sittings: int) -> None:
    """Sign a decision at each sitting, in turn one option and the other."""
    for sitting in range(1, sittings + 1):
        taken = OPTIONS[sitting % 2]
        decision = Decision(
            case_id=case_id,
            case_version=1,
            board_months=case.board_months,
            options=tuple(OptionConsidered(each, each.replace("_", " ")) for each in OPTIONS),
            taken=taken,
            votes=(Vote("surgery", taken), Vote("medical_oncology", OPTIONS[0])),
            reasons="Every lesion can be reached in two sessions.",
            signed_role="board_member",
        )
        records.decisions.sign(
            case_id,
            decision.to_dict() | {"meeting_date": "2026-11-26", "review_date": None},
            chosen=taken,
            case_version=1,
            sitting=sitting,
            by=LOCAL_MEMBER,
        )


def sign_in(records: Records, count: int) -> tuple[str, ...]:
    """Tokens of one account that may read every page."""
    records.users.add(ACCOUNT, PASSWORD, ["administrator", "board member"], by=PROGRAM)
    return tuple(
        records.sign_ins.start(ACCOUNT, PASSWORD, address="benchmark") for _ in range(count)
    )


@contextmanager
def server(place: Path, *, worker: str = "") -> Iterator[tuple[str, int]]:
    """Host and port of a server with records of its own; its worker runs a program, if any."""
    command = [sys.executable, "-c", SERVER, str(place), worker]
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

    def __init__(self, host: str, port: int, token: str) -> None:
        self._host, self._port, self._token = host, port, token
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str) -> Answer:
        """The answer to a question."""
        return await self._answer(f"GET {path} HTTP/1.1", ())

    async def post(self, path: str, **fields: str) -> Answer:
        """The answer to a form, sent with the token that its page would have given."""
        body = urlencode(fields)
        headers = (
            f"X-CSRF-Token: {token_of(self._token)}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
        )
        return await self._answer(f"POST {path} HTTP/1.1", headers, body)

    async def _answer(self, first: str, headers: tuple[str, ...], body: str = "") -> Answer:
        """A connection that fell asleep is opened anew."""
        try:
            return await self._asked(first, headers, body)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.close()
            return await self._asked(first, headers, body)

    async def _asked(self, first: str, headers: tuple[str, ...], body: str) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        own = (f"Host: {self._host}:{self._port}", f"Cookie: {SIGN_IN}={self._token}")
        writer.write("\r\n".join([first, *own, *headers, "", body]).encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        told = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
        content = await reader.readexactly(int(told.get("content-length", 0)))
        if told.get("connection") == "close":
            self.close()
        return Answer(int(head.split(" ", 2)[1]), content)

    def close(self) -> None:
        """Give the connection back."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


@dataclass(frozen=True)
class Answer:
    """Status and body of an answer."""

    status: int
    content: bytes

    @property
    def text(self) -> str:
        """The body as words."""
        return self.content.decode("utf-8", "replace")
