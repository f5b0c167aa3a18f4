"""How a server is started: where it listens, where it keeps its records."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from debulk.core.errors import InputError

_LOCAL_NAMES = ("localhost",)


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Settings of `create_app` and of ``debulk serve``.

    Attributes
    ----------
    host : str
        Address to listen on. Any but a loopback address needs accounts.
    port : int
        0 to 65535; 0 takes a free one.
    database : str or None
        Path or URL of the records; None is ``DEBULK_DATABASE``, or a file in the user's data
        folder.
    worker : bool
        Whether this process also runs the background worker.

    Raises
    ------
    InputError
        If the port is out of its range.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    database: str | None = None
    worker: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise InputError("--port", f"{self.port} is no port", "Give 0 to 65535")

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the address."""
        if self.host in _LOCAL_NAMES:
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False
