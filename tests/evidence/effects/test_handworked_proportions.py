"""Percentages, survival proportions and empty tables, worked by hand."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from debulk.core import InputError
from debulk.core.files import json_text
from debulk.evidence.effects.binomial_normal import pool_binomial_normal
from debulk.evidence.effects.continuity import Correction
from debulk.evidence.effects.effect import NotEnough
from debulk.evidence.effects.mantel_haenszel import pool_tables
from debulk.evidence.effects.proportions import (
    back_transform,
    events_of_percentage,
    proportion_effect,
    proportion_effects,
)
from debulk.evidence.effects.survival_proportions import survival_proportion_effect
from debulk.evidence.effects.two_by_two import two_by_two_effects, two_by_two_tables

Z95 = 1.959963984540054


@pytest.mark.parametrize(
    ("percent", "patients", "events", "told"),
    [
        (2.7, 37, 1, ""),
        (50.0, 20, 10, ""),
        (33.0, 20, 7, "no whole number"),
        (30.0, 1000, 300, "may be 295 to 305 events"),
        (0.0, 12, 0, ""),
        (100.0, 12, 12, ""),
    ],
)
def test_events_behind_a_percentage(
    percent: float, patients: float, events: float, told: str
) -> None:
    found, remark = events_of_percentage(percent, patients)
    assert found == events
    assert told in remark
    assert bool(told) == bool(remark)


def test_survival_interval_gives_back_its_patients() -> None:
    """The logit interval of 40 of 100 patients stands for 100 patients on every scale."""
    se = 1.0 / math.sqrt(100 * 0.4 * 0.6)
    ends = [1.0 / (1.0 + math.exp(-(math.log(0.4 / 0.6) + sign * Z95 * se))) for sign in (-1, 1)]
    for scale, variance in (
        ("logit", 1 / 24),
        ("identity", 0.24 / 100),
        ("arcsine", 0.25 / 100),
        ("double arcsine", 1 / 402),
    ):
        found = survival_proportion_effect(0.4, lower=ends[0], upper=ends[1], scale=scale)
        assert found.se == pytest.approx(math.sqrt(variance), rel=1e-9)
        assert found.remarks == ("Effective number of patients from the interval: 100.0",)


def test_survival_without_interval_says_that_censoring_is_ignored() -> None:
    found = survival_proportion_effect(0.4, 100)
    assert found.se == pytest.approx(1 / math.sqrt(24))
    assert "Censoring is ignored" in found.remarks[0]
    with pytest.raises(NotEnough, match="nothing that tells its error"):
        survival_proportion_effect(0.4)


def test_survival_interval_too_narrow_for_its_patients_is_remarked_on() -> None:
    found = survival_proportion_effect(0.4, 20, lower=0.31, upper=0.5)
    assert "more than the 20 there are" in found.remarks[0]


def test_no_events_need_a_correction_or_an_arcsine() -> None:
    with pytest.raises(InputError, match="no standard error on this scale"):
        proportion_effect(0, 20)
    with pytest.raises(InputError, match="study 'B', events"):
        proportion_effects([3, 0], [10, 20], names=["A", "B"], correction=Correction(0.5, "none"))
    found = proportion_effects([3, 0], [10, 20])
    assert found.estimates[1] == pytest.approx(math.log(0.5 / 20.5))
    assert found.remarks == ("Continuity correction: 0.5 added to each cell of 1 of 2 studies",)
    assert proportion_effect(0, 20, "arcsine").se == pytest.approx(1 / math.sqrt(80))


@pytest.mark.parametrize("scale", ["identity", "logit", "arcsine"])
def test_back_transform_undoes_the_scale(scale: str) -> None:
    found = proportion_effect(3, 10, scale)
    assert float(back_transform(found.estimate, scale)) == pytest.approx(0.3)


def test_back_transform_needs_the_patients_of_a_double_arcsine() -> None:
    with pytest.raises(InputError, match="needs the patients"):
        back_transform(0.7, "double arcsine")


def test_studies_without_events_are_counted_out_of_ratios_and_stay_in_differences() -> None:
    tables = two_by_two_tables([3, 0], [10, 5], [5, 0], [10, 5], names=["A", "B"])
    ratios = two_by_two_effects(tables, "odds ratio")
    assert ratios.names == ("A",)
    assert ratios.exclusions[0].count == 1
    assert ratios.estimates[0] == pytest.approx(math.log((3 * 5) / (7 * 5)))
    assert two_by_two_effects(tables, "risk difference").names == ("A", "B")
    assert pool_tables(tables).provenance.exclusions == ratios.exclusions
    assert pool_tables(tables, "risk difference").k == 2


def test_results_are_plain_json() -> None:
    """Log odds of a study without events are infinite, which JSON does not hold."""
    model = pool_binomial_normal([0, 3, 9], [10, 20, 30], names=["A", "B", "C"]).to_dict()
    assert json.loads(json_text(model))["studies"][0]["estimate"] is None
    tables = two_by_two_tables([3, 0], [10, 5], [5, 0], [10, 5], names=["A", "B"])
    pooled = json.loads(json_text(pool_tables(tables).to_dict()))
    assert pooled["provenance"]["exclusions"][0]["reason"].startswith("B: no event")
    effects = json.loads(json_text(proportion_effects([3, 0], [10, 20]).to_dict()))
    assert effects["patients"] == [10, 20]
    assert json.loads(json_text(proportion_effect(3, 10).to_dict()))["remarks"] == []


def test_lengths_and_names_are_checked() -> None:
    with pytest.raises(InputError, match="patients: 1 entries for 2 studies"):
        proportion_effects([1, 2], [10])
    with pytest.raises(InputError, match="two studies with one id: 'A' in rows 1 and 2"):
        proportion_effects([1, 2], [10, 10], names=["A", "A"])
    with pytest.raises(InputError, match="0 entries for 0 studies"):
        pool_binomial_normal([], [])
    whole = np.array([1, 2]), np.array([10, 10])
    assert proportion_effects(*whole).patients == (10, 10)


def test_one_table_pools_to_itself() -> None:
    tables = two_by_two_tables([3], [10], [5], [10])
    found = pool_tables(tables)
    assert found.estimate == pytest.approx(math.log(3 / 7))
    assert (found.q_df, found.q_p, found.breslow_day) == (0, 1.0, None)


@pytest.mark.parametrize(
    ("arms", "told"),
    [
        (([11], [10], [5], [10]), "11 events are more than the 10 patients"),
        (([1.5], [10], [5], [10]), "not a whole number"),
        (([1], [0], [5], [10]), "below 1"),
        (([-1], [10], [5], [10]), "below 0"),
        (([1, 2], [10], [5], [10]), "1 entries for 2 studies"),
        (([math.nan], [10], [5], [10]), "not finite"),
    ],
)
def test_impossible_tables_are_told(arms: tuple[list[float], ...], told: str) -> None:
    with pytest.raises(InputError, match=told):
        two_by_two_tables(*arms)


def test_an_arm_without_events_has_no_pooled_ratio() -> None:
    tables = two_by_two_tables([0, 0], [10, 12], [5, 3], [10, 12])
    with pytest.raises(InputError, match="one arm has no event"):
        pool_tables(tables, "risk ratio")
    with pytest.raises(InputError, match="Peto's method gives an odds ratio"):
        pool_tables(tables, "risk ratio", method="peto")
    assert pool_tables(tables, method="peto").estimate < 0


def test_equal_proportions_leave_no_variance_between_studies() -> None:
    """With tau2 = 0 the model is one binomial: 30 of 100."""
    found = pool_binomial_normal([3, 9, 18], [10, 30, 60])
    assert found.tau2 == 0.0
    assert found.proportion == pytest.approx(0.3, rel=1e-9)
    assert found.se == pytest.approx(1 / math.sqrt(100 * 0.3 * 0.7), rel=1e-9)
    assert found.variance_p == 1.0
    np.testing.assert_allclose([each.weight for each in found.studies], [0.1, 0.3, 0.6], rtol=1e-9)


@pytest.mark.parametrize(
    ("events", "patients", "told"),
    [
        ([0, 0], [10, 20], "no patient of any study has the event"),
        ([10, 20], [10, 20], "or all have"),
        ([0, 10], [10, 10], "variance between is open"),
        ([1], [10], "1 studies"),
        ([1, 30], [10, 20], "30 events are more"),
        ([1, 2], [10], "1 entries for 2 studies"),
    ],
)
def test_impossible_proportions_are_told(
    events: list[float], patients: list[float], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        pool_binomial_normal(events, patients)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: Correction(0.0), "0 is not above 0"),
        (lambda: Correction(0.5, "some"), "'some' is no policy"),
        (lambda: proportion_effect(3, 10, "probit"), "'probit' is no scale"),
        (lambda: back_transform(0.1, "probit"), "'probit' is no scale"),
        (lambda: survival_proportion_effect(0.4, 10, scale="log"), "'log' is no scale"),
        (lambda: survival_proportion_effect(1.4, 10), "1.4 is not between 0 and 1"),
        (lambda: survival_proportion_effect(1.0, 10), "1 is not between 0 and 1"),
        (lambda: survival_proportion_effect(0.4, lower=0.5, upper=0.3), "not above the lower"),
        (lambda: survival_proportion_effect(0.4, lower=0.5, upper=0.6), "excludes"),
        (lambda: pool_tables(two_by_two_tables([3], [9], [2], [9]), "hazard"), "no measure of two"),
        (lambda: pool_tables(two_by_two_tables([3], [9], [2], [9]), method="ee"), "no method"),
        (lambda: pool_tables(two_by_two_tables([0], [9], [0], [9]), "risk difference"), "no study"),
        (lambda: two_by_two_effects(two_by_two_tables([3], [9], [2], [9]), "x"), "no measure"),
        (lambda: two_by_two_effects(two_by_two_tables([0], [9], [0], [9]), "odds ratio"), "both"),
        (lambda: pool_binomial_normal([1, 2], [9, 9], nodes=0), "0 nodes"),
    ],
)
def test_impossible_choices_are_told(call, told: str) -> None:
    with pytest.raises(InputError, match=told):
        call()


def test_an_empty_cell_without_correction_is_told_with_its_study() -> None:
    tables = two_by_two_tables([3, 0], [9, 9], [2, 4], [9, 9], names=["A", "B"])
    with pytest.raises(InputError, match="study 'B': has an empty cell and no correction"):
        two_by_two_effects(tables, "odds ratio", correction=Correction(corrected="none"))


def test_an_interval_that_reaches_nought_is_taken_on_the_plain_scale() -> None:
    se = 0.1 / (2 * Z95)
    found = survival_proportion_effect(0.05, lower=0.0, upper=0.1, scale="identity")
    assert found.se == pytest.approx(se)


def test_no_effect_by_measure() -> None:
    tables = two_by_two_tables([3], [9], [2], [9])
    assert two_by_two_effects(tables, "odds ratio").no_effect == 1.0
    assert two_by_two_effects(tables, "risk difference").no_effect == 0.0
    assert proportion_effects([3], [9]).no_effect is None
