"""What the board's pages need for a first case, made before somebody opens one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from debulk.board.discussion import discuss
from debulk.board.example_cases import example_cases
from debulk.web.templating import environment


def steps() -> list[Callable[[], object]]:
    """Read the packaged tables by discussing an invented case, and compile the templates."""
    templates = environment()
    names = templates.list_templates()
    return [_discuss, *(partial(templates.get_template, name) for name in names)]


def _discuss() -> None:
    discuss(example_cases()[0], with_futures=False)
