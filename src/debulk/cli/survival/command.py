"""The command itself: its options, and the way from a file to an answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from debulk.cli.survival.usage import Interval, Options, Unit, check_usage
from debulk.cli.terminal import JsonOption, answers, messages, print_json

if TYPE_CHECKING:
    from debulk.survival.comparison import Comparison
    from debulk.survival.comparison.adjustment import Adjustment
    from debulk.survival.tables import FollowUpTable


def survival(
    file: Annotated[
        Path | None,
        typer.Argument(help="A .csv or .parquet file with one row a subject.", show_default=False),
    ] = None,
    time: Annotated[
        str | None, typer.Option("--time", help="Column with the time to event or censoring.")
    ] = None,
    event: Annotated[
        str | None,
        typer.Option(
            "--event",
            help="Column with the event: 1 happened, 0 censored; with --competing the cause.",
        ),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Column with the groups to compare.")
    ] = None,
    reference: Annotated[
        str | None, typer.Option("--reference", help="Group the others are compared with.")
    ] = None,
    strata: Annotated[
        str | None,
        typer.Option(
            "--strata",
            metavar="COLUMN[,COLUMN]",
            help="Columns whose values together stratify the log-rank test and the Cox model.",
        ),
    ] = None,
    entry: Annotated[
        str | None,
        typer.Option("--entry", help="Column with the start of observation (left truncation)."),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            "--weights",
            help=(
                "Column with weights: weighted curves and Cox model with robust variance. Rank "
                "tests do not take weights; a robust Wald test is given instead."
            ),
        ),
    ] = None,
    adjust: Annotated[
        str | None,
        typer.Option(
            "--adjust",
            metavar="COLUMN[,COLUMN]|FORMULA",
            help=(
                "Covariates of a Cox model beside the groups: columns (age,sex) or a formula "
                "(age + C(stage)); with the test of proportional hazards."
            ),
        ),
    ] = None,
    firth: Annotated[
        bool,
        typer.Option(
            "--firth",
            help="With --adjust: Firth's penalised likelihood, finite where events are separated.",
        ),
    ] = False,
    competing: Annotated[
        bool,
        typer.Option(
            "--competing",
            help="The event column holds causes (0 censored, 1, 2, ...): cumulative incidence.",
        ),
    ] = False,
    cause: Annotated[
        int | None,
        typer.Option("--cause", help="With --competing: the cause of interest. Default: 1."),
    ] = None,
    rmst: Annotated[
        float | None,
        typer.Option("--rmst", "--tau", help="Horizon of the restricted mean survival time."),
    ] = None,
    landmark: Annotated[
        float | None,
        typer.Option(
            "--landmark",
            help="Only those still followed at this time, in the file's unit; times from there.",
        ),
    ] = None,
    test: Annotated[
        list[str] | None,
        typer.Option(
            "--test",
            metavar="TEST",
            help=(
                "A further test; may be repeated: logrank, peto, gehan, tarone-ware, fh:RHO,GAMMA, "
                "modest:TSTAR, early-zero:T, max-combo, rmst:TAU, milestone:T, median, gray."
            ),
        ),
    ] = None,
    unit: Annotated[
        Unit | None, typer.Option("--unit", help="What the times are in; nothing is converted.")
    ] = None,
    conf_type: Annotated[
        Interval, typer.Option("--conf-type", help="Scale of the curves' 95 % limits.")
    ] = Interval.log_log,
    example: Annotated[
        str | None,
        typer.Option("--example", help="A packaged data set instead of a file: colon."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the figures, the tables and the JSON."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Curves, tests, hazard ratios and restricted means for any table; competing causes too."""
    options = Options(
        file=file,
        time=time,
        event=event,
        by=by,
        reference=reference,
        strata=strata,
        entry=entry,
        weights=weights,
        adjust=adjust,
        firth=firth,
        competing=competing,
        cause=cause,
        rmst=rmst,
        landmark=landmark,
        tests=tuple(test or ()),
        unit=unit,
        conf_type=conf_type,
        example=example,
    )
    check_usage(options)
    comparison = _compared(options)
    files: tuple[str, ...] = ()
    if out is not None:
        from debulk.cli.survival.writing import write_answer

        files = write_answer(comparison, out)
    from debulk.cli.survival.printing import print_answer, say_notices

    say_notices(comparison)
    if as_json:
        print_json({**comparison.to_dict(), "files": list(files)})
        return
    print_answer(comparison, answers())
    if out is None:
        messages().print("Figures, tables and JSON: add --out FOLDER.")
    else:
        messages().print(f"Written to {out}: {', '.join(files)}", highlight=False, markup=False)


def _compared(options: Options) -> Comparison:
    from debulk.survival.comparison import compare
    from debulk.survival.comparison.adjustment import read_adjustment
    from debulk.survival.comparison.choices import read_test

    adjustment = None if options.adjust is None else read_adjustment(options.adjust)
    unit = Unit.days if options.example is not None else options.unit
    return compare(
        _table(options, adjustment),
        reference=options.reference,
        tau=options.rmst,
        time_unit="as in the file" if unit is None else unit.value,
        conf_type=options.conf_type.value,
        tests=[read_test(text) for text in options.tests],
        landmark=options.landmark,
        adjustment=adjustment,
        cause=1 if options.cause is None else options.cause,
        firth=options.firth,
    )


def _table(options: Options, adjustment: Adjustment | None) -> FollowUpTable:
    from debulk.survival.tables import example_table, read_table

    covariates = () if adjustment is None else adjustment.columns
    if options.example is not None:
        return example_table(options.example, strata=options.stratum_columns, covariates=covariates)
    assert options.file is not None
    assert options.time is not None
    assert options.event is not None
    return read_table(
        options.file,
        time=options.time,
        event=options.event,
        group=options.by,
        entry=options.entry,
        weights=options.weights,
        strata=options.stratum_columns,
        covariates=covariates,
        causes=options.competing,
    )
