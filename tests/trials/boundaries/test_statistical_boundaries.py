"""Simulated trials: crossing, and whether estimates and intervals keep what they promise.

With n trials a share p has a standard error of sqrt(p (1 - p) / n); bands are four of them.
"""

from __future__ import annotations

import numpy as np
import pytest

from debulk.trials.boundaries.inference import final_inference, stagewise_p_value
from debulk.trials.boundaries.rule import Harm
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.boundaries.spending import Spending

THIRDS = (0.3, 0.65, 1.0)


def simulated(theta, trials, seed):
    """Z at each look."""
    t = np.array(THIRDS)
    generator = np.random.default_rng(seed)
    steps = generator.standard_normal((trials, 3)) * np.sqrt(np.diff(t, prepend=0.0))
    return (np.cumsum(steps, axis=1) + theta * t) / np.sqrt(t)


@pytest.mark.parametrize("theta", [-1.5, 0.0, 2.0])
def test_crossing_as_simulated(theta):
    design = group_sequential(
        THIRDS,
        beta=0.1,
        efficacy=Spending("pocock"),
        futility=Spending("pocock"),
        binding=True,
        harm=Harm(Spending("obrien-fleming"), alpha=0.2),
    )
    trials = 400_000
    z = simulated(theta, trials, 20)
    going = np.ones(trials, dtype=bool)
    found = design.probabilities(theta)
    for k in range(3):
        ends = {
            "efficacy": going & (z[:, k] >= design.efficacy_z[k]),
            "harm": going & (z[:, k] <= design.harm_z[k]),
        }
        below = going & (z[:, k] <= design.futility_z[k])
        ends["futility"] = below & ~ends["harm"]
        for name, ended in ends.items():
            expected = getattr(found, name)[k]
            band = 4 * np.sqrt(max(expected, 1 / trials) / trials)
            assert abs(ended.mean() - expected) <= band, (name, k)
        going &= ~(ends["efficacy"] | below | ends["harm"])


@pytest.mark.parametrize("theta", [0.0, 2.0])
def test_two_sided_crossing_as_simulated(theta):
    design = group_sequential(
        THIRDS,
        alpha=0.1,
        sided=2,
        beta=0.1,
        efficacy=Spending("pocock"),
        futility=Spending("kim-demets", 1.5),
        binding=True,
    )
    trials = 400_000
    z = simulated(theta, trials, 22)
    going = np.ones(trials, dtype=bool)
    found = design.probabilities(theta)
    for k in range(3):
        ends = {
            "efficacy": going & (z[:, k] >= design.efficacy_z[k]),
            "opposite": going & (z[:, k] <= -design.efficacy_z[k]),
            "futility": going & (np.abs(z[:, k]) < design.futility_z[k]),
        }
        for name, ended in ends.items():
            expected = getattr(found, name)[k]
            band = 4 * np.sqrt(max(expected, 1 / trials) / trials)
            assert abs(ended.mean() - expected) <= band, (name, k)
            going &= ~ended
    if theta == 0.0:
        assert found.rejection == pytest.approx(0.1, abs=1e-9)


def test_inference_keeps_its_promises():
    """Median unbiased, 95 % intervals cover, p is uniform; 4,000 trials."""
    design = group_sequential(
        THIRDS, beta=0.1, efficacy="pocock", futility=(-0.2, 0.6), binding=True
    )
    theta, trials = 1.7, 4000
    z = simulated(theta, trials, 21)
    above, inside, p = 0, 0, []
    for row in z:
        stopped = (row >= design.efficacy_z) | (row <= design.futility_z)
        look = int(np.argmax(stopped))
        found = final_inference(design, float(row[look]), look + 1)
        assert found.futility_counted
        above += found.theta > theta
        inside += found.lower < theta < found.upper
        p.append(stagewise_p_value(design, float(row[look]), look + 1, theta=theta))
    assert abs(above / trials - 0.5) < 4 * np.sqrt(0.25 / trials)
    assert abs(inside / trials - 0.95) < 4 * np.sqrt(0.95 * 0.05 / trials)
    for level in (0.1, 0.3, 0.8):
        share = np.mean(np.array(p) <= level)
        assert abs(share - level) < 4 * np.sqrt(level * (1 - level) / trials)
