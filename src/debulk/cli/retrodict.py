"""`debulk retrodict`: the frozen model held against the trials that reported."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.plain_refusals import naming_options, tell_what_is_kept
from debulk.cli.terminal import JsonOption, answers, messages, print_json, share_bar
from debulk.core.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from debulk.trials.retrodiction.result import Retrodiction

_OPTIONS = {
    **{name: f"--{name}" for name in ("trials", "seed", "workers", "only")},
    "predictions": "--lock",
}
_RUNS = "runs"


def retrodict(
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="NAME",
            help="Predict this trial or protocol alone; may be repeated. Default: all that "
            "reported.",
        ),
    ] = None,
    planned: Annotated[
        bool, typer.Option("--planned", help="Predict trials that have not reported too.")
    ] = False,
    trials: Annotated[int, typer.Option(help="Trials simulated for each prediction.")] = 160,
    seed: Annotated[
        int,
        typer.Option(help="Number from which chance is drawn; the same gives the same results."),
    ] = 1,
    workers: Annotated[
        int | None, typer.Option(help="Threads; the results do not depend on it. Default: all.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for page, numbers and figures (SVG, PDF, PNG); finished trials are kept "
            "in it, and the same command resumes.",
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over instead of resuming from --out.")
    ] = False,
    page: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write the page into this file.")
    ] = None,
    lock: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.json",
            help="Predict the trials that have not reported, and lock that in a new file and its "
            "index; an existing file is never written over.",
        ),
    ] = None,
    verify: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Check locked predictions against their hashes, and show what has been published "
            "since beside them; nothing is simulated.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Predict each trial with the frozen disease model, beside what the trial published.

    Each trial twice: blind, with its protocol as packaged, and as delivered, with completeness,
    pauses and mortality as the trial reported them. Nothing is tuned to any of it.
    """
    if verify is not None:
        given = {"--only": only, "--planned": planned, "--out": out, "--fresh": fresh}
        _alone(verify, {**given, "--page": page, "--lock": lock})
        _verify(verify, as_json=as_json)
        return
    from debulk.core.compiled import use_threads
    from debulk.core.files import output_folder

    if fresh and out is None:
        raise InputError("--fresh", "there is no --out to start over in", "Give --out, or leave it")
    with naming_options(_OPTIONS):
        _check_files(lock, page)
        chosen = only or None
        if lock is not None:
            from debulk.trials.retrodiction.retrodicting import planned_trials

            chosen = planned_trials(chosen)
    if (page is not None or out is not None) and find_spec("vl_convert") is None:
        found = "vl-convert, which draws the figures, is not installed"
        raise InputError("--page, --out", found, "Install it: pip install 'debulk[figures]'")
    folder = None if out is None else output_folder(out)
    console = messages()
    with naming_options(_OPTIONS):
        use_threads(workers)
        held = _found((chosen, planned), (trials, seed, workers), folder, console, fresh=fresh)
        files = _write(held, folder, page, lock)
    result = {**held.to_dict(), "files": {name: str(path) for name, path in files.items()}}
    if as_json:
        print_json(result)
        return
    _print(result, files, named=bool(only))


def _alone(verify: Path, others: dict[str, object]) -> None:
    """Refuse options that checking locked predictions has no use for."""
    for name, value in others.items():
        if value:
            found = f"simulates nothing, so {name} would do nothing"
            raise InputError(f"--verify {verify}", found, "Run the two one after the other")


def _check_files(lock: Path | None, page: Path | None) -> None:
    """Refuse, before minutes of simulation, files that could not be written at their end."""
    if lock is not None:
        from debulk.trials.retrodiction.locking import check_unlocked

        check_unlocked(lock)
    if page is not None and not page.absolute().parent.is_dir():
        raise InputError(f"--page {page}", "its folder is not there", "Make it first")
    if page is not None and page.is_dir():
        raise InputError(f"--page {page}", "is a folder", "Give the name of a file in it")
    if page is not None and page.suffix.casefold() not in (".html", ".htm"):
        found = "is no .html file, which the page is"
        raise InputError(f"--page {page}", found, "Give the file a name that ends in .html")
    for option, path in (("--lock", lock), ("--page", page)):
        if path is not None and not os.access(path.absolute().parent, os.W_OK):
            found = "its folder cannot be written to"
            raise InputError(f"{option} {path}", found, "Choose another folder")


def _found(
    asked: tuple[list[str] | None, bool],
    numbers: tuple[int, int, int | None],
    folder: Path | None,
    console: Console,
    *,
    fresh: bool,
) -> Retrodiction:
    from debulk.trials.retrodiction.retrodicting import retrodict as predicted

    runs = None if folder is None else folder / _RUNS
    trials, seed, workers = numbers
    try:
        with share_bar(console, "simulating trials") as show:
            return predicted(
                only=asked[0],
                planned=asked[1],
                trials=trials,
                seed=seed,
                workers=workers,
                progress=lambda done, wanted: show(done / wanted),
                folder=runs,
                fresh=fresh,
            )
    except KeyboardInterrupt as stop:
        kept = runs is not None and any(runs.glob("*/chunks/trials-*.npz"))
        tell_what_is_kept(console, stop, folder or Path(), one="trial", kept=kept)
        raise


def _write(
    found: Retrodiction, folder: Path | None, page: Path | None, lock: Path | None
) -> dict[str, Path]:
    """Page, numbers, figures and locked predictions, as far as they were asked for."""
    from datetime import UTC, datetime

    from debulk.core.files import json_text, write_text

    files: dict[str, Path] = {}
    result = found.to_dict()
    if folder is not None:
        from debulk.reports.figures.pictures import write_pictures
        from debulk.reports.retrodiction.charts import calibration_chart, forest_chart_of

        files["results"] = folder / "retrodiction.json"
        write_text(files["results"], json_text(result))
        for name, chart in (
            ("forest", forest_chart_of(result)),
            ("calibration", calibration_chart(result)),
        ):
            for written in write_pictures(chart, folder, f"retrodiction-{name}"):
                files[f"{name} ({Path(written).suffix[1:]})"] = folder / written
    where = page if page is not None else None if folder is None else folder / "retrodiction.html"
    if where is not None:
        from debulk.reports.retrodiction.page import write_retrodiction_page

        write_retrodiction_page(where, result)
        files["page"] = where
    if lock is not None:
        from debulk.trials.retrodiction.locking import lock_predictions

        lock_predictions(found, lock, datetime.now(UTC).date())
        files["locked"] = lock
    return files


def _print(result: dict[str, Any], files: dict[str, Path], *, named: bool) -> None:
    from debulk.reports.retrodiction.tables import not_predicted, sentences, terminal_table

    console = answers()
    table = terminal_table(result)
    if table.row_count:
        console.print(table)
    for sentence in (*not_predicted(result, named=named), *sentences(result)):
        console.print(sentence, markup=False, highlight=False)
    for name, path in files.items():
        console.print(f"{name:18} {path}", soft_wrap=True, markup=False)


def _verify(path: Path, *, as_json: bool) -> None:
    from debulk.trials.retrodiction.locking import verify_predictions

    locked = verify_predictions(path)
    if as_json:
        print_json({"verified": True, "trials": locked})
        return
    from debulk.reports.retrodiction.tables import locked_table

    console = answers()
    console.print(locked_table([each.to_dict() for each in locked]))
    console.print("Every file is as it was locked.", markup=False)
