"""The files that `debulk emulate run --out` writes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from debulk.cli.terminal import figures_possible
from debulk.core.files import exists, json_text, output_folder, write_text, write_with
from debulk.core.provenance import Exclusion

if TYPE_CHECKING:
    from debulk.emulation.emulation_result import Emulation

FILES = {"emulation": "emulation.json", "curves": "curves.csv", "flow": "flow.csv"}
"""What is written: everything, the curves of each method, the participant flow."""


@contextlib.contextmanager
def folder_for(out: Path | None) -> Iterator[None]:
    """See before the work begins that a folder can be written to; leave none behind that is empty.

    Raises
    ------
    InputError
        If it cannot.
    """
    existed = out is None or exists(out)
    if out is not None:
        output_folder(out)
    try:
        yield
    except BaseException:
        if out is not None and not existed:
            with contextlib.suppress(OSError):
                out.rmdir()
        raise


def write_emulation(found: Emulation, out: Path) -> dict[str, str]:
    """Write the files into a folder, each whole or not at all; returns their names.

    Raises
    ------
    InputError
        If the folder cannot be written to.
    """
    folder = output_folder(out)
    write_with(folder / FILES["curves"], _curves(found).write_csv)
    write_with(folder / FILES["flow"], _flow(found).write_csv)
    files = FILES | _figures(found, folder)
    write_text(folder / FILES["emulation"], json_text({**found.to_dict(), "files": files}))
    return files


def _figures(found: Emulation, folder: Path) -> dict[str, str]:
    """Figures and page, where what draws them is installed."""
    if not figures_possible():
        return {}
    from debulk.reports.emulation.page import write_emulation_page

    names = write_emulation_page(folder, found.to_dict())
    return {name: name for name in names}


def _flow(found: Emulation) -> pl.DataFrame:
    """A row a reason; one without a reason where a step left nobody out."""
    nobody = (Exclusion("", 0.0),)
    return pl.DataFrame(
        [
            {
                "step": step.step,
                "patients": step.patients,
                "left_out": int(each.count),
                "reason": each.reason or None,
            }
            for step in found.flow
            for each in step.left_out or nobody
        ],
        schema_overrides={"reason": pl.String},
    )


def _curves(found: Emulation) -> pl.DataFrame:
    columns = ("time_months", "survival", "lower", "upper", "at_risk")
    parts = [
        pl.DataFrame({name: getattr(curve, name) for name in columns}).select(
            pl.lit(answer.method).alias("method"),
            pl.lit(curve.strategy).alias("strategy"),
            *columns,
        )
        for answer in found.answers
        for curve in answer.curves
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema=["method", "strategy", *columns])
