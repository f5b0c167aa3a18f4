"""What a sweep computes: kind, grid, what is the same at all points."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import polars as pl

from debulk.core.results import plain
from debulk.trials.running.identity import identity
from debulk.trials.sweeps.grid import Grid

Kind = Literal["design", "protocol"]
"""Planned designs, or protocols run on virtual patients."""

ANALYTIC, SIMULATED, RUN = 100, 10, 1
"""Points of a chunk: designs by formulas, designs simulated, protocols run."""


@dataclass(frozen=True)
class SweepSpec:
    """Everything a sweep's rows depend on.

    Attributes
    ----------
    kind : {"design", "protocol"}
    grid : Grid
    fixed : mapping of str to anything
        Assumptions that are the same at all points.
    trials : int
        Simulated at each point; 0: formulas alone.
    seed : int
        The same at all points, so that they share their random numbers.
    texts : mapping of str to (text, name)
        Files of the protocols, by how the sweep names them.
    """

    kind: Kind
    grid: Grid
    fixed: Mapping[str, Any]
    trials: int
    seed: int
    texts: Mapping[str, tuple[str, str]]

    @property
    def points_per_chunk(self) -> int:
        """How many consecutive points are computed and kept together."""
        if self.kind == "protocol":
            return RUN
        return SIMULATED if self.trials else ANALYTIC

    @property
    def chunks(self) -> range:
        """First point of every chunk."""
        return range(0, self.grid.size, self.points_per_chunk)

    def part(self, first: int) -> tuple[int, int]:
        """First point and number of points of a chunk.

        Parameters
        ----------
        first : int
            One of `chunks`.
        """
        return first, min(self.points_per_chunk, self.grid.size - first)

    @cached_property
    def columns(self) -> dict[str, pl.DataType]:
        """Columns of the table with their types."""
        from debulk.trials.sweeps.rows import outcomes

        numbers = dict.fromkeys(outcomes(self.kind, self.trials), pl.Float64())
        return {"point": pl.Int64(), **self.grid.columns(), **numbers, "error": pl.String()}

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over everything that the rows depend on."""
        content = {
            "program": identity(),
            "kind": self.kind,
            # A list, since the order of the axes numbers the points.
            "grid": [[name, values] for name, values in self.grid.to_dict().items()],
            "fixed": plain(dict(self.fixed)),
            "trials": self.trials,
            "seed": self.seed,
            "texts": {name: list(each) for name, each in self.texts.items()},
            "points_per_chunk": self.points_per_chunk,
        }
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "kind": self.kind,
            "grid": self.grid.to_dict(),
            "fixed": plain(dict(self.fixed)),
            "trials": self.trials,
            "seed": self.seed,
            "protocols": sorted(self.texts),
            "points": self.grid.size,
        }
