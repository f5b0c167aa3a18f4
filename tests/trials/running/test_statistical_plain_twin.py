"""Trials of planned patients against a plain twin on random numbers of its own.

The twin knows nothing of the engine: it draws arrival, consent, blocks, both courses, assessments
and loss with NumPy, finds the analysis by sorting, and tests by a log-rank statistic of its own.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from debulk.protocols import Protocol
from debulk.protocols.plans import Monitoring
from debulk.protocols.spec import Endpoint
from debulk.trials import run_trial

TRIALS = 600
MONTE_CARLO_WIDTH = 4.0  # standard errors of a difference; 1 in 16,000 by chance
LOOKS = Monitoring((0.5, 1.0), "obrien-fleming")
OBRIEN_FLEMING_2 = (2.7965, 1.9774)  # one-sided 2.5 %, Jennison and Turnbull 2000, table 2.3
FIRST = {"os": ("os", "pfs"), "pfs": ("pfs", "os")}


def protocol_of(plan_of: Callable[..., Protocol], primary: str, **changes: Any) -> Protocol:
    """Patients of a plan, decided by one of the two endpoints."""
    protocol = plan_of(
        registered=400,
        planned_patients=160,
        events=90,
        accrual_months=30.0,
        cutoff_months=52.0,
        lost_per_year=0.1,
        withdrawn=0.1,
        crossed_over=0.05,
        **changes,
    )
    endpoints = tuple(Endpoint(each, "", each == primary) for each in FIRST[primary])  # type: ignore[arg-type]
    return dataclasses.replace(protocol, endpoints=endpoints)


def score(time: Any, event: Any, arm: Any) -> tuple[float, float]:
    """Log-rank statistic, above 0 for benefit, and one Newton step to the log hazard ratio."""
    order = np.argsort(time, kind="stable")
    event, arm = event[order], arm[order].astype(float)
    share = np.cumsum(arm[::-1])[::-1] / np.arange(arm.size, 0, -1)
    excess, variance = ((arm - share) * event).sum(), (share * (1 - share) * event).sum()
    return -excess / math.sqrt(variance), excess / variance


def twin(protocol: Protocol, primary: str, random: np.random.Generator) -> list[float]:
    """One trial: events, month, patients, stop at the first look, benefit, log ratio, z."""
    plan, conduct, design = protocol.planned, protocol.conduct, protocol.design
    assert plan is not None
    assert design.events is not None
    chances = [step.chance for step in protocol.funnel if step.chance]
    goes_on = random.random((len(chances), plan.registered)) < np.array(chances)[:, None]
    entry = random.uniform(0, conduct.accrual_months, plan.registered)[goes_on.all(axis=0)]
    entry = np.sort(entry)[: design.planned_patients]
    blocks = [random.permutation([0, 0, 1, 1]) for _ in range(entry.size // 4 + 1)]
    arm = np.concatenate(blocks)[: entry.size] == 1
    moves = random.random(entry.size) < np.where(arm, conduct.withdrawn, conduct.crossed_over)
    treated = arm ^ moves
    dying = math.log(2) / plan.median_os_months * np.where(treated, plan.hazard_ratio_os, 1.0)
    failing = math.log(2) / plan.median_pfs_months * np.where(treated, plan.hazard_ratio_pfs, 1.0)
    death = random.exponential(1.0 / dying)
    progression = random.exponential(1.0 / (failing - dying))
    gap = plan.visit_interval_months
    first = random.uniform(0, gap, entry.size)
    visits = first[:, None] + gap * np.arange(200)
    attended = random.random(visits.shape) >= conduct.missed_visits
    # Progression is found that many visits late as visits are missed from the one that finds it.
    due = np.ceil(np.maximum(progression - first, 0.0) / gap).astype(int).clip(0, 199)
    late = [np.argmax(attended[i, due[i] :]) for i in range(entry.size)]
    progression = np.where(progression < death, progression + gap * np.array(late), np.inf)
    event = death if primary == "os" else np.minimum(progression, death)
    lost = random.exponential(-12.0 / math.log(1 - conduct.lost_per_year), entry.size)
    known = np.sort((entry + event)[event <= lost])
    end = conduct.cutoff_months
    if known.size >= design.events:
        end = min(end, max(known[design.events - 1], entry.max()))

    def look(month: float) -> list[float]:
        here = entry <= month
        until = np.minimum(lost, month - entry)[here]
        # By calendar time, so that rounding does not lose the event that makes the month.
        seen, time = ((event <= lost) & (entry + event <= month))[here], until
        if primary == "pfs":
            usable = attended[here] & (visits[here] <= until[:, None])
            time = np.where(usable, visits[here], 0.0).max(axis=1)
        z, log_ratio = score(np.where(seen, event[here], time), seen, arm[here])
        return [float(seen.sum()), month, float(here.sum()), log_ratio, z]

    half = math.ceil(design.events / 2)
    if design.monitoring is not None and known.size > half and known[half - 1] < end:
        early = look(float(known[half - 1]))
        if early[-1] >= OBRIEN_FLEMING_2[0]:
            return [*early, 1.0, 1.0]
    last = look(float(end))
    level = OBRIEN_FLEMING_2[1] if design.monitoring is not None else 1.959964
    return [*last, float(last[-1] >= level), 0.0]


@pytest.mark.parametrize(
    ("primary", "changes"),
    [
        ("os", {}),
        ("os", {"monitoring": LOOKS, "alpha": 0.025, "sided": 1, "hazard_ratio_os": 0.55}),
        ("pfs", {"missed_visits": 0.3, "hazard_ratio_pfs": 0.8}),
        ("pfs", {"hazard_ratio_os": 1.0, "hazard_ratio_pfs": 1.0}),
    ],
)
def test_engine_and_twin_agree(
    plan_of: Callable[..., Protocol], primary: str, changes: dict[str, Any]
) -> None:
    protocol = protocol_of(plan_of, primary, **changes)
    random = np.random.default_rng(11)
    theirs = np.array([twin(protocol, primary, random) for _ in range(TRIALS)])
    run = run_trial(protocol, trials=TRIALS, seed=5)
    table = run.trial_table
    columns = ["events", "cutoff_months", "patients"]
    ours = [table[name].to_numpy().astype(float) for name in columns]
    ours += [table["log_hazard_ratio"].to_numpy(), -table["z"].to_numpy()]
    for own, other in zip(ours, theirs.T, strict=False):
        error = math.hypot(own.std(), other.std()) / math.sqrt(TRIALS)
        # One Newton step is a little short of the maximum: 2 % of the log ratio.
        slack = 0.02 * abs(other.mean()) if own is ours[3] else 0.0
        assert abs(own.mean() - other.mean()) < MONTE_CARLO_WIDTH * error + slack + 1e-9
    power = theirs[:, 5].mean()
    error = math.sqrt(2 * max(power * (1 - power), 0.01) / TRIALS)
    assert abs(run.power - power) < MONTE_CARLO_WIDTH * error
    if protocol.design.monitoring is not None:
        early = (table["look"].to_numpy() == 1).mean()
        assert 0.1 < early < 0.9
        assert abs(early - theirs[:, 6].mean()) < MONTE_CARLO_WIDTH * math.sqrt(0.5 / TRIALS)


def test_more_trials_begin_with_the_same(plan_of: Callable[..., Protocol]) -> None:
    protocol = protocol_of(plan_of, "pfs", missed_visits=0.3)
    more = run_trial(protocol, trials=25, seed=2, workers=2).trial_table
    for trials, workers in ((10, 1), (13, 2), (20, 1), (20, 2)):
        fewer = run_trial(protocol, trials=trials, seed=2, workers=workers).trial_table
        assert fewer.equals(more.head(trials))
