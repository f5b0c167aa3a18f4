"""Designs that differ in nothing are one design."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from debulk.trials.alternatives.assumptions import DesignAssumptions
from debulk.trials.alternatives.comparison import compare_designs

SAME = DesignAssumptions(
    registry_consent=0.0,
    registry_lost_per_year=0.0,
    registry_missed_visits=0.0,
    cohort_consent=0.0,
    invitation_accepted=1.0,
)
MONTE_CARLO_WIDTH = 4.0


def large(plan_of):
    """Three hundred patients, analysed at the cut-off."""
    protocol = plan_of(registered=900, planned_patients=300)
    return dataclasses.replace(protocol, design=dataclasses.replace(protocol.design, events=None))


def test_with_the_same_assumptions_all_randomised_designs_are_the_parallel_trial(plan_of) -> None:
    found = compare_designs(large(plan_of), trials=20, seed=2, assumptions=SAME)
    words = ("name", "title")
    trial = {k: v for k, v in found.design("rct").to_dict().items() if k not in words}
    for name in ("registry-rct", "twics"):
        other = {k: v for k, v in found.design(name).to_dict().items() if k not in words}
        assert other == trial


def test_power_of_twics_is_that_of_the_diluted_effect(plan_of) -> None:
    """Three of ten refuse the trial, all join the cohort, half of the three refuse the invitation.

    The twin draws 150 against 150, of whom 15 % of the invited live as the controls do.
    """
    protocol, trials = large(plan_of), 300
    everybody = DesignAssumptions(cohort_consent=1.0, invitation_accepted=0.5)
    found = compare_designs(
        protocol, trials=trials, seed=5, designs=["twics"], assumptions=everybody
    ).design("twics")
    random, hazard = np.random.default_rng(1), math.log(2) / 20
    wins = []
    for _ in range(2_000):
        coming = random.binomial(900, 0.8)
        entry = np.sort(random.uniform(0, protocol.conduct.accrual_months, coming))[:300]
        arm = random.permutation(np.repeat([0, 1], 150))
        treated = (arm == 1) & (random.random(300) > 0.15)
        death = random.exponential(1 / (hazard * np.where(treated, 0.75, 1.0)))
        until = protocol.conduct.cutoff_months - entry
        order = np.argsort(np.minimum(death, until))
        event, group = (death <= until)[order], arm[order]
        share = np.cumsum(group[::-1])[::-1] / np.arange(300, 0, -1)
        excess, variance = ((group - share) * event).sum(), (share * (1 - share) * event).sum()
        wins.append(-excess / math.sqrt(variance) > 1.959964)
    power = float(np.mean(wins))
    error = math.sqrt(power * (1 - power) * (1 / trials + 1 / 2_000))
    assert found.power["estimate"] is not None
    assert abs(found.power["estimate"] - power) < MONTE_CARLO_WIDTH * error
