"""`debulk evidence reconstruct`: patients behind a published survival curve."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from debulk.cli.terminal import JsonOption, answers, messages, print_json

if TYPE_CHECKING:
    from debulk.cli.evidence.reconstruction_arms import ArmOptions


def reconstruct(
    curve: Annotated[
        Path,
        typer.Argument(
            metavar="CURVE",
            help="Points clicked along the curve: the digitiser's file.",
            show_default=False,
        ),
    ],
    curve_name: Annotated[
        str | None,
        typer.Option("--curve", metavar="NAME", help="Which curve, where the file holds several."),
    ] = None,
    percent: Annotated[
        bool, typer.Option("--percent", help="Survival runs from 0 to 100; it is never guessed.")
    ] = False,
    at_risk: Annotated[
        str | None,
        typer.Option(
            "--at-risk",
            metavar="FILE|TEXT",
            help="Numbers at risk: a file, or text such as '0:213 10:122 20:80'.",
        ),
    ] = None,
    arm: Annotated[
        str | None,
        typer.Option(
            "--arm",
            metavar="NAME",
            help="Name of the arm; which one of the numbers at risk, where there are several.",
        ),
    ] = None,
    patients: Annotated[
        int | None,
        typer.Option("--patients", help="Patients at time 0, where no table tells them."),
    ] = None,
    events: Annotated[
        int | None, typer.Option("--events", help="Deaths of this arm in all, where published.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            metavar="CURVE",
            help="A second arm, the reference: hazard ratio of the first against it.",
        ),
    ] = None,
    against_curve: Annotated[
        str | None,
        typer.Option(
            "--against-curve",
            metavar="NAME",
            help="Its curve, where the file holds several; alone, one of the first file.",
        ),
    ] = None,
    against_at_risk: Annotated[
        str | None,
        typer.Option("--against-at-risk", metavar="FILE|TEXT", help="Its numbers at risk."),
    ] = None,
    against_arm: Annotated[
        str | None,
        typer.Option(
            "--against-arm", metavar="NAME", help="Its arm; alone, one of --at-risk's table."
        ),
    ] = None,
    against_patients: Annotated[
        int | None, typer.Option("--against-patients", help="Its patients at time 0.")
    ] = None,
    against_events: Annotated[
        int | None, typer.Option("--against-events", help="Its deaths in all.")
    ] = None,
    replicates: Annotated[
        int,
        typer.Option(
            "--replicates",
            help="Reconstructions that measure how much the figure leaves open; 0 for none.",
        ),
    ] = 1000,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the reconstructions.")] = 1,
    unit: Annotated[
        str,
        typer.Option(
            "--unit", metavar="TEXT", help="Unit of the times, as months; nothing is converted."
        ),
    ] = "as in the file",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Write the patients, one a row: .csv or .parquet."
        ),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(
            "--figure", metavar="FILE", help="Draw the clicks over the curves: .svg, .pdf or .png."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Rebuild the patients behind a published survival curve, and say how near they come."""
    from debulk.cli.evidence.reconstruction_answer import answer_of
    from debulk.cli.evidence.reconstruction_arms import ArmOptions, arms_of
    from debulk.cli.evidence.reconstruction_printing import print_answer
    from debulk.cli.evidence.reconstruction_writing import check_paths, write_files
    from debulk.cli.plain_refusals import naming_options
    from debulk.core.errors import InputError

    if replicates < 0 or replicates == 1:
        raise InputError("--replicates", f"{replicates}", "Give 2 or more, or 0 for none")
    check_paths(out, figure)
    first = ArmOptions(curve, curve_name, percent, at_risk, arm, patients, events, "")
    second = _second(
        first,
        ArmOptions(
            against,
            against_curve,
            percent,
            against_at_risk,
            against_arm,
            against_patients,
            against_events,
            "against-",
        ),
    )
    arms = arms_of(first, second)
    with naming_options({"seed": "--seed", "replicates": "--replicates"}):
        answer = answer_of(arms, replicates=replicates, seed=seed, unit=unit)
    files = write_files(answer, out, figure)
    if as_json:
        print_json({**answer.to_dict(), "files": files})
        return
    print_answer(answer, answers())
    for path in files.values():
        messages().print(f"Written: {path}", soft_wrap=True, highlight=False, markup=False)
    if not files:
        messages().print("The patients as a table: add --out FILE.csv; a figure: --figure FILE.svg")


def _second(first: ArmOptions, given: ArmOptions) -> ArmOptions | None:
    """The second arm, which may lie in the files of the first; None where none is named."""
    from dataclasses import replace

    if given.file is None and given.curve is None:
        named = (given.at_risk, given.arm, given.patients, given.events)
        if any(each is not None for each in named):
            raise typer.BadParameter("a second arm needs its curve: --against or --against-curve")
        return None
    if given.file is None and given.curve == first.curve:
        raise typer.BadParameter("--curve and --against-curve name the same curve")
    shared = given.at_risk is None and given.arm is not None
    return replace(
        given,
        file=given.file or first.file,
        at_risk=first.at_risk if shared else given.at_risk,
    )
