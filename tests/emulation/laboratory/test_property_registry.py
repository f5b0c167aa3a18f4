"""Does a registry hold together, and does the kernel agree with its plain twin?"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.emulation.laboratory.knobs import SCENARIOS, SELECTIONS, STRENGTHS, Knobs, knobs_of
from debulk.emulation.laboratory.life_kernels import BURDEN, HAZARD, death_time
from debulk.emulation.laboratory.registry import simulate_registry

CLOSED = 1e-12  # the twin adds the same numbers in the same order


def plain_death(knobs: Knobs, path, threshold: float, treated: int) -> float:
    """Months to death, by the accumulated hazard at the end of every month."""
    months = np.arange(len(path))
    hazard = path[:, HAZARD].copy()
    if treated >= 0:
        early = (months >= treated) & (months < treated + knobs.early_months)
        late = months >= treated + knobs.early_months
        hazard[early] += knobs.early_harm
        hazard[late] *= knobs.late_ratio
        if path[treated, BURDEN] < knobs.few_burden:
            hazard[months >= treated] *= knobs.few_ratio
    lived = np.cumsum(hazard)
    over = np.flatnonzero(lived >= threshold)
    if not over.size:
        return math.inf
    month = int(over[0])
    before = lived[month - 1] if month else 0.0
    return month + (threshold - before) / hazard[month]


@settings(max_examples=40)
@given(
    scenario=st.sampled_from(SCENARIOS),
    treated=st.integers(-1, 5),
    threshold=st.floats(0.001, 5.0),
    seed=st.integers(0, 1000),
)
def test_death_agrees_with_the_plain_twin(scenario, treated, threshold, seed) -> None:
    knobs = knobs_of(scenario, "mild", "none")
    path = np.random.default_rng(seed).uniform(0.01, 0.1, size=(84, 7))
    path[:, BURDEN] -= 0.7
    found = death_time(knobs.record()[0], path, threshold, treated)
    assert found == pytest.approx(
        plain_death(knobs, path, threshold, treated), abs=CLOSED, rel=1e-9
    )


@settings(max_examples=15)
@given(
    scenario=st.sampled_from(SCENARIOS),
    selection=st.sampled_from(SELECTIONS),
    unmeasured=st.sampled_from(STRENGTHS),
    seed=st.integers(0, 2**31),
    patients=st.integers(1, 60),
)
def test_person_time_holds_together(scenario, selection, unmeasured, seed, patients) -> None:
    knobs = knobs_of(scenario, selection, unmeasured)
    found = simulate_registry(knobs, seed=seed, registry=3, patients=patients)
    assert np.all(found.time_months > 0.0)
    assert np.all(found.time_months <= knobs.cut_off_last)
    rows = np.diff(found.first)
    assert np.array_equal(rows, np.ceil(found.time_months).astype(int))
    assert found.visit.size == found.values.shape[0] == found.first[-1]
    progressed = found.progression_months[found.patient] <= found.visit
    assert np.array_equal(found.eligible, ~progressed)
    treated = np.flatnonzero(found.start_visit >= 0)
    there = found.first[treated] + found.start_visit[treated]
    assert np.all(found.eligible[there])
    assert np.all(found.start_months[treated] < found.time_months[treated])
    assert not np.any(found.lost & (found.cause == 1))


def test_a_patient_is_the_same_whatever_the_size_of_the_registry() -> None:
    knobs = knobs_of("benefit-in-few", "hard", "weak")
    small = simulate_registry(knobs, seed=1, registry=2, patients=10)
    large = simulate_registry(knobs, seed=1, registry=2, patients=30)
    assert np.array_equal(small.time_months, large.time_months[:10])
    assert np.array_equal(small.values, large.values[: small.first[-1]])
    other = simulate_registry(knobs, seed=1, registry=3, patients=10)
    assert not np.any(small.time_months == other.time_months)
