"""What holds for every design."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.core.errors import InputError
from debulk.trials.boundaries.families import HaybittlePeto, WangTsiatis
from debulk.trials.boundaries.inference import final_inference, stagewise_p_value
from debulk.trials.boundaries.repeated import efficacy_at_level, repeated_inference
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.boundaries.spending import Spending, UserSpending

SPENDINGS = (
    st.sampled_from([Spending("obrien-fleming"), Spending("pocock")])
    | st.builds(Spending, st.just("kim-demets"), st.floats(0.5, 4))
    | st.builds(Spending, st.just("hwang-shih-decani"), st.floats(-6, 3))
)
FAMILIES = st.sampled_from(["obrien-fleming", "pocock"]) | st.builds(
    WangTsiatis, st.floats(-0.2, 0.7)
)


@st.composite
def information(draw, most=8):
    steps = draw(st.lists(st.floats(0.05, 1.0), min_size=1, max_size=most))
    return np.cumsum(steps) / np.sum(steps)


@settings(deadline=None, max_examples=60)
@given(information(20), st.floats(1e-4, 0.2), st.sampled_from([1, 2]), SPENDINGS | FAMILIES)
def test_alpha_is_spent(t, alpha, sided, efficacy):
    found = group_sequential(t, alpha=alpha, sided=sided, efficacy=efficacy)
    assert found.alpha_spent[-1] == pytest.approx(alpha, rel=1e-7)
    assert np.all(np.diff(found.alpha_spent) >= 0)
    null = found.probabilities(0.0)
    assert null.rejection == pytest.approx(alpha, rel=1e-7)
    assert 0.0 < null.expected_information <= 1.0 + 1e-12
    more = found.probabilities(1.0)
    assert more.power > null.power
    assert more.efficacy.sum() + more.opposite.sum() + more.futility.sum() == pytest.approx(1.0)


@settings(deadline=None, max_examples=50)
@given(
    information(6),
    st.floats(0.05, 0.3),
    SPENDINGS | FAMILIES,
    SPENDINGS,
    st.booleans(),
    st.sampled_from([1, 2]),
)
def test_futility_by_beta_spending(t, beta, efficacy, futility, binding, sided):
    rule = {"efficacy": efficacy, "futility": futility, "beta": beta, "binding": binding}
    try:
        found = group_sequential(t, alpha=0.025 * sided, sided=sided, **rule)
    except InputError:  # futility meets efficacy before the end
        return
    assert np.all(found.futility_z[:-1] < found.efficacy_z[:-1])
    assert found.futility_z[-1] == found.efficacy_z[-1]
    planned = found.probabilities(found.drift)
    assert planned.power + planned.opposite.sum() == pytest.approx(1 - beta, abs=1e-7)
    assert found.beta_spent[-1] == pytest.approx(beta, abs=1e-7)
    assert found.alpha_spent[-1] == pytest.approx(0.025 * sided, abs=1e-8)


@settings(deadline=None, max_examples=40)
@given(information(6), SPENDINGS | FAMILIES | st.just(HaybittlePeto(3.5)), st.integers(1, 6))
def test_an_update_at_the_planned_information_changes_nothing(t, efficacy, done):
    planned = group_sequential(t, efficacy=efficacy, beta=0.1, futility=Spending("kim-demets", 3.0))
    if np.any(np.diff(t) / t[1:] < 2e-3):
        return
    found = planned.update(t[:done])
    np.testing.assert_allclose(found.efficacy_z, planned.efficacy_z, atol=1e-8)
    np.testing.assert_allclose(found.futility_z, planned.futility_z, atol=1e-7)
    assert found.drift == planned.drift


@settings(deadline=None, max_examples=40)
@given(
    information(5),
    SPENDINGS,
    st.lists(st.floats(0.7, 1.4), min_size=5, max_size=5),
    st.booleans(),
)
def test_an_update_keeps_the_error(t, efficacy, stretch, final):
    planned = group_sequential(t, efficacy=efficacy)
    seen = np.maximum.accumulate(t * np.array(stretch[: t.size]))
    seen = seen[np.concatenate([[True], np.diff(seen) > 0.02])]
    found = planned.update(seen, final=final)
    assert found.alpha_spent[-1] == pytest.approx(0.025, abs=1e-9)
    assert found.information[: seen.size] == pytest.approx(seen)


@settings(deadline=None, max_examples=40)
@given(information(5), SPENDINGS | FAMILIES, st.floats(-1, 5), st.integers(1, 5))
def test_inference_fits_together(t, efficacy, z, look):
    bounds = group_sequential(t, efficacy=efficacy)
    look = min(look, t.size)
    found = final_inference(bounds, z, look)
    assert found.lower < found.theta < found.upper
    for theta, level in ((found.lower, 0.025), (found.theta, 0.5), (found.upper, 0.975)):
        p = stagewise_p_value(bounds, z, look, theta=theta)
        assert p == pytest.approx(level, abs=1e-9)
    # Where a last look is at its bound, the p-value is alpha.
    at_bound = stagewise_p_value(bounds, float(bounds.efficacy_z[-1]), t.size)
    assert at_bound == pytest.approx(0.025, abs=1e-9)


@settings(deadline=None, max_examples=25)
@given(information(4), SPENDINGS | FAMILIES, st.floats(1.0, 4.0))
def test_a_repeated_p_value_is_the_level_that_would_stop(t, efficacy, z):
    bounds = group_sequential(t, efficacy=efficacy)
    found = repeated_inference(bounds, [z] * t.size)
    for k, row in enumerate(found):
        assert row.lower <= row.theta <= row.upper or math.isinf(row.upper)
        if row.p is not None and row.p > 1e-12:
            again = efficacy_at_level(bounds, row.p)
            assert again[k] == pytest.approx(z, abs=1e-5)
        # The interval leaves 0 out just where the look stops.
        assert (row.lower >= 0) == (z >= bounds.efficacy_z[k])


def test_a_users_spending_is_interpolated_and_rescaled():
    bounds = group_sequential((0.5, 1.0), efficacy=UserSpending((0.01, 0.025)))
    found = bounds.update((0.75,))
    assert found.alpha_spent[0] == pytest.approx(0.0175, abs=1e-10)
    row = repeated_inference(bounds, (2.0,))[0]
    assert row.p * 0.4 == pytest.approx(0.02275013, abs=1e-8)
