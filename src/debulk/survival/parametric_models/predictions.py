"""Survival, hazards, quantiles, restricted means and cured shares of a fitted model."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from debulk.core.errors import InputError
from debulk.core.results import Estimate
from debulk.survival.curves.limits import normal_width
from debulk.survival.options import one_number
from debulk.survival.parametric_models.covariates import read_profiles
from debulk.survival.parametric_models.jets import Jet, variable
from debulk.survival.parametric_models.likelihood import whole_hazards
from debulk.survival.parametric_models.piecewise import PiecewiseFamily
from debulk.survival.parametric_models.splines import Spline
from debulk.survival.subjects import Floats, as_array, numbers, refuse_large

if TYPE_CHECKING:
    from debulk.survival.parametric_models.model import ParametricModel

_FARTHEST = 600.0  # logarithm of the longest and of the shortest time that a quantile may be
_HALVINGS = 40  # panels of the quadrature shrink towards 0, where a hazard may be infinite
_NODES = 20
_PARTS = 4


@dataclass(frozen=True, eq=False)
class Profile:
    """One set of covariates with the model for them."""

    fitted: ParametricModel
    x: Floats
    z: Floats

    def hazards(self, times: Floats) -> tuple[Jet, Jet]:
        """Log hazard and cumulative hazard at times above 0, as jets in the model's variables."""
        with np.errstate(all="ignore"):
            return whole_hazards(self.fitted.layout, times, self.variables())

    def variables(self) -> list[Jet]:
        """The location, the ancillary parameters and the logit of the cured share."""
        fitted = self.fitted
        own = len(fitted.family.parameters)
        effects = fitted.working[own : own + self.x.size]
        location, others = float(self.x @ effects), []
        for j, parameter in enumerate(fitted.family.parameters):
            if parameter.name == fitted.family.location:
                location += float(fitted.working[j])
            else:
                others.append(float(fitted.working[j]))
        if fitted.cure is not None:
            start = own + self.x.size
            rest = fitted.working[start:]
            others.append(float(rest[0] + self.z @ rest[1:]))
        return [variable(j, value) for j, value in enumerate([location, *others])]

    def gradient(self, jet: Jet) -> Floats:
        """Derivatives of a jet in the entries of `working`, shape (rows, k)."""
        fitted = self.fitted
        own = len(fitted.family.parameters)
        rows = np.zeros((np.size(jet.value), fitted.working.size))
        slope = {j: np.broadcast_to(each, rows.shape[0]) for j, each in jet.first.items()}
        nothing = np.zeros(rows.shape[0])
        place = 1
        for j, parameter in enumerate(fitted.family.parameters):
            if parameter.name == fitted.family.location:
                rows[:, j] = slope.get(0, nothing)
            else:
                rows[:, j] = slope.get(place, nothing)
                place += 1
        rows[:, own : own + self.x.size] = slope.get(0, nothing)[:, None] * self.x
        if fitted.cure is not None:
            start, last = own + self.x.size, slope.get(place, nothing)
            rows[:, start] = last
            rows[:, start + 1 :] = last[:, None] * self.z
        return rows

    def se(self, jet: Jet) -> Floats:
        """Standard error of each row of a jet, by the delta method."""
        return self.se_of(self.gradient(jet))

    def se_of(self, gradient: Floats) -> Floats:
        """Standard error of numbers with these gradients."""
        variance = np.einsum("ri,ij,rj->r", gradient, self.fitted.covariance, gradient)
        result: Floats = np.sqrt(np.maximum(variance, 0.0))
        return result


def profiles_of(fitted: ParametricModel, covariates: Any, cure_covariates: Any) -> list[Profile]:
    """The profiles asked for; one of the means where nothing is given."""
    x = _rows_of(covariates, fitted.columns, fitted.means, "covariates")
    z = _rows_of(cure_covariates, fitted.cure_columns, fitted.cure_means, "cure_covariates")
    count = max(x.shape[0], z.shape[0])
    if not {x.shape[0], z.shape[0]} <= {1, count}:
        raise InputError(
            "cure_covariates", f"has {z.shape[0]} rows, covariates {x.shape[0]}", "Give as many"
        )
    return [Profile(fitted, x[i % x.shape[0]], z[i % z.shape[0]]) for i in range(count)]


def _rows_of(given: Any, columns: Any, means: Floats, where: str) -> Floats:
    if given is None:
        return means[None, :]
    if not columns:
        raise InputError(where, "the model has none", "Leave the argument out")
    return read_profiles(given, columns, where)


def one_profile(fitted: ParametricModel, covariates: Any, cure_covariates: Any) -> Profile:
    """The only profile asked for."""
    found = profiles_of(fitted, covariates, cure_covariates)
    if len(found) != 1:
        raise InputError("covariates", f"holds {len(found)} profiles, not 1", "Give one at a time")
    return found[0]


def cumulative(
    fitted: ParametricModel, times: Any, covariates: Any, cure_covariates: Any
) -> Floats:
    """Cumulative hazards by profile and time."""
    at = _times(times)

    def one(profile: Profile) -> Floats:
        return _from_start(at, lambda late: np.asarray(profile.hazards(late)[1].value), 0.0)

    return _stacked(profiles_of(fitted, covariates, cure_covariates), one)


def hazard(fitted: ParametricModel, times: Any, covariates: Any, cure_covariates: Any) -> Floats:
    """Hazards by profile and time."""
    at = _times(times)
    if (at == 0).any() and fitted.family.needs_log_time:
        raise InputError("times", "0 is not above 0", "This hazard is defined above 0 only")

    def one(profile: Profile) -> Floats:
        with np.errstate(over="ignore"):
            result: Floats = np.exp(np.broadcast_to(profile.hazards(at)[0].value, at.shape))
        return result

    return _stacked(profiles_of(fitted, covariates, cure_covariates), one)


def survival_limits(
    fitted: ParametricModel, times: Any, covariates: Any, cure_covariates: Any
) -> tuple[Floats, Floats]:
    """Limits by the delta method on the log cumulative hazard."""
    at, z = _times(times), normal_width(fitted.conf_level)

    def one(profile: Profile, sign: float) -> Floats:
        def limit(late: Floats) -> Floats:
            total = profile.hazards(late)[1]
            value = np.asarray(total.value)
            known = (value > 0) & np.isfinite(value)  # an infinite hazard: survival 0
            ratio = np.divide(profile.se(total), value, out=np.zeros_like(value), where=known)
            with np.errstate(over="ignore"):
                result: Floats = np.exp(-value * np.exp(sign * z * ratio))
            return result

        return _from_start(at, limit, 1.0)

    chosen = profiles_of(fitted, covariates, cure_covariates)
    lower = _stacked(chosen, lambda profile: one(profile, 1.0))
    return lower, _stacked(chosen, lambda profile: one(profile, -1.0))


def uncured_survival(fitted: ParametricModel, times: Any, covariates: Any) -> Floats:
    """Survival of those not cured, by profile and time."""
    at = _times(times)

    def one(profile: Profile) -> Floats:
        jets = profile.variables()
        last = 1 + fitted.layout.ancillary

        def survival(late: Floats) -> Floats:
            with np.errstate(all="ignore"):
                total = fitted.family.hazards(late, jets[0], jets[1:last])[1]
            result: Floats = np.exp(-np.asarray(total.value))
            return result

        return _from_start(at, survival, 1.0)

    return _stacked(profiles_of(fitted, covariates, None), one)


def quantile(fitted: ParametricModel, p: float, covariates: Any, cure_covariates: Any) -> Estimate:
    """Solve S(t) = 1 - p on the scale of log time."""
    share = one_number(p, "p")
    if not 0.0 < share < 1.0:
        raise InputError("p", f"{p!r} is not between 0 and 1", "Give 0.5 for the median")
    profile = one_profile(fitted, covariates, cure_covariates)
    target = float(np.log(-np.log1p(-share)))

    def beyond(log_time: float) -> float:
        with np.errstate(all="ignore"):
            value = float(np.log(_first(profile.hazards(np.exp(np.array([log_time])))[1])))
        return float(np.clip(np.nan_to_num(value - target, nan=1e3), -1e3, 1e3))

    estimand = f"time by which a share {share:g} has had the event"
    if beyond(-_FARTHEST) > 0.0:
        raise InputError("p", f"{share:g} is too small to find its time", "Give a larger share")
    if beyond(_FARTHEST) < 0.0:
        nan = float("nan")
        note = "Not reached: fewer than that ever have the event."
        return _estimate(fitted, estimand, nan, nan, nan, nan, note)
    root = brentq(beyond, -_FARTHEST, _FARTHEST, xtol=1e-14, rtol=1e-14)
    time = np.exp(np.array([root]))
    log_rate, total = profile.hazards(time)
    # The quantile moves by -dH / h, and its logarithm by that over t.
    se = float(profile.se(total)[0] / (np.exp(_first(log_rate)) * time[0]))
    z = normal_width(fitted.conf_level)
    lower, upper = np.exp(root + z * se * np.array([-1.0, 1.0])).tolist()
    note = "Delta method on log time; se of log time."
    return _estimate(fitted, estimand, float(time[0]), se, lower, upper, note)


def restricted_mean(
    fitted: ParametricModel, tau: float, covariates: Any, cure_covariates: Any
) -> Estimate:
    """Area under the survival function up to tau, with the gradient of the area."""
    horizon = one_number(tau, "tau")
    refuse_large(np.array([horizon]), "tau")
    if horizon <= 0:
        raise InputError("tau", f"{horizon:g} is not above 0", "Give a time")
    profile = one_profile(fitted, covariates, cure_covariates)
    nodes, loads = _quadrature(horizon, _corners(fitted))
    total = profile.hazards(nodes)[1]
    survival = np.exp(-np.asarray(total.value))
    area = float(loads @ survival)
    gradient = -(loads * survival) @ profile.gradient(total)
    se = float(profile.se_of(gradient[None, :])[0])
    z = normal_width(fitted.conf_level)
    return _estimate(
        fitted,
        f"restricted mean survival time to {horizon:g}",
        area,
        se,
        area - z * se,
        area + z * se,
        "Area under the fitted survival function; delta method, normal interval.",
    )


def cured_share(fitted: ParametricModel, covariates: Any, cure_covariates: Any) -> Estimate | None:
    """The share that never has the event."""
    profile = one_profile(fitted, covariates, cure_covariates)
    z = normal_width(fitted.conf_level)
    jets = profile.variables()
    if fitted.cure is not None:
        logit, se = _first(jets[-1]), float(profile.se(jets[-1])[0])
        share, lower, upper = expit(logit + z * se * np.array([0.0, -1.0, 1.0])).tolist()
        note = "Wald interval on the logit scale; se by the delta method."
        return _estimate(fitted, "cured share", share, share * (1 - share) * se, lower, upper, note)
    if fitted.model != "gompertz" or _first(jets[1]) >= 0:
        return None
    shape = _first(jets[1])
    # log of the final cumulative hazard, -rate / shape
    final = jets[0] + jets[1].through(-np.log(-shape), -1.0 / shape, 1.0 / shape**2)
    at, se = _first(final), float(profile.se(final)[0])
    share, lower, upper = np.exp(-np.exp(at + z * se * np.array([0.0, 1.0, -1.0]))).tolist()
    note = "exp(rate / shape) of a Gompertz model of negative shape; Wald interval of log(-log)."
    slope = share * float(np.exp(at))
    return _estimate(fitted, "cured share", share, slope * se, lower, upper, note)


def _times(times: Any) -> Floats:
    at = numbers(np.atleast_1d(as_array(times, "times")), "times")
    if (at < 0).any():
        row = int(np.argmax(at < 0))
        raise InputError(f"times, number {row + 1}", f"{at[row]:g} is negative", "Times run from 0")
    return at


def _from_start(at: Floats, compute: Callable[[Floats], Floats], first: float) -> Floats:
    """Values at times, of which that at time 0 is known."""
    result = np.full(at.shape, first)
    late = at > 0
    if late.any():
        result[late] = compute(at[late])
    return result


def _stacked(profiles: list[Profile], compute: Callable[[Profile], Floats]) -> Floats:
    rows = [compute(profile) for profile in profiles]
    return rows[0] if len(rows) == 1 else np.stack(rows)


def _first(jet: Jet) -> float:
    return float(np.ravel(jet.value)[0])


def _corners(fitted: ParametricModel) -> list[float]:
    """Times at which the hazard is not smooth."""
    if isinstance(fitted.family, PiecewiseFamily):
        return list(fitted.family.cuts)
    if isinstance(fitted.family, Spline):
        return [math.exp(each) for each in fitted.family.knots]
    return []


def _quadrature(tau: float, corners: list[float]) -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss and Legendre on panels that halve towards 0."""
    halved = tau * 0.5 ** np.arange(_HALVINGS + 1)
    inner = [each for each in corners if 0.0 < each < tau]
    borders = np.unique(np.concatenate(([0.0], halved, inner)))
    shares = np.arange(_PARTS + 1) / _PARTS
    fine = np.unique((borders[:-1, None] + np.diff(borders)[:, None] * shares).ravel())
    points, loads = np.polynomial.legendre.leggauss(_NODES)
    half = np.diff(fine)[:, None] / 2.0
    nodes = fine[:-1, None] + half * (points + 1.0)
    return nodes.ravel(), (half * loads).ravel()


def _estimate(
    fitted: ParametricModel,
    estimand: str,
    value: float,
    se: float,
    lower: float,
    upper: float,
    note: str,
) -> Estimate:
    return Estimate(
        estimand=f"net {estimand}" if fitted.excess else estimand,
        estimate=value,
        se=se,
        lower=lower,
        upper=upper,
        conf_level=fitted.conf_level,
        n=fitted.n,
        events=fitted.events,
        note=note,
    )
