"""Is everything a user can get wrong an error that says where, what and how?"""

import json
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debulk.core.errors import InputError
from debulk.evidence.pooling.one_mean import METHODS
from debulk.evidence.pooling.prediction import predicted_effects
from debulk.evidence.pooling.random_effects import pool

Y, S = [0.1, 0.3, -0.2, 0.4], [0.1, 0.2, 0.15, 0.3]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"estimates": [], "std_errors": []}, "estimates: is empty"),
        ({"std_errors": S[:3]}, "std_errors: has 3 values, estimates has 4"),
        ({"estimates": [0.1, math.nan, 0, 0]}, "estimates, row 2: the value is missing"),
        ({"estimates": [0.1, None, 0, 0]}, "estimates, row 2: the value is missing"),
        ({"estimates": [0.1, math.inf, 0, 0]}, "estimates, row 2: the value is inf"),
        ({"estimates": ["0.1", "b", "c", "d"]}, "estimates: holds"),
        ({"estimates": [0.1, "b", 0, 0]}, "estimates"),
        ({"estimates": [[0.1, 0.2]]}, "estimates: has 2 dimensions"),
        ({"estimates": 0.1}, "estimates: has 0 dimensions"),
        ({"estimates": [1e31, 0, 0, 0]}, "estimates, row 1: 1e\\+31 is too large"),
        ({"std_errors": [0.1, 0.0, 0.1, 0.1]}, "std_errors, row 2: 0 is no standard error"),
        ({"std_errors": [0.1, -0.1, 0.1, 0.1]}, "std_errors, row 2: -0.1 is no standard"),
        ({"std_errors": [0.1, math.inf, 0.1, 0.1]}, "std_errors, row 2: the value is inf"),
        ({"std_errors": [0.1, 1e-40, 0.1, 0.1]}, "row 2: 1e-40 is beyond reckoning"),
        ({"method": "rml"}, "method: 'rml' is not known. Did you mean 'reml'"),
        ({"method": None}, "method: None is not known"),
        ({"interval": "hksj-adoc"}, "Did you mean 'hksj-adhoc'"),
        ({"prediction": "t"}, "prediction: 't' is not known"),
        ({"conf_level": 95}, "conf_level: 95 is not between 0 and 1"),
        ({"conf_level": "0.95"}, "conf_level"),
        ({"names": ["a", "b", "c"]}, "names: has 3 values"),
        ({"names": ["a", "b", "c", "a"]}, "two studies with one id: 'a' in rows 1 and 4"),
        ({"names": ["a", "b", "c", " a "]}, "two studies with one id"),
        ({"names": ["a", "b", "c", None]}, "names, row 4: a name is missing"),
        ({"names": "abcd"}, "names: 'abcd' is one text"),
        ({"estimates": [0.1], "std_errors": [0.1]}, "1 study does not show how studies differ"),
        (
            {"estimates": [0.1], "std_errors": [0.1], "method": "ee"},
            "method 'ee', interval 'hksj'",
        ),
        (
            {"estimates": Y[:2], "std_errors": S[:2], "prediction": "t(k-2)"},
            "prediction: 2 studies leave no degree of freedom",
        ),
        ({"moderators": [1, 2, 3]}, "moderators, x1: has 3 values for 4 studies"),
        ({"moderators": [[1, 2, 3, 4]]}, "moderators: 1 x 4 is not one column or more of 4"),
        ({"moderators": [[1, 2], [3], [4], [5]]}, "moderators: has rows of several lengths"),
        ({"moderators": np.zeros((4, 1, 1))}, "moderators: 4 x 1 x 1 is not one column"),
        ({"moderators": "year"}, "moderators: 'year' holds no columns"),
        ({"moderators": 3.0}, "moderators: 3.0 is not one column"),
        ({"moderators": pl.LazyFrame({"x": [1, 2, 3, 4]})}, "moderators: is a lazy frame"),
        ({"moderators": pl.DataFrame({"x": [1, 2, 3]})}, "moderators, x: has 3 values"),
        ({"moderators": {"x": [1, 2, 3]}}, "moderators, x: has 3 values for 4 studies"),
        ({"moderators": {"x": [1, 2, 3, math.nan]}}, "moderators, x, row 4"),
        ({"moderators": {"x": ["a", "b", None, "a"]}}, "moderators, x, row 3: a value is missing"),
        ({"moderators": {"x": ["a"] * 4}}, "moderators, x: holds one word only, 'a'"),
        ({"moderators": {"x": [3.0] * 4}}, "'x' repeats what intercept"),
        (
            {"moderators": {"x": [1, 2, 3, 5], "z": [3, 5, 7, 11]}},
            "'z' repeats what intercept, x say together",
        ),
        (
            {"moderators": {"x": [1, 2, 3, 5], "w": [1, 4, 2, 1], "z": [0, 1, 5, 2]}},
            "4 studies cannot tell 4 coefficients apart",
        ),
        ({"moderators": {"intercept": [1, 2, 3, 5]}}, "cannot be the name of a moderator"),
        ({"moderators": {7: [1, 2, 3, 5]}}, "7 cannot be the name"),
    ],
)
def test_a_mistake_is_named(arguments, told):
    with pytest.raises(InputError, match=told):
        pool(**{"estimates": Y, "std_errors": S, **arguments})


def test_one_study_alone_is_itself():
    found = pool([0.3], [0.1], method="ee", interval="wald")
    assert math.isclose(found.estimate, 0.3)
    assert math.isclose(found.se, 0.1)
    assert (found.k, found.q, found.i2, found.h2) == (1, 0.0, 0.0, 1.0)
    assert any("nothing is pooled" in each for each in found.provenance.remarks)


@pytest.mark.parametrize(
    ("estimates", "errors", "options", "told"),
    [
        (Y[:2], S[:2], {}, "one degree of freedom"),
        ([0.1, 0.11, 0.12, 0.1], [0.2] * 4, {}, "narrower than the normal one here"),
        ([0.1, 0.1, 0.1, 0.1], [0.2] * 4, {"interval": "wald"}, "more than chance would let"),
        (Y, S, {"method": "ee"}, "meant for random effects"),
    ],
)
def test_what_a_reader_must_know_is_remarked(estimates, errors, options, told):
    remarks = pool(estimates, errors, **options).provenance.remarks
    assert any(told in each for each in remarks)


def test_identical_effects_leave_hksj_no_error():
    found = pool([0.2] * 3, [0.1] * 3)
    assert (found.se, found.p, found.tau2) == (0.0, 0.0, 0.0)
    none = pool([0.0] * 3, [0.1] * 3)
    assert (none.statistic, none.p) == (0.0, 1.0)
    json.dumps([found.to_dict(), none.to_dict()], allow_nan=False)


def test_a_perfect_fit_is_told_not_divided_by():
    found = pool([0.0] * 4, [0.1] * 4, moderators={"x": [0, 0, 0, 1]})
    assert (found.qm, found.qm_p, found.r2) == (0.0, 1.0, 0.0)
    line = pool([0.0, 1.0, 0.0, 1.0], [0.25] * 4, moderators={"x": [0, 1, 0, 1]})
    assert line.qm_p < 1e-10
    json.dumps(line.to_dict(), allow_nan=False)


@pytest.mark.parametrize("moderators", [None, {"x": [1.0, 2.5, 0.3, 4.0]}])
def test_effects_far_from_zero_keep_their_differences(moderators):
    """Identical to the last digit, yet large beside their errors."""
    found = pool([1.1e20] * 4, [0.7, 5.0, 0.2, 30.0], moderators=moderators)
    assert (found.estimate, found.tau2, found.q) == (1.1e20, 0.0, 0.0)
    assert found.tau2_limits.upper == 0.0


def test_a_result_says_what_was_chosen():
    found = pool(Y, S, method="pm", names=["a", "b", "c", "d"], moderators={"x": [1, 2, 4, 3]})
    status = {each.name: each.status for each in found.provenance.parameters}
    assert status["method"] == status["moderators"] == "chosen"
    assert status["interval"] == status["conf_level"] == "default"
    assert set(found.provenance.inputs) == {"estimates", "std_errors", "names", "moderators"}
    assert found.to_dict()["moderators"] == [{"name": "x", "levels": []}]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "'x' is missing"),
        ({"x": [1], "y": [2]}, "'y' is not known"),
        ({"x": [1], "g": ["c"]}, "moderators, g, row 1: 'c' is not known"),
        ({"x": [1, 2], "g": ["a"]}, "equally many"),
        ({"x": ["one"], "g": ["a"]}, "moderators, x"),
        ([1], "is no mapping"),
    ],
)
def test_a_prediction_needs_every_moderator(values, told):
    moderators = {"x": [1, 2, 4, 3, 7], "g": ["a", "b", "a", "b", "a"]}
    found = pool([*Y, 0.2], [*S, 0.1], moderators=moderators)
    with pytest.raises(InputError, match=told):
        predicted_effects(found, values)


def test_a_prediction_of_words_is_that_of_its_group():
    groups = ["a", "b", "a", "b"]
    found = pool(Y, S, method="ee", interval="wald", moderators={"g": groups})
    first, second = predicted_effects(found, {"g": ["a", "b"]})
    for each, start in ((first, 0), (second, 1)):
        alone = pool(Y[start::2], S[start::2], method="ee", interval="wald")
        np.testing.assert_allclose([each.estimate, each.se], [alone.estimate, alone.se])
        assert each.prediction.lower is None


def test_without_moderators_there_is_nothing_to_predict():
    with pytest.raises(InputError, match="pooled without moderators"):
        predicted_effects(pool(Y, S), {"x": [1]})


def test_k_minus_two_degrees_of_freedom():
    """Higgins, Thompson and Spiegelhalter: t on k - 2, which on 2 has a closed form."""
    found = pool(Y, S, interval="wald", prediction="t(k-2)")
    reach = 0.95 / math.sqrt(2.0 * 0.975 * 0.025) * math.hypot(found.se, math.sqrt(found.tau2))
    np.testing.assert_allclose(found.prediction.upper, found.estimate + reach, rtol=1e-12)


@given(
    st.lists(st.one_of(st.none(), st.floats(), st.text(max_size=3), st.integers()), max_size=5),
    st.lists(st.one_of(st.none(), st.floats(), st.booleans(), st.integers()), max_size=5),
    st.one_of(st.none(), st.dictionaries(st.text(max_size=2), st.lists(st.floats()), max_size=2)),
)
def test_whatever_comes_is_pooled_or_refused(estimates, errors, moderators):
    try:
        found = pool(estimates, errors, moderators=moderators)
    except InputError:
        return
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("estimates", "errors", "moderator", "told"),
    [
        ([2, -0.3, 1e29], [0.1, 0.1, 0.2], [0.1, 0.1, 0.2], "too many standard errors apart"),
        ([0.3, 0.1, 0.2], [1e10, 1e-10, 1.0], ["a", "b", "b"], "run from 1e-10 .2. to 1e.10 .1."),
        ([0.3, 0.1, 0.2], [1, 1, 1], [1e200, 1, 2], "moderators, x, row 1: 1e.200 is beyond"),
        ([0.3, 0.1, 0.2], [1, 1, 1], [1, 1e-20, 0], None),
        ([0.3, 0.1, 0.2, 0.4], [1, 1e5, 1e5, 1e5], [1, 1, 1 + 1e-6, 1], "to the precise studies"),
    ],
)
def test_hostile_regressions_beyond_rounding(estimates, errors, moderator, told):
    asked = {"method": "eb", "moderators": {"x": moderator}}
    if told is None:
        assert pool(estimates, errors, **asked).k == len(estimates)
        return
    with pytest.raises(InputError, match=told):
        pool(estimates, errors, **asked)


VALUES = st.one_of(
    st.sampled_from([0.0, 1.0, -0.3, 2011.0, 1e-10, 1e10, 1e29, -1e30]), st.floats(-3, 3)
)
ERRORS = st.one_of(st.sampled_from([0.1, 1.0, 1e-10, 1e10, 1e-30]), st.floats(0.01, 10.0))


@given(
    st.lists(st.tuples(VALUES, ERRORS, VALUES, st.sampled_from("abc")), min_size=2, max_size=7),
    st.sampled_from(METHODS),
    st.sampled_from(["wald", "hksj", "hksj-adhoc"]),
    st.booleans(),
)
def test_hostile_regressions_are_numbers_or_refused(rows, method, interval, words):
    """Warnings are errors here: nothing overflows, nothing is divided by 0."""
    estimates, errors, numbers, letters = (list(each) for each in zip(*rows, strict=True))
    moderators = {"x": numbers, **({"w": letters} if words else {})}
    try:
        found = pool(estimates, errors, method=method, interval=interval, moderators=moderators)
    except InputError:
        return
    for each in (*found.coefficients, found):
        assert not any(math.isnan(x) for x in (each.estimate, each.se, each.lower, each.upper))
    json.dumps(found.to_dict(), allow_nan=False)


def test_ten_thousand_studies_need_no_matrix_of_their_square():
    generator = np.random.default_rng(1)
    errors = generator.uniform(0.1, 0.4, 10_000)
    x = generator.normal(size=10_000)
    estimates = 0.5 * x + generator.normal(0.0, np.hypot(errors, 0.3))
    found = pool(estimates, errors, moderators={"x": x})
    assert abs(found.coefficients[1].estimate - 0.5) < 5.0 * found.coefficients[1].se
    assert abs(found.tau2 - 0.09) < 5.0 * found.tau2_se
