"""The hazard that a Cox model leaves unnamed: cumulative baseline hazard of each stratum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from debulk.survival.cox_model.residuals import stratum_of
from debulk.survival.cox_model.risk_sets import RiskSets, risk_sets
from debulk.survival.cox_model.rows import CoxRows, Ties
from debulk.survival.subjects import Bools, Floats, Ints

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class StratumHazard:
    """Cumulative hazard of one stratum for a row at the risk sets' centre and shift.

    Attributes
    ----------
    time : array, shape (m,)
        Distinct event times.
    cumulative : array, shape (m,)
        Cumulative hazard just after each.
    variance : array, shape (m,)
        Its variance were the coefficients known.
    drift : array, shape (m, p)
        Integral of the mean covariates at risk against the hazard; minus its product with the
        coefficients' error is what that error adds.
    last : float
        End of follow-up.
    """

    time: Floats
    cumulative: Floats
    variance: Floats
    drift: Floats
    last: float


def stratum_hazards(sets: RiskSets) -> list[StratumHazard]:
    """The hazard of each stratum, in the order of the strata.

    Source: Tsiatis (1981, Ann Stat 9:93) for Breslow's estimate; with Efron's ties each tied event
    has its own denominator, in the variance too.
    """
    count = len(sets.rows.stratum_labels) or 1
    cumulative = sets.running(sets.hazard)[1:]
    variance = sets.running(sets.hazard / sets.denominator)[1:]
    drift = sets.running(sets.hazard[:, None] * sets.mean)[1:]
    edges = np.searchsorted(sets.stratum, np.arange(count + 1))
    ends = np.full(count, -np.inf)
    if sets.rows.stratum is None:
        ends[:] = sets.rows.time.max(initial=-np.inf)
    else:
        np.maximum.at(ends, sets.rows.stratum, sets.rows.time)
    return [
        StratumHazard(
            sets.time[low:high],
            cumulative[low:high],
            variance[low:high],
            drift[low:high],
            float(end),
        )
        for low, high, end in zip(edges[:-1], edges[1:], ends, strict=True)
    ]


def baseline_hazard(
    rows: CoxRows, beta: Floats, ties: Ties, *, offset: float | None = None
) -> pl.DataFrame:
    """Cumulative baseline hazard of each stratum: that of a row whose covariates are all 0.

    Parameters
    ----------
    rows : CoxRows
        Checked rows.
    beta : array, shape (p,)
        Coefficients.
    ties : {"efron", "breslow"}
        As in the fit; Efron's ties give Efron's estimate of the hazard, Breslow's Breslow's.
    offset : float, optional
        Offset of that row. By default the weighted mean of the rows' offsets, as in R, which is 0
        for a model without one.

    Returns
    -------
    Polars DataFrame
        Columns time (each distinct end of follow-up, censored ones too), hazard (cumulative, just
        after that time), increment (its step there) and stratum (null for one stratum), by stratum
        and time. R's ``basehaz(fit, centered = FALSE)``. Where 0 lies far from the data it may
        leave floating point (0 or infinite); predictions do not go through it.

    Raises
    ------
    InputError
        As `risk_sets` does: coefficients that are not finite or do not fit the rows.
    """
    import polars as pl

    sets = risk_sets(rows, beta, ties, means=False)
    if offset is None:
        offset = 0.0
        if rows.offset is not None:
            offset = float(np.average(rows.offset, weights=rows.weights))
    to_zero = offset - sets.shift - float(sets.centre @ np.asarray(beta, dtype=np.float64))
    chosen = sets.order[_changes(rows, sets.order)]
    time, passed = rows.time[chosen], sets.until[chosen]
    at_event = passed > 0
    at_event[at_event] = sets.time[passed[at_event] - 1] == time[at_event]
    increment = np.zeros(time.size)
    increment[at_event] = sets.by_time(sets.hazard)[passed[at_event] - 1]
    labels = stratum_of(rows, chosen) or [None] * time.size
    return pl.DataFrame(
        {
            "time": time,
            "hazard": _moved(sets.running(sets.hazard)[passed], to_zero),
            "increment": _moved(increment, to_zero),
            "stratum": pl.Series(labels, dtype=pl.String),
        }
    )


def _changes(rows: CoxRows, order: Ints) -> Bools:
    """First of each run of equal stratum and time among rows in that order."""
    result = np.ones(order.size, dtype=np.bool_)
    result[1:] = np.diff(rows.time[order]) != 0
    if rows.stratum is not None:
        result[1:] |= np.diff(rows.stratum[order]) != 0
    return result


def _moved(hazard: Floats, log_factor: float) -> Floats:
    """Hazard times exp(log_factor); nothing stays nothing, whatever the factor."""
    with np.errstate(over="ignore", under="ignore"):
        factor = np.exp(log_factor)
        return np.multiply(hazard, factor, out=np.zeros_like(hazard), where=hazard > 0)
