"""Who asks, by the cookie of a sign-in; on this machine without accounts, the one local member."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request

from debulk.board.records import Records
from debulk.web.security.cookies import SIGN_IN, cookie_of
from debulk.web.settings import WebSettings
from debulk.web.visitor import LOCAL, NOBODY, Visitor

BACKGROUND_HEADER = "x-debulk-background"
"""Sent by a page's own questions in the background, which do not keep a sign-in alive."""

_ASKED_AGAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Recognised:
    """Who asks.

    Attributes
    ----------
    visitor : Visitor
    token : str
        Of the sign-in; empty where there is none.
    seconds_left : int or None
        Until the sign-in ends if nothing more is asked.
    """

    visitor: Visitor
    token: str = ""
    seconds_left: int | None = None


class SignIns:
    """Recognises visitors.

    Parameters
    ----------
    records : Records
    settings : WebSettings
    clock : callable
        Seconds that only grow; tests give their own.
    """

    def __init__(
        self,
        records: Records,
        settings: WebSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._records = records
        self._settings = settings
        self._clock = clock
        self._accounts, self._asked_at = False, float("-inf")

    def have_accounts(self) -> bool:
        """Whether visitors need accounts, which is asked of the store every other second."""
        now = self._clock()
        if now - self._asked_at > _ASKED_AGAIN_SECONDS:
            self._accounts, self._asked_at = self._records.users.exist(), now
        return self._accounts

    def ask_again(self) -> None:
        """Ask the store at the next request, since an account was made or closed."""
        self._asked_at = float("-inf")

    def recognise(self, request: Request, *, accounts: bool) -> Recognised:
        """Who sent a request.

        A server that others can reach and whose last account was closed lets nobody in.
        """
        if not accounts:
            return Recognised(NOBODY if self._settings.is_open else LOCAL)
        token = cookie_of(request, SIGN_IN)
        if not token:
            return Recognised(NOBODY)
        touch = BACKGROUND_HEADER not in request.headers
        found = self._records.sign_ins.find(token, touch=touch)
        if found is None:
            return Recognised(NOBODY)
        visitor = Visitor(found.user.name, frozenset(found.user.roles))
        return Recognised(visitor, token, found.seconds_left)
