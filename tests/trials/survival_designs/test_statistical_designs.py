"""What a design promises against trials drawn by the book: NumPy patients, the package's log-rank.

Every tolerance is four Monte Carlo standard errors plus what the formulas, which are asymptotic,
are off by.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from debulk.survival import logrank
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.boundaries.spending import Spending
from debulk.trials.survival_designs.assumptions import Stratum
from debulk.trials.survival_designs.designing import survival_design
from debulk.trials.survival_designs.trial_design import TrialDesign

TRIALS = 1500
ASYMPTOTIC = 0.015


def death_months(rng, control, ratio, experimental) -> np.ndarray:
    """Times of death by inversion of the cumulative hazard, piece by piece."""
    left = rng.exponential(size=experimental.size)
    month = np.zeros(experimental.size)
    alive = np.ones(experimental.size, bool)
    starts = sorted({start for start, _ in (*control, *ratio)})
    for start, end in zip(starts, [*starts[1:], math.inf], strict=True):
        base = [value for at, value in control if at <= start][-1]
        times = [value for at, value in ratio if at <= start][-1]
        hazard = base * np.where(experimental, times, 1.0)
        within = np.full(left.size, math.inf)
        np.divide(left, hazard, out=within, where=hazard > 0.0)
        dies = alive & (within < end - start)
        month[dies] = start + within[dies]
        alive &= ~dies
        if math.isfinite(end):
            left = left - hazard * (end - start)
    month[alive] = math.inf
    return month


def patients_of(rng: np.random.Generator, design: TrialDesign) -> dict[str, np.ndarray]:
    """One trial's patients: entry, months to death and to loss, arm, stratum."""
    n = round(design.patients)
    accrual = design.accrual
    ends = np.minimum([*accrual.starts_months[1:], math.inf], accrual.end_months)
    width = ends - np.array(accrual.starts_months)
    mass = np.cumsum(width * np.array(accrual.rates))
    at = rng.uniform(0.0, mass[-1], n)
    piece = np.searchsorted(mass, at)
    entry = ends[piece] - (mass[piece] - at) / np.array(accrual.rates)[piece]
    share = design.allocation / (1.0 + design.allocation)
    experimental = np.zeros(n, bool)
    experimental[rng.permutation(n)[: round(share * n)]] = True
    strata = design.strata or (Stratum(1.0, design.hazard_control, design.hazard_ratio),)
    stratum = rng.choice(len(strata), n, p=[each.share for each in strata])
    death = np.empty(n)
    for k, each in enumerate(strata):
        of = stratum == k
        death[of] = death_months(rng, each.hazard_control, each.hazard_ratio, experimental[of])
    hazard = np.where(experimental, design.dropout.experimental, design.dropout.control)
    lost = np.full(n, math.inf)
    np.divide(rng.exponential(size=n), hazard, out=lost, where=hazard > 0.0)
    return {
        "entry": entry,
        "death": death,
        "lost": lost,
        "experimental": experimental,
        "stratum": stratum,
    }


def z_at(trial: dict[str, np.ndarray], month: float, stratified: bool) -> tuple[float, int]:
    """Z > 0 for benefit, and the events, at a calendar month."""
    kept = trial["entry"] < month
    limit = np.minimum(trial["lost"], month - trial["entry"])[kept]
    death = trial["death"][kept]
    event = death <= limit
    found = logrank(
        np.minimum(death, limit),
        event,
        trial["experimental"][kept].astype(np.int64),
        reference=0,
        strata=trial["stratum"][kept] if stratified else None,
    )
    assert found.z is not None
    return -found.z, int(event.sum())


DESIGNS = {
    "late effect, unequal drop-out": {
        "hazard_ratio": ((0.0, 1.0), (4.0, 0.55)),
        "hazard_control": ((0.0, 0.05), (12.0, 0.03)),
        "accrual": ((0, 5), (6, 20), (20, 0)),
        "dropout": (0.1, 0.04),
        "power": 0.85,
        "follow_up": 20,
    },
    "strata with different effects": {
        "hazard_ratio": 0.6,
        "strata": (Stratum(0.4, 0.1, 0.8), Stratum(0.6, 0.03)),
        "accrual": 24,
        "power": 0.8,
        "follow_up": 12,
    },
}


@pytest.mark.parametrize("name", list(DESIGNS))
def test_power_and_events_are_what_trials_show(name: str) -> None:
    design = survival_design(**DESIGNS[name])
    rng = np.random.default_rng(20261125)
    crossed, events = np.zeros(TRIALS, bool), np.zeros(TRIALS)
    bound = design.looks[0].efficacy_z
    assert bound is not None
    for k in range(TRIALS):
        trial = patients_of(rng, design)
        z, events[k] = z_at(trial, design.duration_months, design.strata is not None)
        crossed[k] = z >= bound
    se = math.sqrt(design.power * (1.0 - design.power) / TRIALS)
    assert abs(crossed.mean() - design.power) < 4.0 * se + ASYMPTOTIC
    assert abs(events.mean() - design.events) < 4.0 * events.std() / math.sqrt(TRIALS) + 1.0


def test_looks_under_a_late_effect_are_what_trials_show() -> None:
    """Under a late effect the first look crosses less often than proportional hazards say."""
    bounds = group_sequential((0.5, 1.0), efficacy="pocock", beta=0.15)
    design = survival_design(
        hazard_ratio=((0.0, 1.0), (5.0, 0.5)),
        median_control=14,
        accrual=20,
        power=0.85,
        follow_up=24,
        boundaries=bounds,
    )
    rng = np.random.default_rng(7)
    first = second = 0
    for _ in range(TRIALS):
        trial = patients_of(rng, design)
        early, _ = z_at(trial, design.looks[0].month, stratified=False)
        late, _ = z_at(trial, design.looks[1].month, stratified=False)
        first += early >= design.looks[0].efficacy_z
        second += early < design.looks[0].efficacy_z and late >= design.looks[1].efficacy_z
    for count, look in ((first, design.looks[0]), (second, design.looks[1])):
        p = look.efficacy_alternative
        se = math.sqrt(p * (1.0 - p) / TRIALS)
        assert abs(count / TRIALS - p) < 4.0 * se + ASYMPTOTIC
    assert bounds.drift is not None
    proportional = bounds.probabilities(bounds.drift).efficacy[0]
    assert design.looks[0].efficacy_alternative < proportional - 0.05


def test_efficacy_bounds_without_effect_keep_the_level() -> None:
    design = survival_design(
        hazard_ratio=1.0,
        median_control=10,
        accrual=20,
        patients=300,
        events=200,
        boundaries=group_sequential((0.5, 1.0), efficacy=Spending("pocock")),
    )
    assert design.power == pytest.approx(0.025, abs=1e-9)
    assert sum(look.efficacy_null for look in design.looks) == pytest.approx(0.025, abs=1e-9)
