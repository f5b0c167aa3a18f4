"""Arguments of a survival design, read and checked one by one."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.survival.options import check_share, one_number, shown
from debulk.trials.survival_designs.assumptions import Accrual, Dropout, Pieces, Stratum

MONTHS_OF_DROPOUT = 12.0
RATIOS = (1e-3, 1e3)
"""Hazard ratios and allocations that are taken for meant."""
_HAZARDS = (1e-9, 1e3)
_MONTHS = (1e-3, 1e5)
_RATES = (1e-6, 1e9)
COUNTS = (1.0, 1e9)
_MOST_LOST = 0.999999
_SHARES_SUM = 1e-9
"""How far from 1 the shares of the strata may sum by rounding."""


@dataclass(frozen=True, slots=True)
class Course:
    """Accrual as given, before patients or months are known.

    Attributes
    ----------
    starts_months, rates : tuple of float
        Pieces of accrual.
    end_months : float or None
        When accrual ends; None while it is open.
    absolute : bool
        Whether the rates are patients per month; else only their ratios count.
    """

    starts_months: tuple[float, ...]
    rates: tuple[float, ...]
    end_months: float | None
    absolute: bool

    def until(self, end_months: float) -> Accrual:
        """Accrual up to a month, at the rates given.

        Parameters
        ----------
        end_months : float
            When the last patient enters.
        """
        kept = [i for i, start in enumerate(self.starts_months) if start < end_months]
        starts = tuple(self.starts_months[i] for i in kept)
        return Accrual(starts, tuple(self.rates[i] for i in kept), end_months)

    @property
    def most(self) -> float:
        """Patients that can enter at the rates given."""
        if self.end_months is None:
            return math.inf
        return self.until(self.end_months).patients

    def month_of(self, patients: float) -> float:
        """Month at which so many patients have entered at the rates given.

        Parameters
        ----------
        patients : float
            At most `most`.
        """
        entered = 0.0
        ends = (*self.starts_months[1:], self.end_months or math.inf)
        for start, end, rate in zip(self.starts_months, ends, self.rates, strict=True):
            gained = rate * (end - start) if rate > 0.0 else 0.0
            if rate > 0.0 and entered + gained >= patients:
                return start + (patients - entered) / rate
            entered += gained
        return float(ends[-1])


def read_pieces(
    value: Any, name: str, limits: tuple[float, float], *, may_be_zero: bool = False
) -> Pieces:
    """A number, or ((start month, value), ...), as a step function.

    Parameters
    ----------
    value : Any
        What was given.
    name : str
        The argument.
    limits : pair of float
        Least and largest value.
    may_be_zero : bool
        Whether some, not all, of several values may be 0.

    Raises
    ------
    InputError
        If starts do not rise from 0, or a value is not within the limits.
    """
    rows = _rows(value, name)
    if rows is None:
        rows = [(0.0, one_number(value, name))]
    _check_starts([start for start, _ in rows], name)
    for _, found in rows:
        if found != 0.0 or not may_be_zero:
            _check_limits(found, name, limits)
    if all(found == 0.0 for _, found in rows):
        raise InputError(name, "every value is 0", "Give at least one number above 0")
    return tuple(rows)


def read_control(median_control: Any, hazard_control: Any) -> Pieces:
    """Hazard of the control arm, from exactly one of median and hazard.

    Parameters
    ----------
    median_control : Any
        Median survival in months, exponential.
    hazard_control : Any
        Hazard per month, or pieces.

    Raises
    ------
    InputError
        If both or neither is given, or one is not above 0.
    """
    if (median_control is None) == (hazard_control is None):
        found = "neither is given" if median_control is None else "both are given"
        remedy = "Give one of them: the median in months, or the hazard per month"
        raise InputError("median_control, hazard_control", found, remedy)
    if hazard_control is not None:
        return read_hazard(hazard_control, "hazard_control")
    return ((0.0, math.log(2.0) / read_positive(median_control, "median_control", _MONTHS)),)


def read_hazard(value: Any, name: str) -> Pieces:
    """Hazard per month, constant or pieces of which some may be 0.

    Parameters
    ----------
    value : Any
        What was given.
    name : str
        The argument.

    Raises
    ------
    InputError
        As `read_pieces`.
    """
    return read_pieces(value, name, _HAZARDS, may_be_zero=True)


def read_positive(value: Any, name: str, limits: tuple[float, float]) -> float:
    """A number above 0, within limits that only a slip exceeds.

    Parameters
    ----------
    value : Any
        What was given.
    name : str
        The argument.
    limits : pair of float
        Least and largest value.

    Raises
    ------
    InputError
        If it is anything else.
    """
    found = one_number(value, name)
    _check_limits(found, name, limits)
    return found


def read_follow_up(value: Any) -> float:
    """Months of follow-up, 0 or more.

    Parameters
    ----------
    value : Any
        What was given.

    Raises
    ------
    InputError
        If it is anything else.
    """
    found = one_number(value, "follow_up")
    if not 0.0 <= found <= _MONTHS[1]:
        remedy = f"Give months from 0 to {_MONTHS[1]:g}"
        raise InputError("follow_up", f"found {found:g}", remedy)
    return found


def read_accrual(value: Any) -> Course:
    """Months of uniform accrual, or ((start month, patients per month), ...).

    Parameters
    ----------
    value : Any
        What was given; a last rate of 0 ends accrual.

    Raises
    ------
    InputError
        If starts do not rise from 0, a rate is negative, or nobody enters.
    """
    rows = _rows(value, "accrual")
    if rows is None:
        months = read_positive(value, "accrual", _MONTHS)
        return Course((0.0,), (1.0 / months,), months, absolute=False)
    _check_starts([start for start, _ in rows], "accrual")
    for _, rate in rows:
        if rate != 0.0:
            _check_limits(rate, "accrual", _RATES)
    while len(rows) > 1 and rows[-2][1] == 0.0 == rows[-1][1]:
        rows.pop()
    end = rows.pop()[0] if rows[-1][1] == 0.0 else None
    if not rows:
        raise InputError("accrual", "nobody ever enters", "Give a rate above 0")
    return Course(tuple(at for at, _ in rows), tuple(rate for _, rate in rows), end, absolute=True)


def read_dropout(value: Any) -> Dropout:
    """Probability of being lost per 12 months, for both arms or (experimental, control).

    Parameters
    ----------
    value : Any
        What was given.

    Raises
    ------
    InputError
        If a probability is below 0, or 1 or more.
    """
    pair: list[Any]
    value = _unwrapped(value)
    if isinstance(value, list | tuple):
        if len(value) != 2:
            found = f"holds {len(value)} values, not 2"
            raise InputError("dropout", found, "Give one probability, or (experimental, control)")
        pair = list(value)
    else:
        pair = [value, value]
    hazards = []
    for each in pair:
        lost = one_number(each, "dropout")
        if not 0.0 <= lost <= _MOST_LOST:
            remedy = "Give the probability of being lost within 12 months, from 0 to below 1"
            raise InputError("dropout", f"{lost:g} is no such probability", remedy)
        hazards.append(-math.log1p(-lost) / MONTHS_OF_DROPOUT)
    return Dropout(hazards[0], hazards[1])


def read_strata(strata: Any, hazard_ratio: Pieces) -> tuple[Stratum, ...]:
    """Strata with every hazard and ratio as pieces.

    Parameters
    ----------
    strata : Any
        Sequence of Stratum.
    hazard_ratio : pieces
        What a stratum without its own takes.

    Raises
    ------
    InputError
        If one is no Stratum, a share is not within 0 and 1, or the shares do not sum to 1.
    """
    given = list(strata) if isinstance(strata, list | tuple) else []
    if not given or not all(isinstance(each, Stratum) for each in given):
        remedy = "Give a sequence such as (Stratum(0.4, 0.03), Stratum(0.6, 0.02))"
        raise InputError("strata", f"{shown(strata)} is no sequence of Stratum", remedy)
    read: list[Stratum] = []
    for place, each in enumerate(given, start=1):
        where = f"strata, stratum {place}"
        share = one_number(each.share, f"{where}, share")
        if len(given) > 1:
            check_share(share, f"{where}, share", "Give its share of the patients")
        hazard = read_hazard(each.hazard_control, f"{where}, hazard_control")
        ratio = hazard_ratio
        if each.hazard_ratio is not None:
            ratio = read_pieces(each.hazard_ratio, f"{where}, hazard_ratio", RATIOS)
        read.append(Stratum(share, hazard, ratio, each.name or f"stratum {place}"))
    total = math.fsum(each.share for each in read)
    if abs(total - 1.0) > _SHARES_SUM:
        raise InputError("strata", f"the shares sum to {total:g}, not 1", "Give shares of all")
    return tuple(read)


def _rows(value: Any, name: str) -> list[tuple[float, float]] | None:
    """Pairs of numbers where a sequence was given, None for anything else."""
    value = _unwrapped(value)
    if isinstance(value, str | bytes | dict) or not isinstance(value, Iterable):
        return None
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return None
    remedy = "Give one number, or pairs such as ((0, 1.0), (6, 0.7)): start month and value"
    rows: list[tuple[float, float]] = []
    for row in value:
        pair = row.tolist() if isinstance(row, np.ndarray) else row
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise InputError(name, f"{shown(row)} is no pair of numbers", remedy)
        rows.append((one_number(pair[0], name), one_number(pair[1], name)))
    if not rows:
        raise InputError(name, "is empty", remedy)
    return rows


def _unwrapped(value: Any) -> Any:
    """Lists in place of arrays, columns and tables; anything else as it is."""
    if hasattr(value, "to_numpy") and not isinstance(value, type):
        value = value.to_numpy()
    return value.tolist() if isinstance(value, np.ndarray) and value.ndim > 0 else value


def _check_starts(starts: list[float], name: str) -> None:
    if starts[0] != 0.0:
        raise InputError(name, f"the first start is month {starts[0]:g}", "Start at month 0")
    for before, after in itertools.pairwise(starts):
        if after <= before:
            found = f"month {after:g} comes after month {before:g}"
            raise InputError(name, found, "Give start months that rise")
    if starts[-1] > _MONTHS[1]:
        remedy = f"Give months up to {_MONTHS[1]:g}"
        raise InputError(name, f"a start at month {starts[-1]:g}", remedy)


def _check_limits(found: float, name: str, limits: tuple[float, float]) -> None:
    if not limits[0] <= found <= limits[1]:
        problem = "is not above 0" if found <= 0.0 else "is out of range"
        remedy = f"Give a number from {limits[0]:g} to {limits[1]:g}"
        raise InputError(name, f"{found:g} {problem}", remedy)
