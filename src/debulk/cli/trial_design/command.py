"""The command itself: its options, and the way from what was typed to an answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.terminal import JsonOption, answers, messages, print_json
from debulk.core.errors import InputError

if TYPE_CHECKING:
    from debulk.reports.design.asking.given import Given

PIECES_HELP = "one number, or START:VALUE pairs in months since randomisation"

_EXCLUSIVE = (
    ("hazard_ratio", "gain_months"),
    ("median_control", "hazard_control"),
    ("median_control", "stratum"),
    ("hazard_control", "stratum"),
    ("whole", "exact"),
)


def design(
    context: typer.Context,
    hazard_ratio: Annotated[
        str | None,
        typer.Option(metavar="HR", help=f"Experimental to control: {PIECES_HELP} (0:1,6:0.7)."),
    ] = None,
    gain_months: Annotated[
        float | None,
        typer.Option(
            help="In place of --hazard-ratio: months to be gained in median survival by the "
            "patients who are randomised."
        ),
    ] = None,
    front_median: Annotated[
        float | None,
        typer.Option(
            help="With --gain-months: median at the front of the funnel, before selection, to see "
            "what the same gain would be there."
        ),
    ] = None,
    median_control: Annotated[
        float | None,
        typer.Option(
            help="Median survival of the control arm in months; its hazard is taken as constant."
        ),
    ] = None,
    hazard_control: Annotated[
        str | None,
        typer.Option(metavar="HAZARD", help=f"Hazard of the control arm a month: {PIECES_HELP}."),
    ] = None,
    stratum: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:SHARE:MEDIAN[:HR]",
            help="A stratum with its share of the patients and its control median, in place of "
            "--median-control; repeat it.",
        ),
    ] = None,
    null_ratio: Annotated[
        float | None,
        typer.Option(
            help="Hazard ratio to be ruled out. Default: 1, no effect; above 1 it is the margin of "
            "a non-inferiority trial."
        ),
    ] = None,
    not_treated: Annotated[
        float | None,
        typer.Option(help="Share of the experimental arm never treated: dilutes the ratio."),
    ] = None,
    crossover: Annotated[
        float | None,
        typer.Option(help="Share of the control arm treated all the same: dilutes the ratio."),
    ] = None,
    alpha: Annotated[
        float | None,
        typer.Option(
            help="Chance of a false benefit (type I error), over all looks; of both sides together "
            "with --sided 2. Default: 0.025."
        ),
    ] = None,
    sided: Annotated[
        int | None, typer.Option(help="1 (a benefit alone) or 2 sides. Default: 1.")
    ] = None,
    power: Annotated[
        float | None,
        typer.Option(
            help="Chance to show the effect if it is as given, between 0 and 1, such as 0.9."
        ),
    ] = None,
    patients: Annotated[
        float | None, typer.Option(help="Patients in both arms, in place of one of the others.")
    ] = None,
    events: Annotated[
        float | None, typer.Option(help="Events at the final analysis, in place of --power.")
    ] = None,
    follow_up: Annotated[
        float | None,
        typer.Option(help="Months from the last patient's entry to the final analysis."),
    ] = None,
    allocation: Annotated[
        str | None,
        typer.Option(metavar="RATIO", help="Experimental : control, 2 or 2:1. Default: 1."),
    ] = None,
    accrual: Annotated[
        str | None,
        typer.Option(
            metavar="MONTHS|START:RATE,...",
            help="Months of uniform accrual (24), or patients a month by start month (0:5,6:10); "
            "a last rate of 0 ends it.",
        ),
    ] = None,
    dropout: Annotated[
        str | None,
        typer.Option(
            metavar="P[,P]",
            help="Probability of being lost within 12 months: both arms, or experimental, control. "
            "Default: 0.",
        ),
    ] = None,
    looks: Annotated[
        str | None,
        typer.Option(
            metavar="SHARES",
            help="When analyses take place, as shares of the final events: 0.5,0.75,1.",
        ),
    ] = None,
    efficacy: Annotated[
        str | None,
        typer.Option(
            metavar="RULE",
            help="When a look shows a benefit: obrien-fleming, pocock, "
            "spending-obrien-fleming (the default), spending-pocock, kim-demets:RHO, "
            "hwang-shih-decani:GAMMA, wang-tsiatis:DELTA or haybittle-peto:Z.",
        ),
    ] = None,
    futility: Annotated[
        str | None,
        typer.Option(
            metavar="RULE",
            help="When a look stops because nothing will come of it: the same rules, spending 1 - "
            "power.",
        ),
    ] = None,
    binding: Annotated[
        bool,
        typer.Option(
            "--binding", help="Futility must be obeyed: the efficacy boundary counts on it."
        ),
    ] = False,
    harm: Annotated[
        str | None,
        typer.Option(
            metavar="RULE",
            help="When a look stops because patients die earlier: a spending rule, with an error "
            "of its own.",
        ),
    ] = None,
    harm_alpha: Annotated[
        float | None, typer.Option(help="One-sided error of the harm bound. Default: 0.025.")
    ] = None,
    formula: Annotated[
        str | None,
        typer.Option(
            metavar="FORMULA",
            help="For the number of events: schoenfeld (the default), freedman or lachin-foulkes.",
        ),
    ] = None,
    test: Annotated[
        str | None,
        typer.Option(
            metavar="TEST",
            help="logrank (the default), fleming-harrington:RHO,GAMMA, max-combo, rmst:MONTHS, "
            "milestone:MONTHS, average-hazard-ratio or one-sample.",
        ),
    ] = None,
    endpoint: Annotated[
        str | None,
        typer.Option(help="Name of the endpoint in the text. Default: overall survival."),
    ] = None,
    whole: Annotated[
        bool,
        typer.Option(
            "--whole", help="Show whole numbers of events and patients only, and their power."
        ),
    ] = False,
    exact: Annotated[
        bool, typer.Option("--exact", help="Show events and patients as solved only, not rounded.")
    ] = False,
    simulate: Annotated[
        int | None,
        typer.Option(metavar="N", help="Check power and type I error on N simulated trials."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            help="With --simulate: number from which chance is drawn; the same gives the same. "
            "Default: 1."
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.yaml",
            help="A file with the same as flags, underscores for dashes; flags win.",
        ),
    ] = None,
    write_yaml: Annotated[
        Path | None, typer.Option(metavar="FILE.yaml", help="Write what was given as such a file.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for design.json, .yaml, .md, .html, .docx (needs the extra documents) "
            "and the pictures.",
        ),
    ] = None,
    docx: Annotated[
        Path | None, typer.Option(metavar="FILE.docx", help="Write the text and tables for Word.")
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.svg|pdf|png",
            help="Draw power, boundaries, patients and events over calendar time.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Design a survival trial: events, patients, looks, and the text for its protocol."""
    from debulk.cli.trial_design.writing import check_targets, write_files
    from debulk.reports.design.asking.answering import answered
    from debulk.reports.design.asking.given import gather, yaml_text

    flags: dict[str, Any] = dict(context.params)
    given = gather(flags, file)
    _check_usage(given, file)
    check_targets(plot=plot, docx=docx, write_yaml=write_yaml)
    answer = answered(given, lambda sentence: messages().print(sentence, highlight=False))
    yaml = yaml_text(given)
    files = write_files(answer, yaml, out=out, docx=docx, plot=plot, write_yaml=write_yaml)
    if as_json:
        print_json(answer)
    else:
        from debulk.cli.trial_design.printing import print_answer

        print_answer(answer, answers())
    for path in files:
        messages().print(f"Written: {path}", soft_wrap=True, markup=False, highlight=False)


def _check_usage(given: Given, file: Path | None) -> None:
    """Refuse a call that says too little, or two things at once.

    Raises
    ------
    typer.BadParameter
        With what is missing, or excludes what.
    """
    for first, second in _EXCLUSIVE:
        if first in given and second in given:
            names, found = (given.place(first), given.place(second)), "exclude each other"
            if first in given.from_file:
                raise InputError(names[1], f"it and {first} {found}", "Keep one of them")
            raise typer.BadParameter(f"{names[0]} and {names[1]} {found}")
    where = "" if file is None else f" in {file} or as a flag"
    has_control = any(name in given for name in ("median_control", "hazard_control", "stratum"))
    if not has_control:
        raise typer.BadParameter(f"say how long controls live: give --median-control MONTHS{where}")
    own_ratios = "stratum" in given and all(row.count(":") == 3 for row in given.get("stratum"))
    if "hazard_ratio" not in given and "gain_months" not in given and not own_ratios:
        raise typer.BadParameter(f"say what effect is planned: give --hazard-ratio HR{where}")
    if "accrual" not in given:
        raise typer.BadParameter(f"say how patients come in: give --accrual MONTHS{where}")
    if not any(name in given for name in ("power", "patients", "events")):
        raise typer.BadParameter(
            f"say how large the trial may be: give --power 0.9 (or --patients N){where}"
        )
    if "seed" in given and "simulate" not in given:
        raise typer.BadParameter("--seed belongs to --simulate")
