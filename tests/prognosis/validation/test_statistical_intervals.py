"""Do intervals cover? 300 validations of 250 patients under censoring; truths by integration."""

import numpy as np
import pytest
from scipy.stats import norm

from debulk.prognosis.validation.accuracy import brier_of
from debulk.prognosis.validation.calibration_slopes import weak_calibration_of
from debulk.prognosis.validation.discrimination import auc_of
from debulk.prognosis.validation.estimates import estimate_of
from debulk.prognosis.validation.event_ratios import ratio_at
from debulk.prognosis.validation.follow_up import read_follow_up
from debulk.prognosis.validation.net_benefit import decision_curve_of
from debulk.prognosis.validation.status import horizon_status

REPLICATES, SIZE, HORIZON, THRESHOLD = 300, 250, 10.0, 0.4
# At a coverage of 95 % the count of 300 has a standard deviation of 3.8; three of them, and one
# per cent for 250 patients being few.
LEAST, MOST = 0.95 - 0.048, 0.95 + 0.038


def rate(x):
    return 0.05 * np.exp(0.7 * x)


def predicted(x):
    """Risks that are too low and too extreme by half."""
    return -np.expm1(-np.exp(-0.2 + 1.5 * np.log(rate(x) * HORIZON)))


def truths():
    x = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    risk, told = -np.expm1(-HORIZON * rate(x)), predicted(x)
    above = np.cumsum(1.0 - risk) - 0.5 * (1.0 - risk)  # controls of lower risk; x rises
    acted = told >= THRESHOLD
    odds = THRESHOLD / (1.0 - THRESHOLD)
    return {
        "auc": risk @ above / (risk.sum() * (1.0 - risk).sum()),
        "brier": np.mean(risk * (1.0 - told) ** 2 + (1.0 - risk) * told**2),
        "observed_expected": risk.mean() / told.mean(),
        "slope": 1.0 / 1.5,
        "net_benefit": np.mean(acted * (risk - odds * (1.0 - risk))),
    }


@pytest.fixture(scope="module")
def covered():
    random, true, inside = np.random.default_rng(41), truths(), []
    for _ in range(REPLICATES):
        x = random.normal(size=SIZE)
        died, lost = random.exponential(1.0 / rate(x)), random.exponential(25.0, SIZE)
        rows = read_follow_up(np.minimum(died, lost), died <= lost)
        status, risk = horizon_status(rows, HORIZON), predicted(x)
        curve = decision_curve_of(status, rows, risk, np.array([THRESHOLD]), 0.95)
        found = {
            "auc": estimate_of(auc_of(status, risk), "", rows, 0.95),
            "brier": estimate_of(brier_of(status, risk), "", rows, 0.95),
            "observed_expected": ratio_at(status, rows, risk, 0.95),
            "slope": weak_calibration_of(status, rows, risk, 0.95).slope,
        }
        limits = {name: (each.lower, each.upper) for name, each in found.items()}
        limits["net_benefit"] = (curve.lower[0], curve.upper[0])
        inside.append({name: low <= true[name] <= high for name, (low, high) in limits.items()})
    return inside


@pytest.mark.parametrize("name", list(truths()))
def test_coverage(covered, name):
    share = np.mean([each[name] for each in covered])
    if name == "observed_expected":  # the mean of the predictions varies with the sample, and is
        assert share > LEAST  # taken as given: the interval is of this sample's ratio
    else:
        assert LEAST < share < MOST
