"""What commands share: messages on standard error, answers on standard output."""

from __future__ import annotations

import sys
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


def print_json(value: Any) -> None:
    """Print one JSON object on standard output and nothing else."""
    from debulk.core.files import json_text

    sys.stdout.write(json_text(value))
