"""Simulated shares against closed forms; each Monte Carlo error is stated."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import norm

from debulk.trials.simulation.design_characteristics import DesignCharacteristics
from debulk.trials.simulation.simulating import simulate
from debulk.trials.survival_designs.assumptions import Accrual, Stratum
from debulk.trials.survival_designs.trial_design import TrialDesign

Plan = Callable[..., TrialDesign]
TRIALS = 40_000
POWER_DIFFERENCE = 0.01
"""Allowed beside an asymptotic formula; the Monte Carlo error is 0.0025 at most."""
HAZARD = math.log(2.0) / 28.0


def schoenfeld(events: float, ratio: float, allocation: float = 1.0, z: float = 1.959964) -> float:
    drift = -math.log(ratio) * math.sqrt(events * allocation) / (1.0 + allocation)
    return float(norm.cdf(drift - z))


@pytest.mark.parametrize(("ratio", "allocation"), [(0.75, 1.0), (0.7, 2.0), (0.8, 1.0)])
def test_power_is_near_schoenfeld(plan: Plan, ratio: float, allocation: float) -> None:
    design = plan(hazard_ratio=ratio, allocation=allocation)
    found = simulate(design, trials=TRIALS)
    assert abs(found.power - schoenfeld(300, ratio, allocation)) < POWER_DIFFERENCE
    assert found.hazard_ratio is not None
    spread = (1.0 + allocation) / math.sqrt(300.0 * allocation)
    error = 1.2533 * spread / math.sqrt(TRIALS)
    assert math.log(found.hazard_ratio["median"]) == pytest.approx(
        math.log(ratio), abs=4 * error + 0.004
    )
    assert math.log(found.hazard_ratio["upper"]) == pytest.approx(
        math.log(ratio) + 1.96 * spread, abs=0.015
    )
    assert found.events == pytest.approx(300.0, abs=0.2)
    assert found.patients == 382.0


def _null_is_kept(found: DesignCharacteristics, alpha: float) -> None:
    error = math.sqrt(alpha * (1.0 - alpha) / found.trials)
    assert abs(found.power - alpha) < 4 * error + 0.002


@pytest.mark.parametrize("seed", [1, 2])
def test_null_rejections_are_alpha(plan: Plan, seed: int) -> None:
    found = simulate(plan(), hazard_ratio=1.0, trials=TRIALS, seed=seed, estimate=False)
    _null_is_kept(found, 0.025)


def test_null_with_strata_and_pieces_is_kept(plan: Plan) -> None:
    pieces = ((0.0, 0.01), (6.0, 0.04), (18.0, 0.02))
    ratio = ((0.0, 0.7),)
    strata = (Stratum(0.4, pieces, ratio, "a"), Stratum(0.6, ((0.0, 0.06),), ratio, "b"))
    found = simulate(plan(strata=strata), hazard_ratio=1.0, trials=TRIALS, estimate=False)
    _null_is_kept(found, 0.025)


def test_margin_is_rejected_with_alpha_at_the_margin(plan: Plan) -> None:
    design = plan(null_ratio=1.25, hazard_ratio=1.0)
    found = simulate(design, hazard_ratio=1.25, trials=TRIALS)
    _null_is_kept(found, 0.025)
    assert found.hazard_ratio is not None
    assert found.hazard_ratio["median"] == pytest.approx(1.25, abs=0.01)
    power = simulate(design, trials=TRIALS, estimate=False).power
    assert abs(power - schoenfeld(300, 1.0 / 1.25)) < POWER_DIFFERENCE


def test_two_sided_rejects_alike_in_both_directions(plan: Plan) -> None:
    found = simulate(plan(sided=2, alpha=0.05), hazard_ratio=1.0, trials=TRIALS, estimate=False)
    _null_is_kept(found, 0.025)
    opposite = math.fsum(found.crossing["opposite"])
    assert abs(opposite - 0.025) < 4 * math.sqrt(0.025 * 0.975 / TRIALS) + 0.002
    assert set(found.crossing) == {"efficacy", "opposite"}


def test_bounds_at_every_side_are_followed_in_order(plan: Plan) -> None:
    bounds = {
        "efficacy": (2.5, 2.2, 2.0),
        "futility": (0.2, 0.8, None),
        "harm": (-1.0, None, None),
    }
    design = plan(events=(100.0, 200.0, 300.0), hazard_ratio=0.85, **bounds)
    found = simulate(design, trials=5_000)
    table = found.trial_table(trials=5_000)
    z = table.select("z_1", "z_2", "z_3").to_numpy().astype(float)
    wanted = {name: np.zeros(3) for name in ("efficacy", "futility", "harm")}
    kept = np.zeros(3)
    for row in z:
        crossed = stopped = False
        for look in range(3):
            benefit = row[look] >= bounds["efficacy"][look]
            if benefit and not crossed:
                kept[look] += 1
                crossed = True
            harm, futile = bounds["harm"][look], bounds["futility"][look]
            way = None
            if benefit:
                way = "efficacy"
            elif harm is not None and row[look] <= harm:
                way = "harm"
            elif futile is not None and row[look] <= futile:
                way = "futility"
            if way and not stopped:
                wanted[way][look] += 1
                stopped = True
            if crossed or way == "harm":
                break
    for name, counts in wanted.items():
        assert found.crossing[name] == pytest.approx(counts / 5_000, abs=1e-12)
        assert counts[0] > 0
    assert found.crossing["efficacy_without_futility"] == pytest.approx(kept / 5_000, abs=1e-12)
    assert found.power_without_futility > found.power


def test_binding_futility_is_not_carried_on(plan: Plan) -> None:
    class Binding:
        binding = True

    design = plan(
        events=(150.0, 300.0), efficacy=(2.8, 1.98), futility=(0.3, 1.98), boundaries=Binding()
    )
    found = simulate(design, trials=2_000)
    assert "efficacy_without_futility" not in found.crossing
    # The last futility bound is the efficacy bound: every trial has one end.
    total = math.fsum([*found.efficacy, *(found.futility or ())])
    assert total == pytest.approx(1.0)


def test_events_that_are_never_reached_are_counted(plan: Plan) -> None:
    # A third is lost a month: some 40 of 60 patients have the event.
    lossy = plan(
        events=(20.0, 55.0),
        patients=60.0,
        efficacy=(9.0, 1.96),
        hazard_control=0.1,
        lost_a_year=(0.5, 0.5),
    )
    found = simulate(lossy, trials=500)
    table = found.trial_table(trials=500)
    short = table.filter(table["events"] < 55)
    assert 0 < found.never_reached == short.height
    assert set(short["look"]) == {2}
    assert any("everybody was dead or lost" in each for each in found.provenance.remarks)


def test_cured_patients_never_die(plan: Plan) -> None:
    design = plan(
        events=(300.0,),
        hazard_control=((0.0, 0.05), (10.0, 0.0)),
        hazard_ratio=1.0,
        lost_a_year=(0.0, 0.0),
    )
    found = simulate(design, trials=400)
    table = found.trial_table(trials=400)
    share = 1.0 - math.exp(-0.5)
    error = math.sqrt(382 * share * (1.0 - share) / 400)
    assert found.never_reached == 400
    assert table["events"].mean() == pytest.approx(382 * share, abs=4 * error)
    assert table["months"].max() < 70.0


def test_patients_enter_at_the_planned_rates(plan: Plan) -> None:
    accrual = Accrual((0.0, 10.0, 20.0), (2.0, 0.0, 8.0), 60.0)
    design = plan(
        events=(20.0, 150.0), patients=340.0, efficacy=(-99.0, 0.0), accrual=accrual, month=50.0
    )
    table = simulate(design, trials=3_000).trial_table(trials=3_000)
    expected = np.array([accrual.entered_by(month) for month in table["months"]])
    assert table["patients"].mean() == pytest.approx(expected.mean(), rel=0.03)


def test_duration_is_that_of_the_expected_events(plan: Plan) -> None:
    # Control arm only in law (ratio 1), no loss: expected events by month t in closed form.
    design = plan(hazard_ratio=1.0, lost_a_year=(0.0, 0.0))
    found = simulate(design, trials=4_000)
    month = found.duration_months["mean"]
    assert month is not None
    tail = (math.exp(-HAZARD * (month - 60.0)) - math.exp(-HAZARD * month)) / (60.0 * HAZARD)
    assert 382.0 * (1.0 - tail) == pytest.approx(300.0, abs=1.0)
