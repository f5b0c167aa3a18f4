"""A process that serves until it is killed, life after life.

Each line on standard input begins a life: a fork, so that importing is paid once. It prints its
process id and its port once it answers; ``ended`` follows its death.
"""

from __future__ import annotations

import importlib
import os
import sys

import uvicorn

from debulk.web import WebSettings, create_app
from debulk.web.preparing import PARTS, pages_of
from debulk.web.server import Server, listening
from debulk.web.settings import Limits


def say(line: str) -> None:
    # One call of the system, so that a killed process has said a line whole or not at all.
    os.write(1, f"{line}\n".encode())


def serve_until_killed(place: str) -> None:
    free = Limits(*[1e9] * 4)
    settings = WebSettings(port=0, database=place, worker=False, limits=free)
    with listening(settings) as sock:
        app = create_app(settings)
        told = f"{os.getpid()} {sock.getsockname()[1]}"
        config = uvicorn.Config(app, log_level="error")
        Server(config, app, lambda: say(told)).run(sockets=[sock])


def main() -> None:
    # What a first page loads, and no more: no thread of Polars may run before the fork.
    list(pages_of(PARTS))
    importlib.import_module("scipy.stats")
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            serve_until_killed(sys.argv[1])
            os._exit(0)
        os.waitpid(child, 0)
        say("ended")


if __name__ == "__main__":
    main()
