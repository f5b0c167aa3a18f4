"""Survival pooled over studies against RISCA, against a slow twin, and in closed form."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from debulk.core.errors import InputError
from debulk.evidence.landmarks.pooling import pooled_survival
from debulk.evidence.landmarks.studies import (
    SurvivalStudy,
    study_from_landmarks,
    study_from_patients,
)
from debulk.survival import kaplan_meier

REFERENCE = Path(__file__).parents[2] / "reference" / "pooled_survival"

CLOSED_RTOL = 1e-12
"""A few floating point operations."""
CROSS_SOFTWARE_RTOL = 1e-12
"""The same closed forms in R, printed with 15 digits."""


@pytest.fixture(name="given")
def read_given() -> dict[str, Any]:
    return json.loads((REFERENCE / "pooled_survival_input.json").read_text())


@pytest.fixture(name="studies")
def make_studies(given: dict[str, Any]) -> list[SurvivalStudy]:
    return [
        study_from_landmarks(
            each["name"], given["times"], each["survival"], at_risk=each["at_risk"]
        )
        for each in given["studies"]
    ]


@pytest.mark.parametrize(
    ("name", "options"),
    [("common", {"method": "ee", "between": "independent"}), ("random", {})],
)
def test_reference_risca(studies: list[SurvivalStudy], name: str, options: dict[str, Any]) -> None:
    expected = json.loads((REFERENCE / "pooled_survival.json").read_text())
    pooled = pooled_survival(studies, **options)
    np.testing.assert_allclose(
        pooled.survival, expected[name]["survival"], rtol=CROSS_SOFTWARE_RTOL
    )
    # RISCA's limits lie on the scale of log S and take 1.96.
    reach = 1.96 * pooled.std_error / pooled.survival
    for limit, sign in (("lower", -1), ("upper", 1)):
        np.testing.assert_allclose(
            pooled.survival * np.exp(sign * reach), expected[name][limit], rtol=CROSS_SOFTWARE_RTOL
        )
    q = sum(each.q or 0.0 for each in pooled.intervals)
    assert q == pytest.approx(expected["q"], rel=CROSS_SOFTWARE_RTOL)


def _twin(given: dict[str, Any]) -> tuple[list[float], list[float]]:
    """Pooled survival and its variance on the log scale, by loops over the paper's formulas."""
    survival, variance = [], []
    product, total = 1.0, 0.0
    for j in range(len(given["times"])):
        y, v = [], []
        for study in given["studies"]:
            before = study["survival"][j - 1] if j else 1.0
            share, n = study["survival"][j] / before, study["at_risk"][j]
            y.append(math.asin(math.sqrt((n * share + 0.25) / (n + 0.5))))
            v.append(1 / (4 * (n + 0.5)))
        w = [1 / each for each in v]
        mean = sum(a * b for a, b in zip(w, y, strict=True)) / sum(w)
        q = sum(a * (b - mean) ** 2 for a, b in zip(w, y, strict=True))
        scale = sum(w) - sum(a * a for a in w) / sum(w)
        tau2 = max(0.0, (q - (len(y) - 1)) / scale)
        w = [1 / (each + tau2) for each in v]
        mean = sum(a * b for a, b in zip(w, y, strict=True)) / sum(w)
        product *= math.sin(mean) ** 2
        total += (2 * math.cos(mean) / math.sin(mean)) ** 2 / sum(w)
        survival.append(product)
        variance.append(total)
    return survival, variance


def test_reference_slow_twin(given: dict[str, Any], studies: list[SurvivalStudy]) -> None:
    survival, variance = _twin(given)
    pooled = pooled_survival(studies, between="independent")
    np.testing.assert_allclose(pooled.survival, survival, rtol=CLOSED_RTOL)
    np.testing.assert_allclose(
        (pooled.std_error / pooled.survival) ** 2, variance, rtol=CLOSED_RTOL
    )


@pytest.mark.parametrize("transform", ["arcsine", "log-log"])
@pytest.mark.parametrize("between", ["independent", "correlated"])
def test_handworked_one_study_stands_for_itself(transform: str, between: str) -> None:
    study = study_from_landmarks("A", [12, 36, 60], [0.9, 0.6, 0.37], patients=200)
    pooled = pooled_survival([study], transform=transform, between=between)  # type: ignore[arg-type]
    np.testing.assert_allclose(pooled.survival, study.survival, rtol=CLOSED_RTOL)
    # Nobody censored: Greenwood's variance is the binomial one.
    binomial = np.sqrt(study.survival * (1 - study.survival) / 200)
    np.testing.assert_allclose(pooled.std_error, binomial, rtol=CLOSED_RTOL)
    assert all(each.q is None and each.studies == ("A",) for each in pooled.intervals)


@pytest.mark.parametrize("transform", ["arcsine", "log-log"])
def test_handworked_alike_studies_give_their_curve_with_less_variance(transform: str) -> None:
    studies = [study_from_landmarks(name, [12, 36], [0.8, 0.5], patients=100) for name in "ABCD"]
    alone = pooled_survival(studies[:1], transform=transform)  # type: ignore[arg-type]
    four = pooled_survival(studies, transform=transform, continuity=0.0)  # type: ignore[arg-type]
    np.testing.assert_allclose(four.survival, [0.8, 0.5], rtol=CLOSED_RTOL)
    np.testing.assert_allclose(four.std_error, alone.std_error / 2, rtol=CLOSED_RTOL)


def test_handworked_limits_median_and_gaps() -> None:
    first = study_from_landmarks("A", [12, 60], [0.8, 0.3], patients=100)
    second = study_from_landmarks("B", [12, 60], [0.8, 0.3], patients=100)
    short = study_from_landmarks("C", [12], [0.8], patients=100)
    pooled = pooled_survival([first, second, short], continuity=0.0)
    assert [each.studies for each in pooled.intervals] == [("A", "B", "C"), ("A", "B")]
    assert pooled.studies["C"] == [0.8, None]
    hazard = math.log(0.8 / 0.3) / 48
    assert pooled.median == pytest.approx(12 + math.log(0.8 / 0.5) / hazard, rel=1e-9)
    limits = pooled.median_limits
    assert limits.lower is not None
    assert limits.upper is not None
    assert limits.lower < pooled.median < limits.upper
    assert np.all((pooled.lower < pooled.survival) & (pooled.survival < pooled.upper))
    json.dumps(pooled.to_dict(), allow_nan=False)


def test_handworked_cutting_an_interval_adds_no_information() -> None:
    study = study_from_landmarks("A", [60], [0.4], patients=80)
    whole = pooled_survival([study])
    cut = pooled_survival([study], times=[12, 24, 60])
    assert cut.survival[-1] == pytest.approx(whole.survival[-1], rel=CLOSED_RTOL)
    assert cut.std_error[-1] == pytest.approx(whole.std_error[-1], rel=CLOSED_RTOL)
    assert any("Hazard taken as constant" in each for each in cut.provenance.remarks)


def test_handworked_patients_give_greenwoods_variance() -> None:
    time = [3.0, 5, 5, 8, 11, 14, 14, 20, 25, 31, 33, 40]
    event = [1, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1]
    study = study_from_patients("A", pl.DataFrame({"time": time, "event": event}), [12, 24, 36, 99])
    assert study.times.tolist() == [12, 24, 36]
    pooled = pooled_survival([study])
    curve = kaplan_meier(time, event)
    np.testing.assert_allclose(pooled.survival, curve.at([12, 24, 36]), rtol=CLOSED_RTOL)
    place = np.searchsorted(curve.time, [12, 24, 36], side="right") - 1
    np.testing.assert_allclose(pooled.std_error, curve.std_error[place], rtol=CLOSED_RTOL)


def test_handworked_printed_limits_give_the_number_at_risk() -> None:
    survival = np.array([0.8, 0.5])
    error = np.sqrt((1 - survival) / (survival * 150)) / np.abs(np.log(survival))
    reach = np.exp(1.959963984540054 * error)
    study = study_from_landmarks(
        "A", [12, 36], survival, lower=survival**reach, upper=survival ** (1 / reach)
    )
    np.testing.assert_allclose(study.at_risk, [150, 120], rtol=CLOSED_RTOL)
    pooled = pooled_survival([study])
    np.testing.assert_allclose(pooled.upper, survival ** (1 / reach), rtol=CLOSED_RTOL)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"studies": []}, "there is no study"),
        ({"studies": "AA"}, "'A' stands there twice"),
        ({"times": [99]}, "no study tells survival at 99"),
        ({"times": [12, 6]}, "6 does not come after 12"),
        ({"transform": "logit"}, "transform: 'logit'"),
        ({"method": "xx"}, "method: 'xx'"),
        ({"between": "none"}, "between: 'none'"),
        ({"method": "reml"}, "method 'dl' with interval 'wald'"),
        ({"continuity": -1}, "continuity: -1"),
        ({"conf_level": 95}, "conf_level: 95"),
        ({"conf_level": "95"}, "conf_level: '95'"),
        ({"continuity": "half"}, "continuity: 'half'"),
    ],
)
def test_hostile_pooling(options: dict[str, Any], found: str) -> None:
    names = options.pop("studies", "AB")
    studies = [study_from_landmarks(name, [12], [0.8], patients=100) for name in names]
    with pytest.raises(InputError) as refused:
        pooled_survival(studies, **options)
    assert found in str(refused.value)


def test_hostile_studies() -> None:
    with pytest.raises(InputError, match="nothing tells how many patients"):
        study_from_landmarks("A", [12], [0.8])
    with pytest.raises(InputError, match="study 'A', at_risk"):
        study_from_landmarks("A", [12, 24], [0.8, 0.5], at_risk=[100])
    with pytest.raises(InputError, match="there is no column 'event'"):
        study_from_patients("A", pl.DataFrame({"time": [1.0]}), [12])
    with pytest.raises(InputError, match="no landmark lies within the follow-up"):
        study_from_patients("A", pl.DataFrame({"time": [1.0], "event": [1]}), [12])
    with pytest.raises(InputError, match="no landmark is common"):
        pooled_survival(
            [
                study_from_landmarks("A", [12], [0.8], patients=9),
                study_from_landmarks("B", [24], [0.8], patients=9),
            ]
        )
