"""What a missed visit hides, and what it does not."""

from __future__ import annotations

import numpy as np
import pytest

from debulk.trials import run_trial, trial_settings
from debulk.trials.conduct.assessments import last_attended, with_missed_visits

MONTE_CARLO_WIDTH = 3.3


@pytest.fixture(scope="module")
def pool(plan_of):
    """Patients of ten trials."""
    settings = trial_settings(plan_of(), seed=7)
    return settings.generator.recruit(settings, 0, 10).randomised


def test_progression_is_found_whole_visits_later(pool) -> None:
    late = with_missed_visits(1, 0.3, pool)
    found = np.isfinite(late.progression_control)
    shift = (late.progression_control[found] - pool.progression_control[found]) / 2.0
    assert np.abs(shift - np.round(shift)).max() < 1e-9
    assert shift.min() == 0.0
    assert (late.progression_control[found] <= pool.death_control[found]).all()
    # Death cuts off long waits; a first visit is missed by 30 % of those who live on.
    alive = found & (pool.death_control > pool.progression_control + 40.0)
    waits = (late.progression_control[alive] - pool.progression_control[alive]) / 2.0
    error = np.sqrt(0.3 / 0.7**2 / waits.size)
    assert abs(waits.mean() - 0.3 / 0.7) < MONTE_CARLO_WIDTH * error


def test_nothing_missed_changes_nothing(pool) -> None:
    assert with_missed_visits(1, 0.0, pool) is pool


def test_patients_are_censored_at_the_last_visit_they_attended(pool) -> None:
    rows = slice(0, 200)
    until = np.full(200, 30.0)
    full = last_attended(1, 0.0, pool, until, rows)
    some = last_attended(1, 0.4, pool, until, rows)
    assert (some <= full + 1e-9).all()
    assert (some < full - 1.0).any()
    none = last_attended(1, 0.99, pool, until, rows)
    assert (none == 0.0).mean() > 0.7


def test_trials_report_longer_progression_free_survival_and_the_same_survival(plan_of) -> None:
    all_visits = run_trial(plan_of(), trials=30, seed=4)
    missed = run_trial(plan_of(missed_visits=0.4), trials=30, seed=4)
    for arm in ("control", "debulking"):
        before, after = all_visits.arms[arm], missed.arms[arm]
        assert after["median_pfs_months"] > before["median_pfs_months"] + 0.3
        assert after["median_os_months"] == before["median_os_months"]
    assert missed.truth.hazard_ratio == all_visits.truth.hazard_ratio
