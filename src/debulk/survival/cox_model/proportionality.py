"""Are the hazards proportional? The score test of coefficients that change with time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.special import chdtrc

from debulk.core.compiled import kernel
from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.cox_model.residuals import stratum_of
from debulk.survival.cox_model.risk_sets import BLOCK, RiskSets, checked_covariance, risk_sets
from debulk.survival.cox_model.rows import CoxRows, Ties
from debulk.survival.options import check_word
from debulk.survival.ordering import rising_order
from debulk.survival.subjects import Floats, Ints

if TYPE_CHECKING:
    import polars as pl

Transform = Literal["km", "identity", "rank", "log"]
By = Literal["column", "term"]

_NOTHING_LEFT = 1e-10
"""Share of a column's information on a change with time below which none is left to test."""


@dataclass(frozen=True, eq=False)
class SchoenfeldPlot:
    """What a plot of changing coefficients shows: one point an event.

    Attributes
    ----------
    names : tuple of str
        The p columns.
    time, transformed : array, shape (d,)
        Event times and their transforms, by stratum and time.
    stratum : tuple of str
        Stratum of each event; empty for one stratum.
    coefficient : array, shape (d, p)
        Scaled Schoenfeld residual plus the coefficient; its smooth over the transformed time
        estimates the coefficient at that time. NaN where the column is constant in the stratum.
    beta : array, shape (p,)
        The coefficients of the model, the level of the plot were they constant.
    covariance : array, shape (p, p)
        What an ordinary regression of the points takes as their covariance.
    """

    names: tuple[str, ...]
    time: Floats
    transformed: Floats
    stratum: tuple[str, ...]
    coefficient: Floats
    beta: Floats
    covariance: Floats

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        fields = ("names", "time", "transformed", "stratum", "coefficient", "beta", "covariance")
        return {name: plain(getattr(self, name)) for name in fields}


def proportionality(
    rows: CoxRows,
    beta: Floats,
    ties: Ties,
    naive_covariance: Floats,
    transform: Transform | Callable[[Floats], Floats] = "km",
    *,
    by: By = "column",
) -> pl.DataFrame:
    """Score test of x g(t) added to the model, for each column and for all of them.

    Grambsch and Therneau (1994, Biometrika 81:515), with the information at each event in place of
    its average: R's ``cox.zph`` since survival 3.0.

    Parameters
    ----------
    rows : CoxRows
        Checked rows.
    beta : array, shape (p,)
        Coefficients at the maximum of the likelihood.
    ties : {"efron", "breslow"}
        As in the fit.
    naive_covariance : array, shape (p, p)
        Inverse of the information there.
    transform : {"km", "identity", "rank", "log"} or function
        g: one less the Kaplan-Meier curve of all rows (strata and weights apart) just before t; t
        itself; the rank of t among all ends of follow-up; its logarithm; or a function of the array
        of all ends of follow-up.
    by : {"column", "term"}
        Whether a factor's columns are tested one by one or together.

    Returns
    -------
    Polars DataFrame
        Columns term, chi_square, df, p; the last row, GLOBAL, tests all columns. NaN where nothing
        can be tested, as when all events fall on one time.

    Raises
    ------
    InputError
        On a model without columns, an unknown transform or one that is not finite at an event
        time (the logarithm of 0), and as `risk_sets`.
    """
    import polars as pl

    _check(rows, by)
    sets = risk_sets(rows, beta, ties)
    moments = _Moments.of(sets, transformed_times(sets, transform))
    covariance = checked_covariance(rows, naive_covariance)
    cross = moments.information[1]
    left = moments.information[2] - cross @ covariance @ cross
    labels = rows.names if by == "column" else tuple(dict.fromkeys(rows.terms))
    owner = rows.names if by == "column" else rows.terms
    table: list[tuple[str, float, int]] = []
    everything = [*range(len(owner))]
    groups = [[k for k in everything if owner[k] == label] for label in labels]
    if by == "column":
        groups = [[k] for k in everything]
    for label, columns in zip((*labels, "GLOBAL"), (*groups, everything), strict=True):
        table.append((label, _chi_square(moments, left, columns), len(columns)))
    statistic = np.array([row[1] for row in table])
    df = np.array([row[2] for row in table])
    return pl.DataFrame(
        {
            "term": [row[0] for row in table],
            "chi_square": statistic,
            "df": df,
            "p": chdtrc(df, statistic),
        }
    )


def schoenfeld_plot_data(
    rows: CoxRows,
    beta: Floats,
    ties: Ties,
    naive_covariance: Floats,
    transform: Transform | Callable[[Floats], Floats] = "km",
) -> SchoenfeldPlot:
    """Scaled Schoenfeld residuals plus coefficients, over transformed time.

    Parameters and errors are those of `proportionality`. Residuals are scaled by the average
    information of the events at which a column varies, as R's ``cox.zph``: in a stratum where a
    column is constant its events say nothing about it.
    """
    _check(rows, "column")
    sets = risk_sets(rows, beta, ties)
    moved = transformed_times(sets, transform)
    residuals = rows.x[sets.deaths] - sets.centre - sets.mean_at_deaths()
    used = _events_that_inform(sets)
    shared = np.minimum(used[:, :, None], used[:, None, :]).sum(axis=0)
    covariance = checked_covariance(rows, naive_covariance)
    average = _solved(covariance, np.eye(covariance.shape[0])) / np.where(shared == 0, 1, shared)
    result = np.full(residuals.shape, np.nan)
    stratum = sets.stratum[sets.time_of_death]
    for code in range(used.shape[0]):
        here, columns = np.flatnonzero(stratum == code), np.flatnonzero(used[code])
        part, own = average[np.ix_(columns, columns)], np.ix_(here, columns)
        result[own] = _solved(part, residuals[own].T).T
    return SchoenfeldPlot(
        names=rows.names,
        time=rows.time[sets.deaths],
        transformed=moved[sets.time_of_death],
        stratum=stratum_of(rows, sets.deaths),
        coefficient=result + beta,
        beta=np.asarray(beta, dtype=np.float64),
        covariance=_solved(average, np.eye(average.shape[0])),
    )


def _solved(matrix: Floats, right: Floats) -> Floats:
    """Solution of linear equations; NaN where there is none."""
    try:
        return np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.full(right.shape, np.nan)


def transformed_times(sets: RiskSets, transform: Transform | Callable[[Floats], Floats]) -> Floats:
    """Event times after the transform g that `proportionality` describes, shape (m,).

    Raises
    ------
    InputError
        If the transform is not known, gives another number of values, or is not finite.
    """
    rows, times = sets.rows, sets.time
    if callable(transform):
        name, moved = "transform", _asked(transform, rows.time)
        if moved.shape != rows.time.shape:
            found = f"the function gave values of shape {moved.shape} for {rows.n} times"
            raise InputError("transform", found, "Return one number for each time")
        result = moved[sets.deaths[sets.first_death]]
    else:
        check_word(transform, Transform, "transform")
        name, result = f"transform {transform!r}", _named(sets, transform)
    bad = ~np.isfinite(result)
    if bad.any():
        at = float(times[np.argmax(bad)])
        raise InputError(
            name, f"it is not finite at the event time {at:g}", "Use another transform"
        )
    return result


def _asked(transform: Callable[[Floats], Floats], times: Floats) -> Floats:
    try:
        return np.asarray(transform(times.copy()), dtype=np.float64)
    except Exception as problem:
        found = f"the function failed on an array of times ({problem})"
        raise InputError("transform", found, "Give a function of an array") from problem


def _named(sets: RiskSets, transform: Transform) -> Floats:
    rows, times = sets.rows, sets.time
    if transform == "identity":
        return times.copy()
    if transform == "log":
        with np.errstate(divide="ignore"):
            return np.log(times)
    order = sets.order if rows.stratum is None else rising_order(rows.time)
    ends = rows.time[order]
    if transform == "rank":
        below = np.searchsorted(ends, times, side="left")
        return (below + np.searchsorted(ends, times, side="right") + 1) / 2
    return _deaths_before(rows, order, times)


def _deaths_before(rows: CoxRows, order: Ints, times: Floats) -> Floats:
    """One less the Kaplan-Meier curve of all rows together, just before each time."""
    ends = rows.time[order]
    dead = ends[rows.event[order]]
    new = np.ones(dead.size, dtype=np.bool_)
    new[1:] = np.diff(dead) != 0
    first = np.flatnonzero(new)
    at = dead[first]
    deaths = np.diff(np.append(first, dead.size))
    at_risk = rows.n - np.searchsorted(ends, at, side="left")
    if rows.entry is not None:
        entries = rows.entry[rising_order(rows.entry)]
        at_risk -= rows.n - np.searchsorted(entries, at, side="left")
    survival = np.append(1.0, np.cumprod(1.0 - deaths / at_risk))
    result: Floats = 1.0 - survival[np.searchsorted(at, times, side="left")]
    return result


@dataclass(frozen=True, eq=False)
class _Moments:
    """Score for x g(t), and the information summed against 1, g and g squared."""

    score: Floats
    information: tuple[Floats, Floats, Floats]

    @classmethod
    def of(cls, sets: RiskSets, transformed: Floats) -> _Moments:
        rows, p = sets.rows, sets.rows.x.shape[1]
        at_death = transformed[sets.time_of_death]
        # One value for all events must centre to exactly 0, which a mean may miss by rounding.
        constant = at_death.size == 0 or bool((at_death == at_death[0]).all())
        centre = transformed if constant else at_death.mean()
        transformed = transformed - centre
        at_death = transformed[sets.time_of_death]
        weights = np.ones(rows.n) if rows.weights is None else rows.weights
        residuals = rows.x[sets.deaths] - sets.centre - sets.mean_at_deaths()
        score = (at_death * weights[sets.deaths]) @ residuals
        # Each row's square counts as often as the row was at risk; that of each mean once a step.
        powers = np.ones((sets.hazard.size, 3))
        powers[:, 1] = transformed[sets.time_of_step]
        np.square(powers[:, 1], out=powers[:, 2])
        loads = sets.gathered(sets.hazard[:, None] * powers)
        loads *= (weights * sets.risk)[:, None]
        total = _squares(np.ascontiguousarray(rows.x), sets.centre, loads)
        steps = powers * (sets.hazard * sets.denominator)[:, None]
        total -= _squares(sets.mean, np.zeros(p), steps)
        return cls(score, (total[0], total[1], total[2]))


@kernel
def _squares(x: Floats, centre: Floats, loads: Floats) -> Floats:
    """Sums of outer products of rows, once for each column of loads, shape (q, p, p).

    Summed block by block, so that a million rows lose no more digits than a few thousand.
    """
    p, q = x.shape[1], loads.shape[1]
    result, part, away = np.zeros((q, p, p)), np.zeros((q, p, p)), np.empty(p)
    for i in range(x.shape[0]):
        for k in range(p):
            away[k] = x[i, k] - centre[k]
        for power in range(q):
            for j in range(p):
                load = loads[i, power] * away[j]
                for k in range(j + 1):
                    part[power, j, k] += load * away[k]
        if (i + 1) % BLOCK == 0:
            result += part
            part[:] = 0.0
    result += part
    for power in range(q):
        for j in range(p):
            for k in range(j):
                result[power, k, j] = result[power, j, k]
    return result


def _chi_square(moments: _Moments, left: Floats, columns: list[int]) -> float:
    """Quadratic form of the score of the columns; NaN where their information is exhausted."""
    scale = np.sqrt(np.diag(moments.information[2])[columns])
    if not (scale > 0).all():
        return float("nan")
    part = left[np.ix_(columns, columns)] / np.outer(scale, scale)
    if np.linalg.eigvalsh(part)[0] < _NOTHING_LEFT:
        return float("nan")
    score = moments.score[columns] / scale
    return float(score @ np.linalg.solve(part, score))


def _events_that_inform(sets: RiskSets) -> Floats:
    """Events of each stratum for each column that varies in it, shape (strata, p)."""
    rows = sets.rows
    count = len(rows.stratum_labels) or 1
    if rows.stratum is None:
        varies = (rows.x != rows.x[:1]).any(axis=0)[None, :]
        events = np.array([sets.deaths.size])
    else:
        some = np.zeros((count, rows.x.shape[1]))
        some[rows.stratum] = rows.x  # any one row of each stratum
        varies = np.zeros(some.shape, dtype=np.bool_)
        np.logical_or.at(varies, rows.stratum, rows.x != some[rows.stratum])
        events = np.bincount(rows.stratum[sets.deaths], minlength=count)
    result: Floats = varies * events[:, None].astype(np.float64)
    return result


def _check(rows: CoxRows, by: str) -> None:
    if rows.x.shape[1] == 0:
        raise InputError("covariates", "the model has none", "There is nothing to test")
    check_word(by, By, "by")
