"""The tree of commands; each command imports what it computes with only when it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from debulk import __version__
from debulk.cli import cohort, trial
from debulk.cli.board import app as board
from debulk.cli.disease import app as disease
from debulk.cli.emulate import app as emulate
from debulk.cli.evidence import app as evidence
from debulk.cli.plain_refusals import PlainGroup
from debulk.cli.qualify import qualify
from debulk.cli.retrodict import retrodict
from debulk.cli.score import score
from debulk.cli.serve import serve
from debulk.cli.survival import survival

app = typer.Typer(
    name="debulk",
    help=(
        "Does local treatment of metastases, added to systemic therapy, prolong life in "
        "metastatic colorectal cancer, and for whom? Research use; not a medical device."
    ),
    cls=PlainGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(trial.app, name="trial")
app.add_typer(disease, name="disease")
app.add_typer(cohort.app, name="cohort")
app.add_typer(emulate, name="emulate")
app.add_typer(evidence, name="evidence")
app.add_typer(board, name="board")
app.command("survival")(survival)
app.command("score")(score)
app.command("retrodict")(retrodict)
app.command("serve")(serve)
app.command("qualify")(qualify)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"debulk {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    del version
