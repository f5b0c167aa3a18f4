"""Natural histories and courses of metastatic disease a second, on one thread and on all."""

from __future__ import annotations

import numpy as np

from benchmarks.row import Row, best_seconds
from debulk.core.compiled import use_threads
from debulk.disease import draw_presenters, load_model, run_course

BIRTHS = 60_000
COURSES = 3_000
FIRST_LINE_SUM_MM = 20.0


def rows() -> list[Row]:
    """Births with their presentation, and courses of first-line patients over eight years."""
    model = load_model()
    measured = []
    for threads in sorted({1, use_threads(None)}):
        use_threads(threads)
        drawn = draw_presenters(model, seed=1, first_trial=0, trials=1, births=BIRTHS)
        owner = np.repeat(np.arange(len(drawn)), np.diff(drawn.offsets))
        diameters = np.bincount(owner, drawn.visible * drawn.diameter_mm, len(drawn))
        fit = (diameters >= FIRST_LINE_SUM_MM) & (drawn.who_ps <= 1)
        chosen = drawn.take(np.flatnonzero(fit)[:COURSES])
        births = best_seconds(
            lambda: draw_presenters(model, seed=1, first_trial=0, trials=1, births=BIRTHS),
            repeats=3,
        )
        courses = best_seconds(
            lambda chosen=chosen: run_course(
                model, chosen, seed=1, randomised_step=3, horizon_months=96
            ),
            repeats=3,
        )
        note = f"{threads} thread{'s' if threads > 1 else ''}"
        measured.append(Row("natural histories", "debulk", BIRTHS / births, "births/s", note))
        measured.append(Row("courses", "debulk", len(chosen) / courses, "patients/s", note))
    return measured
