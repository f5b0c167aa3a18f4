"""Does the cheap simulator make the registries that it is said to make?

Tolerances are five Monte Carlo standard errors of the quantity at the size simulated, rounded up.
"""

from __future__ import annotations

import numpy as np
import pytest

from debulk.emulation.laboratory.knobs import SCENARIOS, SELECTIONS, STRENGTHS, knobs_of
from debulk.emulation.laboratory.registry import simulate_registry
from debulk.emulation.laboratory.truth import lives, true_contrast

MANY = 60_000
MEDIAN_TOLERANCE = 0.5  # months; the median of 60,000 has a standard error of 0.09
SHARE_TOLERANCE = 0.01  # of a share near 0.3: standard error 0.002
QUANTILE_TOLERANCE = {"low": 0.15, "middle": 0.05}  # relative


def _odds(knobs, registry):
    values = registry.values
    seen = knobs.choice_burden * values[:, 0] + knobs.choice_status * values[:, 1]
    seen += knobs.choice_response * values[:, 2] + knobs.choice_side * values[:, 3]
    return knobs.choice_intercept + knobs.choice_strength * seen


def test_half_are_dead_at_15_months() -> None:
    deaths = lives(knobs_of("null", "hard", "none"), seed=3, patients=MANY)[:, 0]
    assert np.median(deaths) == pytest.approx(15.0, abs=MEDIAN_TOLERANCE)


def test_hard_selection_treats_three_in_ten() -> None:
    registry = simulate_registry(
        knobs_of("null", "hard", "none"), seed=3, registry=0, patients=MANY
    )
    assert np.mean(registry.start_visit >= 0) == pytest.approx(0.3, abs=SHARE_TOLERANCE)


@pytest.mark.parametrize(
    ("selection", "low", "middle"), [("mild", 0.034, 0.111), ("hard", 0.0037, 0.043)]
)
def test_chance_of_treatment_at_the_last_visit(selection, low, middle) -> None:
    knobs = knobs_of("null", selection, "none")
    registry = simulate_registry(knobs, seed=3, registry=0, patients=MANY)
    untreated = ~(registry.start_visit[registry.patient] < 5) | (
        registry.start_visit[registry.patient] < 0
    )
    there = (registry.visit == 5) & registry.eligible & untreated
    chance = 1.0 / (1.0 + np.exp(-_odds(knobs, registry)[there]))
    found = np.quantile(chance, [0.01, 0.5])
    assert found[0] == pytest.approx(low, rel=QUANTILE_TOLERANCE["low"])
    assert found[1] == pytest.approx(middle, rel=QUANTILE_TOLERANCE["middle"])


def test_one_in_twenty_progresses_a_month_and_is_lost_a_year() -> None:
    knobs = knobs_of("null", "mild", "none")
    registry = simulate_registry(knobs, seed=3, registry=0, patients=MANY)
    at_risk = np.minimum(np.nan_to_num(registry.progression_months, nan=np.inf), 12.0)
    months = np.sum(np.minimum(at_risk, registry.time_months))
    progressed = np.sum(registry.progression_months <= 12.0)
    # A chance of 5 % a month, met at an even time within it.
    assert progressed / months == pytest.approx(0.0513, abs=0.002)
    years = np.sum(np.minimum(registry.time_months, 36.0)) / 12.0
    lost = np.sum(registry.lost & (registry.time_months <= 36.0))
    assert lost / years == pytest.approx(-np.log(0.95), abs=0.003)


def test_treatment_follows_its_log_odds() -> None:
    knobs = knobs_of("null", "hard", "none")
    registry = simulate_registry(knobs, seed=4, registry=0, patients=MANY)
    treated_at = registry.start_visit[registry.patient]
    open_rows = (registry.visit <= 5) & registry.eligible
    open_rows &= (treated_at < 0) | (treated_at >= registry.visit)
    chance = 1.0 / (1.0 + np.exp(-_odds(knobs, registry)[open_rows]))
    treated = treated_at[open_rows] == registry.visit[open_rows]
    error = np.sqrt(np.sum(chance * (1.0 - chance)))
    assert abs(np.sum(treated) - np.sum(chance)) < 4.0 * error
    low = chance < np.median(chance)
    assert abs(np.sum(treated[low]) - np.sum(chance[low])) < 4.0 * error


@pytest.mark.parametrize("selection", SELECTIONS)
@pytest.mark.parametrize("unmeasured", STRENGTHS)
def test_the_null_differs_in_nobody(selection, unmeasured) -> None:
    found = lives(knobs_of("null", selection, unmeasured), seed=5, patients=20_000)
    assert np.array_equal(found[:, 0], found[:, 1])
    assert np.array_equal(found[:, 0], found[:, 2])
    truth = true_contrast(
        knobs_of("null", selection, unmeasured), seed=5, tau_months=36.0, patients=1_000
    )
    for timed in (truth.natural, truth.uniform):
        assert timed.log_hazard_ratio == 0.0
        assert timed.log_hazard_ratio_registry == 0.0
        assert timed.rmst_difference_months == 0.0


def test_harm_then_benefit_and_benefit_in_few_have_the_truth_they_are_meant_to_have() -> None:
    """The two timings differ, and so do the truths with and without the registry's censoring."""
    both = {
        scenario: true_contrast(
            knobs_of(scenario, "hard", "none"), seed=6, tau_months=36.0, patients=40_000
        )
        for scenario in SCENARIOS
    }
    harm, few = both["harm-then-benefit"], both["benefit-in-few"]
    for timed in (harm.natural, harm.uniform, few.natural, few.uniform):
        assert timed.log_hazard_ratio + 5.0 * timed.log_hazard_ratio_error < 0.0
        assert timed.rmst_difference_months - 5.0 * timed.rmst_difference_error > 0.0
        assert timed.log_hazard_ratio < timed.log_hazard_ratio_registry
    gained = harm.uniform.rmst_difference_months - harm.natural.rmst_difference_months
    assert gained > 5.0 * harm.uniform.rmst_difference_error


def test_frailty_keeps_the_frail_from_treatment_and_kills_them() -> None:
    strong = lives(knobs_of("null", "hard", "strong"), seed=7, patients=MANY)
    none = lives(knobs_of("null", "hard", "none"), seed=7, patients=MANY)

    def gap(found):
        treated = found[:, 4] > 0.0
        return np.mean(np.minimum(found[treated, 0], 36.0)) - np.mean(
            np.minimum(found[~treated, 0], 36.0)
        )

    assert gap(strong) > gap(none) + 1.0
