"""`debulk trial alternatives`: other designs on the same virtual patients."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.terminal import JsonOption, answers, messages, print_json

if TYPE_CHECKING:
    from rich.table import Table

    from debulk.trials.alternatives.comparison import DesignComparison

FILE = "alternatives.json"
"""What the command writes into its folder."""


def alternatives(
    protocol: Annotated[
        str, typer.Argument(metavar="PROTOCOL", help="A packaged protocol's name, or a .yaml file.")
    ],
    trials: Annotated[int, typer.Option(help="Trials to simulate of each design.")] = 200,
    seed: Annotated[int, typer.Option(help="Seed of the random streams.")] = 1,
    workers: Annotated[
        int | None, typer.Option(help="Threads; the results do not depend on it. Default: all.")
    ] = None,
    designs: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Designs, with commas between: rct, registry-rct, twics, single-arm-external. "
            "Default: all.",
        ),
    ] = None,
    adjust_for: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FEATURE",
            help="Feature that the single arm is adjusted for; may be repeated. Default: those on "
            "which consent depends.",
        ),
    ] = None,
    null: Annotated[
        bool, typer.Option("--null", help="Simulate the null world: local treatment is a sham.")
    ] = False,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change one number of the protocol, the disease model, a card, or of the designs "
            "(alternatives.cohort_consent=0.9); may be repeated.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help=f"Folder in which {FILE} is written.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare designs on the same virtual patients: power, error, bias, time to full accrual."""
    compared = _compare(protocol, trials, seed, workers, designs, adjust_for, null, changes or [])
    result = compared.to_dict()
    if out is not None:
        from debulk.core.files import json_text, output_folder, write_text

        write_text(output_folder(out) / FILE, json_text(result))
    if as_json:
        print_json(result)
        return
    console = answers()
    for table in comparison_tables(result):
        console.print(table)
        console.print()
    for remark in result["provenance"]["remarks"]:
        console.print(remark, markup=False)


def _compare(
    protocol: str,
    trials: int,
    seed: int,
    workers: int | None,
    designs: str | None,
    adjust_for: list[str] | None,
    null: bool,
    options: list[str],
) -> DesignComparison:
    from debulk.cli.changes import read_changes
    from debulk.core.errors import InputError
    from debulk.disease import load_model
    from debulk.protocols import load_protocol
    from debulk.treatments import load_modalities, load_regimens, override, override_regimens
    from debulk.trials.alternatives.comparison import compare_designs
    from debulk.trials.alternatives.designs import DESIGNS
    from debulk.trials.recruitment.planned import PatientsFromPlan

    changes = read_changes(options)
    own = {key: value for key, value in changes.protocol.items() if key.startswith(_PREFIX)}
    others = {key: value for key, value in changes.protocol.items() if key not in own}
    loaded = load_protocol(protocol, changes=others)
    modalities, regimens = load_modalities(), load_regimens()
    for path, value in changes.modalities.items():
        modalities = override(modalities, path, value)
    for path, value in changes.regimens.items():
        regimens = override_regimens(regimens, path, value)
    planned = loaded.applicability.level == "none"
    if planned and changes.disease:
        raise InputError(
            f"protocol {loaded.name}",
            "its patients are drawn from its plan, which has no disease to change",
            "Leave out disease.*",
        )
    model = PatientsFromPlan() if planned else load_model().with_parameters(changes.disease)
    chosen = [each.strip() for each in designs.split(",")] if designs is not None else list(DESIGNS)
    console = messages()
    with console.status("simulating designs"):
        return compare_designs(
            loaded,
            model=model.null_world() if null else model,
            modalities=modalities,
            regimens=regimens,
            trials=trials,
            seed=seed,
            designs=chosen,
            assumptions=_assumptions(own),
            adjust_for=adjust_for,
            workers=workers,
        )


_PREFIX = "alternatives."


def _assumptions(changes: Mapping[str, str]) -> Any:
    """How the designs differ, with what the user changed."""
    from debulk.core.errors import InputError, nearest
    from debulk.trials.alternatives.assumptions import DesignAssumptions

    known = DesignAssumptions().to_dict()
    numbers: dict[str, float] = {}
    for key, text in changes.items():
        name = key.removeprefix(_PREFIX)
        if name not in known:
            raise InputError(f"--set {key}", "there is no such number", nearest(name, known))
        try:
            numbers[name] = float(text)
        except ValueError:
            found = f"{text!r} is not a number"
            raise InputError(f"--set {key}", found, "Give a number") from None
    return DesignAssumptions(**numbers)


def comparison_tables(result: Mapping[str, Any]) -> list[Table]:
    """Make the tables for the terminal: conduct, effect and truth, assumptions.

    Parameters
    ----------
    result : mapping
        A `DesignComparison` as plain values.
    """
    from rich.markup import escape
    from rich.table import Table

    from debulk.reports import words

    trials = result["trials"]
    noun = "trial" if trials == 1 else "trials"
    world = "null world" if result["world"] == "null" else "hoped-for world, provisional model"
    conduct = Table(
        title=escape(f"{result['protocol']}: {trials} {noun} of each design ({world})"),
        title_justify="left",
    )
    for column in ("design", "would take part", "analysed", "months to full", "ever full"):
        conduct.add_column(
            column,
            justify="left" if column == "design" else "right",
            no_wrap=column == "design",
        )
    for column in ("events", "power", "declared in the null world"):
        conduct.add_column(column, justify="right")
    effect = Table(title="Hazard ratio: estimates beside the truth", title_justify="left")
    effect.add_column("design", no_wrap=True)
    for column in (
        "mean estimate",
        "true for its own question",
        "bias (log)",
        "against the parallel trial's truth",
        "95 % intervals that hold its truth",
        "mean in the null world (true 1)",
    ):
        effect.add_column(column, justify="right")
    for each in result["designs"]:
        conduct.add_row(
            escape(each["name"]),
            words.patients(each["available"]),
            words.patients(each["randomised"]),
            words.months(each["months_to_full"]["median"]),
            words.estimate(each["full"]),
            words.patients(each["events"]["median"]),
            words.estimate(each["power"]),
            words.estimate(each["declared_in_null_world"]),
        )
        own, trial = each["log_hazard_ratio"], each["against_trial"]
        truth = each["truth"]
        effect.add_row(
            escape(each["name"]),
            words.ratio(each["hazard_ratio"]),
            words.with_error(truth["hazard_ratio"], truth["monte_carlo_error"]["hazard_ratio"]),
            words.with_error(own["bias"], own["bias_error"]),
            words.with_error(trial["bias"], trial["bias_error"]),
            words.share(own["coverage"]),
            words.ratio(each["null_hazard_ratio"]),
        )
    named = (f"{each['name']}: {each['title']}." for each in result["designs"])
    conduct.caption = escape(" ".join(named))
    assumed = Table(title="Assumptions about the designs, without a source", title_justify="left")
    assumed.add_column("--set")
    assumed.add_column("value", justify="right")
    for name, value in result["assumptions"].items():
        assumed.add_row(f"{_PREFIX}{name}", f"{value:g}")
    return [conduct, effect, assumed]
