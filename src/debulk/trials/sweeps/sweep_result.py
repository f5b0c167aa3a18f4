"""A finished sweep: where its rows are, read only when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.trials.sweeps.spec import SweepSpec
from debulk.trials.sweeps.store import POINTS, point_file


@dataclass(frozen=True)
class Sweep:
    """The rows of a sweep, one a point, in Parquet files; `sweep` makes it.

    Attributes
    ----------
    spec : SweepSpec
        What was computed.
    folder : Path
        Output folder; the files are in its ``points``.
    """

    spec: SweepSpec
    folder: Path

    @property
    def files(self) -> list[Path]:
        """One Parquet file a chunk, in the order of the points."""
        spec = self.spec
        return [point_file(self.folder / POINTS, *spec.part(first)) for first in spec.chunks]

    @property
    def points(self) -> int:
        """Number of points."""
        return self.spec.grid.size

    def scan(self) -> pl.LazyFrame:
        """The rows as a lazy table, in the order of the points; nothing is read before `collect`.

        Columns: point, one an axis of the grid, the outcomes, and error: why a point has none.
        """
        return pl.scan_parquet(self.files)

    def failed(self) -> int:
        """Number of points that were impossible; their rows say why."""
        return int(self._collected(self.scan().select(pl.col("error").is_not_null().sum())).item())

    def head(self, rows: int = 10) -> pl.DataFrame:
        """The first rows.

        Parameters
        ----------
        rows : int
            How many.
        """
        return self.scan().head(rows).collect()

    def by(self, names: Sequence[str]) -> pl.DataFrame:
        """Means of the outcomes over all points that share some assumptions.

        Parameters
        ----------
        names : sequence of str
            Axes of the grid.

        Returns
        -------
        polars.DataFrame
            The axes, points, failed, and the mean of each outcome over the points that have it.

        Raises
        ------
        InputError
            If there is no such axis.
        """
        axes = self.spec.grid.names
        for name in names:
            if name not in axes:
                raise InputError("by", f"{name!r} is no axis of the grid", nearest(name, axes))
        outcomes = [name for name in self.spec.columns if name not in ("point", "error", *axes)]
        rows = (
            self.scan()
            .group_by(list(names))
            .agg(
                pl.col("point").min().alias("_first"),
                pl.len().cast(pl.Int64).alias("points"),
                pl.col("error").is_not_null().sum().cast(pl.Int64).alias("failed"),
                pl.col(outcomes).mean(),
            )
            .sort("_first")
            .drop("_first")
        )
        return self._collected(rows)

    def to_dict(self) -> dict[str, Any]:
        """What was swept and where the rows are, as plain values."""
        return {
            **self.spec.to_dict(),
            "failed": self.failed(),
            "columns": list(self.spec.columns),
            "folder": str(self.folder / POINTS),
            "files": len(self.spec.chunks),
        }

    @staticmethod
    def _collected(rows: pl.LazyFrame) -> pl.DataFrame:
        return rows.collect(engine="streaming")
