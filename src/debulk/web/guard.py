"""What every request passes before a page sees it, and every answer before a browser does.

In this order: how often the sender asked, whether the request names this server, how long its body
is, who asks, whether another site sent it. Then the page; then the headers, the cookies and, where
the program itself failed, an answer in words.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from debulk.web.errors import (
    Forged,
    Refused,
    TooMany,
    answer_to,
    logged_defect,
)
from debulk.web.security import cookies, forged, headers, hosts
from debulk.web.security.bodies import again, form_in, read_body
from debulk.web.security.limits import Buckets
from debulk.web.security.said import Sayings
from debulk.web.security.sign_ins import SignIns
from debulk.web.settings import WebSettings

PUBLIC = frozenset({"/login", "/login.json", "/help", "/help.json", "/about", "/about.json"})
"""What a server with accounts shows to who has not signed in, beside its assets and `/health`."""


SEE_OTHER = 303


class Guard:
    """Wraps the application.

    Parameters
    ----------
    app : ASGI application
    settings : WebSettings
    sign_ins : SignIns
        Who has signed in.
    sayings : Sayings
        What status lines have still to say.
    """

    def __init__(
        self, app: ASGIApp, *, settings: WebSettings, sign_ins: SignIns, sayings: Sayings
    ) -> None:
        self._app = app
        self._settings = settings
        self._sign_ins = sign_ins
        self._sayings = sayings
        limits = settings.limits
        self._addresses = Buckets(limits.address_per_second, limits.address_burst)
        self._accounts = Buckets(limits.account_per_second, limits.account_burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        request = Request(scope, receive)
        answering = _Answering(request, send, self._sayings)
        try:
            given = await self._admit(request)
            await self._app(scope, given, answering)
        except Exception as error:
            if answering.started:
                # Half an answer is out, and nothing can be said in it any more.
                logged_defect(error)
            else:
                await answer_to(request, error)(scope, receive, answering)

    async def _admit(self, request: Request) -> Receive:
        """Let a request in: returns the channel on which the page reads its body."""
        path = request.url.path
        if headers.is_asset(path) or path == "/health":
            return request.receive
        if "\0" in path or b"%00" in request.scope["query_string"]:
            # No word of this server holds one, and not every database can be asked for it.
            raise HTTPException(400)
        _take(self._addresses, request.client.host if request.client else "?")
        accounts = await run_in_threadpool(self._sign_ins.have_accounts)
        if not accounts and not self._settings.is_open:
            self._only_from_this_machine(request)
        body = await read_body(request, self._settings.limits.body_bytes)
        await self._recognise(request, accounts)
        if request.method not in forged.SAFE_METHODS:
            await self._not_forged(request, body)
        if not request.state.visitor.name and path not in PUBLIC:
            raise Refused
        return again(body, request.receive)

    def _only_from_this_machine(self, request: Request) -> None:
        """Without accounts everybody who gets in is the local member, so nobody else may."""
        if not hosts.names_this_server(request, self._settings):
            raise Forged("host")
        if hosts.came_through_a_proxy(request):
            raise Forged("proxy")

    async def _recognise(self, request: Request, accounts: bool) -> None:
        """Put the visitor on the request, and the word that its forms must carry."""
        state = request.state
        if accounts:
            found = await run_in_threadpool(self._sign_ins.recognise, request, accounts=True)
        else:
            found = self._sign_ins.recognise(request, accounts=False)
        state.visitor, state.sign_in_seconds = found.visitor, found.seconds_left
        if found.token:
            _take(self._accounts, found.visitor.name)
            state.csrf = cookies.token_of(found.token)
            return
        visit = cookies.cookie_of(request, cookies.VISIT)
        state.visit = "" if visit else cookies.new_visit()
        state.csrf = cookies.token_of(visit or state.visit)

    async def _not_forged(self, request: Request, body: bytes) -> None:
        """Refuse what another site let a browser send, and keep the form for the page."""
        if not forged.comes_from_here(request):
            raise Forged("origin")
        request.state.form = await form_in(request, body)
        sent = request.state.form.get(forged.TOKEN_FIELD, "")
        if not forged.carries(request, request.state.csrf, sent if isinstance(sent, str) else ""):
            raise Forged("token")


class _Answering:
    """The way out: headers and cookies are put on an answer as it starts."""

    def __init__(self, request: Request, send: Send, sayings: Sayings) -> None:
        self._request = request
        self._send = send
        self._sayings = sayings
        self.started = False

    async def __call__(self, message: Message) -> None:
        """Pass one message on."""
        if message["type"] == "http.response.start":
            self.started = True
            self._complete(message)
        await self._send(message)

    def _complete(self, message: Message) -> None:
        request, state = self._request, self._request.state
        found = MutableHeaders(raw=message.setdefault("headers", []))
        headers.add_headers(
            found, request.url.path, request.scope["query_string"], message["status"]
        )
        headers.keep_for_a_reader(found, state)
        for cookie in cookies.owed(request):
            found.append("Set-Cookie", cookie)
        said = getattr(state, "said", "")
        if said and message["status"] == SEE_OTHER:
            signed_in = getattr(state, "signed_in", None)
            self._sayings.put(cookies.token_of(signed_in) if signed_in else state.csrf, said)


def _take(buckets: Buckets, sender: str) -> None:
    seconds = buckets.take(sender)
    if seconds:
        raise TooMany(seconds)


def add_guard(app: FastAPI, settings: WebSettings, sign_ins: SignIns) -> None:
    """Put the guard around an application."""
    app.state.sayings = Sayings()
    parts: Mapping[str, object] = {
        "settings": settings,
        "sign_ins": sign_ins,
        "sayings": app.state.sayings,
    }
    app.add_middleware(Guard, **parts)  # type: ignore[arg-type]
