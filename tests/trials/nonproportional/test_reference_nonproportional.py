"""Against nested integration in R, rpact's event probabilities and crossings, and mvtnorm."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from debulk.survival import FlemingHarrington
from debulk.trials.nonproportional.alternative import Alternative
from debulk.trials.nonproportional.average_effect import average_hazard_ratio
from debulk.trials.nonproportional.curve_designs import milestone_design, rmst_design
from debulk.trials.nonproportional.enrolment import enrolment_of
from debulk.trials.nonproportional.follow_up import follow
from debulk.trials.nonproportional.limit_weights import planned_weighting
from debulk.trials.nonproportional.normal_boxes import below
from debulk.trials.nonproportional.rank_moments import rank_moments
from debulk.trials.nonproportional.sequential import Bounds, first_crossings

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference/trials/nonproportional.json").read_text("utf-8")
)
CASES = REFERENCE["cases"]

QUADRATURE = 1e-8  # stats::integrate with a relative tolerance of 1e-11, nested twice
RPACT = 1e-7  # closed forms on both sides, rpact's own are good to this
LATTICE = 5e-5  # standard error of a lattice of 16,000 points
RPACT_CROSSING = 1e-6  # rpact integrates over a grid of Simpson's rule


def numbers(given: Any) -> list[float]:
    return [float(each) for each in np.atleast_1d(given)]


def pieces(given: Any, factor: float = 1.0) -> tuple[tuple[float, float], ...]:
    starts, values = numbers(given[0]), numbers(given[1])
    return tuple((start, value * factor) for start, value in zip(starts, values, strict=True))


def case_of(name: str) -> tuple[Alternative, float]:
    given = CASES[name]["input"]
    # Rates are shares of all patients: with 1,000 patients, so many a month.
    accrual = pieces(given["accrual"], 1000.0)
    alternative = Alternative(
        hazard_ratio=pieces(given["hr"]),
        hazard_control=pieces(given["h0"]),
        accrual=accrual,
        dropout=tuple(given["dropout"]),
        allocation=given["allocation"],
    )
    return alternative, float(given["month"])


@pytest.mark.parametrize("name", CASES)
def test_events_and_average_ratio(name: str) -> None:
    alternative, month = case_of(name)
    found = average_hazard_ratio(alternative, month, patients=1000)
    wanted = CASES[name]
    assert found.events_control[0] / 1000 == pytest.approx(wanted["events"][0], abs=QUADRATURE)
    assert found.events_experimental[0] / 1000 == pytest.approx(wanted["events"][1], abs=QUADRATURE)
    assert found.log_hazard_ratio[0] == pytest.approx(wanted["log_ahr"], abs=QUADRATURE)
    assert found.information[0] / 1000 == pytest.approx(wanted["information"], abs=QUADRATURE)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    ("key", "weighting"),
    [
        ("logrank", "logrank"),
        ("fh01", FlemingHarrington(0, 1)),
        ("fh11", FlemingHarrington(1, 1)),
        ("gehan", "gehan"),
    ],
)
def test_weighted_mean_and_variance(name: str, key: str, weighting: Any) -> None:
    alternative, month = case_of(name)
    enrolment = enrolment_of(alternative.accrual_pieces, 1000.0)
    found = rank_moments(alternative, enrolment, [month], [planned_weighting(weighting)])
    wanted = CASES[name][key]
    assert found.mean[0] == pytest.approx(wanted["mean"], abs=QUADRATURE)
    assert found.estimated[0, 0] == pytest.approx(wanted["variance"], abs=QUADRATURE)


@pytest.mark.parametrize("name", CASES)
def test_curves(name: str) -> None:
    alternative, month = case_of(name)
    after = month - enrolment_of(alternative.accrual_pieces, 1000.0).months
    wanted = CASES[name]
    tau = wanted["tau"]
    area = rmst_design(alternative, tau=tau, patients=1000, follow_up=after).details
    assert area["rmst_control"] == pytest.approx(wanted["rmst"][0], rel=QUADRATURE)
    assert area["rmst_experimental"] == pytest.approx(wanted["rmst"][1], rel=QUADRATURE)
    assert area["std_error"] ** 2 * 1000 == pytest.approx(wanted["rmst_variance"], rel=QUADRATURE)
    there = milestone_design(alternative, at=tau, patients=1000, follow_up=after).details
    lived = np.array(wanted["survival"])
    variance = float(lived**2 @ wanted["greenwood"])
    assert there["difference"] == pytest.approx(lived[1] - lived[0], rel=QUADRATURE)
    assert there["std_error"] ** 2 * 1000 == pytest.approx(variance, rel=QUADRATURE)
    log_log = milestone_design(
        alternative, at=tau, scale="log-log", patients=1000, follow_up=after
    ).details
    variance = float(np.log(lived) ** -2.0 @ wanted["greenwood"])
    wanted_difference = math.log(math.log(lived[0]) / math.log(lived[1]))
    assert log_log["difference"] == pytest.approx(wanted_difference, rel=QUADRATURE)
    assert log_log["std_error"] ** 2 * 1000 == pytest.approx(variance, rel=QUADRATURE)


@pytest.mark.parametrize(
    ("name", "alternative", "patients"),
    [
        (
            "constant",
            Alternative(
                hazard_ratio=0.7,
                median_control=18,
                accrual=24,
                dropout=(0.05, 0.1),
                allocation=2,
            ),
            240.0,
        ),
        (
            "piecewise",
            Alternative(
                hazard_ratio=0.8,
                hazard_control=((0, 0.06), (6, 0.04), (15, 0.02)),
                accrual=((0, 5), (6, 15)),
                dropout=(0.08, 0.03),
            ),
            240.0,
        ),
    ],
)
def test_event_probabilities_of_rpact(name: str, alternative: Alternative, patients: float) -> None:
    wanted = REFERENCE["rpact"][name]
    enrolment = enrolment_of(alternative.accrual_pieces, patients)
    for month, control, experimental in zip(
        wanted["time"], wanted["control"], wanted["experimental"], strict=True
    ):
        events = follow(alternative, enrolment, float(month)).events().sum(axis=0)
        # rpact: of all patients of the arm, entered or not.
        found = events / np.array(alternative.shares_of_arms)
        assert found == pytest.approx([control, experimental], abs=RPACT)


@pytest.mark.parametrize("row", range(len(REFERENCE["boxes"])))
def test_normal_boxes(row: int) -> None:
    wanted = REFERENCE["boxes"][row]
    found = below(np.array(wanted["upper"]), np.array(wanted["covariance"]))
    assert abs(found.probability - wanted["probability"]) < 4.0 * found.error
    assert found.error < LATTICE


@pytest.mark.parametrize("column", range(3))
def test_first_crossings_of_rpact(column: int) -> None:
    wanted = REFERENCE["crossing"]
    information = np.array(wanted["information"])
    bounds = Bounds(
        tuple(information.tolist()), tuple(wanted["efficacy"]), *((-math.inf,) * 3,) * 2
    )
    drift = wanted["drift"][column] * np.sqrt(information)
    found = first_crossings(bounds, drift, information)
    reject = [row[column] for row in wanted["reject"]]
    assert found == pytest.approx(reject, abs=RPACT_CROSSING)
