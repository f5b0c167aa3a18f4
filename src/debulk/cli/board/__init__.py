"""`debulk board`: one patient at the tumour board."""

import typer

from debulk.cli.board.show import show
from debulk.cli.plain_refusals import PlainGroup

app = typer.Typer(
    help="Tumour board: one patient, computed as the page shows it.",
    cls=PlainGroup,
    no_args_is_help=True,
)
app.command("show")(show)
