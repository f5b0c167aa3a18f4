"""Designs worked out by hand, and what must hold between designs."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from scipy.stats import norm

from debulk.core.errors import InputError
from debulk.trials.boundaries.rule import Harm
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.boundaries.spending import Spending
from debulk.trials.survival_designs.assumptions import Accrual, Stratum
from debulk.trials.survival_designs.designing import survival_design
from debulk.trials.survival_designs.timing import Timing

EXACT = 1e-10
PLAN = {"hazard_ratio": 0.7, "median_control": 12.0, "accrual": 24.0}
THREE = group_sequential(
    (0.5, 0.75, 1.0),
    efficacy=Spending("obrien-fleming"),
    futility=Spending("hwang-shih-decani", -4.0),
    beta=0.1,
)


def exponential_share(hazard: float, end: float, month: float) -> float:
    """Probability of death by a month, entry uniform from 0 to `end` before it."""
    return 1.0 - (math.exp(-hazard * (month - end)) - math.exp(-hazard * month)) / (hazard * end)


def test_schoenfeld_by_hand() -> None:
    design = survival_design(**PLAN, power=0.8, follow_up=12.0)
    events = 4.0 * (norm.isf(0.025) + norm.isf(0.2)) ** 2 / math.log(0.7) ** 2
    rate = math.log(2.0) / 12.0
    share = 0.5 * (exponential_share(rate, 24, 36) + exponential_share(0.7 * rate, 24, 36))
    assert design.events == pytest.approx(events, rel=EXACT)
    assert design.patients == pytest.approx(events / share, rel=EXACT)
    assert design.duration_months == 36.0
    assert design.power == pytest.approx(0.8, abs=EXACT)
    look = design.looks[0]
    assert look.critical_hazard_ratio == pytest.approx(
        math.exp(-2.0 * norm.isf(0.025) / math.sqrt(events)), rel=EXACT
    )
    assert look.efficacy_null == pytest.approx(0.025, abs=EXACT)


def test_freedman_with_unequal_allocation_by_hand() -> None:
    design = survival_design(**PLAN, power=0.9, follow_up=6.0, allocation=2.0, formula="freedman")
    total = norm.isf(0.025) + norm.isf(0.1)
    assert design.events == pytest.approx((total * (1 + 2 * 0.7) / 0.3) ** 2 / 2.0, rel=EXACT)


def test_non_inferiority_mirrors_superiority() -> None:
    """On the log scale only the distance to the null ratio counts, under the same hazards."""
    margin = survival_design(
        hazard_ratio=1.0, null_ratio=1.3, median_control=12, accrual=24, power=0.9, follow_up=12
    )
    assert margin.events == pytest.approx(
        4.0 * (norm.isf(0.025) + norm.isf(0.1)) ** 2 / math.log(1.3) ** 2, rel=EXACT
    )
    assert margin.looks[0].critical_hazard_ratio == pytest.approx(
        1.3 * math.exp(-2.0 * norm.isf(0.025) / math.sqrt(margin.events)), rel=EXACT
    )


def test_two_sided_is_one_sided_at_half_the_level() -> None:
    one = survival_design(**PLAN, power=0.8, follow_up=12.0)
    two = survival_design(**PLAN, power=0.8, follow_up=12.0, alpha=0.05, sided=2)
    assert two.events == pytest.approx(one.events, rel=EXACT)
    assert two.looks[0].opposite_null == pytest.approx(0.025, abs=EXACT)
    assert two.looks[0].opposite_alternative < 1e-5


@pytest.mark.parametrize("formula", ["schoenfeld", "freedman", "lachin-foulkes"])
@pytest.mark.parametrize("boundaries", [None, THREE])
@pytest.mark.parametrize("ratio", [0.7, ((0, 1.0), (3, 0.6))])
def test_every_question_comes_back_to_the_same_design(formula, boundaries, ratio) -> None:
    """Any two of power or events, patients and follow-up give the third."""
    plan = {**PLAN, "hazard_ratio": ratio, "formula": formula, "boundaries": boundaries}
    plan |= {"dropout": (0.1, 0.05), "allocation": 1.5}
    if formula == "lachin-foulkes" and not isinstance(ratio, float):
        with pytest.raises(InputError, match="one hazard ratio"):
            survival_design(**plan, power=0.9, follow_up=20.0)
        return
    first = survival_design(**plan, power=0.9, follow_up=20.0)
    assert first.power == pytest.approx(0.9, abs=1e-9)
    n, events = first.patients, first.events
    questions = (
        {"power": 0.9, "patients": n},
        {"events": events, "patients": n},
        {"events": events, "follow_up": 20.0},
        {"patients": n, "follow_up": 20.0},
    )
    for question in questions:
        again = survival_design(**plan, **question)
        assert again.duration_months == pytest.approx(44.0, rel=1e-8)
        assert again.events == pytest.approx(events, rel=1e-8)
        assert again.patients == pytest.approx(n, rel=1e-8)
        assert again.power == pytest.approx(0.9, abs=1e-8)
    rate = n / 24.0
    opened = survival_design(**{**plan, "accrual": ((0, rate),)}, power=0.9, follow_up=20.0)
    assert opened.accrual.end_months == pytest.approx(24.0, rel=1e-7)
    closed = survival_design(**{**plan, "accrual": ((0, rate), (24, 0))}, power=0.9)
    assert closed.duration_months == pytest.approx(44.0, rel=1e-7)


def test_one_stratum_is_none_and_equal_strata_change_nothing() -> None:
    plain = survival_design(
        hazard_ratio=0.7, hazard_control=0.04, accrual=24, power=0.9, follow_up=12
    )
    equal = (Stratum(0.3, 0.04), Stratum(0.7, 0.04, 0.7))
    split = survival_design(hazard_ratio=0.7, strata=equal, accrual=24, power=0.9, follow_up=12)
    assert split.patients == pytest.approx(plain.patients, rel=EXACT)
    assert split.strata is not None
    assert plain.strata is None


def test_strata_add_their_events_and_average_their_effects() -> None:
    strata = (Stratum(0.25, 0.08, 0.5, "bad"), Stratum(0.75, 0.02, 0.9, "good"))
    design = survival_design(
        hazard_ratio=0.7, strata=strata, accrual=20, patients=600, follow_up=10
    )
    events = []
    for each in strata:
        own = survival_design(
            hazard_ratio=each.hazard_ratio,
            hazard_control=each.hazard_control,
            accrual=20,
            patients=600 * each.share,
            follow_up=10,
        )
        events.append(own.events)
    assert design.events == pytest.approx(sum(events), rel=EXACT)
    weights = np.array(events) / sum(events)
    mean = weights @ np.log([0.5, 0.9])
    drift = -mean * math.sqrt(sum(events)) / 2.0
    assert design.power == pytest.approx(norm.sf(norm.isf(0.025) - drift), abs=EXACT)


def test_looks_have_the_information_and_bounds_of_the_boundaries() -> None:
    design = survival_design(**PLAN, power=0.9, follow_up=12.0, boundaries=THREE)
    assert THREE.drift is not None
    events = (2.0 * THREE.drift / math.log(1 / 0.7)) ** 2
    assert design.events == pytest.approx(events, rel=1e-9)
    crossing = THREE.probabilities(THREE.drift)
    for k, look in enumerate(design.looks):
        assert look.events == pytest.approx(THREE.information[k] * events, rel=1e-9)
        assert look.efficacy_z == pytest.approx(THREE.efficacy_z[k])
        assert look.efficacy_alternative == pytest.approx(crossing.efficacy[k], abs=1e-9)
    stop = crossing.efficacy + crossing.futility
    mean = float(stop @ [look.events for look in design.looks])
    assert design.expected_alternative.events == pytest.approx(mean, rel=1e-8)
    assert design.alpha == THREE.alpha


def test_harm_boundary_is_followed() -> None:
    bounds = group_sequential(
        (0.3, 1.0), efficacy=Spending("obrien-fleming"), harm=Harm(Spending("pocock"), 0.05)
    )
    design = survival_design(**PLAN, power=0.8, follow_up=12, boundaries=bounds)
    assert design.looks[0].harm_z == pytest.approx(bounds.harm_z[0])
    assert design.power == pytest.approx(0.8, abs=1e-9)
    assert design.looks[0].futility_null == pytest.approx(norm.cdf(bounds.harm_z[0]), abs=1e-9)


@pytest.mark.parametrize(("allocation", "block"), [(1.0, 2), (2.0, 3), (0.5, 3), (1.5, 5)])
def test_rounded_gives_whole_numbers_and_no_less_power(allocation: float, block: int) -> None:
    design = survival_design(
        **PLAN, power=0.9, follow_up=12.0, boundaries=THREE, allocation=allocation
    )
    whole = design.rounded()
    assert whole.patients % block == 0.0
    assert 0.0 <= whole.patients - design.patients < block
    for before, after in zip(design.looks, whole.looks, strict=True):
        assert after.events == math.ceil(before.events)
        assert after.information == pytest.approx(after.events / whole.events)
    assert whole.power == pytest.approx(
        group_sequential(
            [look.information for look in whole.looks],
            efficacy=Spending("obrien-fleming"),
            futility=Spending("hwang-shih-decani", -4.0),
            beta=0.1,
        )
        .probabilities(-math.log(0.7) * math.sqrt(whole.events * allocation) / (1.0 + allocation))
        .power,
        abs=1e-9,
    )
    assert whole.rounded().patients == whole.patients
    assert whole.rounded().events == whole.events


def test_rounded_keeps_accrual_months() -> None:
    design = survival_design(**PLAN, power=0.9, follow_up=12.0)
    whole = design.rounded()
    assert whole.accrual.end_months == 24.0
    assert whole.accrual.patients == pytest.approx(whole.patients)
    assert whole.power > design.power


def test_timing_by_calendar_events_and_follow_up() -> None:
    bounds = group_sequential((0.5, 1.0), efficacy=Spending("obrien-fleming"))
    plan = {**PLAN, "patients": 400.0, "follow_up": 12.0, "boundaries": bounds}
    by_month = survival_design(**plan, timing=Timing(calendar_month=25.0))
    assert by_month.looks[0].month == pytest.approx(25.0, rel=1e-9)
    share = by_month.looks[0].events / by_month.events
    assert by_month.looks[0].information == pytest.approx(share, rel=1e-9)
    again = group_sequential((share, 1.0), efficacy=Spending("obrien-fleming"))
    assert by_month.looks[0].efficacy_z == pytest.approx(again.efficacy_z[0], abs=1e-8)
    by_events = survival_design(**plan, timing=Timing(events=100))
    assert by_events.looks[0].events == pytest.approx(100.0, rel=1e-9)
    later = Timing(events=100, minimum_follow_up=2.0)
    assert survival_design(**plan, timing=later).looks[0].month == pytest.approx(26.0)
    either = Timing(events=100, minimum_follow_up=2.0, rule="any")
    assert survival_design(**plan, timing=either).looks[0].month == pytest.approx(
        by_events.looks[0].month
    )
    capped = Timing(events=10_000, latest_month=30.0)
    assert survival_design(**plan, timing=capped).looks[0].month == pytest.approx(30.0)


def test_timing_of_the_final_look_stands_for_follow_up() -> None:
    final = Timing(events=200, minimum_follow_up=6.0, latest_month=60.0)
    design = survival_design(**PLAN, patients=400.0, timing=final)
    plain = survival_design(**PLAN, patients=400.0, events=200.0)
    assert design.duration_months == pytest.approx(max(plain.duration_months, 30.0))
    with_power = {**PLAN, "power": 0.8, "patients": 400.0}
    with pytest.raises(InputError, match="exactly two"):
        survival_design(**with_power, timing=final)


def test_power_and_timed_looks_settle_together() -> None:
    bounds = group_sequential((0.5, 1.0), efficacy=Spending("obrien-fleming"), futility=(0.0,))
    design = survival_design(
        **PLAN, power=0.9, follow_up=12.0, boundaries=bounds, timing=Timing(events=120)
    )
    assert design.looks[0].events == pytest.approx(120.0, rel=1e-8)
    assert design.power == pytest.approx(0.9, abs=1e-8)


def test_accrual_says_who_has_entered() -> None:
    accrual = Accrual((0.0, 6.0), (2.0, 5.0), 16.0)
    assert accrual.patients == 12.0 + 50.0
    assert accrual.entered_by(8.0) == 22.0
    assert accrual.entered_by(100.0) == 62.0
    assert accrual.entered_by(-1.0) == 0.0
    pieces = survival_design(
        hazard_ratio=0.7,
        median_control=12,
        accrual=((0, 2), (6, 5)),
        patients=62,
        follow_up=5,
    )
    assert pieces.accrual == accrual


def test_null_hypothesis_reaches_the_events_sooner_under_a_benefit() -> None:
    look = survival_design(**PLAN, power=0.8, follow_up=12.0).looks[0]
    assert look.month_null is not None
    assert look.month_null < look.month


def test_dictionary_and_summary_hold_the_contract() -> None:
    design = survival_design(**PLAN, power=0.9, follow_up=12.0, boundaries=THREE)
    found = json.loads(json.dumps(design.to_dict(), allow_nan=False))
    assert {"events", "patients", "duration_months", "power", "looks"} <= set(found)
    keys = {"information", "events", "month", "efficacy_z", "futility_z", "critical_hazard_ratio"}
    assert all(keys <= set(look) for look in found["looks"])
    text = design.summary()
    assert "futility Z" in text
    assert f"{design.events:.1f} events" in text
    by_name = {each.name: each for each in design.parameters}
    assert by_name["power"].status == "chosen"
    assert by_name["patients"].status == "derived"
    assert by_name["alpha"].status == "chosen"  # with the boundaries
    assert dataclasses.is_dataclass(design)


def test_numpy_and_lists_say_the_same_as_numbers() -> None:
    plain = survival_design(
        hazard_ratio=0.7, hazard_control=((0, 0.03), (6, 0.02)), accrual=24, power=0.8, follow_up=12
    )
    arrays = survival_design(
        hazard_ratio=np.float64(0.7),
        hazard_control=np.array([[0, 0.03], [6, 0.02]]),
        accrual=np.int64(24),
        power=np.float32(0.8),
        follow_up=12,
        dropout=np.zeros(2),
        sided=np.int64(1),
    )
    assert arrays.patients == pytest.approx(plain.patients, rel=1e-6)


def test_rounded_prolongs_accrual_whose_rates_were_given() -> None:
    plan = {**PLAN, "accrual": ((0, 5), (6, 20)), "power": 0.9, "follow_up": 12.0}
    design = survival_design(**plan)
    whole = design.rounded()
    assert design.fixed_rates
    assert whole.accrual.rates == (5.0, 20.0)
    more = whole.patients - design.patients
    assert whole.accrual.end_months == pytest.approx(design.accrual.end_months + more / 20.0)
    assert whole.accrual.patients == pytest.approx(whole.patients)


def test_defaults_are_told_from_choices() -> None:
    design = survival_design(**PLAN, power=0.9, follow_up=12.0, dropout=0.1, null_ratio=1.0)
    status = {each.name: each.status for each in design.parameters}
    assert status["dropout"] == "chosen"
    assert status["null_ratio"] == status["allocation"] == status["formula"] == "default"
    assert status["events"] == status["patients"] == status["duration_months"] == "derived"
    assert design.expected["alternative"].events == pytest.approx(design.events)


@pytest.mark.parametrize("margin", [1.0, 1.3])
def test_lachin_foulkes_by_hand_with_unequal_allocation(margin: float) -> None:
    """Two arms to one, drop-out in both; the null hazards average to that of the alternative."""
    hazard, ratio, r, end, last = 0.05, 0.8, 2.0, 18.0, 30.0
    lost = -math.log(1.0 - 0.1) / 12.0

    def share(own: float) -> float:
        """Probability of an observed death, averaged over uniform entry."""
        all_ways = own + lost
        waits = (math.exp(-all_ways * (last - end)) - math.exp(-all_ways * last)) / all_ways
        return own / all_ways * (1.0 - waits / end)

    mean = hazard * (1.0 + r * ratio) / (1.0 + r * margin)
    null = 1.0 / (share(mean) / (1 + r)) + 1.0 / (share(mean * margin) * r / (1 + r))
    alternative = 1.0 / (share(hazard) / (1 + r)) + 1.0 / (share(hazard * ratio) * r / (1 + r))
    root = norm.isf(0.025) * math.sqrt(null) + norm.isf(0.1) * math.sqrt(alternative)
    design = survival_design(
        hazard_ratio=ratio,
        null_ratio=margin,
        hazard_control=hazard,
        allocation=r,
        dropout=0.1,
        accrual=end,
        follow_up=last - end,
        power=0.9,
        formula="lachin-foulkes",
    )
    assert design.patients == pytest.approx((root / math.log(ratio / margin)) ** 2, rel=EXACT)


@pytest.mark.parametrize("binding", [False, True])
def test_two_sided_futility_is_followed_as_the_boundaries_say(binding: bool) -> None:
    bounds = group_sequential(
        (0.4, 0.7, 1.0),
        alpha=0.05,
        sided=2,
        efficacy=Spending("obrien-fleming"),
        futility=Spending("hwang-shih-decani", -2.0),
        binding=binding,
        beta=0.2,
    )
    design = survival_design(**PLAN, patients=400, events=260, boundaries=bounds)
    drift = math.log(1.0 / 0.7) * math.sqrt(260.0) / 2.0
    for effect, side in ((drift, "alternative"), (0.0, "null")):
        exact = bounds.probabilities(effect)
        for k, look in enumerate(design.looks):
            for way in ("efficacy", "futility", "opposite"):
                found = getattr(look, f"{way}_{side}")
                assert found == pytest.approx(getattr(exact, way)[k], abs=1e-8)
    assert design.power == pytest.approx(bounds.probabilities(drift).power, abs=1e-8)
    sized = survival_design(**PLAN, power=0.8, follow_up=12, boundaries=bounds)
    assert sized.power == pytest.approx(0.8, abs=1e-9)
