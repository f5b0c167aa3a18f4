"""`debulk evidence`: what has been published, with its sources."""

import typer

from debulk.cli.evidence.listing import listing
from debulk.cli.evidence.searching import search
from debulk.cli.evidence.showing import show

app = typer.Typer(
    help="Published evidence: studies, how they are coded, every finding with its source.",
    no_args_is_help=True,
)
app.command("list")(listing)
app.command("show")(show)
app.command("search")(search)
