"""What no answer may depend on, and how its intervals hang together."""

from __future__ import annotations

import json
import runpy
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.emulation.clones.analysis import analyse
from debulk.emulation.clones.fit import CloneAnswer, clone_censor_weight
from debulk.emulation.clones.intervals import drawn
from debulk.emulation.grace import GracePeriod
from debulk.emulation.person_time import PersonTime
from debulk.emulation.weight_model import WeightModel

HERE = Path(__file__).parent
registry = runpy.run_path(str(HERE / "simulated.py"))["registry"]
person_time = runpy.run_path(str(HERE / "hand_made.py"))["person_time"]

CLOSED_FORM = 1e-12
ITERATIVE = 1e-9
NATURAL = GracePeriod("natural")
NAMES = ("hazard_ratio", "rmst_difference", "risk_difference")


def numbers(answer: CloneAnswer, interval: str = "sandwich") -> list[float]:
    told = (answer.intervals[interval][name] for name in NAMES)
    return [value for each in told for value in (each.estimate, each.se)]


def reordered(data: PersonTime, order: np.ndarray) -> PersonTime:
    rows = np.concatenate([np.arange(data.first[each], data.first[each + 1]) for each in order])
    told = ("time_months", "cause", "entry_months", "start_months", "complete_months")
    told += ("progression_months", "lost")
    return replace(
        data,
        **{name: getattr(data, name)[order] for name in told},
        first=np.r_[0, np.cumsum(np.diff(data.first)[order])],
        **{name: getattr(data, name)[rows] for name in ("visit", "eligible", "values")},
        patient_id=tuple(data.patient_id[each] for each in order),
    )


@pytest.mark.parametrize("timing", ["natural", "uniform"])
def test_the_order_of_patients_does_not_matter(timing: str) -> None:
    data = registry(500, 21)
    order = np.random.default_rng(1).permutation(500)
    grace = GracePeriod(timing)  # type: ignore[arg-type]
    one = clone_censor_weight(data, grace, tau_months=24.0)
    other = clone_censor_weight(reordered(data, order), grace, tau_months=24.0)
    assert numbers(one) == pytest.approx(numbers(other), abs=ITERATIVE)


def test_the_unit_of_time_does_not_matter() -> None:
    data = registry(500, 22)
    dates = ("time_months", "entry_months", "start_months", "complete_months")
    days = replace(
        data,
        **{name: getattr(data, name) * 32.0 for name in (*dates, "progression_months")},
        visit_months=32.0,
    )
    one = numbers(clone_censor_weight(data, NATURAL, tau_months=24.0))
    other = numbers(clone_censor_weight(days, NATURAL, tau_months=24.0 * 32.0))
    assert other == pytest.approx(np.array(one) * [1, 1, 32, 32, 1, 1], abs=ITERATIVE)


def test_late_entry_at_time_zero_is_none() -> None:
    """Everybody enters just after time zero: nobody is at risk earlier, nothing else changes."""
    data = registry(300, 23)
    late = replace(data, entry_months=np.full(300, 1e-9))
    model = WeightModel(month="linear")
    with pytest.raises(InputError, match="model of treatment"):  # visit 0 is never learnt from
        clone_censor_weight(late, NATURAL, tau_months=24.0)
    weighed = [
        clone_censor_weight(each, NATURAL, tau_months=24.0, model=model) for each in (data, late)
    ]
    learnt = [each.weights.arms[0].model.learns for each in weighed]
    assert learnt[0].all()
    assert np.array_equal(~learnt[1], data.visit[weighed[1].weights.arms[0].rows] == 0)


def test_intervals_by_every_way_lie_near_each_other() -> None:
    """A failure asks: is the sandwich of the estimated weights that of the resampled ones?"""
    ways = ("sandwich", "known-weights", "bootstrap", "bootstrap-percentile", "bca")
    data = registry(1500, 24)
    answer = clone_censor_weight(data, NATURAL, tau_months=24.0, interval=ways, replicates=400)
    assert answer.hazard_ratio == answer.intervals["sandwich"]["hazard_ratio"]
    assert answer.details["bootstrap"]["failed"] == 0
    for name in NAMES:
        main = answer.intervals["sandwich"][name]
        # The Monte Carlo error of 400 replicates is 3.5 per cent of a standard error.
        assert answer.intervals["bootstrap"][name].se == pytest.approx(main.se, rel=0.15)
        assert answer.intervals["known-weights"][name].se > main.se
        for way in ways:
            found = answer.intervals[way][name]
            assert found.lower < found.estimate < found.upper
            assert found.estimate == main.estimate
            width = found.upper - found.lower
            assert width == pytest.approx(main.upper - main.lower, rel=0.25)
    json.dumps(answer.to_dict(), allow_nan=False)


@pytest.mark.parametrize("staged", [False, True])
def test_replicates_do_not_depend_on_threads(staged: bool) -> None:
    data = registry(900, 25)
    grace = NATURAL
    if staged:
        wait = np.array([0.0, 1.0, np.nan])[np.arange(900) % 3]
        data = replace(data, complete_months=data.start_months + wait)
        grace = GracePeriod("natural", minimum_share=0.8)
    line = WeightModel(month="linear", knots=0)
    analysis = analyse(data, grace, 24.0, line, None, "pooled", False)
    one, _ = drawn(analysis, 20, 3, 1)
    two, _ = drawn(analysis, 20, 3, 2)
    assert np.array_equal(one, two)
    other, _ = drawn(analysis, 20, 4, 2)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("month", ["indicators", "linear"])
def test_too_many_failed_replicates_are_refused(month: Literal["indicators", "linear"]) -> None:
    """Three of nine are treated at each visit, and a resample often has none of them.

    With the month as a line the model can be fitted, but nobody stands for the last visit.
    """
    told = [{"time": 9.0 + turn / 9, "start": (0, 1, None)[turn % 3]} for turn in range(9)]
    data, grace = person_time(told, 3), GracePeriod("natural", visits=2)
    with pytest.raises(InputError, match=r"of 100 replicates could not be fitted"):
        clone_censor_weight(
            data,
            grace,
            tau_months=5.0,
            interval="bca",
            replicates=100,
            model=WeightModel(month=month),
        )


def test_a_truncated_answer_never_stands_alone() -> None:
    data = registry(800, 26)
    whole = clone_censor_weight(data, NATURAL, tau_months=24.0)
    answer = clone_censor_weight(data, NATURAL, tau_months=24.0, truncate=0.9)
    assert whole.hazard_ratio is not None
    assert answer.details["untruncated"]["hazard_ratio"]["estimate"] == whole.hazard_ratio.estimate
    assert f"{whole.hazard_ratio.estimate:.3g}" in answer.caveats[0]
    assert answer.hazard_ratio != whole.hazard_ratio
    for arm, cap in zip(answer.weights.arms, answer.weights.caps, strict=True):
        assert arm.weight.max() == cap
    # Nine in ten of those who carry a factor keep theirs.
    kept = whole.weights.arms[1].weight[:, -1]
    carrying = kept[(kept > 0) & (kept != 1)]
    share = np.mean(carrying <= answer.weights.caps[1])
    assert share == pytest.approx(0.9, abs=1.0 / carrying.size)


def test_competing_events_count_as_no_event_of_the_hazard_ratio() -> None:
    data = registry(500, 27)
    other = replace(data, cause=np.where(data.cause == 1, 1, 2).astype(np.int8))
    plain = clone_censor_weight(data, NATURAL, tau_months=24.0)
    rival = clone_censor_weight(other, NATURAL, tau_months=24.0)
    assert plain.hazard_ratio is not None
    assert rival.hazard_ratio is not None
    expected = plain.hazard_ratio.estimate
    assert rival.hazard_ratio.estimate == pytest.approx(expected, abs=CLOSED_FORM)
    assert any("Competing events" in each for each in rival.caveats)
