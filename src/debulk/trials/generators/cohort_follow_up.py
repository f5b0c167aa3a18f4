"""The follow-up of a cohort, from a stated moment on, and its completion where it was censored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.trials.generators.hazards import Steps
from debulk.trials.generators.product_limit import (
    ProductLimit,
    Tail,
    checked_follow_up,
    hazard_between_events,
    product_limit,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.patients import Cohort

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

TIME_ZERO = "time zero"
"""The moment from which a cohort's own times run."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """One event of a cohort's patients: when it happened, or until when it had not.

    Attributes
    ----------
    months : float64 array
    happened : bool array
    curve : ProductLimit
    hazard : Steps
        The curve's own, spread evenly between events, going on with its tail.
    """

    months: Floats
    happened: npt.NDArray[np.bool_]
    curve: ProductLimit
    hazard: Steps

    def completed(self, rows: Ints, units: Floats) -> Floats:
        """Times of the event of some patients; where censored, from the conditional curve.

        Parameters
        ----------
        rows : int64 array
            Patients of the cohort.
        units : float64 array
            One uniform number each.
        """
        months = self.months[rows]
        later = self.curve.time_at(units * self.curve.survival_at(months))
        return np.where(self.happened[rows], months, later)

    def under(self, months: Floats, ratio: Steps) -> Floats:
        """Times at which the event comes under another hazard, for the same patients.

        Parameters
        ----------
        months : float64 array
            Times under the cohort's own hazard; infinite stays infinite.
        ratio : Steps
            Hazard ratio by time.
        """
        finite = np.isfinite(months)
        amount = self.hazard.cumulative(np.where(finite, months, 0.0))
        return np.where(finite, self.hazard.times(ratio).time_at(amount), np.inf)


@dataclass(frozen=True, eq=False)
class CohortFollowUp:
    """Death and progression of a cohort's patients, in the order of its patients table.

    Attributes
    ----------
    death : Outcome
    progression : Outcome or None
        Death before it censors it. None: nobody is known to have progressed.
    """

    death: Outcome
    progression: Outcome | None


def cohort_follow_up(cohort: Cohort, since: str, tail: Tail) -> CohortFollowUp:
    """Follow-up of a cohort from a stated moment on.

    Parameters
    ----------
    cohort : Cohort
    since : str
        ``"time zero"``, or a column of months in the patients table.
    tail : {"exponential", "never"}

    Raises
    ------
    InputError
        If follow-up is missing or impossible, the moment is unknown of somebody, or patients enter
        after it (their survival until then would be granted to them).
    """
    if cohort.patients.height == 0:
        raise InputError("cohort", "holds no patient", "Give a cohort with patients")
    start = _starts(cohort, since)
    ids = cohort.patients.select("patient_id")
    if cohort.followup["patient_id"].n_unique() < cohort.followup.height:
        raise InputError("cohort, followup", "a patient comes twice", "Keep one row a patient")
    table = ids.join(cohort.followup, on="patient_id", how="left", maintain_order="left")
    missing = table["last_months"].null_count()
    if missing or table["dead"].null_count():
        raise InputError(
            "cohort, followup", f"is missing of {missing} patients", "Leave them out of the cohort"
        )
    last = table["last_months"].cast(pl.Float64).to_numpy() - start
    if (last < 0.0).any():
        found = f"ends before {since} in {int((last < 0.0).sum())} patients"
        raise InputError("cohort, followup", found, "Leave them out of the cohort")
    time, dead = checked_follow_up(last, table["dead"].to_numpy(), "cohort, followup")
    death = _outcome(time, dead, tail, "cohort, deaths", late_event=True)
    progressed = table["progression_months"].cast(pl.Float64).to_numpy() - start
    return CohortFollowUp(death, _progression(progressed, time, tail))


def _starts(cohort: Cohort, since: str) -> Floats:
    """The moment from which each patient's times run."""
    patients = cohort.patients
    if since == TIME_ZERO:
        start = np.zeros(patients.height)
    else:
        known = [each for each in patients.columns if each.endswith("_months")]
        if since not in known:
            raise InputError("since", f"{since!r:.60} is no moment", nearest(since, known))
        column = patients[since]
        if column.null_count():
            raise InputError(
                "since",
                f"{since!r} is unknown of {column.null_count()} of {patients.height} patients",
                "Leave them out of the cohort, or choose another moment",
            )
        start = column.cast(pl.Float64).to_numpy()
    entry = patients["entry_months"].cast(pl.Float64).fill_null(0.0).to_numpy()
    late = int((entry > start).sum())
    if late:
        raise InputError(
            "since",
            f"{late} patients were first seen after {since}: those who died before are missing",
            "Say since='entry_months', or leave these patients out",
        )
    return start


def _progression(progressed: Floats, time: Floats, tail: Tail) -> Outcome | None:
    known = np.isfinite(progressed)
    if not known.any():
        return None
    wrong = known & ((progressed <= 0.0) | (progressed > time))
    if wrong.any():
        raise InputError(
            "cohort, followup, progression_months",
            f"lies outside follow-up in {int(wrong.sum())} patients",
            "Correct them, or leave out who had progressed before",
        )
    months = np.where(known, progressed, time)
    return _outcome(months, known, tail, "cohort, progressions", late_event=False)


def _outcome(
    months: Floats, happened: npt.NDArray[np.bool_], tail: Tail, where: str, *, late_event: bool
) -> Outcome:
    curve = product_limit(months, happened, tail, where, late_event=late_event)
    return Outcome(
        months, happened, curve, hazard_between_events(months, happened, curve.tail_hazard)
    )
