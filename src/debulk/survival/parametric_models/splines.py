"""Royston and Parmar's flexible parametric models: a spline of log time on a transformed scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from debulk.core.errors import InputError
from debulk.survival.options import check_word
from debulk.survival.parametric_models.families import Fitting, Parameter
from debulk.survival.parametric_models.jets import Jet, exp, log, minus_log_normal_tail, softplus
from debulk.survival.subjects import Bools, Floats, numbers

SplineScale = Literal["hazard", "odds", "normal"]

_EFFECTS: dict[str, str] = {
    "hazard": "log hazard ratio (of cumulative hazards)",
    "odds": "log odds ratio of having had the event",
    "normal": "difference on the probit scale of having had the event",
}
_LOG_ROOT_TWO_PI = 0.5 * math.log(2.0 * math.pi)
_MOST_KNOTS = 20


@dataclass(frozen=True)
class RoystonParmar:
    """A restricted cubic spline of log time for the transformed survival function.

    Royston & Parmar 2002 (Stat Med 21:2175): g(S(t | x)) = s(log t) + x'beta, where g is the log
    cumulative hazard, the log odds of an event, or the probit of an event, and s is linear beyond
    the outermost knots.

    Parameters
    ----------
    interior_knots : int or sequence of float
        How many knots between the first and the last event, put at equally spaced quantiles of the
        log times of events; or the knots themselves, as times in the unit of the data. Without
        one, the model is Weibull, log-logistic or log-normal.
    scale : {"hazard", "odds", "normal"}
        The scale g.
    boundary_knots : pair of float, optional
        Times beyond which s is linear; by default the first and the last time of an event.
    """

    interior_knots: int | tuple[float, ...] = 1
    scale: SplineScale = "hazard"
    boundary_knots: tuple[float, float] | None = None

    def __init__(
        self, interior_knots: Any = 1, scale: SplineScale = "hazard", boundary_knots: Any = None
    ) -> None:
        check_word(scale, SplineScale, "scale")
        chosen: int | tuple[float, ...]
        if isinstance(interior_knots, int | np.integer) and not isinstance(interior_knots, bool):
            chosen = int(interior_knots)
            if not 0 <= chosen <= _MOST_KNOTS:
                raise InputError(
                    "interior_knots", f"{chosen} is not 0 to {_MOST_KNOTS}", "Give 0 to 4"
                )
        else:
            chosen = _rising(interior_knots, "interior_knots")
        object.__setattr__(self, "interior_knots", chosen)
        object.__setattr__(self, "scale", scale)
        outer = None
        if boundary_knots is not None:
            outer = _rising(boundary_knots, "boundary_knots")
            if len(outer) != 2:
                raise InputError("boundary_knots", f"holds {len(outer)} knots, not 2", "Give two")
        object.__setattr__(self, "boundary_knots", outer)


def _rising(values: Any, name: str) -> tuple[float, ...]:
    found = numbers(values, name)
    if found.size and not (found[0] > 0 and (np.diff(found) > 0).all()):
        shown = ", ".join(f"{each:g}" for each in found)
        raise InputError(
            name, f"({shown}) do not rise from above 0", "Give rising times, each once"
        )
    return tuple(found.tolist())


@dataclass(frozen=True)
class Spline:
    """The family of a spline model.

    Attributes
    ----------
    knots : tuple of float
        All knots as log times, the outermost first and last.
    kind : {"hazard", "odds", "normal"}
        The scale of the spline.
    centre, spread : float
        Log time is used as (log t - centre) / spread.
    mixing : tuple of tuples, or None
        Matrix that turns the basis into the one that is fitted; None for the basis itself.
    """

    knots: tuple[float, ...]
    kind: str
    centre: float = 0.0
    spread: float = 1.0
    mixing: tuple[tuple[float, ...], ...] | None = None
    location: str | None = None

    @property
    def name(self) -> str:
        """The model with its scale."""
        return f"Royston-Parmar, {len(self.knots) - 2} interior knots, {self.kind} scale"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Coefficients of the basis."""
        return tuple(Parameter(f"gamma{j}", "identity") for j in range(len(self.knots)))

    @property
    def intercepts(self) -> tuple[float, ...]:
        """Only the constant moves along; used for the reported basis alone."""
        return (1.0,) + (0.0,) * (len(self.knots) - 1)

    @property
    def effect(self) -> str:
        """By the scale."""
        return _EFFECTS[self.kind]

    @property
    def needs_log_time(self) -> bool:
        """The spline runs in log time."""
        return True

    def hazards(self, time: Floats, location: Jet, ancillary: list[Jet]) -> tuple[Jet, Jet]:
        """H from the spline s, and log h from s and its slope in log time."""
        log_time = np.log(time)
        basis, slopes = self.basis(log_time)
        s, rise = location, Jet(0.0)
        for j, gamma in enumerate(ancillary):
            s = s + gamma * basis[j]
            rise = rise + gamma * slopes[j]
        log_rise = log(rise) - log_time
        if self.kind == "hazard":
            return s + log_rise, exp(s)
        if self.kind == "odds":
            cumulative = softplus(s)
            return s + log_rise - cumulative, cumulative
        cumulative = minus_log_normal_tail(s)
        return log_rise - s * s * 0.5 - _LOG_ROOT_TWO_PI + cumulative, cumulative

    def basis(self, log_time: Floats) -> tuple[Floats, Floats]:
        """Basis functions and their slopes in log time, each of shape (knots, rows)."""
        x = (log_time - self.centre) / self.spread
        knots = (np.array(self.knots) - self.centre) / self.spread
        values, slopes = np.ones((knots.size, x.size)), np.zeros((knots.size, x.size))
        values[1], slopes[1] = x, 1.0
        first, last = knots[0], knots[-1]
        low, high = np.maximum(x - first, 0.0), np.maximum(x - last, 0.0)
        for j, knot in enumerate(knots[1:-1], start=2):
            share = (last - knot) / (last - first)
            here = np.maximum(x - knot, 0.0)
            values[j] = here**3 - share * low**3 - (1.0 - share) * high**3
            slopes[j] = 3.0 * (here**2 - share * low**2 - (1.0 - share) * high**2)
        slopes /= self.spread
        if self.mixing is None:
            return values, slopes
        mixing = np.array(self.mixing)
        return mixing.T @ values, mixing.T @ slopes

    def start(self, typical: float) -> Floats:
        """A straight line: exponential, or the log-logistic or log-normal of slope 1.

        In the reported basis; `ready` turns it into the fitted one.
        """
        result = np.zeros(len(self.knots))
        offset = -math.log(typical) + (0.0 if self.kind == "hazard" else 0.4)
        result[0], result[1] = offset + self.centre, self.spread
        if self.mixing is not None:
            result = np.linalg.solve(np.array(self.mixing), result)
        return result

    def ready(self, time: Floats, event: Bools, exposed_from: Floats | None) -> Fitting:
        """The basis made orthonormal over the events, which keeps Newton's steps exact."""
        at = np.log(time[event])
        centre, spread = float(at.mean()), float(at.std()) or 1.0
        plain = Spline(self.knots, self.kind, centre, spread)
        values, _ = plain.basis(at)
        try:
            _, triangle = np.linalg.qr(values.T)
            mixing = np.linalg.inv(triangle) * math.sqrt(at.size)
        except np.linalg.LinAlgError:
            mixing = np.full((1, 1), np.inf)
        if at.size < len(self.knots) or not np.isfinite(mixing).all() or np.abs(mixing).max() > 1e9:
            raise InputError(
                "interior_knots",
                f"{len(self.knots) - 2} knots are too many for {np.unique(at).size} event times",
                "Give fewer knots",
            )
        inner = Spline(self.knots, self.kind, centre, spread, tuple(map(tuple, mixing.tolist())))
        powers = np.array([1.0, 1.0, *([3.0] * (len(self.knots) - 2))])
        unscale = np.diag(spread**-powers)
        unscale[0, 0], unscale[0, 1] = 1.0, -centre / spread
        return Fitting(inner, Spline(self.knots, self.kind), unscale @ mixing)


def spline_family(model: RoystonParmar, time: Floats, event: Bools) -> Spline:
    """The family with its knots placed by the times of events."""
    at = np.log(time[event])
    if model.boundary_knots is None:
        first, last = float(at.min()), float(at.max())
    else:
        first, last = (math.log(each) for each in model.boundary_knots)
    if isinstance(model.interior_knots, int):
        shares = np.arange(1, model.interior_knots + 1) / (model.interior_knots + 1)
        inner = np.quantile(at, shares)
    else:
        inner = np.log(np.array(model.interior_knots))
    knots = np.array([first, *inner, last])
    if not (np.diff(knots) > 0).all():
        shown = ", ".join(f"{each:.6g}" for each in np.exp(knots))
        raise InputError(
            "interior_knots",
            f"the knots with their borders, at times {shown}, do not rise",
            "Give fewer knots, or times between the first and the last event",
        )
    return Spline(tuple(knots.tolist()), model.scale)
