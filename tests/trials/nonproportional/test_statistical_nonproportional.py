"""Power by formula beside the share of simulated trials that find benefit.

Trials are drawn and tested by `simulated`, in plain NumPy; `test_simulated_tests_are_those_of_...`
ties its tests to those of `debulk.survival`. Formulas are asymptotic: differences up to `CLOSE`
are allowed on top of `ERRORS` Monte Carlo standard errors, which 20,000 trials keep below 0.0036.
The average hazard ratio is an approximation to the log-rank test of its own: `BY_AVERAGE`.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import math
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from debulk.survival import (
    EarlyZero,
    FlemingHarrington,
    ModestlyWeighted,
    logrank,
    milestone_difference,
    one_sample_logrank,
    rmst_difference,
    two_arm_trials,
)
from debulk.trials.nonproportional.average_effect import (
    average_hazard_ratio,
    average_hazard_ratio_design,
)
from debulk.trials.nonproportional.combined import max_combo_design
from debulk.trials.nonproportional.curve_designs import milestone_design, rmst_design
from debulk.trials.nonproportional.rank_designs import weighted_logrank_design
from debulk.trials.nonproportional.single_arm import one_sample_logrank_design


def beside(name: str) -> ModuleType:
    """A module of this folder (tests are no package)."""
    place = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"nonproportional_{name}", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


simulated = beside("simulated")
scenarios = beside("scenarios")

CLOSE = 0.01
ERRORS = 2.0
BY_AVERAGE = 0.06
TRIALS, CHUNK = 20_000, 250
TAU = 24.0
BOUNDS = SimpleNamespace(information=(0.6, 1.0), efficacy_z=(2.669, 1.981), futility_z=(0.0, None))
KINDS: dict[str, tuple[Any, Any]] = {
    "log-rank": (("fh", 0, 0), "logrank"),
    "FH(0, 1)": (("fh", 0, 1), FlemingHarrington(0, 1)),
    "FH(1, 0)": (("fh", 1, 0), FlemingHarrington(1, 0)),
    "FH(1, 1)": (("fh", 1, 1), FlemingHarrington(1, 1)),
    "Gehan": (("gehan", 0, 0), "gehan"),
    "Tarone-Ware": (("tarone-ware", 0, 0), "tarone-ware"),
    "modest s* 0.5": (("modest-s", 0.5, 0), ModestlyWeighted(s_star=0.5)),
    "modest t* 12": (("modest-t", 12, 0), ModestlyWeighted(t_star=12)),
    "early zero 3": (("early-zero", 3, 0), EarlyZero(3)),
}


def planned(name: str) -> dict[str, Any]:
    """Designs of a scenario by test."""
    patients, alternative = scenarios.SCENARIOS[name]
    given = {"patients": patients, "follow_up": scenarios.FOLLOW_UP}
    found = {
        key: weighted_logrank_design(alternative, weighting=kind, **given)
        for key, (_, kind) in KINDS.items()
    }
    found["average ratio"] = average_hazard_ratio_design(alternative, **given)
    found["MaxCombo"] = max_combo_design(alternative, **given)
    found["RMST"] = rmst_design(alternative, tau=TAU, **given)
    found["milestone"] = milestone_design(alternative, at=TAU, **given)
    found["milestone log-log"] = milestone_design(alternative, at=TAU, scale="log-log", **given)
    found["two looks, log-rank"] = weighted_logrank_design(alternative, boundaries=BOUNDS, **given)
    found["two looks, FH(0, 1)"] = weighted_logrank_design(
        alternative, weighting=FlemingHarrington(0, 1), boundaries=BOUNDS, **given
    )
    found["two looks, MaxCombo"] = max_combo_design(
        alternative,
        weightings=("logrank", FlemingHarrington(0, 1)),
        fractions=(0.6, 1.0),
        alpha_spent=(0.005, 0.025),
        **given,
    )
    return found


def benefits(designs: dict[str, Any], patients: Any) -> dict[str, np.ndarray]:
    """Whether each simulated trial finds benefit, by test."""
    month = designs["log-rank"].duration_months
    time, event = patients.seen_at(month)
    kinds = [kind for kind, _ in KINDS.values()]
    ranks = simulated.rank_sums(time, event, patients.arm, patients.stratum, kinds)
    z = dict(zip(KINDS, ranks.z, strict=True))
    found = {key: values >= designs[key].critical_z for key, values in z.items()}
    found["average ratio"] = found["log-rank"]
    largest = np.max([z[key] for key in ("log-rank", "FH(0, 1)", "FH(1, 0)", "FH(1, 1)")], axis=0)
    found["MaxCombo"] = largest >= designs["MaxCombo"].critical_z
    arms = [
        simulated.curves(time[:, patients.arm == arm], event[:, patients.arm == arm], TAU)
        for arm in (0, 1)
    ]
    bound = designs["RMST"].critical_z
    error = np.sqrt(arms[0].area_variance + arms[1].area_variance)
    found["RMST"] = (arms[1].area - arms[0].area) / error >= bound
    error = np.sqrt(arms[0].survival_variance + arms[1].survival_variance)
    found["milestone"] = (arms[1].survival - arms[0].survival) / error >= bound
    hazards = [-np.log(each.survival) for each in arms]
    error = np.sqrt(
        sum(
            each.survival_variance / (each.survival * hazard) ** 2
            for each, hazard in zip(arms, hazards, strict=True)
        )
    )
    found["milestone log-log"] = np.log(hazards[0] / hazards[1]) / error >= bound
    found.update(_over_looks(designs, patients, z))
    return found


def _over_looks(designs: dict[str, Any], patients: Any, final: Any) -> dict[str, np.ndarray]:
    month = designs["two looks, log-rank"].looks[0].month
    time, event = patients.seen_at(month)
    kinds = [KINDS[key][0] for key in ("log-rank", "FH(0, 1)")]
    early = simulated.rank_sums(time, event, patients.arm, patients.stratum, kinds).z
    found = {}
    for row, key in enumerate(("log-rank", "FH(0, 1)")):
        first = early[row] >= BOUNDS.efficacy_z[0]
        on = ~first & (early[row] >= BOUNDS.futility_z[0])
        found[f"two looks, {key}"] = first | (on & (final[key] >= BOUNDS.efficacy_z[1]))
    bounds = designs["two looks, MaxCombo"].details["critical_z"]
    late = np.maximum(final["log-rank"], final["FH(0, 1)"]) >= bounds[1]
    found["two looks, MaxCombo"] = (early.max(axis=0) >= bounds[0]) | late
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", scenarios.SCENARIOS)
def test_power(name: str, record_property: Callable[[str, object], None]) -> None:
    designs = planned(name)
    patients, alternative = scenarios.SCENARIOS[name]
    count = dict.fromkeys(designs, 0)
    for chunk in range(TRIALS // CHUNK):
        drawn = simulated.draw(alternative, patients, CHUNK, seed=1000 + chunk)
        for key, found in benefits(designs, drawn).items():
            count[key] += int(found.sum())
    far = []
    for key, design in designs.items():
        share = count[key] / TRIALS
        error = math.sqrt(share * (1.0 - share) / TRIALS)
        line = f"{name} | {key} | {design.power:.4f} | {share:.4f} | {error:.4f}"
        print(f"{line} | {design.power - share:+.4f}")
        record_property(key, line)
        allowed = BY_AVERAGE if key == "average ratio" else CLOSE
        if abs(design.power - share) > allowed + ERRORS * error:
            far.append(line)
    assert not far


@pytest.mark.parametrize("name", ["two strata", "crossing at 4 months"])
def test_simulated_tests_are_those_of_survival(name: str) -> None:
    patients, alternative = scenarios.SCENARIOS[name]
    drawn = simulated.draw(alternative, patients, 3, seed=5)
    for month in (20.0, 48.0):
        time, event = drawn.seen_at(month)
        kinds = [kind for kind, _ in KINDS.values()]
        z = simulated.rank_sums(time, event, drawn.arm, drawn.stratum, kinds).z
        for trial in range(3):
            entered = time[trial] > 0
            own = time[trial, entered], event[trial, entered], drawn.arm[entered]
            for row, (_, weighting) in enumerate(KINDS.values()):
                wanted = -logrank(*own, strata=drawn.stratum[entered], weighting=weighting).z
                assert z[row, trial] == pytest.approx(wanted, abs=1e-9)
            if alternative.strata is None:
                given = own[0][None], own[1][None], own[2][None]
                batch = -two_arm_trials(*given, hazard_ratio=False).z[0]
                assert z[0, trial] == pytest.approx(batch, abs=1e-9)
    arms = [
        simulated.curves(time[:, drawn.arm == a], event[:, drawn.arm == a], TAU) for a in (0, 1)
    ]
    for trial in range(3):
        own = time[trial], event[trial], drawn.arm
        area = rmst_difference(*own, TAU)
        assert arms[1].area[trial] - arms[0].area[trial] == pytest.approx(area.estimate)
        error = math.sqrt(arms[0].area_variance[trial] + arms[1].area_variance[trial])
        assert error == pytest.approx(area.se)
        there = milestone_difference(*own, TAU)
        assert arms[1].survival[trial] - arms[0].survival[trial] == pytest.approx(there.estimate)
        error = math.sqrt(arms[0].survival_variance[trial] + arms[1].survival_variance[trial])
        assert error == pytest.approx(there.se)


def test_expected_events_are_the_mean_of_simulated_ones() -> None:
    patients, alternative = scenarios.SCENARIOS["crossing, two to one, accrual that rises"]
    drawn = simulated.draw(alternative, patients, 2_000, seed=9)
    found = average_hazard_ratio(alternative, [20.0, 45.0], patients=patients)
    for row, month in enumerate((20.0, 45.0)):
        time, event = drawn.seen_at(month)
        counts = (event & (time > 0)).sum(axis=1)
        error = counts.std(ddof=1) / math.sqrt(counts.size)
        assert abs(counts.mean() - found.events[row]) < 4.0 * error


@pytest.mark.parametrize("variance", ["average", "expected"])
@pytest.mark.parametrize("ratio", [((0.0, 0.65),), ((0.0, 1.2), (3.0, 0.5))])
def test_one_sample_power(variance: str, ratio: tuple[tuple[float, float], ...]) -> None:
    trials, patients, rate, month = 20_000, 100, math.log(2) / 9, 48.0
    design = one_sample_logrank_design(
        hazard_ratio=ratio,
        median_control=9,
        accrual=36,
        dropout=0.1,
        variance=variance,
        patients=patients,
        follow_up=12,
    )
    random = np.random.default_rng(3)
    shape = (trials, patients)
    starts, values = zip(*ratio, strict=True)
    rates = [value * rate for value in values]
    to_event = simulated.inverse(starts, rates, random.exponential(size=shape))
    limit = np.minimum(
        month - 36 * random.random(shape), random.exponential(size=shape) * -12 / math.log(0.9)
    )
    time, event = np.minimum(to_event, limit), to_event <= limit
    observed, expected = event.sum(axis=1), rate * time.sum(axis=1)
    divisor = expected if variance == "expected" else 0.5 * (observed + expected)
    z = (expected - observed) / np.sqrt(divisor)
    wanted = one_sample_logrank(time[0], event[0], expected=rate, variance=variance)
    assert z[0] == pytest.approx(-wanted.z)
    share = float((z >= design.critical_z).mean())
    error = math.sqrt(share * (1 - share) / trials)
    print(f"one sample | {variance} | {design.power:.4f} | {share:.4f} | {error:.4f}")
    assert abs(design.power - share) < CLOSE + ERRORS * error
    assert abs(design.events - observed.mean()) < 4 * observed.std() / math.sqrt(trials)


def test_level_under_equal_hazards() -> None:
    """The planned bound of the combination keeps its level when nothing differs."""
    _, alternative = scenarios.SCENARIOS["proportional"]
    design = max_combo_design(alternative, patients=400, follow_up=24)
    null = dataclasses.replace(alternative, hazard_ratio=1.0)
    found, trials = 0, 8_000
    kinds = [KINDS[key][0] for key in ("log-rank", "FH(0, 1)", "FH(1, 0)", "FH(1, 1)")]
    for chunk in range(trials // CHUNK):
        drawn = simulated.draw(null, 400, CHUNK, seed=chunk)
        time, event = drawn.seen_at(design.duration_months)
        z = simulated.rank_sums(time, event, drawn.arm, drawn.stratum, kinds).z
        found += int((z.max(axis=0) >= design.critical_z).sum())
    error = math.sqrt(0.025 * 0.975 / trials)
    assert abs(found / trials - 0.025) < 0.003 + 3.0 * error
