"""A true server with the twelve cases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browser.answering import answering
from tests.web.board.board_cases import NAMES, store, store_futures


class Board:
    """A running server with the twelve cases, futures of two of them opened."""

    def __init__(self, address: str, app: Any) -> None:
        self.app = app
        self.ids = {name: store(app, name) for name in NAMES}
        from debulk.board.records import LOCAL_MEMBER

        for name in ("BC02", "BC03"):
            app.state.records.votes.open_futures(self.ids[name], by=LOCAL_MEMBER)
            store_futures(app, self.ids[name])
        self.home = address

    def __call__(self, name: str, part: str = "") -> str:
        """Address of a case, or of a part of it."""
        return f"{self.home}/board/cases/{self.ids[name]}{part}"


@contextmanager
def running_board(folder: Path, *, worker: bool = False) -> Iterator[Board]:
    """The server on a free loopback port; with `worker` its own process computes."""
    from debulk.web import WebSettings, create_app

    app = create_app(WebSettings(database=str(folder / "records.sqlite"), worker=worker))
    with answering(app) as address:
        yield Board(address, app)
