"""What must hold whatever the numbers: arms swapped, studies reordered, there and back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from debulk.core import InputError
from debulk.evidence.effects.binomial_normal import pool_binomial_normal
from debulk.evidence.effects.hazard_ratio_routes import (
    TrialEvents,
    from_crude_events,
    from_landmark,
    from_observed_expected,
    from_p_and_events,
    from_p_value,
)
from debulk.evidence.effects.hazard_ratios import PrintedHazardRatio, hazard_ratio_effect
from debulk.evidence.effects.limits import from_limits
from debulk.evidence.effects.mantel_haenszel import pool_tables
from debulk.evidence.effects.proportions import back_transform, proportion_effects
from debulk.evidence.effects.two_by_two import two_by_two_effects, two_by_two_tables

ROUNDED = 1e-9  # logarithms and quantiles there and back
FITTED = 1e-6  # two searches that start at mirrored places

ratios = st.floats(0.05, 20.0)
errors = st.floats(0.02, 2.0)
levels = st.floats(0.5, 0.999)


def counts(most: int = 40) -> st.SearchStrategy[tuple[int, int]]:
    return st.integers(1, most).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


studies = st.lists(st.tuples(counts(), counts()), min_size=2, max_size=6)


def tables_of(rows, *, swapped: bool = False):
    arms = [(two, one) for one, two in rows] if swapped else rows
    columns = [[each[i][j] for each in arms] for i in (0, 1) for j in (0, 1)]
    return two_by_two_tables(*columns)


@given(ratio=ratios, se=errors, level=levels)
def test_ratio_to_interval_and_back(ratio: float, se: float, level: float) -> None:
    reach = float(norm.ppf((1 + level) / 2)) * se
    ends = [math.exp(math.log(ratio) + sign * reach) for sign in (-1, 1)]
    found = from_limits(ratio, *ends, conf_level=level)
    assert found.estimate == pytest.approx(math.log(ratio), abs=ROUNDED)
    assert found.se == pytest.approx(se, rel=ROUNDED)
    assert not any("askew" in each for each in found.remarks)
    inverted = from_limits(1 / ratio, 1 / ends[1], 1 / ends[0], conf_level=level)
    assert inverted.estimate == pytest.approx(-found.estimate, abs=ROUNDED)
    assert inverted.se == pytest.approx(found.se, rel=ROUNDED)


@given(ratio=ratios, se=errors)
def test_ratio_to_p_value_and_back(ratio: float, se: float) -> None:
    z = abs(math.log(ratio)) / se
    assume(0.01 < z < 30)
    assert from_p_value(ratio, 2 * float(norm.sf(z))).se == pytest.approx(se, rel=1e-7)
    one_sided = float(norm.sf(-math.log(ratio) / se))
    assume(one_sided < 0.999)
    assert from_p_value(ratio, one_sided, one_sided=True).se == pytest.approx(se, rel=1e-6)


@given(p=st.floats(1e-10, 1.0), events=st.integers(2, 5000), share=st.floats(0.1, 0.9))
def test_the_other_arm_turns_the_sign(p: float, events: int, share: float) -> None:
    n_1 = math.ceil(10000 * share)
    arms = TrialEvents(events=events, n_1=n_1, n_2=10000 - n_1)
    swapped = TrialEvents(events=events, n_1=10000 - n_1, n_2=n_1)
    one = from_p_and_events(p, arms, "experimental")
    two = from_p_and_events(p, swapped, "control")
    assert one.estimate == pytest.approx(-two.estimate, abs=ROUNDED)
    assert one.se == pytest.approx(two.se)
    assert one.estimate <= 0


@given(one=st.floats(0.02, 0.98), two=st.floats(0.02, 0.98), n=st.integers(5, 500))
def test_landmarks_of_swapped_arms_turn_the_sign(one: float, two: float, n: int) -> None:
    found, other = from_landmark(one, n, two, 2 * n), from_landmark(two, 2 * n, one, n)
    assert found.estimate == pytest.approx(-other.estimate, abs=ROUNDED)
    assert found.se == pytest.approx(other.se)


@given(st.tuples(*[st.integers(1, 200)] * 2), st.floats(0.2, 0.8))
def test_observed_over_expected_turns_the_sign(observed: tuple[int, int], share: float) -> None:
    total = sum(observed)
    expected = (total * share, total * (1 - share))
    found = from_observed_expected(observed[0], expected[0], observed[1], expected[1])
    other = from_observed_expected(observed[1], expected[1], observed[0], expected[0])
    assert found.estimate == pytest.approx(-other.estimate, abs=ROUNDED)


@given(rows=studies, method=st.sampled_from(["mantel-haenszel", "peto"]))
def test_tables_of_swapped_arms_turn_the_sign(rows, method: str) -> None:
    for measure in ("odds ratio", "risk ratio", "risk difference"):
        if method == "peto" and measure != "odds ratio":
            continue
        try:
            found = pool_tables(tables_of(rows), measure, method=method)
        except InputError:
            with pytest.raises(InputError):
                pool_tables(tables_of(rows, swapped=True), measure, method=method)
            continue
        other = pool_tables(tables_of(rows, swapped=True), measure, method=method)
        assert found.estimate == pytest.approx(-other.estimate, abs=ROUNDED)
        assert found.se == pytest.approx(other.se, rel=1e-7)
        assert sum(each.weight for each in found.studies) == pytest.approx(1.0)
        single = two_by_two_effects(tables_of(rows), measure)
        mirrored = two_by_two_effects(tables_of(rows, swapped=True), measure)
        np.testing.assert_allclose(single.estimates, -mirrored.estimates, atol=ROUNDED)


@given(rows=studies, seed=st.randoms(use_true_random=False))
def test_the_order_of_studies_does_not_matter(rows, seed) -> None:
    mixed = list(rows)
    seed.shuffle(mixed)
    try:
        found = pool_tables(tables_of(rows))
    except InputError:
        return
    other = pool_tables(tables_of(mixed))
    for name in ("estimate", "se", "q"):
        assert getattr(found, name) == pytest.approx(getattr(other, name), rel=1e-8, abs=1e-8)


@settings(max_examples=40)
@given(rows=st.lists(counts(), min_size=2, max_size=8))
def test_counting_the_others_mirrors_the_binomial_normal_model(rows) -> None:
    events, patients = zip(*rows, strict=True)
    assume(any(0 < x < n for x, n in rows))
    found = pool_binomial_normal(events, patients)
    rest = [n - x for x, n in rows]
    other = pool_binomial_normal(rest, patients)
    assert found.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-7)
    assert found.estimate == pytest.approx(-other.estimate, abs=1e-3)
    assert found.lower <= found.estimate <= found.upper
    assert sum(each.weight for each in found.studies) == pytest.approx(1.0)
    assert all(each.weight >= -1e-9 for each in found.studies)
    assert 0.0 <= found.i2 <= 1.0


@given(rows=st.lists(counts(400), min_size=1, max_size=8))
def test_proportions_come_back(rows) -> None:
    events, patients = zip(*rows, strict=True)
    for scale in ("arcsine", "double arcsine"):
        found = proportion_effects(events, patients, scale=scale)
        for x, n, y in zip(events, patients, found.estimates, strict=True):
            share = float(back_transform(y, scale, patients=[n]))
            assert share == pytest.approx(x / n, abs=1e-6)


def maybe(values: st.SearchStrategy[float]) -> st.SearchStrategy[float | None]:
    return st.one_of(st.none(), values)


NUMBERS = maybe(
    st.one_of(st.floats(-2, 300), st.integers(-1, 300), st.sampled_from([math.nan, 0.0, 1e-320]))
)
FIELDS = [
    name
    for name in PrintedHazardRatio.__dataclass_fields__
    if name not in ("conf_level", "one_sided", "favours")
]


@settings(max_examples=300)
@given(
    printed=st.fixed_dictionaries({name: NUMBERS for name in FIELDS}),
    keep=st.sets(st.sampled_from(FIELDS), max_size=6),
    favours=st.sampled_from([None, "experimental", "control"]),
    one_sided=st.booleans(),
)
def test_anything_printed_gives_an_effect_or_one_clear_message(
    printed, keep, favours, one_sided: bool
) -> None:
    chosen = {name: value for name, value in printed.items() if name in keep}
    try:
        found = hazard_ratio_effect(
            PrintedHazardRatio(**chosen, favours=favours, one_sided=one_sided)
        )
    except InputError:
        return
    assert math.isfinite(found.estimate)
    assert 0.0 < found.se < math.inf
    assert found.route


@given(one=counts(), two=counts())
def test_crude_events_need_events_and_survivors_in_both_arms(one, two) -> None:
    plain = all(0 < x < n for x, n in (one, two))
    if plain:
        assert from_crude_events(*one, *two).se > 0
    else:
        with pytest.raises(InputError):
            from_crude_events(*one, *two)
