"""Curves from tables of survival at landmark times, worked by hand."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.evidence.landmarks.curve import landmark_curve
from debulk.evidence.landmarks.printed import effective_patients
from debulk.evidence.landmarks.pseudo_patients import pseudo_patients
from debulk.survival import kaplan_meier

CLOSED_RTOL = 1e-12
"""A few floating point operations."""


def test_handworked_hazards_survival_and_quantiles() -> None:
    curve = landmark_curve([10, 30], [0.8, 0.2])
    first, second = math.log(1 / 0.8) / 10, math.log(0.8 / 0.2) / 20
    np.testing.assert_allclose(curve.hazards, [first, second], rtol=CLOSED_RTOL)
    found = curve.at([-1, 0, 5, 10, 20, 30, 30.1])
    np.testing.assert_allclose(found[:6], [1, 1, math.sqrt(0.8), 0.8, 0.4, 0.2], rtol=CLOSED_RTOL)
    assert math.isnan(found[6])
    assert curve.median == pytest.approx(10 + math.log(0.8 / 0.5) / second, rel=CLOSED_RTOL)
    assert curve.quantile(0.9) is None


def test_handworked_tail_is_only_drawn_when_asked() -> None:
    short = landmark_curve([12], [0.8])
    assert short.median is None
    asked = landmark_curve([12], [0.8], tail="last hazard")
    assert asked.at(24)[0] == pytest.approx(0.64, rel=CLOSED_RTOL)
    assert asked.median == pytest.approx(12 * math.log(2) / math.log(1.25), rel=CLOSED_RTOL)
    assert landmark_curve([12], [1.0], tail="last hazard").median is None


def test_handworked_fall_to_zero_is_a_straight_line() -> None:
    curve = landmark_curve([10, 20], [0.8, 0.0])
    np.testing.assert_allclose(curve.at([15, 20, 25]), [0.4, 0, 0], rtol=CLOSED_RTOL)
    assert curve.median == pytest.approx(10 + 10 * 0.3 / 0.8, rel=CLOSED_RTOL)


def test_handworked_printed_median_is_one_more_landmark() -> None:
    curve = landmark_curve([12, 60], [0.8, 0.3], median=30)
    assert curve.times.tolist() == [12, 30, 60]
    assert curve.median == pytest.approx(30, rel=CLOSED_RTOL)
    assert landmark_curve([12, 30], [0.8, 0.5], median=30).times.tolist() == [12, 30]


def test_handworked_limits_give_back_the_number_they_came_from() -> None:
    share, number = 0.6, 150
    error = math.sqrt((1 - share) / (share * number)) / abs(math.log(share))
    reach = math.exp(1.959963984540054 * error)
    found = effective_patients([share], [share**reach], [share ** (1 / reach)])
    np.testing.assert_allclose(found, [number], rtol=CLOSED_RTOL)
    # With a limit at 0 the width counts on the plain scale: n = S (1 - S) (2 z / width)^2.
    found = effective_patients([0.1], [0.0], [0.2])
    np.testing.assert_allclose(found, [0.09 * (2 * 1.959963984540054 / 0.2) ** 2], rtol=CLOSED_RTOL)


def test_handworked_pseudo_patients_follow_the_curve() -> None:
    curve = landmark_curve([12, 36, 60], [0.9, 0.6, 0.3], patients=200)
    patients = pseudo_patients(curve)
    assert patients["event"].sum() == 140
    last = patients.filter(patients["event"] == 0)["time"].unique().to_list()
    assert (last, patients.height) == ([60.0], 200)
    followed = kaplan_meier(patients["time"].to_numpy(), patients["event"].to_numpy())
    np.testing.assert_allclose(followed.at(curve.times), curve.survival, rtol=CLOSED_RTOL)
    # In between, half a death either way.
    between = np.linspace(1, 59, 117)
    assert np.abs(followed.at(between) - curve.at(between)).max() <= 0.5 / 200 + CLOSED_RTOL


def test_handworked_pseudo_patients_take_the_smallest_effective_number() -> None:
    curve = landmark_curve([12, 36], [0.9, 0.6], lower=[0.85, 0.5], upper=[0.94, 0.69])
    assert curve.effective is not None
    assert pseudo_patients(curve).height == int(curve.effective.min())
    with pytest.raises(InputError, match="number of patients is not known"):
        pseudo_patients(landmark_curve([12], [0.9]))


def test_handworked_curve_is_plain_json() -> None:
    told = landmark_curve([10, 20], [0.8, 0.0], patients=50).to_dict()
    assert json.loads(json.dumps(told, allow_nan=False))["hazards"][1] is None
    assert told["provenance"]["remarks"]


@pytest.mark.parametrize(
    ("times", "survival", "options", "found"),
    [
        ([12, 36], [0.5, 0.6], {}, "survival 2: survival rises from 0.5 to 0.6"),
        ([12, 36], [0.9, -0.1], {}, "survival 2: -0.1 is not between 0 and 1"),
        ([12, 36], [90, 60], {}, "Write 0.9 for 90 %"),
        ([36, 12], [0.9, 0.6], {}, "time 2: 12 does not come after 36"),
        ([0, 12], [1, 0.6], {}, "time 1: 0 is not above 0"),
        ([12], [0.9, 0.6], {}, "1 times and 2 survivals"),
        ([], [], {}, "there is no landmark"),
        (["x"], [0.9], {}, "are no numbers"),
        ([math.nan], [0.9], {}, "finite"),
        ([12], [0.9], {"patients": 0}, "patients"),
        ([12], [0.9], {"tail": "flat"}, "Give 'none' or 'last hazard'"),
        ([12], [0.9], {"lower": [0.8]}, "one limit without the other"),
        ([12], [0.9], {"lower": [0.91], "upper": [0.95]}, "0.9 with limits 0.91 to 0.95"),
        ([12, 36], [0.9, 0.6], {"median": 24}, "24 lies between survivals of 0.9 and 0.6"),
        ([12, 36], [0.9, 0.4], {"median": 36}, "where survival is 0.4"),
        ([12, 36], [0.9, 0.4], {"median": -1}, "Give a time above 0"),
    ],
)
def test_hostile_tables(times: list, survival: list, options: dict, found: str) -> None:
    with pytest.raises(InputError) as refused:
        landmark_curve(times, survival, **options)
    assert found in str(refused.value)
