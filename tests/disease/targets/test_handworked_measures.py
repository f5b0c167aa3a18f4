"""Do measures of a cohort give what a few patients made by hand have?"""

import dataclasses
import math

import numpy as np
import pytest

from debulk.disease.course.outcome import Watch
from debulk.disease.targets import measures, natural
from debulk.disease.targets.runs import COLUMNS, Run
from debulk.disease.targets.sight import Seen
from debulk.disease.targets.watched import _reached, first_new_lesion, regrowth

NEVER = np.inf


def run(lesions=(1, 3, 3, 8), outside=(0, 0, 2, 2), **columns):
    """Four patients in the arms a and b; what is not given is empty."""
    count = len(lesions)
    numbers = {name: np.zeros(count) for name in Seen.__dataclass_fields__}
    seen = Seen(**numbers)
    seen = dataclasses.replace(
        seen,
        lesions=np.array(lesions),
        liver=np.array(lesions) - np.array(outside),
        sum_cm=np.arange(2.0, 2.0 * count + 1.0, 2.0),
    )
    plain = _empty(count)
    if count == 4:
        plain |= _four()
    first = {**plain, **columns}
    later = {**first, "death_months": first["death_months"] + 5.0}
    return Run(
        seen,
        {"a": first, "b": later},
        np.zeros(count, dtype=np.int64),
        (24.0, 60.0),
        61.0,
        np.zeros(count, dtype=np.int64),
    )


def _four():
    """Times of four patients."""
    return {
        "death_months": np.array([10.0, 20.0, 30.0, NEVER]),
        "progression_months": np.array([5.0, 25.0, NEVER, NEVER]),
        "progression_site": np.array([1, 2, 0, 0]),
    }


def measured(name, made, arms=("a",), months=math.nan):
    return measures.MEASURES[name](made, arms, months)


@pytest.mark.parametrize(
    ("name", "arms", "months", "expected"),
    [
        ("median_os", ("a",), math.nan, 20.0),
        ("median_pfs", ("a",), math.nan, 20.0),
        ("os_at", ("a",), 20.0, 0.5),
        ("pfs_at", ("a",), 19.0, 0.75),
        ("median_os_gain", ("a", "b"), math.nan, 5.0),
        ("os_gain_at", ("a", "b"), 22.0, 0.25),
        ("recurrence_at", ("a",), 60.0, 0.25),
        ("liver_first", ("a",), math.nan, 0.5),
        ("recurrence_elsewhere_alone", ("a",), math.nan, 0.5),
        ("sum_of_diameters_q50", ("a",), math.nan, 5.0),
        ("five_or_more", ("a",), math.nan, 0.25),
        ("os_at_one_lesion", ("a",), 20.0, 0.0),
        ("os_at_several_lesions", ("a",), 20.0, 2 / 3),
        ("several_among_survivors", ("a",), 20.0, 1.0),
    ],
)
def test_times_and_shares_by_hand(name, arms, months, expected):
    assert measured(name, run(), arms, months) == pytest.approx(expected)


def test_response_shrinkage_and_depth_by_hand():
    made = run(
        confirmed_response=np.array([True, False, False, True]),
        early_change=np.array([-0.4, -0.1, np.nan, -0.3]),
        best_change=np.array([-0.6, -0.2, np.nan, -0.4]),
        resections=np.array([0, 1, 0, 0]),
    )
    assert measured("response", made) == 0.5
    assert measured("early_shrinkage", made) == pytest.approx(2 / 3)
    assert measured("depth_of_response", made) == pytest.approx(0.4)
    assert measured("median_best_change", made) == pytest.approx(-0.4)
    assert measured("shrinkage_30_percent", made) == 0.5
    assert measured("resected_share", made) == 0.25


def test_later_lines_count_from_their_start_in_those_given_them():
    start = np.array([[0.0, 5.0, np.nan], [0.0, 12.0, 16.0], [0.0, 40.0, np.nan], [0, 9.0, 15.0]])
    end = np.array([[5.0, NEVER, np.nan], [12.0, 15.0, NEVER], [NEVER] * 3, [9.0, 13.0, 25.0]])
    made = run(line_start_months=start, line_end_months=end)
    # The third patient's line 2 would have begun after death; the fourth lives on.
    # Progression is spread about the month of its visit.
    assert measured("second_line_pfs", made) == pytest.approx(4.0, abs=measures.VISIT_WINDOW_MONTHS)
    assert measured("second_line_os", made) == 8.0
    assert measured("third_line_os", made) == 4.0
    assert measured("third_line_pfs", made) == 4.0  # by death
    assert measured("third_line_untreated_os", made, ("a", "b")) == 4.0


def test_cure_needs_no_cell_and_no_recurrence():
    free = np.array([True, True, True, True])
    made = run(tumour_free=free, death_months=np.array([10.0, 20.0, 130.0, NEVER]))
    assert measured("cured", made) == 0.5
    assert measured("cured_alive_at_10_years", made) == 0.5


def test_extrahepatic_disease_by_number():
    rng = np.random.Generator(np.random.Philox(7))
    count = 4000
    lesions = np.repeat((2, 6), count // 2)
    outside = np.tile((0, 1), count // 2)
    hazard = np.where(outside == 1, np.where(lesions == 2, 3.0, 1.5), 1.0)
    times = rng.exponential(30.0, count) / hazard
    made = run(tuple(lesions), tuple(outside), death_months=times)
    # True ratio 1.5 / 3; the error of its log is about sqrt(4 * 4 / 4000) = 0.06.
    assert measured("extrahepatic_by_number", made) == pytest.approx(0.5, rel=0.25)
    assert measured("hazard_ratio_extrahepatic", made) == pytest.approx(2.1, rel=0.2)


def _empty(count):
    """Columns of patients to whom nothing has happened."""
    columns = {name: np.zeros(count) for name in COLUMNS}
    columns["progression_months"] = np.full(count, NEVER)
    columns["line_start_months"] = np.full((count, 3), np.nan)
    columns["line_end_months"] = np.full((count, 3), np.nan)
    return columns


def watch(**given):
    months = np.arange(5) * 2.0
    plain = np.full((2, 5), np.nan, dtype=np.float32)
    names = [each.name for each in dataclasses.fields(Watch) if each.name != "months"]
    return Watch(months=months, **{name: given.get(name, plain) for name in names})


def test_the_volume_is_reached_between_two_looks():
    volume = np.array([[10, 100, 1000, 1000, np.nan], [1, 2, 3, np.nan, np.nan]], np.float32)
    found = _reached(watch(volume_ml=volume), 10.0**2.5)
    assert found[0] == pytest.approx(3.0, rel=1e-5)
    assert found[1] == math.inf


def test_regrowth_is_the_slope_from_the_smallest_sum():
    rising = 20.0 * np.exp(0.1 * np.arange(5) * 2.0)
    total = np.array([[50, 20, 0, 0, 0], rising], dtype=np.float32)
    total[0, 2:] = 20.0 * np.exp(0.05 * 2.0 * np.arange(1, 4))
    found = regrowth(watch(sum_diameters_mm=total))
    assert found == pytest.approx([0.05, 0.1], rel=1e-5)
    total[0, 3:] = np.nan
    assert math.isnan(regrowth(watch(sum_diameters_mm=total))[0])  # one visit after it
    total[0] = np.nan
    assert math.isnan(regrowth(watch(sum_diameters_mm=total))[0])  # never measured


def test_a_sum_of_nothing_is_no_nadir():
    """Where all vanishes for a while, the slope runs from the smallest sum that is measured."""
    total = np.array([[40, 0, 20, 22.1034, 24.4281], [20, 20, 20, 20, 20]], dtype=np.float32)
    found = regrowth(watch(sum_diameters_mm=total))
    assert found == pytest.approx([0.05, 0.0], rel=1e-4, abs=1e-6)


def test_the_first_new_lesion_is_that_of_the_first_look_that_shows_one():
    new = np.array([[0, 0, 1, 0, 1], [0, 0, np.nan, np.nan, np.nan]], dtype=np.float32)
    assert first_new_lesion(watch(new_lesion=new)).tolist() == [4.0, math.inf]


def test_recurrence_counts_only_before_death_from_other_causes():
    people = natural.Everyone(
        np.zeros(4, dtype=np.int64),
        {"none": np.array([3, 3, 3, 2]), "all": np.array([3, 3, 3, 2])},
        {
            "none": np.array([10.0, 30.0, np.nan, 5.0]),
            "all": np.array([20.0, np.nan, np.nan, 5.0]),
        },
        np.array([50.0, 20.0, 90.0, 90.0]),
    )
    found = natural.CENSUS_MEASURES
    assert found["recurrence_stage_3"](people, ("none",), 60.0) == pytest.approx(1 / 3)
    assert found["stage_3"](people, ("none",), math.nan) == 0.75
    assert found["time_to_recurrence_stage_3"](people, ("none",), math.nan) == 10.0
    assert found["adjuvant_gain"](people, ("none", "all"), 15.0) == pytest.approx(1 / 3)
    assert found["adjuvant_ratio"](people, ("none", "all"), 60.0) == 1.0
