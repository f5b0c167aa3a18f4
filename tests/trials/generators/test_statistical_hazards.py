"""Do patients of given hazards show those hazards, by closed forms?"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from debulk.protocols.plans import Leaning, Randomisation
from debulk.survival import cox
from debulk.trials import run_trial
from debulk.trials.generators.piecewise_exponential import PiecewiseExponentialPatients
from debulk.trials.generators.strata import PrognosticFactor

# A share, mean or log hazard ratio lies within 3.3 standard errors in 999 of 1000 seeds.
WIDTH = 3.3


def share_within(times, months: float, survival: float) -> bool:
    """Whether as many live beyond a month as they should."""
    error = math.sqrt(survival * (1.0 - survival) / times.size)
    return abs(float((times > months).mean()) - survival) < WIDTH * error


def test_exponential_patients_have_their_median_and_hazard_ratio(pool_of) -> None:
    pool = pool_of(PiecewiseExponentialPatients(400, math.log(2.0) / 20.0, 0.75))
    assert share_within(pool.death_control, 20.0, 0.5)
    assert share_within(pool.death_experimental, 20.0, 0.5**0.75)
    assert np.isinf(pool.progression_control).all()
    assert pool.death_experimental == pytest.approx(pool.death_control / 0.75)


def test_the_hazard_ratio_of_a_run_is_the_one_put_in(protocol) -> None:
    run = run_trial(protocol, model=PiecewiseExponentialPatients(400, 0.04, 0.7), trials=80)
    error = run.truth.hazard_ratio_error
    assert error < 0.02
    assert abs(run.truth.hazard_ratio - 0.7) < WIDTH * error


def test_crossing_hazards_give_the_survival_of_their_integral(pool_of) -> None:
    patients = PiecewiseExponentialPatients(400, ((0, 0.05), (12, 0.03)), ((0, 1.6), (6, 0.5)))
    pool = pool_of(patients)
    # Cumulative hazards by hand at 6, 12 and 30 months.
    for months, control, experimental in (
        (6.0, 0.30, 0.48),
        (12.0, 0.60, 0.48 + 0.15),
        (30.0, 0.60 + 0.54, 0.63 + 0.27),
    ):
        assert share_within(pool.death_control, months, math.exp(-control))
        assert share_within(pool.death_experimental, months, math.exp(-experimental))
    early = pool.death_control <= 6.0
    assert (pool.death_experimental[early] < pool.death_control[early]).all()


def test_medians_of_piecewise_hazards_are_where_their_integral_is_ln_2(pool_of) -> None:
    pool = pool_of(PiecewiseExponentialPatients(400, ((0, 0.02), (10, 0.06)), 0.5))
    control = 10.0 + (math.log(2.0) - 0.2) / 0.06
    experimental = 10.0 + (2.0 * math.log(2.0) - 0.2) / 0.06
    assert share_within(pool.death_control, control, 0.5)
    assert share_within(pool.death_experimental, experimental, 0.5)


def test_progression_free_survival_has_the_sum_of_both_hazards(pool_of) -> None:
    pool = pool_of(PiecewiseExponentialPatients(400, 0.03, 0.8, 0.07, 0.6))
    control = np.minimum(pool.death_control, pool.progression_control)
    other = np.minimum(pool.death_experimental, pool.progression_experimental)
    assert share_within(control, 8.0, math.exp(-8.0 * 0.10))
    assert share_within(other, 8.0, math.exp(-8.0 * (0.024 + 0.042)))
    known = np.isfinite(pool.progression_control)
    assert abs(known.mean() - 0.7) < WIDTH * math.sqrt(0.21 / known.size)
    assert (pool.progression_control[known] < pool.death_control[known]).all()


def test_strata_have_their_shares_and_hazards_within_them(pool_of) -> None:
    stratum = PrognosticFactor("ras", ((0.7, 1.0), (0.3, 2.0)))
    pool = pool_of(PiecewiseExponentialPatients(400, 0.03, 0.6, strata=(stratum,)))
    level = pool.covariates["ras"]
    assert abs(level.mean() - 0.3) < WIDTH * math.sqrt(0.21 / level.size)
    for value, hazard in ((0.0, 0.03), (1.0, 0.06)):
        assert share_within(pool.death_control[level == value], 20.0, math.exp(-20.0 * hazard))
        expected = math.exp(-20.0 * hazard * 0.6)
        assert share_within(pool.death_experimental[level == value], 20.0, expected)


def test_a_cox_model_finds_the_factor_of_a_stratum(pool_of) -> None:
    stratum = PrognosticFactor("ras", ((0.5, 1.0), (0.5, 2.0)))
    pool = pool_of(PiecewiseExponentialPatients(400, 0.03, 0.6, strata=(stratum,)), 20)
    frame = {
        "time": pool.death_control,
        "event": np.ones(pool.size, np.bool_),
        "ras": pool.covariates["ras"],
    }
    model = cox(frame, time="time", event="event", covariates=["ras"])
    assert abs(float(model.coef[0]) - math.log(2.0)) < WIDTH * float(model.se[0])


def test_strata_serve_randomisation_stratified_tests_and_leanings(protocol, pool_of) -> None:
    stratum = PrognosticFactor("ras", ((0.5, 1.0), (0.5, 2.0)))
    funnel = [
        dataclasses.replace(step, leanings=(Leaning("ras", 1.5, 0.0),))
        if step.step == "consenting"
        else step
        for step in protocol.funnel
    ]
    chosen = dataclasses.replace(
        protocol,
        funnel=tuple(funnel),
        conduct=dataclasses.replace(
            protocol.conduct, randomisation=Randomisation(strata=("ras", "centre"))
        ),
        design=dataclasses.replace(protocol.design, test="stratified-logrank"),
    )
    patients = PiecewiseExponentialPatients(250, 0.03, 0.6, strata=(stratum,))
    run = run_trial(chosen, model=patients, trials=10)
    assert run.effect["power"]["estimate"] > 0.3
    # Chance 0.7 at level 0; odds times exp(1.5) at level 1.
    odds = 0.7 / 0.3 * math.exp(1.5)
    chances = (0.7, odds / (1.0 + odds))
    expected = chances[1] / sum(chances)
    level = pool_of(patients, 100, chosen).covariates["ras"]
    assert abs(level.mean() - expected) < WIDTH * math.sqrt(expected * (1 - expected) / level.size)
