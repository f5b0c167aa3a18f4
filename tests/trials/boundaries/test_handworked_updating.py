"""Bounds at the information observed, worked out apart."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from debulk.core.errors import InputError
from debulk.trials.boundaries.families import HaybittlePeto
from debulk.trials.boundaries.futility import ConditionalPowerFutility
from debulk.trials.boundaries.rule import Harm, NullSpending
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.boundaries.spending import Spending

PLANNED = (0.4, 0.7, 1.0)
FLEMING = Spending("obrien-fleming")


def test_spending_goes_by_the_information_observed():
    plan = group_sequential(PLANNED, efficacy=FLEMING, sided=2, alpha=0.05)
    found = plan.update((0.5, 0.8))
    again = group_sequential((0.5, 0.8, 1.0), efficacy=FLEMING, sided=2, alpha=0.05)
    np.testing.assert_allclose(found.efficacy_z, again.efficacy_z, atol=1e-9)
    assert found.plan is plan
    assert found.notes == ()


def test_events_are_information():
    plan = group_sequential(PLANNED, efficacy=FLEMING)
    np.testing.assert_array_equal(
        plan.update((150, 240), events_planned=300).efficacy_z, plan.update((0.5, 0.8)).efficacy_z
    )


def test_a_skipped_look_is_not_there():
    plan = group_sequential(PLANNED, efficacy=FLEMING)
    found = plan.update((0.7,))
    again = group_sequential((0.7, 1.0), efficacy=FLEMING)
    np.testing.assert_allclose(found.efficacy_z, again.efficacy_z, atol=1e-9)


@pytest.mark.parametrize(
    ("observed", "to_come"),
    [
        ((0.35,), [0.7, 1.0]),
        ((0.45,), [0.7, 1.0]),
        ((0.4, 0.68), [1.0]),
        ((0.68,), [1.0]),
        ((0.2, 0.4), [0.7, 1.0]),
        ((0.4, 0.9), [1.0]),
        ((0.4, 0.9999), []),
        ((0.4, 0.7, 1.0), []),
    ],
)
def test_the_looks_to_come(observed, to_come):
    plan = group_sequential(PLANNED, efficacy=FLEMING)
    found = plan.update(observed)
    assert found.information.tolist() == pytest.approx([*observed, *to_come])
    assert found.final == (not to_come)
    again = found.update(observed)
    np.testing.assert_allclose(again.efficacy_z, found.efficacy_z, atol=1e-9)


def test_over_running_uses_the_real_correlation():
    plan = group_sequential((0.5, 1.0), efficacy=FLEMING)
    found = plan.update((0.5, 1.25))
    assert found.final
    assert any("over-running" in note for note in found.notes)
    # The same correlation as looks at 0.4 and 1, with what the plan spends at 0.5.
    spent = 2 - 2 * norm.cdf(norm.isf(0.0125) / math.sqrt(0.5))
    first = norm.isf(spent)
    assert found.efficacy_z[0] == pytest.approx(first, abs=1e-9)
    twin = group_sequential((0.4, 1.0), efficacy=(first, float(found.efficacy_z[1])))
    assert twin.alpha_spent[-1] == pytest.approx(0.025, abs=1e-10)


def test_under_running_spends_all_that_is_left():
    plan = group_sequential(PLANNED, efficacy=FLEMING)
    found = plan.update((0.4, 0.7, 0.9), final=True)
    assert found.alpha_spent[-1] == pytest.approx(0.025, abs=1e-10)
    assert any("under-running" in note for note in found.notes)
    np.testing.assert_allclose(found.efficacy_z[:2], plan.efficacy_z[:2], atol=1e-9)


def test_bounds_as_used_stand_and_later_looks_make_up():
    plan = group_sequential(PLANNED, efficacy=FLEMING)
    found = plan.update((0.4,), efficacy_used=(2.5,))
    assert found.efficacy_z[0] == 2.5
    # Already more than due by the second look: nothing more is spent there.
    assert norm.sf(2.5) < found.alpha_spent[1] or found.efficacy_z[1] == math.inf
    assert found.alpha_spent[-1] == pytest.approx(0.025, abs=1e-10)
    strict = plan.update((0.4,), efficacy_used=(5.0,))
    assert strict.efficacy_z[1] < plan.efficacy_z[1]
    np.testing.assert_allclose(strict.alpha_spent[1:], plan.alpha_spent[1:], atol=1e-10)


@pytest.mark.parametrize("efficacy", ["obrien-fleming", "pocock", HaybittlePeto(3.0)])
def test_a_family_keeps_its_constant_and_solves_the_last(efficacy):
    plan = group_sequential(PLANNED, efficacy=efficacy)
    found = plan.update((0.5,))
    interim = {"obrien-fleming": plan.efficacy_z[-1] / math.sqrt(0.5), "pocock": plan.efficacy_z[0]}
    first = interim.get(efficacy, 3.0) if isinstance(efficacy, str) else 3.0
    assert found.efficacy_z[0] == pytest.approx(first, abs=1e-10)
    assert found.alpha_spent[-1] == pytest.approx(0.025, abs=1e-10)
    assert found.efficacy_z[-1] != plan.efficacy_z[-1]


@pytest.mark.parametrize(
    "futility",
    [
        Spending("pocock"),
        ConditionalPowerFutility(0.1),
        NullSpending(Spending("kim-demets", 2)),
        "pocock",
        HaybittlePeto(3),
    ],
)
@pytest.mark.parametrize("binding", [False, True])
def test_futility_follows(futility, binding):
    rule = {"efficacy": FLEMING, "futility": futility, "beta": 0.1, "binding": binding}
    plan = group_sequential(PLANNED, **rule)
    found = plan.update((0.45, 0.7))
    assert found.drift == plan.drift
    assert found.alpha_spent[-1] == pytest.approx(0.025, abs=1e-8)
    assert found.futility_z[-1] == found.efficacy_z[-1]
    assert found.futility_z[0] > plan.futility_z[0]
    used = plan.update((0.45, 0.7), futility_used=(0.0,))
    assert used.futility_z[0] == 0.0


def test_harm_follows():
    plan = group_sequential(PLANNED, efficacy=FLEMING, harm=Harm(Spending("pocock"), 0.05))
    found = plan.update((0.5,))
    again = group_sequential((0.5, 0.7, 1.0), efficacy=FLEMING, harm=Harm(Spending("pocock"), 0.05))
    np.testing.assert_allclose(found.harm_z, again.harm_z, atol=1e-9)


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ({"observed": ()}, "observed"),
        ({"observed": (0.5, 0.4)}, "information"),
        ({"observed": (-0.5,)}, "observed"),
        ({"observed": (150,)}, "observed"),
        ({"observed": (150,), "events_planned": 0}, "events_planned"),
        ({"observed": (0.5,), "remaining": (0.4,)}, "information"),
        ({"observed": (0.5,), "remaining": (0.8,), "final": True}, "remaining"),
        ({"observed": (0.5,), "efficacy_used": (3.0, 2.0)}, "efficacy_used"),
        ({"observed": (0.5,), "efficacy_used": ("3",)}, "efficacy_used"),
        ({"observed": (0.5,), "efficacy_used": 3.0}, "efficacy_used"),
        ({"observed": (0.5,), "final": "no"}, "final"),
        ({"observed": np.linspace(0.01, 0.3, 20)}, "observed"),
        ({"observed": None}, "observed"),
    ],
)
def test_what_cannot_be_updated(arguments, where):
    plan = group_sequential(PLANNED, efficacy=FLEMING)
    with pytest.raises(InputError) as wrong:
        plan.update(**arguments)
    assert wrong.value.where == where


def test_two_sided_designs_with_futility_are_not_updated():
    plan = group_sequential(PLANNED, sided=2, efficacy="pocock", futility=(0.1, 0.2))
    with pytest.raises(InputError, match="two-sided"):
        plan.update((0.4,))


@pytest.mark.parametrize("efficacy", [FLEMING, "obrien-fleming", HaybittlePeto(3.0)])
def test_update_after_update_is_one_update(efficacy):
    rule = {"efficacy": efficacy, "futility": Spending("pocock"), "beta": 0.1}
    plan = group_sequential(PLANNED, **rule)
    used = {"efficacy_used": (2.9,), "futility_used": (-0.1,)}
    step = plan.update((0.45,), **used).update((0.45, 0.72)).update((0.45, 0.72, 0.9), final=True)
    whole = plan.update((0.45, 0.72, 0.9), final=True, **used)
    np.testing.assert_allclose(step.efficacy_z, whole.efficacy_z, atol=1e-9)
    np.testing.assert_allclose(step.futility_z, whole.futility_z, atol=1e-9)
    assert step.plan is plan
    assert step.efficacy_z[0] == 2.9
