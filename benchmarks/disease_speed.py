"""Births and courses a second on one thread and on all; run it as a script."""

from __future__ import annotations

import time

import numba
import numpy as np

from debulk.core.compiled import use_threads
from debulk.disease import draw_presenters, load_model, run_course

BIRTHS = 60_000
COURSES = 3_000


def measure(threads: int) -> tuple[float, float]:
    use_threads(threads)
    model = load_model()
    draw_presenters(model, seed=1, first_trial=0, trials=1, births=10)
    start = time.perf_counter()
    drawn = draw_presenters(model, seed=1, first_trial=0, trials=1, births=BIRTHS)
    births = BIRTHS / (time.perf_counter() - start)
    owner = np.repeat(np.arange(len(drawn)), np.diff(drawn.offsets))
    diameters = np.bincount(owner, drawn.visible * drawn.diameter_mm, len(drawn))
    chosen = drawn.take(np.flatnonzero((diameters >= 20) & (drawn.who_ps <= 1))[:COURSES])
    run_course(model, chosen.take([0]), seed=1, randomised_step=3, horizon_months=12)
    start = time.perf_counter()
    run_course(model, chosen, seed=1, randomised_step=3, horizon_months=96)
    return births, len(chosen) / (time.perf_counter() - start)


def main() -> None:
    print("threads   births/s   courses/s")
    for threads in sorted({1, int(numba.config.NUMBA_NUM_THREADS)}):
        births, courses = measure(threads)
        print(f"{threads:7d} {births:10,.0f} {courses:11,.0f}")


if __name__ == "__main__":
    main()
