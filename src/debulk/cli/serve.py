"""`debulk serve`: the tumour board and the explorers as pages in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from debulk.cli.plain_refusals import TOLD
from debulk.cli.terminal import messages

if TYPE_CHECKING:
    from fastapi import FastAPI


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; any but this machine's own needs accounts.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8000,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="PATH_OR_URL",
            help="Where cases and decisions are kept: a file, or a PostgreSQL URL. "
            "By default DEBULK_DATABASE, or a file in your folder for data.",
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            help="Host name under which a proxy on this machine that encrypts shows the server to "
            "others; needs accounts."
        ),
    ] = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave long runs to another server.")
    ] = False,
    open_: Annotated[bool, typer.Option("--open", help="Open the first page.")] = False,
) -> None:
    """Serve the tumour board, the trial designer and the explorers as pages, until Ctrl-C.

    No page asks another host for anything. The address of this machine alone (127.0.0.1) needs
    no accounts.
    """
    _need_web()
    from debulk.web.server import serve as serve_pages
    from debulk.web.settings import WebSettings

    settings = WebSettings(host, port, database, worker=not no_worker, name=name)
    console = messages()

    def ready(address: str, app: FastAPI) -> None:
        from debulk.core.strings import text

        print(text("security.serving.at", address=address), flush=True)
        console.print(text("security.serving.records", place=app.state.records.place))
        if settings.is_open:
            console.print(text("security.serving.open"))
        if open_:
            import webbrowser

            webbrowser.open(address)

    try:
        serve_pages(settings, ready)
    except KeyboardInterrupt as stop:
        console.print("Stopped. Nothing was lost; runs go on at the next start.")
        stop.add_note(TOLD)
        raise


def _need_web() -> None:
    """Say what to install where the pages' own packages are missing."""
    from importlib.util import find_spec

    from debulk.core.errors import InputError

    for package in ("fastapi", "uvicorn", "sqlalchemy", "multipart", "argon2"):
        if find_spec(package) is None:
            remedy = "Install what the pages need: pip install 'debulk[web]'"
            raise InputError("debulk serve", f"{package} is not installed", remedy)
