"""`debulk trial sweep`: a design or a protocol under a grid of assumptions."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from debulk.cli.plain_refusals import naming_options, tell_what_is_kept
from debulk.cli.terminal import JsonOption, answers, messages, print_json, progress_bar
from debulk.core.errors import InputError, nearest

if TYPE_CHECKING:
    import polars as pl
    from rich.table import Table

    from debulk.trials.sweeps.sweep_result import Sweep

KEYS = ("kind", "fixed", "grid", "trials", "seed")
"""What the file of a sweep may say."""

_ROWS = 10
_HEADLINES = (
    *("planned_events", "planned_patients", "planned_duration_months", "planned_power"),
    *("simulated_power", "patients", "power", "true_hazard_ratio", "hazard_ratio"),
)
"""Outcomes that the printed table shows; the files have all."""


def sweep(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A .yaml file with kind, fixed and grid.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for the rows; finished chunks are kept there, and the same command "
            "resumes. Default: a folder under runs/.",
        ),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(
            help="Trials simulated at each point. Default: the file's, else none for designs and "
            "100 for protocols."
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Seed of the random streams of all points. Default: the file's, else 1."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Threads; the results do not depend on it. Default: all.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="An existing Dask cluster that computes the chunks, for instance "
            "tcp://10.0.0.5:8786; only one you trust. Needs debulk with its extra "
            "named cluster.",
        ),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by",
            metavar="AXIS",
            help="Print means of the outcomes by this axis instead of the first rows; may be "
            "repeated.",
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over instead of resuming in the folder.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Compute a design, or run a protocol, under every combination of a grid of assumptions."""
    from debulk.core.files import exists
    from debulk.core.yaml_files import read_yaml
    from debulk.trials.sweeps.sweeping import sweep as compute
    from debulk.trials.sweeps.sweeping import sweep_spec

    entries = _entries(read_yaml(file))
    entries |= {
        name: value for name, value in (("trials", trials), ("seed", seed)) if value is not None
    }
    grid = entries.pop("grid")
    try:
        spec = sweep_spec(grid, **entries)
    except InputError as error:
        flag = {"trials": trials, "seed": seed}.get(error.where) is not None
        where = f"--{error.where}" if flag else f"{file}, {error.where.removeprefix('sweep, ')}"
        raise InputError(where.removesuffix(", sweep"), error.found, error.remedy) from None
    for number, name in enumerate(by or ()):
        if by and name in by[:number]:
            raise InputError("--by", f"{name!r} stands there twice", "Give each axis once")
        if name not in spec.grid.names:
            remedy = nearest(name, spec.grid.names)
            raise InputError("--by", f"{name!r} is no axis of the grid", remedy)
    if cluster is not None:
        from debulk.trials.running.cluster import check_cluster

        check_cluster(cluster)
    folder = out or Path("runs") / f"sweep-{file.stem}-{spec.fingerprint[:8]}"
    existed = exists(folder)
    console = messages()
    try:
        with (
            naming_options({"workers": "--workers"}),
            progress_bar(console, "points", spec.grid.size) as progress,
        ):
            found = compute(
                grid,
                out=folder,
                workers=workers,
                cluster=cluster,
                progress=progress,
                fresh=fresh,
                **entries,
            )
    except (KeyboardInterrupt, InputError) as stop:
        kept = _keep_finished(folder, existed)
        tell_what_is_kept(console, stop, folder, one="point", kept=kept)
        raise
    _print(found, by or [], as_json)


def _entries(document: Any) -> dict[str, Any]:
    content = document.content
    if not isinstance(content, dict) or "grid" not in content:
        raise document.error((), "has no grid", "Write grid: with values by assumption below it")
    for name in content:
        if name not in KEYS:
            raise document.error((name,), f"{name!r} is not known here", nearest(str(name), KEYS))
    return {name: value for name, value in content.items() if value is not None or name == "grid"}


def _print(found: Sweep, by: list[str], as_json: bool) -> None:
    rows = found.by(by) if by else found.head(_ROWS)
    result = found.to_dict()
    if as_json:
        print_json({**result, "by": by, "rows": rows.to_dicts()})
        return
    console = answers()
    first = [*by, "points", "failed"] if by else ["point", *found.spec.grid.names]
    console.print(_table(rows, first))
    console.print()
    for number, error in _errors(rows):
        console.print(f"Point {number}: {error}", soft_wrap=True, markup=False)
    more = "" if by or found.points <= _ROWS else f" ({_ROWS} shown)"
    console.print(f"{found.points:,} points{more}; {result['failed']:,} of them impossible.")
    files = "1 file" if result["files"] == 1 else f"{result['files']:,} files"
    console.print(f"Parquet  {result['folder']} ({files})", soft_wrap=True)


def _table(rows: pl.DataFrame, first: list[str]) -> Table:
    from rich.table import Table

    names = [*first, *(name for name in _HEADLINES if name in rows.columns and name not in first)]
    # With spaces a heading breaks over lines, where with underscores it would be cut.
    table = Table(*(name.replace("_", " ") for name in names), box=None, pad_edge=False)
    for row in rows.select(names).iter_rows():
        table.add_row(*(_shown(each) for each in row))
    return table


def _errors(rows: pl.DataFrame) -> list[tuple[int, str]]:
    """Points and their reasons, each reason once."""
    if "error" not in rows.columns:
        return []
    wrong = rows.select("point", "error").drop_nulls()
    return list(wrong.unique("error", keep="first", maintain_order=True).iter_rows())


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def _keep_finished(folder: Path, existed: bool) -> bool:
    """Whether finished points are kept; if there are none, nothing is left behind."""
    inside = folder / "points"
    if any(inside.glob("points-*.parquet")):
        return True
    shutil.rmtree(inside if existed else folder, ignore_errors=True)
    return False
