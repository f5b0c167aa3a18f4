"""What holds for any data."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.survival.parametric_models import PiecewiseExponential, RoystonParmar, parametric

ROUNDING = 1e-7  # two fits of one likelihood

MODELS = st.sampled_from(
    ["exponential", "weibull", "lognormal", "loglogistic", "gompertz", PiecewiseExponential([4])]
    + [RoystonParmar(1, scale) for scale in ("hazard", "odds", "normal")]
)


def sample(seed, n):
    random = np.random.default_rng(seed)
    time, lost = 8 * random.weibull(1.2, n), random.uniform(2, 20, n)
    return np.minimum(time, lost), time <= lost, random.normal(size=n)


@settings(max_examples=25)
@given(MODELS, st.integers(0, 10**6), st.integers(60, 200))
def test_survival_falls_from_one_and_its_limits_enclose_it(model, seed, n):
    time, event, x = sample(seed, n)
    fitted = parametric(time, event, model=model, covariates={"x": x})
    at = np.linspace(0, time[event].max(), 30)
    survival = fitted.survival(at, {"x": 0.7})
    assert survival[0] == 1.0
    assert (np.diff(survival) <= 1e-12).all()
    lower, upper = fitted.survival_limits(at, {"x": 0.7})
    assert (lower <= survival).all()
    assert (survival <= upper).all()
    assert fitted.loglik >= fitted.loglik_null - 1e-9
    median = fitted.quantile(0.3, {"x": 0.7})
    np.testing.assert_allclose(fitted.survival(median.estimate, {"x": 0.7}), 0.7, rtol=ROUNDING)


@settings(max_examples=25)
@given(MODELS, st.integers(0, 10**6), st.floats(1e-3, 1e3))
def test_order_of_rows_and_unit_of_time_do_not_matter(model, seed, unit):
    time, event, x = sample(seed, 80)
    order = np.random.default_rng(seed).permutation(80)
    scaled = PiecewiseExponential([4 * unit]) if model == PiecewiseExponential([4]) else model
    one = parametric(time, event, model=model, covariates={"x": x})
    other = parametric(unit * time[order], event[order], model=scaled, covariates={"x": x[order]})
    expected = one.loglik - event.sum() * np.log(unit)
    np.testing.assert_allclose(other.loglik, expected, rtol=1e-9, atol=1e-7)
    np.testing.assert_allclose(other.coef["x"], one.coef["x"], rtol=ROUNDING, atol=ROUNDING)
    np.testing.assert_allclose(other.se["x"], one.se["x"], rtol=1e-6)
    np.testing.assert_allclose(
        other.rmst(5 * unit).estimate, unit * one.rmst(5).estimate, rtol=1e-6
    )
