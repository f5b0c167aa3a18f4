"""The table of numbers at risk below a printed curve, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.evidence.reconstruction.clicks import Clicks, two_columns
from debulk.evidence.reconstruction.intervals import Floats, Ints
from debulk.survival.subjects import moments

MOST_PATIENTS = 10_000_000
_COUNTS = ("at_risk", "nrisk", "n_risk", "n.risk", "n")


@dataclass(frozen=True, eq=False)
class NumbersAtRisk:
    """Known numbers at risk, from time 0 on.

    Attributes
    ----------
    time : float64 array, shape (ticks,)
        Rising, the first 0.
    at_risk : int64 array, shape (ticks,)
        Never rising; the first is the number of patients.
    remarks : tuple of str
        What was left out or taken as given, with counts.
    """

    time: Floats
    at_risk: Ints
    remarks: tuple[str, ...]

    @property
    def patients(self) -> int:
        """How many patients there are."""
        return int(self.at_risk[0])


def read_numbers_at_risk(table: Any, patients: int | None, clicks: Clicks) -> NumbersAtRisk:
    """Check a table of numbers at risk, or make one of the number of patients alone.

    Parameters
    ----------
    table : frame, mapping, pair of sequences, array of shape (ticks, 2), or None
        Columns ``time`` and ``at_risk``; a missing number is one that the figure does not show.
    patients : int or None
        At time 0; needed where the table does not tell it.
    clicks : Clicks
        Of the same arm.

    Raises
    ------
    InputError
        If numbers rise, are no whole numbers from 0 on, or none is known at time 0; if times do not
        rise from 0 on; if someone is at risk after the curve has come down to 0.
    """
    if patients is not None:
        check_count(patients, "patients", 1)
    if table is None:
        if patients is None:
            remedy = "Give at_risk, or patients, the number at time 0"
            raise InputError("at_risk", "is missing, and so is patients", remedy)
        return NumbersAtRisk(np.zeros(1), np.array([patients], np.int64), ())
    first, second = two_columns(table, _COUNTS, "at_risk")
    times = moments(first, "at_risk, column time").reshape(-1)
    counts = moments(second, "at_risk, column at_risk").reshape(-1)
    if times.size != counts.size:
        found = f"has {counts.size} values, time has {times.size}"
        raise InputError("at_risk, column at_risk", found, "Leave unknown numbers empty")
    _check_rows(times, counts)
    known = ~np.isnan(counts)
    remarks = []
    if not known.all():
        missing = int(counts.size - np.count_nonzero(known))
        remarks.append(
            f"{missing} of {counts.size} numbers at risk are missing and were passed over"
        )
    ticks, numbers = _with_time_0(times[known], counts[known].astype(np.int64), patients)
    _check_curve(ticks, numbers, clicks)
    # Nothing happens after the first 0.
    end = int(np.argmax(numbers == 0)) + 1 if (numbers == 0).any() else numbers.size
    return NumbersAtRisk(ticks[:end], numbers[:end], tuple(remarks))


def check_count(value: Any, name: str, least: int) -> int:
    """Refuse what is no whole number from `least` on.

    Raises
    ------
    InputError
        Naming the argument and the value.
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole and not (isinstance(value, float) and value.is_integer()):
        raise InputError(name, f"{value!r:.60} is no whole number", f"Give {least} or more")
    if value < least:
        raise InputError(name, f"{value} is below {least}", f"Give {least} or more")
    if name == "patients" and value > MOST_PATIENTS:
        raise InputError(name, f"{value} is above {MOST_PATIENTS}", "Give the patients of one arm")
    return int(value)


def _check_rows(times: Floats, counts: Floats) -> None:
    previous: tuple[int, float] | None = None
    for row, (time, count) in enumerate(zip(times, counts, strict=True), start=1):
        where = f"at_risk, row {row}"
        if not np.isfinite(time) or time < 0.0:
            found = f"{time:g} is no time of follow-up"
            raise InputError(f"{where}, column time", found, "Give finite times of at least 0")
        if row > 1 and time <= times[row - 2]:
            found = f"{time:g} does not lie after {times[row - 2]:g}"
            raise InputError(f"{where}, column time", found, "Give the ticks from left to right")
        if np.isnan(count):
            continue
        if not 0.0 <= count <= MOST_PATIENTS or count != np.floor(count):
            found = f"{count:g} is no number of patients"
            raise InputError(f"{where}, column at_risk", found, "Give whole numbers from 0 on")
        if previous is not None and count > previous[1]:
            found = f"{count:g} at risk are more than the {previous[1]:g} of row {previous[0]}"
            remedy = "Numbers at risk never rise; check the row and the arm"
            raise InputError(f"{where}, column at_risk", found, remedy)
        previous = (row, float(count))


def _with_time_0(times: Floats, counts: Ints, patients: int | None) -> tuple[Floats, Ints]:
    starts_at_0 = times.size > 0 and times[0] == 0.0
    if not starts_at_0:
        if patients is None:
            remedy = "Give the number at time 0, or patients"
            raise InputError("at_risk", "tells no number at time 0", remedy)
        times, counts = np.append(0.0, times), np.append(np.int64(patients), counts)
        if counts.size > 1 and counts[1] > counts[0]:
            found = f"{patients} patients are fewer than the {counts[1]} at risk later"
            raise InputError("patients", found, "Give the number at time 0")
    elif patients is not None and patients != counts[0]:
        found = f"{patients} is not the number at risk at time 0, {counts[0]}"
        raise InputError("patients", found, "Leave it out")
    if counts[0] < 1:
        raise InputError("at_risk", "nobody is at risk at time 0", "Give the number of patients")
    return times, counts


def _check_curve(times: Floats, counts: Ints, clicks: Clicks) -> None:
    over = clicks.survival <= 0.0
    if not over.any():
        return
    end = clicks.time[int(np.argmax(over))]
    late = (times > end) & (counts > 0)
    if late.any():
        row = int(np.argmax(late))
        found = f"{counts[row]} are at risk at {times[row]:g}, but the curve is 0 from {end:g} on"
        raise InputError("at_risk, column at_risk", found, "Check the ticks and the curve")
