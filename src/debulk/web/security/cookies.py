"""The two cookies: who has signed in, and a random word for who has not."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from fastapi import Request
from starlette.responses import Response

SIGN_IN = "debulk-sign-in"
"""Holds the token of a sign-in; the records keep its hash alone."""

VISIT = "debulk-visit"
"""Holds a random word, so that the forms of somebody without a sign-in are bound to a browser."""

_LONGEST = 100


def cookie_of(request: Request, name: str) -> str:
    """A cookie's value; empty where there is none, or none that this server could have made."""
    value = request.cookies.get(name, "")
    return value if len(value) <= _LONGEST and value.isascii() else ""


def owed(request: Request) -> list[str]:
    """The ``Set-Cookie`` headers that an answer owes: of a first visit, of signing in or out.

    A page that signs somebody in puts the token on ``request.state.signed_in``; one that signs
    somebody out puts an empty text there.
    """
    made = Response()
    visit = getattr(request.state, "visit", "")
    if visit:
        _set(request, made, VISIT, visit)
    token = getattr(request.state, "signed_in", None)
    if token is not None:
        _set(request, made, SIGN_IN, token)
    return [value for name, value in made.headers.items() if name == "set-cookie"]


def _set(request: Request, response: Response, name: str, value: str) -> None:
    """A cookie that scripts cannot read and other sites cannot send; an empty one is taken back."""
    response.set_cookie(
        name,
        value,
        max_age=None if value else 0,
        path="/",
        httponly=True,
        samesite="strict",
        secure=is_secure(request),
    )


def is_secure(request: Request) -> bool:
    """Whether the browser is to send the cookie over an encrypted connection alone.

    A server that others reach without encryption has to be put behind a proxy that encrypts; until
    then nobody can sign in to it, which is meant.
    """
    return request.url.scheme == "https" or request.app.state.settings.is_open


def new_visit() -> str:
    """A random word that nobody can guess."""
    return secrets.token_urlsafe(24)


def token_of(secret: str) -> str:
    """The word a form must carry: made from the cookie, which it does not give away."""
    return hmac.new(secret.encode(), b"debulk form", hashlib.sha256).hexdigest()
