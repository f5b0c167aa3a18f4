"""Do medians, incidences and hazard ratios of simulated times agree with others' computation?"""

import math

import numpy as np
import polars as pl
import pytest

from debulk.disease.targets import statistics
from debulk.survival import cox, kaplan_meier

CLOSED_RTOL = 1e-9  # sums of a few hundred terms
ITERATIVE_RTOL = 1e-6  # two optimisers
RNG = np.random.Generator(np.random.Philox(5))


def test_median_is_that_of_the_product_limit():
    months = np.array([1.0, 2.0, 3.0, 4.0, np.inf, np.inf])
    assert statistics.median_time(months) == 3.0
    assert statistics.median_time(months[:5]) == 3.0
    assert statistics.median_time(np.array([1.0, np.inf, np.inf])) == math.inf
    assert math.isnan(statistics.median_time(np.array([])))


def test_survival_and_incidence_by_hand():
    months = np.array([1.0, 5.0, 6.0, np.inf])
    assert statistics.survival_at(months, 5.0) == 0.5
    assert statistics.incidence_at(months, np.array([0.5, 9.0, 6.0, 2.0]), 6.0) == 0.5
    assert math.isnan(statistics.survival_at(np.array([]), 5.0))


def test_median_with_losses_is_the_product_limit_median():
    months, lost = RNG.exponential(10.0, 301), RNG.exponential(20.0, 301)
    event = months <= lost
    curve = kaplan_meier(np.minimum(months, lost), event)
    assert statistics.median_with_losses(months, lost) == pytest.approx(curve.median.estimate)
    never = np.full(301, np.inf)
    assert statistics.median_with_losses(never, lost) == math.inf


def test_hazard_ratio_is_that_of_the_cox_model():
    control, experimental = RNG.exponential(10.0, 400), RNG.exponential(14.0, 300)
    never = [np.full(each.size, np.inf) for each in (control, experimental)]
    got = statistics.log_hazard_ratio((control, never[0]), (experimental, never[1]), (12.0, 24.0))
    ends = np.concatenate([statistics.spread(each.size, (12.0, 24.0)) for each in never])
    months = np.concatenate((control, experimental))
    table = pl.DataFrame(
        {
            "months": np.minimum(months, ends),
            "event": months <= ends,
            "arm": np.repeat((0.0, 1.0), (400, 300)),
        }
    )
    model = cox(table, time="months", event="event", covariates="arm")
    assert got == pytest.approx(float(model.coef[0]), rel=ITERATIVE_RTOL)


def test_hazard_ratio_of_an_arm_with_itself_is_one():
    months, never = RNG.exponential(10.0, 200), np.full(200, np.inf)
    same = statistics.log_hazard_ratio((months, never), (months, never), (5.0, 9.0))
    assert same == pytest.approx(0.0, abs=1e-10)
    nobody = np.array([])
    assert math.isnan(statistics.log_hazard_ratio((months, never), (nobody, nobody), (5.0, 9.0)))


def test_follow_up_is_spread_evenly():
    ends = statistics.spread(1000, (24.0, 60.0))
    assert ends.min() >= 24.0
    assert ends.max() < 60.0
    assert np.histogram(ends, 10)[0] == pytest.approx(np.full(10, 100), abs=3)


def test_weighted_mean():
    assert statistics.weighted_mean(np.array([1.0, 4.0]), np.array([2.0, 1.0])) == 2.0
    assert math.isnan(statistics.weighted_mean(np.array([]), np.array([])))
