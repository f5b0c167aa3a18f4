"""Simulated designs against a plain twin on NumPy's random numbers, with tests of its own.

`test_reference_numpy_twin` holds single trials to the bit on the same random numbers; this one asks
whether those numbers and everything made of them have the right distribution.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from debulk.trials.simulation.simulating import simulate
from debulk.trials.survival_designs.assumptions import Accrual, Stratum
from debulk.trials.survival_designs.timing import Timing
from debulk.trials.survival_designs.trial_design import TrialDesign

TRIALS = 2_000
MANY = 100_000
MONTE_CARLO_WIDTH = 4.0  # standard errors of a difference; 1 in 16,000 by chance
EARLY = ((0.0, 0.02), (6.0, 0.05), (18.0, 0.03))
LATE = ((0.0, 1.1), (4.0, 0.6))


def times(random: np.random.Generator, size: int, hazard: Any) -> Any:
    """Event times with a piecewise constant hazard, piece after piece."""
    found = np.full(size, np.inf)
    for k, (start, rate) in enumerate(hazard):
        end = hazard[k + 1][0] if k + 1 < len(hazard) else np.inf
        drawn = start + random.exponential(1.0 / rate, size)
        found = np.where(np.isinf(found) & (drawn < end), drawn, found)
    return found


def value(steps: Any, month: float) -> float:
    """A step function at a month."""
    return float([each for start, each in steps if start <= month][-1])


def product(left: Any, right: Any) -> Any:
    """Product of two step functions."""
    starts = sorted({start for start, _ in (*left, *right)})
    return [(month, value(left, month) * value(right, month)) for month in starts]


def statistic(time: Any, event: Any, arm: Any, stratum: Any, ratio: float) -> float:
    """Score of Cox's likelihood at a hazard ratio over the root of its information, negated."""
    excess = information = 0.0
    for each in np.unique(stratum):
        here = np.flatnonzero(stratum == each)
        here = here[np.argsort(time[here])]
        treated = np.cumsum(arm[here][::-1])[::-1]
        others = np.arange(here.size, 0, -1) - treated
        share = ratio * treated / (ratio * treated + others)
        excess += ((arm[here] - share) * event[here]).sum()
        information += (share * (1 - share) * event[here]).sum()
    return float(-excess / math.sqrt(information))


def twin(design: TrialDesign, random: np.random.Generator) -> list[float]:
    """One trial: look of efficacy or 0, of futility or 0, events, month, never reached."""
    strata = design.strata or (Stratum(1.0, design.hazard_control, design.hazard_ratio, "all"),)
    size = int(design.patients)
    stratum = np.repeat(np.arange(len(strata)), [round(each.share * size) for each in strata])
    arm = np.zeros(size, int)
    event = np.empty(size)
    for k, each in enumerate(strata):
        here = np.flatnonzero(stratum == k)
        treated = here[: round(here.size * design.allocation / (1 + design.allocation))]
        arm[treated] = 1
        other = np.setdiff1d(here, treated)
        event[other] = times(random, other.size, each.hazard_control)
        event[treated] = times(
            random, treated.size, product(each.hazard_control, each.hazard_ratio)
        )
    rates = np.where(arm == 1, design.dropout.experimental, design.dropout.control)
    lost = random.exponential(1.0 / rates)
    accrual = design.accrual
    edges = np.array([*accrual.starts_months, accrual.end_months])
    weight = np.array(accrual.rates) * np.diff(edges)
    piece = random.choice(weight.size, size, p=weight / weight.sum())
    enter = edges[piece] + random.random(size) * np.diff(edges)[piece]
    dies = np.where(event <= lost, enter + event, np.inf)
    months = np.sort(dies)
    rules = [*design.timing, *[None] * len(design.looks)]
    for k, look in enumerate(design.looks):
        rule = rules[k]
        month = months[int(look.events) - 1] if rule is None else rule.calendar_month
        never = month == np.inf
        if never:
            k, look, month = len(design.looks) - 1, design.looks[-1], 1e6
        here = enter <= month
        time = np.minimum(np.minimum(event, lost), month - enter)[here]
        seen = (dies <= month)[here]
        z = statistic(time, seen, arm[here], stratum[here], design.null_ratio)
        if never:
            month = float((enter + np.minimum(event, lost)).max())
        if look.efficacy_z is not None and z >= look.efficacy_z:
            return [k + 1, 0, seen.sum(), month, never]
        if look.futility_z is not None and z <= look.futility_z:
            return [0, k + 1, seen.sum(), month, never]
        if never or k == len(design.looks) - 1:
            break
    return [0, 0, seen.sum(), month, never]


LOOKS: dict[str, Any] = {"events": (100.0, 200.0), "efficacy": (2.797, 1.977)}
CASES: dict[str, dict[str, Any]] = {
    "hazards and ratio in steps, three to one": {
        **LOOKS, "patients": 300.0, "allocation": 3.0,
        "hazard_control": EARLY, "hazard_ratio": LATE,
    },
    "strata, accrual in steps": {
        **LOOKS, "patients": 300.0,
        "strata": (
            Stratum(0.4, ((0.0, 0.03),), ((0.0, 0.8),), "a"),
            Stratum(0.6, ((0.0, 0.07),), ((0.0, 0.65),), "b"),
        ),
        "accrual": Accrual((0.0, 10.0), (5.0, 12.5), 30.0),
    },
    "futility, margin": {
        **LOOKS, "patients": 300.0, "hazard_ratio": 1.0, "null_ratio": 1.3,
        "futility": (0.6, None), "lost_a_year": (0.2, 0.1),
    },
    "a look by calendar": {
        **LOOKS, "patients": 300.0, "timing": (Timing(calendar_month=40.0),),
    },
    "events that are often never reached": {
        **LOOKS, "patients": 236.0, "lost_a_year": (0.05, 0.05),
    },
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_shares_events_and_months_agree(plan: Callable[..., TrialDesign], name: str) -> None:
    design = plan(**CASES[name])
    random = np.random.default_rng(23)
    theirs = np.array([twin(design, random) for _ in range(TRIALS)], float)
    ours = simulate(design, trials=MANY, seed=9)
    pairs = [(theirs[:, 0] == k + 1, share) for k, share in enumerate(ours.efficacy)]
    pairs += [(theirs[:, 1] == k + 1, share) for k, share in enumerate(ours.futility or ())]
    pairs.append((theirs[:, 4] == 1, ours.never_reached / MANY))
    for happened, share in pairs:
        pooled = max((happened.mean() + share) / 2, 1 / TRIALS)
        error = math.sqrt(pooled * (1 - pooled) / TRIALS)
        assert abs(happened.mean() - share) < MONTE_CARLO_WIDTH * error
    means = (ours.events, ours.duration_months["mean"])
    for values, mean in zip(theirs[:, 2:4].T, means, strict=True):
        assert mean is not None
        error = values.std() / math.sqrt(TRIALS)
        assert abs(values.mean() - mean) < MONTE_CARLO_WIDTH * error + 1e-3
    if name.startswith("events"):
        assert 0.1 < ours.never_reached / MANY < 0.9
        assert "dead or lost" in " ".join(ours.provenance.remarks)
