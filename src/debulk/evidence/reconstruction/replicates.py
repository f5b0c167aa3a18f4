"""Many reconstructions of one curve: what the figure leaves open, drawn instead of assumed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel, parallel_kernel, prange
from debulk.core.errors import InputError
from debulk.core.streams import claim, normal, patient_key
from debulk.evidence.reconstruction.arms import UNKNOWN
from debulk.evidence.reconstruction.intervals import Chance, Curve, Flags, Floats, Ints, Rows
from debulk.evidence.reconstruction.isotonic import falling
from debulk.evidence.reconstruction.numbers_at_risk import check_count
from debulk.evidence.reconstruction.one_arm import Reconstruction
from debulk.evidence.reconstruction.totals import fill_to_total

READING_ERROR = 0.005
"""Standard deviation of a click's survival: half a percent of the axis."""

REPLICATES = 1000
"""How often a curve is reconstructed unless said otherwise."""

_READING = claim(4104, "reconstruction: error of reading a click")
_MOST_READING_ERROR = 0.1
_MOST_ROWS = 200_000_000


@dataclass(frozen=True, eq=False)
class ReconstructionReplicates:
    """Many equally good reconstructions of one arm.

    Attributes
    ----------
    central : Reconstruction
        The one they surround.
    time : float64 array, shape (replicates, patients)
        End of follow-up; each replicate in no order.
    event : bool array, shape (replicates, patients)
        Whether it is a death.
    reading_error : float
        Standard deviation of a click's survival.
    seed, stream : int
        From which they come; arms to be compared need different streams.
    """

    central: Reconstruction
    time: Floats = field(repr=False)
    event: npt.NDArray[np.bool_] = field(repr=False)
    reading_error: float
    seed: int
    stream: int


def reconstruction_replicates(
    central: Reconstruction,
    *,
    replicates: int = REPLICATES,
    seed: int = 1,
    stream: int = 0,
    reading_error: float = READING_ERROR,
) -> ReconstructionReplicates:
    """Reconstruct one curve many times over.

    Parameters
    ----------
    central : Reconstruction
        Of the arm.
    replicates : int
        How many, at least 2.
    seed, stream : int
        At least 0. The same numbers give the same bytes, whatever the threads.
    reading_error : float
        Standard deviation of a click's survival, 0 to 0.1.

    Returns
    -------
    ReconstructionReplicates

    Raises
    ------
    InputError
        If a number lies outside its range.

    Notes
    -----
    Each replicate reads the curve anew: every click moves by a normal error of its own around the
    falling curve that was fitted, and the falling curve nearest to them is fitted again. Deaths
    then lie anywhere between two clicks, and censorings anywhere between two numbers at risk, both
    uniformly. After the last number at risk, where no total of deaths tells, the rate of censoring
    is that of a Poisson number around those censored before; without any table it is uniform
    between none and once a patient over the length of the curve.
    Numbers at risk and totals hold in every replicate.
    """
    replicates = check_count(replicates, "replicates", 2)
    seed, stream = check_count(seed, "seed", 0), check_count(stream, "stream", 0)
    _check_error(reading_error)
    if replicates * central.n > _MOST_ROWS:
        found = f"{replicates} of {central.n} patients are more than {_MOST_ROWS} rows"
        raise InputError("replicates", found, "Give fewer")
    time = np.empty((replicates, central.n))
    event = np.empty((replicates, central.n), np.bool_)
    published = central.events_published
    _fill_all(
        Curve(central.clicks.time, central.clicks.survival),
        central.numbers_at_risk.time,
        central.numbers_at_risk.at_risk,
        UNKNOWN if published is None else published,
        float(reading_error),
        seed,
        stream,
        time,
        event,
    )
    return ReconstructionReplicates(central, time, event, float(reading_error), seed, stream)


def _check_error(value: Any) -> None:
    whole = isinstance(value, int | float) and not isinstance(value, bool)
    if not whole or not 0.0 <= value <= _MOST_READING_ERROR:
        remedy = f"Give a share of the axis from 0 to {_MOST_READING_ERROR:g}"
        raise InputError("reading_error", f"{value!r:.60} is no error of reading", remedy)


@kernel
def _read_anew(curve: Curve, error: float, key: np.uint64) -> Curve:
    survival = np.empty(curve.time.size)
    for click in range(survival.size):
        moved = curve.survival[click] + error * normal(key, _READING, 0, click)
        survival[click] = min(max(moved, 0.0), 1.0)
    return Curve(curve.time, falling(survival))


@parallel_kernel
def _fill_all(
    curve: Curve,
    tick: Floats,
    at_risk: Ints,
    events: int,
    error: float,
    seed: int,
    stream: int,
    time: Floats,
    event: Flags,
) -> None:
    for replicate in prange(time.shape[0]):
        key = patient_key(seed, stream, replicate)
        read = _read_anew(curve, error, key)
        rows = Rows(time[replicate], event[replicate])
        fill_to_total(read, tick, at_risk, events, Chance(key, True), rows)
