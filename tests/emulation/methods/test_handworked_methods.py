"""Small registries worked by hand: who is in which group, trial and interval, and why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.emulation.simulated import registry

from debulk.emulation.grace import GracePeriod
from debulk.emulation.methods.baseline import propensity
from debulk.emulation.methods.incidence import at_horizon, steps_of
from debulk.emulation.methods.landmark import at_landmark, landmark_follow_up, landmark_groups
from debulk.emulation.methods.naive import naive_ever_never
from debulk.emulation.methods.question import ask
from debulk.emulation.methods.sequential import sequential_trials
from debulk.emulation.methods.time_dependent import time_varying_cox, treated_time
from debulk.emulation.methods.trial_sequence import (
    log_weights,
    pieces_by_interval,
    pieces_by_weight,
    sequence_of,
    staying_of,
)
from debulk.emulation.person_time import Covariate, PersonTime
from debulk.emulation.weight_model import WeightModel
from debulk.survival import cox

ROUNDING = 1e-12
ITERATED = 1e-8  # two Newton fits of the same likelihood


def by_hand(
    time: list[float], cause: list[int], start: list[float], entry: list[float] | None = None
) -> PersonTime:
    """Patients eligible at every visit, with one covariate that is 0 or 1 in turn."""
    months = np.array(time)
    rows = np.ceil(months).astype(int)
    first = np.concatenate([[0], np.cumsum(rows)])
    patient = np.repeat(np.arange(months.size), rows)
    begun = np.array(start)
    return PersonTime(
        time_months=months,
        cause=np.array(cause, dtype=np.int8),
        entry_months=np.zeros(months.size) if entry is None else np.array(entry),
        start_months=begun,
        complete_months=begun,
        progression_months=np.full(months.size, np.nan),
        lost=np.zeros(months.size, dtype=bool),
        first=first,
        visit=(np.arange(first[-1]) - first[patient]).astype(np.int32),
        eligible=np.ones(first[-1], dtype=bool),
        values=(patient % 2.0)[:, None],
        covariates=(Covariate("odd"),),
        patient_id=tuple("abcdefgh"[: months.size]),
    )


NAN = float("nan")
SIX = by_hand(
    time=[2.5, 4.0, 5.5, 5.0, 1.5, 6.0],
    cause=[1, 1, 0, 1, 1, 0],
    start=[NAN, 0.0, 2.0, 1.0, NAN, 5.2],
)
EIGHT = by_hand(  # two more, with whom the hazard ratios are finite
    time=[2.5, 4.0, 5.5, 5.0, 1.5, 6.0, 4.5, 3.5],
    cause=[1, 1, 0, 1, 1, 0, 1, 1],
    start=[NAN, 0.0, 2.0, 1.0, NAN, 5.2, NAN, 2.0],
)
GRACE = GracePeriod("natural", visits=3)


def question_of(person_time: PersonTime, tau: float = 3.0) -> Any:
    return ask(person_time, GRACE, tau, 0.95, False)


def test_intervals_of_treated_time() -> None:
    spans = treated_time(question_of(SIX))
    found = sorted(
        zip(
            spans.patient.tolist(),
            spans.entry.tolist(),
            spans.time.tolist(),
            spans.treated.tolist(),
            spans.cause.tolist(),
            strict=True,
        )
    )
    assert found == [
        (0, 0.0, 2.5, False, 1),
        (1, 0.0, 4.0, True, 1),
        (2, 0.0, 2.0, False, 0),
        (2, 2.0, 5.5, True, 0),
        (3, 0.0, 1.0, False, 0),
        (3, 1.0, 5.0, True, 1),
        (4, 0.0, 1.5, False, 1),
        (5, 0.0, 5.2, False, 0),
        (5, 5.2, 6.0, True, 0),
    ]


def test_visits_cut_treated_time_where_covariates_may_change() -> None:
    spans = treated_time(question_of(SIX), visits=True)
    last = spans.patient == 5
    order = np.argsort(spans.entry[last])
    assert spans.entry[last][order].tolist() == [0, 1, 2, 3, 4, 5, 5.2]
    assert spans.time[last][order].tolist() == [1, 2, 3, 4, 5, 5.2, 6]
    assert spans.treated[last][order].tolist() == [False] * 6 + [True]
    assert np.count_nonzero(spans.cause == 1) == np.count_nonzero(SIX.cause == 1)


def test_late_entry_shortens_the_first_interval_and_drops_what_lies_before() -> None:
    late = by_hand([3.0, 3.0, 2.0], [1, 0, 1], [2.0, 0.0, NAN], entry=[2.5, 1.0, 0.5])
    spans = treated_time(question_of(late))
    assert spans.entry.tolist() == [2.5, 1.0, 0.5]
    assert spans.treated.tolist() == [True, True, False]


def test_a_death_on_the_day_of_treatment_is_a_death_after_treatment() -> None:
    same_day = by_hand([2.5, 4.0, 3.0, 5.0], [1, 1, 1, 0], [2.5, NAN, 1.0, NAN])
    question = question_of(same_day)
    assert question.ever.tolist() == [True, False, True, False]
    assert question.begun.tolist() == [2, -1, 1, -1]
    spans = treated_time(question)
    assert spans.treated[(spans.patient == 0) & (spans.cause == 1)].tolist() == [True]


def test_a_death_on_the_day_of_a_visit_comes_before_its_decision() -> None:
    at_visit = by_hand([2.0, 4.0, 3.0], [1, 1, 1], [2.0, 0.0, NAN])
    assert question_of(at_visit).begun.tolist() == [-1, 0, -1]
    sequence = sequence_of(question_of(at_visit), "per-protocol", "grace")
    assert sequence.cause[sequence.patient == 0].tolist() == [1, 1]


def test_who_is_left_out_at_the_landmark() -> None:
    answer = landmark_groups(EIGHT, GRACE, tau_months=4.0, curves=False)
    assert answer.details["left_out"] == {
        "treated": {"event": 0, "competing event": 0, "last seen": 0},
        "untreated": {"event": 2, "competing event": 0, "last seen": 0},
    }
    assert answer.patients == {"not treated by the landmark": 2, "treated by the landmark": 4}
    assert "2 patients (2 untreated by event)" in answer.caveats[1]


def test_immortal_months_are_the_mean_wait() -> None:
    answer = naive_ever_never(EIGHT, GRACE, tau_months=2.0, curves=False)
    assert answer.details["immortal_months"] == pytest.approx((0.0 + 2.0 + 1.0 + 5.2 + 2.0) / 5)


def test_trials_and_their_follow_up() -> None:
    sequence = sequence_of(question_of(SIX), "per-protocol", "grace")
    found = [
        (int(patient), int(visit), bool(treated), float(months), int(cause))
        for patient, visit, treated, months, cause in zip(
            sequence.patient,
            sequence.visit,
            sequence.treated,
            sequence.months,
            sequence.cause,
            strict=True,
        )
    ]
    assert found == [
        (0, 0, False, 2.5, 1),
        (0, 1, False, 1.5, 1),
        (0, 2, False, 0.5, 1),
        (1, 0, True, 4.0, 1),
        (2, 0, False, 2.0, 0),  # treated at visit 2: leaves trials 0 and 1 there
        (2, 1, False, 1.0, 0),
        (2, 2, True, 3.5, 0),
        (3, 0, False, 1.0, 0),
        (3, 1, True, 4.0, 1),
        (4, 0, False, 1.5, 1),
        (4, 1, False, 0.5, 1),
        (5, 0, False, 6.0, 0),  # treated at visit 5, after the grace period: stays
        (5, 1, False, 5.0, 0),
        (5, 2, False, 4.0, 0),
    ]


def test_treatment_after_the_grace_period_censors_only_if_asked() -> None:
    sequence = sequence_of(question_of(SIX), "per-protocol", "ever")
    last = sequence.patient == 5
    assert sequence.months[last].tolist() == [5.0, 4.0, 3.0]
    assert sequence.censored[last].all()


def test_weights_are_one_over_the_share_that_stays() -> None:
    question = question_of(SIX)
    sequence = sequence_of(question, "per-protocol", "grace")
    model = WeightModel(covariates=())
    staying = staying_of(sequence, "grace", model)
    # At visit 1 patients 0, 2, 3, 4, 5 may be treated and 3 is; at visit 2 of 0, 2, 5 it is 2.
    assert SIX.patient[staying.rows].tolist() == [0, 0, 2, 2, 3, 4, 5, 5]
    assert staying.trials.tolist() == [1, 2, 1, 2, 1, 1, 1, 2]
    ones = np.ones(SIX.patients)
    sums = log_weights(sequence, staying, ones, "patient-visits", False)
    pieces = pieces_by_weight(sequence, sums)
    of_first = pieces.unit == 0
    assert pieces.begin[of_first].tolist() == [0.0, 1.0, 2.0]
    assert pieces.end[of_first].tolist() == [1.0, 2.0, 2.5]
    assert pieces.cause[of_first].tolist() == [0, 0, 1]
    np.testing.assert_allclose(pieces.weight[of_first], [1, 5 / 4, 5 / 4 * 3 / 2], rtol=1e-9)
    treated = sequence.treated[pieces.unit]
    assert (pieces.weight[treated] == 1.0).all()
    assert np.count_nonzero(treated) == 3


def test_intervals_of_the_pooled_model_are_whole() -> None:
    question = question_of(SIX)
    sequence = sequence_of(question, "intention-to-treat", "grace")
    pieces = pieces_by_interval(sequence, np.zeros(SIX.visit.size), 3.0)
    length = np.bincount(pieces.unit)
    # An event fills its interval, a last contact does not, and nothing goes beyond month 3.
    assert length[sequence.patient == 0].tolist() == [3, 2, 1]
    assert length[sequence.patient == 2].tolist() == [3, 3, 3]
    assert pieces.cause[pieces.unit == 0].tolist() == [0, 0, 1]


def test_a_last_contact_inside_an_interval_leaves_it_out() -> None:
    sequence = sequence_of(question_of(SIX), "intention-to-treat", "grace")
    pieces = pieces_by_interval(sequence, np.zeros(SIX.visit.size), 10.0)
    length = np.bincount(pieces.unit)
    assert length[sequence.patient == 2].tolist() == [5, 4, 3]  # last seen at month 5.5
    assert length[sequence.patient == 0].tolist() == [3, 2, 1]  # died at month 2.5
    assert length[sequence.patient == 5].tolist() == [6, 5, 4]  # last seen at month 6


def test_who_comes_under_observation_late_enters_no_trial_before() -> None:
    late = by_hand([5.0, 4.0, 3.0], [1, 1, 1], [2.0, 0.0, NAN], entry=[1.5, 0.0, 1.0])
    sequence = sequence_of(question_of(late), "per-protocol", "grace")
    found = list(zip(sequence.patient.tolist(), sequence.visit.tolist(), strict=True))
    assert found == [(0, 2), (1, 0), (2, 1), (2, 2)]


def test_who_comes_under_observation_after_the_landmark_is_at_risk_from_then_on() -> None:
    late = by_hand([5.0, 4.0, 6.0], [1, 1, 1], [2.0, 0.0, NAN], entry=[3.5, 0.0, 1.0])
    question = question_of(late, tau=4.0)
    there, treated = at_landmark(question, 3.0)
    groups = landmark_follow_up(question, 3.0, there, treated, ("not", "treated"))
    assert groups.entry.tolist() == [3.5, 3.0, 3.0]
    assert groups.treated.tolist() == [True, True, False]


def test_one_visit_is_coxs_model_at_time_zero() -> None:
    person_time = registry(300, 5)
    one = GracePeriod("natural", visits=1)
    model = WeightModel(knots=0)
    found = [
        sequential_trials(
            person_time, one, tau_months=12.0, curves=False, effect=effect, model=model
        ).hazard_ratio
        for effect in ("per-protocol", "intention-to-treat")
    ]
    assert found[0] == found[1]
    at_once = np.where(person_time.start_months < 1.0, 0.0, np.nan)
    frozen = PersonTime(
        **{
            name: getattr(person_time, name)
            for name in PersonTime.__dataclass_fields__
            if name != "names"
        }
        | {"start_months": at_once}
    )
    direct = time_varying_cox(frozen, one, tau_months=12.0, covariates="time-zero", model=model)
    assert found[0] is not None
    assert direct.hazard_ratio is not None
    assert found[0].estimate == pytest.approx(direct.hazard_ratio.estimate, rel=ITERATED)


def test_standardised_curves_are_the_mean_of_predicted_ones() -> None:
    person_time = registry(200, 7, effect=-0.5)
    one = GracePeriod("natural", visits=1)
    answer = sequential_trials(person_time, one, tau_months=12.0, model=WeightModel(knots=0))
    kept = person_time.eligible[person_time.first[:-1]]
    table = {
        "time": person_time.time_months[kept],
        "event": person_time.cause[kept] == 1,
        "treated": (person_time.start_visit[kept] == 0).astype(float),
        "burden": person_time.values[person_time.first[:-1], 0][kept],
        "fit": person_time.values[person_time.first[:-1], 1][kept],
    }
    model = cox(table, time="time", event="event", covariates=["treated", "burden", "fit"])
    for treated, curve in enumerate(answer.curves):
        fixed = table | {"treated": np.full(kept.sum(), float(treated))}
        mean = model.predict_survival(fixed, curve.time_months).survival.mean(axis=1)
        np.testing.assert_allclose(curve.survival, mean, atol=ITERATED)


def test_influence_is_the_derivative_by_each_weight() -> None:
    random = np.random.default_rng(4)
    time = np.ceil(random.exponential(8.0, 40) * 2.0) / 2.0  # with ties
    entry = np.where(random.random(40) < 0.3, time * random.random(40), 0.0)
    cause = random.integers(0, 3, 40).astype(np.int8)
    weights = random.uniform(0.5, 2.0, 40)

    def horizon(loads: Any) -> Any:
        steps = steps_of(entry, time, cause, loads, (1, 2))
        return at_horizon(steps, entry, time, cause, loads, 9.0)

    base = horizon(weights)
    step = 1e-6
    for row in range(40):
        moved = weights.copy()
        moved[row] += step
        there = horizon(moved)
        # The error of a difference quotient is about its step.
        assert weights[row] * (there.risk - base.risk) / step == pytest.approx(
            base.risk_influence[row], abs=1e-6
        )
        assert weights[row] * (there.rmst - base.rmst) / step == pytest.approx(
            base.rmst_influence[row], abs=1e-5
        )
    assert base.risk_influence.sum() == pytest.approx(0.0, abs=ROUNDING * 100)


@pytest.mark.parametrize("kind", ["inverse-probability", "overlap"])
def test_slopes_of_weights_are_their_derivatives(kind: Any) -> None:
    person_time = registry(200, 8)
    treated = person_time.start_visit == 0
    everyone = np.ones(200, dtype=bool)
    model = WeightModel(knots=0)
    chance = propensity(person_time, everyone, treated, model, kind)
    values = person_time.values[person_time.first[:-1]]
    design = np.column_stack([np.ones(200), values])
    odds = np.log(chance.probability / (1.0 - chance.probability))
    for term in range(3):
        moved = 1.0 / (1.0 + np.exp(-(odds + 1e-6 * design[:, term])))
        own = np.where(treated, moved, 1.0 - moved)
        weights = 1.0 / own if kind == "inverse-probability" else 1.0 - own
        slope = (weights - chance.weights) / 1e-6
        np.testing.assert_allclose(chance.slopes[:, term], slope, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(chance.scores.sum(axis=0), 0.0, atol=1e-8)
