"""`debulk disease`: what the disease model says, beside the data."""

import typer

from debulk.cli.disease.calibrate import calibrate
from debulk.cli.disease.continuum import continuum
from debulk.cli.disease.fits import fits
from debulk.cli.disease.mechanisms import mechanisms
from debulk.cli.disease.targets import targets

app = typer.Typer(
    help="The disease model: its targets, what its mechanisms are worth, its calibration.",
    no_args_is_help=True,
)
app.command("targets")(targets)
app.command("continuum")(continuum)
app.command("fits")(fits)
app.command("mechanisms")(mechanisms)
app.command("calibrate")(calibrate)
