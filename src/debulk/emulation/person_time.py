"""Eligible patients from time zero on, visit by visit: what every method of emulation reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.survival.options import check_flag, check_kind, one_number

Floats = npt.NDArray[np.float64]
Wholes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Covariate:
    """One covariate: its name, and how a model may bend it.

    Attributes
    ----------
    name : str
    continuous : bool
        A continuous covariate enters models as a spline; any other as it is (0 or 1).
    """

    name: str
    continuous: bool = False

    def __post_init__(self) -> None:
        check_kind(self.name, str, "covariate")
        check_flag(self.continuous, "continuous")


@dataclass(frozen=True)
class PersonTime:
    """Patients who were eligible at time zero, as flat arrays (n patients, N visits).

    Time zero comes after eligibility and before the strategies part. Visit m of a patient stands
    at ``m * visit_months``; a patient has a row for each visit at which he or she was alive and
    followed (time on study above the visit's), from 0 up to a last one that is the same for all.

    Attributes
    ----------
    time_months : (n,) float64
        Exact time of the event or of the last contact; above 0.
    cause : (n,) int8
        0 last seen without an event, 1 the event of interest, 2 and more a competing event.
    entry_months : (n,) float64
        Time from which a patient was under observation (left truncation); 0 without it.
    start_months : (n,) float64
        First local treatment from time zero on; NaN if never.
    complete_months : (n,) float64
        When the share of lesions that the strategy asks for had been treated; NaN if never. Equal
        to `start_months` where a strategy asks for no share.
    progression_months : (n,) float64
        First progression after time zero; NaN if none was seen.
    lost : (n,) bool
        Last seen before the registry's cut-off: lost to follow-up. False for the dead.
    first : (n + 1,) int64
        Rows ``first[i]:first[i + 1]`` of the visit arrays belong to patient i.
    visit : (N,) int32
        Number of the visit: 0, 1, 2 ... for each patient.
    eligible : (N,) bool
        Whether usual care could treat at this visit: not progressed, and what else the protocol
        asks, whether or not treated before.
    values : (N, k) float64
        Covariates at the visit: the last value known at or before it, nothing later.
    covariates : tuple of Covariate
        What the k columns are.
    patient_id : tuple
        Identifiers, in the order of the arrays.
    centre : (n,) int32 or None
        Number of each patient's centre.
    visit_months : float
        Months between visits.
    """

    time_months: Floats
    cause: npt.NDArray[np.int8]
    entry_months: Floats
    start_months: Floats
    complete_months: Floats
    progression_months: Floats
    lost: Flags
    first: npt.NDArray[np.int64]
    visit: Wholes
    eligible: Flags
    values: Floats
    covariates: tuple[Covariate, ...]
    patient_id: tuple[object, ...] = ()
    centre: Wholes | None = None
    visit_months: float = 1.0
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        _check_shape(self)
        _check_values(self)
        object.__setattr__(self, "names", tuple(each.name for each in self.covariates))

    @property
    def patients(self) -> int:
        """Number of patients."""
        return int(self.time_months.size)

    @property
    def patient(self) -> npt.NDArray[np.int64]:
        """Index of each visit's patient."""
        return np.repeat(np.arange(self.patients), np.diff(self.first))

    @property
    def start_visit(self) -> Wholes:
        """Visit at which local treatment was begun; -1 if never."""
        return visit_of(self.start_months, self.visit_months)

    @property
    def complete_visit(self) -> Wholes:
        """Visit at which the strategy's share was reached; -1 if never."""
        return visit_of(self.complete_months, self.visit_months)


_REMEDY = "See what PersonTime says of it"


def _check_shape(given: PersonTime) -> None:
    """Refuse arrays of another kind or size than the patients and visits ask for."""
    check_kind(given.covariates, tuple, "covariates", "Give a tuple of Covariate")
    for each in given.covariates:
        check_kind(each, Covariate, "covariates", "Give a tuple of Covariate")
    _check_array(given.time_months, "time_months", "f", 1)
    _check_array(given.visit, "visit", "iu", 1)
    patients, rows = (given.time_months.size,), (given.visit.size,)
    dated = ("entry_months", "start_months", "complete_months", "progression_months")
    for name in dated:
        _check_array(getattr(given, name), name, "f", 1, patients)
    _check_array(given.cause, "cause", "iu", 1, patients)
    _check_array(given.lost, "lost", "b", 1, patients)
    _check_array(given.first, "first", "iu", 1, (patients[0] + 1,))
    _check_array(given.eligible, "eligible", "b", 1, rows)
    _check_array(given.values, "values", "f", 2, (*rows, len(given.covariates)))
    if given.centre is not None:
        _check_array(given.centre, "centre", "iu", 1, patients)
    check_kind(given.patient_id, tuple, "patient_id", "Give a tuple of identifiers")
    if len(given.patient_id) not in (0, *patients):
        found = f"{len(given.patient_id)} identifiers for {patients[0]} patients"
        raise InputError("patient_id", found, "Give one a patient, or none at all")


def _check_array(
    value: Any, name: str, kinds: str, dimensions: int, shape: tuple[int, ...] | None = None
) -> None:
    check_kind(value, np.ndarray, name, "Give a NumPy array")
    if value.dtype.kind not in kinds or value.ndim != dimensions:
        found = f"an array of {value.dtype} in {value.ndim} dimensions"
        raise InputError(name, found, _REMEDY)
    if shape is not None and value.shape != shape:
        raise InputError(name, f"its shape is {value.shape}, not {shape}", _REMEDY)


def _check_values(given: PersonTime) -> None:
    """Refuse times that cannot be, and rows that are not each patient's visits from 0 on."""
    if one_number(given.visit_months, "visit_months") <= 0.0:
        found = f"{given.visit_months!r} is not above 0"
        raise InputError("visit_months", found, "Give the months between visits")
    _refuse("time_months", ~(given.time_months > 0.0) | np.isinf(given.time_months))
    _refuse("entry_months", ~(given.entry_months >= 0.0) | np.isinf(given.entry_months))
    for name in ("start_months", "complete_months", "progression_months"):
        dates = getattr(given, name)
        _refuse(name, (dates < 0.0) | np.isinf(dates))
    first = given.first
    ends = first.size and first[0] == 0 and first[-1] == given.visit.size
    if not ends or np.any(np.diff(first) < 1):
        raise InputError("first", "the rows do not part into patients", _REMEDY)
    if np.any(given.visit != np.arange(given.visit.size) - np.repeat(first[:-1], np.diff(first))):
        raise InputError("visit", "the visits of a patient are not 0, 1, 2 ...", _REMEDY)


def _refuse(name: str, wrong: Flags) -> None:
    if wrong.any():
        value = "a time that is missing, infinite, or before time zero"
        raise InputError(f"{name}, patient {int(np.argmax(wrong)) + 1}", value, _REMEDY)


def visit_of(months: Floats, visit_months: float) -> Wholes:
    """Visit that a treatment of that date was decided at: the last one at or before it.

    Parameters
    ----------
    months : (n,) float64
        Dates from time zero; NaN is never.
    visit_months : float
        Months between visits.

    Returns
    -------
    (n,) int32
        Number of the visit; -1 for never.
    """
    known = ~np.isnan(months)
    visit = np.full(months.size, -1, dtype=np.int32)
    # A date on the visit itself must not fall before it by a rounding of the division.
    visit[known] = np.floor(months[known] / visit_months + 1e-9).astype(np.int32)
    return visit
