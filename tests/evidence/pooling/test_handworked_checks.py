"""Checks of pooled effects: by hand, what is remarked, and what is refused."""

from __future__ import annotations

import datetime
import json
import math
from typing import Any

import numpy as np
import pytest

from debulk.core import InputError
from debulk.evidence.pooling.cumulative import MULTIPLE_LOOKS, cumulative_pool
from debulk.evidence.pooling.filling import trim_and_fill
from debulk.evidence.pooling.influence import study_influence
from debulk.evidence.pooling.leaving_out import leave_one_out
from debulk.evidence.pooling.random_effects import pool
from debulk.evidence.pooling.small_study import (
    egger_test,
    fail_safe_number,
    rank_correlation_test,
)
from debulk.evidence.pooling.subgroups import subgroup_pool

EFFECTS = (-0.5, -0.2, 0.1, -0.9)
ERRORS = (0.2, 0.1, 0.3, 0.25)
NAMES = ("Adam", "Brandt", "Chen", "Diaz")


def test_two_studies_leave_one_alone() -> None:
    found = leave_one_out((-0.5, 0.2), (0.1, 0.2), names=("Adam", "Brandt"))
    first = found.rows[0]
    assert (first.name, first.k, first.estimate, first.se) == (
        "Adam",
        1,
        pytest.approx(0.2),
        pytest.approx(0.2),
    )
    assert first.upper == pytest.approx(0.2 + 1.959964 * 0.2)
    assert (first.tau2, first.i2, first.q) == (None, None, None)
    assert "one study alone" in " ".join(found.provenance.remarks)


def test_leave_one_out_says_what_stands_on_one_study() -> None:
    # Without the one large study, the effect lies on the other side of zero.
    found = leave_one_out((-1.0, 0.2, 0.3), (0.05, 0.2, 0.2), method="ee", interval="wald")
    assert found.changes_sign == ("1",)
    assert found.overall.upper < 0.0
    assert found.changes_significance == ("1",)


def test_cumulative_orders_and_says_so() -> None:
    found = cumulative_pool(EFFECTS, ERRORS, (2004, 2001, 2004, 1999), names=NAMES)
    assert [each.name for each in found.rows] == ["Diaz", "Brandt", "Adam", "Chen"]
    assert found.order == (1999, 2001, 2004, 2004)
    assert "Equal values of year" in " ".join(found.provenance.remarks)
    assert MULTIPLE_LOOKS in found.provenance.remarks
    down = cumulative_pool(EFFECTS, ERRORS, (2004, 2001, 2004, 1999), names=NAMES, descending=True)
    assert [each.name for each in down.rows] == ["Adam", "Chen", "Brandt", "Diaz"]
    dates = [datetime.date(2000 + each, 1, 1) for each in (3, 2, 1, 0)]
    by_date = cumulative_pool(EFFECTS, ERRORS, dates, ordered_by="accrual")
    assert by_date.order[0] == "2000-01-01"
    json.dumps(by_date.to_dict(), allow_nan=False)
    moments = np.array(["2003", "2002", "2001", "2000"], dtype="datetime64[ns]")
    assert cumulative_pool(EFFECTS, ERRORS, moments).order[0] == "2000-01-01T00:00:00.000000000"


def test_one_far_study_is_flagged_with_its_rules() -> None:
    effects = (*np.linspace(-0.1, 0.1, 9), 3.0)
    found = study_influence(effects, [0.2] * 10, method="dl", interval="wald")
    far = found.rows[-1]
    assert far.influential
    assert {"dffits", "dfbetas"} <= set(far.rules)
    assert far.tau2_deleted == 0.0
    assert not any(each.influential for each in found.rows[:-1])


def test_others_that_agree_to_the_last_digit_leave_no_measure() -> None:
    found = study_influence((0.5, 0.5, 0.5, 1.0), (0.1, 0.1, 0.1, 0.1), method="dl")
    far = found.rows[-1]
    told = found.to_dict()["rows"][-1]
    assert math.isnan(far.dffits) or abs(far.dffits) > 1e6
    json.dumps(told, allow_nan=False)


def test_subgroups_by_hand() -> None:
    # Two levels of two equal studies each, common effect: means -0.35 and 0.15, variance 0.01 / 2.
    found = subgroup_pool(
        (-0.4, -0.3, 0.1, 0.2),
        (0.1, 0.1, 0.1, 0.1),
        ("liver", "liver", "lung", "lung"),
        method="ee",
        interval="wald",
    )
    assert [each.row.estimate for each in found.levels] == pytest.approx([-0.35, 0.15])
    assert found.statistic == pytest.approx(0.5**2 / (2 * 0.005))
    assert (found.df, found.df_residual) == (1, None)


@pytest.mark.parametrize("heterogeneity", ["separate", "common"])
def test_level_of_one_study_is_kept_and_told(heterogeneity: str) -> None:
    found = subgroup_pool(
        EFFECTS,
        ERRORS,
        ("liver", "liver", "lung", "liver"),
        by="organ",
        heterogeneity=heterogeneity,
    )
    lung = found.levels[1]
    assert (lung.row.name, lung.row.k, lung.row.estimate) == ("lung", 1, pytest.approx(0.1))
    assert lung.studies[0].weight == 1.0
    told = " ".join(found.provenance.remarks)
    assert "One study alone at 'lung'" in told
    assert "Only 4 studies" in told


def test_every_test_of_few_studies_says_so() -> None:
    few = "Only 4 studies: with fewer than 10"
    for found in (
        egger_test(EFFECTS, ERRORS),
        rank_correlation_test(EFFECTS, ERRORS),
        trim_and_fill(EFFECTS, ERRORS, method="dl"),
        subgroup_pool(EFFECTS, ERRORS, (1, 1, 2, 2)),
    ):
        assert any(each.startswith(few) for each in found.provenance.remarks), type(found)
    many = egger_test(EFFECTS * 3, ERRORS * 3)
    assert not any(each.startswith("Only") for each in many.provenance.remarks)


def test_a_symmetric_funnel_misses_nothing() -> None:
    effects, errors = (-0.4, 0.4, -0.2, 0.2, 0.0), (0.4, 0.4, 0.2, 0.2, 0.1)
    for estimator in ("L0", "R0", "Q0"):
        found = trim_and_fill(effects, errors, estimator=estimator, side="left", method="ee")
        assert found.missing == 0
        assert found.adjusted is found.unadjusted
    equal = trim_and_fill((0.3,) * 4, ERRORS, side="left", method="ee", interval="wald")
    assert equal.missing == 0


def test_missing_studies_are_found_and_named() -> None:
    # Three small studies on the right, none on the left: R0 is one less than that run.
    effects = (0.9, 0.8, 0.7, 0.1, -0.1, 0.05, -0.05)
    errors = (0.5, 0.5, 0.5, 0.1, 0.1, 0.05, 0.05)
    found = trim_and_fill(effects, errors, estimator="R0", method="ee", interval="wald")
    assert (found.side, found.missing) == ("left", 2)
    assert [each.name for each in found.filled] == ["mirror of 2", "mirror of 1"]
    assert found.filled[1].estimate == pytest.approx(2.0 * found.centre - 0.9)
    assert found.missing_p == 0.125
    assert found.adjusted.estimate < found.unadjusted.estimate


def test_fail_safe_number_by_hand() -> None:
    # Four studies with z = 2: (8 / 1.645)^2 - 4 = 19.65, one more makes 20.
    found = fail_safe_number((0.2,) * 4, (0.1,) * 4)
    assert found.studies == 20
    assert "decides nothing" in found.provenance.remarks[0]
    assert fail_safe_number((0.0,), (0.1,)).studies == 0


def test_ties_make_the_rank_test_approximate() -> None:
    assert rank_correlation_test(EFFECTS, ERRORS).exact
    assert not rank_correlation_test(EFFECTS, (0.2, 0.2, 0.3, 0.25)).exact


def test_choices_and_inputs_are_in_the_provenance() -> None:
    found = trim_and_fill(EFFECTS, ERRORS, estimator="R0", method="dl")
    told = {each.name: (each.value, each.status) for each in found.provenance.parameters}
    assert told["estimator"] == ("R0", "chosen")
    assert told["side"] == (None, "default")
    assert found.provenance.inputs == pool(EFFECTS, ERRORS).provenance.inputs


CHECKS: dict[str, Any] = {
    "leave_one_out": lambda y, s: leave_one_out(y, s),
    "cumulative": lambda y, s: cumulative_pool(y, s, range(len(y))),
    "influence": lambda y, s: study_influence(y, s),
    "subgroups": lambda y, s: subgroup_pool(y, s, range(len(y))),
    "egger": lambda y, s: egger_test(y, s),
    "rank": lambda y, s: rank_correlation_test(y, s),
    "trim_and_fill": lambda y, s: trim_and_fill(y, s),
}


@pytest.mark.parametrize("check", CHECKS)
def test_hostile_one_study(check: str) -> None:
    with pytest.raises(InputError, match="1 study for"):
        CHECKS[check]([0.1], [0.1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: leave_one_out([[0.1], [0.1, 0.2]], ERRORS), "estimates"),
        (lambda: cumulative_pool(EFFECTS, ERRORS, (2001, None, 2003, 2004)), "year, study '2'"),
        (lambda: cumulative_pool(EFFECTS, ERRORS, (1, math.nan, 3, 4)), "the value is missing"),
        (lambda: cumulative_pool(EFFECTS, ERRORS, (1, " ", "a", "b")), "study '2'"),
        (lambda: cumulative_pool(EFFECTS, ERRORS, (1, "b", 3, 4)), "numbers and words"),
        (lambda: cumulative_pool(EFFECTS, ERRORS, (1, 2)), "has 2 values for 4 studies"),
        (lambda: cumulative_pool(EFFECTS, ERRORS, "year"), "0 dimensions"),
        (lambda: cumulative_pool(EFFECTS, ERRORS, EFFECTS, descending="no"), "descending"),
        (lambda: subgroup_pool(EFFECTS, ERRORS, ("a", "a", None, "b"), by="organ"), "study '3'"),
        (lambda: subgroup_pool(EFFECTS, ERRORS, ("a",) * 4, by="organ"), "all studies are 'a'"),
        (
            lambda: subgroup_pool(EFFECTS, ERRORS, "abcd", by="organ"),
            "organ: has 0 dimensions",
        ),
        (
            lambda: subgroup_pool(EFFECTS, ERRORS, tuple("abcd"), heterogeneity="common"),
            "one study in each level",
        ),
        (
            lambda: subgroup_pool(EFFECTS, ERRORS, tuple("aabb"), heterogeneity="comon"),
            "Did you mean 'common'",
        ),
        (lambda: egger_test(EFFECTS, (0.1,) * 4), "std_error is the same in all studies"),
        (lambda: egger_test((0.1,) * 4, ERRORS), "all are the same"),
        (lambda: egger_test(EFFECTS, ERRORS, predictor="patients"), "none given"),
        (
            lambda: egger_test(EFFECTS, ERRORS, predictor="patients", patients=(1, 2, 0, 4)),
            "patients, study '3'",
        ),
        (lambda: egger_test(EFFECTS, ERRORS, model="mixed"), "mixed-effects"),
        (lambda: egger_test(EFFECTS, ERRORS, predictor="size"), "Give one of std_error"),
        (lambda: rank_correlation_test(EFFECTS, (0.1,) * 4), "all are the same"),
        (lambda: fail_safe_number(EFFECTS, ERRORS, alpha=0.7), "no one-sided level"),
        (lambda: trim_and_fill(EFFECTS, (0.1,) * 4), "Give side left or right"),
        (lambda: trim_and_fill(EFFECTS, ERRORS, side="up"), "side"),
        (lambda: trim_and_fill(EFFECTS, ERRORS, estimator="L1"), "L0"),
    ],
)
def test_hostile_arguments(call: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()
