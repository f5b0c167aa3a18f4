"""Routes to a log hazard ratio, each by its formula worked by hand."""

from __future__ import annotations

import math

import pytest

from debulk.core import InputError
from debulk.evidence.effects.effect import Effect, NotEnough
from debulk.evidence.effects.hazard_ratios import PrintedHazardRatio, hazard_ratio_effect
from debulk.evidence.effects.limits import from_limits

Z95 = 1.959963984540054
Z90 = 1.6448536269514722
SAME = 1e-12  # a handful of operations


def effect(**printed: object) -> Effect:
    return hazard_ratio_effect(PrintedHazardRatio(**printed))


@pytest.mark.parametrize(
    ("printed", "estimate", "se", "route"),
    [
        (
            {"hazard_ratio": 0.58, "lower": 0.38, "upper": 0.88},
            math.log(0.58),
            math.log(0.88 / 0.38) / (2 * Z95),
            "hazard ratio and 95 % interval",
        ),
        (
            {"hazard_ratio": 0.58, "lower": 0.38, "upper": 0.88, "conf_level": 90},
            math.log(0.58),
            math.log(0.88 / 0.38) / (2 * Z90),
            "hazard ratio and 90 % interval",
        ),
        ({"o_minus_e": -6.0, "v": 16.0}, -6 / 16, 1 / 4, "O - E and V"),
        (
            {"observed_1": 30, "expected_1": 36, "observed_2": 42, "expected_2": 36},
            math.log((30 / 36) / (42 / 36)),
            math.sqrt(1 / 36 + 1 / 36),
            "observed and expected events of both arms",
        ),
        (
            {"hazard_ratio": 0.5, "p": 0.05},
            math.log(0.5),
            math.log(2) / Z95,
            "hazard ratio and two-sided p value",
        ),
        (
            {"hazard_ratio": 0.5, "p": 0.05, "one_sided": True},
            math.log(0.5),
            math.log(2) / Z90,
            "hazard ratio and one-sided p value",
        ),
        (  # Parmar: 1 / V with V = O / 4
            {"hazard_ratio": 0.7, "events": 100},
            math.log(0.7),
            2 / 10,
            "hazard ratio, events in all",
        ),
        (  # V = O1 O2 / O
            {"hazard_ratio": 0.7, "events_1": 40, "events_2": 60},
            math.log(0.7),
            math.sqrt(100 / 2400),
            "hazard ratio, events of both arms",
        ),
        (  # V = O n1 n2 / (n1 + n2)^2 = 90 * 2 / 9
            {"hazard_ratio": 0.7, "events": 90, "n_1": 200, "n_2": 100},
            math.log(0.7),
            math.sqrt(1 / 20),
            "hazard ratio, events and patients of both arms",
        ),
        (
            {"p": 0.05, "events": 100, "favours": "experimental"},
            -Z95 / 5,
            1 / 5,
            "two-sided p value, events in all",
        ),
        (
            {"p": 0.05, "events_1": 60, "events_2": 40, "favours": "control"},
            Z95 / math.sqrt(24),
            1 / math.sqrt(24),
            "two-sided p value, events of both arms",
        ),
        (
            {"p": 0.05, "events": 90, "n_1": 200, "n_2": 100, "one_sided": True},
            -Z90 / math.sqrt(20),
            1 / math.sqrt(20),
            "one-sided p value, events and patients of both arms",
        ),
        (
            {"survival_1": 0.5, "n_1": 100, "survival_2": 0.25, "n_2": 100},
            math.log(math.log(0.5) / math.log(0.25)),
            math.sqrt(0.5 / (50 * math.log(0.5) ** 2) + 0.75 / (25 * math.log(0.25) ** 2)),
            "survival of both arms at one time",
        ),
        (
            {"events_1": 50, "n_1": 100, "events_2": 75, "n_2": 100},
            math.log(0.5),
            math.sqrt(0.5 / (50 * math.log(0.5) ** 2) + 0.75 / (25 * math.log(0.25) ** 2)),
            "crude events of both arms",
        ),
        (
            {"log_hazard_ratio": -0.2, "se_log_hazard_ratio": 0.1},
            -0.2,
            0.1,
            "log hazard ratio and its standard error",
        ),
    ],
)
def test_route(printed: dict[str, object], estimate: float, se: float, route: str) -> None:
    found = effect(**printed)
    assert found.estimate == pytest.approx(estimate, rel=SAME)
    assert found.se == pytest.approx(se, rel=SAME)
    assert found.route == route


def test_best_route_goes_first_and_the_others_are_named() -> None:
    printed = {"hazard_ratio": 0.8, "lower": 0.6, "upper": 1.07, "p": 0.12, "events": 180}
    found = effect(**printed)
    assert found.route == "hazard ratio and 95 % interval"
    assert "Not used: hazard ratio and p value; hazard ratio and events" in found.remarks
    assert effect(**printed, o_minus_e=-10.0, v=45.0).route == "O - E and V"


def test_events_replace_a_p_value_that_rounding_leaves_open() -> None:
    """A ratio of 0.98 may be 0.975 or 0.985, logarithms that differ by two thirds."""
    found = effect(hazard_ratio=0.98, p=0.87, events=240)
    assert found.route == "hazard ratio, events in all"
    assert any("too uncertain" in each for each in found.remarks)
    steady = effect(hazard_ratio=0.58, p=0.01, events=240)
    assert steady.route == "hazard ratio and two-sided p value"


def test_ratio_of_one_with_a_p_value_leaves_the_error_open() -> None:
    with pytest.raises(NotEnough, match="leaves the standard error open"):
        effect(hazard_ratio=1.0, p=0.9)
    assert effect(hazard_ratio=1.0, p=0.9, events=100).se == pytest.approx(0.2)


def test_a_route_that_leads_nowhere_gives_way_to_the_next_and_is_told() -> None:
    landmark = {"survival_1": 0.5, "n_1": 100, "survival_2": 0.5, "n_2": 100}
    found = effect(hazard_ratio=1.0, p=0.9, **landmark)
    assert found.route == "survival of both arms at one time"
    assert "hazard ratio and p value (p 0.9 with a hazard ratio of 1 leaves" in found.remarks[-1]


def test_one_sided_p_against_the_ratio_is_no_route() -> None:
    with pytest.raises(NotEnough, match="side of the p value"):
        effect(hazard_ratio=1.3, p=0.02, one_sided=True)
    assert effect(hazard_ratio=1.3, p=0.98, one_sided=True).estimate == pytest.approx(math.log(1.3))


@pytest.mark.parametrize(
    ("printed", "field", "told"),
    [
        ({"hazard_ratio": -0.5, "lower": 0.1, "upper": 1.0}, "hazard_ratio", "not above 0"),
        ({"hazard_ratio": 0.9, "lower": 0.95, "upper": 1.2}, "hazard_ratio", "excludes"),
        ({"hazard_ratio": 0.9, "lower": 0.0, "upper": 1.2}, "lower", "not above 0"),
        ({"hazard_ratio": 0.9, "lower": 0.9, "upper": 0.9}, "upper", "not above the lower"),
        ({"hazard_ratio": 0.9, "lower": 0.7, "upper": math.nan}, "upper", "not finite"),
        ({"hazard_ratio": 0.9, "lower": 0.7, "upper": 1.2, "conf_level": 100}, "conf_level", "100"),
        ({"hazard_ratio": 0.9, "p": 0.0}, "p", "no p value"),
        ({"hazard_ratio": 0.9, "p": 1.2}, "p", "no p value"),
        ({"hazard_ratio": 0.9, "se_log_hazard_ratio": -0.1}, "se_log_hazard_ratio", "above 0"),
        ({"o_minus_e": 1.0, "v": 0.0}, "v", "not above 0"),
        ({"hazard_ratio": 0.9, "events": 10.5}, "events", "whole number"),
        (
            {"hazard_ratio": 0.9, "events_1": 30, "events_2": 9, "n_1": 20, "n_2": 20},
            "events_1",
            "more than the 20 patients",
        ),
        ({"hazard_ratio": 0.9, "events": 10, "events_1": 5, "events_2": 6}, "events", "11 in both"),
        ({"survival_1": 1.2, "n_1": 10, "survival_2": 0.4, "n_2": 10}, "survival_1", "between"),
        (
            {"observed_1": 30, "expected_1": 60, "observed_2": 42, "expected_2": 60},
            "expected_1",
            "120 events expected",
        ),
        ({"p": 0.1, "events": 10, "favours": "left"}, "favours", "no arm"),
        ({"hazard_ratio": 0.9, "events": 90, "n_1": 40, "n_2": 40}, "events", "90 events are more"),
        ({"hazard_ratio": 0.9, "events_1": 0, "events_2": 9}, "events_1", "an arm has no event"),
        ({"hazard_ratio": 0.9, "events_1": 0, "events_2": 0}, "events_1", "neither arm"),
        ({"survival_1": 1.0, "n_1": 10, "survival_2": 0.4, "n_2": 10}, "survival_1", "leaves no"),
        ({"hazard_ratio": "0,9", "p": 0.2}, "hazard_ratio", "Write 0.9"),
        ({"hazard_ratio": 1e-300, "se_log_hazard_ratio": 10**400}, "se_log_hazard_ratio", "finite"),
        # A better route does not need them, but they are still wrong.
        ({"o_minus_e": 1.0, "v": 9.0, "p": 1.4}, "p", "no p value"),
        ({"hazard_ratio": 0.9, "lower": 0.7, "upper": 1.2, "events": -3}, "events", "below 0"),
        ({"hazard_ratio": 0.9}, "hazard_ratio", "nothing that tells its error"),
        ({"p": 0.2, "events": 50}, "hazard_ratio", "which arm did better"),
        ({}, "hazard_ratio", "nothing"),
    ],
)
def test_impossible_numbers_are_told(printed: dict[str, object], field: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as raised:
        effect(**printed)
    assert raised.value.where == field


def test_an_interval_askew_beyond_rounding_is_remarked_on() -> None:
    # ln 0.58 = -0.5447, middle of (ln 0.45, ln 0.88) = -0.4632, half-width 0.3354; rounding
    # explains 0.0086 + 0.0085, so 0.064 of 0.335 is left.
    found = from_limits(0.58, 0.45, 0.88)
    assert any("lies askew around 0.58 on the log scale" in each for each in found.remarks)
    assert any("by 19 % of its half-width" in each for each in found.remarks)


@pytest.mark.parametrize(
    ("ratio", "lower", "upper"),
    [(0.88, 0.7, 1.1), (0.37, 0.21, 0.65), (1.042, 0.689, 1.576), (0.57, 0.3, 1.1)],
)
def test_published_intervals_are_symmetric_within_rounding(
    ratio: float, lower: float, upper: float
) -> None:
    assert not any("askew" in each for each in from_limits(ratio, lower, upper).remarks)


def test_rounding_of_wide_limits_is_told() -> None:
    # Limits 1 and 4 without decimals may be 1.5 and 3.5 or 0.5 and 4.5: log widths 0.847 and 2.197
    # beside 1.386, so up to 58 % more.
    (remark,) = from_limits(2.0, 1.0, 4.0).remarks
    assert "uncertain by up to 58 %" in remark
    assert from_limits(0.88, 0.7, 1.1).remarks == ()


def test_interval_without_estimate_takes_its_middle() -> None:
    found = effect(lower=0.5, upper=2.0)
    assert found.estimate == pytest.approx(0.0, abs=SAME)
    assert "not printed" in " ".join(found.remarks)


def test_a_p_value_that_does_not_go_with_the_interval_is_remarked_on() -> None:
    # log 0.88 over its error is -1.109, which is p 0.27; p 0.05 is 1.96.
    printed = {"hazard_ratio": 0.88, "lower": 0.7, "upper": 1.1}
    told = "The hazard ratio and 95 % interval give p 0.27, printed is 0.05"
    assert told in effect(**printed, p=0.05).remarks
    assert not any("printed is" in each for each in effect(**printed, p=0.23).remarks)
    small = effect(hazard_ratio=0.37, lower=0.28, upper=0.49, p=0.001)
    assert not any("printed is" in each for each in small.remarks)


def test_equal_allocation_is_remarked_on_where_it_is_assumed() -> None:
    assumed = "Equal allocation to both arms is assumed"
    assert assumed in effect(hazard_ratio=0.7, events=100).remarks
    assert assumed not in effect(hazard_ratio=0.7, events=100, n_1=90, n_2=110).remarks
