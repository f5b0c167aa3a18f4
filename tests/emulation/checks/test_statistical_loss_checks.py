"""Checks of weights that make up for loss: heavy losses must not look like broken weights."""

from __future__ import annotations

import numpy as np
import pytest
from tests.emulation.clones.simulated import registry

from debulk.emulation.checks.clones_at_visits import remaining_weights
from debulk.emulation.checks.weight_tails import check_weight_tails
from debulk.emulation.clones.fit import CloneAnswer, clone_censor_weight
from debulk.emulation.grace import GracePeriod
from debulk.emulation.person_time import PersonTime
from debulk.emulation.weight_model import WeightModel

CLOSED_FORM = 1e-12


@pytest.fixture(scope="module")
def data() -> PersonTime:
    return registry(1500, 1, loss=0.15)


@pytest.fixture(scope="module")
def answer(data: PersonTime) -> CloneAnswer:
    loss = WeightModel(month="linear")
    return clone_censor_weight(
        data, GracePeriod("natural"), tau_months=12.0, loss_model=loss, curves=False
    )


def test_losses_between_visits_are_no_fault_of_the_decisions(
    data: PersonTime, answer: CloneAnswer
) -> None:
    check = check_weight_tails(data, answer.weights)
    # One in seven is lost a month: taken for part of the decision they would sum to 1.16.
    assert check.state == "pass"
    assert check.value == pytest.approx(1.0, abs=0.05)


def test_remaining_weights_are_products_over_the_visits_before(
    data: PersonTime, answer: CloneAnswer
) -> None:
    loss = answer.weights.loss
    assert loss is not None
    chance = dict(zip(loss.rows.tolist(), loss.probability.tolist(), strict=True))
    found = remaining_weights(data, answer.weights)
    for patient in (0, 7, 40):
        product = 1.0
        for row in range(data.first[patient], data.first[patient + 1]):
            assert found[row] == pytest.approx(product, rel=CLOSED_FORM)
            product /= 1.0 - chance.get(row, 0.0)


def test_without_a_model_of_loss_they_are_one(data: PersonTime) -> None:
    plain = clone_censor_weight(data, GracePeriod("natural"), tau_months=12.0, curves=False)
    assert np.all(remaining_weights(data, plain.weights) == 1.0)
