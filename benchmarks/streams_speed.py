"""Speed of counter-based draws, beside a generator that carries a state."""

from __future__ import annotations

import numpy as np

from benchmarks.row import Row, best_seconds
from debulk.core import streams
from debulk.core.compiled import kernel

PATIENTS = 20_000
DRAWS = 100
DECISION = np.uint64(1)


@kernel
def _uniform(seed, patients, draws):
    total = 0.0
    for patient in range(patients):
        key = streams.patient_key(seed, 0, patient)
        for index in range(draws):
            total += streams.uniform(key, DECISION, 0, index)
    return total


@kernel
def _normal(seed, patients, draws):
    total = 0.0
    for patient in range(patients):
        key = streams.patient_key(seed, 0, patient)
        for index in range(draws):
            total += streams.normal(key, DECISION, 0, index)
    return total


def rows() -> list[Row]:
    """Millions of draws a second, one thread."""
    count = PATIENTS * DRAWS
    generator = np.random.Generator(np.random.PCG64(1))
    work = {
        ("uniform", "debulk"): lambda: _uniform(1, PATIENTS, DRAWS),
        ("uniform", "NumPy PCG64"): lambda: generator.random(count).sum(),
        ("normal", "debulk"): lambda: _normal(1, PATIENTS, DRAWS),
        ("normal", "NumPy PCG64"): lambda: generator.standard_normal(count).sum(),
    }
    return [
        Row(
            f"{count:,} {kind} numbers",
            program,
            count / best_seconds(each) / 1e6,
            "million a second",
            "one thread, best of 5; "
            + ("any draw by its name" if program == "debulk" else "in sequence, fills an array"),
        )
        for (kind, program), each in work.items()
    ]
