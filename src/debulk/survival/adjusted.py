"""Restricted mean survival time between two groups, adjusted for covariates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import ndtr

from debulk.core.errors import InputError
from debulk.core.results import Estimate, plain
from debulk.survival.contrasts import normal_estimate, read_two
from debulk.survival.curves.limits import normal_width
from debulk.survival.options import check_level, check_word
from debulk.survival.ordering import rising_order
from debulk.survival.restricted import common_horizon
from debulk.survival.subjects import Bools, Floats, as_array, numbers, refuse_large, same_length

Measure = Literal["difference", "ratio", "time lost ratio"]

_LEAST_UNCENSORED = 1e-3
"""A share still uncensored below this would give a row a weight above 1,000."""
_MOST_STEPS = 100
_SMALLEST_STEP = 1e-10
_LARGEST = 30.0  # on the log scale; a coefficient that goes further has no finite value
_SINGULAR = 1e-7  # share of a column that the columns before it leave unexplained


@dataclass(frozen=True, eq=False)
class AdjustedRmst:
    """A regression of the restricted mean survival time.

    Attributes
    ----------
    terms : tuple of str
        "intercept", the group that is not the reference, then the covariates.
    coef, std_error, z, p, lower, upper : array, shape (k,)
        Coefficients (of the mean, or of its logarithm for ratios) with robust standard errors,
        normal tests and limits, on the coefficients' own scale.
    covariance : array, shape (k, k)
        Robust covariance of the coefficients.
    contrast : Estimate
        The other group against the reference at equal covariates: a difference, or a ratio.
    tau : float
        Horizon.
    measure : {"difference", "ratio", "time lost ratio"}
        What the model is linear in.
    """

    terms: tuple[str, ...]
    coef: Floats
    std_error: Floats
    z: Floats
    p: Floats
    lower: Floats
    upper: Floats
    covariance: Floats
    contrast: Estimate
    tau: float
    measure: Measure

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        names = ("terms", "coef", "std_error", "z", "p", "lower", "upper", "contrast")
        return {name: plain(getattr(self, name)) for name in (*names, "tau", "measure")}


def adjusted_rmst(
    time: Any,
    event: Any,
    group: Any,
    covariates: Any,
    tau: float | None = None,
    *,
    reference: Any = None,
    measure: Measure = "difference",
    conf_level: float = 0.95,
) -> AdjustedRmst:
    """Contrast restricted mean survival times at equal covariates (Tian, Zhao and Wei 2014).

    The survival time cut at `tau` is regressed on group and covariates; rows whose cut time is
    known are weighted by 1 / G, the Kaplan-Meier probability in their own group of being
    uncensored so long (Tian, Zhao and Wei 2014, Biostatistics 15:222). The variance adds what
    estimating G costs.

    Parameters
    ----------
    time, event : array-like, shape (n,)
        End of follow-up (at least 0) and whether it ended with the event (bool or 0/1).
    group : array-like, shape (n,)
        Labels of exactly two groups.
    covariates : mapping or data frame of numeric columns, or array, shape (n, q)
        Finite numbers, such as age, or 0/1 indicators of a level.
    tau : float, optional
        Horizon, up to the smaller of the two groups' last times, which is the default.
    reference : label, optional
        The group the other is held against; default as for `rmst_difference`.
    measure : {"difference", "ratio", "time lost ratio"}
        "difference": the mean is linear; "ratio": its logarithm is; "time lost ratio": the
        logarithm of `tau` less the mean is.
    conf_level : float
        Level of the intervals, strictly between 0 and 1.

    Returns
    -------
    AdjustedRmst

    Raises
    ------
    InputError
        On arrays that do not fit, other than two groups, `tau` beyond a group's last time, or
        covariates that are constant or determine one another.
    """
    check_level(conf_level)
    check_word(measure, Measure, "measure")
    subjects, groups = read_two(time, event, group, reference)
    horizon, how = common_horizon(subjects, groups, tau)
    names, columns = _columns(covariates, subjects.n)
    other = groups.codes == 1
    design = np.column_stack([np.ones(subjects.n), other.astype(np.float64), *columns])
    terms = ("intercept", groups.labels[1], *names)
    outcome = np.minimum(subjects.time, horizon)
    known = subjects.event | (subjects.time >= horizon)
    weight = np.empty(subjects.n)
    for side in (other, ~other):
        weight[side] = _inverse_uncensored(outcome[side], known[side])
    _refuse_dependent(design[weight > 0.0], terms)
    response = horizon - outcome if measure == "time lost ratio" else outcome
    coef, slopes = _solve(design, response, weight, linear=measure == "difference")
    score = design * (weight * (response - _mean(design @ coef, measure)))[:, None]
    parts = np.concatenate(
        [_with_censoring(score[side], outcome[side], known[side]) for side in (other, ~other)]
    )
    bread = np.linalg.inv(slopes)
    covariance: Floats = bread @ (parts.T @ parts) @ bread
    se = np.sqrt(np.diag(covariance))
    width = normal_width(conf_level) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        z = coef / se
    return AdjustedRmst(
        terms=terms,
        coef=coef,
        std_error=se,
        z=z,
        p=2.0 * ndtr(-np.abs(z)),
        lower=coef - width,
        upper=coef + width,
        covariance=covariance,
        contrast=normal_estimate(
            f"{_WHAT[measure]} to {horizon:g}, {groups.labels[1]} against {groups.reference}",
            float(coef[1]),
            float(se[1]),
            (subjects.n, subjects.events),
            conf_level,
            _note(horizon, how, names, measure),
            exponential=measure != "difference",
        ),
        tau=horizon,
        measure=measure,
    )


_WHAT: dict[Measure, str] = {
    "difference": "difference in restricted mean survival time",
    "ratio": "ratio of restricted mean survival time",
    "time lost ratio": "ratio of restricted mean time lost",
}


def _note(horizon: float, how: str, names: list[str], measure: Measure) -> str:
    adjusted = ", ".join(names) or "nothing"
    scale = "" if measure == "difference" else "; se of the log ratio"
    return (
        f"tau = {horizon:g} ({how}); adjusted for {adjusted}; weighted by the inverse probability "
        f"of being uncensored{scale}."
    )


def _mean(linear: Floats, measure: Measure) -> Floats:
    return linear if measure == "difference" else np.exp(linear)


def _columns(covariates: Any, n: int) -> tuple[list[str], list[Floats]]:
    if isinstance(covariates, Mapping):
        pairs = {str(name): covariates[name] for name in covariates}
    elif hasattr(covariates, "columns"):
        pairs = {str(name): covariates[name] for name in covariates.columns}
    else:
        table = as_array(covariates, "covariates")
        if table.ndim == 1:
            table = table[:, None]
        if table.ndim != 2:
            raise InputError(
                "covariates", f"has {table.ndim} dimensions", "Give one column a covariate"
            )
        pairs = {f"x{k + 1}": table[:, k] for k in range(table.shape[1])}
    columns = []
    for name, values in pairs.items():
        column = numbers(values, f"covariate {name}")
        refuse_large(column, f"covariate {name}")
        same_length(column, n, f"covariate {name}")
        columns.append(column)
    return list(pairs), columns


def _refuse_dependent(design: Floats, terms: tuple[str, ...]) -> None:
    lengths = np.sqrt((design**2).sum(axis=0))
    scaled = design / np.where(lengths > 0.0, lengths, 1.0)
    if design.shape[0] < design.shape[1]:
        raise InputError(
            "time",
            f"has {design.shape[0]} rows whose outcome is known, the model {len(terms)} terms",
            "Give fewer covariates, or an earlier horizon",
        )
    left = np.abs(np.diag(np.linalg.qr(scaled, mode="r")))
    if left.min() < _SINGULAR:
        name = terms[int(np.argmax(left < _SINGULAR))]
        raise InputError(
            f"covariate {name}",
            "is constant or follows from the terms before it, where the outcome is known",
            "Leave it out",
        )


def _inverse_uncensored(outcome: Floats, known: Bools) -> Floats:
    """1 / G at each known outcome, 0 at the others; G falls at the times of those not known."""
    order, new, at_risk = _ordered(outcome)
    censored = np.add.reduceat((~known[order]).astype(np.float64), np.flatnonzero(new))
    share = np.cumprod(1.0 - censored / at_risk)
    place = np.cumsum(new) - 1
    weight = np.empty(outcome.size)
    weight[order] = known[order] / np.maximum(share[place], _LEAST_UNCENSORED)
    return weight


def _ordered(outcome: Floats) -> tuple[Any, Bools, Floats]:
    """Rows in order of the outcome, where a new value starts, and how many are there then."""
    order = rising_order(outcome)
    values = outcome[order]
    new = np.append(True, values[1:] != values[:-1])
    return order, new, outcome.size - np.flatnonzero(new).astype(np.float64)


def _with_censoring(score: Floats, outcome: Floats, known: Bools) -> Floats:
    """Scores plus the martingale of censoring times the mean score of those still there."""
    order, new, at_risk = _ordered(outcome)
    starts = np.flatnonzero(new)
    place = np.cumsum(new) - 1
    ordered, missing = score[order], ~known[order]
    still = np.cumsum(ordered[::-1], axis=0)[::-1][starts]
    mean = still / at_risk[:, None]
    censored = np.add.reduceat(missing.astype(np.float64), starts)
    drift = np.cumsum(mean * (censored / at_risk)[:, None], axis=0)
    result: Floats = ordered + missing[:, None] * mean[place] - drift[place]
    return result


def _solve(
    design: Floats, response: Floats, weight: Floats, *, linear: bool
) -> tuple[Floats, Floats]:
    """Weighted least squares, or the quasi-Poisson score; with the slopes all rows expect."""
    if linear:
        root = np.sqrt(weight)
        solution = np.linalg.lstsq(design * root[:, None], response * root, rcond=None)
        return solution[0].astype(np.float64), design.T @ design
    mean = (weight @ response) / weight.sum()
    if mean <= 0.0:
        raise InputError("tau", "nobody has lost time by then", "Give a later horizon")
    coef = np.zeros(design.shape[1], dtype=np.float64)
    coef[0] = np.log(mean)
    for _ in range(_MOST_STEPS):
        fitted = np.exp(design @ coef)
        score = design.T @ (weight * (response - fitted))
        slopes = design.T @ (design * (weight * fitted)[:, None])
        try:
            step = np.linalg.solve(slopes, score)
        except np.linalg.LinAlgError:
            break
        coef = coef + step
        if not np.abs(coef).max() < _LARGEST:
            break
        if np.abs(step).max() < _SMALLEST_STEP * max(1.0, np.abs(coef).max()):
            fitted = np.exp(design @ coef)
            return coef, design.T @ (design * fitted[:, None])
    raise InputError(
        "measure",
        "the model has no finite solution: in a group, or at some values of the covariates, the "
        "restricted mean is 0",
        "Give 'difference'",
    )
