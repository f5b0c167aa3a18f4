"""E-values, the array approach and tipping points against published and hand-worked numbers."""

from __future__ import annotations

import math

import pytest

from debulk.core.errors import InputError
from debulk.core.results import Estimate
from debulk.emulation.checks.unmeasured import (
    check_unmeasured_selection,
    e_value,
    tipping_points,
    unmeasured_bias,
)

EXACT = 1e-12


def ratio(estimate: float, lower: float, upper: float) -> Estimate:
    return Estimate("hazard ratio", estimate, 0.1, lower, upper, 0.95, 100, 50)


def test_e_value_by_hand() -> None:
    found = e_value(ratio(0.5, 0.3, 0.8))
    risk = (1 - 0.5 ** math.sqrt(2.0)) / (1 - 0.5 ** math.sqrt(0.5))
    assert found.point == pytest.approx(risk + math.sqrt(risk * (risk - 1)), abs=EXACT)
    # The limit nearer to 1 is the upper one of a benefit.
    near = (1 - 0.5 ** math.sqrt(1 / 0.8)) / (1 - 0.5 ** math.sqrt(0.8))
    assert found.limit == pytest.approx(near + math.sqrt(near * (near - 1)), abs=EXACT)


def test_e_value_is_the_same_for_benefit_and_harm() -> None:
    benefit, harm = e_value(ratio(0.5, 0.4, 0.8)), e_value(ratio(2.0, 1.25, 2.5))
    assert benefit.point == pytest.approx(harm.point, abs=EXACT)
    assert benefit.limit == pytest.approx(harm.limit, abs=EXACT)


def test_interval_with_one_needs_nothing_to_explain_it() -> None:
    assert e_value(ratio(0.9, 0.7, 1.1)).limit == 1.0
    assert check_unmeasured_selection(ratio(0.9, 0.7, 1.1)).state == "unknown"


def test_array_by_hand() -> None:
    # Half of the treated and none of the others have a factor that doubles the hazard.
    assert unmeasured_bias(0.5, 0.0, 2.0) == pytest.approx(1.5, abs=EXACT)
    assert unmeasured_bias(0.3, 0.3, 4.0) == pytest.approx(1.0, abs=EXACT)


@pytest.mark.parametrize("benefit", [True, False])
def test_tipping_point_is_where_the_corrected_limit_is_one(benefit: bool) -> None:
    observed = ratio(0.8, 0.7, 0.9) if benefit else ratio(1.25, 1.1, 1.4)
    for point in tipping_points(observed):
        factor = 1 / point.strength if benefit else point.strength
        for share, value in (
            (point.share_for_estimate, observed.estimate),
            (point.share_for_limit, observed.upper if benefit else observed.lower),
        ):
            if share is not None:
                bias = unmeasured_bias(share, point.share_untreated, factor)
                assert value / bias == pytest.approx(1.0, abs=EXACT)


def test_a_fragile_answer_fails_and_a_strong_one_is_never_passed() -> None:
    assert check_unmeasured_selection(ratio(0.8, 0.7, 0.9)).state == "fail"
    assert check_unmeasured_selection(ratio(0.2, 0.15, 0.25)).state == "unknown"
    assert check_unmeasured_selection(None).state == "unknown"


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_shares_outside_their_range_are_refused(share: float) -> None:
    with pytest.raises(InputError, match="share_treated"):
        unmeasured_bias(share, 0.2, 2.0)


def test_ratios_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="Give a positive number"):
        e_value(ratio(-1.0, 0.1, 2.0))
    with pytest.raises(InputError, match="above 1"):
        tipping_points(ratio(0.5, 0.4, 0.6), strengths=(0.5,))
