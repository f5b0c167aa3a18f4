"""Checks of pooled effects against R's metafor: data, script and numbers in metafor_diagnostics."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from debulk.evidence.pooling.cumulative import cumulative_pool
from debulk.evidence.pooling.filling import trim_and_fill
from debulk.evidence.pooling.influence import study_influence
from debulk.evidence.pooling.leaving_out import leave_one_out
from debulk.evidence.pooling.small_study import (
    egger_test,
    fail_safe_number,
    rank_correlation_test,
)
from debulk.evidence.pooling.subgroups import subgroup_pool

HERE = Path(__file__).parents[2] / "reference" / "metafor_diagnostics"
NUMBERS = json.loads((HERE / "diagnostics.json").read_text())
DATASETS = tuple(NUMBERS)
WAYS = ("ee wald", "dl wald", "reml wald", "reml hksj", "dl hksj-adhoc")

CROSS_SOFTWARE = 1e-7
"""Relative to the larger of 1 and the number: metafor iterates to 1e-13, we too, but where the
variance between studies is 0 in one study's absence both stop a little above it."""


def _data(name: str) -> tuple[np.ndarray, np.ndarray, list[dict[str, str]]]:
    with (HERE / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    effects = np.array([float(each["yi"]) for each in rows])
    return effects, np.sqrt([float(each["vi"]) for each in rows]), rows


def _way(way: str) -> dict[str, str]:
    method, interval = way.split()
    return {"method": method, "interval": interval}


def _same(found: object, expected: object) -> None:
    np.testing.assert_allclose(
        np.array(found, dtype=float),
        np.array(expected, dtype=float),
        rtol=CROSS_SOFTWARE,
        atol=CROSS_SOFTWARE,
    )


COLUMNS = ("estimate", "se", "lower", "upper", "p")
SPREAD = ("tau2", "i2", "q", "q_p")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", DATASETS)
def test_leave_one_out(name: str, way: str) -> None:
    effects, errors, _ = _data(name)
    expected = NUMBERS[name]["leave_one_out"][way]
    found = leave_one_out(effects, errors, **_way(way)).rows
    for column in (*COLUMNS, *SPREAD):
        if expected.get(column) is not None:
            _same([getattr(each, column) for each in found], expected[column])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", DATASETS)
def test_cumulative_by_year(name: str, way: str) -> None:
    effects, errors, rows = _data(name)
    expected = NUMBERS[name]["cumulative"][way]
    years = [int(each["year"]) for each in rows]
    found = cumulative_pool(effects, errors, years, **_way(way))
    assert [int(each.name) for each in found.rows] == expected["sequence"]
    assert found.order == tuple(sorted(years))
    for column in (*COLUMNS, *SPREAD):
        if expected.get(column) is None:
            continue
        # One study alone: metafor says 0 of what one study cannot show, and t without freedom.
        told = [getattr(each, column) for each in found.rows][1:]
        _same(told, expected[column][1:])
    first = found.rows[0]
    assert first.estimate == pytest.approx(expected["estimate"][0], rel=CROSS_SOFTWARE)
    assert first.se == pytest.approx(errors[expected["sequence"][0] - 1])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", DATASETS)
def test_influence(name: str, way: str) -> None:
    effects, errors, _ = _data(name)
    expected = NUMBERS[name]["influence"][way]
    found = study_influence(effects, errors, **_way(way)).rows
    for column, values in expected.items():
        if column == "influential":
            assert [each.influential for each in found] == values
        else:
            _same([getattr(each, column) for each in found], values)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", [each for each in DATASETS if "level" in NUMBERS[each]])
@pytest.mark.parametrize("heterogeneity", ["separate", "common"])
def test_subgroups(name: str, way: str, heterogeneity: str) -> None:
    effects, errors, rows = _data(name)
    case = NUMBERS[name]["subgroups"][way]
    expected = case[heterogeneity]
    levels = [each[NUMBERS[name]["level"]] for each in rows]
    found = subgroup_pool(effects, errors, levels, heterogeneity=heterogeneity, **_way(way))
    told = [each.row for each in found.levels]
    assert [each.name for each in told] == case["levels"]
    for column in ("estimate", "se", "lower", "upper", "tau2"):
        values = np.broadcast_to(expected[column], len(told))
        _same([getattr(each, column) for each in told], values)
    _same([found.statistic, found.p], [expected["statistic"], expected["p"]])
    if heterogeneity == "common":
        _same([each.p for each in told], expected["p_levels"])


EGGER = [(name, key) for name in DATASETS for key in NUMBERS[name]["egger"]]


@pytest.mark.parametrize(("name", "key"), EGGER)
def test_egger(name: str, key: str) -> None:
    effects, errors, _ = _data(name)
    expected = NUMBERS[name]["egger"][key]
    how = {} if key.startswith("lm") else _way(" ".join(key.split()[:2]))
    found = egger_test(
        effects,
        errors,
        model=expected["model"],
        predictor=expected["predictor"],
        patients=NUMBERS[name]["patients"],
        **how,
    )
    for column in ("statistic", "p", "slope", "slope_se"):
        _same(getattr(found, column), expected[column])
    for column in ("limit_estimate", "limit_lower", "limit_upper", "tau2"):
        value = getattr(found, column)
        if expected.get(column) is None:
            assert value is None
        else:
            _same(value, expected[column])


@pytest.mark.parametrize("name", DATASETS)
def test_rank_correlation_and_fail_safe_number(name: str) -> None:
    effects, errors, _ = _data(name)
    expected = NUMBERS[name]
    rank = rank_correlation_test(effects, errors)
    _same([rank.tau, rank.p], [expected["rank"]["tau"], expected["rank"]["p"]])
    safe = fail_safe_number(effects, errors)
    assert safe.studies == expected["fail_safe"]["studies"]
    _same(safe.p, expected["fail_safe"]["p"])


FILLED = [(name, key) for name in DATASETS for key in NUMBERS[name]["trim_and_fill"]]


@pytest.mark.parametrize(("name", "key"), FILLED)
def test_trim_and_fill(name: str, key: str) -> None:
    effects, errors, _ = _data(name)
    expected = NUMBERS[name]["trim_and_fill"][key]
    method, interval, estimator, side = key.split()
    found = trim_and_fill(
        effects,
        errors,
        estimator=estimator,
        side=None if side == "auto" else side,
        **_way(f"{method} {interval}"),
    )
    assert (found.missing, found.side) == (expected["missing"], expected["side"])
    if expected["missing_se"] is None:
        assert np.isnan(found.missing_se)
    else:
        _same(found.missing_se, expected["missing_se"])
    if expected.get("missing_p") is not None:
        _same(found.missing_p, expected["missing_p"])
    _same([each.estimate for each in found.filled], np.atleast_1d(expected["filled"]))
    variances = [each.se**2 for each in found.filled]
    _same(variances, np.atleast_1d(expected["filled_variance"]))
    for column in ("estimate", "se", "lower", "upper", "tau2"):
        _same(getattr(found.adjusted, column), expected[column])
