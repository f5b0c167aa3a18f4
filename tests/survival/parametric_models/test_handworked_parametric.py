"""Closed forms and identities between models."""

import numpy as np
import pytest

from debulk.survival.parametric_models import PiecewiseExponential, RoystonParmar, parametric

CLOSED = 1e-9  # closed forms, which Newton's method reaches to rounding
SAME = 1e-7  # two parametrisations of one model, both iterated


@pytest.fixture(scope="module")
def sample():
    random = np.random.default_rng(11)
    time = 10 * random.weibull(1.4, 300)
    lost = random.uniform(0, 25, 300)
    x = random.normal(size=300)
    return np.minimum(time, lost), time <= lost, x


def test_exponential_is_events_by_time_at_risk(sample):
    time, event, _ = sample
    weights = 1 + np.arange(300) % 3
    entry = time / 3
    fitted = parametric(time, event, model="exponential", weights=weights, entry=entry)
    rate = (weights @ event) / (weights @ (time - entry))
    found = fitted.parameters["rate"]
    np.testing.assert_allclose(found.estimate, rate, rtol=CLOSED)
    se = 1 / np.sqrt(weights @ event)
    np.testing.assert_allclose(
        [found.lower, found.upper], rate * np.exp(1.959963984540054 * se * np.array([-1, 1]))
    )
    np.testing.assert_allclose(fitted.loglik, (weights @ event) * (np.log(rate) - 1), rtol=CLOSED)


def test_piecewise_is_events_by_time_at_risk_in_each_interval(sample):
    time, event, _ = sample
    time = np.maximum(np.ceil(time), 1.0)  # events at the cuts belong to the interval they end
    fitted = parametric(time, event, model=PiecewiseExponential((4, 9)))
    for (name, found), (low, high) in zip(
        fitted.parameters.items(), [(0, 4), (4, 9), (9, np.inf)], strict=True
    ):
        events = event[(time > low) & (time <= high)].sum()
        at_risk = (np.clip(time, low, high) - low).sum()
        np.testing.assert_allclose(found.estimate, events / at_risk, rtol=CLOSED)
        np.testing.assert_allclose(found.se, np.sqrt(events) / at_risk, rtol=CLOSED)
        assert name == f"rate ({low:g}, {high:g}{')' if high == np.inf else ']'}"


def test_an_interval_without_events_has_rate_0_and_says_so():
    fitted = parametric([2, 3, 8, 9], [1, 1, 0, 1], model=PiecewiseExponential((4, 8.5)))
    empty = fitted.parameters["rate (4, 8.5]"]
    assert empty.estimate == 0.0
    assert np.isnan(empty.se)
    assert "No event in (4, 8.5]" in fitted.remarks[0]
    assert fitted.aic == 2 * 3 - 2 * fitted.loglik
    np.testing.assert_allclose(fitted.survival([5, 8]), fitted.survival(4)[0], rtol=CLOSED)
    np.testing.assert_allclose(fitted.hazard(6), 0.0)


@pytest.mark.parametrize(
    ("scale", "plain", "sign"),
    [("hazard", "weibull", -1), ("odds", "loglogistic", -1), ("normal", "lognormal", -1)],
)
def test_a_spline_without_knots_is_the_plain_model(sample, scale, plain, sign):
    time, event, x = sample
    spline = parametric(time, event, model=RoystonParmar(0, scale), covariates={"x": x})
    other = parametric(time, event, model=plain, covariates={"x": x})
    np.testing.assert_allclose(spline.loglik, other.loglik, rtol=1e-12)
    slope = spline.parameters["gamma1"].estimate
    first = other.parameters["shape" if plain != "lognormal" else "sdlog"].estimate
    np.testing.assert_allclose(slope, 1 / first if plain == "lognormal" else first, rtol=SAME)
    np.testing.assert_allclose(spline.coef["x"], sign * other.coef["x"] * slope, rtol=SAME)
    for mine, theirs in [
        (spline.quantile(0.4), other.quantile(0.4)),
        (spline.rmst(12), other.rmst(12)),
    ]:
        np.testing.assert_allclose(mine.estimate, theirs.estimate, rtol=SAME)
        np.testing.assert_allclose(mine.se, theirs.se, rtol=SAME)
    at = [0.0, 1.0, 5.0]
    np.testing.assert_allclose(spline.survival_limits(at), other.survival_limits(at), rtol=SAME)


def test_quantiles_means_and_hazards_of_a_weibull_in_closed_form(sample):
    time, event, x = sample
    fitted = parametric(time, event, model="weibull", covariates={"x": x})
    shape = fitted.parameters["shape"].estimate
    scale = fitted.parameters["scale"].estimate * np.exp(0.5 * fitted.coef["x"])
    person = {"x": 0.5}
    np.testing.assert_allclose(
        fitted.quantile(0.3, person).estimate, scale * (-np.log(0.7)) ** (1 / shape), rtol=CLOSED
    )
    np.testing.assert_allclose(
        fitted.hazard([2.0], person), shape / scale * (2 / scale) ** (shape - 1), rtol=CLOSED
    )
    from scipy.special import gamma, gammainc

    area = scale * gamma(1 + 1 / shape) * gammainc(1 / shape, (15 / scale) ** shape)
    tail = 15 * np.exp(-((15 / scale) ** shape))
    whole = scale * gamma(1 + 1 / shape) * gammainc(1 + 1 / shape, (15 / scale) ** shape) + tail
    np.testing.assert_allclose(area, whole, rtol=1e-12)
    np.testing.assert_allclose(fitted.rmst(15, person).estimate, whole, rtol=CLOSED)


def test_standard_errors_of_predictions_follow_the_parameters(sample):
    """Against difference quotients of the predictions in every parameter."""
    import dataclasses

    time, event, x = sample
    fitted = parametric(
        time, event, model=RoystonParmar(2), covariates={"x": x}, weights=np.full(300, 2.0)
    )
    person, step = {"x": -0.4}, 1e-5

    def se_of(answer):
        slopes = []
        for j in range(fitted.working.size):
            move = np.zeros(fitted.working.size)
            move[j] = step
            ends = [
                answer(dataclasses.replace(fitted, working=fitted.working + sign * move))
                for sign in (1, -1)
            ]
            slopes.append((ends[0] - ends[1]) / (2 * step))
        return np.sqrt(np.array(slopes) @ fitted.covariance @ np.array(slopes))

    found = fitted.quantile(0.5, person)
    np.testing.assert_allclose(
        found.se, se_of(lambda m: np.log(m.quantile(0.5, person).estimate)), rtol=1e-6
    )
    np.testing.assert_allclose(
        fitted.rmst(9, person).se, se_of(lambda m: m.rmst(9, person).estimate), rtol=1e-6
    )
    lower, upper = fitted.survival_limits([4.0], person)
    middle = np.log(fitted.cumulative_hazard([4.0], person))
    se = se_of(lambda m: np.log(m.cumulative_hazard([4.0], person))[0])
    limits = np.exp(-np.exp(middle + 1.959963984540054 * se * np.array([1, -1])))
    np.testing.assert_allclose([lower[0], upper[0]], limits, rtol=1e-6)


def test_generalised_gamma_holds_weibull_gamma_and_lognormal():
    from debulk.survival.parametric_models.gamma import generalised_gamma
    from debulk.survival.parametric_models.jets import variable
    from debulk.survival.parametric_models.registry import FAMILIES

    at = np.array([0.2, 1.0, 4.0, 30.0])

    def value(q, sigma=0.7, mu=0.4):
        return generalised_gamma(at, variable(0, mu), [variable(1, np.log(sigma)), variable(2, q)])

    def other(name, location, ancillary):
        return FAMILIES[name].hazards(at, variable(0, location), [variable(1, ancillary)])

    pairs = [
        (value(1.0), other("weibull", 0.4, -np.log(0.7)), 1e-12),
        (value(0.7), other("gamma", -0.4 - 2 * np.log(0.7), -2 * np.log(0.7)), 1e-12),
        (value(0.0), other("lognormal", 0.4, np.log(0.7)), 1e-12),
        (value(1e-7), other("lognormal", 0.4, np.log(0.7)), 1e-5),
    ]
    for mine, theirs, tolerance in pairs:
        for left, right in zip(mine, theirs, strict=True):
            np.testing.assert_allclose(left.value, right.value, rtol=tolerance, atol=tolerance)


def test_gompertz_of_negative_shape_reports_the_cured_share():
    random = np.random.default_rng(2)
    shape, rate = -0.3, 0.25
    u = random.random(2000)
    inside = 1 + shape * -np.log(u) / rate
    time = np.where(inside > 0, np.log(np.where(inside > 0, inside, 1.0)) / shape, np.inf)
    end = np.minimum(time, 20.0)
    fitted = parametric(end, time <= 20.0, model="gompertz")
    found = fitted.parameters
    expected = np.exp(found["rate"].estimate / found["shape"].estimate)
    np.testing.assert_allclose(fitted.cured.estimate, expected, rtol=CLOSED)
    assert fitted.cured.lower < np.exp(rate / shape) < fitted.cured.upper
    np.testing.assert_allclose(fitted.survival([1e5]), expected, rtol=CLOSED)
    assert "shape is negative" in fitted.remarks[0]
    assert np.isnan(fitted.quantile(0.9).estimate)


def test_weights_are_copies_and_units_of_covariates_do_not_matter(sample):
    time, event, x = sample
    weights = 1 + np.arange(300) % 3
    one = parametric(time, event, model="loglogistic", covariates={"x": x}, weights=weights)
    copies = np.repeat(np.arange(300), weights)
    other = parametric(
        time[copies], event[copies], model="loglogistic", covariates={"x": 1e6 * x[copies] + 1e7}
    )
    np.testing.assert_allclose(one.loglik, other.loglik, rtol=CLOSED)
    np.testing.assert_allclose(one.coef["x"], 1e6 * other.coef["x"], rtol=SAME)
    np.testing.assert_allclose(one.se["x"], 1e6 * other.se["x"], rtol=SAME)
