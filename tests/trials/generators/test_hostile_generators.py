"""Is whatever a user can get wrong answered by an InputError that names it?"""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest

from debulk.core import InputError
from debulk.patients import Cohort
from debulk.protocols.plans import CentrePlan, Leaning, Randomisation
from debulk.trials import trial_settings
from debulk.trials.generators.arms import ArmsFollowUp, ArmsPatients
from debulk.trials.generators.cohort import CohortPatients
from debulk.trials.generators.cure_mixture import CureMixturePatients
from debulk.trials.generators.illness_death import IllnessDeathPatients
from debulk.trials.generators.piecewise_exponential import PiecewiseExponentialPatients
from debulk.trials.generators.strata import PrognosticFactor

NOT_NUMBERS = [True, np.True_, "0.1", None, [], (), {}, object(), float("nan"), float("inf"), -0.1]
NOT_STEPS = [
    [0.1, 0.2],
    [[0, 0.1], [0, 0.2]],
    [[1, 0.1]],
    [[0, 0.1], [6]],
    [[0, "x"]],
    [[0, float("nan")]],
    [[0, -1.0]],
    ((0, 0.1), (float("inf"), 0.2)),
    np.array([[True, False]]),
    np.zeros((2, 3)),
    pl.Series([0.1, 0.2]),
    iter([(0, 0.1)]),
    1e9,
]


@pytest.mark.parametrize(
    "given", [*NOT_NUMBERS, *NOT_STEPS], ids=lambda each: repr(each)[:30].split(" object at")[0]
)
def test_hazards_and_ratios(given) -> None:
    with pytest.raises(InputError, match="hazard_control"):
        PiecewiseExponentialPatients(10, given, 0.7)
    with pytest.raises(InputError, match="hazard_ratio"):
        PiecewiseExponentialPatients(10, 0.1, given)
    with pytest.raises(InputError, match="progression"):
        IllnessDeathPatients(10, given, 0.1, 0.1)
    if given is not None:
        with pytest.raises(InputError, match="death_after_experimental"):
            IllnessDeathPatients(10, 0.1, None, 0.1, death_after_experimental=given)


def test_a_hazard_of_0_throughout_and_half_a_progression() -> None:
    with pytest.raises(InputError, match="0 throughout"):
        PiecewiseExponentialPatients(10, 0.0, 0.7)
    with pytest.raises(InputError, match="progression_ratio: is missing"):
        PiecewiseExponentialPatients(10, 0.1, 0.7, progression_hazard=0.1)
    with pytest.raises(InputError, match="progression_hazard: is missing"):
        PiecewiseExponentialPatients(10, 0.1, 0.7, progression_ratio=0.1)


def test_numpy_numbers_and_arrays_are_numbers() -> None:
    patients = PiecewiseExponentialPatients(
        np.int64(10), np.float64(0.1), np.array([[0.0, 1.5], [6.0, 0.5]])
    )
    assert dict(patients.identity())["numbers"]["hazard_ratio"] == [[0.0, 1.5], [6.0, 0.5]]


@pytest.mark.parametrize("given", [*NOT_NUMBERS, 0, 2.5, 10_000_000])
def test_registered(given) -> None:
    with pytest.raises(InputError, match="registered"):
        PiecewiseExponentialPatients(given, 0.1, 0.7)


@pytest.mark.parametrize("given", [each for each in NOT_NUMBERS if each is not None])
@pytest.mark.parametrize(
    "name",
    [
        "cured_control",
        "cured_experimental",
        "median_uncured_months",
        "hazard_ratio_uncured",
        "shape",
        "other_hazard",
        "progression_share",
        "visit_interval_months",
    ],
)
def test_every_number_of_a_cure_model(name, given) -> None:
    right = {
        "cured_control": 0.1,
        "cured_experimental": 0.2,
        "median_uncured_months": 12.0,
        "hazard_ratio_uncured": 0.8,
    }
    with pytest.raises(InputError, match=name):
        CureMixturePatients(10, **{**right, name: given})


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("", ((1.0, 1.0),)),
        ("a b", ((1.0, 1.0),)),
        ("centre", ((1.0, 1.0),)),
        (7, ((1.0, 1.0),)),
        ("ras", ()),
        ("ras", 0.5),
        ("ras", ((0.5, 1.0),)),
        ("ras", ((0.5, 1.0), (0.6, 1.0))),
        ("ras", ((1.0, 0.0),)),
        ("ras", ((1.0, True),)),
        ("ras", ((1.0,),)),
        ("ras", (0.5, 0.5)),
    ],
)
def test_strata(name, levels) -> None:
    with pytest.raises(InputError, match="strata"):
        PrognosticFactor(name, levels)


def test_lists_of_strata() -> None:
    one = PrognosticFactor("ras", ((1.0, 1.0),))
    for given in ((one, one), ("ras",), "ras", one, None):
        with pytest.raises(InputError, match="strata"):
            PiecewiseExponentialPatients(10, 0.1, 0.7, strata=given)
    for given in ("", 7, None):
        with pytest.raises(InputError, match="source"):
            PiecewiseExponentialPatients(10, 0.1, 0.7, source=given)


GOOD = {
    "time": [1.0, 2.0, 3.0, 4.0],
    "event": [1, 1, 1, 1],
    "arm": ["a", "b", "a", "b"],
    "control": "a",
    "experimental": "b",
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"time": []},
        {"time": [1.0, 2.0, 3.0]},
        {"time": [1.0, 2.0, float("nan"), 4.0]},
        {"time": [1.0, 2.0, float("inf"), 4.0]},
        {"time": [-1.0, 2.0, 3.0, 4.0]},
        {"time": [0.0, 2.0, 3.0, 4.0]},
        {"time": ["1", "2", "3", "4"]},
        {"time": "abcd"},
        {"time": None},
        {"event": [1, 1, 1, 2]},
        {"event": [1, 1, None, 1]},
        {"event": pl.Series([1, None, 1, 1])},
        {"event": "yes"},
        {"event": [1, 1, 1]},
        {"arm": "abab"},
        {"arm": ["a", "b", "a"]},
        {"arm": [1, 2, 1, 2]},
        {"arm": 7},
        {"control": "c"},
        {"control": "b"},
        {"control": None},
        {"experimental": ""},
    ],
    ids=lambda each: str(each)[:40],
)
def test_follow_up_of_two_arms(wrong) -> None:
    with pytest.raises(InputError):
        ArmsFollowUp(**{**GOOD, **wrong})


def test_follow_up_as_polars_columns_and_booleans() -> None:
    given = {"time": pl.Series(GOOD["time"]), "event": pl.Series([True] * 4)}
    found = ArmsFollowUp(**{**GOOD, **given, "arm": pl.Series(GOOD["arm"])}).sides()
    assert found[0][0].tolist() == [1.0, 3.0]


@pytest.mark.parametrize("tail", [None, "", "expo", True, 7])
def test_the_tail_must_be_chosen(tail) -> None:
    with pytest.raises(InputError, match="tail"):
        ArmsPatients(10, ArmsFollowUp(**GOOD), tail=tail)
    with pytest.raises(TypeError, match="tail"):
        ArmsPatients(10, ArmsFollowUp(**GOOD))


def test_arms_that_cannot_be_used() -> None:
    with pytest.raises(InputError, match=r"os, arm b: nobody has the event"):
        ArmsPatients(10, ArmsFollowUp(**{**GOOD, "event": [1, 0, 1, 0]}), tail="never")
    with pytest.raises(InputError, match="no ArmsFollowUp"):
        ArmsPatients(10, GOOD, tail="never")
    strata = (PrognosticFactor("ras", ((1.0, 1.0),)),)
    with pytest.raises(InputError, match="no strata"):
        ArmsPatients(10, ArmsFollowUp(**GOOD), tail="never", strata=strata)


def cohort_of(patients: dict | None = None, followup: dict | None = None) -> Cohort:
    """Four patients, with or without changes."""
    ids = ["A", "B", "C", "D"]
    right = {"last_months": [5.0, 6.0, 7.0, 8.0], "dead": [True, True, False, True]}
    return Cohort.from_tables(
        {
            "patients": {"patient_id": ids, **(patients or {})},
            "followup": {"patient_id": ids, **right, **(followup or {})},
        }
    )


@pytest.mark.parametrize(
    ("changes", "since", "match"),
    [
        ({"followup": {"dead": [False] * 4}}, "time zero", "nobody has the event"),
        ({"followup": {"last_months": [0.0, 6.0, 7.0, 8.0]}}, "time zero", "event at time 0"),
        ({}, "birth", "no moment"),
        ({}, 7, "since"),
        ({}, "randomised_months", "unknown of 4 of 4"),
        ({"patients": {"board_months": [1.0, 2.0, 3.0, 9.0]}}, "board_months", "ends before"),
        ({"patients": {"entry_months": [0.0, 2.0, 0.0, 0.0]}}, "time zero", "first seen after"),
        (
            {
                "followup": {"progression_months": [0.5, None, None, None]},
                "patients": {"board_months": [1.0, 1.0, 1.0, 1.0]},
            },
            "board_months",
            "lies outside follow-up in 1",
        ),
    ],
)
def test_cohorts_that_cannot_be_used(changes, since, match) -> None:
    with pytest.raises(InputError, match=match):
        CohortPatients(10, cohort_of(**changes), 0.7, since=since, tail="never")


def test_what_is_no_cohort_and_what_has_no_follow_up() -> None:
    with pytest.raises(InputError, match="no Cohort"):
        CohortPatients(10, "folder", 0.7, tail="never")
    patients = {"patient_id": ["A"]}
    missing = Cohort.from_tables({"patients": patients}, validate=False)
    with pytest.raises(InputError, match="missing of 1"):
        CohortPatients(10, missing, 0.7, tail="never")
    with pytest.raises(InputError, match="carried"):
        CohortPatients(10, cohort_of(), 0.7, carried=(7,), tail="never")


def with_strata(protocol, *names: str):
    """A protocol with strata."""
    conduct = dataclasses.replace(
        protocol.conduct,
        randomisation=Randomisation(strata=names),
        centres=CentrePlan(3) if "centre" in names else None,
    )
    return dataclasses.replace(protocol, conduct=conduct)


def test_what_a_protocol_asks_and_patients_do_not_have_is_refused_by_name(protocol) -> None:
    plain = PiecewiseExponentialPatients(10, 0.1, 0.7)
    ras = dataclasses.replace(plain, strata=(PrognosticFactor("ras", ((1.0, 1.0),)),))
    cohort = CohortPatients(10, cohort_of({"who_ps": [0, 0, 1, 1]}), 0.7, tail="never")
    for patients, name, match in (
        (plain, "ras", "have no 'ras'"),
        (ras, "braf", "have no 'braf'"),
        (cohort, "nothing", "no feature 'nothing'"),
        (cohort, "age_years", "whole number, a truth or a word"),
        (cohort, "sex", "unknown of 4 of the cohort's 4"),
    ):
        with pytest.raises(InputError, match=match) as found:
            trial_settings(with_strata(protocol, name), model=patients)
        assert "orchestra.yaml, conduct.randomisation.strata" in str(found.value)
    trial_settings(with_strata(protocol, "ras", "centre"), model=ras)
    trial_settings(with_strata(protocol, "who_ps"), model=cohort)
    funnel = [
        dataclasses.replace(step, leanings=(Leaning("ras", 1.0, 0.0),))
        if step.kind == "chance"
        else step
        for step in protocol.funnel
    ]
    chosen = dataclasses.replace(protocol, funnel=tuple(funnel))
    with pytest.raises(InputError, match="no number or a truth"):
        trial_settings(chosen, model=cohort)
    salvage = dataclasses.replace(protocol.conduct, salvage=0.2)
    with pytest.raises(InputError, match=r"conduct\.salvage"):
        trial_settings(dataclasses.replace(protocol, conduct=salvage), model=plain)


def test_a_criterion_unknown_of_some_is_refused_before_anything_runs(protocol) -> None:
    some = CohortPatients(10, cohort_of({"who_ps": [0, None, 1, 1]}), 0.7, tail="never")
    with pytest.raises(InputError, match=r"criterion E7: is unknown of 1 of the cohort's 4"):
        trial_settings(protocol, model=some)
