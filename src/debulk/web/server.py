"""The server: listens, says where, and ends without losing anything."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.web.application import create_app
from debulk.web.settings import WebSettings

_GRACE_SECONDS = 3
_BACKLOG = 2048


class Server(uvicorn.Server):
    """Uvicorn's server, which ends its streams as soon as it is asked to stop.

    Parameters
    ----------
    config : uvicorn.Config
    app : FastAPI
    ready : callable
        Called once it answers.
    """

    def __init__(self, config: uvicorn.Config, app: FastAPI, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._app = app
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer."""
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Answer Ctrl-C or a request to end."""
        self._app.state.closing.set()
        super().handle_exit(sig, frame)


def serve(settings: WebSettings, ready: Callable[[str, FastAPI], None]) -> None:
    """Serve until somebody stops it.

    Parameters
    ----------
    settings : WebSettings
    ready : callable
        Called with the address and the application once it answers.

    Raises
    ------
    InputError
        If the address cannot be listened on, the records not be opened, or accounts are missing.
    KeyboardInterrupt
        If it was stopped with Ctrl-C; what ran goes on at the next start.
    """
    with listening(settings) as sock:
        address = address_of(settings, sock)
        app = create_app(settings, at_once=False)
        Server(config_of(app, settings), app, lambda: ready(address, app)).run(sockets=[sock])


def config_of(app: FastAPI, settings: WebSettings) -> uvicorn.Config:
    """How uvicorn serves: behind a proxy on this machine, whom and how it served is asked of it."""
    return uvicorn.Config(
        app,
        log_level="warning",
        # Addresses of cases and queries stand in no log.
        access_log=False,
        proxy_headers=settings.name is not None,
        server_header=False,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def listening(settings: WebSettings) -> socket.socket:
    """A socket that listens.

    Raises
    ------
    InputError
        If there is no such address, or its port is taken.
    """
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, place = found[0]
        made = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise _no_such_address(settings, error) from None
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(place)
        made.listen(_BACKLOG)
    except OSError as error:
        made.close()
        if error.errno == errno.EADDRINUSE:
            said = text("security.port_taken.found", port=settings.port, host=settings.host)
            raise InputError("--port", said, text("security.port_taken.remedy")) from None
        raise _no_such_address(settings, error) from None
    return made


def address_of(settings: WebSettings, sock: socket.socket) -> str:
    """The address to type into a browser."""
    if settings.name is not None:
        return f"https://{settings.name}"
    port = sock.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{port}"


def _no_such_address(settings: WebSettings, error: Exception) -> InputError:
    reason = getattr(error, "strerror", None) or str(error)
    where = "--port" if isinstance(error, PermissionError) else "--host"
    host = f"{settings.host:.80}"
    found = text("security.no_such_address.found", host=host, reason=reason)
    return InputError(where, found, text("security.no_such_address.remedy"))
