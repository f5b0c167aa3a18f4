"""The course of metastatic disease: the same patients under systemic and local treatment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease.course_kernel import courses_of_block
from debulk.disease.course_state import NEVER, OUTCOME, Plan, Setting, work_space
from debulk.disease.growth import STEP_DAYS
from debulk.disease.model import DiseaseModel
from debulk.disease.presenters import Presenters
from debulk.disease.response import response_tables
from debulk.treatments.tables import ModalityTables

RESPONSES = ("CR", "PR", "SD", "PD", "not assessed")
"""Words for the codes of `Course.response`."""

VISIT_INTERVAL_MONTHS = 3 * STEP_DAYS / DAYS_PER_MONTH
"""Months between visits until the first progression: nine weeks."""

_BLOCK = 256
_RESPONSE_NOT_ASSESSED = 4


@dataclass(frozen=True)
class LocalTreatment:
    """Local treatment planned for some patients: what, when, and how likely it is carried out.

    Attributes
    ----------
    tables : ModalityTables
        Flat arrays of the modality cards.
    modality : int8[lesions]
        Modality planned for each lesion of the presenters, by code; -1 for none. A modality
        planned for a primary is not carried out here.
    step : int[n]
        Step of 21 days, counted from the start of line 1, at whose beginning all sessions take
        place; negative where none is planned.
    delivered : float or float64[n]
        Probability that the treatment is carried out in a patient who is alive and has not
        progressed by then, one for all or each patient's own.
    after_progression : bool
        Salvage: the treatment is carried out in the step after the first progression instead (of
        the lesions planned, as far as they are still there); `step` says only who gets it.
    """

    tables: ModalityTables
    modality: npt.NDArray[np.int8]
    step: npt.NDArray[np.integer[Any]]
    delivered: float | npt.NDArray[np.float64] = 1.0
    after_progression: bool = False


@dataclass(frozen=True)
class Course:
    """What happened to each patient; times are months from randomisation (end of the run-in).

    Attributes
    ----------
    death_months : float64[n]
        Infinite where alive at the horizon; negative where death came in the run-in.
    progression_months : float64[n]
        The visit that finds the first RECIST progression; infinite where none before death or
        horizon. At most 0 where it came in the run-in.
    eligible_at_randomisation : bool[n]
        Alive and not progressed at the end of the run-in.
    response : int8[n]
        At the end of the run-in: 0 complete, 1 partial, 2 stable, 3 progressive, 4 not assessed.
    local_months : float64[n]
        Local treatment; NaN where it was not done.
    visible_at_local : int16[n]
        Metastases that imaging shows when local treatment is done.
    treated, treated_visible, controlled : int16[n]
        Lesions treated, those among them that imaging shows, and those that never grow back.
    used : int64[n]
        Modalities used, a bit each: bit m is `ModalityTables.names[m]`.
    died_within_90_days : bool[n]
        Of local treatment, whatever the cause.
    systemic_days_lost : float64[n]
        Days without the drug that was planned, up to progression.
    best_change : float64[n]
        Smallest sum of diameters before progression and local treatment over the baseline, less 1;
        NaN where never assessed.
    visit_phase_months : float64[n]
        First visit after randomisation; further visits every `visit_interval_months`.
    visit_interval_months : float
    run_in_diameter_mm : float64[lesions]
        Of each lesion of the presenters at the end of the run-in; 0 where death came first.
    run_in_visible : bool[lesions]
        Whether imaging shows it then.
    """

    death_months: npt.NDArray[np.float64]
    progression_months: npt.NDArray[np.float64]
    eligible_at_randomisation: npt.NDArray[np.bool_]
    response: npt.NDArray[np.int8]
    local_months: npt.NDArray[np.float64]
    visible_at_local: npt.NDArray[np.int16]
    treated: npt.NDArray[np.int16]
    treated_visible: npt.NDArray[np.int16]
    used: npt.NDArray[np.int64]
    controlled: npt.NDArray[np.int16]
    died_within_90_days: npt.NDArray[np.bool_]
    systemic_days_lost: npt.NDArray[np.float64]
    best_change: npt.NDArray[np.float64]
    visit_phase_months: npt.NDArray[np.float64]
    visit_interval_months: float
    run_in_diameter_mm: npt.NDArray[np.float64]
    run_in_visible: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        """Number of patients."""
        return int(self.death_months.size)


def run_course(
    model: DiseaseModel,
    presenters: Presenters,
    *,
    seed: int,
    randomised_step: int,
    local: LocalTreatment | None = None,
    horizon_months: float | npt.NDArray[np.float64],
    stop_after_run_in: bool = False,
    kill_factor: npt.ArrayLike | None = None,
    secondary_resection: float = 0.0,
    repeat_resection: float = 0.0,
) -> Course:
    """Follow patients from the start of line 1 to death or the horizon.

    Two calls that differ in `local` or in the model's mechanisms use the same random numbers for
    every other decision: patients meet themselves in the other arm.

    Parameters
    ----------
    model : DiseaseModel
    presenters : Presenters
    seed : int
        Of the draws of the course; latent variables belong to the presenters' own seed.
    randomised_step : int
        Length of the run-in on line 1, in steps of 21 days, at least 1. An assessment is made at
        its end.
    local : LocalTreatment, optional
        None is systemic therapy alone. In a null world local treatment is a sham: it is counted
        (`local_months`, `visible_at_local`, `treated`), and changes nothing.
    horizon_months : float or float64[n]
        From randomisation, one for all or each patient's own; who lives longer is alive at the
        horizon.
    stop_after_run_in : bool
        Follow the run-in alone.
    kill_factor : float64[n], optional
        Kill of each patient's line 1 relative to the model's.
    secondary_resection, repeat_resection : float
        Factors on the probabilities ``psec`` and ``prep`` of resections outside the trial's arms;
        0 for none.

    Returns
    -------
    Course

    Raises
    ------
    InputError
        If lengths do not fit the presenters or a number is out of its range.
    """
    _check(presenters, seed, randomised_step, local, horizon_months)
    setting = Setting(randomised_step, float(secondary_resection), float(repeat_resection))
    count = len(presenters)
    horizon = np.broadcast_to(np.asarray(horizon_months, dtype=np.float64), (count,))
    steps = np.full(count, randomised_step, dtype=np.int64)
    if stop_after_run_in:
        horizon = np.full(count, np.inf)
    else:
        steps += np.ceil(horizon * DAYS_PER_MONTH / STEP_DAYS).astype(np.int64)
    factor = np.ones(count)
    if kill_factor is not None:
        factor = np.ascontiguousarray(kill_factor, dtype=np.float64)
        if factor.shape != (count,) or not bool(np.all(factor >= 0.0)):
            raise InputError(
                "kill_factor", f"{factor.size} values", f"Give {count} values of 0 or above"
            )
    outcome = np.zeros(count, dtype=OUTCOME)
    run_in = (np.zeros(presenters.lesions), np.zeros(presenters.lesions, dtype=np.bool_))
    record = model.record()
    arguments = (
        record,
        response_tables(record),
        setting,
        _plan(presenters, local, model.null),
        (presenters.seed, seed),
        (presenters.trial.astype(np.int64), presenters.patient, steps),
        presenters.offsets,
        (presenters.organ, presenters.cells, presenters.growth),
        factor,
        run_in,
        outcome,
    )
    _in_blocks(arguments, count)
    return _course(outcome, run_in, horizon)


def _in_blocks(arguments: tuple[Any, ...], count: int) -> None:
    """Run the kernel on blocks of patients; each writes its own rows, so threads do not matter."""
    run: Any = courses_of_block
    blocks = [(start, min(start + _BLOCK, count)) for start in range(0, count, _BLOCK)]
    workers = min(numba.get_num_threads(), len(blocks))
    if workers <= 1:
        for block in blocks:
            run(*arguments, work_space(), block[0], block[1])
        return
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(lambda block: run(*arguments, work_space(), block[0], block[1]), blocks):
            pass


def _course(outcome: Any, run_in: Any, horizon_months: npt.NDArray[np.float64]) -> Course:
    columns = {name: outcome[name].copy() for name in OUTCOME.names or ()}
    for name in ("death_months", "progression_months"):
        columns[name][columns[name] > horizon_months] = np.inf
    return Course(
        **columns,
        visit_interval_months=VISIT_INTERVAL_MONTHS,
        run_in_diameter_mm=run_in[0],
        run_in_visible=run_in[1],
    )


def _plan(presenters: Presenters, local: LocalTreatment | None, sham: bool) -> Plan:
    count, lesions = len(presenters), presenters.lesions
    if local is None:
        none = np.zeros(1)
        return Plan(
            step=np.full(count, NEVER, dtype=np.int64),
            modality=np.full(lesions, -1, dtype=np.int8),
            delivered=none,
            sham=sham,
            after_progression=False,
            size_edges_mm=np.zeros(3),
            control=np.zeros((1, 11, 4)),
            mortality=none,
            before_days=none,
            after_days=none,
            resume=none,
            surge=none,
        )
    step = np.asarray(local.step).astype(np.int64)
    tables = local.tables
    return Plan(
        step=np.where(step < 0, NEVER, step),
        modality=np.ascontiguousarray(local.modality, dtype=np.int8),
        delivered=np.full(count, local.delivered, dtype=np.float64),
        sham=sham,
        after_progression=bool(local.after_progression),
        size_edges_mm=np.ascontiguousarray(tables.size_edges_mm, dtype=np.float64),
        control=np.ascontiguousarray(tables.local_control, dtype=np.float64),
        mortality=np.ascontiguousarray(tables.mortality_90_days, dtype=np.float64),
        before_days=np.ascontiguousarray(tables.pause_before_days, dtype=np.float64),
        after_days=np.ascontiguousarray(tables.pause_after_days, dtype=np.float64),
        resume=np.ascontiguousarray(tables.resume_probability, dtype=np.float64),
        surge=np.ascontiguousarray(tables.surge, dtype=np.float64),
    )


def _check(
    presenters: Presenters,
    seed: int,
    randomised_step: int,
    local: LocalTreatment | None,
    horizon_months: float | npt.NDArray[np.float64],
) -> None:
    if seed < 0:
        raise InputError("seed", f"{seed} is below 0", "Give 0 or more")
    if randomised_step < 1:
        raise InputError("randomised_step", f"{randomised_step} is below 1", "Give 1 or more")
    horizon = np.asarray(horizon_months, dtype=np.float64)
    if horizon.shape not in ((), (len(presenters),)):
        found, remedy = f"{horizon.size} values", f"Give one, or {len(presenters)}"
        raise InputError("horizon_months", found, remedy)
    if not bool(np.all(np.isfinite(horizon) & (horizon > 0.0))):
        raise InputError("horizon_months", f"{horizon_months!r}", "Give a number above 0")
    if local is None:
        return
    step, modality = np.asarray(local.step), np.asarray(local.modality)
    if step.shape != (len(presenters),):
        raise InputError("local.step", f"{step.size} values", f"Give {len(presenters)} values")
    if modality.shape != (presenters.lesions,):
        raise InputError(
            "local.modality", f"{modality.size} values", f"Give {presenters.lesions} values"
        )
    if modality.size and int(modality.max()) >= len(local.tables.names):
        raise InputError(
            "local.modality",
            f"code {int(modality.max())} is not among {len(local.tables.names)} modalities",
            "Give codes by ModalityTables.names",
        )
    delivered = np.asarray(local.delivered, dtype=np.float64)
    if delivered.shape not in ((), (len(presenters),)):
        found, remedy = f"{delivered.size} values", f"Give one, or {len(presenters)}"
        raise InputError("local.delivered", found, remedy)
    if not bool(np.all((delivered >= 0.0) & (delivered <= 1.0))):
        raise InputError("local.delivered", f"{local.delivered!r} is no probability", "Give 0 to 1")
    early = step[(step >= 0) & (step < randomised_step)]
    if early.size:
        raise InputError(
            "local.step",
            f"step {int(early[0])} is before randomisation at step {randomised_step}",
            "Plan local treatment at or after randomisation",
        )
