"""Commands on cohorts."""

from __future__ import annotations

import typer

app = typer.Typer(help="Commands on cohorts.", no_args_is_help=True)


@app.callback()
def _callback() -> None:
    """Commands on cohorts."""
