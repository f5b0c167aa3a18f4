"""What the board's pages need for a first case, made before somebody opens one."""

from __future__ import annotations

from debulk.board.discussion import discuss
from debulk.board.example_cases import example_cases
from debulk.web.templating import environment


def warm() -> None:
    """Read the packaged tables by discussing an invented case, and compile the templates."""
    discuss(example_cases()[0], with_futures=False)
    templates = environment()
    for name in templates.list_templates():
        templates.get_template(name)
