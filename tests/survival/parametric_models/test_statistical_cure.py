"""Cure models on data made from them: the truth within Monte Carlo error."""

import numpy as np
import pytest

from debulk.survival.parametric_models import parametric

RUNS, N = 60, 400
TRUTH = {"cured": 0.35, "shape": 1.4, "scale": 5.0}


def draw(random, kind):
    u = random.random(N)
    if kind == "mixture":
        never = random.random(N) < TRUTH["cured"]
        inside = np.where(never, 0.0, u)  # survival of those not cured
    else:  # S = p^F, so F = log(u) / log(p), and never if that exceeds 1
        share = np.log(u) / np.log(TRUTH["cured"])
        inside = np.maximum(1 - share, 0.0)
    with np.errstate(divide="ignore"):
        time = TRUTH["scale"] * (-np.log(inside)) ** (1 / TRUTH["shape"])
    lost = random.uniform(12, 30, N)
    return np.minimum(time, lost), time <= lost


@pytest.mark.parametrize("kind", ["mixture", "non-mixture"])
def test_estimates_and_standard_errors_are_right_on_average(kind):
    random = np.random.default_rng(20)
    found = []
    for _ in range(RUNS):
        time, event = draw(random, kind)
        fitted = parametric(time, event, model="weibull", cure=kind)
        found.append((fitted.working, np.sqrt(np.diag(fitted.covariance))))
    estimates, se = (np.array(each) for each in zip(*found, strict=True))
    assert fitted.names == ("shape", "scale", "cured")
    p = TRUTH["cured"]
    truth = np.array([np.log(TRUTH["shape"]), np.log(TRUTH["scale"]), np.log(p / (1 - p))])
    error = estimates.std(axis=0, ddof=1) / np.sqrt(RUNS)
    assert (np.abs(estimates.mean(axis=0) - truth) < 3.5 * error).all()
    # a standard deviation from 60 runs has a relative error of 1 / sqrt(2 * 59) = 0.09
    ratio = se.mean(axis=0) / estimates.std(axis=0, ddof=1)
    assert (np.abs(ratio - 1) < 3.5 * 0.09).all()
