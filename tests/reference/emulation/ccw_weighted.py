"""Write ccw_weighted.csv: start-stop rows of weighted clones of the shared case, read by R.

Times are spread inside their months, so that exact times are tested and deaths are not tied.
"""

from __future__ import annotations

import runpy
from pathlib import Path

import polars as pl

from debulk.emulation.clones.fit import clone_censor_weight
from debulk.emulation.clones.weights import weighted_follow_up
from debulk.emulation.grace import GracePeriod

HERE = Path(__file__).parent
CLONES = HERE.parents[1] / "emulation" / "clones"


def main() -> None:
    """Both timings, both strategies."""
    hand_made = runpy.run_path(str(CLONES / "hand_made.py"))
    data = hand_made["person_time"](hand_made["spread_case"](), 24, "burden", "side")
    tables = []
    for timing in ("natural", "uniform"):
        answer = clone_censor_weight(data, GracePeriod(timing), tau_months=24.0)  # type: ignore[arg-type]
        for arm, name in enumerate(("no_local", "local")):
            table = weighted_follow_up(data, answer, name)
            tables.append(
                table.select(
                    pl.lit(timing).alias("timing"),
                    pl.lit(arm).alias("arm"),
                    pl.col("start_months").alias("start"),
                    pl.col("stop_months").alias("stop"),
                    "event",
                    "weight",
                )
            )
    pl.concat(tables).write_csv(HERE / "ccw_weighted.csv")


if __name__ == "__main__":
    main()
