"""Contrasts of patients made by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from debulk.survival import cox
from debulk.trials.mechanisms.contrasts import effect_in, log_ratios, spread_of
from debulk.trials.mechanisms.counterfactual import BothArms

ITERATIVE = 1e-8
"""Relative tolerance of two fits of the same Cox model."""


def made(control, experimental, draw=None, tau_months=36.0, follow_up=120.0) -> BothArms:
    """Patients followed equally long."""
    size = len(control)
    return BothArms(
        control=np.asarray(control, dtype=float),
        experimental=np.asarray(experimental, dtype=float),
        follow_up_months=np.full(size, follow_up),
        row=np.arange(size),
        draw=np.zeros(size, np.int64) if draw is None else np.asarray(draw),
        tau_months=tau_months,
    )


def exponential(size: int, ratio: float, seed: int):
    """Deaths of the same patients, with hazards a ratio apart."""
    control = np.random.default_rng(seed).exponential(24.0, size)
    return control, control / ratio


def test_mean_survival_and_survival_at_five_years_by_hand() -> None:
    found = effect_in(made([10.0, 40.0, 70.0, np.inf], [20.0, 40.0, 50.0, np.inf]))
    assert found.rmst_difference_months == pytest.approx(10.0 / 4.0)
    assert found.survival == (0.5, 0.25)
    # Gains 10, 0, 0, 0: standard deviation 5, over the root of 4.
    assert found.rmst_error_months == pytest.approx(2.5)
    assert math.isnan(found.hazard_ratio)
    assert found.to_dict(("reference",))["parameters"] is None


def test_the_hazard_ratio_is_that_of_a_cox_model() -> None:
    import polars as pl

    control, experimental = exponential(300, 0.7, 4)
    time = np.concatenate([control, experimental])
    frame = pl.DataFrame(
        {
            "time": np.minimum(time, 60.0),
            "event": time <= 60.0,
            "arm": np.repeat([0.0, 1.0], 300),
        }
    )
    fit = cox(frame, time="time", event="event", covariates=["arm"])
    found = log_ratios(made(control, experimental, follow_up=60.0))
    assert found[0] == pytest.approx(float(fit.coef[0]), rel=ITERATIVE)


def test_a_group_of_the_jackknife_is_the_same_patients_in_every_world() -> None:
    """Leaving out row 3 and 23 changes the same entry, whether or not others are there."""
    control, experimental = exponential(200, 0.7, 5)
    arms = made(control, experimental)
    kept = np.ones(200, np.bool_)
    kept[[3, 23]] = False
    fewer = BothArms(
        control[kept],
        experimental[kept],
        np.full(198, 120.0),
        arms.row[kept],
        arms.draw[kept],
        36.0,
    )
    whole, part = log_ratios(arms), log_ratios(fewer)
    others = arms.row % 20 != 3
    assert whole[1 + 3] == log_ratios(arms, others)[0]
    assert part[1 + 3] == pytest.approx(log_ratios(arms, others & kept)[0], rel=ITERATIVE)


def test_nothing_but_noise_leaves_no_scatter() -> None:
    values = np.random.default_rng(7).normal(-0.3, 0.05, 50)
    by_draw = np.column_stack([values, np.tile(np.linspace(-0.4, -0.2, 20), (50, 1))])
    found = spread_of(by_draw, ("reference",) * 50)
    assert found["lower"] == pytest.approx(found["upper"])
    assert found["draws_below_1"] == 1.0
    assert found["parameter_sd"] == 0.0
    assert found["structure_sd"] is None


def test_draws_are_contrasted_apart() -> None:
    one, other = exponential(150, 0.5, 8), exponential(150, 1.0, 9)
    arms = made(
        np.concatenate([one[0], other[0]]),
        np.concatenate([one[1], other[1]]),
        draw=np.repeat([0, 1], 150),
    )
    found = effect_in(arms)
    assert found.by_draw.shape == (2, 21)
    assert found.by_draw[1, 0] == 0.0
    assert found.by_draw[0, 0] == log_ratios(made(*one))[0]
