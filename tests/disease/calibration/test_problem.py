"""Are targets, their errors and their scales what they are said to be?"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.disease.calibration import Problem, ProblemTarget, target_from_interval

CLOSED_RTOL = 1e-12
Z_975 = 1.959963984540054


def test_handworked_standard_deviations_come_from_the_interval_on_the_scale():
    plain = target_from_interval("a", 10.0, 8.0, 12.0)
    ratio = target_from_interval("b", 0.58, 0.38, 0.88, scale="log")
    share = target_from_interval("c", 0.3, 0.2, 0.4, scale="logit")
    assert plain.standard_deviation == pytest.approx(2.0 / Z_975, rel=CLOSED_RTOL)
    assert ratio.standard_deviation == pytest.approx(np.log(0.88 / 0.38) / 2 / Z_975)
    logits = np.log(0.4 / 0.6) - np.log(0.2 / 0.8)
    assert share.standard_deviation == pytest.approx(logits / 2 / Z_975, rel=CLOSED_RTOL)
    assert share.on_scale == pytest.approx(np.log(0.3 / 0.7), rel=CLOSED_RTOL)


@pytest.mark.parametrize(
    ("arguments", "more", "words"),
    [
        ((1.0, 2.0, 0.5), {}, "an interval from"),
        ((1.0, 1.5, 2.0), {}, "an interval from"),
        ((1.0, 0.0, 2.0), {"scale": "log"}, "an interval from"),
        ((0.0, -1.0, 1.0), {"scale": "logs"}, "Did you mean"),
        ((1.0, 0.5, 1.5), {"discrepancy": -1.0}, "discrepancy"),
        ((1.0, 0.5, 1.5), {"discrepancy": float("nan")}, "discrepancy"),
    ],
)
def test_wrong_targets_are_refused(arguments, more, words):
    with pytest.raises(InputError, match=words):
        target_from_interval("a", *arguments, **more)


@pytest.mark.parametrize("spread", [0.0, -1.0, float("nan"), float("inf")])
def test_a_target_without_error_is_refused(spread):
    with pytest.raises(InputError, match="standard deviation"):
        ProblemTarget("a", "g", 1.0, spread)


def problem(toys, *targets, **more) -> Problem:
    return Problem(toys.unit_priors(1), targets, lambda *_: None, **more)


def test_statistics_and_their_errors_move_to_the_scale(toys):
    some = problem(
        toys,
        ProblemTarget("a", "g", 1.0, 1.0),
        ProblemTarget("b", "g", 2.0, 1.0, 0.5, "log"),
        ProblemTarget("c", "g", 0.3, 1.0, 0.0, "logit"),
        patients=100,
    )
    value, error = some.on_scale(np.array([3.0, 4.0, 0.2]), np.array([0.1, 0.2, 0.0016]))
    assert value == pytest.approx([3.0, np.log(4.0), np.log(0.25)], rel=CLOSED_RTOL)
    assert error == pytest.approx([0.1, 0.2 / 16, 0.0016 / 0.16**2], rel=CLOSED_RTOL)
    assert some.variance == pytest.approx([1.0, 1.25, 1.0])


def test_a_share_of_none_or_all_counts_as_half_a_patient(toys):
    some = problem(toys, ProblemTarget("c", "g", 0.3, 1.0, 0.0, "logit"), patients=100)
    for share, half in ((0.0, 0.005), (1.0, 0.995)):
        value, error = some.on_scale(np.array([share]), np.array([0.0]))
        assert value[0] == pytest.approx(np.log(half / (1 - half)))
        assert error[0] == pytest.approx(1 / (100 * 0.005 * 0.995))


@pytest.mark.parametrize("statistic", [float("nan"), -1.0, 0.0, float("inf")])
def test_what_has_no_place_on_the_scale_is_not_defined(toys, statistic):
    some = problem(toys, ProblemTarget("b", "g", 2.0, 1.0, 0.0, "log"))
    value, error = some.on_scale(np.array([statistic]), np.array([0.1]))
    assert np.isnan(value[0])
    assert np.isnan(error[0])


def test_the_fingerprint_knows_everything_but_the_code(toys):
    one = problem(toys, ProblemTarget("a", "g", 1.0, 1.0))
    others = [
        problem(toys, ProblemTarget("a", "g", 1.5, 1.0)),
        problem(toys, ProblemTarget("a", "g", 1.0, 1.0, 0.1)),
        problem(toys, ProblemTarget("a", "g", 1.0, 1.0, evidence=("x",))),
        problem(toys, ProblemTarget("a", "g", 1.0, 1.0), patients=7),
        problem(toys, ProblemTarget("a", "g", 1.0, 1.0), identity={"model": 3}),
        dataclasses.replace(one, priors=dataclasses.replace(one.priors, spread=np.array([2.0]))),
    ]
    prints = {each.fingerprint for each in (one, *others)}
    assert len(prints) == len(others) + 1
    assert one.fingerprint == problem(toys, ProblemTarget("a", "g", 1.0, 1.0)).fingerprint


def test_problems_without_targets_or_with_one_twice_are_refused(toys):
    with pytest.raises(InputError, match="there is none"):
        problem(toys)
    with pytest.raises(InputError, match="'a' stands there twice"):
        problem(toys, ProblemTarget("a", "g", 1.0, 1.0), ProblemTarget("a", "g", 2.0, 1.0))
