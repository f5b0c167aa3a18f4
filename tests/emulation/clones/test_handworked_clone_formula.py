"""Estimates beside other formulas for the same number: the g-formula, groups, a jackknife."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from debulk.emulation.clones.analysis import analyse
from debulk.emulation.clones.bootstrap import drawn_counts, replicate_contrasts
from debulk.emulation.clones.fit import clone_censor_weight
from debulk.emulation.clones.influence import influence_of
from debulk.emulation.clones.passes import contrasts, incidence, log_hazard_ratio, risk_sums
from debulk.emulation.clones.timeline import timeline_of
from debulk.emulation.clones.weights import weighted_follow_up
from debulk.emulation.grace import GracePeriod
from debulk.emulation.person_time import Covariate, PersonTime
from debulk.emulation.weight_model import WeightModel
from debulk.survival import cox, cumulative_incidence, kaplan_meier, rmst_difference

HERE = Path(__file__).parent
person_time = runpy.run_path(str(HERE / "hand_made.py"))["person_time"]
registry = runpy.run_path(str(HERE / "simulated.py"))["registry"]

CLOSED_FORM = 1e-12
ITERATIVE = 1e-10  # Cox's coefficient, two iterations to their ends
LINE = WeightModel(knots=0)


def test_unit_weights_give_kaplan_meier_in_both_arms() -> None:
    data = registry(300, 3)
    timeline = timeline_of(data, 3)
    ones = np.ones((3, data.patients))
    sums = risk_sums(timeline, ones, np.ones(data.patients))
    curve = kaplan_meier(data.time_months, data.cause == 1)
    risk, area = incidence(timeline.times, *sums, 30.0)
    assert risk == pytest.approx(1.0 - float(curve.at(30.0)), abs=CLOSED_FORM)
    assert 30.0 - area == pytest.approx(curve.rmst(30.0).estimate, abs=1e-10)
    beta, _ = log_hazard_ratio(sums[0], sums[1], sums[0], sums[1], 0.3)
    assert beta == pytest.approx(0.0, abs=CLOSED_FORM)


def test_a_split_at_time_zero_is_a_comparison_of_groups() -> None:
    """One visit and no covariates: stabilised weights are 1."""
    data = registry(400, 4)
    answer = clone_censor_weight(
        data,
        GracePeriod("natural", visits=1),
        tau_months=24.0,
        model=WeightModel(covariates=()),
        stabilise=True,
    )
    treated = data.start_months == 0
    ours, event = answer.rmst_difference, data.cause == 1
    assert ours is not None
    assert answer.hazard_ratio is not None
    theirs = rmst_difference(data.time_months, event, treated.astype(int), 24.0)
    assert ours.estimate == pytest.approx(theirs.estimate, abs=ITERATIVE)
    for curve, group in zip(answer.curves, (~treated, treated), strict=True):
        whole = kaplan_meier(data.time_months[group], event[group])
        assert curve.at(18.3) == pytest.approx(float(whole.at(18.3)), abs=CLOSED_FORM)
    frame = {"time": data.time_months, "event": event, "treated": treated.astype(float)}
    model = cox(frame, time="time", event="event", covariates=["treated"])
    beta = float(np.log(answer.hazard_ratio.estimate))
    assert beta == pytest.approx(float(model.coef[0]), abs=ITERATIVE)


def saturated(strata: int, visits: int) -> PersonTime:
    """Patients of some strata, nobody censored; a column for each stratum and visit."""
    random = np.random.default_rng(11)
    told: list[dict[str, Any]] = []
    for turn in range(900):
        stratum = turn % strata
        start = next(
            (visit for visit in range(visits) if random.random() < 0.2 + 0.1 * stratum), None
        )
        gap = random.exponential(12.0 / (1 + stratum))
        progression = random.exponential(6.0)
        late = start is None or progression <= start
        told.append(
            {
                "time": 0.01 + gap * (1.0 if late else 1.4),
                "start": None if start is not None and start >= 0.01 + gap else start,
                "progression": progression if progression < gap else None,
                "stratum": float(stratum),
            }
        )
    data = person_time(told, visits + 1, "stratum")
    stratum = data.values[:, 0]
    cells = [
        ((stratum == level) & (data.visit == visit)).astype(float)
        for level in range(1, strata)
        for visit in range(visits)
    ]
    names = tuple(Covariate(f"cell {place}") for place in range(len(cells)))
    return replace(data, values=np.column_stack(cells), covariates=names)


@pytest.mark.parametrize("timing", ["natural", "uniform"])
def test_saturated_weights_are_the_g_formula(timing: str) -> None:
    """Non-parametric g-formula by stratum, visit and progression, as a recursion over visits."""
    strata, visits, tau = 3, 3, 7.0
    data = saturated(strata, visits)
    answer = clone_censor_weight(
        data,
        GracePeriod(timing, visits=visits),  # type: ignore[arg-type]
        tau_months=tau,
        model=LINE,
    )
    level = np.arange(data.patients) % strata
    dead = data.time_months <= tau
    decided = np.where(data.progression_months <= data.start_months, -1, data.start_visit)

    def risk(there: np.ndarray, visit: int, plan: str) -> float:
        """Risk of those eligible and untreated at a visit under a plan."""
        treated = there & (decided == visit)
        waits = there & ~treated
        share = {"avoid": 0.0, "uniform": 1.0 / (visits - visit)}.get(plan, 0.0)
        if plan == "natural":
            share = 1.0 if visit == visits - 1 else treated.sum() / there.sum()
        found = share * dead[treated].mean() if share > 0 else 0.0
        if share == 1.0:
            return float(found)
        stays = waits & (data.time_months > visit + 1) & ~(data.progression_months <= visit + 1)
        if visit == visits - 1:
            return float(found + (1 - share) * dead[waits].mean())
        off = waits & ~stays
        later = stays.sum() * risk(stays, visit + 1, plan) + dead[off].sum()
        return float(found + (1 - share) * later / waits.sum())

    for curve, plan in zip(answer.curves, ("avoid", timing), strict=True):
        expected = np.mean([risk(level == each, 0, plan) for each in range(strata)])
        assert 1.0 - curve.at(tau) == pytest.approx(float(expected), abs=CLOSED_FORM)


def test_stabilising_moves_the_hazard_ratio_and_no_curve() -> None:
    data = registry(1500, 5, hazard_ratio=0.5, early_harm=0.08)
    grace = GracePeriod("natural")
    plain, stable = (
        clone_censor_weight(data, grace, tau_months=30.0, stabilise=each) for each in (False, True)
    )
    for one, other in zip(plain.curves, stable.curves, strict=True):
        assert one.survival == pytest.approx(other.survival, abs=CLOSED_FORM)
        assert one.std_error == pytest.approx(other.std_error, abs=ITERATIVE)
    assert plain.hazard_ratio is not None
    assert stable.hazard_ratio is not None
    assert abs(np.log(plain.hazard_ratio.estimate / stable.hazard_ratio.estimate)) > 1e-3


@pytest.mark.parametrize("timing", ["natural", "uniform"])
@pytest.mark.parametrize("truncated", [False, True])
def test_influence_is_what_a_jackknife_sees(timing: str, truncated: bool) -> None:
    data = registry(1000, 6)
    if truncated:
        late = np.where(np.arange(1000) % 4 == 0, np.minimum(2.4, data.time_months * 0.9), 0.0)
        data = replace(data, entry_months=late)
    analysis = analyse(data, GracePeriod(timing), 24.0, LINE, None, "pooled", False)  # type: ignore[arg-type]
    influence = analysis.influence()
    left_out = np.empty((data.patients, 3))
    for patient in range(data.patients):
        counts = np.ones(data.patients)
        counts[patient] = 0.0
        sums = [risk_sums(analysis.timeline, weight, counts) for weight in analysis.weights]
        left_out[patient] = contrasts(analysis.timeline.times, sums[0], sums[1], 24.0, 0.0)
    moved = (analysis.effect - left_out) * (data.patients - 1) / data.patients
    for column in range(3):
        assert np.corrcoef(influence[:, column], moved[:, column])[0, 1] > 0.999
        ratio = np.linalg.norm(influence[:, column]) / np.linalg.norm(moved[:, column])
        assert ratio == pytest.approx(1.0, abs=0.06)


def resampled(data: PersonTime, counts: np.ndarray) -> PersonTime:
    """The patients drawn, each as often as drawn."""
    drawn = np.repeat(np.arange(data.patients), counts.astype(int))
    sizes = np.diff(data.first)[drawn]
    rows = np.concatenate([np.arange(data.first[i], data.first[i + 1]) for i in drawn])
    told = ("time_months", "cause", "entry_months", "start_months", "complete_months")
    told += ("progression_months", "lost")
    return replace(
        data,
        **{name: getattr(data, name)[drawn] for name in told},
        first=np.r_[0, np.cumsum(sizes)],
        **{name: getattr(data, name)[rows] for name in ("visit", "eligible", "values")},
        patient_id=(),
    )


@pytest.mark.parametrize("timing", ["natural", "uniform"])
def test_counts_as_weights_are_a_resample(timing: str) -> None:
    """Refitted to convergence, loss modelled and weights stabilised; and two steps are near."""
    data = registry(700, 8, loss=0.02)
    grace, loss = GracePeriod(timing), WeightModel(month="linear", knots=0)  # type: ignore[arg-type]
    analysis = analyse(data, grace, 24.0, LINE, loss, "pooled", True)
    counts = drawn_counts(1, 0, data.patients)
    assert analysis.loss is not None
    starting, completing = (each.model_rows for each in analysis.decisions)
    found = []
    for steps in (12, 2):
        weight = np.zeros((2, *analysis.weights[0].shape))
        rows = (starting, completing, analysis.loss[1])
        found.append(
            replicate_contrasts(
                analysis.timeline, *rows, analysis.resampled(), counts, weight[0], weight[1], steps
            )
        )
    made = analyse(resampled(data, counts), grace, 24.0, LINE, loss, "pooled", True)
    assert found[0] == pytest.approx(made.effect, abs=CLOSED_FORM)
    assert found[1][0] == pytest.approx(found[0][0], abs=1e-4)


def test_curves_have_the_standard_errors_of_their_influence() -> None:
    """The recursion over time against the sandwich at the horizon, late entries among them."""
    data = registry(300, 9)
    entry = np.where(np.arange(300) % 3 == 0, np.minimum(1.7, data.time_months * 0.9), 0.0)
    data = replace(data, entry_months=entry)
    grace = GracePeriod("natural")
    answer = clone_censor_weight(data, grace, tau_months=20.0)
    analysis = analyse(data, grace, 20.0, WeightModel(), None, "pooled", False)
    scores = analysis.scores()
    empty = np.zeros_like(analysis.weights[0])
    for arm in (0, 1):
        weights = [empty, empty]
        weights[arm] = analysis.weights[arm]
        found = influence_of(analysis.timeline, (weights[0], weights[1]), analysis.sums, 20.0, 0.0)[
            :, 2
        ]
        fitted = np.linalg.lstsq(scores, found, rcond=None)[0]
        error = float(np.linalg.norm(found - scores @ fitted))
        curve = answer.curves[arm]
        place = int(np.searchsorted(curve.time_months, 20.0, side="right")) - 1
        assert curve.std_error[place] == pytest.approx(error, rel=1e-8)


def test_weighted_follow_up_gives_the_same_curve_and_ratio() -> None:
    data = registry(500, 10)
    data = replace(data, entry_months=np.where(np.arange(500) % 5 == 0, 0.01, 0.0))
    answer = clone_censor_weight(data, GracePeriod("uniform"), tau_months=24.0)
    tables = [weighted_follow_up(data, answer, name) for name in ("no_local", "local")]
    for table, curve in zip(tables, answer.curves, strict=True):
        whole = kaplan_meier(
            table["stop_months"].to_numpy(),
            table["event"].to_numpy() == 1,
            entry=table["start_months"].to_numpy(),
            weights=table["weight"].to_numpy(),
        )
        assert curve.at(24.0) == pytest.approx(float(whole.at(24.0)), abs=ITERATIVE)


def test_competing_events_are_aalen_and_johansen() -> None:
    data = registry(400, 12)
    cause = np.where((data.cause == 1) & (np.arange(400) % 3 == 0), 2, data.cause)
    data = replace(data, cause=cause.astype(np.int8))
    grace = GracePeriod("natural", visits=1)
    none = WeightModel(covariates=())
    answer = clone_censor_weight(data, grace, tau_months=24.0, model=none)
    treated = data.start_months == 0
    risks = []
    for group in (~treated, treated):
        curves = cumulative_incidence(data.time_months[group], data.cause[group])
        (by_cause,) = curves.values()
        risks.append(float(by_cause[1].at(24.0)))
    assert answer.risk_difference is not None
    assert answer.risk_difference.estimate == pytest.approx(risks[1] - risks[0], abs=ITERATIVE)
    assert "cumulative incidence" in answer.risk_difference.estimand
    for curve in answer.curves:
        total = curve.survival + curve.competing[1] + curve.competing[2]
        assert total == pytest.approx(np.ones(total.size), abs=CLOSED_FORM)
