"""Registries simulated for tests: burden walks, treatment follows it, treatment may act."""

from __future__ import annotations

import numpy as np

from debulk.emulation.person_time import Covariate, PersonTime


def registry(
    patients: int,
    seed: int,
    *,
    months: int = 24,
    hazard_ratio: float = 1.0,
    early_harm: float = 0.0,
    intercept: float = -1.7,
    strength: float = 0.5,
    frailty: tuple[float, float] = (0.0, 0.0),
    loss: float = 0.004,
    visits: int = 6,
) -> PersonTime:
    """Monthly visits; death times exact, by a hazard that is constant between visits."""
    random = np.random.default_rng(seed)
    burden = random.normal(0.0, 1.0, patients)
    side = (random.random(patients) < 0.3).astype(float)
    hidden = random.normal(0.0, 1.0, patients)
    time = random.uniform(36.0, 84.0, patients)  # the registry's end
    lost = random.exponential(1.0 / loss, patients) if loss > 0 else np.full(patients, np.inf)
    was_lost = lost < time
    time = np.minimum(time, lost)
    cause = np.zeros(patients, dtype=np.int8)
    start = np.full(patients, np.nan)
    progression = np.full(patients, np.nan)
    values, seen, eligible = [], [], []
    for month in range(90):
        there = (time > month) & (cause == 0)
        free = there & np.isnan(start) & ~(progression <= month)
        if month < months:
            seen.append(there)
            eligible.append(~(progression <= month))
            values.append(np.column_stack((burden, side)))
        odds = intercept + strength * (-0.7 * burden - 0.3 * side) - frailty[0] * hidden
        chance = 1.0 / (1.0 + np.exp(-odds))
        treated = free & (random.random(patients) < chance)
        start[treated & (month < visits)] = month
        since = month - start
        hazard = 0.035 * np.exp(
            0.5 * burden + 0.3 * side + 1.1 * (progression <= month) + frailty[1] * hidden
        )
        acts = ~np.isnan(start)
        hazard = np.where(acts & (since >= 2), hazard * hazard_ratio, hazard)
        hazard = np.where(acts & (since < 2), hazard + early_harm, hazard)
        death = month + random.exponential(1.0, patients) / hazard
        dies = there & (death < np.minimum(time, month + 1))
        time[dies], cause[dies], was_lost[dies] = death[dies], 1, False
        progresses = np.isnan(progression) & (random.random(patients) < 0.05)
        progression[progresses] = month + 1.0
        burden = burden + random.normal(0.0, 0.15, patients)
    beyond = progression >= time
    progression[beyond] = np.nan
    keep = np.array(seen).T
    rows = keep.sum(axis=1)
    grid = np.broadcast_to(np.arange(months), keep.shape)
    return PersonTime(
        time_months=time,
        cause=cause,
        entry_months=np.zeros(patients),
        start_months=start,
        complete_months=start.copy(),
        progression_months=progression,
        lost=was_lost,
        first=np.r_[0, np.cumsum(rows)].astype(np.int64),
        visit=grid[keep].astype(np.int32),
        eligible=np.array(eligible).T[keep],
        values=np.array(values).transpose(1, 0, 2)[keep],
        covariates=(Covariate("burden", continuous=True), Covariate("right side")),
        patient_id=tuple(f"p{each:05d}" for each in range(patients)),
    )
