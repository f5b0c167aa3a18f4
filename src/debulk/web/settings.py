"""How a server is started: where it listens, where it keeps its records, how much it takes."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from debulk.core.errors import InputError
from debulk.core.strings import text

_LOCAL_NAMES = ("localhost",)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a server takes from one sender before it answers 429 or 413.

    Attributes
    ----------
    address_per_second, address_burst : float
        Requests a second that one address may keep up, and how many it may send at once. A whole
        department may stand behind one address.
    account_per_second, account_burst : float
        The same for one account.
    body_bytes : int
        Longest body of a request: a form, or an imported file.
    streams : int
        Streams of progress that are open at one time; beyond them pages ask every 3 seconds.
    """

    address_per_second: float = 100.0
    address_burst: float = 1_000.0
    account_per_second: float = 30.0
    account_burst: float = 300.0
    body_bytes: int = 8 * 2**20
    streams: int = 100


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
        Whether this server also runs the background worker.
    name : str or None
        Host name under which a proxy on this machine shows the server to others; needs accounts.
    limits : Limits

    Raises
    ------
    InputError
        If the port is out of its range.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    database: str | None = None
    worker: bool = True
    name: str | None = None
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            found = text("security.port.found", port=self.port)
            raise InputError("--port", found, text("security.port.remedy"))

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the address."""
        if self.host in _LOCAL_NAMES:
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def is_open(self) -> bool:
        """Whether other machines can reach the server, itself or through a proxy."""
        return not self.is_loopback or self.name is not None
