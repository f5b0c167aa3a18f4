"""What the course of one patient keeps in mind, and what it reports: layouts for the kernels."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

SLOTS = 80
"""Lesions of a patient in the course: up to 47 metastases, the primary, and 32 new ones."""

VISIT_STEPS = 3
"""Steps between visits on therapy: nine weeks."""

NEVER = 1_000_000
"""A step that never comes."""

WAITING = 2_000_000
"""Local treatment that waits for progression."""

STATE = np.dtype(
    [
        ("step", np.int64),  # steps of 21 days done since the start of line 1
        ("lesions", np.int64),  # slots in use
        ("own", np.int64),  # slots of lesions that were there at the start
        ("line", np.int64),  # line of therapy, 4 = none left
        ("failed", np.int64),  # lines that failed
        ("line_start", np.int64),  # step
        ("again", np.int64),  # 1 while line 1 is given for the second time
        ("maintained", np.int64),
        ("stopped", np.int64),  # 1 where therapy was not taken up again after a pause
        ("kill", np.float64),  # per day
        ("logit", np.float64),  # resistant share
        ("kill_factor", np.float64),
        ("speed", np.float64),  # latent growth
        ("immune", np.float64),  # per day
        ("shed_rate", np.float64),  # of a metastasis
        ("median_growth", np.float64),
        ("frail", np.float64),  # factor on the organ hazard
        ("background", np.float64),  # per month
        ("threshold", np.float64),  # cells that imaging shows in the liver
        ("pace", np.float64),  # factor on growth the decays were made with
        ("surge", np.float64),
        ("surge_end", np.int64),  # step
        ("pause_start", np.float64),  # day
        ("pause_end", np.float64),  # day
        ("level", np.float64),  # share of this step on drug
        ("strength", np.float64),  # of the drug in this step, 1 = induction
        ("total", np.float64),  # cells in the body
        ("shedding", np.float64),  # sum of N^alpha over metastases that shed
        ("hazard", np.float64),  # per month
        ("baseline", np.float64),  # sum of diameters, cm
        ("nadir", np.float64),  # cm
        ("fresh", np.int64),  # 1 until a new baseline is taken after a pause
        ("progressed", np.int64),
        ("local_step", np.int64),
        ("local_done", np.int64),
        ("operative_day", np.float64),  # day of perioperative death
        ("resections", np.int64),
        ("death_day", np.float64),
        ("phase", np.int64),  # steps from randomisation to the first visit
        ("jitter", np.float64),  # shift of the visits, steps
    ]
)
"""State of one patient in the course."""

OUTCOME = np.dtype(
    [
        ("death_months", np.float64),
        ("progression_months", np.float64),
        ("eligible_at_randomisation", np.bool_),
        ("response", np.int8),
        ("local_months", np.float64),
        ("visible_at_local", np.int16),
        ("treated", np.int16),
        ("treated_visible", np.int16),
        ("used", np.int64),
        ("controlled", np.int16),
        ("died_within_90_days", np.bool_),
        ("systemic_days_lost", np.float64),
        ("visit_phase_months", np.float64),
        ("best_change", np.float64),
    ]
)
"""What the course reports of one patient; meanings in `debulk.disease.course.Course`."""

COMPLETE, PARTIAL, STABLE, PROGRESSIVE, NOT_ASSESSED = range(5)
"""Codes of response."""


class Plan(NamedTuple):
    """Local treatment as the kernels take it; `step` is NEVER where none is planned.

    With `after_progression` it waits for the first progression instead, whatever the step.
    """

    step: npt.NDArray[np.int64]
    modality: npt.NDArray[np.int8]
    delivered: npt.NDArray[np.float64]
    sham: bool
    after_progression: bool
    size_edges_mm: npt.NDArray[np.float64]
    control: npt.NDArray[np.float64]
    mortality: npt.NDArray[np.float64]
    before_days: npt.NDArray[np.float64]
    after_days: npt.NDArray[np.float64]
    resume: npt.NDArray[np.float64]
    surge: npt.NDArray[np.float64]


class Setting(NamedTuple):
    """How a cohort is followed."""

    randomised_step: int
    secondary_resection: float
    repeat_resection: float


class Lesions(NamedTuple):
    """Work space of one patient's lesions: a slot each.

    Sensitive and resistant cells, Gompertz constant per day, share of the log room that a step of
    growth takes, class of organ, organ code, seen at the last baseline, modality planned.
    """

    sensitive: Any
    resistant: Any
    growth: Any
    decay: Any
    kind: Any
    organ: Any
    baseline: Any
    modality: Any


def work_space() -> tuple[Any, ...]:
    """State, lesions, volumes by class of organ, weights of organs: of one patient at a time.

    Made outside the kernels, where making arrays takes no time to compile.
    """
    lesions = Lesions(
        sensitive=np.zeros(SLOTS),
        resistant=np.zeros(SLOTS),
        growth=np.zeros(SLOTS),
        decay=np.zeros(SLOTS),
        kind=np.zeros(SLOTS, dtype=np.int8),
        organ=np.zeros(SLOTS, dtype=np.int8),
        baseline=np.zeros(SLOTS, dtype=np.bool_),
        modality=np.zeros(SLOTS, dtype=np.int8),
    )
    return np.zeros(1, dtype=STATE), lesions, np.empty(6), np.empty(5)
