"""The rebuilt patients as a table, and the figure, each written whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from debulk.core.errors import InputError

if TYPE_CHECKING:
    import polars as pl

    from debulk.cli.evidence.reconstruction_answer import Answer

_TABLES = (".csv", ".parquet")
_PICTURES = (".svg", ".pdf", ".png")


def check_paths(out: Path | None, figure: Path | None) -> None:
    """Refuse, before anything is computed, a path at which nothing can be written.

    Raises
    ------
    InputError
        If an ending is not known, a folder does not exist, or the path is a folder.
    """
    for option, path, endings in (("--out", out, _TABLES), ("--figure", figure, _PICTURES)):
        if path is None:
            continue
        if path.suffix.lower() not in endings:
            found = f"{option} {path}"
            raise InputError(found, f"ends in {path.suffix!r}", f"End it in {' or '.join(endings)}")
        if path.is_dir() or not path.parent.is_dir():
            lacks = "is a folder" if path.is_dir() else "its folder does not exist"
            raise InputError(f"{option} {path}", lacks, "Give a file in an existing folder")


def write_files(answer: Answer, out: Path | None, figure: Path | None) -> dict[str, str]:
    """Write what was asked for.

    Returns
    -------
    dict of str to str
        ``patients`` and ``figure`` to their paths.

    Raises
    ------
    InputError
        If a file cannot be written, or vl-convert, which makes pictures, is not installed.
    """
    from debulk.core.files import write_text, write_with

    files = {}
    picture = None if figure is None else _picture(answer, figure.suffix.lower()[1:])
    if out is not None:
        table = patients_of(answer)
        if out.suffix.lower() == ".csv":
            write_text(out, table.write_csv())
        else:
            write_with(out, table.write_parquet)
        files["patients"] = str(out)
    if figure is not None and picture is not None:
        write_with(figure, lambda aside: aside.write_bytes(picture))
        files["figure"] = str(figure)
    return files


def patients_of(answer: Answer) -> pl.DataFrame:
    """The patients of all arms: arm (where there are two), time, event (1 died, 0 censored)."""
    import polars as pl

    frames = [
        each.rebuilt.patients.select(
            pl.lit(each.name).alias("arm"), pl.col("time"), pl.col("event").cast(pl.Int64)
        )
        for each in answer.arms
    ]
    table = pl.concat(frames)
    return table if len(answer.arms) > 1 else table.drop("arm")


def _picture(answer: Answer, kind: str) -> bytes:
    from debulk.reports.evidence.reconstruction_figure import RebuiltArm, reconstruction_chart
    from debulk.reports.figures.pictures import drawn

    arms = [
        RebuiltArm(each.name, each.clicks, each.rebuilt.patients, each.at_risk)
        for each in answer.arms
    ]
    known = answer.unit != "as in the file"
    title = f"Time ({answer.unit})" if known else "Time"
    return drawn(reconstruction_chart(arms, time_title=title, notes=answer.notes))[kind]
