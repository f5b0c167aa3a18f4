"""The run-in: systemic therapy before randomisation, and what it leaves to be judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from debulk.core.compiled import kernel
from debulk.core.streams import patient_key, uniform
from debulk.disease import run_course
from debulk.disease.cohort_view import tables_of
from debulk.patients import Cohort
from debulk.trials.decisions import REGIMEN

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.disease import Presenters
    from debulk.trials.running.settings import TrialSettings

RESPONSES = ("CR", "PR", "SD", "PD", None)
"""Response by its code in a course; None is not assessed: the patient died before."""


@dataclass(frozen=True)
class RunIn:
    """Patients at the end of the run-in.

    Attributes
    ----------
    presenters : Presenters
        The patients as they were at the start of systemic therapy.
    response : int8 array
        Code of each patient's response, see `RESPONSES`; not assessed where there is no run-in.
    diameter_mm, visible : arrays, one entry a lesion
        Size at the end of the run-in, and whether imaging shows the lesion.
    living : bool array
        Whether the patient is alive then.
    kill_factor, boldness : float64 arrays
        Of each patient's regimen and panel.
    """

    presenters: Presenters
    response: npt.NDArray[np.int8]
    diameter_mm: npt.NDArray[np.float64]
    visible: npt.NDArray[np.bool_]
    living: npt.NDArray[np.bool_]
    kill_factor: npt.NDArray[np.float64]
    boldness: npt.NDArray[np.float64]

    def take(self, rows: npt.NDArray[np.int64]) -> RunIn:
        """Some of the patients, in the order given."""
        lesions = self.presenters.lesion_rows(rows)
        return RunIn(
            self.presenters.take(rows),
            self.response[rows],
            self.diameter_mm[lesions],
            self.visible[lesions],
            self.living[rows],
            self.kill_factor[rows],
            self.boldness[rows],
        )


def start_run_in(
    settings: TrialSettings,
    presenters: Presenters,
    rows: npt.NDArray[np.int64],
    boldness: npt.NDArray[np.float64],
) -> RunIn:
    """Give each of some patients a regimen and follow them to the moment of randomisation."""
    chosen = presenters.take(rows)
    kill_factor = _kill_factors(settings, chosen)
    course = run_course(
        settings.disease,
        chosen,
        seed=settings.seed,
        randomised_step=settings.run_in_steps,
        kill_factor=kill_factor,
        care=settings.care,
        # Not looked at: the run-in alone is followed, which may have no length.
        horizon_months=settings.least_follow_up_months,
        stop_after_run_in=True,
    )
    return RunIn(
        chosen,
        course.response,
        course.run_in_diameter_mm,
        course.run_in_visible,
        np.isinf(course.death_months),
        kill_factor,
        boldness[rows],
    )


def _kill_factors(settings: TrialSettings, presenters: Presenters) -> npt.NDArray[np.float64]:
    if not settings.protocol.run_in:
        return np.ones(presenters.trial.size)
    shares = np.cumsum([each.share for each in settings.protocol.run_in])
    factors = np.array([card.kill_factor.value for card in settings.regimens])
    draws = _regimen_draws(settings.seed, presenters.trial, presenters.patient)
    place = np.minimum(np.searchsorted(shares, draws, side="right"), len(factors) - 1)
    return factors[place]


def cohort_at_entry(presenters: Presenters, boldness: npt.NDArray[np.float64]) -> Cohort:
    """Cohort at the start of the first palliative line, each patient with their panel."""
    return Cohort.from_tables(_tables_at_entry(presenters, boldness), validate=False)


def _tables_at_entry(
    presenters: Presenters, boldness: npt.NDArray[np.float64]
) -> dict[str, pl.DataFrame]:
    tables = tables_of(presenters)
    patients = tables["patients"].with_columns(pl.Series("panel_boldness", boldness))
    first_line = {
        "patient_id": patients["patient_id"],
        "kind": pl.repeat("systemic", patients.height, dtype=pl.String, eager=True),
        "line": pl.repeat(1, patients.height, dtype=pl.Int32, eager=True),
        "start_months": presenters.recurrence_months,
    }
    return {**tables, "patients": patients, "treatments": pl.DataFrame(first_line)}


def cohort_after_run_in(run_in: RunIn, run_in_months: float) -> Cohort:
    """Cohort as imaging shows it at the end of the run-in.

    Lesions keep the size they had before as baseline; those no longer seen have disappeared.
    """
    tables = _tables_at_entry(run_in.presenters, run_in.boldness)
    seen = run_in.presenters.visible
    gone = pl.Series("disappeared", ~run_in.visible[seen])
    lesions = tables["lesions"].with_columns(
        pl.col("diameter_mm").alias("baseline_diameter_mm"),
        pl.when(~gone).then(pl.Series("diameter_mm", run_in.diameter_mm[seen])),
        gone,
    )
    responses = pl.Series(RESPONSES, dtype=pl.String)
    assessments = pl.DataFrame(
        {
            "patient_id": tables["patients"]["patient_id"],
            "time_months": tables["treatments"]["start_months"] + run_in_months,
            "response": responses.gather(run_in.response.astype(np.int64)),
        }
    )
    changed = {"lesions": lesions, "assessments": assessments}
    return Cohort.from_tables({**tables, **changed}, validate=False)


@kernel
def _regimen_draws(
    seed: int, trial: npt.NDArray[np.int32], patient: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    draws = np.empty(trial.size)
    for row in range(trial.size):
        draws[row] = uniform(patient_key(seed, trial[row], patient[row]), REGIMEN, 0, 0)
    return draws
