"""The public names of trial design, called as the definitions of the project write them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from debulk.core.errors import InputError
from debulk.trials import (
    HaybittlePeto,
    Spending,
    UserSpending,
    WangTsiatis,
    group_sequential,
    survival_design,
)

LOOKS = (0.5, 0.75, 1.0)
DESIGN = {"hazard_ratio": 0.7, "median_control": 20, "accrual": 24}
OF = Spending("obrien-fleming")


@pytest.mark.parametrize(
    "efficacy",
    [
        "obrien-fleming", "pocock", WangTsiatis(0.25), HaybittlePeto(3), OF, Spending("pocock"),
        Spending("kim-demets", 2), Spending("hwang-shih-decani", -4),
        UserSpending((0.001, 0.01, 0.025)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("sided", [1, 2])
def test_boundaries_have_their_arrays(efficacy, sided):
    found = group_sequential(LOOKS, alpha=0.025, sided=sided, efficacy=efficacy)
    assert found.futility_z is None
    for each in (found.efficacy_z, found.alpha_spent, found.nominal_p):
        assert each.shape == (3,)
    assert found.alpha_spent[-1] == pytest.approx(0.025, abs=1e-9)
    crossing = found.probabilities(0.0)
    np.testing.assert_allclose(
        np.cumsum(crossing.efficacy + crossing.opposite), found.alpha_spent, atol=1e-12
    )


def test_crossing_by_look_is_a_row_of_numbers():
    found = group_sequential(LOOKS, efficacy=OF, futility=OF, beta=0.2, binding=False)
    crossing = found.probabilities(2.8)
    np.testing.assert_array_equal(np.asarray(crossing), crossing.efficacy)
    assert len(crossing) == 3
    assert list(crossing) == crossing.efficacy.tolist()
    assert crossing[-1] == crossing.efficacy[-1]
    assert np.sum(crossing) == crossing.power
    np.testing.assert_array_equal(np.cumsum(crossing), np.cumsum(crossing.efficacy))
    np.testing.assert_array_equal(crossing["futility"], crossing.futility)
    with pytest.raises(InputError, match="efficacy"):
        crossing["eficacy"]


@pytest.mark.parametrize(
    "information",
    [
        list(LOOKS), np.array(LOOKS), pl.Series(LOOKS), pd.Series(LOOKS),
        np.array(LOOKS, dtype=np.float32), (np.float64(0.5), 0.75, 1),
    ],
)  # fmt: skip
def test_information_of_any_kind(information):
    usual = group_sequential(LOOKS, efficacy="pocock").efficacy_z
    found = group_sequential(information=information, efficacy="pocock", sided=np.float64(1))
    np.testing.assert_array_equal(found.efficacy_z, usual)


@pytest.mark.parametrize("formula", ["schoenfeld", "freedman", "lachin-foulkes"])
@pytest.mark.parametrize(
    "size",
    [
        {"power": 0.8, "patients": 500},
        {"power": 0.8, "follow_up": 12},
        {"patients": 500, "events": 250},
        {"patients": 500, "follow_up": 12},
    ],
)
def test_designs_have_their_numbers(size, formula):
    found = survival_design(
        **DESIGN,
        null_ratio=1.0,
        alpha=0.025,
        sided=1,
        allocation=1.0,
        dropout=0.05,
        boundaries=None,
        formula=formula,
        **size,
    )
    assert 200 < found.events < 300
    assert 480 < found.patients < 600
    assert 30 < found.duration_months < 60
    assert 0.7 < found.power < 0.85
    whole = found.rounded()
    assert whole.events == int(whole.events)
    assert whole.patients == int(whole.patients)
    assert "hazard ratio 0.7" in found.summary()


def test_looks_are_a_table():
    found = survival_design(
        **DESIGN, power=0.8, follow_up=12, boundaries=group_sequential(LOOKS, efficacy=OF)
    )
    rows = found.looks
    assert len(rows) == 3
    np.testing.assert_array_equal(rows["events"], [each.events for each in rows])
    assert rows[1]["critical_hazard_ratio"] == rows[1].critical_hazard_ratio
    assert np.isnan(rows["futility_z"]).all()
    assert pl.DataFrame(rows)["month"].to_list() == rows["month"].tolist()
    np.testing.assert_array_equal(pd.DataFrame(rows)["month"], rows["month"])
    assert [each.month for each in rows[1:]] == rows["month"][1:].tolist()
    with pytest.raises(InputError, match="month"):
        rows["months"]


PIECES = ((0, 1.0), (6, 0.7))


@pytest.mark.parametrize(
    "pieces",
    [
        [list(each) for each in PIECES], np.array(PIECES), pl.DataFrame(PIECES, orient="row"),
        pd.DataFrame(PIECES), zip(*zip(*PIECES, strict=True), strict=True),
    ],
)  # fmt: skip
def test_pieces_and_pairs_of_any_kind(pieces):
    usual = survival_design(**DESIGN | {"hazard_ratio": PIECES}, power=0.8, follow_up=12)
    found = survival_design(**DESIGN | {"hazard_ratio": pieces}, power=0.8, follow_up=12)
    assert found.events == usual.events


@pytest.mark.parametrize("pair", [[0.05, 0.1], np.array([0.05, 0.1]), pl.Series([0.05, 0.1])])
def test_dropout_of_any_kind(pair):
    usual = survival_design(**DESIGN, dropout=(0.05, 0.1), power=0.8, follow_up=12)
    assert survival_design(**DESIGN, dropout=pair, power=0.8, follow_up=12).patients == (
        usual.patients
    )
