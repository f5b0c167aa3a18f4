"""Boundaries and sample sizes beside rpact: milliseconds from nothing to the whole design."""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from benchmarks.row import Row, best_seconds
from debulk.survival import FlemingHarrington
from debulk.trials import (
    Alternative,
    Spending,
    Timing,
    average_hazard_ratio_design,
    group_sequential,
    max_combo_design,
    rmst_design,
    survival_design,
    weighted_logrank_design,
)

HAZARD = math.log(2.0) / 28.0
TWENTY = tuple((look + 1) / 20 for look in range(20))
LATE = ((0.0, 1.2), (6.0, 0.65))
"""Harm in the first half year, benefit afterwards."""


def tasks() -> dict[str, Callable[[], object]]:
    """What is computed, by name; those that rpact has too come first."""
    flat = {"hazard_ratio": 0.75, "median_control": 28.0, "power": 0.8, "accrual": 60.0}
    spent = Spending("obrien-fleming")
    late_benefit = {"hazard_ratio": LATE, "median_control": 28.0, "power": 0.8}
    calendar = [Timing(calendar_month=36), Timing(calendar_month=54), None]
    pieces = ((0.0, HAZARD), (6.0, 1.1 * HAZARD), (18.0, 1.2 * HAZARD))
    crossing = Alternative(LATE, median_control=28.0, accrual=60.0, dropout=0.05)
    asked = {"power": 0.8, "follow_up": 24.0}
    late = Spending("hwang-shih-decani", -4.0)
    return {
        "20 looks, O'Brien-Fleming spending": lambda: group_sequential(TWENTY, efficacy=spent),
        "20 looks, Hwang-Shih-DeCani -4 spending": lambda: group_sequential(TWENTY, efficacy=late),
        "20 looks, spending of alpha and beta": lambda: group_sequential(
            TWENTY, efficacy=spent, futility=late, beta=0.2
        ),
        "20 looks, Pocock": lambda: group_sequential(TWENTY, efficacy="pocock"),
        "sample size, one look": lambda: survival_design(**flat, follow_up=24.0, dropout=0.05),
        "sample size, three looks": lambda: survival_design(
            **flat,
            follow_up=24.0,
            dropout=0.05,
            boundaries=group_sequential((0.5, 0.75, 1.0), efficacy=spent),
        ),
        "sample size, three hazards in time, five looks": lambda: survival_design(
            hazard_ratio=0.75,
            hazard_control=pieces,
            power=0.8,
            accrual=60.0,
            follow_up=24.0,
            boundaries=group_sequential(TWENTY[3::4], efficacy=spent),
        ),
        "crossing hazards: average hazard ratio": lambda: average_hazard_ratio_design(
            crossing, **asked
        ),
        "crossing hazards: Fleming-Harrington (0, 1)": lambda: weighted_logrank_design(
            crossing, weighting=FlemingHarrington(0.0, 1.0), **asked
        ),
        "crossing hazards: MaxCombo": lambda: max_combo_design(crossing, **asked),
        "crossing hazards: restricted mean to 60 months": lambda: rmst_design(
            crossing, tau=60.0, **asked
        ),
        "20 looks, Pocock, binding futility by spending of beta": lambda: group_sequential(
            TWENTY, efficacy="pocock", futility=late, binding=True, beta=0.2
        ),
        "late benefit, looks at calendar months": lambda: survival_design(
            **late_benefit,
            accrual=60.0,
            follow_up=24.0,
            timing=calendar,
            boundaries=group_sequential((0.4, 0.7, 1.0), efficacy=spent),
        ),
        "crossing hazards: Fleming-Harrington (0, 1), 20 looks": lambda: weighted_logrank_design(
            crossing,
            weighting=FlemingHarrington(0.0, 1.0),
            boundaries=group_sequential(TWENTY, efficacy=spent),
            **asked,
        ),
    }


def rows() -> list[Row]:
    """Best of five runs of each, after one that is not counted."""
    measured = [
        Row(name, "debulk", 1e3 * best_seconds(work), "ms") for name, work in tasks().items()
    ]
    return measured + _rpact()


def _rpact() -> list[Row]:
    script = shutil.which("Rscript")
    if script is None:
        return [Row("boundaries and sample sizes", "rpact", math.nan, "ms", "R is not installed")]
    command = [script, str(Path(__file__).with_name("design_speed.R"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return [Row("boundaries and sample sizes", "rpact", math.nan, "ms", "not installed in R")]
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    version = next(line[1] for line in lines if line[0] == "version")
    return [
        Row(line[1], f"rpact {version}", 1e3 * float(line[2]), "ms")
        for line in lines
        if line[0] == "row"
    ]
