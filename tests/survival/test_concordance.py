"""Concordance by hand, against a slow twin, at the edges, and on wrong input."""

import json
import math

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from debulk import InputError
from debulk.survival.concordant_pairs import concordance, concordance_of

EXACT = 1e-12
ROUNDING = 1e-9  # sums in another order
LOOSE = settings(deadline=None, max_examples=80)


def slow(time, event, risk, *, entry=None, weights=None, strata=None, tau=None, method="harrell"):
    """Every pair in turn: counts, each subject's net and comparable pairs."""
    n = time.size
    entry = np.full(n, -np.inf) if entry is None else entry
    weights = np.ones(n) if weights is None else weights
    strata = np.zeros(n) if strata is None else strata
    counts, net, pairs = np.zeros(5), np.zeros(n), np.zeros(n)
    for i in range(n):
        if not event[i] or (tau is not None and time[i] > tau):
            continue
        u = 1.0
        if method == "uno":
            u = uncensored(time, event, weights, strata == strata[i], time[i]) ** -2
        for j in range(n):
            if j == i or strata[j] != strata[i] or entry[j] >= time[i]:
                continue
            load = u * weights[i] * weights[j]
            if time[j] == time[i] and event[j]:
                counts[4 if risk[i] == risk[j] else 3] += load / 2
            elif time[j] >= time[i]:
                sign = np.sign(risk[i] - risk[j])
                counts[{1: 0, -1: 1, 0: 2}[int(sign)]] += load
                net[[i, j]] += u * sign * weights[[j, i]]
                pairs[[i, j]] += u * weights[[j, i]]
    return counts, net, pairs


def uncensored(time, event, weights, here, before):
    """Kaplan-Meier of censoring before a time; deaths at a time leave first."""
    survival = 1.0
    for now in np.unique(time[here & ~event]):
        if now < before:
            lost = weights[here & ~event & (time == now)].sum()
            left = weights[here & ((time > now) | ((time == now) & ~event))].sum()
            survival *= 1 - lost / left
    return survival


@st.composite
def samples(draw):
    n = draw(st.integers(1, 30))
    time = draw(hnp.arrays(float, n, elements=st.integers(0, 12).map(float)))
    event = draw(hnp.arrays(bool, n))
    risk = draw(hnp.arrays(float, n, elements=st.integers(-3, 3).map(float)))
    options = {}
    if draw(st.booleans()):
        options["weights"] = draw(hnp.arrays(float, n, elements=st.sampled_from([0.5, 1.0, 3.0])))
    if draw(st.booleans()):
        options["strata"] = draw(hnp.arrays(np.int64, n, elements=st.integers(0, 2)))
    if draw(st.booleans()):
        options["tau"] = float(draw(st.integers(1, 12)))
    kind = draw(st.sampled_from(["harrell", "uno", "entry"]))
    if kind == "entry":
        options["entry"] = time - draw(hnp.arrays(float, n, elements=st.integers(1, 6).map(float)))
    else:
        options["method"] = kind
    return time, event, risk, options


@LOOSE
@given(samples())
def test_property_as_the_slow_twin(sample):
    time, event, risk, options = sample
    counts, net, pairs = slow(time, event, risk, **options)
    found = concordance(time, event, risk, **options)
    mine = [found.concordant, found.discordant, found.tied_risk, found.tied_time, found.tied_both]
    np.testing.assert_allclose(mine, counts, rtol=ROUNDING, atol=ROUNDING)
    total = counts[:3].sum()
    if total == 0:
        assert math.isnan(found.estimate)
        assert math.isnan(found.se)
        assert "no comparable pair" in found.note
        return
    difference = (counts[0] - counts[1]) / total
    assert found.estimate == pytest.approx(0.5 + 0.5 * difference, rel=ROUNDING, abs=ROUNDING)
    influence = options.get("weights", 1.0) * (net - difference * pairs) / (2 * total)
    assert found.se == pytest.approx(np.sqrt(influence @ influence), rel=1e-6, abs=1e-8)


@LOOSE
@given(samples())
def test_property_turning_the_risk_mirrors_the_concordance(sample):
    time, event, risk, options = sample
    one, two = concordance(time, event, risk, **options), concordance(time, event, -risk, **options)
    if math.isnan(one.estimate):
        assert math.isnan(two.estimate)
    else:
        assert two.estimate == pytest.approx(1 - one.estimate, rel=ROUNDING, abs=ROUNDING)
        assert two.se == pytest.approx(one.se, rel=1e-6, abs=1e-8)


@LOOSE
@given(samples())
def test_property_only_the_order_of_the_risks_counts(sample):
    time, event, risk, options = sample
    one, two = (concordance(time, event, each, **options) for each in (risk, np.exp(risk / 7)))
    np.testing.assert_array_equal([one.concordant, one.se], [two.concordant, two.se])


def test_handworked():
    # Events at 1, 2, 2; censored at 2 and 3. Comparable: 1 with four, each 2 with two.
    found = concordance([1, 2, 2, 2, 3], [1, 1, 1, 0, 0], [5, 4, 1, 1, 2])
    assert (found.concordant, found.discordant, found.tied_risk) == (6, 1, 1)
    assert (found.tied_time, found.tied_both) == (1, 0)
    assert found.estimate == pytest.approx(6.5 / 8, rel=EXACT)
    # Each subject's pairs, concordant less discordant, and all:
    net, pairs = np.array([4, 3, 0, 2, 1]), np.array([4, 3, 3, 3, 3])
    influence = (net - 5 / 8 * pairs) / (2 * 8)
    assert found.se == pytest.approx(np.sqrt(np.sum(influence**2)), rel=EXACT)
    assert "6 concordant, 1 discordant, 1 tied in risk" in found.note


def test_uno_by_hand():
    # Censored at 2 of three left: G(3-) = 2/3, so that the pair of the event at 3 counts 9/4.
    found = concordance([1, 2, 3, 4], [1, 0, 1, 1], [9, 1, 2, 3], method="uno")
    assert found.concordant == pytest.approx(3, rel=EXACT)
    assert found.discordant == pytest.approx(9 / 4, rel=EXACT)
    assert found.estimate == pytest.approx(3 / (3 + 9 / 4), rel=EXACT)
    without = concordance([1, 2, 3, 4], [1, 1, 1, 1], [9, 1, 2, 3], method="uno")
    harrell = concordance([1, 2, 3, 4], [1, 1, 1, 1], [9, 1, 2, 3])
    assert without.estimate == harrell.estimate
    assert without.se == harrell.se


def test_an_event_at_tau_counts_and_one_after_does_not():
    arrays = ([1, 2, 3, 4], [1, 1, 1, 0], [4, 1, 3, 2])
    assert concordance(*arrays, tau=2).concordant == 3
    assert concordance(*arrays, tau=2).discordant == 2
    assert concordance(*arrays, tau=1.5).discordant == 0
    assert "events up to 2" in concordance(*arrays, tau=2).estimand


def test_a_weight_of_two_counts_as_two_subjects():
    time, event, risk = np.array([1.0, 2, 3]), np.array([1, 1, 0]), np.array([3.0, 1, 2])
    once = concordance(time, event, risk, weights=[1, 1, 2])
    twice = concordance([1, 2, 3, 3], [1, 1, 0, 0], [3, 1, 2, 2])
    assert once.estimate == twice.estimate
    assert once.concordant == twice.concordant


def test_clusters_of_one_change_nothing():
    random = np.random.default_rng(1)
    arrays = (random.exponential(1, 50), random.random(50) < 0.6, random.normal(size=50))
    alone = concordance(*arrays)
    ones = concordance(*arrays, cluster=[f"c{i}" for i in range(50)])
    assert ones.se == pytest.approx(alone.se, rel=EXACT)
    # All in one cluster: influences sum to 0.
    assert concordance(*arrays, cluster=[0] * 50).se == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("time", "event"),
    [([3], [1]), ([3, 4], [0, 0]), ([0, 0, 0], [1, 1, 1]), ([1, 2], [0, 1])],
)
def test_no_comparable_pair(time, event):
    for method in ("harrell", "uno"):
        found = concordance(time, event, [0.5] * len(time), method=method)
        assert math.isnan(found.estimate)
        assert math.isnan(found.lower)
        assert found.n == len(time)
        answer = json.loads(json.dumps(found.to_dict(), allow_nan=False))
        assert answer["estimate"] is None
        assert "no comparable pair" in answer["note"]


def test_at_time_0_events_come_before_censorings():
    found = concordance([0, 0], [1, 0], [2, 1])
    assert found.estimate == 1
    assert found.se == 0
    assert (found.lower, found.upper) == (1, 1)


def test_a_constant_risk_tells_nothing():
    found = concordance([1, 2, 3], [1, 1, 1], [7, 7, 7])
    assert found.estimate == 0.5
    assert found.se == 0
    assert found.tied_risk == 3


def test_interval():
    random = np.random.default_rng(2)
    arrays = (random.exponential(1, 80), random.random(80) < 0.6, random.normal(size=80))
    found = concordance(*arrays, conf_level=0.9)
    assert found.upper - found.estimate == pytest.approx(1.6448536269514722 * found.se, rel=1e-9)
    assert found.conf_level == 0.9


def test_arrays_already_checked_give_the_same():
    time, event = np.array([1.0, 2, 3]), np.array([True, True, False])
    risk = np.array([3.0, 1, 2])
    assert concordance_of(time, event, risk) == concordance(time, event, risk)
    empty = concordance_of(time[:0], event[:0], risk[:0])
    assert math.isnan(empty.estimate)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "gonen"}, "'gonen' is not known"),
        ({"method": "uno", "entry": [0, 0]}, "entry: is given with method 'uno'"),
        ({"tau": 0}, "tau: 0 is not a time above 0"),
        ({"tau": math.nan}, "tau: nan is not a finite number"),
        ({"conf_level": 95}, "95 is not between"),
        ({"entry": [0, 2]}, "entry, row 2: 2 is not below"),
        ({"weights": [1, -1]}, "weights, row 2: -1 is negative"),
        ({"weights": [1, 0]}, "weights, row 2: 0 is not above 0"),
        ({"strata": ["a", None]}, "strata, row 2: the value is missing"),
        ({"cluster": [1]}, "cluster: has 1 values, time has 2"),
    ],
)
def test_options(options, message):
    with pytest.raises(InputError, match=message):
        concordance([1, 2], [1, 0], [1, 2], **options)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (([], [], []), "there are no rows"),
        (([1, 2], [1, 0], [1]), "risk: has 1 values, time has 2"),
        (([1, 2], [1, 0], [1, math.nan]), "risk, row 2: the value is missing"),
        (([1, 2], [1, 0], [1, math.inf]), "risk, row 2: the value is inf"),
        (([1, math.inf], [1, 0], [1, 2]), "time, row 2: the value is inf"),
    ],
)
def test_arrays(arrays, message):
    with pytest.raises(InputError, match=message):
        concordance(*arrays)


def test_many_rows_and_levels():
    # Beyond one block of the tree: against the sum over a matrix of all pairs.
    random = np.random.default_rng(4)
    n = 1500
    time, event = random.exponential(1, n).round(2), random.random(n) < 0.5
    risk = random.normal(size=n).round(1)
    later = (time[None, :] > time[:, None]) | (
        (time[None, :] == time[:, None]) & ~event[None, :] & event[:, None]
    )
    later &= event[:, None]
    sign = np.sign(risk[:, None] - risk[None, :])
    found = concordance(time, event, risk)
    assert found.concordant == (later & (sign > 0)).sum()
    assert found.discordant == (later & (sign < 0)).sum()
    assert found.tied_risk == (later & (sign == 0)).sum()
