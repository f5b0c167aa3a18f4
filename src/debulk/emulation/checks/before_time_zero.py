"""Checks of what lies before time zero: earlier treatment, and the calendar."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from debulk.core.errors import InputError
from debulk.emulation.check import Check
from debulk.emulation.logistic import chances, fit_logistic
from debulk.emulation.person_time import Floats, PersonTime
from debulk.emulation.weight_model import WeightModel, design_of
from debulk.survival.options import check_kind, whole_number
from debulk.survival.subjects import moments, same_length

MOST_PATIENTS = 10**9
"""No registry is larger."""

_MANY_PREVALENT = 0.2  # a convention: beyond it those left are a different population
_LEVEL = 0.05
_CLIP = 1e-300  # keeps a logarithm finite; no fitted chance comes near


def check_prevalent_treatment(considered: int, treated_before: int, undated: int) -> Check:
    """Judge how many had been treated locally before time zero.

    Parameters
    ----------
    considered : int
        Patients who reached time zero, the ones treated before it included.
    treated_before : int
        Of these, treated before it; they are left out of the emulation.
    undated : int
        Of these, treated at an unknown date.

    Returns
    -------
    Check
        *unknown* where a date is missing, *fail* where more than 20 % had been treated before
        (a convention).
    """
    name = "prevalent treatment"
    most = whole_number(considered, "considered", 0, MOST_PATIENTS)
    whole_number(treated_before, "treated_before", 0, most)
    whole_number(undated, "undated", 0, most)
    if considered == 0:
        return Check(name, "unknown", "Nobody reached time zero.")
    share = treated_before / considered
    told = f"{treated_before} of {considered} patients had been treated before time zero"
    if undated:
        text = f"{undated} of {considered} patients were treated at an unknown date."
        return Check(name, "unknown", text, share, _MANY_PREVALENT)
    if share > _MANY_PREVALENT:
        text = (
            f"{told} and were left out: those who remain are a selection of patients whom nobody "
            "treated early."
        )
        return Check(name, "fail", text, share, _MANY_PREVALENT)
    return Check(name, "pass", f"{told} and were left out.", share, _MANY_PREVALENT)


def check_calendar_time(
    person_time: PersonTime,
    calendar: Floats | None,
    *,
    model: WeightModel | None = None,
    visits: int | None = None,
) -> Check:
    """Ask whether practice changed over calendar time beyond what the weights know.

    Parameters
    ----------
    person_time : PersonTime
    calendar : (n,) float64 or None
        Calendar time of each patient's time zero, in any unit; NaN where unknown.
    model : WeightModel, optional
        The weights' model of treatment.
    visits : int, optional
        Visits of the grace period, which that model is of; every visit without it.

    Returns
    -------
    Check
        *fail* where calendar time, added to that model, still tells treatment (likelihood ratio,
        p < 0.05); *unknown* without dates.
    """
    name = "calendar time"
    check_kind(person_time, PersonTime, "person_time")
    chosen = WeightModel() if model is None else model
    check_kind(chosen, WeightModel, "model")
    if calendar is not None:
        calendar = moments(calendar, "calendar")
        same_length(calendar, person_time.patients, "calendar")
    if calendar is None or not np.any(np.isfinite(calendar)):
        return Check(name, "unknown", "The registry gives no calendar dates.")
    known = np.isfinite(calendar)
    if np.all(calendar[known] == calendar[known][0]):
        return Check(name, "unknown", "Every patient has the same calendar date.")
    rows = _decisions(person_time)
    if visits is not None:
        whole_number(visits, "visits", 1, 10_000)
        rows = rows[person_time.visit[rows] < visits]
    rows = rows[known[person_time.patient[rows]]]
    treated = person_time.start_visit[person_time.patient[rows]] == person_time.visit[rows]
    when = calendar[person_time.patient[rows]]
    scaled = (when - when.mean()) / (when.std() or 1.0)
    if chosen.form == "cox":  # as the weights have it: a step of the hazard at each visit
        chosen = replace(chosen, month="indicators")
    design, _ = design_of(person_time, rows, chosen)
    try:
        p = _added_term_p(design, scaled, treated, chosen.form == "cox")
    except InputError as error:
        return Check(name, "unknown", f"It cannot be tested: {error}")
    if p < _LEVEL:
        text = f"Treatment changed over calendar time beyond the covariates (p = {p:.2g})."
        remedy = " Take the calendar date into the covariates."
        return Check(name, "fail", text + remedy, p, _LEVEL)
    text = f"No change of practice over calendar time beyond the covariates (p = {p:.2g})."
    return Check(name, "pass", text, p, _LEVEL)


def _decisions(person_time: PersonTime) -> npt.NDArray[np.int64]:
    """Visits at which an eligible patient was untreated until then."""
    start = person_time.start_visit[person_time.patient]
    untreated = (start < 0) | (start >= person_time.visit)
    return np.flatnonzero(person_time.eligible & untreated)


def _added_term_p(
    design: Floats, term: Floats, outcome: npt.NDArray[np.bool_], grouped_cox: bool
) -> float:
    """Likelihood ratio test of one more column."""
    longer = np.ascontiguousarray(np.column_stack([design, term]))
    before = _log_likelihood(design, outcome, grouped_cox)
    after = _log_likelihood(longer, outcome, grouped_cox)
    return float(chi2.sf(max(0.0, 2.0 * (after - before)), 1))


def _log_likelihood(design: Floats, outcome: npt.NDArray[np.bool_], grouped_cox: bool) -> float:
    fit = fit_logistic(design, outcome, grouped_cox=grouped_cox)
    chance = chances(design, fit.coef, np.ones(outcome.size), grouped_cox)
    return float(np.sum(np.log(np.maximum(np.where(outcome, chance, 1.0 - chance), _CLIP))))
