"""Trials planned for the largest of several weighted log-rank statistics (MaxCombo)."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri

from debulk.core.errors import InputError
from debulk.survival.options import one_number, shown
from debulk.survival.rank.largest import largest_beyond
from debulk.survival.rank.max_combo import DEFAULT_WEIGHTINGS
from debulk.survival.rank.weightings import Weighting, WeightingLike
from debulk.survival.subjects import Floats
from debulk.trials.nonproportional.alternative import Alternative
from debulk.trials.nonproportional.designs import NonproportionalDesign
from debulk.trials.nonproportional.enrolment import enrolment_of, most_patients
from debulk.trials.nonproportional.limit_weights import planned_weighting
from debulk.trials.nonproportional.looks import (
    assembled,
    check_alternative,
    expected_looks,
    look_months,
)
from debulk.trials.nonproportional.normal_boxes import Box, below
from debulk.trials.nonproportional.rank_moments import rank_moments
from debulk.trials.nonproportional.requests import (
    Request,
    patients_for,
    read_follow_up,
    read_request,
)
from debulk.trials.nonproportional.sequential import Bounds, read_fractions

_SOURCE = "Karrison (2016), Stata Journal; Yung and Liu (2020), Biometrics"
_EXAMPLE = 500.0  # patients whose course of accrual serves for a first guess
_SLACK = 0.01  # of bounds of a bound, for the error of integration
_FINE = 1e-7
_MOST_SECANTS = 6
_PRECISION = 1e-6  # of the root of the number of patients


def max_combo_design(
    alternative: Alternative,
    *,
    weightings: Sequence[WeightingLike] = DEFAULT_WEIGHTINGS,
    alpha: float = 0.025,
    sided: int = 1,
    power: float | None = None,
    patients: float | None = None,
    follow_up: float,
    fractions: Sequence[float] = (1.0,),
    alpha_spent: Sequence[float] | None = None,
) -> NonproportionalDesign:
    """Plan a trial for the MaxCombo test, at one or several looks.

    Parameters
    ----------
    alternative : Alternative
        Hazards, accrual and drop-out.
    weightings : sequence of str or weighting
        As `weighted_logrank_design` takes them; by default those of `debulk.survival.max_combo`.
    alpha : float
        Total at `sided`.
    sided : {1, 2}
        Two-sided tests compare the largest |Z|; power counts benefit alone.
    power, patients : float
        The power wanted, or the patients there are (both arms).
    follow_up : float
        Months from the last patient's entry to the final analysis.
    fractions : sequence of float
        Events at each look / final events: rising, the last 1.
    alpha_spent : sequence of float, optional
        Total of alpha spent by each look, rising to `alpha`; needed for several looks.

    Returns
    -------
    NonproportionalDesign
        `expected_z` is that of the statistic that expects most. `details`: `weightings`;
        `expected_z` by weighting and `correlation` of the final analysis; `critical_z` by look;
        `power_error`, the standard error of the integration.

    Raises
    ------
    InputError
        On values out of range, an alternative without benefit, a weighting given twice or without
        weight at any event, or a power that is not reached.

    Notes
    -----
    Statistics are jointly normal. The bound comes from the correlation that the test estimates,
    power from their covariance under the alternative (see `rank_moments`). Normal probabilities
    are by a lattice of fixed seed, so that results repeat.
    """
    check_alternative(alternative, effect=True)
    request = read_request(alpha, sided, power, patients)
    kinds = _read_weightings(weightings)
    looks_at = read_fractions(fractions, "fractions")
    spent = _read_spent(alpha_spent, request, len(looks_at))
    after = read_follow_up(follow_up)
    make = functools.partial(_Plan, alternative, kinds, after, looks_at, spent, request, [])
    at = functools.lru_cache(maxsize=4)(make)
    fixed = isinstance(alternative.accrual_pieces, float)

    def plan(n: float) -> _Plan:
        return at(2.0 if fixed else n)

    most = most_patients(alternative.accrual_pieces)
    n = patients_for(
        request,
        lambda each: 1.0 - plan(each).going_on(each)[-1].probability,
        lambda each: float(plan(each).means(each)[-1].max()),
        most,
        start=_EXAMPLE if request.power is None else _first_guess(request, plan, most),
        precision=_PRECISION,
    )
    found = plan(n)
    inside = found.going_on(n)
    crossings = -np.diff([1.0, *(each.probability for each in inside)])
    enrolment = enrolment_of(alternative.accrual_pieces, n)
    none = (-math.inf,) * len(looks_at)
    bounds = Bounds(looks_at, tuple(found.critical), none, none)
    means = found.means(n)
    table = expected_looks(
        alternative, enrolment, n, found.months, means.max(axis=1), bounds, crossings
    )
    names = [kind.name for kind in kinds]
    details: dict[str, Any] = {
        "weightings": names,
        "expected_z": dict(zip(names, means[-1].tolist(), strict=True)),
        "correlation": found.correlation[-len(kinds) :, -len(kinds) :].tolist(),
        "critical_z": list(found.critical),
        "power_error": inside[-1].error,
    }
    again = functools.partial(
        max_combo_design,
        alternative,
        weightings=weightings,
        alpha=alpha,
        sided=sided,
        follow_up=follow_up,
        fractions=fractions,
        alpha_spent=alpha_spent,
    )
    return assembled("MaxCombo", request, table, enrolment, details, _SOURCE, alternative, again)


def _read_weightings(given: Any) -> list[Weighting]:
    if isinstance(given, str) or not isinstance(given, Sequence) or not given:
        remedy = "Give a list, as [FlemingHarrington(0, 0), FlemingHarrington(0, 1)]"
        raise InputError("weightings", f"{shown(given)} is no list of weightings", remedy)
    kinds = [planned_weighting(each) for each in given]
    names = [kind.name for kind in kinds]
    for name in names:
        if names.count(name) > 1:
            raise InputError("weightings", f"{name} is given twice", "Give each once")
    return kinds


def _read_spent(given: Any, request: Request, looks: int) -> tuple[float, ...]:
    if given is None and looks == 1:
        return (request.alpha,)
    if given is None:
        remedy = "Say how much of alpha is spent by each look, as (0.003, 0.025)"
        raise InputError("alpha_spent", f"is missing for {looks} looks", remedy)
    if isinstance(given, np.ndarray) and given.ndim == 0:
        given = given[()]
    if isinstance(given, str) or not isinstance(given, Sequence | np.ndarray):
        raise InputError("alpha_spent", f"{shown(given)} is no list", "Give one value a look")
    if len(given) != looks:
        found = f"has {len(given)} values for {looks} looks"
        raise InputError("alpha_spent", found, "Give one value a look")
    spent = tuple(one_number(each, "alpha_spent") for each in given)
    rising = all(a < b for a, b in zip((0.0, *spent[:-1]), spent, strict=True))
    if not rising or abs(spent[-1] - request.alpha) > 1e-12:
        text = ", ".join(f"{each:g}" for each in spent)
        remedy = "Give totals that rise to alpha"
        raise InputError("alpha_spent", f"{text} do not rise from above 0 to alpha", remedy)
    return spent


def _first_guess(request: Request, plan: Callable[[float], _Plan], most: float) -> float:
    """Patients with whom the best statistic alone has the power."""
    try:
        example = plan(min(_EXAMPLE, most))
    except InputError:  # so few are not followed for long enough; the search will find out
        return _EXAMPLE
    best = float(example.means(1.0)[-1].max())
    if best <= 0 or request.power is None:
        return _EXAMPLE
    return float(((example.critical[-1] + max(0.1, ndtri(request.power))) / best) ** 2)


class _Plan:
    """Looks at one course of accrual, their bounds, and means per patient."""

    def __init__(
        self,
        alternative: Alternative,
        kinds: Sequence[Weighting],
        follow_up: float,
        fractions: tuple[float, ...],
        spent: tuple[float, ...],
        request: Request,
        near: list[float],
        patients: float,
    ) -> None:
        enrolment = enrolment_of(alternative.accrual_pieces, patients)
        month = enrolment.months + follow_up
        self.months = look_months(alternative, enrolment, month, fractions)
        self.moments = rank_moments(alternative, enrolment, self.months, kinds)
        self.size = len(kinds)
        self.correlation = self.moments.correlation()
        two_sided = request.sided == 2
        self.critical = _critical(self.correlation, self.size, spent, two_sided, near)
        near[:] = self.critical

    def means(self, patients: float) -> Floats:
        """Expected Z, shape (looks, weightings)."""
        return math.sqrt(patients) * self.moments.scaled_mean().reshape(-1, self.size)

    def going_on(self, patients: float) -> list[Box]:
        """Probability of no crossing for benefit up to and with each look."""
        means = self.means(patients).reshape(-1)
        bounds = np.repeat(self.critical, self.size)
        covariance = self.moments.covariance_near(bounds, patients)
        ends = range(self.size, means.size + 1, self.size)
        return [below((bounds - means)[:end], covariance[:end, :end]) for end in ends]


def _critical(
    correlation: Floats, size: int, spent: tuple[float, ...], two_sided: bool, near: list[float]
) -> list[float]:
    """Bounds with which the null probability to have crossed is as spent, look after look.

    `near` are bounds of a similar correlation, or nothing.
    """
    first = correlation[:size, :size]
    sides = 2 if two_sided else 1

    def too_many(bound: float) -> float:
        return largest_beyond(first, bound, two_sided=two_sided).probability - spent[0]

    # One statistic alone needs less than the largest; shares of the level for each need more.
    low, high = -ndtri(spent[0] / sides), -ndtri(spent[0] / sides / size)
    if size == 1:
        found = [float(low)]
    else:
        found = [_falling_root(too_many, low - _SLACK, high + _SLACK, near[0] if near else None)]
    for k in range(1, len(spent)):
        end = (k + 1) * size
        upto = correlation[:end, :end]
        if two_sided:  # within from both sides
            upto = np.block([[upto, -upto], [-upto, upto]])

        def crossed(
            bound: float, upto: Floats = upto, level: float = spent[k], end: int = end
        ) -> float:
            upper = np.repeat([*found, bound], size)
            if upto.shape[0] > end:
                upper = np.tile(upper, 2)
            return 1.0 - below(upper, upto).probability - level

        high = -ndtri((spent[k] - spent[k - 1]) / sides / size)
        found.append(_falling_root(crossed, 0.0, high + _SLACK, near[k] if near else None))
    return found


def _falling_root(
    function: Callable[[float], float], low: float, high: float, near: float | None
) -> float:
    """Where a falling function of a bound is 0; by secants from a guess where there is one."""
    if near is not None:
        before, value = near, function(near)
        bound = before + value / (2.0 * math.exp(-0.5 * near * near) / math.sqrt(2.0 * math.pi))
        for _ in range(_MOST_SECANTS):
            if abs(bound - before) < _FINE:
                return bound
            following = function(bound)
            if following == value:
                break
            step = following * (bound - before) / (following - value)
            before, value, bound = bound, following, bound - step
    return float(brentq(function, low, high, xtol=_FINE))
