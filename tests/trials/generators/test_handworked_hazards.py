"""Do step functions integrate, invert and multiply as worked out by hand?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debulk.trials.generators.hazards import hazard_steps, ratio_steps

ROUNDING = 1e-12


def test_the_integral_is_the_area_under_the_steps() -> None:
    steps = hazard_steps([[0, 0.1], [6, 0.0], [12, 0.2]], "hazard")
    months = np.array([0.0, 3.0, 6.0, 9.0, 12.0, 17.0])
    assert steps.cumulative(months) == pytest.approx([0.0, 0.3, 0.6, 0.6, 0.6, 1.6], abs=ROUNDING)
    assert steps.at(months).tolist() == [0.1, 0.1, 0.0, 0.0, 0.2, 0.2]


def test_an_amount_is_reached_at_the_first_moment_and_over_a_gap() -> None:
    steps = hazard_steps([[0, 0.1], [6, 0.0], [12, 0.2]], "hazard")
    times = steps.time_at(np.array([0.3, 0.6, 0.7, 1.6]))
    assert times == pytest.approx([3.0, 6.0, 12.5, 17.0], abs=ROUNDING)


def test_what_is_never_reached_takes_for_ever() -> None:
    steps = hazard_steps(((0, 0.1), (6, 0.0)), "hazard")
    assert steps.time_at(np.array([0.6, 0.61])) == pytest.approx([6.0, np.inf], abs=ROUNDING)


def test_a_product_changes_where_either_factor_does() -> None:
    product = hazard_steps([[0, 0.1], [6, 0.2]], "h").times(ratio_steps([[0, 2.0], [3, 0.5]], "r"))
    assert product.plain() == [[0.0, 0.2], [3.0, 0.05], [6.0, 0.1]]
    assert hazard_steps(0.3, "h").plain() == 0.3


@given(
    lengths=st.lists(st.floats(0.1, 30.0), min_size=0, max_size=6),
    values=st.lists(st.floats(0.001, 2.0), min_size=7, max_size=7),
    amount=st.floats(1e-6, 20.0),
)
def test_time_and_amount_are_inverse_to_each_other(lengths, values, amount) -> None:
    starts = np.concatenate([[0.0], np.cumsum(lengths)])
    pairs = list(zip(starts.tolist(), values, strict=False))
    steps = hazard_steps(pairs, "hazard")
    back = steps.cumulative(steps.time_at(np.array([amount])))
    assert back[0] == pytest.approx(amount, rel=1e-9)
