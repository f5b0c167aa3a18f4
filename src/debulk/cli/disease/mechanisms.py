"""`debulk disease mechanisms`: what each mechanism does to the effect in a protocol."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.disease_options import DRAWS_HELP, STRENGTH_HELP, with_strengths
from debulk.cli.plain_refusals import naming_options
from debulk.cli.terminal import JsonOption, answers, messages, print_json, progress_bar
from debulk.core.errors import InputError, nearest

if TYPE_CHECKING:
    from rich.console import Console

    from debulk.trials.mechanisms.worth import MechanismsWorth

_PARTS = {
    "patients": "drawing patients",
    "worlds": "following worlds",
    "strengths": "varying strengths",
}
_OPTIONS = {
    "patients": "--patients",
    "draws": "--draws",
    "seed": "--seed",
    "workers": "--workers",
    "sobol_samples": "--sobol-samples",
    "sobol_patients": "--sobol-patients",
}


def mechanisms(
    protocol: Annotated[
        str, typer.Argument(metavar="PROTOCOL", help="A packaged protocol's name, or a .yaml file.")
    ],
    patients: Annotated[
        int, typer.Option(help="Virtual patients, each of them under both arms in every world.")
    ] = 4000,
    draws: Annotated[
        int | None, typer.Option(help=DRAWS_HELP.replace("Default: all.", "Default: 20."))
    ] = None,
    seed: Annotated[
        int,
        typer.Option(help="Number from which chance is drawn; the same gives the same results."),
    ] = 1,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="MECHANISM",
            help="Switch this mechanism alone; may be repeated. Default: each in turn.",
        ),
    ] = None,
    no_sobol: Annotated[
        bool,
        typer.Option(
            "--no-sobol", help="Leave out the Sobol indices, which take most of the time."
        ),
    ] = False,
    sobol_samples: Annotated[
        int, typer.Option(help="Base samples of the Sobol indices, a power of 2.")
    ] = 64,
    sobol_patients: Annotated[
        int, typer.Option(help="Patients on whom the Sobol indices are found.")
    ] = 300,
    strength: Annotated[
        list[str] | None, typer.Option("--strength", metavar="NAME=VALUE", help=STRENGTH_HELP)
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change a field of the protocol, a number of the disease model (disease.k1=0.03) "
            "or of a treatment's card, as in debulk trial run; may be repeated.",
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Threads; the results do not depend on it. Default: all.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for report (HTML), numbers (JSON) and figure (SVG, PDF, PNG).",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Switch each mechanism of the disease model off in turn, on the same virtual patients.

    Shows the hazard ratio of a protocol with and without each mechanism beside the null world and
    bare removal, how far the mechanisms' strengths decide it (Sobol indices), and in whom.
    """
    from debulk.core.compiled import use_threads
    from debulk.core.files import output_folder

    folder = None if out is None else output_folder(out)
    console = messages()
    with naming_options(_OPTIONS):
        use_threads(workers)
        found = _found(
            protocol,
            patients,
            draws,
            seed,
            _names(only or []),
            None if no_sobol else (sobol_samples, sobol_patients),
            (strength or [], changes or []),
            console,
        )
    result = found.to_dict()
    files = {} if folder is None else _write(folder, result, console)
    result["files"] = {name: str(path) for name, path in files.items()}
    if as_json:
        print_json(result)
        return
    _print(result, files)


def _names(only: list[str]) -> tuple[str, ...]:
    from debulk.disease import MECHANISMS

    for name in only:
        if name not in MECHANISMS:
            remedy = nearest(name, MECHANISMS)
            raise InputError("--only", f"there is no mechanism {name!r}", remedy)
    return tuple(only)


def _found(
    protocol: str,
    patients: int,
    draws: int | None,
    seed: int,
    only: tuple[str, ...],
    sobol: tuple[int, int] | None,
    options: tuple[list[str], list[str]],
    console: Console,
) -> MechanismsWorth:
    from debulk.cli.changes import read_changes
    from debulk.disease import load_model
    from debulk.protocols import load_protocol
    from debulk.trials.mechanisms.worth import mechanisms_worth

    strengths, texts = options
    changes = read_changes(texts)
    loaded = load_protocol(protocol, changes=changes.protocol)
    modalities, regimens = changes.cards()
    model = load_model().with_parameters(changes.disease)
    if draws == 1:
        model, draws = model.central(), None
    with _bars(console) as progress:
        return mechanisms_worth(
            loaded,
            model=with_strengths(model, strengths),
            modalities=modalities,
            regimens=regimens,
            patients=patients,
            draws=draws,
            seed=seed,
            only=only,
            sobol_samples=None if sobol is None else sobol[0],
            sobol_patients=300 if sobol is None else sobol[1],
            progress=progress,
        )


@contextlib.contextmanager
def _bars(console: Console) -> Iterator[Callable[[str], Callable[[int, int], None]]]:
    """One bar after the other, each begun when its part of the work begins."""
    with contextlib.ExitStack() as stack:

        def begin(part: str) -> Callable[[int, int], None]:
            shown: list[Callable[[int, int], None]] = []

            def update(done: int, wanted: int) -> None:
                if not shown:
                    stack.pop_all().close()
                    shown.append(stack.enter_context(progress_bar(console, _PARTS[part], wanted)))
                shown[0](done, wanted)

            return update

        yield begin


def _write(folder: Path, result: dict[str, Any], console: Console) -> dict[str, Path]:
    from debulk.core.files import json_text, write_text
    from debulk.reports.figures.pictures import write_pictures
    from debulk.reports.mechanisms.figure import print_chart
    from debulk.reports.mechanisms.page import write_mechanisms_report

    files = {"report": folder / "mechanisms.html", "results": folder / "mechanisms.json"}
    write_mechanisms_report(files["report"], result)
    write_text(files["results"], json_text(result))
    if find_spec("vl_convert") is None:
        console.print("No figure is written without vl-convert: pip install 'debulk[figures]'.")
        return files
    for name in write_pictures(print_chart(result), folder, "mechanisms"):
        files[f"figure ({Path(name).suffix[1:]})"] = folder / name
    return files


def _print(result: dict[str, Any], files: dict[str, Path]) -> None:
    from debulk.reports.mechanisms.tables import terminal_tables
    from debulk.reports.mechanisms.wording import conclusions

    console = answers()
    for table in terminal_tables(result):
        console.print(table)
        console.print()
    for sentence in conclusions(result):
        console.print(sentence, markup=False, highlight=False)
    for name, path in files.items():
        console.print(f"{name:12} {path}", soft_wrap=True, markup=False)
