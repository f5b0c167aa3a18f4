"""Terms of the weight model."""

from __future__ import annotations

import numpy as np
import pytest

from debulk.core.cubic_splines import knots_of, spline_terms
from debulk.core.errors import InputError
from debulk.emulation.person_time import Covariate, PersonTime
from debulk.emulation.weight_model import WeightModel, design_of


def made() -> PersonTime:
    """Forty patients with three visits each."""
    n = 40
    nowhere = np.full(n, np.nan)
    visit = np.tile(np.arange(3, dtype=np.int32), n)
    burden = np.linspace(-2.0, 2.0, 3 * n)
    return PersonTime(
        time_months=np.full(n, 3.5),
        cause=np.ones(n, dtype=np.int8),
        entry_months=np.zeros(n),
        start_months=nowhere,
        complete_months=nowhere,
        progression_months=nowhere,
        lost=np.zeros(n, dtype=bool),
        first=np.arange(0, 3 * n + 1, 3),
        visit=visit,
        eligible=np.ones(3 * n, dtype=bool),
        values=np.column_stack((burden, visit % 2, np.ones(3 * n))),
        covariates=(Covariate("burden", continuous=True), Covariate("odd"), Covariate("one")),
    )


def test_a_spline_is_straight_beyond_its_knots_and_has_no_kink() -> None:
    knots = np.array([0.0, 1.0, 3.0])
    values = np.linspace(-1.0, 5.0, 601)
    bend = spline_terms(values, knots)[:, 1]
    assert np.all(bend[values <= 0.0] == 0.0)
    beyond = bend[values >= 3.0]
    assert np.diff(beyond, 2) == pytest.approx(np.zeros(beyond.size - 2), abs=1e-12)
    assert np.max(np.abs(np.diff(bend, 3))) < 1e-5  # second derivative without jumps
    # Harrell's formula at 2: (2^3 - 3/2 * 1^3) / 9.
    assert spline_terms(np.array([2.0]), knots)[0, 1] == pytest.approx(6.5 / 9.0, abs=1e-12)


def test_terms_and_their_names() -> None:
    data, rows = made(), np.arange(120)
    _, names = design_of(data, rows, WeightModel())
    assert names == ("intercept", "visit 1", "visit 2", "burden", "burden, bend 1", "odd")
    design, names = design_of(data, rows, WeightModel(knots=0, month="linear"))
    assert names == ("intercept", "visit", "burden", "odd")
    assert np.array_equal(design[:, 1], data.visit)
    _, names = design_of(data, rows, WeightModel(month="spline", covariates=()))
    assert names == ("intercept", "visit", "visit, bend 1")
    _, names = design_of(data, rows[::3], WeightModel(covariates=("odd",)))
    assert names == ("intercept",)  # one visit, and a covariate that does not differ there


def test_knots_stand_at_quantiles_and_need_three_values() -> None:
    found = knots_of(np.arange(101.0), 4, occurring=True)
    assert found is not None
    assert found == pytest.approx([5.0, 35.0, 65.0, 95.0])
    assert knots_of(np.array([0.0, 1.0] * 20), 3, occurring=True) is None


@pytest.mark.parametrize("wrong", [{"knots": 2}, {"month": "cubic"}, {"form": "probit"}])
def test_unknown_terms_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        WeightModel(**wrong)  # type: ignore[arg-type]
