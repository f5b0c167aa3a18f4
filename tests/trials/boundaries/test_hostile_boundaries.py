"""Whatever a user gives wrongly is refused before anything runs, with where, what and remedy."""

from __future__ import annotations

import json
import math

import numpy as np
import polars as pl
import pytest

from debulk.core.errors import InputError
from debulk.trials.boundaries.families import HaybittlePeto, WangTsiatis
from debulk.trials.boundaries.futility import (
    ConditionalPowerFutility,
    HazardRatioFutility,
    PredictivePowerFutility,
)
from debulk.trials.boundaries.inference import final_inference, stagewise_p_value
from debulk.trials.boundaries.ratios import ratio_of
from debulk.trials.boundaries.repeated import repeated_inference
from debulk.trials.boundaries.rule import Harm, NullSpending
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.boundaries.spending import Spending, SpendingFunction, UserSpending

TWO = (0.5, 1.0)
OF = Spending("obrien-fleming")


def refused(**changes):
    rule = {"information": TWO, "efficacy": OF} | changes
    with pytest.raises(InputError) as wrong:
        group_sequential(rule.pop("information"), **rule)
    return wrong.value.where


@pytest.mark.parametrize(
    "information",
    [
        (), None, "0.5", 0.5, np.array(0.5), (0.5, 0.5), (1.0, 0.5), (0.0, 1.0), (-0.1, 1.0),
        (0.5, 1.1), (0.5, math.nan), (0.5, math.inf), (0.5, "1"), (0.5, None), (True, 1.0),
        [[0.5, 1.0]], np.linspace(0.04, 1, 21), (0.5, 0.5 + 1e-9, 1.0), {"a": 1},
    ],
)  # fmt: skip
def test_information(information):
    assert refused(information=information) == "information"


@pytest.mark.parametrize("alpha", [0, 1, -0.1, 2, math.nan, math.inf, "0.025", None, True, [0.025]])
def test_alpha(alpha):
    assert refused(alpha=alpha) == "alpha"


@pytest.mark.parametrize("sided", [0, 3, 1.5, "1", None, True, -1])
def test_sided(sided):
    assert refused(sided=sided) == "sided"


@pytest.mark.parametrize("beta", [0, 1, -1, math.nan, "0.2", True, 0.99])
def test_beta(beta):
    assert refused(beta=beta) == "beta"


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"efficacy": "fleming"}, "efficacy"),
        ({"efficacy": None}, "efficacy"),
        ({"efficacy": 2.0}, "efficacy"),
        ({"efficacy": b"ab"}, "efficacy"),
        ({"efficacy": (2.0,)}, "efficacy"),
        ({"efficacy": (2.0, math.nan)}, "efficacy"),
        ({"efficacy": (2.0, -math.inf)}, "efficacy"),
        ({"efficacy": ConditionalPowerFutility(0.2)}, "efficacy"),
        ({"efficacy": NullSpending(OF)}, "efficacy"),
        ({"efficacy": UserSpending((0.01, 0.02))}, "efficacy"),
        ({"efficacy": UserSpending((0.01, 0.02, 0.025))}, "efficacy"),
        ({"efficacy": SpendingFunction(lambda t: 1 - t)}, "efficacy"),
        ({"efficacy": SpendingFunction(lambda t: math.nan)}, "efficacy"),
        ({"efficacy": HaybittlePeto(1.0)}, "efficacy"),
        ({"binding": True}, "binding"),
        ({"binding": "yes", "futility": (0.0,)}, "binding"),
        ({"futility": OF}, "beta"),
        ({"futility": "pocock"}, "beta"),
        ({"futility": ConditionalPowerFutility(0.2)}, "futility"),
        ({"futility": "sometimes"}, "futility"),
        ({"futility": (3.5,)}, "futility"),
        ({"futility": (math.inf,)}, "futility"),
        ({"futility": (0.0, 0.1, 0.2)}, "futility"),
        ({"futility": (3.5,), "sided": 2}, "futility"),
        ({"futility": (2.9,), "binding": True}, "futility"),
        ({"futility": ConditionalPowerFutility((0.1, 0.2), "null")}, "futility"),
        ({"futility": UserSpending((0.3, 0.2 + 0.1)), "beta": 0.2}, "futility"),
        (
            {"futility": (2.6,), "binding": True, "sided": 2, "efficacy": HaybittlePeto()},
            "futility",
        ),
        ({"futility": (2.4,), "binding": True, "sided": 2, "efficacy": OF}, "futility"),
        ({"efficacy": (2.0, -1.0), "sided": 2}, "efficacy"),
        ({"harm": 0.05}, "harm"),
        ({"harm": Harm(OF, 0.05), "sided": 2}, "harm"),
        ({"harm": Harm((4.0, None))}, "harm"),
        ({"harm": Harm((-2.0,))}, "harm"),
        ({"efficacy": (5.0, 6.0), "beta": 0.1, "futility": (4.9,)}, None),
    ],
)
def test_rules(changes, where):
    if where is None:
        rule = {"information": TWO} | changes
        found = group_sequential(rule.pop("information"), **rule)
        assert found.probabilities(found.drift).power == pytest.approx(0.9)
        return
    assert refused(**changes) == where


@pytest.mark.parametrize(
    "make",
    [
        lambda: Spending("fleming"),
        lambda: Spending(["pocock"]),
        lambda: Spending("pocock", 2.0),
        lambda: Spending("kim-demets"),
        lambda: Spending("kim-demets", 0.0),
        lambda: Spending("kim-demets", "2"),
        lambda: Spending("hwang-shih-decani", math.inf),
        lambda: Spending("hwang-shih-decani", 50),
        lambda: UserSpending((0.02, 0.01)),
        lambda: UserSpending((-0.01, 0.025)),
        lambda: UserSpending((0.01, 1.0)),
        lambda: UserSpending(()),
        lambda: UserSpending("0.1"),
        lambda: SpendingFunction(0.3),
        lambda: WangTsiatis(math.nan),
        lambda: WangTsiatis(5),
        lambda: HaybittlePeto(-3),
        lambda: HaybittlePeto(True),
        lambda: ConditionalPowerFutility(1.2),
        lambda: ConditionalPowerFutility(0.2, "hope"),
        lambda: ConditionalPowerFutility(0.2, math.nan),
        lambda: ConditionalPowerFutility(()),
        lambda: PredictivePowerFutility(0.2, 1.0),
        lambda: PredictivePowerFutility(0.2, 1.0, 0.0),
        lambda: PredictivePowerFutility("0.2"),
        lambda: HazardRatioFutility(0.0, 300),
        lambda: HazardRatioFutility(1.0, -300),
        lambda: HazardRatioFutility(1.0, 300, 0.0),
        lambda: Harm(OF),
        lambda: Harm(OF, 1.5),
        lambda: Harm("pocock", 0.05),
        lambda: Harm((-2.0, -2.0), 0.05),
        lambda: NullSpending("pocock"),
        lambda: NullSpending(UserSpending((0.1, 0.2))),
    ],
)
def test_specifications(make):
    with pytest.raises(InputError):
        make()


BOUNDS = group_sequential(TWO, efficacy=OF)


@pytest.mark.parametrize(
    "call",
    [
        lambda: BOUNDS.probabilities("0"),
        lambda: BOUNDS.probabilities(math.nan),
        lambda: final_inference(BOUNDS, 2.0, 0),
        lambda: final_inference(BOUNDS, 2.0, 3),
        lambda: final_inference(BOUNDS, 2.0, True),
        lambda: final_inference(BOUNDS, 2.0, 1.0),
        lambda: final_inference(BOUNDS, math.nan, 1),
        lambda: final_inference(BOUNDS, 2.0, 1, conf_level=1.0),
        lambda: final_inference(BOUNDS, 2.0, 1, futility="yes"),
        lambda: stagewise_p_value(BOUNDS, 2.0, 1, theta=math.inf),
        lambda: repeated_inference(BOUNDS, (1.0, 2.0, 3.0)),
        lambda: repeated_inference(BOUNDS, ()),
        lambda: repeated_inference(BOUNDS, "12"),
        lambda: repeated_inference(BOUNDS, (1.0,), conf_level=2),
        lambda: repeated_inference(
            group_sequential(TWO, efficacy=HaybittlePeto()), (1.0,), conf_level=0.9
        ),
        lambda: final_inference(BOUNDS, 2.0).hazard_ratio(0),
        lambda: ratio_of((0.1, 0.0, 0.2), 0.95, 300, -1),
    ],
)
def test_inference(call):
    with pytest.raises(InputError):
        call()


@pytest.mark.parametrize("information", [np.array(TWO), pl.Series(TWO), list(TWO), np.float32(TWO)])
def test_any_row_of_numbers_will_do(information):
    found = group_sequential(information, alpha=np.float64(0.025), sided=np.int64(1), efficacy=OF)
    np.testing.assert_array_equal(found.efficacy_z, BOUNDS.efficacy_z)


@pytest.mark.parametrize("theta", [-1e6, -50.0, 50.0, 1e6, 1e300])
def test_an_absurd_effect_still_gives_probabilities(theta):
    found = BOUNDS.probabilities(theta)
    assert found.power == pytest.approx(1.0 if theta > 0 else 0.0)
    assert found.efficacy.sum() + found.futility.sum() == pytest.approx(1.0)


def test_everything_becomes_json():
    design = group_sequential(
        (0.02, 0.5, 1.0),
        efficacy=OF,
        futility=ConditionalPowerFutility((0.1, 0.2)),
        beta=0.1,
        harm=Harm((None, -2.0, -2.0)),
    )
    text = json.dumps(
        [
            design.to_dict(),
            design.update((0.1,)).to_dict(),
            design.probabilities(1.0).to_dict(),
            final_inference(design, 2.0).to_dict(),
            final_inference(design, 2.0).hazard_ratio(300).to_dict(),
            [row.to_dict() for row in repeated_inference(design, (1.0, 2.0))],
        ],
        allow_nan=False,
    )
    assert json.loads(text)[0]["efficacy_z"][0] is None


def test_looks_that_are_very_close():
    near = group_sequential((0.5, 0.5001, 1.0), efficacy=Spending("pocock"))
    assert near.alpha_spent[-1] == pytest.approx(0.025, rel=1e-9)
    nearest = group_sequential((0.5, 0.50006, 1.0), efficacy="pocock")
    assert nearest.alpha_spent[-1] == pytest.approx(0.025, rel=1e-8)
