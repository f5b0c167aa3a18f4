"""Numbers of R's package survival; tests/reference/survival/make_multistate.R makes them."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from debulk.survival.multistate import illness_death, multi_state

HERE = Path(__file__).parents[2] / "reference" / "survival"
REFERENCE = json.loads((HERE / "multistate.json").read_text(encoding="utf-8"))

CLOSED = 1e-10  # closed forms: the reference has 15 digits, both programs round a few hundred sums
MACHINE = 1e-12  # where a number is 0 in one program and rounding in the other


def numbers(values):
    listed = np.array(values, dtype=object)
    return np.where(listed == None, np.nan, listed).astype(float)  # noqa: E711


def same(actual, expected):
    np.testing.assert_allclose(actual, numbers(expected), rtol=CLOSED, atol=MACHINE, equal_nan=True)


def fit(initial=None, weighted=False):
    frame = pl.read_csv(HERE / "multistate.csv")
    return multi_state(
        frame["start"],
        frame["stop"],
        frame["to"],
        subject=frame["id"],
        from_state=frame["from"],
        censoring="censor",
        weights=frame["weight"] if weighted else None,
        initial=initial,
    )


def compare(found, case):
    times = [each for each in case["times"] if each <= found.time[-1]]
    count = len(times)
    same(found.at(times), case["pstate"][:count])
    same(found.std_error_at(times), case["std_error"][:count])
    lower, upper = found.limits_at(times)
    defined = found.at(times) > 0
    same(lower[defined], numbers(case["lower"][:count])[defined])
    same(upper[defined], numbers(case["upper"][:count])[defined])
    areas = list(found.restricted_times(case["tau"]).values())
    same([each.estimate for each in areas], case["rmean"])
    same([each.se for each in areas], case["se_rmean"])
    hazards = found.hazards()
    for column, name in enumerate(case["transitions"]):
        origin, target = (found.states[int(each) - 1] for each in name.split("."))
        same(hazards[origin, target].at(times), np.array(case["cumhaz"])[:count, column])


@pytest.mark.parametrize("name", ["fixed", "weights"])
def test_any_states_with_a_known_start(name):
    start = {"a": 0.6, "b": 0.4, "c": 0, "d": 0}
    compare(fit(start, weighted=name == "weights"), REFERENCE[name])


def test_any_states_with_an_estimated_start():
    compare(fit(), REFERENCE["estimated"])


def test_transition_probabilities_from_a_landmark():
    found = fit().transition_probabilities(3.5, "a")
    case = REFERENCE["landmark"]
    assert found.origin == case["start"]
    compare_landmark = {**case, "cumhaz": None, "transitions": []}
    compare(found, compare_landmark)


def test_illness_and_death():
    frame = pl.read_csv(HERE / "mgus2.csv", null_values="NA")
    found = illness_death(frame["ptime"], frame["pstat"], frame["futime"], frame["death"])
    case = REFERENCE["mgus"]
    assert found.counts == {"progressed at the time of dead: not counted": case["tied"]}
    compare(found, case)
