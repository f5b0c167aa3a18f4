"""Does pooling keep its promises on inputs nobody chose, wild ones among them?"""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from debulk.evidence.pooling.inverse_variance import weighted_fit
from debulk.evidence.pooling.likelihood import log_likelihoods, most_likely
from debulk.evidence.pooling.one_mean import METHODS, variance_of_one_mean
from debulk.evidence.pooling.random_effects import pool

GRID = 3000
LIKELIHOOD = 1e-8  # of a log likelihood whose terms cancel from up to 1e6
INVARIANT = 1e-7  # a shift or a scale moves the last digits of the inputs
ORDER = 1e-9  # sums in another order
TWO_STUDIES = 1e-9  # closed form beside a root


@st.composite
def studies(draw, fewest=2, most=9, decades=6.0):
    """Estimates and errors: close, far apart, identical; errors over up to six decades."""
    k = draw(st.integers(fewest, most))
    width = draw(st.floats(0.0, decades))
    spread = draw(st.sampled_from([0.0, 1e-3, 1.0, 1e3]))
    place = st.lists(st.floats(0.0, 1.0), min_size=k, max_size=k)
    errors = 10.0 ** (width * (np.array(draw(place)) - 0.5))
    return spread * (np.array(draw(place)) - 0.5), errors


def twin(estimates, errors, tau2, *, restricted):
    """Log likelihood by subtraction-free sums, written from its definition."""
    first = int(np.argmin(errors))
    y, weights = estimates - estimates[first], 1.0 / (errors**2 + tau2)
    mean = float(weights @ y) / float(weights.sum())
    height = -0.5 * (float(weights @ (y - mean) ** 2) - float(np.log(weights).sum()))
    return height - 0.5 * math.log(weights.sum()) if restricted else height


@given(studies(), st.booleans())
def test_the_likelihood_is_nowhere_higher(found, restricted):
    """The global maximum, against a slow search over every variance that could be it."""
    estimates, errors = found
    tau2 = variance_of_one_mean(estimates, errors**2, "reml" if restricted else "ml")
    widest = errors.max() ** 2 + np.ptp(estimates) ** 2
    grid = [0.0, *np.geomspace(1e-8 * errors.min() ** 2, 1e2 * widest, GRID)]
    heights = [twin(estimates, errors, each, restricted=restricted) for each in grid]
    here = twin(estimates, errors, tau2, restricted=restricted)
    assert here >= max(heights) - LIKELIHOOD * (1.0 + abs(here))


@given(studies(fewest=5, decades=2.0), st.booleans())
def test_a_regressions_likelihood_is_nowhere_higher(found, restricted):
    estimates, errors = found
    design = np.column_stack([np.ones(len(errors)), np.arange(len(errors)) ** 1.5])
    name = "reml" if restricted else "ml"

    def height(tau2):
        return log_likelihoods(weighted_fit(estimates, errors**2, design, tau2), design)[name]

    tau2 = most_likely(estimates, errors**2, design, restricted=restricted)
    widest = errors.max() ** 2 + np.ptp(estimates) ** 2
    grid = [0.0, *np.geomspace(1e-6 * errors.min() ** 2, 1e2 * widest, 150)]
    assert height(tau2) >= max(height(each) for each in grid) - LIKELIHOOD


def test_of_two_maxima_the_higher_one_counts():
    """At 0 the likelihood falls, so that steps from there stay; further on it is higher."""
    estimates = np.array([0.0, 0.2, -0.2, 0.2, -0.6])
    errors = np.array([0.77, 0.06, 0.85, 0.06, 0.24])
    found = variance_of_one_mean(estimates, errors**2, "reml")
    assert 0.11 < found < 0.12
    heights = [twin(estimates, errors, each, restricted=True) for each in (0.0, 1e-4, found)]
    assert heights[1] < heights[0] < heights[2]


@given(studies(decades=2.0), st.sampled_from(METHODS))
def test_order_does_not_matter(found, method):
    estimates, errors = found
    one = pool(estimates, errors, method=method)
    other = pool(estimates[::-1], errors[::-1], method=method)
    scale = errors.max()
    np.testing.assert_allclose(one.estimate, other.estimate, rtol=ORDER, atol=ORDER * scale)
    np.testing.assert_allclose(one.tau2, other.tau2, rtol=ORDER, atol=ORDER * scale**2)


@given(studies(decades=2.0), st.sampled_from(METHODS), st.floats(-3.0, 3.0), st.floats(0.1, 10.0))
def test_a_shift_moves_and_a_scale_stretches(found, method, shift, scale):
    estimates, errors = found
    one = pool(estimates, errors, method=method, interval="wald")
    other = pool(scale * (estimates + shift), scale * errors, method=method, interval="wald")
    size = errors.max()
    close = {"rtol": INVARIANT, "atol": INVARIANT * scale * size}
    np.testing.assert_allclose(other.estimate, scale * (one.estimate + shift), **close)
    np.testing.assert_allclose(other.se, scale * one.se, **close)
    np.testing.assert_allclose(
        other.tau2, scale**2 * one.tau2, rtol=INVARIANT, atol=INVARIANT * scale**2 * size**2
    )


@given(studies(), st.sampled_from(METHODS), st.sampled_from(["wald", "hksj", "hksj-adhoc"]))
def test_every_number_is_finite_and_in_order(found, method, interval):
    estimates, errors = found
    one = pool(estimates, errors, method=method, interval=interval)
    assert one.lower <= one.estimate <= one.upper
    assert 0.0 <= one.i2 <= 1.0
    assert one.tau2 >= 0.0
    assert one.q >= 0.0
    assert 0.0 <= one.p <= 1.0
    assert math.isclose(sum(each.weight for each in one.studies), 1.0)
    if method != "ee":
        assert 0.0 <= one.tau2_limits.lower <= one.tau2_limits.upper < math.inf
        assert one.prediction.lower <= one.lower
        assert one.upper <= one.prediction.upper
    if interval == "hksj-adhoc":
        assert one.se >= pool(estimates, errors, method=method, interval="wald").se


@given(st.floats(0.0, 1e3), st.floats(1e-3, 1e3), st.sampled_from(["reml", "dl", "pm", "he"]))
def test_two_studies_of_one_precision_have_a_closed_form(distance, error, method):
    """tau2 = max(0, d^2 / 2 - v)."""
    found = pool([0.0, distance], [error, error], method=method)
    expected = max(0.0, distance**2 / 2.0 - error**2)
    size = distance**2 + error**2
    np.testing.assert_allclose(found.tau2, expected, rtol=TWO_STUDIES, atol=TWO_STUDIES * size)


@given(studies(decades=2.0))
def test_at_its_limits_q_is_as_extreme_as_asked(found):
    estimates, errors = found
    one = pool(estimates, errors, method="dl", interval="wald")
    for limit, tail in ((one.tau2_limits.lower, 0.025), (one.tau2_limits.upper, 0.975)):
        if limit > 0.0:
            design = np.ones((len(errors), 1))
            q = weighted_fit(estimates, errors**2, design, limit).q
            np.testing.assert_allclose(chi2.sf(q, one.q_df), tail, rtol=1e-6)
