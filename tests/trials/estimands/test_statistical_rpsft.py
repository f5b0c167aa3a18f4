"""Does the structural model recover a known acceleration, whoever changes treatment and why?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest

from debulk.survival import logrank
from debulk.trials.estimands.estimators import as_randomised, censored_at_change, rank_preserving
from debulk.trials.estimands.observed import TrialData
from debulk.trials.estimands.rpsft import structural_times

# A mean lies within 3.3 standard errors in 999 of 1000 seeds.
MONTE_CARLO_WIDTH = 3.3
# g-estimation is unbiased as the trial grows; at 400 patients this much is left (log scale).
SMALL_SAMPLE = 0.01
TRIALS, PATIENTS = 150, 400


@dataclass(frozen=True)
class Made:
    """Trials whose patients would live exponentially without treatment."""

    data: TrialData
    psi: float


def made(psi: float, *, switch: bool = True, refuse: float = 0.0, seed: int = 1) -> Made:
    """Control patients with a bad prognosis change to the experimental treatment half way."""
    random = np.random.default_rng(seed)
    size = TRIALS * PATIENTS
    untreated = random.exponential(20.0, size)
    experimental = np.tile(np.arange(PATIENTS) % 2 == 1, TRIALS)
    refuses = experimental & (random.random(size) < refuse)
    # Who would die early changes more often: switching tells of the prognosis.
    switches = ~experimental & switch & (random.random(size) < np.where(untreated < 14, 0.7, 0.1))
    off = np.where(experimental & ~refuses, 0.0, np.where(switches, untreated / 2.0, untreated))
    death = off + (untreated - off) * math.exp(-psi)
    censoring = random.uniform(24.0, 72.0, size)
    from_months = np.where(experimental & ~refuses, 0.0, np.where(switches, off, np.inf))
    data = TrialData(
        time=np.minimum(death, censoring),
        event=death <= censoring,
        censoring_months=censoring,
        experimental=experimental,
        deviates=refuses,
        treated_from=from_months,
        local_months=np.full(size, np.inf),
        complete_share=np.zeros(size),
        starts=np.arange(TRIALS + 1) * PATIENTS,
    )
    return Made(data, psi)


def times_of(data: TrialData):
    return structural_times(
        data.time,
        data.event,
        data.experimental,
        data.treated_from,
        data.censoring_months,
        data.starts,
    )


def off_by(values, truth: float) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    return float(known.mean() - truth), float(known.std(ddof=1) / math.sqrt(known.size))


@pytest.mark.parametrize("psi", [math.log(0.6), 0.0, math.log(1.4)])
def test_the_acceleration_is_recovered_though_switching_tells_of_the_prognosis(psi) -> None:
    found = times_of(made(psi).data).psi
    bias, error = off_by(found, psi)
    assert np.isfinite(found).mean() > 0.97
    assert error < 0.02
    assert abs(bias) < MONTE_CARLO_WIDTH * error + SMALL_SAMPLE


def test_of_exponential_patients_the_hazard_ratio_is_the_acceleration() -> None:
    trial = made(math.log(0.6), refuse=0.15)
    bias, error = off_by(rank_preserving(trial.data, 20.0).log_hazard_ratio, trial.psi)
    assert abs(bias) < MONTE_CARLO_WIDTH * error + SMALL_SAMPLE
    # The usual estimators are far off: the policy is diluted, and censoring keeps the survivors.
    for estimator in (as_randomised, censored_at_change):
        bias, error = off_by(estimator(trial.data, 20.0).log_hazard_ratio, trial.psi)
        assert bias > 10.0 * error


@pytest.mark.parametrize("switch", [True, False])
def test_intervals_hold_the_truth(switch) -> None:
    trial = made(math.log(0.6), switch=switch)
    found = times_of(trial.data)
    estimates = rank_preserving(trial.data, 20.0)
    off = np.abs(estimates.log_hazard_ratio - trial.psi)
    error = math.sqrt(0.95 * 0.05 / TRIALS)
    for inside in (
        (found.lower <= trial.psi) & (trial.psi <= found.upper),
        off <= 1.96 * estimates.log_ratio_error,
    ):
        assert abs(inside.mean() - 0.95) < MONTE_CARLO_WIDTH * error


def test_without_switching_nothing_is_changed_in_the_experimental_arm() -> None:
    trial = made(math.log(0.6), switch=False)
    found = times_of(trial.data)
    treated = trial.data.experimental
    assert found.time[treated] == pytest.approx(trial.data.time[treated])
    # Control patients are untreated: censored again, never moved.
    control = ~treated & found.event
    assert found.time[control] == pytest.approx(trial.data.time[control])


def test_the_estimate_is_where_the_log_rank_test_changes_sign() -> None:
    data = made(math.log(0.7), seed=5).data
    psi = times_of(data).psi
    for trial in range(3):
        here = slice(trial * PATIENTS, (trial + 1) * PATIENTS)

        def z(value: float, here: slice = here) -> float:
            off = np.minimum(data.time[here], data.treated_from[here])
            moved = off + math.exp(value) * (data.time[here] - off)
            limit = data.censoring_months[here] * min(1.0, math.exp(value))
            event = data.event[here] & (moved <= limit)
            group = data.experimental[here].astype(int)
            return logrank(np.minimum(moved, limit), event, group, reference=0).z

        assert z(psi[trial] - 2e-4) > 0.0 >= z(psi[trial] + 2e-4)


def test_the_unit_of_time_does_not_matter() -> None:
    data = made(math.log(0.7), seed=5).data
    in_days = structural_times(
        data.time * 32.0,
        data.event,
        data.experimental,
        data.treated_from * 32.0,
        data.censoring_months * 32.0,
        data.starts,
    )
    assert in_days.psi.tolist() == times_of(data).psi.tolist()


def test_where_nobody_dies_there_is_no_estimate() -> None:
    nothing = structural_times(
        np.full(4, 5.0),
        np.zeros(4, np.bool_),
        np.array([True, True, False, False]),
        np.array([0.0, 0.0, np.inf, np.inf]),
        np.full(4, 5.0),
        np.array([0, 4]),
    )
    assert np.isnan(nothing.psi).all()
