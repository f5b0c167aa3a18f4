"""Meta-analyses a second beside metafor and statsmodels, from the same numbers."""

from __future__ import annotations

import math
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.row import Row, best_seconds
from debulk.core.compiled import use_threads
from debulk.evidence.pooling.batch import pool_many
from debulk.evidence.pooling.bayes import pool_bayesian
from debulk.evidence.pooling.random_effects import pool

SETS, STUDIES = 10_000, 10
PEER_SETS = 100
"""Peers pool so many; their time is told for all sets."""
MANY = 10_000
"""Studies of one large meta-analysis."""

ALL = f"{SETS:,} meta-analyses of {STUDIES} studies"
REML = f"{ALL}, REML and HKSJ"
REML_ONE_THREAD = f"{REML}, one thread"
DL = f"{ALL}, DerSimonian and Laird, normal interval"
ONE = f"one meta-analysis of {STUDIES} studies with all it tells"
LARGE = f"one meta-analysis of {MANY:,} studies"
REGRESSION = f"one meta-regression of {STUDIES * 10} studies, one moderator"
BAYES = f"Bayesian random effects, {STUDIES} studies"

Floats = npt.NDArray[np.float64]


def studies(sets: int, size: int) -> tuple[Floats, Floats]:
    """Log hazard ratios of trials with 30 to 400 events that differ by 0.2."""
    random = np.random.default_rng(20)
    errors = 2.0 / np.sqrt(random.uniform(30.0, 400.0, (sets, size)))
    return random.normal(-0.2, np.hypot(errors, 0.2)), errors


def rows() -> list[Row]:
    """Best of five runs of each, after one that is not counted."""
    y, s = studies(SETS, STUDIES)
    large, regression = studies(1, MANY), studies(1, STUDIES * 10)
    column = {"x": np.linspace(0.0, 1.0, STUDIES * 10)}
    tasks: dict[str, Any] = {
        REML: lambda: pool_many(y, s),
        DL: lambda: pool_many(y, s, method="dl", interval="wald"),
        ONE: lambda: pool(y[0], s[0]),
        LARGE: lambda: pool(large[0][0], large[1][0]),
        REGRESSION: lambda: pool(regression[0][0], regression[1][0], moderators=column),
        BAYES: lambda: pool_bayesian(y[0], s[0]),
    }
    ours = [Row(name, "debulk", best_seconds(work), "s") for name, work in tasks.items()]
    try:
        use_threads(1)
        alone = Row(REML_ONE_THREAD, "debulk", best_seconds(tasks[REML]), "s")
    finally:
        use_threads(None)
    return [ours[0], alone, *ours[1:], *_metafor(y, s), *_statsmodels(y, s)]


def _metafor(y: Floats, s: Floats) -> list[Row]:
    script = shutil.which("Rscript")
    if script is None:
        return [Row(REML, "metafor", math.nan, "s", "R is not installed")]
    with tempfile.TemporaryDirectory() as folder:
        for name, values in (("y", y[:PEER_SETS]), ("s", s[:PEER_SETS])):
            np.savetxt(Path(folder) / f"{name}.csv", values, delimiter=",")
        command = [script, str(Path(__file__).with_name("pooling_speed.R")), folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return [Row(REML, "metafor", math.nan, "s", "not installed in R")]
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    version = next(line[1] for line in lines if line[0] == "version")
    sizes = {"REML": (REML, SETS), "DL": (DL, SETS), "one": (ONE, 1)}
    return [
        Row(sizes[line[1]][0], f"metafor {version}", float(line[2]) * sizes[line[1]][1], "s")
        for line in lines
        if line[0] == "row"
    ]


def _statsmodels(y: Floats, s: Floats) -> list[Row]:
    try:
        from statsmodels import __version__
        from statsmodels.stats.meta_analysis import combine_effects
    except ImportError:
        return [Row(DL, "statsmodels", math.nan, "s", "not installed")]

    def all_sets() -> None:
        for row in range(PEER_SETS):
            combine_effects(y[row], s[row] ** 2, method_re="dl")

    return [Row(DL, f"statsmodels {__version__}", best_seconds(all_sets) * SETS / PEER_SETS, "s")]
