"""Closed forms of sample size against simulated validations: fixed seeds, stated error."""

import math

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.prognosis.validation.calibration_slopes import calibration_slope
from debulk.prognosis.validation.event_ratios import observed_expected
from debulk.prognosis.validation.sample_size import (
    ValidationPopulation,
    concordance_error,
    sample_size_concordance,
    sample_size_net_benefit,
    sample_size_observed_expected,
    sample_size_slope,
    slope_information,
)

REPLICATES = 300
# A standard deviation from 300 draws has a relative error of 1 / sqrt(600) = 4 %; three of them.
SPREAD = 0.13
POPULATION = ValidationPopulation(risk=0.3, horizon=36.0, lost=0.2, predictor_sd=0.8)


def test_without_loss_the_ratio_needs_what_riley_gives():
    complete = ValidationPopulation(risk=0.1)
    found = sample_size_observed_expected(complete, width=0.22)
    target = math.asinh(0.11) / 1.959963984540054
    assert found.n == math.ceil(0.9 / (0.1 * target**2))
    assert found.width <= 0.22


def test_observed_over_expected():
    random = np.random.default_rng(21)
    n = 300
    rate, loss = -math.log(0.7) / 36.0, -math.log(0.8) / 36.0
    found = []
    for _ in range(REPLICATES):
        died, lost = random.exponential(1 / rate, n), random.exponential(1 / loss, n)
        risk = np.where(np.arange(n) % 2, 0.31, 0.29)
        estimate = observed_expected(np.minimum(died, lost), died <= lost, risk, horizon=36.0)
        found.append(math.log(estimate.estimate))
    size = sample_size_observed_expected(POPULATION)
    assert np.std(found) == pytest.approx(size.se * math.sqrt(size.n / n), rel=SPREAD)


def test_slope():
    random = np.random.default_rng(22)
    n, found = 400, []
    nodes = random.normal(0.0, 0.8, 200_000)
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        enough = np.mean(-np.expm1(-middle * np.exp(nodes))) >= 0.3
        low, high = (low, middle) if enough else (middle, high)
    for _ in range(REPLICATES // 3):
        predictor = random.normal(0.0, 0.8, n)
        died = random.exponential(1 / (high * np.exp(predictor)))
        lost = np.minimum(random.exponential(-1 / math.log(0.8), n), 1.0)
        slope = calibration_slope(np.minimum(died, lost), died <= lost, predictor)
        found.append(slope.se)
    information = slope_information(POPULATION)
    # The mean of 100 standard errors is known to about half a per cent.
    assert np.mean(found) == pytest.approx(math.sqrt(1 / (n * information)), rel=0.03)


def test_area_under_the_curve():
    random = np.random.default_rng(23)
    n, share, found = 200, 0.3, []
    for _ in range(REPLICATES):
        case = random.random(n) < share
        score = random.normal(size=n) + case * 0.7416  # an area of 0.7
        ranks = np.empty(n)
        ranks[np.argsort(score)] = np.arange(1, n + 1)
        m = case.sum()
        found.append((ranks[case].sum() - m * (m + 1) / 2) / (m * (n - m)))
    assert np.mean(found) == pytest.approx(0.7, abs=0.01)
    assert np.std(found) == pytest.approx(concordance_error(0.7, n, share), rel=SPREAD)
    size = sample_size_concordance(ValidationPopulation(risk=share), concordance=0.7, width=0.1)
    assert concordance_error(0.7, size.n, share) <= 0.05 / 1.959963984540054
    assert concordance_error(0.7, size.n - 1, share) > 0.05 / 1.959963984540054


def test_net_benefit():
    random = np.random.default_rng(24)
    n, risk, found = 400, 0.3, []
    for _ in range(REPLICATES):
        case = random.random(n) < risk
        acted = random.random(n) < np.where(case, 0.7, 0.4)
        benefit = (acted & case).mean() - (acted & ~case).mean() * 0.25
        found.append(benefit / case.mean())
    size = sample_size_net_benefit(
        ValidationPopulation(risk=risk), threshold=0.2, sensitivity=0.7, specificity=0.6
    )
    assert np.std(found) == pytest.approx(size.se * math.sqrt(size.n / n), rel=SPREAD)


def test_more_loss_and_less_spread_need_more_patients():
    little = ValidationPopulation(risk=0.3, lost=0.4, predictor_sd=0.5)
    assert sample_size_slope(little).n > sample_size_slope(POPULATION).n
    assert sample_size_observed_expected(little).n > sample_size_observed_expected(POPULATION).n


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"risk": 0.0}, "risk: 0.0 is not between 0 and 1"),
        ({"risk": 0.3, "lost": 1.0}, "lost: 1 is not from 0 to below 1"),
        ({"risk": 0.3, "predictor_sd": 0.0}, "predictor_sd: 0 is not above 0"),
        ({"risk": 0.3, "horizon": -1.0}, "horizon: -1 is not above 0"),
    ],
)
def test_populations_refused(changed, words):
    with pytest.raises(InputError) as refused:
        ValidationPopulation(**changed)
    assert words in str(refused.value)


def test_targets_refused():
    with pytest.raises(InputError, match="width: 0 is not above 0"):
        sample_size_slope(POPULATION, width=0.0)
    with pytest.raises(InputError, match=r"concordance: 0\.4 is not between"):
        sample_size_concordance(POPULATION, concordance=0.4)
    with pytest.raises(InputError, match="thousand million"):
        sample_size_slope(POPULATION, width=1e-7)
