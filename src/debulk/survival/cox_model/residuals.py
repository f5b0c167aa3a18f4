"""Residuals of a Cox model: what each row adds to the likelihood, the score and the estimates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.compiled import kernel
from debulk.core.results import plain
from debulk.survival.cox_model.risk_sets import RiskSets, checked_covariance, risk_sets
from debulk.survival.cox_model.rows import CoxRows, Ties
from debulk.survival.subjects import Floats, Ints


@dataclass(frozen=True, eq=False)
class SchoenfeldResiduals:
    """Covariates of each event less their mean over its risk set, by stratum, time and row.

    Attributes
    ----------
    names : tuple of str
        The p columns.
    time : array, shape (d,)
        Time of each event.
    stratum : tuple of str
        Stratum of each event; empty for one stratum.
    row : array of int, shape (d,)
        Position of each event's row in the data.
    residuals : array, shape (d, p)
    scaled : array, shape (d, p), or None
        Residuals on the scale of the coefficients, whose smooth over time shows how a coefficient
        changes (Grambsch and Therneau 1994, Biometrika 81:515); None where no covariance was given.
    """

    names: tuple[str, ...]
    time: Floats
    stratum: tuple[str, ...]
    row: Ints
    residuals: Floats
    scaled: Floats | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        fields = ("names", "time", "stratum", "row", "residuals", "scaled")
        return {name: plain(getattr(self, name)) for name in fields}


def martingale(rows: CoxRows, beta: Floats, ties: Ties) -> Floats:
    """Events less the events expected of each row (Therneau, Grambsch and Fleming 1990).

    Parameters
    ----------
    rows : CoxRows
        Checked rows; their order is that of the result.
    beta : array, shape (p,)
        Coefficients.
    ties : {"efron", "breslow"}
        How tied events share their risk set.

    Returns
    -------
    array, shape (n,)
        At most 1; times their weights they sum to 0 in each stratum. A row of a start-stop model
        counts its own interval only: sum a subject's rows for the subject's residual.

    Raises
    ------
    InputError
        As `risk_sets` does: coefficients that are not finite or do not fit the rows.
    """
    return rows.event - cox_snell(rows, beta, ties)


def cox_snell(rows: CoxRows, beta: Floats, ties: Ties) -> Floats:
    """Cumulative hazard that each row was exposed to: events expected of it (Cox and Snell 1968).

    Parameters and errors are those of `martingale`; the result has shape (n,), at least 0. If the
    model holds, it behaves as censored unit exponential times.
    """
    sets = risk_sets(rows, beta, ties, means=False)
    result: Floats = sets.risk * sets.gathered(sets.hazard)
    # The difference of two running sums may round to just below nothing.
    return np.maximum(result, 0.0, out=result)


def deviance(rows: CoxRows, beta: Floats, ties: Ties) -> Floats:
    """Martingale residuals made more symmetric about 0 (Therneau, Grambsch and Fleming 1990).

    sign(m) sqrt(-2 (m + event log(event - m))), Biometrika 77:147. Parameters, shape and errors
    are those of `martingale`.
    """
    expected = cox_snell(rows, beta, ties)
    residual = rows.event - expected
    inside = residual + np.where(rows.event, np.log(np.where(rows.event, expected, 1.0)), 0.0)
    result: Floats = np.sign(residual) * np.sqrt(np.maximum(-2.0 * inside, 0.0))
    return result


def score(rows: CoxRows, beta: Floats, ties: Ties) -> Floats:
    """Each row's part of the score: integral of (x - mean at risk) against its martingale.

    Parameters and errors are those of `martingale`. The result has shape (n, p), is not weighted,
    and times the weights sums to the score, which is 0 at the estimate.
    """
    sets = risk_sets(rows, beta, ties)
    hazard, drift = sets.hazard, sets.hazard[:, None] * sets.mean
    since = np.zeros(0, dtype=np.int64) if sets.since is None else sets.since
    places, running = (sets.until, since), (sets.running(hazard), sets.running(drift))
    result = np.empty(rows.x.shape)
    _gather_score(np.ascontiguousarray(rows.x), sets.centre, sets.risk, places, running, result)
    if sets.tied:
        # Of its own time a tied event leaves out the part by which Efron's denominators shrank.
        own = sets.time_of_death
        moved = rows.x[sets.deaths] - sets.centre
        moved *= sets.by_time(sets.part * hazard)[own, None]
        moved -= sets.by_time(sets.part[:, None] * drift)[own]
        result[sets.deaths] += sets.risk[sets.deaths, None] * moved
    result[sets.deaths] += _at_deaths(sets)
    return result


def dfbeta(rows: CoxRows, beta: Floats, ties: Ties, naive_covariance: Floats) -> Floats:
    """Approximate change of the coefficients if a row is left out (Cain and Lange 1984).

    Parameters
    ----------
    rows, beta, ties
        As for `martingale`.
    naive_covariance : array, shape (p, p)
        Inverse of the information, also for a model with a robust variance.

    Returns
    -------
    array, shape (n, p)
        Estimate with the row less estimate without it: weight times score residual times
        covariance (Biometrics 40:493). Its cross product is the robust variance.

    Raises
    ------
    InputError
        As `martingale`.
    """
    result: Floats = score(rows, beta, ties) @ checked_covariance(rows, naive_covariance)
    if rows.weights is not None:
        result *= rows.weights[:, None]
    return result


def dfbetas(rows: CoxRows, beta: Floats, ties: Ties, naive_covariance: Floats) -> Floats:
    """`dfbeta` in standard errors: divided by the roots of the diagonal of `naive_covariance`."""
    return dfbeta(rows, beta, ties, naive_covariance) / np.sqrt(np.diag(naive_covariance))


def schoenfeld(
    rows: CoxRows, beta: Floats, ties: Ties, naive_covariance: Floats | None = None
) -> SchoenfeldResiduals:
    """Residuals of Schoenfeld (1982, Biometrika 69:239), scaled too where a covariance is given.

    Parameters
    ----------
    rows, beta, ties
        As for `martingale`.
    naive_covariance : array, shape (p, p), optional
        Inverse of the information; the scaled residuals are then
        beta + d residuals @ naive_covariance, d being the number of events.

    Returns
    -------
    SchoenfeldResiduals
        Not weighted. With Efron's ties the mean is over the denominators of the tied events.

    Raises
    ------
    InputError
        As `martingale`.
    """
    sets = risk_sets(rows, beta, ties)
    residuals = _at_deaths(sets)
    scaled = None
    if naive_covariance is not None:
        covariance = checked_covariance(rows, naive_covariance)
        scaled = sets.deaths.size * residuals @ covariance + beta
    return SchoenfeldResiduals(
        names=rows.names,
        time=rows.time[sets.deaths],
        stratum=stratum_of(rows, sets.deaths),
        row=sets.deaths,
        residuals=residuals,
        scaled=scaled,
    )


def partial(rows: CoxRows, beta: Floats, ties: Ties) -> Floats:
    """Martingale residual plus a term's part of the linear predictor, shape (n, terms).

    Plotted against a covariate they show the form of its effect. Terms stand in the order in which
    their columns first occur, each counted from `rows.means`. Parameters and errors are those
    of `martingale`.
    """
    residual = martingale(rows, beta, ties)
    terms = list(dict.fromkeys(rows.terms))
    result = np.zeros((rows.n, len(terms)))
    means = rows.means if rows.n else np.zeros(len(rows.terms))
    for column, term in enumerate(rows.terms):
        result[:, terms.index(term)] += (rows.x[:, column] - means[column]) * beta[column]
    result += residual[:, None]
    return result


def stratum_of(rows: CoxRows, chosen: Ints) -> tuple[str, ...]:
    """Label of the stratum of the chosen rows; empty for one stratum."""
    if rows.stratum is None:
        return ()
    return tuple(rows.stratum_labels[code] for code in rows.stratum[chosen].tolist())


def _at_deaths(sets: RiskSets) -> Floats:
    result = sets.rows.x[sets.deaths] - sets.centre
    result -= sets.mean_at_deaths()
    return result


@kernel
def _gather_score(
    x: Floats,
    centre: Floats,
    risk: Floats,
    places: tuple[Ints, Ints],
    running: tuple[Floats, Floats],
    result: Floats,
) -> None:
    """Minus the hazard each row went through, times its covariates' distance from the mean."""
    until, since = places
    hazard, drift = running
    for i in range(x.shape[0]):
        start = since[i] if since.size > 0 else 0
        gone = hazard[until[i]] - (hazard[start] if start > 0 else 0.0)
        for k in range(x.shape[1]):
            moved = drift[until[i], k] - (drift[start, k] if start > 0 else 0.0)
            result[i, k] = risk[i] * (moved - gone * (x[i, k] - centre[k]))
