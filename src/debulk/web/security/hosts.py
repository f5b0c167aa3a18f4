"""Whether a request was meant for this server: its Host against rebinding of names.

A page of another site can let its own name point at 127.0.0.1 and then read this server as if it
were that site. Its requests carry that site's name in Host. Where accounts exist, such a page finds
no cookie and so no patient; where none do, the name is all there is to tell.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request

from debulk.web.settings import WebSettings

_FORWARDED = (
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def names_this_server(request: Request, settings: WebSettings) -> bool:
    """Whether Host is a name of this machine, the address the request came to, or the proxy's."""
    host = host_of(request.headers.get("host", ""))
    # What the socket says, which a sender cannot choose.
    arrived_at = str((request.scope.get("server") or ("",))[0]).lower()
    known = _LOOPBACK | {arrived_at, settings.host.lower(), (settings.name or "").lower()}
    return bool(host) and host in known


def came_through_a_proxy(request: Request) -> bool:
    """Whether a proxy says that it passed the request on; one that says nothing cannot be told."""
    return any(name in request.headers for name in _FORWARDED)


def host_of(value: str) -> str:
    """The name in a Host header, without its port; empty where it holds anything else."""
    try:
        parts = urlsplit(f"//{value}")
        if parts.path or parts.query or parts.fragment or "@" in value:
            return ""
        return (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""
