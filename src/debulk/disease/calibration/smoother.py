"""Ensemble smoother with multiple data assimilation: a sample of the prior walks to the data.

The update is that of Emerick and Reynolds (Computers & Geosciences 2013, 55, 3-15). For a linear
simulator with normal prior and errors the last ensemble is a sample of the posterior, up to the
size of the ensemble; else it is a way to get close.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.disease.calibration.priors import FloatArray
from debulk.disease.calibration.problem import missed

MISFIT_MOST = 25.0
"""Standardised misfits beyond that are taken as that."""

STEP_MOST = 1.5
"""No member moves farther in one step and direction, in prior standard deviations."""

SPREAD_LEAST = 0.12
"""No parameter's spread falls below that share of its prior's."""

TAPER = 2.0
"""Correlations below that number over the square root of the members count as chance."""

_COMPLETE_LEAST = 0.5
_JITTER = 0.3


def inflations(waves: int, ratio: float = 0.6) -> FloatArray:
    """Factors by which errors are inflated, falling wave by wave; their inverses add up to 1.

    Parameters
    ----------
    waves : int
        At least 1.
    ratio : float
        Of one wave's factor to that of the wave before.

    Raises
    ------
    InputError
        If there is no wave, or the ratio is not above 0 and at most 1.
    """
    if waves < 1:
        raise InputError("waves", f"{waves} is below 1", "Give 1 or more")
    if not 0.0 < ratio <= 1.0:
        raise InputError("inflation ratio", f"{ratio} is not above 0 and at most 1", "Give 0.6")
    raw = ratio ** np.arange(waves, dtype=np.float64)
    return np.asarray(raw * np.sum(1.0 / raw))


@dataclass(frozen=True, slots=True)
class Step:
    """What an update did.

    Attributes
    ----------
    unit : float64[members, parameters]
        The new coordinates.
    clipped_misfits, clipped_steps : int
        Misfits and moves that were cut.
    widened : int
        Parameters whose spread was put back to the floor.
    redrawn : int
        Members without any statistic, put beside a sound one.
    left_out : int
        Targets that too few members define.
    """

    unit: FloatArray
    clipped_misfits: int
    clipped_steps: int
    widened: int
    redrawn: int
    left_out: int


def smoother_step(
    unit: FloatArray,
    statistics: FloatArray,
    observed: FloatArray,
    variance: FloatArray,
    inflation: float,
    generator: np.random.Generator,
    *,
    sides: FloatArray | None = None,
    safeguards: bool = True,
) -> Step:
    """Move an ensemble once towards the data.

    Parameters
    ----------
    unit : float64[members, parameters]
        Standard normal under the prior.
    statistics : float64[members, targets]
        On the targets' scales; NaN where not defined.
    observed, variance : float64[targets]
        The data, and the variance of their errors.
    inflation : float
        Of the variance, at least 1.
    generator : numpy.random.Generator
        For the perturbed data.
    sides : float64[targets], optional
        As in `Problem.sides`; members on the right side of a target are not pulled by it.
    safeguards : bool
        Whether misfits and steps are clipped, chance correlations tapered and the spread floored.

    Raises
    ------
    InputError
        If fewer than half of the members have any statistic.
    """
    unit, sound, redrawn = _redraw(unit, statistics, generator)
    present = np.isfinite(statistics)
    used = present[sound].mean(axis=0) >= _COMPLETE_LEAST if sound.any() else sound[:0]
    noise = generator.standard_normal(statistics.shape)[:, used]
    error = np.sqrt(variance[used])
    here = present[:, used]
    scaled = np.where(here, (statistics[:, used] - observed[used]) / error, 0.0)
    most = MISFIT_MOST if safeguards else np.inf
    misfit = np.clip(scaled, -most, most)
    # About their own mean, so that a target which all members miss by far still shows the way.
    around = np.where(here, np.clip(scaled - _mean(scaled, here), -most, most), 0.0)
    anomalies = np.where(here, around - _mean(around, here), 0.0)
    offsets = unit - unit.mean(axis=0)
    pairs = np.maximum(here.sum(axis=0) - 1.0, 1.0)
    cross = offsets.T @ anomalies / pairs
    if safeguards:
        cross = _taper(cross, offsets, anomalies, pairs)
    own = anomalies.T @ anomalies / np.sqrt(np.outer(pairs, pairs))
    gain = np.linalg.solve(own + inflation * np.eye(own.shape[0]), cross.T).T
    one_sided = np.zeros(here.shape[1]) if sides is None else sides[used]
    away = missed(misfit, one_sided)
    pulled = here & ((one_sided == 0.0) | (away != 0.0))
    pull = np.where(pulled, np.sqrt(inflation) * noise - away, 0.0)
    moves = pull @ gain.T
    limit = STEP_MOST if safeguards else np.inf
    clipped = int(np.count_nonzero(np.abs(moves) > limit))
    moved = unit + np.clip(moves, -limit, limit)
    widened = 0
    if safeguards:
        moved, widened = _widen(moved, generator)
    return Step(
        unit=moved,
        clipped_misfits=int(np.count_nonzero(np.abs(scaled) > most)),
        clipped_steps=clipped,
        widened=widened,
        redrawn=redrawn,
        left_out=int(observed.size - np.count_nonzero(used)),
    )


def _redraw(
    unit: FloatArray, statistics: FloatArray, generator: np.random.Generator
) -> tuple[FloatArray, npt.NDArray[np.bool_], int]:
    """Put members without any statistic beside sound ones."""
    sound = np.asarray(np.isfinite(statistics).any(axis=1))
    if np.count_nonzero(sound) < max(2, unit.shape[0] / 2):
        raise InputError(
            "calibration",
            f"{np.count_nonzero(~sound)} of {unit.shape[0]} members gave no statistic at all",
            "Look at what the simulator says at the medians of the priors",
        )
    lost = np.flatnonzero(~sound)
    unit = unit.copy()
    if lost.size:
        beside = generator.choice(np.flatnonzero(sound), lost.size)
        shift = _JITTER * generator.standard_normal((lost.size, unit.shape[1]))
        unit[lost] = unit[beside] + shift
    return unit, sound, int(lost.size)


def _mean(values: FloatArray, here: npt.NDArray[np.bool_]) -> FloatArray:
    return np.asarray(np.where(here, values, 0.0).sum(axis=0) / np.maximum(here.sum(axis=0), 1))


def _taper(
    cross: FloatArray, offsets: FloatArray, anomalies: FloatArray, pairs: FloatArray
) -> FloatArray:
    """Covariances whose correlation is within chance set to 0."""
    spread = np.outer(offsets.std(axis=0, ddof=1), np.sqrt((anomalies**2).sum(axis=0) / pairs))
    correlation = np.abs(np.divide(cross, spread, out=np.zeros_like(cross), where=spread > 0.0))
    return np.asarray(np.where(correlation < TAPER / np.sqrt(pairs + 1.0), 0.0, cross))


def _widen(unit: FloatArray, generator: np.random.Generator) -> tuple[FloatArray, int]:
    """Put the spread of each parameter back to the floor by independent noise."""
    spread = unit.std(axis=0, ddof=1)
    lacking = np.sqrt(np.maximum(SPREAD_LEAST**2 - spread**2, 0.0))
    noise = generator.standard_normal(unit.shape)
    return unit + noise * lacking, int(np.count_nonzero(lacking > 0.0))
