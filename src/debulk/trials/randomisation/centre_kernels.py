"""Kernels of the centres: their rates and openings, and the patients who come to them."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.streams import normal, patient_key, uniform
from debulk.trials.decisions import TRIAL_ITSELF
from debulk.trials.randomisation.decisions import (
    CENTRE,
    CENTRE_OPENS,
    CENTRE_RATE,
    CENTRE_RATE_SMALL,
    CENTRE_RATE_TAKEN,
    CENTRE_SKILL,
    SURGEON,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel
def centre_rate(key: np.uint64, centre: int, variation: float) -> float:
    """Gamma number of mean 1 and this coefficient of variation (Marsaglia and Tsang 2000)."""
    if variation == 0.0:
        return 1.0
    shape = 1.0 / (variation * variation)
    lifted = shape if shape >= 1.0 else shape + 1.0
    d = lifted - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    attempt = 0
    while True:
        x = normal(key, CENTRE_RATE, centre, attempt)
        v = (1.0 + c * x) ** 3
        if v > 0.0:
            u = uniform(key, CENTRE_RATE_TAKEN, centre, attempt)
            if math.log(u) < 0.5 * x * x + d - d * v + d * math.log(v):
                break
        attempt += 1
    gamma = d * v
    if shape < 1.0:
        gamma *= uniform(key, CENTRE_RATE_SMALL, centre, 0) ** (1.0 / shape)
    return gamma / shape


@kernel
def patients_of_centres(
    seed: int,
    trial: Ints,
    patient: Ints,
    arrival_months: Floats,
    centres: int,
    variation: float,
    opening_months: float,
    surgeons: int,
) -> tuple[Ints, Ints, Floats]:
    """Centre, surgeon and standard normal skill of each patient; rows sorted by trial."""
    centre = np.empty(trial.size, np.int64)
    surgeon = np.empty(trial.size, np.int64)
    skill = np.empty(trial.size)
    rates, opens, skills = np.empty(centres), np.empty(centres), np.empty(centres)
    for row in range(trial.size):
        if row == 0 or trial[row] != trial[row - 1]:
            whole = patient_key(seed, trial[row], TRIAL_ITSELF)
            for each in range(centres):
                rates[each] = centre_rate(whole, each, variation)
                opens[each] = opening_months * uniform(whole, CENTRE_OPENS, each, 0)
                skills[each] = normal(whole, CENTRE_SKILL, each, 0)
            opens[0] = 0.0
        key = patient_key(seed, trial[row], patient[row])
        chosen = _open_centre(rates, opens, arrival_months[row], uniform(key, CENTRE, 0, 0))
        own = min(int(uniform(key, SURGEON, 0, 0) * surgeons), surgeons - 1)
        centre[row] = chosen
        surgeon[row] = chosen * surgeons + own
        skill[row] = skills[chosen]
    return centre, surgeon, skill


@kernel
def _open_centre(rates: Floats, opens: Floats, now: float, draw: float) -> int:
    """One of the open centres, by its rate."""
    total = 0.0
    for each in range(rates.size):
        if opens[each] <= now:
            total += rates[each]
    wanted, passed, last = draw * total, 0.0, 0
    for each in range(rates.size):
        if opens[each] <= now:
            passed += rates[each]
            last = each
            if wanted < passed:
                break
    return last


@kernel
def count_cases(trial: Ints, operator: Ints, operated: npt.NDArray[np.bool_]) -> Ints:
    """Number the operated patients; rows sorted by trial, operator and time."""
    cases = np.zeros(trial.size, np.int64)
    done = 0
    for row in range(trial.size):
        if row > 0 and (trial[row] != trial[row - 1] or operator[row] != operator[row - 1]):
            done = 0
        if operated[row]:
            done += 1
            cases[row] = done
    return cases
