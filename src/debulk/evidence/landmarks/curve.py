"""A survival curve through printed landmarks, with a constant hazard between them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

import debulk
from debulk.core.errors import InputError
from debulk.core.provenance import Parameter, Provenance
from debulk.core.results import plain
from debulk.evidence.landmarks.printed import checked_landmarks, effective_patients

Floats = npt.NDArray[np.float64]
Tail = Literal["none", "last hazard"]


@dataclass(frozen=True, eq=False)
class LandmarkCurve:
    """A piecewise-exponential survival curve.

    Attributes
    ----------
    times, survival : float64 array, shape (landmarks,)
        As printed, survival at `times`; 1 at time 0.
    hazards : float64 array, shape (landmarks,)
        Constant hazard up to each landmark from the one before; infinite where survival falls
        to 0, which it does in a straight line.
    tail : {"none", "last hazard"}
        What is assumed beyond the last landmark: nothing, or that its hazard goes on.
    patients : float or None
        Patients, where told.
    effective : float64 array or None, shape (landmarks,)
        Patients without censoring that the printed limits stand for.
    time_unit : str
        Unit of the times.
    provenance : Provenance
        Choices and remarks.
    """

    times: Floats
    survival: Floats
    hazards: Floats
    tail: Tail
    patients: float | None
    effective: Floats | None
    time_unit: str
    provenance: Provenance = field(repr=False)

    def at(self, times: npt.ArrayLike) -> Floats:
        """Survival at any times: 1 before 0, NaN beyond the last landmark unless a tail is asked.

        Parameters
        ----------
        times : array_like, shape (m,)
            In the unit of the curve.

        Returns
        -------
        float64 array, shape (m,)
        """
        wanted = np.atleast_1d(np.asarray(times, dtype=np.float64))
        starts = np.concatenate(([0.0], self.times))
        heights = np.concatenate(([1.0], self.survival))
        piece = np.clip(np.searchsorted(starts, wanted, side="right") - 1, 0, len(starts) - 1)
        hazards = np.append(self.hazards, self.hazards[-1])[piece]
        passed = np.maximum(wanted - starts[piece], 0.0)
        straight = np.isinf(hazards)
        ends = np.append(self.times, np.inf)[piece]
        shares = np.where(
            straight,
            1.0 - passed / (ends - starts[piece]),
            np.exp(-np.where(straight, 0.0, hazards) * passed),
        )
        survival: Floats = heights[piece] * shares
        beyond = wanted > self.times[-1]
        if self.tail == "none" and self.survival[-1] > 0.0:
            survival = np.where(beyond, np.nan, survival)
        return survival

    def quantile(self, p: float) -> float | None:
        """Time by which the share `p` has died; None where the curve does not get there.

        Parameters
        ----------
        p : float
            Strictly between 0 and 1.
        """
        if not 0.0 < p < 1.0:
            raise InputError("p", f"{p!r}", "Give a share between 0 and 1, such as 0.5")
        wanted = 1.0 - p
        starts = np.concatenate(([0.0], self.times))
        heights = np.concatenate(([1.0], self.survival))
        reached = np.flatnonzero(self.survival <= wanted)
        if reached.size:
            piece = int(reached[0])
        elif self.tail == "last hazard" and 0.0 < self.hazards[-1] < math.inf:
            piece = len(self.times)
        else:
            return None
        hazard = self.hazards[min(piece, len(self.times) - 1)]
        if math.isinf(hazard):
            share = 1.0 - wanted / heights[piece]
            return float(starts[piece] + share * (self.times[piece] - starts[piece]))
        return float(starts[piece] + math.log(heights[piece] / wanted) / hazard)

    @property
    def median(self) -> float | None:
        """Time by which half have died; None where the curve does not get there."""
        return self.quantile(0.5)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        names = [each for each in self.__dataclass_fields__ if each != "provenance"]
        told = {name: plain(getattr(self, name)) for name in names}
        return {**told, "median": self.median, "provenance": self.provenance.to_dict()}


def landmark_curve(
    times: Any,
    survival: Any,
    *,
    patients: float | None = None,
    lower: Any = None,
    upper: Any = None,
    conf_level: float = 0.95,
    median: float | None = None,
    tail: Tail = "none",
    time_unit: str = "months",
) -> LandmarkCurve:
    """Make a curve from a table of survival at landmark times, where no figure exists.

    Parameters
    ----------
    times, survival : array_like, shape (landmarks,)
        Times above 0, rising; survival from 0 to 1, never rising.
    patients : float, optional
        Patients in the group.
    lower, upper : array_like, optional
        Printed limits of the survival: they tell how many patients each landmark rests on.
    conf_level : float
        Level of the limits.
    median : float, optional
        Printed median: a further landmark with survival 0.5.
    tail : {"none", "last hazard"}
        Beyond the last landmark nothing is known; with "last hazard" its hazard goes on.
    time_unit : str
        Unit of the times, for display.

    Returns
    -------
    LandmarkCurve

    Raises
    ------
    InputError
        If survival rises or is outside 0 to 1, times do not rise, the median contradicts the
        survival around it, or limits do not enclose it.
    """
    at, shares = checked_landmarks(times, survival)
    if tail not in ("none", "last hazard"):
        raise InputError("tail", f"{tail!r}", "Give 'none' or 'last hazard'")
    _check_patients(patients)
    effective = None
    if (lower is None) != (upper is None):
        raise InputError("lower, upper", "one limit without the other", "Give both or none")
    if lower is not None:
        effective = effective_patients(shares, lower, upper, conf_level=conf_level)
    if median is not None:
        at, shares, effective = _with_median(at, shares, effective, median)
    before = np.concatenate(([1.0], shares[:-1]))
    lengths = np.diff(at, prepend=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        hazards = np.where(before > 0.0, np.log(before / shares) / lengths, np.inf)
    return LandmarkCurve(
        at, shares, hazards, tail, patients, effective, time_unit, _provenance(tail)
    )


def _provenance(tail: Tail) -> Provenance:
    """What is assumed of the hazard between landmarks and after the last one."""
    after = (
        "Beyond the last landmark nothing is said."
        if tail == "none"
        else "Beyond the last landmark its hazard is taken to go on."
    )
    between = "Hazards are constant between landmarks: a table does not tell how deaths lie there."
    return Provenance(
        version=debulk.__version__,
        parameters=(
            Parameter("hazard", "constant", "default", "assumption", between),
            Parameter("tail", tail, "default" if tail == "none" else "chosen", "assumption", after),
        ),
        remarks=(between, after),
    )


def _check_patients(patients: float | None) -> None:
    if patients is None:
        return
    number = isinstance(patients, int | float | np.number) and not isinstance(patients, bool)
    if not number or not 1 <= patients < math.inf:
        raise InputError("patients", f"{patients!r}", "Give a number from 1 on")


def _with_median(
    times: Floats, survival: Floats, effective: Floats | None, median: float
) -> tuple[Floats, Floats, Floats | None]:
    """The table with its median as one more landmark, unless it is one already."""
    if not (isinstance(median, int | float | np.number) and 0.0 < median < math.inf):
        raise InputError("median", f"{median!r}", "Give a time above 0")
    place = int(np.searchsorted(times, median))
    above = survival[place - 1] if place else 1.0
    below = survival[place] if place < len(times) else 0.0
    if not below <= 0.5 <= above:
        found = f"{median:g} lies between survivals of {above:g} and {below:g}"
        raise InputError("median", found, "Compare with the table: half must have died by then")
    if place < len(times) and times[place] == median:
        if below != 0.5:
            found = f"{median:g}, where survival is {below:g}"
            raise InputError("median", found, "Leave the median out, or correct the survival")
        return times, survival, effective
    if effective is not None:
        effective = np.insert(effective, place, effective[min(place, len(effective) - 1)])
    return np.insert(times, place, median), np.insert(survival, place, 0.5), effective
