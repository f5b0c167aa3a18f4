"""What the pages of trials compute once: done in the background when the server starts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from debulk.protocols import packaged_protocols
from debulk.web.trials.answers import answer_of
from debulk.web.trials.protocols import entry_of
from debulk.web.trials.result_view import drawn_of
from debulk.web.trials.starting import start_from

_DESIGNS = (
    "",
    "looks=0.5+0.75+1&futility=hwang-shih-decani%3A-4&not_treated=0.05",
    "by=ratio&delay_months=6&looks=0.5+1",
)
"""One design of each kind: its kernels are ready before a reader asks."""


def steps() -> list[Callable[[], object]]:
    """Read every protocol, and answer and draw the designs a reader most likely begins with."""
    names = packaged_protocols()
    queries = (*_DESIGNS, *(start_from(name) for name in names))
    return [*(partial(entry_of, name) for name in names), *(partial(_draw, q) for q in queries)]


def _draw(query: str) -> None:
    drawn_of(answer_of(query))
