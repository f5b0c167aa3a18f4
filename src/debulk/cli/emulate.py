"""`debulk emulate`: a trial's question put to a registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.cohort.options import FormatName, FormatOption, MappingOption, cohort_with_record
from debulk.cli.emulate_laboratory import laboratory
from debulk.cli.plain_refusals import naming_options
from debulk.cli.terminal import JsonOption, answers, messages, print_json

if TYPE_CHECKING:
    from debulk.emulation.weight_model import WeightModel

app = typer.Typer(help="Emulate a trial from a registry.", no_args_is_help=True)

CohortArgument = Annotated[
    Path,
    typer.Argument(metavar="COHORT", help="A cohort's folder, or any format that can be read."),
]
ProtocolArgument = Annotated[
    str, typer.Argument(metavar="PROTOCOL", help="A packaged protocol's name, or a .yaml file.")
]
TimeZeroOption = Annotated[
    str | None,
    typer.Option(
        "--time-zero",
        help="first-response, first-line, metastatic-diagnosis, cohort-start, or a column of the "
        "patients in months.",
    ),
]
TimingOption = Annotated[
    str | None, typer.Option("--timing", help="natural or uniform: when the strategy treats.")
]
GraceOption = Annotated[
    float | None, typer.Option("--grace-months", help="Time within which treatment may begin.")
]
ShareOption = Annotated[
    str | None,
    typer.Option(
        "--share", help="strategy: the arm's share of lesions; any: one local treatment is enough."
    ),
]
LocalRuleOption = Annotated[
    str | None,
    typer.Option("--local-rule", help="Rule over the treatments' columns: which local ones count."),
]
OutcomeOption = Annotated[str | None, typer.Option("--outcome", help="os or pfs.")]
CauseOption = Annotated[
    list[str] | None,
    typer.Option(
        "--event-cause",
        help="A cause of death that is the event, while others compete; may be repeated.",
    ),
]
TauOption = Annotated[
    float | None, typer.Option("--tau-months", help="Horizon of the differences.")
]
CovariateOption = Annotated[
    list[str] | None,
    typer.Option("--covariate", help="A covariate instead of the protocol's; may be repeated."),
]
VisitDaysOption = Annotated[
    float | None,
    typer.Option(
        "--visit-days",
        help="Days between the visits at which treatment may be decided. Default: a month.",
    ),
]
UnknownOption = Annotated[
    str,
    typer.Option("--unknown", help="Where a criterion is unknown: refuse, assume-met, exclude."),
]
RequireOption = Annotated[
    list[str] | None,
    typer.Option("--require", help="A criterion that is never assumed; may be repeated."),
]
MissingOption = Annotated[
    str,
    typer.Option(
        "--missing", help="Where a covariate is unknown: refuse, indicator, complete-cases."
    ),
]

_OPTIONS = {
    "time zero": "--time-zero",
    "covariates": "--covariate",
    "event_causes": "--event-cause",
    "folder": "--out",
    "model": "--form, --knots, --month",
    "model of": "--form, --knots, --month, model of",
    "model of loss": "--weigh-loss, model of loss",
    "share of lesions treated": "--share",
    **{
        name: f"--{name.replace('_', '-')}"
        for name in (
            "method",
            "timing",
            "grace_months",
            "share",
            "local_rule",
            "outcome",
            "tau_months",
            "visit_days",
            "unknown",
            "missing",
            "interval",
            "replicates",
            "seed",
            "form",
            "knots",
            "month",
            "truncate",
            "weigh_loss",
            "calendar",
            "negative_control",
            "workers",
        )
    },
}


@app.command("run")
def run(
    cohort: CohortArgument,
    protocol: ProtocolArgument,
    method: Annotated[
        str,
        typer.Option(
            "--method",
            help="clone-censor-weight, sequential, landmark, mantel-byar, time-varying, "
            "baseline-weighting, overlap, naive, or all.",
        ),
    ] = "clone-censor-weight",
    time_zero: TimeZeroOption = None,
    timing: TimingOption = None,
    grace_months: GraceOption = None,
    share: ShareOption = None,
    local_rule: LocalRuleOption = None,
    outcome: OutcomeOption = None,
    event_cause: CauseOption = None,
    tau_months: TauOption = None,
    covariate: CovariateOption = None,
    visit_days: VisitDaysOption = None,
    unknown: UnknownOption = "refuse",
    require: RequireOption = None,
    missing: MissingOption = "refuse",
    form: Annotated[
        str | None,
        typer.Option("--form", help="Model of treatment: logistic (pooled over visits) or cox."),
    ] = None,
    knots: Annotated[
        int | None,
        typer.Option("--knots", help="Knots of continuous covariates: 3, 4, 5, or 0 for a line."),
    ] = None,
    month: Annotated[
        str | None,
        typer.Option("--month", help="How the visit enters the model: indicators, linear, spline."),
    ] = None,
    truncate: Annotated[
        float | None,
        typer.Option("--truncate", help="Quantile to cap weights at; biases, shown beside."),
    ] = None,
    weigh_loss: Annotated[
        bool,
        typer.Option(
            "--weigh-loss",
            help="Weigh for loss to follow-up by the covariates (clone-censor-weight only).",
        ),
    ] = False,
    calendar: Annotated[
        str | None,
        typer.Option("--calendar", help="Column with the calendar year of the cohort's time zero."),
    ] = None,
    negative_control: Annotated[
        str | None,
        typer.Option(
            "--negative-control",
            help="Column with the months of an event that local treatment cannot change.",
        ),
    ] = None,
    interval: Annotated[
        str,
        typer.Option(
            "--interval",
            help="How clone-censor-weight makes intervals: sandwich, known-weights, bootstrap, "
            "bootstrap-percentile, bca.",
        ),
    ] = "sandwich",
    replicates: Annotated[
        int, typer.Option("--replicates", help="Replicates of the bootstrap.")
    ] = 500,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the bootstrap.")] = 1,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Threads; no result depends on it.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for numbers, curves, figures, a page."),
    ] = None,
    cohort_format: FormatOption = FormatName.auto,
    mapping: MappingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask a registry a trial's question; the naive answer is shown first, as a warning."""
    from debulk.cli.emulate_writing import folder_for, write_emulation
    from debulk.emulation.front import emulate

    with naming_options(_OPTIONS), folder_for(out):
        found = emulate(
            cohort_with_record(cohort, cohort_format, mapping),
            protocol,
            method=method,
            model=_model(form=form, knots=knots, month=month),
            truncate=truncate,
            weigh_loss=weigh_loss,
            calendar=calendar,
            negative_control=negative_control,
            interval=interval,
            replicates=replicates,
            seed=seed,
            workers=workers,
            **_choices(
                time_zero=time_zero,
                timing=timing,
                grace_months=grace_months,
                share=share,
                local_rule=local_rule,
                outcome=outcome,
                event_causes=event_cause or None,
                tau_months=tau_months,
                covariates=covariate or None,
                visit_days=visit_days,
                unknown=unknown,
                require=require or (),
                missing=missing,
            ),
        )
        files = {} if out is None else write_emulation(found, out)
    if as_json:
        print_json({**found.to_dict(), "files": files})
        return
    from debulk.cli.emulate_printing import print_emulation

    print_emulation(found, answers())
    if out is not None:
        messages().print(f"Written to {out}: {', '.join(files.values())}", highlight=False)


@app.command("checks")
def checks(
    cohort: CohortArgument,
    protocol: ProtocolArgument,
    time_zero: TimeZeroOption = None,
    timing: TimingOption = None,
    grace_months: GraceOption = None,
    share: ShareOption = None,
    local_rule: LocalRuleOption = None,
    outcome: OutcomeOption = None,
    event_cause: CauseOption = None,
    tau_months: TauOption = None,
    covariate: CovariateOption = None,
    visit_days: VisitDaysOption = None,
    unknown: UnknownOption = "assume-met",
    require: RequireOption = None,
    missing: MissingOption = "indicator",
    cohort_format: FormatOption = FormatName.auto,
    mapping: MappingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put the question without answering it: participant flow, the seven items, what is unknown."""
    from debulk.emulation.front import ask_question

    with naming_options(_OPTIONS):
        found = ask_question(
            cohort_with_record(cohort, cohort_format, mapping),
            protocol,
            **_choices(
                time_zero=time_zero,
                timing=timing,
                grace_months=grace_months,
                share=share,
                local_rule=local_rule,
                outcome=outcome,
                event_causes=event_cause or None,
                tau_months=tau_months,
                covariates=covariate or None,
                visit_days=visit_days,
                unknown=unknown,
                require=require or (),
                missing=missing,
            ),
        )
    if as_json:
        print_json(found.to_dict())
        return
    from debulk.cli.emulate_printing import print_question

    print_question(found, answers())


def _model(**given: Any) -> WeightModel | None:
    """The model of treatment that the options ask for; None where they ask for none."""
    from debulk.emulation.weight_model import WeightModel

    chosen = {name: value for name, value in given.items() if value is not None}
    return WeightModel(**chosen) if chosen else None


def _choices(**given: Any) -> dict[str, Any]:
    """Options as arguments, typed for `emulate`, which checks each of them."""
    return given


app.command("laboratory")(laboratory)
