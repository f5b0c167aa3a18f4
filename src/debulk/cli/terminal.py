"""What commands share: messages on standard error, answers on standard output."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

JsonOption = Annotated[
    bool,
    typer.Option(
        "--json", help="Print one JSON object on standard output; messages go to standard error."
    ),
]


def messages() -> Console:
    """Console for progress and messages: standard error."""
    from rich.console import Console

    return Console(stderr=True)


def answers() -> Console:
    """Console for answers: standard output."""
    from rich.console import Console

    return Console()


def figures_possible() -> bool:
    """Whether vl-convert, which turns charts into pictures, is installed; a message says if not."""
    from importlib.util import find_spec

    if find_spec("vl_convert") is not None:
        return True
    messages().print("No figures without vl-convert: pip install 'debulk[figures]'.")
    return False


def print_json(value: Any) -> None:
    """Print one JSON object on standard output and nothing else."""
    from debulk.core.files import json_text

    sys.stdout.write(json_text(value))


@contextlib.contextmanager
def progress_bar(console: Console, what: str, total: int) -> Iterator[Callable[[int, int], None]]:
    """Bar that counts what is done; it leaves no trace where the work ends in a complaint."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(what, total=total)
        try:
            yield lambda done, _: bar.update(task, completed=done)
        except BaseException:
            bar.live.transient = True
            raise


@contextlib.contextmanager
def share_bar(console: Console, what: str) -> Iterator[Callable[[float], None]]:
    """Bar that shows the share of the work done; it goes when the work ends."""
    if not console.is_interactive:
        # Where nobody watches, Rich would leave an empty line before any complaint.
        yield lambda share: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(what), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share: bar.update(task, completed=share)
