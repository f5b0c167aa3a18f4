"""What must hold for any curve, and slow twins of what the kernels count."""

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from debulk.survival.curves import kaplan_meier, nelson_aalen
from debulk.survival.risk_table import risk_table
from debulk.survival.subjects import read_subjects

ROUNDING = 1e-9  # sums in another order
LOOSE = settings(deadline=None, max_examples=60)  # a time limit would fail on a busy machine

TIMES = st.one_of(
    st.integers(0, 12).map(float),
    st.floats(0, 1e300, allow_subnormal=True),
    st.just(-0.0),
)


@st.composite
def samples(draw, *, entry=False, weights=False):
    n = draw(st.integers(1, 30))
    time = draw(hnp.arrays(float, n, elements=TIMES))
    event = draw(hnp.arrays(bool, n))
    named = {}
    if entry:
        time = np.where(time <= 0, 1.0, time)
        share = draw(hnp.arrays(float, n, elements=st.sampled_from([0.0, 0.25, 0.5])))
        named["entry"] = np.floor(time * share)
    if weights:
        named["weights"] = draw(
            hnp.arrays(float, n, elements=st.sampled_from([0.0, 0.5, 1.0, 3.0]))
        )
        named["weights"][0] = 1.0
    return time, event, named


def slow_counts(time, event, entry=None, weights=None):
    """At risk and events at each distinct time, by their definition."""
    load = np.ones(time.size) if weights is None else weights
    start = np.full(time.size, -np.inf) if entry is None else entry
    counted = load > 0
    times = np.unique(np.abs(time[counted]))
    at_risk = [load[(start < t) & (t <= time)].sum() for t in times]
    events = [load[(time == t) & event].sum() for t in times]
    return times, at_risk, events


@LOOSE
@given(
    st.one_of(
        samples(), samples(entry=True), samples(weights=True), samples(entry=True, weights=True)
    )
)
def test_counts_are_those_of_their_definition(sample):
    time, event, named = sample
    curve = kaplan_meier(time, event, **named)
    times, at_risk, events = slow_counts(time, event, **named)
    np.testing.assert_array_equal(curve.time, times)
    np.testing.assert_allclose(curve.at_risk, at_risk, rtol=ROUNDING)
    np.testing.assert_allclose(curve.events, events, rtol=ROUNDING)
    counted = named.get("weights", np.ones(time.size)) > 0
    assert (curve.n, curve.n_events) == (counted.sum(), (event & counted).sum())


@LOOSE
@given(samples(entry=True, weights=True), st.integers(1, 3), st.booleans())
def test_a_risk_table_counts_by_group(sample, count, events_only):
    time, event, named = sample
    subjects = read_subjects(time, event, zero_weights=True, **named)
    codes = np.arange(time.size) % count
    table = risk_table(subjects, codes, count, events_only=events_only)
    kept = np.unique(time[event]) if events_only else np.unique(time)
    np.testing.assert_array_equal(table.times, kept)
    for g in range(count):
        here = (codes == g) * named["weights"]
        there = [here[(named["entry"] < t) & (t <= time)].sum() for t in kept]
        had = [here[(time == t) & event].sum() for t in kept]
        np.testing.assert_allclose(table.at_risk[:, g], there, rtol=ROUNDING, atol=ROUNDING)
        np.testing.assert_allclose(table.events[:, g], had, rtol=ROUNDING, atol=ROUNDING)


@LOOSE
@given(
    st.one_of(samples(), samples(entry=True), samples(weights=True)),
    st.sampled_from(["plain", "log", "log-log", "logit", "arcsin"]),
)
def test_survival_falls_and_its_limits_hold_it(sample, conf_type):
    time, event, named = sample
    curve = kaplan_meier(time, event, **named, conf_type=conf_type)
    assert np.all((curve.survival >= 0) & (curve.survival <= 1))
    assert np.all(np.diff(curve.survival) <= 0)
    known = ~np.isnan(curve.lower)
    assert np.all(curve.lower[known] <= curve.survival[known] + ROUNDING)
    assert np.all(curve.upper[known] >= curve.survival[known] - ROUNDING)
    assert np.all((curve.lower[known] >= 0) & (curve.upper[known] <= 1 + ROUNDING))


@LOOSE
@given(st.one_of(samples(), samples(entry=True)), st.sampled_from([0.25, 2.0, 7.0]))
def test_equal_weights_scale_the_numbers_at_risk_alone(sample, weight):
    time, event, named = sample
    plain = kaplan_meier(time, event, **named, robust=True)
    equal = np.full(time.size, weight)
    loaded = kaplan_meier(time, event, **named, weights=equal, robust=True)
    np.testing.assert_allclose(loaded.at_risk, weight * plain.at_risk, rtol=ROUNDING)
    np.testing.assert_allclose(loaded.survival, plain.survival, rtol=ROUNDING, atol=ROUNDING)
    np.testing.assert_allclose(loaded.std_error, plain.std_error, rtol=ROUNDING, atol=ROUNDING)


@LOOSE
@given(samples())
def test_entry_at_0_is_no_entry_for_times_above_0(sample):
    time, event, _ = sample
    time = np.where(time <= 0, 1.0, time)
    plain = kaplan_meier(time, event)
    entered = kaplan_meier(time, event, entry=np.zeros(time.size))
    for name in ("time", "at_risk", "events", "survival", "std_error", "lower"):
        np.testing.assert_array_equal(getattr(entered, name), getattr(plain, name))


@LOOSE
@given(samples(weights=True))
def test_whole_weights_are_repeated_rows_under_the_model_variance(sample):
    time, event, named = sample
    times = (2 * named["weights"]).astype(int)
    loaded = kaplan_meier(time, event, weights=times, robust=False)
    repeated = kaplan_meier(np.repeat(time, times), np.repeat(event, times))
    for name in ("time", "at_risk", "events", "survival", "std_error"):
        np.testing.assert_allclose(getattr(loaded, name), getattr(repeated, name), rtol=ROUNDING)


def slow_jackknife(time, event, entry, weights, cluster):
    """Variance of survival: derivatives by the weights, one row after another."""

    def curve(load):
        survival, found = 1.0, []
        for t in np.unique(time):
            there = load[(entry < t) & (t <= time)].sum()
            had = load[(time == t) & event].sum()
            survival *= 1.0 - had / there
            found.append(survival)
        return np.array(found)

    step = 1e-6
    influence = np.zeros((cluster.max() + 1, np.unique(time).size))
    for row in range(time.size):
        change = np.zeros(time.size)
        change[row] = step
        slope = (curve(weights + change) - curve(weights - change)) / (2 * step)
        influence[cluster[row]] += weights[row] * slope
    return (influence**2).sum(axis=0)


@pytest.mark.parametrize("seed", range(4))
def test_the_variance_of_clusters_is_that_of_its_definition(seed):
    rng = np.random.default_rng(seed)
    n = 40
    time = rng.integers(1, 15, n).astype(float)
    entry = np.floor(time * rng.choice([0.0, 0.0, 0.5], n)) - 1e-3
    event, weights = rng.random(n) < 0.5, rng.uniform(0.2, 3, n)
    cluster = rng.integers(0, 12, n)
    found = kaplan_meier(time, event, entry=entry, weights=weights, cluster=cluster)
    expected = slow_jackknife(time, event, entry, weights, cluster)
    some = found.survival > 0
    # The twin differentiates by differences of 1e-6.
    np.testing.assert_allclose(found.std_error[some] ** 2, expected[some], rtol=1e-6, atol=1e-12)


@LOOSE
@given(samples(entry=True, weights=True))
def test_rows_that_are_their_own_cluster_change_nothing(sample):
    time, event, named = sample
    alone = kaplan_meier(time, event, **named, robust=True)
    labelled = kaplan_meier(time, event, **named, cluster=np.arange(time.size))
    np.testing.assert_allclose(labelled.std_error, alone.std_error, rtol=ROUNDING, atol=ROUNDING)


@LOOSE
@given(st.one_of(samples(), samples(entry=True), samples(entry=True, weights=True)), st.data())
def test_conditional_survival_is_the_curve_of_those_still_there(sample, data):
    time, event, named = sample
    # Said outright: the weights of those still there may all be whole numbers.
    robust = "weights" in named
    whole = kaplan_meier(time, event, **named, robust=robust)
    moment = data.draw(st.sampled_from(whole.time.tolist()))
    later = whole.conditional(moment)
    there = time >= moment
    rest = {k: v[there] for k, v in named.items()}
    kept = kaplan_meier(time[there], event[there], **rest, robust=robust)
    for name in ("time", "at_risk", "events", "survival", "std_error", "lower", "upper"):
        np.testing.assert_allclose(
            getattr(later, name), getattr(kept, name), rtol=ROUNDING, atol=ROUNDING
        )
    assert (later.n, later.n_events, later.start) == (kept.n, kept.n_events, moment)


@LOOSE
@given(st.one_of(samples(), samples(entry=True), samples(weights=True)))
def test_hazards_rise_and_imply_no_less_survival(sample):
    time, event, named = sample
    curve = nelson_aalen(time, event, **named)
    assert np.all(np.diff(curve.cumulative_hazard) >= 0)
    known = ~np.isnan(curve.lower)
    assert np.all(curve.lower[known] <= curve.cumulative_hazard[known] + ROUNDING)
    assert np.all(curve.upper[known] >= curve.cumulative_hazard[known] - ROUNDING)
    product = kaplan_meier(time, event, **named)
    assert np.all(curve.survival().survival >= product.survival - ROUNDING)
    np.testing.assert_array_equal(product.cumulative_hazard, curve.cumulative_hazard)


@LOOSE
@given(st.one_of(samples(), samples(entry=True, weights=True)), st.data())
def test_numbers_under_a_figure_are_those_of_their_definition(sample, data):
    time, event, named = sample
    curve = kaplan_meier(time, event, **named)
    wanted = np.array(data.draw(st.lists(st.floats(0, 15), min_size=1, max_size=5)))
    load = named.get("weights", np.ones(time.size))
    entry = named.get("entry", np.full(time.size, -np.inf))
    expected = [load[(entry < max(t, 1e-300)) & (t <= time)].sum() for t in wanted]
    np.testing.assert_allclose(curve.at_risk_at(wanted), expected, rtol=ROUNDING, atol=ROUNDING)
