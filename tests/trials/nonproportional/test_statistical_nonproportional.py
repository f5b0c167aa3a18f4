"""Power by formula beside the share of simulated trials that find benefit.

Trials are drawn and tested by `simulated`, in plain NumPy; `test_simulated_tests_are_those_of_survival`
ties its tests to those of `debulk.survival`. Formulas are asymptotic: differences up to `CLOSE` are
allowed on top of `ERRORS` Monte Carlo standard errors, which 20,000 trials keep below 0.0036.
"""

from __future__ import annotations

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
from debulk.trials.nonproportional.average_effect import average_hazard_ratio
from debulk.trials.nonproportional.combined import max_combo_design
from debulk.trials.nonproportional.curve_designs import milestone_design, rmst_design
from debulk.trials.nonproportional.enrolment import enrolment_of
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
TRIALS, CHUNK = 20_000, 1_000
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
        if abs(design.power - share) > CLOSE + ERRORS * error:
            far.append(line)
    assert not far
