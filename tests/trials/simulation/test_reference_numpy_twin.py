"""Trials against a slow, plain twin on the same random numbers, analysed by debulk.survival."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from debulk.survival import FlemingHarrington, ModestlyWeighted, cox, logrank
from debulk.trials.simulation.draws import trial_keys
from debulk.trials.simulation.simulating import simulate
from debulk.trials.survival_designs.assumptions import Accrual, Stratum
from debulk.trials.survival_designs.timing import Timing
from debulk.trials.survival_designs.trial_design import TrialDesign

Z_TOLERANCE = 1e-9
"""Both sum the same numbers in another order."""
LOG_RATIO_TOLERANCE = 2e-8
"""Newton's last step is below 1e-5 and squares its error; z to the same digits."""

F = np.float32
Single = npt.NDArray[np.float32]


@dataclass
class Twin:
    """One trial: patients as arrays, each named as in the kernels."""

    enter: Single
    event: Single
    lost: Single
    arm: npt.NDArray[np.int64]
    stratum: npt.NDArray[np.int64]

    @property
    def deaths(self) -> Single:
        seen = self.event <= self.lost
        return np.where(seen, self.enter + self.event, F(np.inf)).astype(F)

    def analysis(self, month: np.float32) -> dict[str, Any]:
        """Steps of time, events, arms and strata of those who have entered by a month."""
        deaths = self.deaths
        dead = deaths <= month
        follow = month - self.enter
        leave = np.minimum(self.event, self.lost)
        end = np.where(dead, leave, np.minimum(leave, follow)).astype(F)
        step = np.minimum(np.maximum(end, F(0)) * (F(2**24 - 2) / month), F(2**24 - 2))
        here = follow >= 0
        return {
            "time": step.astype(np.int64)[here],
            "event": dead[here],
            "arm": self.arm[here],
            "stratum": self.stratum[here],
        }


def draw(
    seed: int,
    trial: int,
    arm: npt.NDArray[np.int64],
    stratum: npt.NDArray[np.int64],
    cells: dict[tuple[int, int], tuple[tuple[float, float], ...]],
    lost: tuple[float, float],
    accrual: tuple[tuple[float, float, float], ...],
) -> Twin:
    """`cells`: hazards of (stratum, arm); `lost`: by arm; `accrual`: share, month, slope."""
    size = arm.size
    hazard = exponential(word(seed, trial, 1, size))
    event = np.array(
        [months_of(hazard[i], cells[int(stratum[i]), int(arm[i])]) for i in range(size)], F
    )
    unit = (word(seed, trial, 3, size) >> 1).astype(np.int32).astype(F) * F(2.0**-31)
    enter = np.array([entry_of(each, accrual) for each in unit], F)
    means = np.array([1.0 / each if each else np.inf for each in lost], F)
    with np.errstate(invalid="ignore"):
        leave = exponential(word(seed, trial, 2, size)) * means[arm]
    return Twin(enter, event, leave, arm, stratum)


def word(seed: int, trial: int, decision: int, size: int) -> npt.NDArray[np.uint32]:
    a, b = (int(each) for each in trial_keys(seed, trial))
    x = (np.arange(size, dtype=np.uint64) * 0x9E3779B1 + a + decision * 0x632BE5AB) % 2**32
    x = ((x ^ x >> 16) * 0x85EBCA6B) % 2**32 ^ b
    x = ((x ^ x >> 15) * 0xC2B2AE35) % 2**32
    x = ((x ^ x >> 14) * 0x27D4EB2F) % 2**32
    return (x ^ x >> 16).astype(np.uint32)


def exponential(words: npt.NDArray[np.uint32]) -> Single:
    value = ((words >> 1) | 1).astype(np.int32).astype(F)
    mantissa, exponent = np.frexp(value)
    low = mantissa < F(math.sqrt(0.5))
    mantissa, exponent = np.where(low, 2 * mantissa, mantissa), exponent - low
    x = (mantissa - F(1)).astype(F)
    p = np.full(x.shape, F(-0.0763449296))
    for each in (0.12761575, -0.131601825, 0.142017588, -0.166233569, 0.200012267):
        p = p * x + F(each)
    for each in (-0.250008196, 0.333333313):
        p = p * x + F(each)
    square = x * x
    log = x - (F(0.5) * square - p * (square * x))
    return (F(31) - exponent.astype(F)) * F(math.log(2.0)) - log


def months_of(hazard: np.float32, pieces: tuple[tuple[float, float], ...]) -> np.float32:
    cumulated, found = 0.0, F(0)
    for place, (start, rate) in enumerate(pieces):
        if place == 0 or hazard > F(cumulated):
            slope = F(1.0 / rate) if rate else F(1e37)
            found = F(start) + (hazard - F(cumulated)) * slope
        if place + 1 < len(pieces):
            cumulated += rate * (pieces[place + 1][0] - start)
    return found if found < F(1e7) else F(np.inf)


def entry_of(unit: np.float32, accrual: tuple[tuple[float, float, float], ...]) -> np.float32:
    found = F(0)
    for share, month, slope in accrual:
        if share == 0.0 or unit > F(share):
            found = F(month) + (unit - F(share)) * F(slope)
    return found


def statistics(
    data: dict[str, Any], weighting: Any = "logrank", stratified: bool = False
) -> tuple[float, float]:
    """Z above 0 for benefit, and the log hazard ratio, by debulk.survival."""
    strata = data["stratum"] if stratified else None
    test = logrank(
        data["time"], data["event"], data["arm"], reference=0, strata=strata, weighting=weighting
    )
    assert test.z is not None
    frame = {name: np.asarray(each, float) for name, each in data.items()}
    model = cox(
        frame,
        time="time",
        event="event",
        covariates=["arm"],
        strata="stratum" if stratified else None,
    )
    return -test.z, float(model.coef[0])


Plan = Callable[..., TrialDesign]
LOST = -math.log(0.95) / 12.0
HAZARD = math.log(2.0) / 28.0


def test_one_look(plan: Plan) -> None:
    found = simulate(plan(), trials=6, seed=11).trial_table(trials=6)
    arm = np.repeat([0, 1], 191)
    cells = {(0, 0): ((0.0, HAZARD),), (0, 1): ((0.0, 0.75 * HAZARD),)}
    for row in found.iter_rows(named=True):
        twin = draw(11, row["trial"], arm, 0 * arm, cells, (LOST, LOST), ((0.0, 0.0, 60.0),))
        month = np.sort(twin.deaths)[299]
        data = twin.analysis(month)
        z, ratio = statistics(data)
        assert row["month_1"] == month
        assert (row["events"], row["patients"]) == (data["event"].sum(), data["time"].size)
        assert row["events"] == 300
        assert row["z_1"] == pytest.approx(z, abs=Z_TOLERANCE)
        assert math.log(row["hazard_ratio"]) == pytest.approx(ratio, abs=LOG_RATIO_TOLERANCE)


@pytest.mark.parametrize(
    "test",
    [
        "logrank",
        "peto",
        FlemingHarrington(0.0, 1.0),
        FlemingHarrington(0.5, 0.5),
        ModestlyWeighted(s_star=0.5),
        ModestlyWeighted(t_star=20.0),
    ],
)
def test_strata_pieces_looks_and_weights(plan: Plan, test: Any) -> None:
    control = ((0.0, 0.02), (6.0, 0.03), (15.0, 0.0), (18.0, 0.04))
    strata = (
        Stratum(0.3, control, ((0.0, 1.0), (4.0, 0.7)), "a"),
        Stratum(0.7, ((0.0, 0.05),), ((0.0, 0.6),), "b"),
    )
    accrual = Accrual((0.0, 6.0, 9.0, 12.0), (5.0, 10.0, 0.0, 20.0), 20.0)
    design = plan(
        events=(90.0, 150.0),
        efficacy=(99.0, 99.0),
        patients=220.0,
        strata=strata,
        accrual=accrual,
        allocation=2.0,
        lost_a_year=(0.1, 0.0),
    )
    found = simulate(design, trials=3, seed=2, test=test).trial_table(trials=3)
    # 66 and 154 patients; two of three to the experimental arm: 44, and 102.67 -> 103.
    arm = np.repeat([0, 1, 0, 1], [22, 44, 51, 103])
    stratum = np.repeat([0, 1], [66, 154])
    cells = {
        (0, 0): control,
        (0, 1): ((0.0, 0.02), (4.0, 0.014), (6.0, 0.021), (15.0, 0.0), (18.0, 0.028)),
        (1, 0): ((0.0, 0.05),),
        (1, 1): ((0.0, 0.03),),
    }
    # 30 + 30 + 160 patients.
    entry = ((0.0, 0.0, 44.0), (30 / 220, 6.0, 22.0), (60 / 220, 12.0, 11.0))
    lost = (0.0, -math.log(0.9) / 12.0)
    for row in found.iter_rows(named=True):
        twin = draw(2, row["trial"], arm, stratum, cells, lost, entry)
        for look, events in ((1, 90), (2, 150)):
            month = np.sort(twin.deaths)[events - 1]
            data = twin.analysis(month)
            weighting = test
            if isinstance(test, ModestlyWeighted) and test.t_star is not None:
                scale = (2**24 - 2) / month
                weighting = ModestlyWeighted(t_star=float(math.floor(test.t_star * scale)))
            z, ratio = statistics(data, weighting, stratified=True)
            assert row[f"month_{look}"] == pytest.approx(float(month), abs=0.0)
            assert row[f"z_{look}"] == pytest.approx(z, abs=Z_TOLERANCE)
        assert math.log(row["hazard_ratio"]) == pytest.approx(ratio, abs=LOG_RATIO_TOLERANCE)


def test_timing_by_month_and_follow_up(plan: Plan) -> None:
    timing = (
        Timing(calendar_month=30.0),
        Timing(events=100.0, minimum_follow_up=2.0),
        Timing(events=299.0, calendar_month=64.5, rule="any"),
    )
    design = plan(events=(50.0, 100.0, 200.0, 300.0), efficacy=(99.0,) * 4, timing=timing)
    found = simulate(design, trials=5, seed=3).trial_table(trials=5)
    arm = np.repeat([0, 1], 191)
    cells = {(0, 0): ((0.0, HAZARD),), (0, 1): ((0.0, 0.75 * HAZARD),)}
    for row in found.iter_rows(named=True):
        twin = draw(3, row["trial"], arm, 0 * arm, cells, (LOST, LOST), ((0.0, 0.0, 60.0),))
        last = twin.enter.max() + F(2)
        months = [F(30), max(last, np.sort(twin.deaths)[99]), F(64.5), np.sort(twin.deaths)[299]]
        for look, month in enumerate(months, start=1):
            assert row[f"month_{look}"] == month
            assert row[f"z_{look}"] == pytest.approx(
                statistics(twin.analysis(month))[0], abs=Z_TOLERANCE
            )


def test_margin_is_tested_by_the_score_at_that_ratio(plan: Plan) -> None:
    design = plan(null_ratio=1.3, hazard_ratio=1.0)
    found = simulate(design, trials=4, seed=4).trial_table(trials=4)
    arm = np.repeat([0, 1], 191)
    cells = {(0, 0): ((0.0, HAZARD),), (0, 1): ((0.0, HAZARD),)}
    for row in found.iter_rows(named=True):
        twin = draw(4, row["trial"], arm, 0 * arm, cells, (LOST, LOST), ((0.0, 0.0, 60.0),))
        data = twin.analysis(np.sort(twin.deaths)[299])
        score, information = 0.0, 0.0
        for time in data["time"][data["event"]]:
            at_risk = data["time"] >= time
            weights = np.where(data["arm"][at_risk] == 1, 1.3, 1.0)
            share = weights[data["arm"][at_risk] == 1].sum() / weights.sum()
            score -= share
            information += share * (1.0 - share)
        score += (data["event"] & (data["arm"] == 1)).sum()
        assert row["z_1"] == pytest.approx(-score / math.sqrt(information), abs=Z_TOLERANCE)
