"""The Kaplan-Meier curve with its intervals, quantiles and restricted mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from debulk.core.errors import InputError
from debulk.core.results import Estimate, plain
from debulk.survival.risk_table import RiskTable, risk_table
from debulk.survival.subjects import Floats, Subjects, numbers, read_subjects

ConfType = Literal["plain", "log", "log-log"]

QUANTILE_TOLERANCE = 1.5e-8
"""Survival this close to the wanted share is taken to lie on it (rounding of the product)."""


@dataclass(frozen=True, eq=False)
class SurvivalCurve:
    """A Kaplan-Meier curve.

    Attributes
    ----------
    time : array, shape (m,)
        Distinct times at which follow-up ends, rising, in the unit given.
    survival, std_error : array, shape (m,)
        Estimated survival just after each time, and the standard error of the survival itself:
        Greenwood's, or with weights the infinitesimal jackknife, which treats them as sampling
        weights. NaN where survival has come to 0 (Greenwood).
    lower, upper : array, shape (m,)
        Pointwise confidence limits; NaN where the transformation is not defined (log-log: where
        survival is 1 or 0).
    at_risk, events : array, shape (m,)
        Subjects at risk (entry < t <= exit) and events at each time, weighted where weights are.
    n, n_events : int
        Subjects and events that went in, each counted once.
    conf_level : float
        Level of the limits.
    conf_type : {"plain", "log", "log-log"}
        Scale on which the limits were made.
    """

    time: Floats
    survival: Floats
    std_error: Floats
    lower: Floats
    upper: Floats
    at_risk: Floats
    events: Floats
    n: int
    n_events: int
    conf_level: float
    conf_type: ConfType
    _subjects: Subjects = field(repr=False)
    _table: RiskTable = field(repr=False)

    def quantile(self, p: float) -> Estimate:
        """Time by which the share `p` has had the event (0.5: the median).

        Parameters
        ----------
        p : float
            Strictly between 0 and 1.

        Returns
        -------
        Estimate
            NaN where not reached. Where survival is flat at 1 - p, the midpoint of that stretch.
            Limits: the times at which the curve's own limits cross 1 - p (Brookmeyer and Crowley
            1982, Biometrics 38:29).

        Raises
        ------
        InputError
            If `p` is not strictly between 0 and 1.
        """
        if not 0.0 < p < 1.0:
            raise InputError("p", f"{p!r} is not between 0 and 1", "Give 0.5 for the median")
        return Estimate(
            estimand=f"time by which {100 * p:g} % have had the event",
            estimate=_crossing(self.time, self.survival, 1.0 - p),
            se=float("nan"),
            lower=_crossing(self.time, self.lower, 1.0 - p),
            upper=_crossing(self.time, self.upper, 1.0 - p),
            conf_level=self.conf_level,
            n=self.n,
            events=self.n_events,
            note=f"Limits by Brookmeyer and Crowley from the curve's {self.conf_type} interval.",
        )

    def at(self, times: npt.ArrayLike) -> Floats:
        """Survival at `times`; 1 before the first time, NaN beyond the last follow-up."""
        wanted = np.asarray(times, dtype=np.float64)
        steps = np.concatenate(([1.0], self.survival))
        found = steps[np.searchsorted(self.time, wanted, side="right")]
        known = wanted <= self.time[-1]
        result: Floats = np.where(known, found, np.nan)
        return result

    def at_risk_at(self, times: npt.ArrayLike) -> Floats:
        """Subjects (weighted where weights are) still followed at `times`, as under a figure."""
        wanted = np.asarray(times, dtype=np.float64)
        weights = self._subjects.weights
        load = np.ones(self.n) if weights is None else weights
        present = self._subjects.time[None, :] >= wanted[:, None]
        if self._subjects.entry is not None:
            present &= self._subjects.entry[None, :] < np.maximum(wanted, 1e-300)[:, None]
        result: Floats = present @ load
        return result

    def rmst(self, tau: float) -> Estimate:
        """Restricted mean survival time: the area under the curve from 0 to `tau`.

        Parameters
        ----------
        tau : float
            Horizon, above 0 and not beyond the last follow-up.

        Returns
        -------
        Estimate
            Standard error by Greenwood's plug-in (Klein and Moeschberger 2003, section 4.5), or
            with weights by the infinitesimal jackknife; normal interval.

        Raises
        ------
        InputError
            If `tau` is not above 0 or lies beyond the last follow-up.
        """
        last = float(self.time[-1])
        horizon = float(numbers([tau], "tau")[0])
        if not 0.0 < horizon <= last:
            reason = f"{horizon:g} is not above 0 and up to the last follow-up, {last:g}"
            raise InputError("tau", reason, f"Give a horizon up to {last:g}")
        mean, se = self._area(horizon)
        z = float(ndtri(0.5 + self.conf_level / 2))
        return Estimate(
            estimand=f"restricted mean survival time to {horizon:g}",
            estimate=mean,
            se=se,
            lower=mean - z * se,
            upper=mean + z * se,
            conf_level=self.conf_level,
            n=self.n,
            events=self.n_events,
            note="Area under the Kaplan-Meier curve; normal interval.",
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON; not defined is None."""
        names = ("time", "survival", "std_error", "lower", "upper", "at_risk", "events")
        single = ("n", "n_events", "conf_level", "conf_type")
        return {name: plain(getattr(self, name)) for name in names + single}

    def _area(self, tau: float) -> tuple[float, float]:
        inside = self.time < tau
        edges = np.concatenate(([0.0], self.time[inside], [tau]))
        steps = np.concatenate(([1.0], self.survival[inside]))
        pieces = np.diff(edges) * steps
        # Area still to come after each time: what an event there takes away.
        remaining = np.zeros(self.time.size)
        remaining[inside] = np.cumsum(pieces[::-1])[::-1][1:]
        if self._subjects.weights is None:
            variance = np.sum(remaining**2 * _hazard_variance(self.at_risk, self.events))
        else:
            variance = _jackknife(self._subjects, self._table, remaining)[-1]
        return float(pieces.sum()), float(np.sqrt(variance))


def kaplan_meier(
    time: Any,
    event: Any,
    *,
    entry: Any = None,
    weights: Any = None,
    conf_level: float = 0.95,
    conf_type: ConfType = "log-log",
) -> SurvivalCurve:
    """Estimate survival by the product-limit method (Kaplan and Meier 1958).

    Parameters
    ----------
    time : array-like, shape (n,)
        End of follow-up in any unit, finite and at least 0.
    event : array-like of bool or 0/1, shape (n,)
        Whether follow-up ended with the event; events precede censorings at the same time.
    entry : array-like, shape (n,), optional
        Start of observation (left truncation); at risk means entry < t <= time.
    weights : array-like, shape (n,), optional
        Sampling weights above 0; the standard error is then the infinitesimal jackknife's.
    conf_level : float
        Level of the pointwise limits, strictly between 0 and 1.
    conf_type : {"log-log", "log", "plain"}
        Scale of the limits.

    Returns
    -------
    SurvivalCurve

    Raises
    ------
    InputError
        On arrays that do not fit, with row and value; on an unknown `conf_type`.
    """
    check_level(conf_level)
    if conf_type not in get_args(ConfType):
        known = ", ".join(get_args(ConfType))
        raise InputError("conf_type", f"{conf_type!r} is not known", f"Give one of {known}")
    return curve_of(read_subjects(time, event, entry=entry, weights=weights), conf_level, conf_type)


def curve_of(
    subjects: Subjects, conf_level: float = 0.95, conf_type: ConfType = "log-log"
) -> SurvivalCurve:
    """Kaplan-Meier curve of subjects already checked."""
    table = risk_table(subjects)
    at_risk, events = table.at_risk[:, 0], table.events[:, 0]
    survival = np.cumprod(1.0 - events / at_risk, dtype=np.float64)
    if subjects.weights is None:
        ended = np.cumsum(events == at_risk) > 0
        log_variance = np.cumsum(_hazard_variance(at_risk, events))
        log_variance[ended] = np.nan
    else:
        log_variance = _jackknife(subjects, table)
    log_se: Floats = np.sqrt(log_variance)
    lower, upper = _limits(survival, log_se, conf_level, conf_type)
    return SurvivalCurve(
        time=table.times,
        survival=survival,
        std_error=survival * log_se,
        lower=lower,
        upper=upper,
        at_risk=at_risk,
        events=events,
        n=subjects.n,
        n_events=subjects.events,
        conf_level=conf_level,
        conf_type=conf_type,
        _subjects=subjects,
        _table=table,
    )


def check_level(conf_level: float) -> None:
    """Refuse a confidence level that is not strictly between 0 and 1.

    Raises
    ------
    InputError
        If it is not.
    """
    if not 0.0 < conf_level < 1.0:
        raise InputError("conf_level", f"{conf_level!r} is not between 0 and 1", "Give 0.95")


def _hazard_variance(at_risk: Floats, events: Floats) -> Floats:
    """Greenwood's terms; 0 where everyone at risk has the event, since no area follows."""
    left = at_risk - events
    result: Floats = np.divide(events, at_risk * left, out=np.zeros_like(at_risk), where=left > 0)
    return result


def _jackknife(subjects: Subjects, table: RiskTable, load: Floats | None = None) -> Floats:
    """Variance of the running sum of hazard increments times `load`, by each subject's influence.

    A subject adds load / (Y - D) at its own event and takes away load D / (Y (Y - D)) at each
    time it is at risk; squared influences are summed in running form, so that the cost stays
    linear in the number of subjects.
    """
    assert subjects.weights is not None
    at_risk, events = table.at_risk[:, 0], table.events[:, 0]
    factor = np.ones_like(at_risk) if load is None else load
    left = at_risk - events
    own = np.divide(factor, left, out=np.zeros_like(left), where=left > 0)
    drift = np.concatenate(([0.0], np.cumsum(factor * _hazard_variance(at_risk, events))))
    square = subjects.weights**2
    start = drift[table.first]
    final = subjects.event * own[table.last] - (drift[table.last + 1] - start)
    m = at_risk.size

    def running(index: npt.NDArray[np.int64], values: Floats) -> Floats:
        return np.cumsum(np.bincount(index, values, minlength=m + 1)[:m])

    def active(values: Floats) -> Floats:
        return running(table.first, values) - running(table.last, values)

    now = drift[1:]
    spread = (
        now**2 * active(square) - 2.0 * now * active(square * start) + active(square * start**2)
    )
    total: Floats = running(table.last, square * final**2) + np.maximum(spread, 0.0)
    return total


def _limits(
    survival: Floats, log_se: Floats, conf_level: float, conf_type: ConfType
) -> tuple[Floats, Floats]:
    z = float(ndtri(0.5 + conf_level / 2))
    if conf_type == "plain":
        width = z * survival * log_se
        return np.maximum(survival - width, 0.0), np.minimum(survival + width, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        if conf_type == "log":
            inner = np.log(np.where(survival > 0, survival, np.nan))
            width = z * log_se
            return np.exp(inner - width), np.minimum(np.exp(inner + width), 1.0)
        inner = np.log(np.where((survival > 0) & (survival < 1), survival, np.nan))
        width = z * log_se / inner
        # exp(-exp(log(-log S) -+ z se / log S)); the logarithm of S is negative.
        return np.exp(inner * np.exp(-width)), np.exp(inner * np.exp(width))


def _crossing(time: Floats, survival: Floats, level: float) -> float:
    """Time at which steps come down to `level`; the midpoint where they rest on it.

    An upper limit can rise again late; the step that counts is then the one nearest below the
    level, as in R's quantile.survfit.
    """
    known = ~np.isnan(survival)
    times, steps = time[known], survival[known]
    start = _nearest_below(steps, level + QUANTILE_TOLERANCE)
    if start is None:
        return float("nan")
    if steps[start] < level - QUANTILE_TOLERANCE:
        return float(times[start])
    after = _nearest_below(steps, level - QUANTILE_TOLERANCE)
    end = time[-1] if after is None else times[after]
    return float((times[start] + end) / 2.0)


def _nearest_below(steps: Floats, level: float) -> int | None:
    """Position of the first of the highest steps that do not exceed `level`."""
    if not (steps <= level).any():
        return None
    return int(np.argmax(np.where(steps <= level, steps, -np.inf)))
