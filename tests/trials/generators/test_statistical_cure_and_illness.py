"""Do cure and illness-death models show their closed forms?"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from debulk.trials import run_trial
from debulk.trials.generators.cure_mixture import CureMixturePatients
from debulk.trials.generators.illness_death import IllnessDeathPatients

# A share lies within 3.3 standard errors in 999 of 1000 seeds.
WIDTH = 3.3


def share_within(times, months: float, survival: float) -> bool:
    """Whether as many live beyond a month as they should."""
    error = math.sqrt(survival * (1.0 - survival) / times.size)
    return abs(float((times > months).mean()) - survival) < WIDTH * error


def test_late_survival_is_the_share_cured(pool_of) -> None:
    pool = pool_of(CureMixturePatients(400, 0.15, 0.25, 14.0, 0.8, shape=1.3))
    assert share_within(pool.death_control, 400.0, 0.15)
    assert share_within(pool.death_experimental, 400.0, 0.25)
    # Who is cured in the arm with fewer cures is cured in the other too.
    assert np.isinf(pool.death_experimental[np.isinf(pool.death_control)]).all()


def test_survival_is_the_mixture(pool_of) -> None:
    pool = pool_of(CureMixturePatients(400, 0.15, 0.25, 14.0, 0.8, shape=1.3))
    for months in (6.0, 14.0, 40.0):
        uncured = 0.5 ** ((months / 14.0) ** 1.3)
        assert share_within(pool.death_control, months, 0.15 + 0.85 * uncured)
        assert share_within(pool.death_experimental, months, 0.25 + 0.75 * uncured**0.8)


def test_other_causes_and_early_relapse(pool_of) -> None:
    pool = pool_of(
        CureMixturePatients(400, 0.3, 0.3, 14.0, 1.0, other_hazard=0.002, progression_share=0.5)
    )
    late = 0.3 * math.exp(-0.002 * 300.0)
    assert share_within(pool.death_control, 300.0, late + 0.7 * math.exp(-0.6) * 0.5 ** (300 / 14))
    failure = np.minimum(pool.death_control, pool.progression_control)
    # Without relapse at t and without death of other causes: cured, or to die after 2 t.
    expected = math.exp(-0.002 * 10.0) * (0.3 + 0.7 * 0.5 ** (20.0 / 14.0))
    assert share_within(failure, 10.0, expected)


def survival(months: float, a: float, b: float, c: float) -> float:
    """Survival with constant hazards of progression, death before it, and death after it."""
    before = math.exp(-(a + b) * months)
    if math.isclose(a + b, c):
        return before * (1.0 + a * months)
    return before + a * (math.exp(-c * months) - before) / (a + b - c)


@pytest.mark.parametrize(
    ("control", "experimental"),
    [((0.10, 0.01, 0.05), (0.06, 0.02, 0.05)), ((0.05, 0.02, 0.07), (0.05, 0.01, 0.06))],
)
def test_survival_of_an_illness_death_model_is_its_closed_form(
    pool_of, control, experimental
) -> None:
    pool = pool_of(
        IllnessDeathPatients(
            400,
            *control,
            progression_experimental=experimental[0],
            death_before_experimental=experimental[1],
            death_after_experimental=experimental[2],
        )
    )
    for months in (6.0, 18.0, 40.0):
        assert share_within(pool.death_control, months, survival(months, *control))
        assert share_within(pool.death_experimental, months, survival(months, *experimental))
    failure = np.minimum(pool.death_control, pool.progression_control)
    assert share_within(failure, 6.0, math.exp(-6.0 * (control[0] + control[1])))
    known = np.isfinite(pool.progression_control)
    assert (pool.progression_control[known] < pool.death_control[known]).all()


def test_who_progresses_early_dies_early(pool_of) -> None:
    pool = pool_of(IllnessDeathPatients(400, 0.1, None, 0.1))
    # Two exponential stretches of the same mean: progression explains half of the variance.
    found = np.corrcoef(pool.progression_control, pool.death_control)[0, 1]
    assert abs(found - math.sqrt(0.5)) < 0.02


def test_time_since_progression_counts_after_it(pool_of) -> None:
    pool = pool_of(IllnessDeathPatients(400, 0.1, None, ((0, 0.0), (3, 0.2))))
    after = pool.death_control - pool.progression_control
    assert after.min() > 3.0 - 1e-9
    assert share_within(after, 3.0 + 5.0, math.exp(-1.0))


def test_salvage_is_given_to_its_share_of_those_who_progress(protocol, pool_of) -> None:
    chosen = dataclasses.replace(
        protocol, conduct=dataclasses.replace(protocol.conduct, salvage=0.4)
    )
    patients = IllnessDeathPatients(400, 0.10, 0.01, 0.05, death_after_salvage=0.02)
    pool = pool_of(patients, 100, chosen)
    treated = np.isfinite(pool.salvage_months)
    progressed = np.isfinite(pool.progression_control)
    assert (treated <= progressed).all()
    among = treated[progressed]
    assert abs(among.mean() - 0.4) < WIDTH * math.sqrt(0.24 / among.size)
    assert pool.salvage_months[treated].tolist() == pool.progression_control[treated].tolist()
    # The same random number with a hazard of 0.02 instead of 0.05.
    longer = (pool.death_salvage - pool.salvage_months)[treated]
    usual = (pool.death_control - pool.progression_control)[treated]
    assert longer == pytest.approx(2.5 * usual)
    assert pool.death_salvage[~treated].tolist() == pool.death_control[~treated].tolist()
    run = run_trial(chosen, model=patients, trials=20)
    assert run.truth.hazard_ratio > 1.0
    null = run_trial(chosen, model=patients.null_world(), trials=5)
    assert null.truth.hazard_ratio == 1.0
