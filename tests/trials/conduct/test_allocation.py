"""Are patients allocated by the protocol's own method?"""

from __future__ import annotations

import numpy as np
import pytest

from debulk.core import InputError
from debulk.protocols.plans import CentrePlan, Randomisation
from debulk.trials import trial_settings
from debulk.trials.conduct.allocation import allocate

CENTRES = CentrePlan(number=5, size_variation=0.6)


def arms(plan_of, randomisation, trials=20):
    """Allocation of some trials, and their patients."""
    by_centre = plan_of(randomisation=Randomisation(strata=("centre",)), centres=CENTRES)
    settings = trial_settings(by_centre, seed=3)
    pool = settings.generator.recruit(settings, 0, trials).randomised
    return pool, allocate(plan_of(randomisation=randomisation), 3, pool).experimental


def imbalance(pool, experimental) -> float:
    """Mean difference between the arms within a centre of a trial."""
    cells = pool.trial.astype(np.int64) * 5 + pool.centre
    signed = np.bincount(cells, np.where(experimental, 1.0, -1.0))
    return float(np.abs(signed).mean())


def test_the_default_is_one_sequence_of_blocks(plan_of) -> None:
    pool, own = arms(plan_of, Randomisation())
    other, again = arms(plan_of, Randomisation(block_sizes=(4,)))
    assert np.array_equal(own, again)
    for trial in range(20):
        here = own[pool.trial == trial]
        whole = here[: here.size // 4 * 4].reshape(-1, 4)
        assert (whole.sum(axis=1) == 2).all()
    assert other.size == pool.size


def test_blocks_by_centre_balance_every_centre(plan_of) -> None:
    pool, experimental = arms(plan_of, Randomisation(block_sizes=(4, 6), strata=("centre",)))
    cells = pool.trial.astype(np.int64) * 5 + pool.centre
    signed = np.bincount(cells, np.where(experimental, 1.0, -1.0))
    assert np.abs(signed).max() <= 3  # half of the largest block
    assert pool.centre.max() == 4


def test_minimisation_balances_centres_and_chance_alone_does_not(plan_of) -> None:
    minimised = imbalance(*arms(plan_of, Randomisation("minimisation", strata=("centre",))))
    alone = imbalance(*arms(plan_of, Randomisation("simple")))
    assert minimised < 2.0
    assert alone > 2.0 * minimised


def test_minimisation_without_a_factor_is_refused(plan_of) -> None:
    with pytest.raises(InputError, match=r"orchestra.yaml, conduct.randomisation.strata"):
        trial_settings(plan_of(randomisation=Randomisation("minimisation")))
