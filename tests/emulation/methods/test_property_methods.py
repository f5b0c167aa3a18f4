"""What must not matter: the order of patients, the unit of time, counts instead of copies."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest
from tests.emulation.simulated import registry

from debulk.emulation.answers import Answer
from debulk.emulation.grace import GracePeriod
from debulk.emulation.methods.baseline import baseline_weighting
from debulk.emulation.methods.landmark import landmark_groups
from debulk.emulation.methods.naive import naive_ever_never
from debulk.emulation.methods.question import ask
from debulk.emulation.methods.sequence_outcome import _mean_survival, fit_outcome
from debulk.emulation.methods.sequential import sequential_trials
from debulk.emulation.methods.time_dependent import mantel_byar, time_varying_cox
from debulk.emulation.methods.trial_sequence import log_weights, sequence_of, staying_of
from debulk.emulation.person_time import PersonTime
from debulk.emulation.weight_model import WeightModel, design_of

SUMS = 1e-8  # sums in another order, and Newton's method on them
GRACE = GracePeriod("natural")
STRAIGHT = WeightModel(knots=0)
REGISTRY = registry(250, 6, effect=-0.4, entry=True, competing=True)
CASES: list[tuple[Any, dict[str, Any]]] = [
    (naive_ever_never, {}),
    (naive_ever_never, {"adjusted": True}),
    (landmark_groups, {}),
    (mantel_byar, {}),
    (time_varying_cox, {"model": STRAIGHT}),
    (sequential_trials, {"model": STRAIGHT}),
    (sequential_trials, {"model": STRAIGHT, "outcome": "pooled logistic"}),
    (sequential_trials, {"effect": "intention-to-treat", "model": STRAIGHT}),
    (baseline_weighting, {"weights": "overlap"}),
    (baseline_weighting, {"moment": "landmark"}),
]


def numbers_of(answer: Answer) -> list[float]:
    effects = (answer.hazard_ratio, answer.rmst_difference, answer.risk_difference)
    return [part for each in effects if each is not None for part in (each.estimate, each.se)]


def chosen(person_time: PersonTime, order: Any) -> PersonTime:
    """Patients in another order, or some of them several times."""
    width = np.diff(person_time.first)
    rows = np.concatenate(
        [np.arange(person_time.first[each], person_time.first[each + 1]) for each in order]
    )
    return dataclasses.replace(
        person_time,
        **{
            name: getattr(person_time, name)[order]
            for name in (
                "time_months",
                "cause",
                "entry_months",
                "start_months",
                "complete_months",
                "progression_months",
                "lost",
            )
        },
        first=np.concatenate([[0], np.cumsum(width[order])]),
        visit=person_time.visit[rows],
        eligible=person_time.eligible[rows],
        values=person_time.values[rows],
        patient_id=(),
    )


@pytest.mark.parametrize(("method", "options"), CASES)
def test_order_of_patients_does_not_matter(method: Any, options: dict[str, Any]) -> None:
    order = np.random.default_rng(0).permutation(REGISTRY.patients)
    here = method(REGISTRY, GRACE, tau_months=12.0, **options)
    there = method(chosen(REGISTRY, order), GRACE, tau_months=12.0, **options)
    np.testing.assert_allclose(numbers_of(here), numbers_of(there), rtol=SUMS, atol=SUMS)


@pytest.mark.parametrize(("method", "options"), CASES)
def test_unit_of_time_does_not_matter(method: Any, options: dict[str, Any]) -> None:
    names = ("time_months", "entry_months", "start_months", "complete_months")
    # A power of two, so that no date moves across a visit by rounding.
    faster = dataclasses.replace(
        REGISTRY, visit_months=0.25, **{name: getattr(REGISTRY, name) * 0.25 for name in names}
    )
    here = method(REGISTRY, GRACE, tau_months=12.0, **options)
    there = method(faster, GRACE, tau_months=3.0, **options)
    assert there.hazard_ratio.estimate == pytest.approx(here.hazard_ratio.estimate, rel=SUMS)
    if here.rmst_difference is not None:
        expected = here.rmst_difference.estimate * 0.25
        assert there.rmst_difference.estimate == pytest.approx(expected, abs=SUMS)
        assert there.risk_difference.estimate == pytest.approx(
            here.risk_difference.estimate, abs=SUMS
        )


@pytest.mark.parametrize(("method", "options"), CASES)
def test_answers_are_plain_and_begin_with_a_warning(method: Any, options: dict[str, Any]) -> None:
    answer = method(REGISTRY, GRACE, tau_months=12.0, **options)
    json.dumps(answer.to_dict(), allow_nan=False)
    assert len(answer.caveats[0]) > 60
    assert any("came under observation after time zero" in each for each in answer.caveats)
    assert any("compete" in each for each in answer.caveats)
    for curve in answer.curves:
        assert (np.diff(curve.time_months) > 0).all()
        assert (np.diff(curve.survival) <= 0).all()
        total = curve.survival + sum(curve.competing.values())
        np.testing.assert_allclose(total, 1.0, atol=1e-9)  # everyone is free of events, or had one


@pytest.mark.parametrize("spread", [0.1, 1.0, 2.5])
def test_mean_survival_by_chebyshev_is_the_mean(spread: float) -> None:
    random = np.random.default_rng(2)
    risk = np.exp(random.normal(0.0, spread, 300))  # the steepest is 1,000 times the median
    counts = random.integers(0, 3, 300).astype(float)
    hazard = np.cumsum(random.exponential(1.0 / 400.0, 800))
    direct = counts @ np.exp(-np.outer(risk, hazard)) / counts.sum()
    np.testing.assert_allclose(_mean_survival(hazard, risk, counts), direct, atol=1e-12)


@pytest.mark.parametrize("outcome", ["cox", "pooled logistic"])
def test_counts_are_copies(outcome: Any) -> None:
    person_time = registry(120, 9)
    counts = np.random.default_rng(1).integers(0, 3, 120).astype(float)
    copies = chosen(person_time, np.repeat(np.arange(120), counts.astype(int)))

    def coefficient(data: PersonTime, loads: Any) -> float:
        question = ask(data, GRACE, 12.0, 0.95, False)
        sequence = sequence_of(question, "per-protocol", "grace")
        model = WeightModel(knots=0, month="linear")
        staying = staying_of(sequence, "grace", model)
        sums = log_weights(sequence, staying, loads, "patient-visits", False)
        baseline, names = design_of(data, sequence.row, model)
        terms = np.ascontiguousarray(baseline[:, 1:])
        fit = fit_outcome(sequence, sums, terms, names[1:], loads, (1,), outcome, "quadratic")
        return fit.treatment

    weighted = coefficient(person_time, counts)
    copied = coefficient(copies, np.ones(copies.patients))
    # Copies of a death are tied, which Efron's method counts otherwise than a weight of 2.
    within = 0.03 if outcome == "cox" else SUMS
    assert weighted == pytest.approx(copied, abs=within)


def test_bootstrap_is_the_same_for_a_seed_and_gives_every_interval() -> None:
    person_time = registry(150, 4)
    found = [
        sequential_trials(
            person_time,
            GRACE,
            tau_months=10.0,
            curves=False,
            model=STRAIGHT,
            replicates=4,
            seed=seed,
        )
        for seed in (1, 1, 2)
    ]
    assert numbers_of(found[0]) == numbers_of(found[1])
    assert numbers_of(found[0]) != numbers_of(found[2])
    assert np.isfinite(numbers_of(found[0])).all()
    assert found[0].details["replicates"] == 4
