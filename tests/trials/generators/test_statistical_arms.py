"""Do patients drawn from two arms' follow-up give back what those arms showed?"""

from __future__ import annotations

import math

import numpy as np
import pytest

from debulk.survival import kaplan_meier, two_arm_trials
from debulk.trials.generators.arms import ArmsFollowUp, ArmsPatients

# A mean lies within 3.3 standard errors in 999 of 1000 seeds.
WIDTH = 3.3
# The largest distance of an empirical distribution of n from its own exceeds 1.95 / sqrt(n) in
# one of 1000 seeds (Kolmogorov).
DISTANCE = 1.95


@pytest.fixture(scope="module")
def patients(colon_follow_up) -> ArmsPatients:
    """Patients on the curves of the colon trial."""
    return ArmsPatients(400, colon_follow_up, tail="never")


@pytest.fixture(scope="module")
def pool(patients, pool_of):
    """16,000 of them."""
    return pool_of(patients)


def arms_of(colon):
    """Times and events of observation and of levamisole with fluorouracil."""
    for name in ("Obs", "Lev+5FU"):
        rows = colon.filter(colon["arm"] == name)
        yield rows["time"].to_numpy(), rows["event"].to_numpy().astype(bool)


def test_survival_is_that_of_the_kaplan_meier_curves(colon, pool) -> None:
    months = np.linspace(1.0, 88.0, 300)
    drawn = (pool.death_control, pool.death_experimental)
    for times, (time, event) in zip(drawn, arms_of(colon), strict=True):
        expected = np.asarray(kaplan_meier(time, event).at(months))
        found = (times[:, None] > months).mean(axis=0)
        assert np.abs(found - expected).max() < DISTANCE / math.sqrt(times.size)


def test_quantiles_differ_between_arms_as_they_did(colon, pool) -> None:
    # Fewer than half died with levamisole and fluorouracil: the time by which 30 % had died.
    curves = [kaplan_meier(*each) for each in arms_of(colon)]
    published = curves[1].quantile(0.3).estimate - curves[0].quantile(0.3).estimate
    drawn = [np.quantile(each, 0.3) for each in (pool.death_control, pool.death_experimental)]
    # Survival falls by about 0.008 a month there: the standard error of a quantile of 16,000 is
    # 0.0036 / 0.008 = 0.45 months, one number serving both arms.
    assert abs((drawn[1] - drawn[0]) - published) < 1.5
    for found, curve in zip(drawn, curves, strict=True):
        assert curve.quantile(0.285).estimate <= found <= curve.quantile(0.315).estimate


def test_the_log_rank_statistic_is_on_average_the_one_of_the_trial(colon, pool) -> None:
    (first, first_event), (second, second_event) = arms_of(colon)
    sizes = (first.size, second.size)
    time = np.concatenate([first, second])
    experimental = np.repeat([[False, True]], sizes, axis=1)
    event = np.concatenate([first_event, second_event])
    observed = two_arm_trials(time[None], event[None], experimental).z[0]
    trials = 16_000 // sum(sizes) * 2
    generator = np.random.default_rng(8)
    rows = np.stack([generator.permutation(16_000)[: sum(sizes)] for _ in range(trials)])
    death = np.where(experimental, pool.death_experimental[rows], pool.death_control[rows])
    censored = np.concatenate(
        [
            censoring(generator, time, event, (trials, time.size))
            for time, event in ((first, first_event), (second, second_event))
        ],
        axis=1,
    )
    found = two_arm_trials(
        np.minimum(death, censored), death <= censored, np.repeat(experimental, trials, axis=0)
    ).z
    assert abs(found.mean() - observed) < WIDTH * found.std() / math.sqrt(trials)
    assert observed < -2.5


def censoring(generator, time, event, shape):
    """Ends of follow-up by the reverse Kaplan-Meier curve; its rest lies at the longest one."""
    curve = kaplan_meier(time, ~event)
    place = np.searchsorted(-np.asarray(curve.survival), -generator.random(shape), side="left")
    return np.append(np.asarray(curve.time), time.max())[place]


def test_ranks_are_the_same_in_both_arms(pool) -> None:
    # Sorted by the control arm's times, and equal ones by the other's, the other's rise as well.
    order = np.lexsort((pool.death_experimental, pool.death_control))
    risen = np.nan_to_num(pool.death_experimental[order], posinf=1e6)
    assert (np.diff(risen) >= 0.0).all()


def test_an_exponential_tail_goes_on_with_the_last_third(colon, colon_follow_up, pool_of) -> None:
    patients = ArmsPatients(400, colon_follow_up, tail="exponential")
    pool = pool_of(patients)
    for side, (time, event) in zip(("control", "experimental"), arms_of(colon), strict=True):
        start = 2.0 * time.max() / 3.0
        hazard = (event & (time > start)).sum() / np.maximum(time - start, 0.0).sum()
        death = getattr(pool, f"death_{side}")
        late = death[death > time.max()] - time.max()
        assert abs(late.mean() * hazard - 1.0) < WIDTH / math.sqrt(late.size)
        assert np.isfinite(death).all()


def test_progression_comes_before_death(colon, colon_follow_up, pool_of) -> None:
    earlier = ArmsFollowUp(
        colon["time"] * 0.6, colon["event"], colon["arm"], control="Obs", experimental="Lev+5FU"
    )
    pool = pool_of(ArmsPatients(400, colon_follow_up, earlier, tail="never"), 20)
    dies = np.isfinite(pool.death_control)
    assert pool.progression_control[dies] == pytest.approx(0.6 * pool.death_control[dies])


def test_the_shares_beyond_follow_up_are_told(patients) -> None:
    assert "40.8 % of os control, 56.1 % of os experimental" in patients.remarks[1]
    assert "never" in patients.remarks[1]
