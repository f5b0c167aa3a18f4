"""From points of a grid to rows of a table: what came out, or why nothing could."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import polars as pl

from debulk.core.errors import InputError
from debulk.trials.sweeps import design_points, protocol_points
from debulk.trials.sweeps.grid import cell_text

if TYPE_CHECKING:
    from debulk.trials.sweeps.spec import Kind, SweepSpec

FINGERPRINT = "debulk.fingerprint"
"""Key in the metadata of a Parquet file."""


def outcomes(kind: Kind, trials: int) -> tuple[str, ...]:
    """Columns that a point's computation fills.

    Parameters
    ----------
    kind : {"design", "protocol"}
    trials : int
        0: nothing is simulated.
    """
    if kind == "protocol":
        return protocol_points.OUTCOMES
    return design_points.PLANNED + (design_points.SIMULATED if trials else ())


def parquet_of(spec: SweepSpec, first_point: int, points: int, workers: int | None = 1) -> bytes:
    """Rows of some consecutive points, as a Parquet file.

    Parameters
    ----------
    spec : SweepSpec
    first_point, points : int
        Which.
    workers : int or None
        Threads of the simulations.
    """
    numbers = range(first_point, first_point + points)
    frame = pl.DataFrame(
        [_row(spec, number, workers) for number in numbers], schema=spec.columns, orient="row"
    )
    buffer = io.BytesIO()
    frame.write_parquet(buffer, metadata={FINGERPRINT: spec.fingerprint})
    return buffer.getvalue()


def _row(spec: SweepSpec, number: int, workers: int | None) -> tuple[Any, ...]:
    point = spec.grid.point(number)
    found: dict[str, Any] = {}
    error = None
    compute = protocol_points.row if spec.kind == "protocol" else design_points.row
    try:
        found = compute(spec, {**spec.fixed, **point}, workers)
    except InputError as refusal:
        error = str(refusal)
    row: dict[str, Any] = {"point": number, "error": error}
    for name, value in found.items():
        row[name] = None if value is None or not math.isfinite(value) else float(value)
    for name, value in point.items():
        row[name] = _cell(value, spec.columns[name])
    return tuple(row.get(name) for name in spec.columns)


def _cell(value: Any, kind: pl.DataType) -> Any:
    if kind == pl.String():
        return cell_text(value)
    return float(value) if kind == pl.Float64() else value
