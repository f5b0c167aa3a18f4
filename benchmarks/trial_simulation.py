"""Simulated survival trials beside a vectorised twin in C and rpact, per second of one processor.

382 patients, entry uniform over 60 months, control median 28 months, hazard ratio 0.75, loss 5 % a
year, analysis at 300 events. Memory: python -m benchmarks.trial_simulation TRIALS prints the
peak of a process that simulates so many.
"""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.row import Row
from debulk.core.compiled import use_threads
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.simulation.design_characteristics import DesignCharacteristics
from debulk.trials.simulation.simulating import simulate
from debulk.trials.survival_designs.assumptions import Stratum
from debulk.trials.survival_designs.designing import survival_design
from debulk.trials.survival_designs.trial_design import TrialDesign

TRIALS, RPACT_TRIALS = 100_000, 20_000
ROUNDS = 6
"""Programs take turns, so that a busy machine slows all alike; the best of each counts."""
HAZARD = math.log(2.0) / 28.0
PIECES = ((0.0, HAZARD), (6.0, 1.1 * HAZARD), (18.0, 1.2 * HAZARD))
COMPILERS = {
    "C, gcc -O3 -march=native": ["-O3", "-march=native"],
    "C, gcc -O3 -march=native -ffast-math": ["-O3", "-march=native", "-ffast-math"],
}
PER_CORE = "trials/s and core"


def designs() -> dict[str, TrialDesign]:
    """The plain trial, and with piecewise hazards, strata, looks, and all three."""
    looks = group_sequential((0.5, 0.75, 1.0), efficacy="obrien-fleming")
    strata = tuple(Stratum(0.5, PIECES, None, name) for name in ("a", "b"))
    return {
        "plain": _design(hazard_control=HAZARD),
        "three hazards in time": _design(hazard_control=PIECES),
        "two strata": _design(
            strata=tuple(Stratum(0.5, ((0.0, HAZARD),), None, name) for name in ("a", "b"))
        ),
        "three looks": _design(hazard_control=HAZARD, boundaries=looks),
        "three hazards, two strata, three looks": _design(strata=strata, boundaries=looks),
    }


def _design(**others: object) -> TrialDesign:
    return survival_design(  # type: ignore[arg-type]
        hazard_ratio=0.75, events=300, patients=382, accrual=60, dropout=0.05, **others
    )


def rows() -> list[Row]:
    """Speed of every program in turns, two threads against one, and peak memory."""
    best: dict[tuple[str, str], float] = {}
    notes: dict[tuple[str, str], str] = {}

    def keep(what: str, program: str, speed: float, note: str) -> None:
        best[what, program] = max(best.get((what, program), 0.0), speed)
        notes[what, program] = note

    planned = designs()
    for design in planned.values():
        simulate(design, trials=64, workers=1)
    missing: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        twins = _compiled(Path(folder), missing)
        for turn in range(ROUNDS):
            for program, command in twins.items():
                seconds, _, power = _numbers([*command, str(TRIALS), "1"])
                keep("log-rank, plain", program, TRIALS / seconds, f"power {power:.4f}")
            for name, design in planned.items():
                for task, estimate in (("log-rank", False), ("log-rank and Cox", True)):
                    speed, found = _timed(design, estimate, 1, time.process_time)
                    keep(f"{task}, {name}", "debulk", speed, f"power {found.power:.4f}")
            if turn == 0:
                _rpact(keep, missing)
    speeds = [Row(*key, speed, PER_CORE, notes[key]) for key, speed in best.items()]
    return [*speeds, *missing, *_ratios(best), *_threads(planned["plain"]), *_memory()]


def _timed(
    design: TrialDesign, estimate: bool, workers: int, clock: Callable[[], float]
) -> tuple[float, DesignCharacteristics]:
    start = clock()
    found = simulate(design, trials=TRIALS, workers=workers, estimate=estimate)
    return TRIALS / (clock() - start), found


def _compiled(folder: Path, missing: list[Row]) -> dict[str, list[str]]:
    compiler = shutil.which("gcc")
    if compiler is None:
        missing.append(Row("log-rank, plain", "C", math.nan, PER_CORE, "no gcc on this machine"))
        return {}
    source = Path(__file__).with_name("trial_twin.c")
    found = {}
    for number, (name, options) in enumerate(COMPILERS.items()):
        made = folder / f"twin{number}"
        subprocess.run([compiler, *options, str(source), "-o", str(made), "-lm"], check=True)
        found[name] = [str(made)]
    return found


def _numbers(command: list[str]) -> list[float]:
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [float(each) for each in printed.split()]


def _rpact(keep: Callable[[str, str, float, str], None], missing: list[Row]) -> None:
    script = str(Path(__file__).with_name("trial_rpact.R"))
    printed = ""
    if shutil.which("Rscript") is not None:
        command = ["Rscript", script, str(RPACT_TRIALS)]
        printed = subprocess.run(command, check=False, capture_output=True, text=True).stdout
    if not printed.strip():
        note = "neither R nor rpact on this machine"
        missing.append(Row("log-rank, plain", "rpact", math.nan, PER_CORE, note))
    for line in printed.splitlines():
        task, version, seconds, power = line.split("\t")[:4]
        name = "plain" if task == "one" else "three looks"
        note = f"power {float(power):.4f}; getSimulationSurvival, {RPACT_TRIALS:,} trials"
        keep(f"log-rank, {name}", f"rpact {version}", RPACT_TRIALS / float(seconds), note)


def _ratios(best: dict[tuple[str, str], float]) -> list[Row]:
    ours = {what: speed for (what, program), speed in best.items() if program == "debulk"}
    found = [
        Row(f"ratio: {what}", f"debulk / {program}", ours[what] / speed, "x")
        for (what, program), speed in best.items()
        if program != "debulk" and what in ours
    ]
    for task in ("log-rank", "log-rank and Cox"):
        plain = ours[f"{task}, plain"]
        found += [
            Row(f"cost: {what}", "debulk", plain / speed, "x plain")
            for what, speed in ours.items()
            if what.startswith(f"{task}, ") and not what.endswith(", plain")
        ]
    return found


def _threads(design: TrialDesign) -> list[Row]:
    if use_threads(None) < 2:
        return [Row("two threads over one", "debulk", math.nan, "x", "one core on this machine")]
    one, two = 0.0, 0.0
    for _ in range(4 * ROUNDS):
        one = max(one, _timed(design, False, 1, time.perf_counter)[0])
        two = max(two, _timed(design, False, 2, time.perf_counter)[0])
    return [Row("log-rank, plain: two threads over one", "debulk", two / one, "x", "wall clock")]


def _memory() -> list[Row]:
    found = []
    for trials in (10_000, 10_000_000):
        command = [sys.executable, "-m", "benchmarks.trial_simulation", str(trials)]
        peak = _numbers(command)[0]
        found.append(
            Row(f"memory: {trials:,} trials, looks and Cox", "debulk", peak, "MiB", "whole process")
        )
    return found


def main(trials: int) -> None:
    """Print the highest resident memory of this process after so many trials, in MiB (Linux).

    Not that of getrusage, which a process started from a larger one inherits.
    """
    simulate(designs()["three looks"], trials=trials)
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    kilobytes = [float(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    print(kilobytes[0] / 1024 if kilobytes else math.nan)


if __name__ == "__main__":
    main(int(sys.argv[1]))
