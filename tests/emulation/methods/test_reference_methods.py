"""Methods beside clone-censor-weight against R's survival on one case with ties and late entry."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.reference.emulation.methods_case import case

from debulk.emulation.answers import Answer
from debulk.emulation.grace import GracePeriod
from debulk.emulation.methods.baseline import baseline_weighting, groups_at, propensity
from debulk.emulation.methods.landmark import landmark_groups
from debulk.emulation.methods.naive import naive_ever_never
from debulk.emulation.methods.question import ask
from debulk.emulation.methods.time_dependent import mantel_byar, time_varying_cox
from debulk.emulation.methods.two_groups import hazard_ratio
from debulk.emulation.weight_model import WeightModel

FOLDER = Path(__file__).parents[2] / "reference" / "emulation"
EXPECTED: dict[str, Any] = json.loads((FOLDER / "methods.json").read_text())

ITERATIVE = 1e-7  # coxph stops at a relative change of 1e-9 in the likelihood, so about here
CLOSED = 1e-10  # no iteration: curves and the log-rank test
STRAIGHT = WeightModel(knots=0)  # the R script has no splines
GRACE = GracePeriod("natural")
TAU = 12.0


@pytest.fixture(scope="module")
def person_time() -> Any:
    return case()


def _check_ratio(answer: Answer, expected: dict[str, Any], with_error: bool = True) -> None:
    ratio = answer.hazard_ratio
    assert ratio is not None
    assert np.log(ratio.estimate) == pytest.approx(expected["coef"], abs=ITERATIVE)
    if with_error:
        assert ratio.se == pytest.approx(expected["se"], abs=ITERATIVE)


def _check_differences(answer: Answer, expected: dict[str, Any], within: float) -> None:
    assert answer.rmst_difference is not None
    assert answer.risk_difference is not None
    assert answer.rmst_difference.estimate == pytest.approx(expected["rmst"], abs=within)
    assert answer.risk_difference.estimate == pytest.approx(expected["risk"], abs=within)


@pytest.mark.parametrize(
    ("method", "name"), [(naive_ever_never, "naive"), (landmark_groups, "landmark")]
)
def test_groups_agree_with_coxph_and_survfit(person_time: Any, method: Any, name: str) -> None:
    crude = method(person_time, GRACE, tau_months=TAU)
    _check_ratio(crude, EXPECTED[name])
    _check_differences(crude, EXPECTED[name], CLOSED)
    adjusted = method(person_time, GRACE, tau_months=TAU, adjusted=True, model=STRAIGHT)
    _check_ratio(adjusted, EXPECTED[f"{name}_adjusted"])
    assert adjusted.rmst_difference is None


def test_mantel_byar_agrees_with_the_score_test(person_time: Any) -> None:
    answer = mantel_byar(person_time, GRACE, tau_months=TAU)
    _check_ratio(answer, EXPECTED["mantel_byar"])
    assert answer.details["statistic"] == pytest.approx(
        EXPECTED["mantel_byar"]["chisq"], abs=CLOSED
    )
    excess = answer.details["observed"]["treated"] - answer.details["expected"]["treated"]
    assert np.sign(excess) == np.sign(EXPECTED["mantel_byar"]["coef"])


@pytest.mark.parametrize(
    ("covariates", "name"),
    [("none", "mantel_byar"), ("time-zero", "time_zero"), ("time-varying", "time_varying")],
)
def test_time_dependent_cox_agrees_with_tmerge(
    person_time: Any, covariates: Any, name: str
) -> None:
    answer = time_varying_cox(
        person_time, GRACE, tau_months=TAU, covariates=covariates, model=STRAIGHT
    )
    _check_ratio(answer, EXPECTED[name])


@pytest.mark.parametrize(
    ("moment", "name"), [("time-zero", "weights_time_zero"), ("landmark", "weights_landmark")]
)
@pytest.mark.parametrize(("weights", "short"), [("inverse-probability", "ate"), ("overlap", "ato")])
def test_weighted_groups_agree_with_glm_and_coxph(
    person_time: Any, moment: Any, name: str, weights: Any, short: str
) -> None:
    expected = EXPECTED[name][short]
    answer = baseline_weighting(
        person_time, GRACE, tau_months=TAU, weights=weights, moment=moment, model=STRAIGHT
    )
    _check_ratio(answer, expected, with_error=False)
    _check_differences(answer, expected, ITERATIVE)  # glm's weights are iterated


def test_sandwich_with_known_weights_is_coxphs(person_time: Any) -> None:
    question = ask(person_time, GRACE, TAU, 0.95, False)
    there, groups = groups_at(question, "time-zero")
    chance = propensity(person_time, there, groups.treated, STRAIGHT, "inverse-probability")
    known = hazard_ratio(dataclasses.replace(groups, weights=chance.weights))
    assert known.se == pytest.approx(EXPECTED["weights_time_zero"]["ate"]["se"], abs=ITERATIVE)
