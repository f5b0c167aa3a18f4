"""Requests that another site lets a browser send: told by where they come from, and by the token.

`Referrer-Policy: no-referrer` makes browsers send ``Origin: null`` with this server's own forms; so
null tells nothing, and the token decides.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from fastapi import Request

TOKEN_HEADER = "x-csrf-token"
TOKEN_FIELD = "csrf"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def comes_from_here(request: Request) -> bool:
    """Whether nothing says that a page of another site sent it."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin", "null")
    if origin == "null":
        return True
    try:
        return urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()
    except ValueError:
        return False


def carries(request: Request, token: str, sent: str) -> bool:
    """Whether the header, or the field that was sent, is the token of this browser."""
    given = request.headers.get(TOKEN_HEADER, "") or sent
    return bool(token) and hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())
