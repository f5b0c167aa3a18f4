"""What must hold for checks of pooled effects whatever the studies are."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debulk.evidence.pooling.bias import BiasEstimate
from debulk.evidence.pooling.bias_adjusted import pool_bias_adjusted
from debulk.evidence.pooling.cumulative import cumulative_pool
from debulk.evidence.pooling.filling import trim_and_fill
from debulk.evidence.pooling.influence import study_influence
from debulk.evidence.pooling.leaving_out import leave_one_out
from debulk.evidence.pooling.small_study import egger_test, rank_correlation_test
from debulk.evidence.pooling.subgroups import subgroup_pool

ROUNDING = 1e-9
"""Closed forms in another order of summation; studies below differ by at most 1e4 in weight."""
ITERATED = 1e-6
"""Where a variance between studies is found by iteration from other numbers."""

Study = tuple[float, float]
# Rounded, so that no two studies differ by a rounding error alone.
STUDY = st.tuples(
    st.floats(-3, 3).map(lambda x: round(x, 4)), st.floats(0.05, 5).map(lambda x: round(x, 4))
)


def _studies(least: int, most: int = 12) -> st.SearchStrategy[list[Study]]:
    return st.lists(STUDY, min_size=least, max_size=most, unique_by=lambda each: each[0])


def _split(studies: list[Study]) -> tuple[np.ndarray, np.ndarray]:
    effects, errors = zip(*studies, strict=True)
    return np.array(effects), np.array(errors)


@given(_studies(2))
def test_last_cumulative_row_is_all_and_last_left_out_is_the_row_before(
    studies: list[Study],
) -> None:
    effects, errors = _split(studies)
    years = list(range(len(studies)))
    gathered = cumulative_pool(effects, errors, years, method="dl", interval="wald")
    left = leave_one_out(effects, errors, method="dl", interval="wald")
    assert gathered.rows[-1].estimate == left.overall.estimate
    assert gathered.rows[-2].estimate == left.rows[-1].estimate
    assert [each.k for each in gathered.rows] == [each + 1 for each in years]
    assert all(each.k == len(studies) - 1 for each in left.rows)
    for result in (gathered, left):
        json.dumps(result.to_dict(), allow_nan=False)


@given(_studies(3), st.floats(-2, 2))
def test_checks_do_not_depend_on_where_no_effect_lies(studies: list[Study], by: float) -> None:
    effects, errors = _split(studies)
    here = study_influence(effects, errors, method="dl")
    there = study_influence(effects + by, errors, method="dl")
    for one, other in zip(here.rows, there.rows, strict=True):
        assert other.rstudent == pytest.approx(one.rstudent, rel=ITERATED, abs=ITERATED)
        assert other.hat == pytest.approx(one.hat, rel=ITERATED)
    assert sum(each.hat for each in here.rows) == pytest.approx(1.0, rel=ROUNDING)


@given(_studies(3), st.sampled_from(["L0", "R0"]))
def test_mirrored_studies_fill_the_other_side(studies: list[Study], estimator: str) -> None:
    effects, errors = _split(studies)
    right = trim_and_fill(effects, errors, estimator=estimator, side="right", method="dl")
    left = trim_and_fill(-effects, errors, estimator=estimator, side="left", method="dl")
    assert right.missing == left.missing
    assert right.adjusted.estimate == pytest.approx(-left.adjusted.estimate, abs=ROUNDING)
    assert len(right.filled) == right.missing < len(studies)
    # Filled on the right, the effect moves to the right.
    assert all(each.estimate >= right.centre for each in right.filled)
    json.dumps(right.to_dict(), allow_nan=False)


@given(_studies(4))
def test_size_of_the_unit_of_patients_is_no_matter(studies: list[Study]) -> None:
    effects, errors = _split(studies)
    patients = np.arange(10.0, 10.0 + len(studies))
    one = egger_test(effects, errors, predictor="patients", patients=patients)
    other = egger_test(effects, errors, predictor="patients", patients=patients * 1000.0)
    assert other.statistic == pytest.approx(one.statistic, rel=ROUNDING)
    assert other.slope * 1000.0 == pytest.approx(one.slope, rel=ROUNDING)
    assert one.limit_estimate is None


@given(_studies(4))
def test_mirrored_funnel_turns_the_tests_round(studies: list[Study]) -> None:
    effects, errors = _split(studies)
    if np.ptp(errors) < 1e-3:
        return
    one, other = egger_test(effects, errors), egger_test(-effects, errors)
    assert other.statistic == pytest.approx(-one.statistic, rel=ROUNDING)
    assert other.p == pytest.approx(one.p, rel=ROUNDING)
    assert rank_correlation_test(-effects, errors).tau == pytest.approx(
        -rank_correlation_test(effects, errors).tau, abs=ROUNDING
    )


@given(_studies(4), st.data())
def test_levels_named_otherwise_or_listed_otherwise_say_the_same(
    studies: list[Study], data: st.DataObject
) -> None:
    effects, errors = _split(studies)
    order = np.array(data.draw(st.permutations(range(len(studies)))))
    levels = np.array(["liver", "lung"] * len(studies))[: len(studies)]
    for heterogeneity in ("separate", "common"):
        one = subgroup_pool(effects, errors, levels, heterogeneity=heterogeneity, method="dl")
        other = subgroup_pool(
            effects[order], errors[order], levels[order], heterogeneity=heterogeneity, method="dl"
        )
        assert other.statistic == pytest.approx(one.statistic, rel=ITERATED, abs=ITERATED)
        assert sum(each.row.k for each in one.levels) == len(studies)
        for each in one.levels:
            assert sum(study.weight for study in each.studies) == pytest.approx(1.0)
        json.dumps(one.to_dict(), allow_nan=False)


@given(_studies(2), st.sampled_from(["shift", "down-weight"]))
def test_no_bias_is_plain_pooling(studies: list[Study], how: str) -> None:
    effects, errors = _split(studies)
    none = BiasEstimate(0.0, 0.0, note="none")
    found = pool_bias_adjusted(effects, errors, bias=[none] * len(studies), how=how, method="dl")
    assert found.adjusted.estimate == found.unadjusted.estimate
    assert found.adjusted.lower == found.unadjusted.lower
    assert found.se_if_shared == found.adjusted.se


@given(_studies(2), st.floats(0.01, 2), st.floats(0, 1))
def test_bias_that_flatters_moves_the_effect_up(
    studies: list[Study], size: float, sd: float
) -> None:
    effects, errors = _split(studies)
    bias = [BiasEstimate(-size, sd, note="x")] * len(studies)
    found = pool_bias_adjusted(effects, errors, bias=bias, method="ee", interval="wald")
    same = pool_bias_adjusted(
        effects,
        errors,
        bias=[BiasEstimate(0.0, sd, note="x")] * len(studies),
        method="ee",
        interval="wald",
    )
    assert found.adjusted.estimate == pytest.approx(same.adjusted.estimate + size, rel=ROUNDING)
    assert found.adjusted.se >= found.unadjusted.se
    assert found.se_if_shared >= found.adjusted.se


@given(_studies(3))
def test_as_bias_grows_unbounded_the_study_goes(studies: list[Study]) -> None:
    effects, errors = _split(studies)
    rest = [None] * (len(studies) - 1)
    gone = pool_bias_adjusted(
        effects,
        errors,
        bias=[BiasEstimate(0.5, math.inf, note="x"), *rest],
        method="ee",
        interval="wald",
    )
    going = pool_bias_adjusted(
        effects,
        errors,
        bias=[BiasEstimate(0.5, 10.0, note="x"), *rest],
        method="ee",
        interval="wald",
    )
    assert gone.studies[0].adjusted_weight == 0.0
    assert going.studies[0].adjusted_weight <= min(errors[1:]) ** 2 / 100.0 + ROUNDING
