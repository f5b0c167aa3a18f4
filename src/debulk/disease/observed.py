"""A course as tests show it: the assessments of a cohort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from debulk.core.compiled import kernel
from debulk.core.errors import InputError
from debulk.core.streams import normal, patient_key, uniform
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease import decisions, observables_decisions
from debulk.disease.growth import STEP_DAYS
from debulk.disease.observables import Floats, cea_ug_l, constant, ctdna_vaf, utility, who_ps
from debulk.patients.columns import RESPONSES

if TYPE_CHECKING:
    from debulk.disease.course.outcome import Course, Watch
    from debulk.disease.model import DiseaseModel
    from debulk.disease.presenters import Presenters

_FRAILTY = decisions.FRAILTY
_BACKGROUND = observables_decisions.CEA_BACKGROUND
_SECRETION = observables_decisions.CEA_SECRETION
_SILENT = observables_decisions.CEA_SILENT
_CTDNA = observables_decisions.CTDNA

_FALL, _RISE, _LEAST_RISE_MM = 0.7, 1.2, 5.0  # RECIST 1.1: 30 % below baseline, 20 % above nadir


@dataclass(frozen=True)
class TestTraits:
    """What makes tests of one patient differ from those of another with the same tumour.

    Attributes
    ----------
    cea_background_ug_l : float64[n]
        CEA without a tumour.
    cea_secretion_ug_l_per_ml : float64[n]
        CEA that a millilitre of tumour adds; 0 where the tumour secretes none.
    ctdna_odds_per_ml : float64[n]
        DNA of the tumour over that of other cells, by 1e9 living cells.
    frailty : float64[n]
        The frailty of the course, standard normal.
    """

    __test__ = False  # pytest: not a test class

    cea_background_ug_l: Floats
    cea_secretion_ug_l_per_ml: Floats
    ctdna_odds_per_ml: Floats
    frailty: Floats


def draw_test_traits(presenters: Presenters) -> TestTraits:
    """Traits of the presenters; the same patient has the same, whatever is done to the tumour."""
    drawn = np.empty((5, len(presenters)))
    _draw(presenters.seed, presenters.trial, presenters.patient, drawn)
    background, secretion, chance, shed, frailty = drawn
    secreted = constant("cea_secretion_ug_l_per_ml") * np.exp(
        constant("cea_secretion_spread") * secretion
    )
    return TestTraits(
        cea_background_ug_l=constant("cea_background_ug_l")
        * np.exp(constant("cea_background_spread") * background),
        cea_secretion_ug_l_per_ml=np.where(chance < constant("cea_silent_share"), 0.0, secreted),
        ctdna_odds_per_ml=constant("ctdna_odds_per_ml") * np.exp(constant("ctdna_spread") * shed),
        frailty=frailty,
    )


@kernel
def _draw(
    seed: int,
    trial: npt.NDArray[np.int32],
    patient: npt.NDArray[np.int64],
    drawn: Floats,
) -> None:
    for row in range(trial.size):
        key = patient_key(seed, trial[row], patient[row])
        drawn[0, row] = normal(key, _BACKGROUND, 0, 0)
        drawn[1, row] = normal(key, _SECRETION, 0, 0)
        drawn[2, row] = uniform(key, _SILENT, 0, 0)
        drawn[3, row] = normal(key, _CTDNA, 0, 0)
        drawn[4, row] = normal(key, _FRAILTY, 0, 0)


def observe(
    model: DiseaseModel, presenters: Presenters, course: Course, *, randomised_step: int = 0
) -> pl.DataFrame:
    """Every assessment of every patient, in the layout of a cohort's assessments.

    Parameters
    ----------
    model : DiseaseModel
        The model that the course was run with; it holds the loads at which the WHO performance
        status changes.
    presenters : Presenters
        The patients of the course.
    course : Course
        Run with ``watch=True``.
    randomised_step : int
        Step of 21 days at which the course's months begin, as given to `run_course`.

    Returns
    -------
    polars.DataFrame
        A row for each patient and column of the watch while the patient lives: ``patient_id`` (the
        row among the presenters, as in `cohort_of`), ``time_months`` from the diagnosis of the
        bowel cancer (as in `cohort_of`), ``sum_diameters_mm``, ``response``, ``new_lesions``,
        ``cea_ug_l``, ``ctdna_vaf``, ``who_ps``, ``utility``, and ``months_on_course`` since the
        start of line 1. The response is RECIST's against the start of line 1; none is given there,
        nor where no metastasis was seen then.

    Raises
    ------
    InputError
        If the course was run without watch, or is of other patients.

    Notes
    -----
    Local treatments outside the trial's arms have no time in the course: they lower the tumour,
    but performance status and utility do not show the operation.
    """
    watch = course.watch
    if watch is None:
        raise InputError("course", "it was run without watch", "Run it with watch=True")
    if len(course) != len(presenters):
        raise InputError(
            "course",
            f"{len(course)} patients, and {len(presenters)} presenters",
            "Give the presenters that the course was run of",
        )
    traits = draw_test_traits(presenters)
    since = _since_local(course, watch, randomised_step)
    status = _status(model, presenters, traits, watch, since)
    months = np.broadcast_to(watch.months, watch.volume_ml.shape)
    shown = {
        "sum_diameters_mm": _double(watch.sum_diameters_mm),
        "cea_ug_l": cea_ug_l(
            watch.volume_ml,
            secretion_ug_l_per_ml=traits.cea_secretion_ug_l_per_ml[:, None],
            background_ug_l=traits.cea_background_ug_l[:, None],
        ),
        "ctdna_vaf": ctdna_vaf(watch.living_cells, odds_per_ml=traits.ctdna_odds_per_ml[:, None]),
        "utility": utility(status, drug=watch.drug, months_since_local=since),
    }
    alive = ~np.isnan(watch.volume_ml)
    codes = responses(watch.sum_diameters_mm, watch.new_lesion)[alive].astype(np.int64) + 1
    columns = {name: pl.Series(values[alive]) for name, values in shown.items()}
    return pl.DataFrame(
        {
            "patient_id": pl.Series(np.nonzero(alive)[0]).cast(pl.String),
            "time_months": (presenters.recurrence_months[:, None] + months)[alive],
            "sum_diameters_mm": columns["sum_diameters_mm"],
            "response": pl.Series((None, *RESPONSES), dtype=pl.Enum(RESPONSES)).gather(codes),
            "new_lesions": watch.new_lesion[alive] > 0.0,
            "cea_ug_l": columns["cea_ug_l"],
            "ctdna_vaf": columns["ctdna_vaf"],
            "who_ps": status[alive].astype(np.int32),
            "utility": columns["utility"],
            "months_on_course": months[alive],
        }
    )


def responses(
    sum_diameters_mm: npt.NDArray[np.float32], new_lesion: npt.NDArray[np.float32]
) -> npt.NDArray[np.int8]:
    """RECIST response in each column, against the first column and the nadir before.

    Parameters
    ----------
    sum_diameters_mm, new_lesion : float32[n, columns]
        As in `Watch`.

    Returns
    -------
    int8[n, columns]
        Code in `debulk.patients.columns.RESPONSES` (CR, PR, SD, PD); -1 in the first column, after
        death, and where no metastasis was seen in the first column.
    """
    sums = _double(sum_diameters_mm)
    baseline = sums[:, :1]
    nadir = np.minimum.accumulate(sums, axis=1)[:, :-1]
    now, new = sums[:, 1:], new_lesion[:, 1:] > 0.0
    grown = (now > _RISE * nadir) & (now > nadir + _LEAST_RISE_MM)
    codes = np.full(sums.shape, -1, dtype=np.int8)
    codes[:, 1:] = np.select(
        [np.isnan(now) | (baseline <= 0.0), grown | new, now <= 0.0, now <= _FALL * baseline],
        [-1, 3, 0, 1],
        2,
    )
    return codes


def _since_local(course: Course, watch: Watch, randomised_step: int) -> Floats:
    """Months since local treatment, a row a patient; NaN where none was done."""
    start = randomised_step * STEP_DAYS / DAYS_PER_MONTH
    return np.asarray(watch.months[None, :] - (course.local_months[:, None] + start))


def _status(
    model: DiseaseModel,
    presenters: Presenters,
    traits: TestTraits,
    watch: Watch,
    since: Floats,
) -> Floats:
    """WHO performance status over time, by the loads of each trial's draw; first as presented."""
    record = model.record()
    rows = record[presenters.trial % record.size]
    status = who_ps(
        watch.load,
        frailty=traits.frailty[:, None],
        weight=rows["who_frailty"][:, None],
        thresholds=(
            rows["who_1"][:, None],
            rows["who_2"][:, None],
            rows["who_3"][:, None],
        ),
        months_since_local=since,
    )
    status[:, 0] = np.where(np.isnan(watch.volume_ml[:, 0]), np.nan, presenters.who_ps)
    return status


def _double(values: npt.NDArray[np.float32]) -> Floats:
    return np.asarray(values, dtype=np.float64)
