"""What the board's pages need for a first case, made before somebody opens one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from debulk.board.discussion import discuss
from debulk.board.example_cases import example_cases
from debulk.board.records import Records
from debulk.web.board.meeting_case import make_ready
from debulk.web.templating import environment

_OPENED = 20
"""Cases that a meeting is likely to open: those that changed last."""


def steps(records: Records) -> list[Callable[[], object]]:
    """Read the packaged tables by discussing an invented case, then the cases that changed last."""
    templates = environment()
    names = templates.list_templates()
    return [
        _discuss,
        *(partial(templates.get_template, name) for name in names),
        *(partial(make_ready, records, each) for each in records.cases.changed_last(_OPENED)),
    ]


def _discuss() -> None:
    discuss(example_cases()[0], with_futures=False)
