"""The rebuilt patients as a table, and the figure, each written whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from debulk.cli.evidence.table_files import check_path, write_table

if TYPE_CHECKING:
    import polars as pl

    from debulk.cli.evidence.reconstruction_answer import Answer

_PICTURES = (".svg", ".pdf", ".png")


def check_paths(out: Path | None, figure: Path | None) -> None:
    """Refuse, before anything is computed, a path at which nothing can be written.

    Raises
    ------
    InputError
        If an ending is not known, a folder does not exist, or the path is a folder.
    """
    check_path("--out", out)
    check_path("--figure", figure, _PICTURES)


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
    from debulk.core.files import write_with

    files = {}
    picture = None if figure is None else _picture(answer, figure.suffix.lower()[1:])
    if out is not None:
        write_table(out, patients_of(answer))
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
    title = f"Time ({answer.known_unit})" if answer.known_unit else "Time"
    return drawn(reconstruction_chart(arms, time_title=title, notes=answer.notes))[kind]
