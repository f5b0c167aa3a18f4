"""`debulk emulate laboratory`: the bias of every method on registries of known truth."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.plain_refusals import naming_options, tell_what_is_kept
from debulk.cli.terminal import (
    JsonOption,
    answers,
    figures_possible,
    messages,
    print_json,
    progress_bar,
)
from debulk.core.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from debulk.emulation.laboratory.cells import Cell, Experiment
    from debulk.emulation.laboratory.table import LaboratoryTable

FILES = {"results": "results.json", "scores": "scores.parquet"}
"""What is written into the folder of ``--out``."""

_OPTIONS = {
    name: f"--{name}"
    for name in (
        *("scenario", "selection", "unmeasured", "registries", "patients"),
        *("seed", "timing", "bootstrap", "model", "workers"),
    )
}


def laboratory(
    scenario: Annotated[
        str | None,
        typer.Option(
            help="What local treatment does: null, harm-then-benefit or benefit-in-few. "
            "Default: null."
        ),
    ] = None,
    selection: Annotated[
        str | None,
        typer.Option(
            help="How strongly the board chooses by what is recorded: mild or hard. Default: mild."
        ),
    ] = None,
    unmeasured: Annotated[
        str | None,
        typer.Option(
            help="How strongly it chooses by a frailty that is not recorded: none, weak or strong. "
            "Default: none."
        ),
    ] = None,
    registries: Annotated[
        int | None, typer.Option(help="Registries of each situation. Default: 1000.")
    ] = None,
    patients: Annotated[
        int | None, typer.Option(help="Patients of each registry. Default: 2000.")
    ] = None,
    seed: Annotated[
        int,
        typer.Option(help="Number from which chance is drawn; the same gives the same results."),
    ] = 1,
    timing: Annotated[
        str | None,
        typer.Option(
            help="When the strategy treats inside its grace period, natural or uniform: their "
            "truths differ. Default: both."
        ),
    ] = None,
    bootstrap: Annotated[
        int | None,
        typer.Option(
            help="Bootstrap replicates of clone-censor-weight, beside its sandwich. Default: none; "
            "with --all, 200 in the reference cells."
        ),
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            help="What makes the registries: simple (a cheap simulator) or disease (the disease "
            "model, slower)."
        ),
    ] = "simple",
    every: Annotated[
        bool,
        typer.Option(
            "--all", help="Every situation, and other sizes of a registry in some of them."
        ),
    ] = False,
    workers: Annotated[
        int | None, typer.Option(help="Processes; the results do not depend on it. Default: all.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for the results; finished chunks are kept there, and the same command "
            "resumes.",
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over instead of resuming in the folder.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Score every method of emulation on simulated registries whose truth is known.

    Bias, coverage, false positives and power, with their Monte Carlo errors. The JSON is the table
    of bias that debulk evidence pool --bias reads: one situation, or with --all a list of them.
    """
    from debulk.emulation.laboratory.cells import Cell, Experiment, whole_table

    situation = {"scenario": scenario, "selection": selection, "unmeasured": unmeasured}
    if every:
        for name, value in situation.items():
            if value is not None:
                found = f"{value!r} beside --all, which runs every one"
                raise InputError(f"--{name}", found, "Leave one of them out")
    defaults = {"scenario": "null", "selection": "mild", "unmeasured": "none"}
    asked: dict[str, Any] = {"registries": registries, "patients": patients, "bootstrap": bootstrap}
    asked = {name: value for name, value in asked.items() if value is not None}
    asked["model"] = model
    if timing is not None:
        asked["timings"] = (timing,)
    with naming_options(_OPTIONS):
        cells: tuple[Cell, ...]
        if every:
            cells = whole_table(**asked)
        else:
            asked |= {name: value or defaults[name] for name, value in situation.items()}
            cells = (Cell(**asked),)
        experiment = _experiment(Experiment, cells, seed)
        table = _run(experiment, workers, out, fresh, messages())
    files = {} if out is None else _write(table, out)
    told = table.to_list()
    if as_json:
        print_json(told if every else told[0])
        return
    console = answers()
    for cell in told:
        for size in (cell, *cell.get("sizes", ())):
            console.print(_printed(size))
            console.print()
    for name, path in files.items():
        console.print(f"{name:8} {path}", soft_wrap=True, markup=False)


def _experiment(kind: type[Experiment], cells: tuple[Cell, ...], seed: int) -> Experiment:
    if cells[0].model == "simple":
        return kind(cells, seed=seed)
    from debulk.emulation.laboratory.disease_world import DISEASE_TRUTH_PATIENTS

    return kind(cells, seed=seed, truth_patients=DISEASE_TRUTH_PATIENTS)


def _run(
    experiment: Experiment, workers: int | None, out: Path | None, fresh: bool, console: Console
) -> LaboratoryTable:
    """Run it with a bar; after an interruption say what is kept."""
    from debulk.core.files import exists
    from debulk.emulation.laboratory.running import fingerprint, run_laboratory
    from debulk.emulation.laboratory.store import CHUNKS, RegistryStore

    existed = out is not None and exists(out)
    store = None if out is None else RegistryStore(out, fingerprint(experiment), fresh=fresh)
    wanted = sum(cell.registries for cell in experiment.cells)
    try:
        with progress_bar(console, "registries", wanted) as progress:
            return run_laboratory(experiment, workers=workers, progress=progress, store=store)
    except (KeyboardInterrupt, InputError) as stop:
        if out is not None:
            kept = _keep_finished(out, out / CHUNKS, existed)
            tell_what_is_kept(console, stop, out, one="chunk", kept=kept)
        raise
    finally:
        if store is not None:
            store.close()


def _keep_finished(folder: Path, chunks: Path, existed: bool) -> bool:
    """Whether finished chunks are kept; if there are none, nothing is left behind."""
    if any(chunks.glob("*.npz")):
        return True
    shutil.rmtree(chunks if existed else folder, ignore_errors=True)
    return False


def _write(table: LaboratoryTable, out: Path) -> dict[str, Path]:
    from debulk.core.files import json_text, write_text, write_with

    files = {name: out / file for name, file in FILES.items()}
    write_text(files["results"], json_text(table.to_list()))
    write_with(files["scores"], table.frame().write_parquet)
    if figures_possible():
        from debulk.reports.emulation.laboratory_page import write_laboratory_page

        files |= {
            Path(name).name: out / name for name in write_laboratory_page(out, table.to_list())
        }
    return files


def _printed(cell: dict[str, Any]) -> Table:
    """One situation: a row for each interval of each method."""
    from rich.table import Table

    situation = ", ".join(str(cell[name]) for name in ("scenario", "selection", "unmeasured"))
    null = cell["scenario"] == "null"
    headings = (
        "method",
        "interval",
        "bias log HR",
        "±",
        "coverage",
        "false pos." if null else "power",
    )
    table = Table(
        *headings,
        *("bias RMST", "±", "coverage", "failed"),
        title=f"{situation}; {cell['registries']:,} registries of {cell['patients']:,}",
        box=None,
        pad_edge=False,
        title_justify="left",
    )
    for method in cell["methods"]:
        for interval, scores in method["intervals"].items():
            ratio, rmst = scores["log_hazard_ratio"], scores["rmst_months"]
            table.add_row(
                # Names differ at their ends: they are wrapped between words, not cut.
                method["method"].replace("-", " "),
                interval.replace("-", " "),
                *_shown(ratio, ("bias", "monte_carlo_error"), 3),
                *_shown(ratio, ("coverage", "rejected"), 3),
                *_shown(rmst, ("bias", "monte_carlo_error"), 2),
                *_shown(rmst, ("coverage",), 3),
                str(method["failures"]),
            )
    return table


def _shown(score: dict[str, Any], names: tuple[str, ...], digits: int) -> list[str]:
    return ["" if score[name] is None else f"{score[name]:.{digits}f}" for name in names]
