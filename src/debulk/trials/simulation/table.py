"""The trials of a simulation, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from debulk.core.errors import InputError
from debulk.survival.options import whole_number
from debulk.trials.simulation.chunk import Chunk

if TYPE_CHECKING:
    from debulk.trials.simulation.design_characteristics import DesignCharacteristics

_WAYS = ("", "efficacy", "futility", "harm", "none")


def table_of(found: DesignCharacteristics, first: Any, trials: Any) -> pl.DataFrame:
    """See `DesignCharacteristics.trial_table`."""
    start = whole_number(first, "first", 0, found.trials - 1)
    count = whole_number(trials, "trials", 1, 2**31)
    if start + count > found.trials:
        wrong = f"{count} from trial {start} on end beyond the {found.trials} simulated"
        raise InputError("trials", wrong, f"Give at most {found.trials - start}")
    chunk = Chunk.empty(found.flat, count)
    chunk.fill(found.flat, found.seed, start, count, found.hazard_ratios is not None)
    ways = list(_WAYS)
    if found.opposite is not None:
        ways[3] = "opposite"
    columns: dict[str, Any] = {
        "trial": np.arange(start, start + count),
        "outcome": [ways[way] for way in chunk.ends[:, 1]],
        "look": chunk.ends[:, 0].astype(np.int64) + 1,
        "events": chunk.counts[:, 0],
        "patients": chunk.counts[:, 1],
        "months": chunk.month[np.arange(count), chunk.ends[:, 0]],
        "hazard_ratio": np.exp(chunk.log_ratio),
    }
    for look in range(found.flat.looks):
        columns[f"z_{look + 1}"] = chunk.z[:, look]
        columns[f"month_{look + 1}"] = chunk.month[:, look]
    return pl.DataFrame(columns).fill_nan(None)
