# mypy: disable-error-code="no-any-return"
# The knobs are a record, which has no static types.
"""Patients of the cheap simulator: what would happen to each, whatever is done.

Covariates and progression do not depend on local treatment, and death comes when the accumulated
hazard passes one exponential number: the same patient can be followed under any plan.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.streams import exponential, normal, patient_key, uniform
from debulk.emulation.laboratory import decisions

# Numba takes stream numbers as constants of the module.
_BURDEN, _STATUS, _RESPONSE, _SIDE = (
    decisions.BURDEN,
    decisions.STATUS,
    decisions.RESPONSE,
    decisions.SIDE,
)
_FRAILTY, _DEATH = decisions.FRAILTY, decisions.DEATH
_PROGRESSION, _PROGRESSION_TIME = decisions.PROGRESSION, decisions.PROGRESSION_TIME
_USUAL_CARE, _UNIFORM_TIMING = decisions.USUAL_CARE, decisions.UNIFORM_TIMING
_LOSS, _CUT_OFF = decisions.LOSS, decisions.CUT_OFF

Floats = npt.NDArray[np.float64]

COVARIATES = ("burden", "performance status", "depth of response", "right side", "progressed")
"""Columns of a patient's path, in this order, then two that no registry has."""
BURDEN, STATUS, RESPONSE, SIDE, PROGRESSED, CHANCE, HAZARD = range(7)
"""Columns of a path: the covariates, then the chance of local treatment at the visit and the hazard
of death without it."""

NEVER = -1


@kernel
def draw_path(k: Any, key: np.uint64, path: Floats, least: float) -> tuple[float, float]:
    """Fill a patient's path, a row a month, as far as anyone could live.

    Parameters
    ----------
    k : record
        The knobs.
    key : uint64
        The patient's.
    path : float64[months, 7]
        Rows that are reached are written.
    least : float
        The smallest factor that any plan puts on the hazard.

    Returns
    -------
    threshold, progression : float
        The accumulated hazard at which the patient dies, and the month of progression, infinite if
        none is reached.
    """
    threshold = exponential(key, _DEATH, 0, 0)
    frailty = normal(key, _FRAILTY, 0, 0)
    burden = k.burden_start_sd * normal(key, _BURDEN, 0, 0)
    response = normal(key, _RESPONSE, 0, 0)
    side = 1.0 if uniform(key, _SIDE, 0, 0) < k.right_sided else 0.0
    grade = uniform(key, _STATUS, 0, 0)
    status = 2.0 if grade < k.status_2 else (1.0 if grade < k.status_2 + k.status_1 else 0.0)
    progression, lived = math.inf, 0.0
    for month in range(path.shape[0]):
        if month > 0:
            burden += k.burden_step_sd * normal(key, _BURDEN, 0, month)
            status = _next_status(k, status, uniform(key, _STATUS, 0, month))
        row = path[month]
        row[BURDEN], row[STATUS], row[RESPONSE], row[SIDE] = burden, status, response, side
        row[PROGRESSED] = 1.0 if progression <= month else 0.0
        seen = k.choice_burden * burden + k.choice_status * status
        seen += k.choice_response * response + k.choice_side * side
        odds = k.choice_intercept + k.choice_strength * seen - k.choice_frailty * frailty
        row[CHANCE] = 1.0 / (1.0 + math.exp(-odds))
        log_hazard = k.death_burden * burden + k.death_status * status
        log_hazard += k.death_response * response + k.death_side * side
        log_hazard += k.death_progressed * row[PROGRESSED] + k.death_frailty * frailty
        row[HAZARD] = k.death_base * math.exp(log_hazard)
        lived += least * row[HAZARD]
        if math.isinf(progression) and uniform(key, _PROGRESSION, 0, month) < k.progression:
            progression = month + uniform(key, _PROGRESSION_TIME, 0, 0)
        if lived >= threshold:
            break
    return threshold, progression


@kernel
def _next_status(k: Any, status: float, chance: float) -> float:
    if chance < k.status_worse:
        return min(status + 1.0, 2.0)
    if chance > 1.0 - k.status_better:
        return max(status - 1.0, 0.0)
    return status


@kernel
def least_factor(k: Any) -> float:
    """The smallest factor that local treatment puts on the hazard."""
    return min(1.0, min(k.late_ratio, k.few_ratio))


@kernel
def death_time(k: Any, path: Floats, threshold: float, treated: int) -> float:
    """Months to death if treated locally at visit `treated`, or never; infinite beyond the path."""
    lived = 0.0
    few = treated >= 0 and path[treated, BURDEN] < k.few_burden
    for month in range(path.shape[0]):
        hazard = path[month, HAZARD]
        if 0 <= treated <= month:
            since = month - treated
            if since < k.early_months:
                hazard += k.early_harm
            else:
                hazard *= k.late_ratio
            if few:
                hazard *= k.few_ratio
        if lived + hazard >= threshold:
            return month + (threshold - lived) / hazard
        lived += hazard
    return math.inf


@kernel
def usual_care(key: np.uint64, path: Floats, alive: float, visits: int) -> int:
    """Visit at which usual care treats, among those without progression; -1 for never.

    Parameters
    ----------
    alive : float
        Months to death without local treatment: nobody dead is treated.
    """
    for visit in range(visits):
        if visit >= alive or path[visit, PROGRESSED] > 0.0:
            return NEVER
        if uniform(key, _USUAL_CARE, 0, visit) < path[visit, CHANCE]:
            return visit
    return NEVER


@kernel
def forced(path: Floats, alive: float, chosen: int, visits: int) -> int:
    """Visit of treatment under strategy 1, natural: as usual care, the rest at the last visit."""
    last = visits - 1
    if chosen >= 0:
        return chosen
    return last if alive > last and path[last, PROGRESSED] == 0.0 else NEVER


@kernel
def evenly(key: np.uint64, path: Floats, alive: float, visits: int) -> int:
    """Visit of treatment under strategy 1, uniform (Cain and others 2010)."""
    for visit in range(visits):
        if visit >= alive or path[visit, PROGRESSED] > 0.0:
            return NEVER
        if uniform(key, _UNIFORM_TIMING, 0, visit) * (visits - visit) < 1.0:
            return visit
    return NEVER


@kernel
def end_of_follow_up(k: Any, key: np.uint64) -> tuple[float, float]:
    """Months to loss, and to the registry's cut-off."""
    rate = -math.log(1.0 - k.loss_a_year) / 12.0
    loss = exponential(key, _LOSS, 0, 0) / rate if rate > 0.0 else math.inf
    cut_off = k.cut_off_first + (k.cut_off_last - k.cut_off_first) * uniform(key, _CUT_OFF, 0, 0)
    return loss, cut_off


@kernel
def live_strategies(k: Any, seed: int, trial: int, first: int, found: Floats, room: Floats) -> None:
    """Everyone under each strategy with the same random numbers.

    Parameters
    ----------
    found : float64[n, 5]
        Months to death without local treatment, under strategy 1 natural and uniform; the end of
        the registry's follow-up; 1 where usual care treats.
    room : float64[months, 7]
        Working space.
    """
    visits, least = int(k.visits), least_factor(k)
    for row in range(found.shape[0]):
        key = patient_key(seed, trial, first + row)
        threshold, _ = draw_path(k, key, room, least)
        alone = death_time(k, room, threshold, NEVER)
        chosen = usual_care(key, room, alone, visits)
        natural = forced(room, alone, chosen, visits)
        even = evenly(key, room, alone, visits)
        loss, cut_off = end_of_follow_up(k, key)
        found[row, 0] = alone
        found[row, 1] = death_time(k, room, threshold, natural)
        found[row, 2] = death_time(k, room, threshold, even)
        found[row, 3] = min(loss, cut_off)
        found[row, 4] = 1.0 if chosen >= 0 else 0.0
