"""Long-run behaviour of the rank tests and of the concordance; fixed seeds, Monte Carlo errors."""

import numpy as np

from debulk.survival.concordant_pairs import concordance
from debulk.survival.rank.max_combo import max_combo
from debulk.survival.rank.one_sample import one_sample_logrank

FOUR_ERRORS = 4.0  # a correct program fails once in 16,000 seeds


def follow_up(random, n, rate=1.0):
    death, lost = random.exponential(1 / rate, n), random.uniform(0.3, 2.5, n)
    return np.minimum(death, lost), death <= lost


def test_max_combo_keeps_its_level():
    random, trials = np.random.default_rng(11), 300
    group = np.repeat([0, 1], 150)
    p = np.array([max_combo(*follow_up(random, 300), group).p for _ in range(trials)])
    for level in (0.1, 0.5):
        error = np.sqrt(level * (1 - level) / trials)
        assert abs(np.mean(p < level) - level) < FOUR_ERRORS * error


def test_one_sample_z_is_standard_normal_where_the_hazard_is_right():
    random, trials = np.random.default_rng(12), 2_000
    z = np.array(
        [one_sample_logrank(*follow_up(random, 200), expected=1.0).z for _ in range(trials)]
    )
    assert abs(z.mean()) < FOUR_ERRORS / np.sqrt(trials)
    assert abs(z.std() - 1) < FOUR_ERRORS / np.sqrt(2 * trials)


def test_the_interval_of_the_concordance_holds_its_expectation():
    random, trials = np.random.default_rng(13), 1_000
    found = []
    for _ in range(trials):
        risk = random.normal(size=200)
        time, event = follow_up(random, 200, np.exp(0.7 * risk))
        found.append(concordance(time, event, risk))
    truth = np.mean([each.estimate for each in found])
    held = np.mean([each.lower <= truth <= each.upper for each in found])
    # A normal interval of 200 subjects may be off by half a per cent itself.
    assert abs(held - 0.95) < FOUR_ERRORS * np.sqrt(0.95 * 0.05 / trials) + 0.005


def test_uno_does_not_follow_the_censoring_where_harrell_does():
    # A crossing risk: Harrell's depends on how much of the late, reversed part is seen.
    random, n = np.random.default_rng(14), 20_000
    risk = random.integers(0, 2, n).astype(float)
    death = random.weibull(np.where(risk == 1, 0.6, 1.8), n)
    late = np.full(n, 9.0)
    early = random.exponential(0.9, n)
    found = {}
    for name, lost in (("late", late), ("early", early)):
        arrays = (np.minimum(death, lost), death <= lost, risk)
        for method in ("harrell", "uno"):
            found[name, method] = concordance(*arrays, tau=1.5, method=method)
    drift = abs(found["early", "harrell"].estimate - found["late", "harrell"].estimate)
    error = np.hypot(found["early", "uno"].se, found["late", "uno"].se)
    assert drift > FOUR_ERRORS * error
    moved = abs(found["early", "uno"].estimate - found["late", "uno"].estimate)
    assert moved < FOUR_ERRORS * error
