"""What the course of one patient keeps in mind, and what it reports: layouts for the kernels."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from debulk.disease.decisions import typed

SLOTS = 80
"""Lesions of a patient in the course: those at presentation, and new ones in what room is left."""

BLOCK = 8
"""Lesions that are stepped together: the work space is filled up with empty ones."""

CATCH_UP_STEPS = 3
"""Steps that small lesions are stepped at once."""

VISIT_STEPS = 3
"""Steps between visits on therapy: nine weeks."""

NEVER = 1_000_000
"""A step that never comes."""

WAITING = 2_000_000
"""Local treatment that waits for progression."""

NO_LINE, LAST_LINE, BEYOND = typed(0), typed(3), typed(4)
"""Line of therapy: before any drug, the last there is, and none left."""

STATE = np.dtype(
    [
        ("step", np.int64),  # steps of 21 days done since the start of line 1
        ("lesions", np.int64),  # slots in use
        ("active", np.int64),  # slots stepped every step, whole blocks
        ("pending", np.int64),  # steps that the small lesions behind them lag
        ("pending_kill", np.float64),  # log kill of those steps
        ("pending_flux", np.float64),
        ("pending_defence", np.float64),
        ("own", np.int64),  # slots of lesions that were there at the start
        ("line", np.int64),
        ("failed", np.int64),  # lines that failed
        ("line_start", np.int64),  # step
        ("again", np.int64),  # 1 while line 1 is given for the second time
        ("maintained", np.int64),
        ("induction", np.int64),  # steps of line 1 before maintenance
        ("stopped", np.int64),  # 1 where therapy was not taken up again, or not tolerated
        ("tolerance", np.float64),  # exposure at which this line is not tolerated any more
        ("aggressive", np.float64),  # latent
        ("frailty", np.float64),  # latent
        ("kill", np.float64),  # per day
        ("logit", np.float64),  # resistant share
        ("kill_factor", np.float64),
        ("immune", np.float64),  # per day
        ("immune_back", np.float64),  # day on which immunity is back after an operation
        ("shed_rate", np.float64),  # of a metastasis
        ("median_growth", np.float64),
        ("frail", np.float64),  # factor on the organ hazard
        ("age_days", np.float64),  # at the start
        ("female", np.int64),
        ("reach", np.float64),  # 1 / ln(K/pen_cells) of metastases
        ("worn_pace", np.float64),  # factor on growth by failed lines
        ("worn_frail", np.float64),  # factor on the organ hazard by failed lines
        ("pace", np.float64),  # factor on growth the decays were made with
        ("surge", np.float64),  # at the operation
        ("surge_start", np.float64),  # day
        ("reserve", np.float64),  # of the liver, 1 = whole
        ("dead", np.int64),  # 1 where killed cells are still seen
        ("pause_start", np.float64),  # day
        ("pause_end", np.float64),  # day
        ("preparing", np.int64),  # 1 while the pause is one before local treatment
        ("level", np.float64),  # share of this step on drug
        ("strength", np.float64),  # of the drug in this step, 1 = induction
        ("total", np.float64),  # cells in the body
        ("shedding", np.float64),  # sum of N^alpha over metastases that shed
        ("load", np.float64),  # of the organs
        ("hazard", np.float64),  # per month
        ("spent", np.float64),  # hazard lived through
        ("due", np.float64),  # hazard at which death comes
        ("baseline", np.float64),  # sum of diameters, cm
        ("nadir", np.float64),  # cm
        ("liver_nadir", np.float64),  # cm
        ("start_sum", np.float64),  # sum of diameters at the start, cm
        ("fresh", np.int64),  # 1 until a new baseline is taken after a pause
        ("responding", np.int64),  # 1 where the last visit showed a response
        ("progressed", np.int64),
        ("liver_progressed", np.int64),
        ("local_step", np.int64),
        ("local_done", np.int64),
        ("operative_day", np.float64),  # day of perioperative death
        ("resections", np.int64),
        ("death_day", np.float64),
        ("phase", np.int64),  # steps from randomisation to the first visit
        ("shift", np.int64),  # steps from the line's regular visits to the patient's
        ("jitter", np.float64),  # shift of the visits within a step, steps
    ]
)
"""State of one patient in the course."""

OUTCOME = np.dtype(
    [
        ("death_months", np.float64),
        ("cause", np.int8),
        ("progression_months", np.float64),
        ("liver_progression_months", np.float64),
        ("progression_site", np.int8),
        ("eligible_at_randomisation", np.bool_),
        ("response", np.int8),
        ("confirmed_response", np.bool_),
        ("early_change", np.float64),
        ("best_change", np.float64),
        ("local_months", np.float64),
        ("visible_at_local", np.int16),
        ("treated", np.int16),
        ("treated_visible", np.int16),
        ("used", np.int64),
        ("controlled", np.int16),
        ("died_within_90_days", np.bool_),
        ("systemic_days_lost", np.float64),
        ("resections", np.int8),
        ("tumour_free", np.bool_),
        ("visit_phase_months", np.float64),
    ]
)
"""What the course reports of one patient; meanings in `debulk.disease.course.outcome.Course`."""

COMPLETE, PARTIAL, STABLE, PROGRESSIVE, NOT_ASSESSED = range(5)
"""Codes of response."""

ALIVE, OF_TUMOUR, OF_TREATMENT, OF_OTHER = range(4)
"""Codes of the cause of death."""

WATCHED = 9
"""Fields of `debulk.disease.course.outcome.Watch` after the months."""


class Plan(NamedTuple):
    """Local treatment as the kernels take it; `step` is NEVER where none is planned.

    With `after_progression` it waits for the first progression instead, whatever the step.
    """

    step: npt.NDArray[np.int64]
    modality: npt.NDArray[np.int8]
    delivered: npt.NDArray[np.float64]
    sham: bool
    after_progression: bool
    operative_threshold: float
    size_edges_mm: npt.NDArray[np.float64]
    control: npt.NDArray[np.float64]
    mortality: npt.NDArray[np.float64]
    complication: npt.NDArray[np.float64]
    before_days: npt.NDArray[np.float64]
    after_days: npt.NDArray[np.float64]
    resume: npt.NDArray[np.float64]
    surge: npt.NDArray[np.float64]
    liver_share: npt.NDArray[np.float64]
    operation: npt.NDArray[np.int8]
    radiates: npt.NDArray[np.int8]
    whole_organ: npt.NDArray[np.int8]


class Setting(NamedTuple):
    """How a cohort is followed, as the kernels take it; see `Care`.

    `induction_steps` and `maintained` are negative where the model's parameters hold.
    """

    randomised_step: int
    first_line: int
    first_drug_step: int
    last_drug_step: int
    induction_steps: int
    maintained: float
    era: float
    lines_most: int
    secondary_resection: float
    repeat_resection: float
    new_lesion_factor: float
    watch: bool


(
    SENSITIVE,
    RESISTANT,
    DEAD,
    DEAD_LEFT,
    GROWTH,
    STEADY,
    DECAY,
    DECAY_3,
    LN_CAPACITY,
    COPIES,
    SEEN_FROM,
    SHED,
) = range(0, 12 * SLOTS, SLOTS)
"""Where the numbers of a patient's lesions begin in their flat array, `SLOTS` of each.

Living sensitive and resistant cells, dead cells still seen and the share of them that a step
leaves; growth constant per day; what a step of growth adds to ln N at any size (exponential), the
share of ln(K/N) that one step and three take (Gompertz); ln K; metastases that the slot stands
for; cells from which imaging shows it; what it sheds, as of the last count.

One flat array, since a compiler that sees one address and constant distances knows that the loops
over lesions do not overlap, and since handing over an array has its price.
"""

KIND, ORGAN, BASELINE, AT_START, MODALITY, ROW = range(0, 6 * SLOTS, SLOTS)
"""The same for codes: class of organ, organ, seen at the last baseline, seen at the start, modality
planned; row among the patient's lesions, which names its random numbers.
"""


def work_space() -> tuple[npt.NDArray[Any], ...]:
    """State, lesions, codes, volumes by class of organ, weights of organs: of one patient.

    Made outside the kernels, where making arrays takes no time to compile.
    """
    lesion, code = np.zeros(12 * SLOTS), np.zeros(6 * SLOTS, dtype=np.int64)
    return np.zeros(1, dtype=STATE), lesion, code, np.empty(6), np.empty(5)
