"""Patients whose Kaplan-Meier curve passes through a landmark curve."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from debulk.core.errors import InputError
from debulk.evidence.landmarks.curve import LandmarkCurve


def pseudo_patients(curve: LandmarkCurve, *, patients: int | None = None) -> pl.DataFrame:
    """Patients that follow a landmark curve, without chance.

    Deaths lie at the quantiles of the curve, (i - 1/2) / n for the i-th of n patients. All who
    outlive the last landmark are censored there, and nobody before: a table tells nothing of
    follow-up, so that anything computed from these patients looks more certain than the study was.

    Parameters
    ----------
    curve : LandmarkCurve
        From `landmark_curve`.
    patients : int, optional
        How many; default those of the curve, else the smallest number its printed limits stand
        for, rounded down.

    Returns
    -------
    polars.DataFrame
        time, event (1 died, 0 censored), by time.

    Raises
    ------
    InputError
        If no number of patients is known.
    """
    number = patients if patients is not None else curve.patients
    if number is None and curve.effective is not None:
        number = int(curve.effective.min())
    if number is None:
        remedy = "Give patients=, or the printed limits of survival"
        raise InputError("patients", "the number of patients is not known", remedy)
    if isinstance(number, bool) or not 1 <= number < math.inf or int(number) != number:
        raise InputError("patients", f"{number!r}", "Give a whole number from 1 on")
    count = int(number)
    shares = (np.arange(count) + 0.5) / count
    dead = [float(share) for share in shares if share < 1.0 - curve.survival[-1]]
    times = [curve.quantile(share) for share in dead]
    last = float(curve.times[-1])
    censored = count - len(times)
    return pl.DataFrame(
        {"time": [*times, *[last] * censored], "event": [1] * len(times) + [0] * censored},
        schema={"time": pl.Float64, "event": pl.Int64},
    )
