"""Long-run behaviour of the two-arm statistics; fixed seed, Monte Carlo error stated."""

import numpy as np

from debulk.survival import two_arm_trials

TRIALS, PATIENTS = 4_000, 200
FOUR_ERRORS = 4.0  # a correct program fails once in 16,000 seeds


def simulate(seed, ratio):
    random = np.random.default_rng(seed)
    arm = np.repeat(np.array([0, 1], dtype=np.uint8), PATIENTS // 2)
    death = random.exponential(1.0 / np.where(arm == 1, ratio, 1.0), (TRIALS, PATIENTS))
    lost = random.uniform(0.5, 3.0, (TRIALS, PATIENTS))
    return two_arm_trials(np.minimum(death, lost), death <= lost, arm)


def test_without_a_difference_z_is_standard_normal():
    z = simulate(1, 1.0).z
    assert abs(z.mean()) < FOUR_ERRORS / np.sqrt(TRIALS)
    assert abs(z.var() - 1) < FOUR_ERRORS * np.sqrt(2 / TRIALS)
    rejected = np.mean(np.abs(z) > 1.959964)
    assert abs(rejected - 0.05) < FOUR_ERRORS * np.sqrt(0.05 * 0.95 / TRIALS)


def test_the_interval_holds_the_true_ratio():
    found = simulate(2, 0.7)
    apart = np.abs(found.log_hazard_ratio - np.log(0.7))
    covered = np.mean(apart < 1.959964 * found.standard_error)
    assert abs(covered - 0.95) < FOUR_ERRORS * np.sqrt(0.05 * 0.95 / TRIALS)
