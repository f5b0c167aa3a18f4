"""Chunks computed by the workers of an existing Dask cluster.

Which chunks there are, and what is in them, depends on the settings alone. So a chunk whose worker
is lost is computed again by another, and it does not matter which.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import re
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from debulk.core.compiled import use_threads
from debulk.core.errors import InputError
from debulk.trials.running.identity import difference, identity
from debulk.trials.running.parcel import unpack

CONNECT_SECONDS = 10.0
"""How long an address may take to answer."""

NO_WORKER_SECONDS = 60.0
"""How long a run waits while the cluster has no worker."""

AHEAD = 2
"""Chunks handed out at a time for each thread of the cluster."""

_PAUSE_SECONDS = 0.05
_LOOK_SECONDS = 1.0

Part = tuple[int, int]
"""First number and count of a chunk's trials or points."""
Compute = Callable[[Any, int, int], Any]
"""From the settings and a part to the chunk; a function of an installed module."""


def compute_on_cluster(
    address: str,
    compute: Compute,
    parcel: bytes,
    parts: Sequence[Part],
    keep: Callable[[Part, Any], None],
) -> None:
    """Compute parts on a cluster; each is kept as soon as it is finished, in any order.

    Parameters
    ----------
    address : str
        Of the scheduler, for instance ``tcp://10.0.0.5:8786``.
    compute : callable
        Makes a chunk of the unpacked parcel, a first number and a count.
    parcel : bytes
        The settings, from `debulk.trials.running.parcel.pack`.
    parts : sequence of (first, count)
    keep : callable
        Called with a part and its chunk. When the run is interrupted, what is finished is kept,
        and what has not begun is cancelled.

    Raises
    ------
    InputError
        If the cluster does not answer, a worker has another version of the program, every worker
        is lost for `NO_WORKER_SECONDS`, or a chunk loses one worker after another.
    """
    if not parts:
        return
    with _connected(address) as client:
        _check_workers(client)
        _Run(client, address, compute, parcel, list(parts), keep).to_the_end()


def check_cluster(address: str) -> None:
    """Refuse a cluster that does not answer or has another version of the program.

    Parameters
    ----------
    address : str
        Of the scheduler.

    Raises
    ------
    InputError
        With the worker that differs.
    """
    with _connected(address) as client:
        _check_workers(client)


def on_worker(compute: Compute, here: dict[str, str], parcel: bytes, first: int, count: int) -> Any:
    """One chunk, in a worker: on one thread, and only with the same program.

    Parameters
    ----------
    compute : callable
        Makes the chunk.
    here : dict of str to str
        Identity of the program that asks.
    parcel : bytes
        The settings.
    first, count : int
        Which trials or points.

    Raises
    ------
    InputError
        If the program here is another one.
    """
    differs = difference(here, identity())
    if differs:
        raise _differing("a worker", differs)
    use_threads(1)
    return compute(unpack(parcel), first, count)


@dataclass
class _Run:
    """The parts of one run: waiting, handed out, kept."""

    client: Any
    address: str
    compute: Compute
    parcel: bytes
    waiting: list[Part]
    keep: Callable[[Part, Any], None]
    out: dict[Part, Any] = field(default_factory=dict)
    threads: int = 0
    seen: float = field(default_factory=time.monotonic)
    looked: float = -_LOOK_SECONDS
    name: str = field(default_factory=lambda: f"debulk-{uuid.uuid4().hex}")

    def to_the_end(self) -> None:
        self.waiting.reverse()
        try:
            while self.waiting or self.out:
                self._look()
                self._hand_out()
                if not self._take_in():
                    time.sleep(_PAUSE_SECONDS)
        except BaseException:
            self._stop()
            raise

    def _look(self) -> None:
        """How many threads there are; without any for too long, give up."""
        now = time.monotonic()
        if now - self.looked < _LOOK_SECONDS:
            return
        self.looked = now
        self.threads = _threads(self.client)
        if self.threads:
            self.seen = now
        elif now - self.seen > NO_WORKER_SECONDS:
            raise InputError(
                f"cluster {self.address}",
                f"has had no worker for {NO_WORKER_SECONDS:g} seconds",
                "Start workers and run the same command again; it resumes in the same folder",
            )

    def _hand_out(self) -> None:
        while self.waiting and len(self.out) < AHEAD * self.threads:
            part = self.waiting.pop()
            self.out[part] = self.client.submit(
                on_worker,
                self.compute,
                identity(),
                self.parcel,
                *part,
                key=f"{self.name}-{part[0]}-{uuid.uuid4().hex[:8]}",
                pure=False,
            )

    def _take_in(self) -> bool:
        ready = [part for part, future in self.out.items() if future.done()]
        for part in ready:
            future = self.out.pop(part)
            if future.status in ("cancelled", "lost"):  # the scheduler has forgotten it
                self.waiting.append(part)
                continue
            self.keep(part, self._result(part, future))
        return bool(ready)

    def _result(self, part: Part, future: Any) -> Any:
        try:
            return future.result()
        except _module("distributed").KilledWorker as error:
            raise InputError(
                f"cluster {self.address}",
                f"the chunk from {part[0]} on lost one worker after another",
                "Give the workers more memory, or see their logs; the same command resumes",
            ) from error

    def _stop(self) -> None:
        """Keep what is finished, cancel the rest."""
        with contextlib.suppress(Exception):
            for part, future in self.out.items():
                if future.status == "finished":
                    self.keep(part, future.result(timeout=_LOOK_SECONDS))
            self.client.cancel(list(self.out.values()))


@contextlib.contextmanager
def _connected(address: str) -> Iterator[Any]:
    try:
        distributed = _module("distributed")
    except ImportError:
        raise InputError(
            "--cluster",
            "needs the package distributed, which is not installed",
            'Install the extra: pip install "debulk[cluster]"',
        ) from None
    _knock(address)
    try:
        client = distributed.Client(
            address, timeout=CONNECT_SECONDS, set_as_default=False, name="debulk"
        )
    except (OSError, ValueError, TypeError) as error:
        raise _silent(address, error) from error
    try:
        yield client
    finally:
        # A scheduler that is gone cannot be told.
        with contextlib.suppress(OSError, RuntimeError):
            client.close(timeout=CONNECT_SECONDS)


def _knock(address: Any) -> None:
    """Refuse at once what is no address, or where nothing listens."""
    found = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
    if found is None or int(found["port"]) > _LAST_PORT:
        raise InputError("--cluster", f"{address!r} is no address", _EXAMPLE)
    try:
        socket.create_connection(
            (found["host"].strip("[]"), int(found["port"])), timeout=CONNECT_SECONDS
        ).close()
        # A client waits for ever for the greeting of a program that is no scheduler. A thread of
        # its own, since a notebook's has a loop already.
        with ThreadPoolExecutor(1) as aside:
            kind = aside.submit(asyncio.run, _greeted(address)).result()
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise _silent(address, error) from error
    if kind != "Scheduler":
        raise InputError("--cluster", f"{address} is a Dask {kind.lower()}", _EXAMPLE)


async def _greeted(address: str) -> str:
    """What kind of Dask program answers."""
    security = _module("distributed.security").Security()

    async def ask() -> str:
        arguments = security.get_connection_args("client")
        comm = await _module("distributed.comm").connect(address, **arguments)
        try:
            await comm.write({"op": "identity", "reply": True})
            return str((await comm.read())["type"])
        finally:
            comm.abort()

    try:
        return await asyncio.wait_for(ask(), CONNECT_SECONDS)
    except TimeoutError:
        raise OSError(f"no greeting within {CONNECT_SECONDS:g} seconds") from None


def _silent(address: str, error: Exception) -> InputError:
    lines = str(error).strip().splitlines()
    reason = lines[0][:120] if lines else type(error).__name__
    return InputError("--cluster", f"no Dask scheduler answers at {address} ({reason})", _EXAMPLE)


_ADDRESS = re.compile(
    r"(tcp|tls|ws|wss)://(?P<host>\[[0-9a-fA-F:.]+\]|[^\s/:\[\]]+):(?P<port>[0-9]{1,5})/?", re.ASCII
)
_LAST_PORT = 65535
_EXAMPLE = "Give the address its scheduler prints, for instance tcp://10.0.0.5:8786"


def _check_workers(client: Any) -> None:
    """Refuse a cluster with a worker that has another version of the program."""
    here = identity()
    found = client.run(identity, on_error="return")
    for worker, there in sorted(found.items()):
        if isinstance(there, OSError):  # lost just now
            continue
        if isinstance(there, BaseException):  # most of all: no such module
            raise _differing(f"worker {worker}", f"no debulk {here['debulk']} ({there})")
        differs = difference(here, there)
        if differs:
            raise _differing(f"worker {worker}", differs)


def _differing(worker: str, differs: str) -> InputError:
    return InputError(
        "--cluster",
        f"{worker} has {differs}",
        "Install the same versions on every worker and restart it",
    )


def _threads(client: Any) -> int:
    try:
        return sum(client.nthreads().values())
    except (OSError, RuntimeError, ValueError):  # no connection to the scheduler
        return 0


def _module(name: str) -> Any:
    """A module of the extra, whose types are not all given."""
    return importlib.import_module(name)
