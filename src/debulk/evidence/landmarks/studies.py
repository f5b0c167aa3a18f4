"""What one study says about survival, as pooling takes it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from debulk.core.errors import InputError
from debulk.evidence.landmarks.curve import landmark_curve
from debulk.evidence.landmarks.printed import checked_landmarks, effective_patients
from debulk.survival import kaplan_meier

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SurvivalStudy:
    """Survival of one study at its own landmarks.

    Attributes
    ----------
    name : str
        How the study is called.
    times, survival : float64 array, shape (landmarks,)
        Times above 0, rising, and survival at them.
    at_risk : float64 array, shape (landmarks,)
        Patients at risk at the start of the interval that ends at each landmark, as many as
        without censoring would give the same variance.
    source : str
        How to cite it.
    basis : str
        Where `at_risk` comes from, in words.
    note : str
        What a reader must know of the study.
    """

    name: str
    times: Floats
    survival: Floats
    at_risk: Floats
    source: str = ""
    basis: str = ""
    note: str = ""

    def between(self, grid: Floats) -> tuple[Floats, Floats]:
        """Survival through each interval of a grid, given survival to its start.

        Parameters
        ----------
        grid : float64 array, shape (intervals,)
            Ends of the intervals; the first starts at 0.

        Returns
        -------
        tuple of float64 array, shape (intervals,)
            Conditional survival, and the number at risk it rests on; NaN after the last landmark
            and after survival has come to 0. Between landmarks the hazard is constant, and the
            variance of log survival is Greenwood's for a number at risk that only deaths lower.
        """
        points = np.concatenate(([0.0], grid))
        curve = landmark_curve(self.times, self.survival)
        heights = curve.at(points)
        spread = np.array([self._log_variance(*each) for each in zip(points, heights, strict=True)])
        before, after = heights[:-1], heights[1:]
        with np.errstate(divide="ignore", invalid="ignore"):  # where nobody is left, or all are
            shares = np.where(before > 0.0, after / before, np.nan)
            at_risk = (1.0 - shares) / (shares * np.diff(spread))
        for position in np.flatnonzero((shares == 1.0) | (shares == 0.0)):
            at_risk[position] = self._number_at(points[position], before[position])
        return shares, at_risk

    def _number_at(self, time: float, survival: float) -> float:
        piece = min(int(np.searchsorted(self.times, time, side="right")), len(self.times) - 1)
        start = 1.0 if piece == 0 else self.survival[piece - 1]
        return float(self.at_risk[piece] * survival / start)

    def _log_variance(self, time: float, survival: float) -> float:
        """Greenwood's variance of log survival from 0 to a time."""
        starts = np.concatenate(([1.0], self.survival[:-1]))
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = self.survival / starts
            terms = np.where(shares < 1.0, (1.0 - shares) / (shares * self.at_risk), 0.0)
        whole = int(np.searchsorted(self.times, time, side="right"))
        total = float(np.sum(terms[:whole]))
        if whole == len(self.times) or np.isnan(survival):
            return total
        if survival == 0.0:
            return np.inf
        share = survival / starts[whole]
        return float(total + (1.0 - share) / (share * self.at_risk[whole]))


def study_from_landmarks(
    name: str,
    times: Any,
    survival: Any,
    *,
    patients: float | None = None,
    at_risk: Any = None,
    lower: Any = None,
    upper: Any = None,
    conf_level: float = 0.95,
    source: str = "",
    note: str = "",
) -> SurvivalStudy:
    """A study known from a table of survival at landmark times.

    Parameters
    ----------
    name : str
        How it is called.
    times, survival : array_like, shape (landmarks,)
        Times above 0, rising; survival from 0 to 1, never rising.
    patients : float, optional
        Patients at time 0; without `at_risk` and limits, nobody is taken to be censored.
    at_risk : array_like, optional
        Patients at risk at the start of the interval that ends at each landmark.
    lower, upper : array_like, optional
        Printed limits: they tell how many patients each interval rests on.
    conf_level : float
        Level of the limits.
    source, note : str
        How to cite it; what a reader must know of it.

    Returns
    -------
    SurvivalStudy

    Raises
    ------
    InputError
        If the numbers do not fit, or nothing tells how many patients there are.
    """
    at, shares = checked_landmarks(times, survival, f"study {name!r}")
    starts = np.concatenate(([1.0], shares[:-1]))
    where = f"study {name!r}, at_risk"
    if at_risk is not None:
        numbers, basis = np.asarray(at_risk, dtype=np.float64), "numbers at risk as given"
    elif lower is not None and upper is not None:
        effective = effective_patients(shares, lower, upper, conf_level=conf_level)
        numbers, basis = _from_limits(shares, effective), "the printed limits"
    elif patients is not None:
        numbers = float(patients) * starts
        basis = "the number of patients, nobody censored before the last landmark"
    else:
        remedy = "Give patients=, at_risk=, or the printed limits"
        raise InputError(where, "nothing tells how many patients there are", remedy)
    if numbers.shape != at.shape or not np.all((numbers > 0.0) | (starts == 0.0)):
        raise InputError(where, f"{numbers.tolist()!r:.60}", "Give a number above 0 for each time")
    return SurvivalStudy(name, at, shares, numbers, source, basis, note)


def study_from_patients(
    name: str, patients: pl.DataFrame, times: Any, *, source: str = ""
) -> SurvivalStudy:
    """A study known by its patients, such as those of a reconstructed curve.

    Parameters
    ----------
    name : str
        How it is called.
    patients : polars.DataFrame
        time, event (1 died, 0 censored).
    times : array_like
        Landmarks; those after the last follow-up are left out.
    source : str
        How to cite it.

    Returns
    -------
    SurvivalStudy
        Survival by Kaplan and Meier; numbers at risk that give Greenwood's variance.

    Raises
    ------
    InputError
        If no landmark lies within follow-up, or the frame holds no times and events.
    """
    for column in ("time", "event"):
        if column not in patients.columns:
            raise InputError(f"study {name!r}", f"there is no column {column!r}", "Add it")
    curve = kaplan_meier(patients["time"].to_numpy(), patients["event"].to_numpy())
    wanted, _ = checked_landmarks(times, np.ones(np.size(times)), f"study {name!r}")
    within = wanted[wanted <= curve.time[-1]] if curve.time.size else wanted[:0]
    if within.size == 0:
        found = f"no landmark lies within the follow-up of {name!r}"
        raise InputError("times", found, "Give an earlier landmark")
    shares = curve.at(within)
    place = np.searchsorted(curve.time, within, side="right") - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = curve.events / (curve.at_risk * (curve.at_risk - curve.events))
        spread = np.where(place >= 0, np.cumsum(terms)[place], 0.0)
        conditional = shares / np.concatenate(([1.0], shares[:-1]))
        numbers = (1.0 - conditional) / (conditional * np.diff(spread, prepend=0.0))
    starts = np.concatenate(([0.0], within[:-1]))
    present = np.array([np.sum(patients["time"].to_numpy() > start) for start in starts])
    undefined = (conditional == 1.0) | (conditional == 0.0)
    numbers = np.where(undefined, present, numbers)
    return SurvivalStudy(name, within, shares, numbers, source, "Greenwood's variance of patients")


def _from_limits(survival: Floats, effective: Floats) -> Floats:
    """At risk at each interval's start, from the patients that each landmark's limits stand for."""
    starts = np.concatenate(([1.0], survival[:-1]))
    shares = survival / starts
    spread = np.diff((1.0 - survival) / (effective * survival), prepend=0.0)
    # Limits printed with few digits can shrink from one landmark to the next; the interval then
    # rests on the patients of its own landmark.
    usable = (spread > 0.0) & (shares < 1.0)
    safe = np.where(usable, shares * spread, 1.0)
    return np.where(usable, (1.0 - shares) / safe, effective * starts)
