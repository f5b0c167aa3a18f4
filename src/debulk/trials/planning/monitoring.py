"""Watching an unwanted event patient by patient: a boundary with an exact error."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binom

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.trials.planning.checks import number, numbers, whole
from debulk.trials.planning.curves import Floats

HALVINGS = 60


@dataclass(frozen=True, slots=True)
class ContinuousMonitoring:
    """Stop as soon as the k-th patient brings the events to the boundary.

    Attributes
    ----------
    patients : int
        Patients watched at most.
    acceptable_rate : float
        Rate at which stopping would be wrong.
    alpha : float
        Largest allowed chance to stop at that rate.
    error : float
        Chance to stop at that rate, exactly; at most `alpha` (counts are whole).
    boundary : tuple of int or None
        Events that stop after 1, 2, ... patients; None where no count stops.
    rates : tuple of float
        True rates asked for.
    stop : tuple of float
        Chance to stop at each.
    mean_patients : tuple of float
        Expected patients at each.
    formula : str
        How the boundary was made.
    assumptions : tuple of str
        What it rests on.
    """

    patients: int
    acceptable_rate: float
    alpha: float
    error: float
    boundary: tuple[int | None, ...]
    rates: tuple[float, ...]
    stop: tuple[float, ...]
    mean_patients: tuple[float, ...]
    formula: str
    assumptions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


def continuous_monitoring(
    acceptable_rate: float, *, patients: int, rates: Any, alpha: float = 0.05
) -> ContinuousMonitoring:
    """Pocock-type boundary for an event such as withdrawal or postoperative death.

    Parameters
    ----------
    acceptable_rate : float
        Rate at which the trial should go on, strictly between 0 and 1.
    patients : int
        Patients watched at most.
    rates : sequence of float
        True rates at which to tell the chance to stop.
    alpha : float
        Largest allowed chance to stop at `acceptable_rate`.

    Returns
    -------
    ContinuousMonitoring

    Raises
    ------
    InputError
        If no boundary keeps `alpha`: even all patients with the event are likely enough.

    Notes
    -----
    After each patient the exact binomial tail at `acceptable_rate` is compared with one level, the
    largest that keeps the chance of ever stopping at most `alpha` (Ivanova, Qaqish and Schell
    2005, Biometrics 61). All probabilities are exact recursions over the count.
    """
    rate = number(acceptable_rate, "acceptable_rate", above=0.0, below=1.0)
    most = whole(patients, "patients", at_least=1, at_most=2000)
    error = number(alpha, "alpha", above=0.0, below=1.0)
    asked = numbers(rates, "rates", at_least=0.0, at_most=1.0)
    low, high = 0.0, error
    for _ in range(HALVINGS):
        level = 0.5 * (low + high)
        if stopping(_levels(rate, most, level), rate)[0] <= error:
            low = level
        else:
            high = level
    limits = _levels(rate, most, low)
    if not np.any(limits <= np.arange(1, most + 1)):
        raise InputError(
            "alpha",
            f"no count of up to {most} patients is unlikely enough at rate {rate:g}",
            "Give more patients or a larger alpha",
        )
    found = [stopping(limits, each) for each in asked]
    return ContinuousMonitoring(
        patients=most,
        acceptable_rate=rate,
        alpha=error,
        error=stopping(limits, rate)[0],
        boundary=tuple(
            int(limit) if limit <= k else None for k, limit in enumerate(limits, start=1)
        ),
        rates=asked,
        stop=tuple(each[0] for each in found),
        mean_patients=tuple(each[1] for each in found),
        formula="stop after k patients when P(Bin(k, acceptable rate) >= events) <= one level",
        assumptions=(
            "patients are independent, share one rate and are judged in order",
            "an event is known before the next patient is judged",
        ),
    )


def stopping(limits: Floats, rate: float) -> tuple[float, float]:
    """Chance of ever reaching the boundary, and the mean number of patients, exactly.

    Parameters
    ----------
    limits : numpy.ndarray
        Events that stop after 1, 2, ... patients.
    rate : float
        True rate.

    Returns
    -------
    tuple of float
    """
    going = np.zeros(limits.size + 1)
    going[0] = 1.0
    stopped, mean = 0.0, 0.0
    for limit in limits:
        mean += going.sum()
        after = going * (1.0 - rate)
        after[1:] += going[:-1] * rate
        first = int(min(limit, after.size))
        stopped += after[first:].sum()
        after[first:] = 0.0
        going = after
    return float(stopped), float(mean)


def _levels(rate: float, patients: int, level: float) -> Floats:
    counts = np.arange(1, patients + 1)
    # The smallest count whose upper tail is at most the level.
    limits = np.asarray(binom.isf(level, counts, rate) + 1.0)
    return np.where(limits < 1.0, 1.0, limits)
