"""Weights, order of events and refusals on patients made by hand."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.emulation.clones.fit import CloneAnswer, clone_censor_weight
from debulk.emulation.clones.weights import weighted_follow_up
from debulk.emulation.grace import GracePeriod
from debulk.emulation.person_time import PersonTime
from debulk.emulation.weight_model import WeightModel

person_time = runpy.run_path(str(Path(__file__).with_name("hand_made.py")))["person_time"]

CLOSED_FORM = 1e-12
ITERATIVE = 1e-10
TWO = GracePeriod("natural", visits=2)


def filled(*told: dict[str, Any], visits: int = 4) -> PersonTime:
    """The patients told, among others of whom half are treated at each of the first two visits."""
    others: list[dict[str, Any]] = [
        {"time": 10.0 + turn / 7, "start": (0, 1, None)[turn % 3], "cause": turn % 2}
        for turn in range(12)
    ]
    return person_time([*told, *others], visits)


def answered(data: PersonTime, grace: GracePeriod = TWO, **options: Any) -> CloneAnswer:
    return clone_censor_weight(data, grace, tau_months=5.0, curves=False, **options)


def test_a_death_on_the_visit_day_precedes_the_decision() -> None:
    data = filled({"time": 1.0, "start": 1})
    weights = answered(data).weights
    assert weights.arms[0].censored[0] == -1
    assert weights.arms[1].censored[0] == -1
    mine = weights.arms[0].rows < data.first[1]
    assert list(weights.arms[0].model.outcome[mine]) == [False]  # his one visit is the first


def test_progression_on_the_visit_day_precedes_the_decision() -> None:
    """Whoever progressed untreated inside the grace period has followed strategy 1."""
    data = filled({"time": 8.0, "progression": 1}, {"time": 8.0, "progression": 1, "start": 1})
    answer = answered(data)
    for arm in answer.weights.arms:
        assert list(arm.censored[:2]) == [-1, -1]
    assert np.all(answer.weights.arms[1].weight[:2] == 1.0)
    assert answer.details["counts"]["treated after progression"] == 1


def test_treatment_after_progression_in_the_same_month_is_usual_care() -> None:
    data = filled({"time": 8.0, "progression": 0.5, "start": 0.7})
    answer = answered(data)
    assert answer.weights.arms[0].censored[0] == -1
    assert not answer.weights.arms[0].model.outcome[0]
    assert answer.details["counts"]["treated after progression"] == 1


def test_progression_after_treatment_changes_nothing() -> None:
    weights = answered(filled({"time": 8.0, "start": 0, "progression": 3})).weights
    assert weights.arms[0].censored[0] == 0
    assert np.all(weights.arms[0].weight[0] == 0.0)
    assert np.all(weights.arms[1].weight[0] == 1.0)


def test_treated_and_lost_in_one_month_counts_as_treated() -> None:
    data = filled({"time": 1.6, "start": 1.2, "cause": 0, "lost": True})
    weights = answered(data).weights
    assert weights.arms[0].censored[0] == 1
    assert list(weights.arms[0].weight[0, :2] > 0) == [True, False]
    assert weights.arms[1].weight[0, 1] > 1.0


def test_treated_at_the_last_visit_stands_for_those_who_were_not() -> None:
    """No covariates and visits as indicators: the probability is the share treated."""
    data = filled({"time": 9.0, "start": 1})
    weights = answered(data).weights
    # 13 patients, 4 treated at visit 0; of the other 9, 5 are treated at visit 1.
    first, last = 4 / 13, 5 / 9
    arm = weights.arms[1]
    assert arm.weight[0] == pytest.approx([1.0, 1 / last, 1 / last], abs=CLOSED_FORM)
    never = np.flatnonzero(np.isnan(data.start_months))
    assert list(arm.censored[never]) == [1] * 4
    kept = weights.arms[0].weight[never[0]]
    product = 1 / ((1 - first) * (1 - last))
    assert kept == pytest.approx([1 / (1 - first), product, product], abs=CLOSED_FORM)


def test_uniform_timing_moves_every_decision() -> None:
    data = filled({"time": 9.0, "start": 1})
    arm = answered(data, GracePeriod("uniform", visits=2)).weights.arms[1]
    first, last = 4 / 13, 5 / 9
    early = int(np.flatnonzero(data.start_months == 0)[0])
    assert arm.weight[early] == pytest.approx([0.5 / first] * 3, abs=CLOSED_FORM)
    waited = 0.5 / (1 - first)
    expected = [waited, waited / last, waited / last]
    assert arm.weight[0] == pytest.approx(expected, abs=CLOSED_FORM)


def test_the_cox_form_without_covariates_is_the_share_treated() -> None:
    """Its steps are -log(1 - 4 / 13) and -log(1 - 5 / 9); Breslow's would be 4 / 13 and 5 / 9."""
    data = filled({"time": 9.0, "start": 1})
    arms = answered(data, model=WeightModel(form="cox")).weights.arms
    never = int(np.flatnonzero(np.isnan(data.start_months))[0])
    assert arms[0].weight[never, 0] == pytest.approx(13 / 9, abs=ITERATIVE)
    assert arms[1].weight[0, 1] == pytest.approx(9 / 5, abs=ITERATIVE)


def test_a_staged_strategy_is_judged_by_completion() -> None:
    """Strategy 0 is left by starting, strategy 1 by not having completed at the last visit."""
    told = [{"time": 9.0, "start": 0, "complete": None}, {"time": 9.0, "start": 0, "complete": 1}]
    grace = GracePeriod("natural", visits=2, minimum_share=0.8)
    weights = answered(filled(*told, {"time": 9.0, "start": 0, "complete": 1}), grace).weights
    assert list(weights.arms[0].censored[:3]) == [0, 0, 0]
    assert list(weights.arms[1].censored[:3]) == [1, -1, -1]
    assert weights.arms[1].weight[1, 1] > 1.0
    assert "local treatment begun" in weights.arms[1].model.terms
    assert "local treatment begun" not in weights.arms[0].model.terms


def test_a_loss_moves_weight_to_those_who_remain_from_the_next_visit_on() -> None:
    data = filled(
        {"time": 1.5, "cause": 0, "lost": True}, {"time": 2.5, "start": 0, "cause": 0, "lost": True}
    )
    model = WeightModel(month="linear")
    weights = answered(data, loss_model=model).weights
    plain = answered(data).weights
    assert weights.loss is not None
    lost = weights.loss.probability[weights.loss.rows == data.first[-2]][0]
    assert weights.arms[1].weight[-1, 0] == plain.arms[1].weight[-1, 0]
    ratio = weights.arms[0].weight[-1, 1] / plain.arms[0].weight[-1, 1]
    assert ratio == pytest.approx(1 / (1 - lost), abs=CLOSED_FORM)
    assert "local treatment" in weights.loss.terms


def test_follow_up_rows_carry_the_weights() -> None:
    data = filled({"time": 9.5, "start": 1}, {"time": 0.5}, {"time": 3.0, "entry": 0.25})
    answer = answered(data)
    rows = weighted_follow_up(data, answer, "local")
    mine = rows.filter(rows["patient_id"] == 0)
    assert mine["start_months"].to_list() == [0.0, 1.0]
    assert mine["stop_months"].to_list() == [1.0, 9.5]
    assert mine["event"].to_list() == [0, 1]
    assert mine["weight"].to_list() == list(answer.weights.arms[1].weight[0, :2])
    assert rows.filter(rows["patient_id"] == 1)["stop_months"].to_list() == [0.5]
    assert rows.filter(rows["patient_id"] == 2)["start_months"].to_list()[0] == 0.25
    avoided = weighted_follow_up(data, answer, "no_local")
    assert avoided.filter(avoided["patient_id"] == 0)["stop_months"].to_list() == [1.0]
    with pytest.raises(InputError, match="locl"):
        weighted_follow_up(data, answer, "locl")


def test_a_month_without_anyone_eligible_has_no_rows() -> None:
    told = [
        {"time": 8.0 + turn / 9, "start": (0, None)[turn % 2], "progression": 0.5 + turn / 99}
        for turn in range(8)
    ]
    answer = answered(person_time(told, 4), GracePeriod("natural", visits=3))
    assert set(answer.weights.arms[0].model.terms) == {"intercept"}
    assert list(answer.weights.arms[1].censored) == [-1] * 8


NEVER = [{"time": 8.0 + turn / 9, "start": None} for turn in range(6)]
ALWAYS = [each | {"start": 0} for each in NEVER]
PROGRESSED = [each | {"progression": 0.0} for each in NEVER]
EARLY = [*NEVER, *({"time": 7.0, "start": 0},) * 3]


@pytest.mark.parametrize(
    ("told", "where"),
    [
        (NEVER, "strategy 'local': none of the eligible"),
        (ALWAYS, "strategy 'no_local': all 6 eligible patients were treated at visit 0"),
        (PROGRESSED, "eligible patients: nobody of 6"),
        (EARLY, "strategy 'local': none of the 6 patients still eligible at the last visit"),
        ([each | {"cause": 0} for each in EARLY], "events: none of the 9 patients"),
    ],
)
def test_a_strategy_that_never_occurs_is_refused(told: list[dict[str, Any]], where: str) -> None:
    with pytest.raises(InputError, match=where):
        answered(person_time(told, 4))


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"interval": "wald"}, "interval"),
        ({"interval": ()}, "interval"),
        ({"interval": "bootstrap", "replicates": 1}, "replicates"),
        ({"interval": "bca", "replicates": 2.5}, "replicates"),
        ({"interval": "bca", "seed": -1}, "seed"),
        ({"interval": "bca", "workers": 0}, "workers"),
        ({"truncate": 1.0}, "truncate"),
        ({"conf_level": 95}, "conf_level"),
        ({"arm_models": "separate"}, "arm_models"),
        ({"stabilise": "yes"}, "stabilise"),
        ({"loss_model": WeightModel()}, "model of loss"),
        ({"model": WeightModel(covariates=("age",))}, "covariates"),
    ],
)
def test_a_wrong_option_is_refused(options: dict[str, Any], where: str) -> None:
    with pytest.raises(InputError, match=where):
        answered(filled(), **options)


def test_visits_that_the_person_time_lacks_are_refused() -> None:
    with pytest.raises(InputError, match="has 6 visits; the person-time has 4"):
        answered(filled(), GracePeriod("natural"))


def test_a_horizon_beyond_follow_up_is_refused() -> None:
    with pytest.raises(InputError, match="followed to"):
        clone_censor_weight(filled(), TWO, tau_months=40.0)


def test_a_visit_without_treatment_asks_for_a_spline() -> None:
    told = [{"time": 9.0, "start": (0, 2, None)[turn % 3]} for turn in range(12)]
    data = person_time(told, 4)
    with pytest.raises(InputError, match="0 times at the 8 rows of visit 1"):
        answered(data, GracePeriod("natural", visits=3))
    grace = GracePeriod("natural", visits=3)
    assert answered(data, grace, model=WeightModel(month="linear")).hazard_ratio is not None


def test_uniform_timing_has_no_model_of_the_last_visit_alone() -> None:
    with pytest.raises(InputError, match="'deadline' with uniform timing"):
        answered(filled(), GracePeriod("uniform", visits=2), arm_models="deadline")


def test_dates_between_visits_are_told_with_their_delay() -> None:
    at_visits = filled()
    said = [
        [each for each in answered(data).caveats if "after its visit on average" in each]
        for data in (
            at_visits,
            replace(at_visits, start_months=np.floor(at_visits.start_months) + 0.25),
        )
    ]
    assert [len(each) for each in said] == [0, 1]
    assert "treatment came 0.25 months after" in said[1][0]
