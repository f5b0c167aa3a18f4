"""`debulk trial`: list, show and run protocols."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from debulk.cli.disease_options import DRAWS_HELP, STRENGTH_HELP
from debulk.cli.randomise import randomise
from debulk.cli.terminal import JsonOption, answers, messages, print_json
from debulk.cli.trial_alternatives import alternatives
from debulk.cli.trial_design.command import design
from debulk.cli.trial_sweep import sweep

app = typer.Typer(help="Trials: protocols, runs, randomisation lists.", no_args_is_help=True)

ProtocolArgument = Annotated[
    str, typer.Argument(metavar="PROTOCOL", help="A packaged protocol's name, or a .yaml file.")
]


@app.command("list")
def list_protocols(as_json: JsonOption = False) -> None:
    """List the protocols that come with the program."""
    from debulk.protocols import load_protocol, packaged_protocols

    protocols = [load_protocol(name) for name in packaged_protocols()]
    if as_json:
        entries = [
            {
                "name": each.name,
                "title": each.title,
                "registrations": list(each.registrations),
                "planned_patients": each.design.planned_patients,
                "versions": list(each.versions),
                "applicability": each.applicability.level,
                "missing": list(each.applicability.missing),
            }
            for each in protocols
        ]
        print_json({"protocols": entries})
        return
    from rich.table import Table

    table = Table("name", "title", "planned", "disease model", box=None, pad_edge=False)
    table.columns[0].no_wrap = True
    for each in protocols:
        planned, level = str(each.design.planned_patients), each.applicability.level
        table.add_row(each.name, each.title, planned, level)
    answers().print(table)
    answers().print(
        "\nplanned: patients the trial meant to randomise. disease model: how far it can stand for "
        "the trial; where it cannot (none), patients are drawn from the trial's plan. "
        "`debulk trial show NAME` says what is missing.",
        highlight=False,
    )


@app.command("show")
def show(
    protocol: ProtocolArgument,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change a field of the protocol, as in conduct.withdrawn=0.1; may be repeated.",
        ),
    ] = None,
    as_file: Annotated[
        bool, typer.Option("--yaml", help="Print the protocol's file, to copy and edit.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show a protocol: question, criteria, funnel, arms, design, and every number's source."""
    from debulk.cli.changes import read_changes
    from debulk.core.errors import InputError
    from debulk.protocols import load_protocol, protocol_text

    if as_file:
        if changes or as_json:
            other = "--set" if changes else "--json"
            raise typer.BadParameter(
                f"prints the file as it is; leave out {other}", param_hint="--yaml"
            )
        typer.echo(protocol_text(protocol)[0], nl=False)
        return
    given = read_changes(changes or [])
    for key in (*(f"disease.{each}" for each in given.disease), *given.modalities, *given.regimens):
        raise InputError(f"--set {key}", "is no field of a protocol", "Give it to debulk trial run")
    loaded = load_protocol(protocol, changes=given.protocol)
    if as_json:
        print_json(loaded.to_dict())
        return
    from debulk.cli.protocol_page import protocol_page

    answers().print(protocol_page(loaded))


@app.command("run")
def run(
    protocol: ProtocolArgument,
    trials: Annotated[int, typer.Option(help="Trials to simulate.")] = 200,
    seed: Annotated[
        int,
        typer.Option(help="Number from which chance is drawn; the same gives the same results."),
    ] = 1,
    workers: Annotated[
        int | None, typer.Option(help="Threads; the results do not depend on it. Default: all.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="An existing Dask cluster that computes the trials, for instance "
            "tcp://10.0.0.5:8786; only one you trust. Needs debulk with its extra "
            "named cluster.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for the results; finished trials are kept there, and the same command "
            "resumes. Default: a folder under runs/.",
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over instead of resuming in the folder.")
    ] = False,
    null: Annotated[
        bool,
        typer.Option(
            "--null",
            help="The null world: the control arm's systemic and local treatment in both arms, and "
            "any more local treatment is a sham; the true hazard ratio is exactly 1.",
        ),
    ] = False,
    with_: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="MECHANISM",
            help="Switch a mechanism of the disease model on, or all; may be repeated. A wrong "
            "name lists them.",
        ),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without",
            metavar="MECHANISM|all",
            help="Switch a mechanism off, or all of them; cells are still removed.",
        ),
    ] = None,
    strength: Annotated[
        list[str] | None, typer.Option("--strength", metavar="NAME=VALUE", help=STRENGTH_HELP)
    ] = None,
    draws: Annotated[int | None, typer.Option(help=DRAWS_HELP)] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change a field of the protocol: a number (conduct.withdrawn=0.1), a word "
            "(version=ISRCTN15067672) or a list (design.monitoring.information=0.5,1), also where "
            "its file has none; or a number of the disease model (disease.k1=0.03) or of a "
            "treatment's card (modalities.rfa.mortality_90_days=0.01). May be repeated.",
        ),
    ] = None,
    patients: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A .yaml file of what makes the patients instead of the disease model: hazards, a "
            "cure or illness-death model, a cohort, or two arms' follow-up.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Take virtual patients through a protocol, many times over, and report what comes out."""
    from debulk.cli.trial_run import Request, run_and_write

    request = Request(
        protocol=protocol,
        trials=trials,
        seed=seed,
        workers=workers,
        cluster=cluster,
        out=out,
        fresh=fresh,
        null=null,
        switched_on=tuple(with_ or ()),
        switched_off=tuple(without or ()),
        changes=tuple(changes or ()),
        patients=patients,
        strengths=tuple(strength or ()),
        draws=draws,
    )
    result, written = run_and_write(request, messages())
    if as_json:
        print_json({**result, "files": {name: str(path) for name, path in written.items()}})
        return
    from debulk.reports import about_the_patients, summary_sentence, trial_tables

    console = answers()
    for line in about_the_patients(result):
        console.print(line, markup=False, highlight=False)
    console.print()
    for table in trial_tables(result):
        console.print(table)
        console.print()
    console.print(summary_sentence(result))
    console.print()
    for name, path in written.items():
        console.print(f"{name:8} {path}", soft_wrap=True)


app.command("randomise")(randomise)
app.command("design")(design)
app.command("alternatives")(alternatives)
app.command("sweep")(sweep)
