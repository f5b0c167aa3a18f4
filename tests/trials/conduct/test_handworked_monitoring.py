"""Looks at hand-made data: does a trial stop where it must, for the reason it must?"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from debulk.core import InputError
from debulk.protocols.plans import Monitoring
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.conduct.analysis import SurvivalTest
from debulk.trials.conduct.monitoring import (
    EFFICACY,
    FUTILITY,
    HARM,
    NOTHING,
    Monitor,
    boundaries_of,
    parse_rule,
)
from debulk.trials.conduct.observing import World

NEVER = np.inf
# Two control deaths among four against four: O - E = -(1/2 + 4/7), V = 1/4 + 12/49.
Z_AT_TWO = (1 / 2 + 4 / 7) / np.sqrt(1 / 4 + 12 / 49)


def world(death, experimental, entry=None) -> World:
    """One trial of a few patients, nobody lost."""
    death = np.array(death, dtype=float)
    return World(
        event_months=death,
        entry_months=np.zeros(death.size) if entry is None else np.array(entry, dtype=float),
        lost_months=np.full(death.size, NEVER),
        experimental=np.array(experimental, dtype=np.bool_),
        strata=np.zeros(death.size, np.int64),
        starts=np.array([0, death.size]),
    )


def monitor(plan_of, *, efficacy, futility=None, harm=None, planned=4) -> Monitor:
    """Bounds on Z as given, at half of the planned deaths and at all."""
    from debulk.trials.boundaries.rule import Harm

    bounds = group_sequential(
        (0.5, 1.0),
        alpha=0.025,
        efficacy=efficacy,
        futility=futility,
        harm=None if harm is None else Harm(harm),
    )
    return Monitor(plan_of(events=planned, cutoff_months=100.0), bounds, SurvivalTest())


EIGHT = [1.0, 2.0, 9.0, 30.0, 8.0, 31.0, NEVER, NEVER]
ARMS = [False] * 4 + [True] * 4


def stops(plan_of, death, arms, entry=None, **bounds):
    here = world(death, arms, entry)
    engine = monitor(plan_of, **bounds)
    found = engine.stops(here, np.array([here.planned_end(engine.protocol, 0)]))
    return found.look[0], found.reason[0], found.cutoff_months[0]


def test_efficacy_is_crossed_at_the_second_death(plan_of) -> None:
    assert pytest.approx(1.523, abs=5e-4) == Z_AT_TWO
    found = stops(plan_of, EIGHT, ARMS, efficacy=(Z_AT_TWO - 0.01, 3.0))
    assert found == (1, EFFICACY, 2.0)


def test_a_bound_just_out_of_reach_lets_the_trial_go_on(plan_of) -> None:
    look, reason, cutoff = stops(plan_of, EIGHT, ARMS, efficacy=(Z_AT_TWO + 0.01, 3.0))
    assert (look, reason, cutoff) == (2, NOTHING, 9.0)


def test_the_other_way_round_it_is_harm(plan_of) -> None:
    arms = [not each for each in ARMS]
    found = stops(plan_of, EIGHT, arms, efficacy=(3.0, 2.0), harm=(-1.5, None))
    assert found == (1, HARM, 2.0)
    assert stops(plan_of, EIGHT, arms, efficacy=(3.0, 2.0), harm=(-1.6, None))[0] == 2


def test_futility_stops_what_is_not_harmful_enough(plan_of) -> None:
    arms = [not each for each in ARMS]
    found = stops(plan_of, EIGHT, arms, efficacy=(3.0, 2.0), futility=(0.0, 2.0), harm=(-1.6, None))
    assert found == (1, FUTILITY, 2.0)


def test_two_sided_bounds_stop_for_harm_by_their_mirror(plan_of) -> None:
    here = world(EIGHT, [not each for each in ARMS])
    bounds = group_sequential((0.5, 1.0), alpha=0.05, sided=2, efficacy=(1.5, 3.0))
    engine = Monitor(plan_of(events=4, cutoff_months=100.0), bounds, SurvivalTest())
    found = engine.stops(here, np.array([9.0]))
    assert (found.look[0], found.reason[0]) == (1, HARM)


def test_who_is_not_in_yet_is_no_part_of_the_look(plan_of) -> None:
    """With two of the treated in only after month 2, the look has four against two at risk."""
    entry = [0.0] * 6 + [5.0, 5.0]
    z = (1 / 3 + 2 / 5) / np.sqrt(2 / 9 + 6 / 25)
    assert stops(plan_of, EIGHT, ARMS, entry, efficacy=(z + 0.01, 3.0))[0] == 2
    assert stops(plan_of, EIGHT, ARMS, entry, efficacy=(z - 0.01, 3.0)) == (1, EFFICACY, 2.0)


def test_looks_come_at_calendar_times(plan_of) -> None:
    """The same deaths after randomisation, but the first control patient came at month 10."""
    entry = [10.0] + [0.0] * 7
    look, _, cutoff = stops(plan_of, EIGHT, ARMS, entry, efficacy=(9.0, 9.0))
    assert (look, cutoff) == (2, 11.0)


def test_short_of_deaths_the_last_bound_is_that_of_the_information_there(plan_of) -> None:
    """Ten planned, six seen: what a spending function has left goes into the last analysis."""
    from debulk.trials.boundaries.spending import Spending

    bounds = group_sequential((0.5, 1.0), alpha=0.025, efficacy=Spending("obrien-fleming"))
    engine = Monitor(plan_of(events=10, cutoff_months=100.0), bounds, SurvivalTest())
    updated = engine._at_the_end(6)
    assert updated.information.tolist() == [0.5, 0.6]
    assert updated.efficacy_z[0] == pytest.approx(bounds.efficacy_z[0])
    assert updated.efficacy_z[1] < 2.2 < bounds.efficacy_z[0]
    assert engine._at_the_end(10) is bounds
    assert engine._at_the_end(4).information.tolist() == [0.4]
    assert engine._at_the_end(4).efficacy_z[0] == pytest.approx(1.959964, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("obrian-fleming", "Did you mean"),
        ("kim-demets", "needs its RHO"),
        ("kim-demets:x", "'x' is no number"),
        ("kim-demets:nan", "is no number"),
        ("kim-demets:-1", "above 0"),
        ("pocock:2", "takes no number"),
        ("", "is empty"),
    ],
)
def test_a_boundary_that_is_none_is_refused(text, match) -> None:
    with pytest.raises(InputError, match=match):
        parse_rule(text, "mine.yaml, design.monitoring.efficacy")


@pytest.mark.parametrize(
    ("plan", "match"),
    [
        (Monitoring((0.5, 1.0), "pocock", harm="pocock"), "spends no error of its own"),
        (Monitoring((0.5, 1.0), "nothing"), r"orchestra.yaml, design.monitoring.efficacy"),
        (Monitoring((0.5, 1.0), "haybittle-peto:0.5"), "alpha"),
    ],
)
def test_rules_that_do_not_hold_together_name_their_field(plan_of, plan, match) -> None:
    with pytest.raises(InputError, match=match):
        boundaries_of(plan_of(monitoring=plan))


def test_a_two_sided_design_with_futility_is_one_sided_at_half_its_alpha(plan_of) -> None:
    symmetric = boundaries_of(plan_of(monitoring=Monitoring((0.5, 1.0), "pocock")))
    assert (symmetric.sided, symmetric.alpha) == (2, 0.05)
    plan = Monitoring((0.5, 1.0), "pocock", futility="kim-demets:3", harm="spending-pocock")
    one = boundaries_of(plan_of(monitoring=plan))
    assert (one.sided, one.alpha) == (1, 0.025)
    assert one.efficacy_z == pytest.approx(symmetric.efficacy_z, abs=1e-4)


def test_bounds_of_the_log_rank_test_are_no_others(plan_of) -> None:
    from debulk.trials import trial_settings

    protocol = plan_of(monitoring=Monitoring((0.5, 1.0), "pocock"), test="max-combo")
    with pytest.raises(InputError, match=r"design.monitoring.*max-combo"):
        trial_settings(dataclasses.replace(protocol))
