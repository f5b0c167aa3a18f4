"""Inverse probability weights by hand and against the survival room."""

from __future__ import annotations

import numpy as np
import pytest

from debulk.survival import cox
from debulk.trials.alternatives.weighting import (
    propensity,
    weighted_log_ratio,
    weights_for_treated,
)


def test_of_one_two_level_feature_the_propensity_is_the_share_treated() -> None:
    feature = np.array([0.0] * 5 + [1.0] * 4)
    treated = np.array([1, 0, 0, 0, 0, 1, 1, 1, 0], np.bool_)
    found = propensity(treated, feature[:, None])
    assert found == pytest.approx(np.where(feature == 0.0, 1.0 / 5.0, 3.0 / 4.0))


def test_weighted_controls_look_like_the_treated() -> None:
    random = np.random.default_rng(2)
    features = random.normal(size=(2000, 2))
    treated = random.random(2000) < 1.0 / (1.0 + np.exp(-features[:, 0] + 0.5))
    weights = weights_for_treated(treated, propensity(treated, features))
    # The score equations of the logistic model, not only in the limit.
    controls = np.average(features[~treated], axis=0, weights=weights[~treated])
    assert controls == pytest.approx(features[treated].mean(axis=0), abs=0.1)
    assert weights[treated].tolist() == [1.0] * int(treated.sum())


@pytest.mark.parametrize(
    ("treated", "features"),
    [
        ([1, 1, 0, 0], [[1.0], [1.0], [0.0], [0.0]]),  # the feature tells the arms apart
        ([1, 0, 1, 0], [[1.0, 2.0], [2.0, 4.0], [2.0, 4.0], [3.0, 6.0]]),  # one twice
        ([1, 1, 1, 1], [[1.0], [2.0], [1.0], [2.0]]),
        ([0, 0, 0, 0], [[1.0], [2.0], [1.0], [2.0]]),
    ],
)
def test_without_a_finite_maximum_there_is_no_propensity(treated, features) -> None:
    assert propensity(np.array(treated, np.bool_), np.array(features)) is None
    time = np.array([1.0, 2.0, 3.0, 4.0])
    dead = np.ones(4, np.bool_)
    found = weighted_log_ratio(time, dead, np.array(treated, np.bool_), np.array(features))
    assert np.isnan(found).all()


def test_a_feature_that_says_nothing_leaves_the_hazard_ratio_as_it_is() -> None:
    random = np.random.default_rng(4)
    time, treated = random.exponential(10.0, 300), np.arange(300) % 2 == 0
    event = random.random(300) < 0.8
    found, error = weighted_log_ratio(time, event, treated, np.ones((300, 1)))
    frame = {"time": time, "event": event, "treated": treated.astype(float)}
    plain = cox(frame, time="time", event="event", covariates=["treated"], robust=True)
    # All controls weigh the same; they would count as so many patients.
    assert found == pytest.approx(float(plain.coef[0]), abs=1e-6)
    assert error == pytest.approx(float(plain.covariance[0, 0]) ** 0.5, rel=1e-4)
