"""`debulk cohort`: read anybody's patients, describe them, classify their extent of disease."""

import typer

from debulk.cli.cohort.describing import describe, extent
from debulk.cli.cohort.drafting import map_
from debulk.cli.cohort.reading import read
from debulk.cli.plain_refusals import PlainGroup

app = typer.Typer(
    help="Cohorts: read from other formats, describe, extent of disease.",
    cls=PlainGroup,
    no_args_is_help=True,
)
app.command("read")(read)
app.command("describe")(describe)
app.command("extent")(extent)
app.command("map")(map_)
