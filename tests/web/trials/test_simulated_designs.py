"""Long runs of the designer: what they find, that they tell how far they are, that they stop."""

from __future__ import annotations

import pytest

from debulk.web.jobs.kinds import Cancelled, run_kind
from debulk.web.trials.answers import answer_of
from debulk.web.trials.simulation_view import simulation_view

TRIALS = 2000
WIDTH = 4.5
"""Standard errors within which a simulation lies of a formula that is itself an approximation:
3.5 for chance, 1 for the approximation."""


def test_statistical_simulated_power_and_error_are_those_of_the_formulas() -> None:
    told: list[float] = []
    query = "looks=0.5+1&find=follow_up&per_month=20"
    parameters = {"query": query, "trials": TRIALS, "seed": 1}
    found = run_kind("trials.simulate_design", parameters, lambda share, _: told.append(share))
    for world in ("alternative", "null"):
        power = found[world]["power"]
        formula = sum(found["analytic"][world])
        assert power["estimate"] == pytest.approx(formula, abs=WIDTH * power["se"])
    assert told == sorted(told)
    view = simulation_view(answer_of(query), {"design": {"result": found}, "protocol": None})
    assert len(view["rows"]) == 4
    assert any("one number in this design" in each for each in view["sentences"])


def test_an_effect_that_changes_is_held_against_a_test_for_late_effects() -> None:
    query = "by=ratio&hazard_ratio=0.6&delay_months=9"
    parameters = {"query": query, "trials": 400, "seed": 1}
    found = run_kind("trials.simulate_design", parameters, lambda *_: None)
    assert found["weighted"]["power"]["estimate"] > found["alternative"]["power"]["estimate"]


def test_a_run_that_is_cancelled_stops() -> None:
    def stop(share: float, words: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        run_kind("trials.simulate_design", {"query": "", "trials": 100, "seed": 1}, stop)


@pytest.mark.slow
def test_a_population_is_taken_through_its_protocol_with_the_designs_numbers() -> None:
    query = "population=orchestra&median_control=27.5"
    told: list[float] = []
    parameters = {"query": query, "trials": 4, "seed": 1}
    found = run_kind("trials.run_protocol", parameters, lambda share, _: told.append(share))
    assert found["trials"] == 4
    assert told[0] == 0.0
    assert told[-1] == 1.0
    design = answer_of(query).answer["whole"]
    # The catchment is scaled with the patients; the funnel is chance, and the refusal the page's.
    assert found["randomised_range"]["median"] == pytest.approx(design["patients"], rel=0.25)
