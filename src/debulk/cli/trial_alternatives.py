"""`debulk trial alternatives`: other designs on the same virtual patients."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.plain_refusals import naming_options
from debulk.cli.terminal import JsonOption, answers, messages, print_json
from debulk.reports import words

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
    seed: Annotated[
        int,
        typer.Option(help="Number from which chance is drawn; the same gives the same results."),
    ] = 1,
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
            help="Change a field of the protocol, a number of the disease model or of a "
            "treatment's card, as with debulk trial run, or an assumption about the designs "
            "(alternatives.cohort_consent=0.9). May be repeated.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help=f"Folder in which {FILE} is written.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare designs on the same virtual patients: power, error, bias, time to full accrual."""
    with _folder(out) as folder:
        compared = _compare(
            protocol, trials, seed, workers, designs, adjust_for, null, changes or []
        )
    result = compared.to_dict()
    if folder is not None:
        from debulk.core.files import json_text, write_text

        write_text(folder / FILE, json_text(result))
    if as_json:
        print_json(result)
        return
    console = answers()
    for table in comparison_tables(result):
        console.print(table)
        console.print()
    for remark in result["provenance"]["remarks"]:
        console.print(remark, markup=False)


@contextlib.contextmanager
def _folder(out: Path | None) -> Iterator[Path | None]:
    """The folder, made before hours are spent; it goes again if nothing comes of them."""
    if out is None:
        yield None
        return
    from debulk.core.files import exists, output_folder

    existed = exists(out)
    folder = output_folder(out)
    try:
        yield folder
    except BaseException:
        if not existed:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


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
    from debulk.trials.alternatives.comparison import compare_designs
    from debulk.trials.alternatives.designs import DESIGNS
    from debulk.trials.recruitment.planned import PatientsFromPlan

    changes = read_changes(options)
    own = {key: value for key, value in changes.protocol.items() if key.startswith(_PREFIX)}
    others = {key: value for key, value in changes.protocol.items() if key not in own}
    loaded = load_protocol(protocol, changes=others)
    modalities, regimens = changes.cards()
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
    with naming_options(_OPTIONS), console.status("simulating designs"):
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
_OPTIONS = {
    "adjust_for": "--adjust-for",
    **{name: f"--{name}" for name in ("designs", "trials", "seed", "workers")},
}
_WIDTH = 12

Rows = tuple[tuple[str, Callable[[Mapping[str, Any]], str]], ...]

_CONDUCT: Rows = (
    ("would take part", lambda each: words.patients(each["available"])),
    ("analysed", lambda each: words.patients(each["randomised"])),
    ("months to full accrual", lambda each: words.months(each["months_to_full"]["median"])),
    ("ever full, %", lambda each: _per_cent(each["full"])),
    ("events, median", lambda each: words.patients(each["events"]["median"])),
    ("power, %", lambda each: _per_cent(each["power"])),
    ("declared, no effect, %", lambda each: _per_cent(each["declared_in_null_world"])),
)
_EFFECT: Rows = (
    ("mean estimate", lambda each: words.ratio(each["hazard_ratio"])),
    (
        "truth of its question",
        lambda each: words.with_error(
            each["truth"]["hazard_ratio"], each["truth"]["monte_carlo_error"]["hazard_ratio"]
        ),
    ),
    ("bias to that truth", lambda each: _bias(each["log_hazard_ratio"])),
    ("bias to rct's truth", lambda each: _bias(each["against_trial"])),
    (
        "truth in 95 % interval",
        lambda each: words.share(each["log_hazard_ratio"]["coverage"]),
    ),
    ("mean with no effect", lambda each: words.ratio(each["null_hazard_ratio"])),
)
_COUNTS = (
    "Patients, months and events of a trial: means of patients, medians of the rest. full: as many "
    "patients as planned. declared, no effect: trials that declare a benefit though there is none. "
    "± is one Monte Carlo standard error."
)
_BIAS = (
    "bias: mean log hazard ratio minus that of the truth; below 0 the treatment looks better than "
    "it is. Each design asks about its own patients; rct's truth is that of the protocol's. "
    "With no effect the truth is 1."
)


def _bias(values: Mapping[str, Any]) -> str:
    return words.with_error(values["bias"], values["bias_error"])


def _assumptions(changes: Mapping[str, str]) -> Any:
    """How the designs differ, with what the user changed."""
    from debulk.core.errors import InputError, nearest, number_remedy
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
            raise InputError(f"--set {key}", found, number_remedy(text)) from None
    try:
        return DesignAssumptions(**numbers)
    except InputError as error:
        raise InputError(f"--set {_PREFIX}{error.where}", error.found, error.remedy) from None


def comparison_tables(result: Mapping[str, Any]) -> list[Table]:
    """Make the tables for the terminal: conduct, effect and truth, assumptions.

    Parameters
    ----------
    result : mapping
        A `DesignComparison` as plain values.
    """
    from rich.markup import escape
    from rich.table import Table

    trials = result["trials"]
    noun = "trial" if trials == 1 else "trials"
    world = "null world" if result["world"] == "null" else "hoped-for world"
    title = escape(f"{result['protocol']}: {trials} {noun} of each design ({world})")
    conduct = _by_design(result, title, _CONDUCT)
    named = "\n".join(f"{each['name']}: {each['title']}" for each in result["designs"])
    conduct.caption, conduct.caption_justify = escape(f"{named}\n{_COUNTS}"), "left"
    effect = _by_design(result, "Hazard ratio: estimates beside the truth", _EFFECT)
    effect.caption, effect.caption_justify = _BIAS, "left"
    assumed = Table(
        title="Assumptions about the designs, without a source", title_justify="left", box=None
    )
    assumed.pad_edge = False
    assumed.add_column("--set")
    assumed.add_column("value", justify="right")
    assumed.add_column("meaning")
    notes = {
        f"{_PREFIX}{each['name']}": each["note"] for each in result["provenance"]["parameters"]
    }
    for name, value in result["assumptions"].items():
        key = f"{_PREFIX}{name}"
        assumed.add_row(key, f"{value:g}", escape(notes.get(key, "")))
    return [conduct, effect, assumed]


def _by_design(result: Mapping[str, Any], title: str, rows: Rows) -> Table:
    """A table with a column a design: four of them fit a terminal, eight measures do not."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("", overflow="fold")
    for each in result["designs"]:
        # A long name may break after its hyphens.
        name = each["name"] if len(each["name"]) <= _WIDTH else each["name"].replace("-", "-\n")
        table.add_column(escape(name), justify="right", no_wrap=True)
    for label, write in rows:
        table.add_row(label, *(write(each) for each in result["designs"]))
    return table


def _per_cent(values: Mapping[str, Any]) -> str:
    """A share of trials as per cent with its Monte Carlo standard error; the unit is the row's."""
    value, error = 100.0 * values["estimate"], 100.0 * values["se"]
    return f"{value:.1f} ± {error:.1f}" if error else f"{value:.0f}"
