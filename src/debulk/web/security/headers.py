"""Headers of every answer: what a browser may do with it, and whether it may keep it."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders, State

from debulk import __version__

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
    ),
}

ASSETS = ("/static/", "/charts/")
"""Packaged files: the same for everybody, without a patient."""

_ONE_YEAR_SECONDS = 31_536_000


def is_asset(path: str) -> bool:
    """Whether an address is a packaged file's."""
    return path.startswith(ASSETS)


def add_headers(headers: MutableHeaders, path: str, query: bytes, status: int) -> None:
    """Put the headers of safety and of keeping on an answer."""
    for name, value in HEADERS.items():
        headers[name] = value
    headers["Cache-Control"] = _keeping(path, query, status)


def keep_for_a_reader(headers: MutableHeaders, state: State) -> None:
    """Let a browser keep a page that shows no patient, where nobody needs an account."""
    visitor = getattr(state, "visitor", None)
    if getattr(state, "patient_page", True) is False and getattr(visitor, "local", False):
        headers["Cache-Control"] = "private, no-cache"


def _keeping(path: str, query: bytes, status: int) -> str:
    if is_asset(path) and status == 200:
        versioned = query == f"v={__version__}".encode()
        return f"public, max-age={_ONE_YEAR_SECONDS}, immutable" if versioned else "no-cache"
    return "no-store"
