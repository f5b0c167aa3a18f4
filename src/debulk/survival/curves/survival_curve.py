"""The survival curve with its limits, quantiles, restricted means and conditional survival."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.core.results import Estimate, plain
from debulk.survival.curves.counts import Counts
from debulk.survival.curves.limits import ConfType, normal_width, survival_limits
from debulk.survival.curves.variance import Estimator, hazard_terms, running_variance
from debulk.survival.options import check_flag, check_share, one_number
from debulk.survival.subjects import Floats, moments, refuse_large

QUANTILE_TOLERANCE = 1.5e-8
"""Survival this close to the wanted share is taken to lie on it (rounding of the product)."""


@dataclass(frozen=True, eq=False)
class SurvivalCurve:
    """A survival curve, a step function that is 1 from `start` to the first event.

    Attributes
    ----------
    time : array, shape (m,)
        Distinct times at which follow-up ends, rising, in the unit given.
    survival, std_error : array, shape (m,)
        Estimated survival just after each time, and the standard error of the survival itself:
        Greenwood's, or with weights or clusters the infinitesimal jackknife. Greenwood's is NaN
        where survival has come to 0.
    lower, upper : array, shape (m,)
        Pointwise confidence limits; NaN where the scale is not defined (log at survival 0;
        log-log, logit and arcsin at 1 and 0).
    cumulative_hazard, cumulative_hazard_std_error : array, shape (m,)
        Nelson and Aalen's estimate and its standard error (Aalen's, or the jackknife's where
        that of the survival is); see `nelson_aalen` for limits and other variances.
    at_risk, events : array, shape (m,)
        Subjects at risk (entry < t <= exit) and events at each time, weighted where weights are.
    n, n_events : int
        Rows and events that went in, each counted once; rows of weight 0 are not counted.
    conf_level : float
        Level of the limits.
    conf_type : {"plain", "log", "log-log", "logit", "arcsin"}
        Scale on which the limits were made.
    start : float
        Time at which survival is 1 by definition: 0, or what `conditional` was given.
    estimator : {"product-limit", "nelson-aalen", "fleming-harrington"}
        Kaplan and Meier's product, or exp(-H) with H by the named sum.
    """

    time: Floats
    survival: Floats
    n: int
    n_events: int
    conf_level: float
    conf_type: ConfType
    start: float = 0.0
    estimator: Estimator = "product-limit"
    _counts: Counts = field(repr=False, kw_only=True)

    @cached_property
    def at_risk(self) -> Floats:
        """Weight at risk at each time."""
        return self._counts.at_risk.astype(np.float64)

    @cached_property
    def events(self) -> Floats:
        """Weight of the events at each time."""
        return self._counts.events.astype(np.float64)

    @cached_property
    def std_error(self) -> Floats:
        """Standard error of the survival."""
        result: Floats = self.survival * self._log_se
        return result

    @property
    def lower(self) -> Floats:
        """Lower pointwise limits."""
        return self._limits[0]

    @property
    def upper(self) -> Floats:
        """Upper pointwise limits."""
        return self._limits[1]

    @cached_property
    def cumulative_hazard(self) -> Floats:
        """Cumulative hazard since `start`, by Nelson and Aalen or as the estimator has it."""
        return np.cumsum(hazard_terms(self._counts, self._hazard_estimator))

    @cached_property
    def cumulative_hazard_std_error(self) -> Floats:
        """Standard error of the cumulative hazard."""
        return np.sqrt(running_variance(self._counts, self._hazard_estimator))

    @property
    def median(self) -> Estimate:
        """The time by which half have had the event: ``quantile(0.5)``."""
        return self.quantile(0.5)

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
        check_share(p, "p", "Give 0.5 for the median")
        return Estimate(
            estimand=f"time by which {100 * p:g} % have had the event",
            estimate=crossing(self.time, self.survival, 1.0 - p),
            se=float("nan"),
            lower=crossing(self.time, self.lower, 1.0 - p),
            upper=crossing(self.time, self.upper, 1.0 - p),
            conf_level=self.conf_level,
            n=self.n,
            events=self.n_events,
            note=f"Limits by Brookmeyer and Crowley from the curve's {self.conf_type} interval.",
        )

    def at(self, times: npt.ArrayLike) -> Floats:
        """Survival at `times`; 1 before the first time, NaN beyond the last follow-up."""
        return self._step(self.survival, times, 1.0)

    def limits_at(self, times: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Lower and upper limits at `times`; 1 before the first time, NaN beyond the last."""
        return self._step(self.lower, times, 1.0), self._step(self.upper, times, 1.0)

    def estimate_at(self, time: float) -> Estimate:
        """Survival at one time (a milestone) with standard error and limits.

        Parameters
        ----------
        time : float
            Finite, in the curve's unit.

        Returns
        -------
        Estimate
            1 with standard error 0 before the first time; NaN beyond the last follow-up.

        Raises
        ------
        InputError
            If `time` is not a finite number.
        """
        moment = np.array([one_number(time, "time")])
        lower, upper = self.limits_at(moment)
        return Estimate(
            estimand=f"survival at {moment[0]:g}",
            estimate=float(self.at(moment)[0]),
            se=float(self._step(self.std_error, moment, 0.0)[0]),
            lower=float(lower[0]),
            upper=float(upper[0]),
            conf_level=self.conf_level,
            n=self.n,
            events=self.n_events,
            note=f"Standard error of the survival; {self.conf_type} interval.",
        )

    def at_risk_at(self, times: npt.ArrayLike) -> Floats:
        """Subjects (weighted where weights are) still followed at `times`, as under a figure."""
        return self._counts.at_risk_at(moments(times))

    def rmst(self, tau: float, *, small_sample: bool = False) -> Estimate:
        """Restricted mean survival time: the area under the curve from `start` (0) to `tau`.

        Parameters
        ----------
        tau : float
            Horizon, above `start` and not beyond the last follow-up.
        small_sample : bool
            Whether the variance is multiplied by D / (D - 1), with D events up to `tau`, as
            Kaplan and Meier (1958, section 6.2) advise for few; NaN with one event.

        Returns
        -------
        Estimate
            Standard error by Greenwood's plug-in (Klein and Moeschberger 2003, section 4.5), or
            with weights or clusters by the infinitesimal jackknife; normal interval.

        Raises
        ------
        InputError
            If `tau` is not above `start` or lies beyond the last follow-up.
        """
        check_flag(small_sample, "small_sample")
        horizon = self._horizon(tau)
        mean, se = self._area(horizon)
        one = ""
        if small_sample:
            known = int(np.searchsorted(self.time, horizon, side="right"))
            se *= _inflation(int(self._counts.deaths[:known].sum(dtype=np.int64)))
            if np.isnan(se):
                one = " No standard error: the small-sample variance needs two events."
        return self._normal(
            f"restricted mean survival time to {horizon:g}",
            mean,
            se,
            f"Area under the survival curve; normal interval.{one}",
        )

    def rmtl(self, tau: float) -> Estimate:
        """Restricted mean time lost: the area above the curve from `start` (0) to `tau`.

        Parameters
        ----------
        tau : float
            Horizon, above `start` and not beyond the last follow-up.

        Returns
        -------
        Estimate
            The horizon less the restricted mean survival time; same standard error.

        Raises
        ------
        InputError
            If `tau` is not above `start` or lies beyond the last follow-up.
        """
        horizon = self._horizon(tau)
        mean, se = self._area(horizon)
        return self._normal(
            f"restricted mean time lost to {horizon:g}",
            horizon - self.start - mean,
            se,
            "Area above the survival curve; normal interval.",
        )

    def conditional(self, from_time: float) -> SurvivalCurve:
        """Survival of those still at risk at `from_time`.

        Parameters
        ----------
        from_time : float
            Finite, not before `start` and not beyond the last follow-up.

        Returns
        -------
        SurvivalCurve
            1 at `from_time`, then made from those whose follow-up ends at `from_time` or later
            (an event at `from_time` itself counts). Times stay on the original scale; standard
            errors and limits are those of the conditional probability.

        Raises
        ------
        InputError
            If `from_time` lies outside the curve.
        """
        moment = one_number(from_time, "from_time")
        last = float(self.time[-1])
        if not self.start <= moment <= last:
            found = f"{moment:g} is not between {self.start:g} and the last follow-up, {last:g}"
            raise InputError("from_time", found, f"Give a time up to {last:g}")
        position = int(np.searchsorted(self.time, moment, side="left"))
        curve = curve_from(
            self._counts.after(position), self.conf_level, self.conf_type, self.estimator
        )
        return replace(curve, start=moment)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON; not defined is None."""
        names = ("time", "survival", "std_error", "lower", "upper", "at_risk", "events")
        single = ("n", "n_events", "conf_level", "conf_type", "start", "estimator")
        return {name: plain(getattr(self, name)) for name in names + single}

    @property
    def _hazard_estimator(self) -> Estimator:
        return "nelson-aalen" if self.estimator == "product-limit" else self.estimator

    @cached_property
    def _log_se(self) -> Floats:
        """Standard error of log survival; NaN from where Greenwood's is not defined."""
        variance = running_variance(self._counts, self.estimator)
        if self.estimator == "product-limit" and not self._counts.robust:
            variance[self.survival == 0.0] = np.nan
        return np.sqrt(variance, out=variance)

    @cached_property
    def _limits(self) -> tuple[Floats, Floats]:
        return survival_limits(self.survival, self._log_se, self.conf_level, self.conf_type)

    def _step(self, values: Floats, times: npt.ArrayLike, before: float) -> Floats:
        wanted = moments(times)
        position = np.searchsorted(self.time, wanted, side="right")
        found = np.where(position > 0, values[np.maximum(position - 1, 0)], before)
        result: Floats = np.where(wanted <= self.time[-1], found, np.nan)
        return result

    def _horizon(self, tau: float) -> float:
        last = float(self.time[-1])
        horizon = one_number(tau, "tau")
        refuse_large(np.array([horizon]), "tau")
        if not self.start < horizon <= last:
            reason = f"{horizon:g} is not above {self.start:g} and up to the last follow-up, "
            raise InputError("tau", f"{reason}{last:g}", f"Give a horizon up to {last:g}")
        return horizon

    def _area(self, tau: float) -> tuple[float, float]:
        before = int(np.searchsorted(self.time, tau, side="left"))
        edges = np.concatenate(([self.start], self.time[:before], [tau]))
        pieces = np.diff(edges)
        pieces[1:] *= self.survival[:before]
        # Area still to come after each time: what an event there takes away.
        remaining = np.zeros(self.time.size)
        remaining[:before] = np.cumsum(pieces[::-1])[::-1][1:]
        variance = running_variance(self._counts, self.estimator, remaining)[-1]
        return float(pieces.sum()), float(np.sqrt(variance))

    def _normal(self, estimand: str, estimate: float, se: float, note: str) -> Estimate:
        width = normal_width(self.conf_level) * se
        return Estimate(
            estimand=estimand,
            estimate=estimate,
            se=se,
            lower=estimate - width,
            upper=estimate + width,
            conf_level=self.conf_level,
            n=self.n,
            events=self.n_events,
            note=note,
        )


def curve_from(
    counts: Counts, conf_level: float, conf_type: ConfType, estimator: Estimator
) -> SurvivalCurve:
    """The curve of one estimator from numbers at risk and events."""
    if estimator == "product-limit":
        survival: Floats = counts.events / counts.at_risk
        np.subtract(1.0, survival, out=survival)
        np.cumprod(survival, out=survival)
    else:
        survival = np.cumsum(hazard_terms(counts, estimator))
        np.exp(np.negative(survival, out=survival), out=survival)
    return SurvivalCurve(
        time=counts.times,
        survival=survival,
        n=counts.n,
        n_events=counts.n_events,
        conf_level=conf_level,
        conf_type=conf_type,
        estimator=estimator,
        _counts=counts,
    )


def _inflation(deaths: int) -> float:
    if deaths < 2:
        return 1.0 if deaths == 0 else float("nan")
    return float(np.sqrt(deaths / (deaths - 1)))


def crossing(time: Floats, survival: Floats, level: float) -> float:
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
