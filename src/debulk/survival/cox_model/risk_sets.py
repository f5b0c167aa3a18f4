"""One walk over the risk sets of a Cox model, from which all that follows the fit is read.

Each event time of a stratum has one *step* (Breslow), or one for each of its tied events (Efron),
with a denominator, a hazard and a mean of the covariates. Whatever a row gathers while it is at
risk is then a difference of two running sums of steps, so no later pass needs the risk sets again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import get_args

import numpy as np

from debulk.core.compiled import kernel
from debulk.core.errors import InputError
from debulk.survival.cox_model.rows import CoxRows, Ties
from debulk.survival.ordering import rising_order
from debulk.survival.subjects import Floats, Ints

_WIDEST_PREDICTOR = 600.0
"""Range of linear predictors whose exponentials, and their squares, stay within floating point."""
BLOCK = 8192  # rows whose covariates are worked on together; they stay in the nearest caches


@dataclass(frozen=True, eq=False)
class RiskSets:
    """Steps of the cumulative hazard of each stratum, by stratum and rising time.

    Covariates are counted from `centre` and linear predictors from `shift`, so that covariates far
    from zero lose no digits and overflow nothing.

    Attributes
    ----------
    rows : CoxRows
    centre : array, shape (p,)
        Mean of each column (empty where no means of covariates were asked for).
    shift : float
        What was subtracted from each linear predictor, that of a row at `centre` counting as 0.
    risk : array, shape (n,)
        Exponential of each shifted linear predictor, not weighted.
    order : array of int, shape (n,)
        Rows by stratum, then time.
    deaths : array of int, shape (d,)
        Rows with an event, by stratum, time and row.
    time, stratum, first_death, first_step : array, shape (m,)
        Distinct event times, their strata, and the place of their first event and step.
    until, since : array of int, shape (n,)
        How many event times of the row's stratum, and of those before it, lie at or before its end
        (`until`) and its entry (`since`, None without entries); 0 where its own stratum has none.
    hazard, denominator, part : array, shape (steps,)
        Increment of the cumulative hazard, the sum of weights times risks below it, and which part
        of the tied events has left that sum already.
    mean : array, shape (steps, p)
        Weighted mean of the covariates at risk, counted from `centre`.
    """

    rows: CoxRows
    centre: Floats
    shift: float
    risk: Floats
    order: Ints
    deaths: Ints
    time: Floats
    stratum: Ints
    first_death: Ints
    first_step: Ints
    until: Ints
    since: Ints | None
    hazard: Floats
    denominator: Floats
    part: Floats
    mean: Floats

    @property
    def tied(self) -> bool:
        """Whether some event time has more than one step."""
        return self.hazard.size > self.time.size

    @property
    def time_of_death(self) -> Ints:
        """Place of each event's time among the event times, shape (d,)."""
        counts = np.diff(np.append(self.first_death, self.deaths.size))
        return np.repeat(np.arange(self.time.size), counts)

    @property
    def time_of_step(self) -> Ints:
        """Place of each step's time among the event times, shape (steps,)."""
        counts = np.diff(np.append(self.first_step, self.hazard.size))
        return np.repeat(np.arange(self.time.size), counts)

    def by_time(self, steps: Floats) -> Floats:
        """Sum of the steps at each event time; `steps` has shape (steps,) or (steps, q)."""
        if self.time.size == 0:
            return steps[:0]
        return np.add.reduceat(steps, self.first_step, axis=0)

    def running(self, steps: Floats) -> Floats:
        """Sum of steps over a stratum's event times so far, with a row of zeros before all."""
        sums = self.by_time(steps)
        flat = sums.reshape(sums.shape[0], math.prod(steps.shape[1:]))
        result = np.zeros((flat.shape[0] + 1, flat.shape[1]))
        _running_sums(flat, self.stratum, result)
        return result.reshape(result.shape[0], *steps.shape[1:])

    def gathered(self, steps: Floats) -> Floats:
        """Sum of the steps during which each row was at risk, shape (n,) or (n, q).

        Of a tied event's own time it counts the part that Efron's denominators left in.
        """
        sums = self.running(steps)
        result = sums[self.until]
        if self.since is not None:
            result -= sums[self.since]
        if self.tied:
            part = self.part.reshape(-1, *(1,) * (steps.ndim - 1))
            result[self.deaths] -= self.by_time(part * steps)[self.time_of_death]
        return result

    def mean_at_deaths(self) -> Floats:
        """Mean of the covariates at each event, over its time's steps, shape (d, p)."""
        if not self.tied:
            return self.mean[self.time_of_death]
        counts = np.diff(np.append(self.first_step, self.hazard.size))
        return (self.by_time(self.mean) / counts[:, None])[self.time_of_death]


def risk_sets(rows: CoxRows, beta: Floats, ties: Ties, *, means: bool = True) -> RiskSets:
    """Walk the risk sets once.

    Parameters
    ----------
    rows : CoxRows
        Checked rows.
    beta : array, shape (p,)
        Coefficients.
    ties : {"efron", "breslow"}
        How events at the same time share their risk set (Efron 1977, JASA 72:557; Breslow 1974,
        Biometrics 30:89).
    means : bool
        Whether the means of the covariates are needed; without them the walk is faster.

    Raises
    ------
    InputError
        On an unknown way with ties, coefficients that do not fit the rows or are not finite, or
        linear predictors so far apart that their exponentials leave floating point.
    """
    if ties not in get_args(Ties):
        known = ", ".join(get_args(Ties))
        raise InputError("ties", f"{ties!r} is not known", f"Give one of {known}")
    coefficients = checked_coefficients(rows, beta)
    centre = rows.x.mean(axis=0) if rows.n else np.zeros(rows.x.shape[1])
    risk, shift = _risks(rows, coefficients, centre)
    stratum = np.zeros(rows.n, dtype=np.int64) if rows.stratum is None else rows.stratum
    order = _order(rows.time, rows.stratum)
    entry = np.empty(0) if rows.entry is None else rows.entry
    by_entry = np.empty(0, dtype=np.int64) if rows.entry is None else _order(entry, rows.stratum)
    deaths = order[rows.event[order]]
    first = _first_of_each(rows.time[deaths], stratum[deaths])
    times, strata = rows.time[deaths[first]], stratum[deaths[first]]
    tied = ties == "efron" and first.size < deaths.size
    steps = deaths.size if tied else first.size
    x = np.ascontiguousarray(rows.x) if means else np.empty((rows.n, 0))
    hazard, denominator, part = np.empty(steps), np.empty(steps), np.zeros(steps)
    mean = np.empty((steps, x.shape[1]))
    weights = np.ones(rows.n) if rows.weights is None else rows.weights
    follow_up = (rows.time, entry, stratum, order, by_entry)
    loads = (weights, risk, x, centre)
    _walk(follow_up, loads, (deaths, first), tied, (hazard, denominator, part, mean))
    return RiskSets(
        rows=rows,
        centre=centre,
        shift=shift,
        risk=risk,
        order=order,
        deaths=deaths,
        time=times,
        stratum=strata,
        first_death=first,
        first_step=first if tied else np.arange(first.size, dtype=np.int64),
        until=_passed(order, rows.time, stratum, times, strata),
        since=None if rows.entry is None else _passed(by_entry, entry, stratum, times, strata),
        hazard=hazard,
        denominator=denominator,
        part=part,
        mean=mean,
    )


def checked_coefficients(rows: CoxRows, beta: Floats) -> Floats:
    """Coefficients as floats, one for each column.

    Raises
    ------
    InputError
        If their number is wrong or one is not finite.
    """
    result = np.asarray(beta, dtype=np.float64)
    if result.shape != (rows.x.shape[1],):
        found = f"there are {result.size} for {rows.x.shape[1]} columns"
        raise InputError("coefficients", found, "Give one a column of the model")
    for name, value in zip(rows.names, result, strict=True):
        if not np.isfinite(value):
            remedy = "Leave the column out, or fit with Firth's penalty"
            raise InputError(f"coefficient of {name}", f"{value} is not finite", remedy)
    return result


def checked_covariance(rows: CoxRows, covariance: Floats) -> Floats:
    """Covariance of the coefficients as floats, shape (p, p).

    Raises
    ------
    InputError
        If its shape does not fit the columns or a number in it is not finite.
    """
    result = np.asarray(covariance, dtype=np.float64)
    p = rows.x.shape[1]
    if result.shape != (p, p):
        found = f"it has shape {result.shape} for {p} columns"
        raise InputError("covariance", found, "Give a row and a column for each column")
    if not np.isfinite(result).all():
        remedy = "Fit a model whose coefficients are all finite"
        raise InputError("covariance", "a number in it is not finite", remedy)
    return result


def linear_part(x: Floats, centre: Floats, beta: Floats) -> Floats:
    """Covariates counted from `centre` times `beta`, block by block, shape (n,)."""
    result = np.empty(x.shape[0])
    for start in range(0, x.shape[0], BLOCK):
        result[start : start + BLOCK] = (x[start : start + BLOCK] - centre) @ beta
    return result


def _risks(rows: CoxRows, beta: Floats, centre: Floats) -> tuple[Floats, float]:
    predictor = linear_part(rows.x, centre, beta)
    if rows.offset is not None:
        predictor += rows.offset
    if predictor.size == 0:
        return predictor, 0.0
    low, high = float(predictor.min()), float(predictor.max())
    if high - low > _WIDEST_PREDICTOR:
        raise InputError(
            "linear predictors",
            f"they run from {low:.3g} to {high:.3g}, too far apart for their exponentials",
            "Look for a coefficient that runs away, or an offset on another scale",
        )
    shift = (low + high) / 2
    predictor -= shift
    return np.exp(predictor, out=predictor), shift


def _first_of_each(time: Floats, stratum: Ints) -> Ints:
    """Where a new time or stratum begins."""
    new = np.ones(time.size, dtype=np.bool_)
    new[1:] = (np.diff(time) != 0) | (np.diff(stratum) != 0)
    return np.flatnonzero(new).astype(np.int64)


def _order(values: Floats, stratum: Ints | None) -> Ints:
    """Rows by stratum, then rising value, then as given."""
    order = rising_order(values)
    if stratum is None:
        return order
    return order[rising_order(stratum[order].astype(np.float64))]


@kernel
def _passed(order: Ints, values: Floats, stratum: Ints, times: Floats, strata: Ints) -> Ints:
    """Event times at or before each row's value, up to its stratum; 0: none of its own stratum."""
    result = np.empty(order.size, np.int64)
    k = 0
    for row in order:
        own = stratum[row]
        while k < times.size and (
            strata[k] < own or (strata[k] == own and times[k] <= values[row])
        ):
            k += 1
        result[row] = k if k > 0 and strata[k - 1] == own else 0
    return result


@kernel
def _running_sums(values: Floats, strata: Ints, result: Floats) -> None:
    """Running sums that start again with each stratum, one row further down."""
    for j in range(values.shape[0]):
        fresh = j == 0 or strata[j] != strata[j - 1]
        for k in range(values.shape[1]):
            result[j + 1, k] = values[j, k] + (0.0 if fresh else result[j, k])


@kernel
def _add(sums: Floats, lost: Floats, k: int, value: float) -> None:
    """Add and keep what rounding loses (Neumaier 1974, ZAMM 54:39): rows also leave the sums."""
    before = sums[k]
    after = before + value
    if abs(before) >= abs(value):
        lost[k] += (before - after) + value
    else:
        lost[k] += (value - after) + before
    sums[k] = after


@kernel
def _walk(
    follow_up: tuple[Floats, Floats, Ints, Ints, Ints],
    loads: tuple[Floats, Floats, Floats, Floats],
    events: tuple[Ints, Ints],
    efron: bool,
    steps: tuple[Floats, Floats, Floats, Floats],
) -> None:
    """Fill the steps from the last time of the last stratum back to the first."""
    time, entry, stratum, by_exit, by_entry = follow_up
    weights, risk, x, centre = loads
    deaths, first = events
    hazard, denominator, part, mean = steps
    p = x.shape[1]
    sums, lost, tied = np.zeros(p + 1), np.zeros(p + 1), np.zeros(p + 1)
    i, e = by_exit.size - 1, by_entry.size - 1
    own = -1
    for j in range(first.size - 1, -1, -1):
        end = first[j + 1] if j + 1 < first.size else deaths.size
        now, here = time[deaths[first[j]]], stratum[deaths[first[j]]]
        if here != own:
            own = here
            sums[:] = 0.0
            lost[:] = 0.0
            while stratum[by_exit[i]] > own:
                i -= 1
            while e >= 0 and stratum[by_entry[e]] > own:
                e -= 1
        while i >= 0 and stratum[by_exit[i]] == own and time[by_exit[i]] >= now:
            row = by_exit[i]
            load = weights[row] * risk[row]
            _add(sums, lost, p, load)
            for k in range(p):
                _add(sums, lost, k, load * (x[row, k] - centre[k]))
            i -= 1
        while e >= 0 and stratum[by_entry[e]] == own and entry[by_entry[e]] >= now:
            row = by_entry[e]
            load = weights[row] * risk[row]
            _add(sums, lost, p, -load)
            for k in range(p):
                _add(sums, lost, k, -load * (x[row, k] - centre[k]))
            e -= 1
        tied[:] = 0.0
        weight = 0.0
        for q in range(first[j], end):
            row = deaths[q]
            load = weights[row] * risk[row]
            weight += weights[row]
            tied[p] += load
            for k in range(p):
                tied[k] += load * (x[row, k] - centre[k])
        count = end - first[j] if efron else 1
        for q in range(count):
            step = first[j] + q if efron else j
            gone = q / count
            total = sums[p] + lost[p] - gone * tied[p]
            part[step] = gone
            denominator[step] = total
            hazard[step] = weight / count / total
            for k in range(p):
                mean[step, k] = (sums[k] + lost[k] - gone * tied[k]) / total
