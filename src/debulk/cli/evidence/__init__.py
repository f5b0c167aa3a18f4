"""`debulk evidence`: what has been published, with its sources."""

import typer

from debulk.cli.evidence.cumulative import cumulative
from debulk.cli.evidence.curves import curves
from debulk.cli.evidence.forest import forest
from debulk.cli.evidence.funnel import funnel
from debulk.cli.evidence.listing import listing
from debulk.cli.evidence.map import map_
from debulk.cli.evidence.pooling import pool
from debulk.cli.evidence.reconstruction import reconstruct
from debulk.cli.evidence.searching import search
from debulk.cli.evidence.showing import show
from debulk.cli.plain_refusals import PlainGroup

app = typer.Typer(
    help="Published evidence: studies, how they are coded, every finding with its source; pooled "
    "and drawn.",
    cls=PlainGroup,
    no_args_is_help=True,
)
app.command("list")(listing)
app.command("show")(show)
app.command("search")(search)
app.command("pool")(pool)
app.command("forest")(forest)
app.command("funnel")(funnel)
app.command("cumulative")(cumulative)
app.command("map")(map_)
app.command("curves")(curves)
app.command("reconstruct")(reconstruct)
