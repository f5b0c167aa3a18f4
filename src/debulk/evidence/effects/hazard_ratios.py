"""The log hazard ratio of one study by the best route that its paper allows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields

from scipy.special import ndtr

from debulk.evidence.effects.effect import (
    Effect,
    NotEnough,
    require_count,
    require_level,
    require_number,
    require_positive,
    require_share,
)
from debulk.evidence.effects.hazard_ratio_routes import (
    Arm,
    TrialEvents,
    from_crude_events,
    from_events,
    from_landmark,
    from_o_minus_e,
    from_observed_expected,
    from_p_and_events,
    from_p_value,
    p_value_looseness,
    z_of,
)
from debulk.evidence.effects.limits import from_limits

UNSTEADY = 0.10
"""Relative uncertainty, from rounding, of a standard error made of a hazard ratio and its p value
from which the number of events is used instead, where it is known. Events are never exact either:
with equal arms followed to the last event, a Cox model's error is 5 % above theirs at a hazard
ratio of 2 or one half, 2 % at 1.5."""

FAR_APART = 0.25
"""Distance, in standard errors, between effect and printed p value that is remarked on; a log-rank
p value and an interval of a Cox model are commonly nearer."""
LEAST_PRINTED_P = 0.001
"""p values from here down are commonly printed as bounds."""


@dataclass(frozen=True, slots=True)
class PrintedHazardRatio:
    """What a paper prints of two arms; every field may be missing.

    Arm 1 is the experimental arm, arm 2 the control; a ratio below 1 means fewer events in arm 1.

    Attributes
    ----------
    hazard_ratio, lower, upper : float or None
        With confidence limits.
    conf_level : float
        Level of the interval, 0.95 or 95.
    log_hazard_ratio, se_log_hazard_ratio : float or None
        Logarithm and its standard error.
    o_minus_e, v : float or None
        Observed minus expected events of arm 1; log-rank variance.
    observed_1, expected_1, observed_2, expected_2 : float or None
        Events of each arm as observed and as expected by the log-rank test.
    p : float or None
        p value of the comparison, above 0 and at most 1.
    one_sided : bool
        Whether `p` is one-sided (that arm 1 has fewer events).
    favours : {"experimental", "control"} or None
        The arm that did better, where only a p value tells of the difference.
    events, events_1, events_2, n_1, n_2 : float or None
        Events in all or by arm; patients by arm.
    survival_1, survival_2 : float or None
        Share alive at one time, the same for both arms.
    """

    hazard_ratio: float | None = None
    lower: float | None = None
    upper: float | None = None
    conf_level: float = 0.95
    log_hazard_ratio: float | None = None
    se_log_hazard_ratio: float | None = None
    o_minus_e: float | None = None
    v: float | None = None
    observed_1: float | None = None
    expected_1: float | None = None
    observed_2: float | None = None
    expected_2: float | None = None
    p: float | None = None
    one_sided: bool = False
    favours: Arm | None = None
    events: float | None = None
    events_1: float | None = None
    events_2: float | None = None
    n_1: float | None = None
    n_2: float | None = None
    survival_1: float | None = None
    survival_2: float | None = None

    @property
    def trial_events(self) -> TrialEvents | None:
        """Its numbers of events and patients; None where no variance can be made of them."""
        found = TrialEvents(**{each.name: getattr(self, each.name) for each in fields(TrialEvents)})
        return found if found.is_known else None

    @property
    def direction(self) -> Arm | None:
        """The arm that did better; a one-sided p value tells it itself."""
        return "experimental" if self.one_sided else self.favours

    def allows(self, route: Route) -> bool:
        """Whether everything that the route needs is printed."""
        return all(getattr(self, name) is not None for name in route.needs)


def hazard_ratio_effect(printed: PrintedHazardRatio) -> Effect:
    """Make the log hazard ratio and its standard error by the best route there is.

    Parameters
    ----------
    printed : PrintedHazardRatio
        What the paper prints.

    Returns
    -------
    Effect
        Its route says what it was made from; a remark names the other routes that were possible.

    Raises
    ------
    NotEnough
        If no route is possible; an `InputError` as the other.
    InputError
        With the field, if a number is impossible.

    Notes
    -----
    Order: log hazard ratio or hazard ratio with a standard error; O - E and V; hazard ratio and
    interval; observed and expected events of both arms; hazard ratio and p value (but hazard ratio
    and events first where rounding leaves that standard error open by more than 10 %); hazard
    ratio and events; p value and events; survival at one time; an interval alone; crude events.
    """
    _check(printed)
    routes, remark = _ordered(printed)
    if not routes:
        raise NotEnough("hazard_ratio", _what_is_missing(printed), _REMEDY)
    failed: dict[str, NotEnough] = {}
    for route in routes:
        try:
            effect = route.make(*(getattr(printed, name) for name in route.needs))
        except NotEnough as error:
            failed[route.name] = error
            continue
        others = [each.name for each in routes if each not in (route, ALONE)]
        told = "; ".join(
            f"{each} ({failed[each].found})" if each in failed else each for each in others
        )
        unused = f"Not used: {told}" if others else ""
        return effect.remarked(remark, _disagreement(effect, printed), unused)
    raise next(iter(failed.values()))


_REMEDY = (
    "Give an interval, a p value, a standard error, O - E and V, or numbers of events; the "
    "recognised combinations are documented"
)


def _check(printed: PrintedHazardRatio) -> None:
    """Refuse an impossible number even where a better route does not need it."""
    for names, check in CHECKS:
        for name in names:
            value = getattr(printed, name)
            if value is not None:
                check(name, value)
    require_level("conf_level", printed.conf_level)


def _check_p(name: str, value: float) -> None:
    z_of(value)


CHECKS: tuple[tuple[tuple[str, ...], Callable[[str, float], object]], ...] = (
    (("hazard_ratio", "lower", "upper", "se_log_hazard_ratio", "v"), require_positive),
    (("expected_1", "expected_2"), require_positive),
    (("log_hazard_ratio", "o_minus_e"), require_number),
    (("observed_1", "observed_2", "events", "events_1", "events_2", "n_1", "n_2"), require_count),
    (("survival_1", "survival_2"), require_share),
    (("p",), _check_p),
)
"""Fields and what each number of them must be."""


def _disagreement(effect: Effect, printed: PrintedHazardRatio) -> str:
    """What to say of a two-sided p value that does not go with the effect."""
    if printed.p is None or printed.one_sided:
        return ""
    z, told = abs(effect.estimate) / effect.se, z_of(printed.p)
    # The smallest p values are printed as bounds: below them nothing disagrees.
    bound = printed.p <= LEAST_PRINTED_P and z > told
    if bound or abs(z - told) <= FAR_APART:
        return ""
    implied = 2.0 * float(ndtr(-z))
    return f"The {effect.route} give p {implied:.2g}, printed is {printed.p:g}"


def _ordered(printed: PrintedHazardRatio) -> tuple[list[Route], str]:
    """Routes that are possible, best first, and what is to be said of their order.

    The number of events goes before a p value that rounding leaves too open.
    """
    routes = [each for each in ROUTES if printed.allows(each)]
    ratio, p = printed.hazard_ratio, printed.p
    unsure = routes[:1] == [BY_P] and BY_EVENTS in routes
    if not unsure or ratio is None or p is None:
        return routes, ""
    z_of(p, printed.one_sided)
    if p_value_looseness(ratio, p, printed.one_sided) <= UNSTEADY:
        return routes, ""
    told = (
        f"Rounding of hazard ratio {ratio:g} and p {p:g} leaves the standard error too uncertain, "
        "so the number of events makes it"
    )
    return [BY_EVENTS, *(each for each in routes if each != BY_EVENTS)], told


def _what_is_missing(printed: PrintedHazardRatio) -> str:
    if printed.hazard_ratio is not None:
        return f"the hazard ratio {printed.hazard_ratio:g} comes with nothing that tells its error"
    if printed.p is not None and printed.trial_events is not None:
        return "a two-sided p value and events do not say which arm did better"
    given = [each.name for each in fields(printed) if _is_given(printed, each.name)]
    told = ", ".join(given) if given else "nothing"
    return f"no hazard ratio can be made from what is given ({told})"


def _is_given(printed: PrintedHazardRatio, name: str) -> bool:
    return name not in ("conf_level", "one_sided") and getattr(printed, name) is not None


def _from_log(estimate: float, se: float) -> Effect:
    return Effect(
        require_number("log_hazard_ratio", estimate),
        require_positive("se_log_hazard_ratio", se),
        "log hazard ratio and its standard error",
    )


def _from_ratio_and_se(ratio: float, se: float) -> Effect:
    return Effect(
        math.log(require_positive("hazard_ratio", ratio)),
        require_positive("se_log_hazard_ratio", se),
        "hazard ratio and the standard error of its logarithm",
    )


def _from_interval(ratio: float | None, lower: float, upper: float, conf_level: float) -> Effect:
    return from_limits(ratio, lower, upper, conf_level=conf_level, argument="hazard_ratio")


def _from_interval_alone(lower: float, upper: float, conf_level: float) -> Effect:
    return _from_interval(None, lower, upper, conf_level)


@dataclass(frozen=True, slots=True)
class Route:
    """A way to a log hazard ratio: the fields it needs, in the order in which `make` takes them."""

    name: str
    needs: tuple[str, ...]
    make: Callable[..., Effect]


BY_P = Route("hazard ratio and p value", ("hazard_ratio", "p", "one_sided"), from_p_value)
BY_EVENTS = Route("hazard ratio and events", ("hazard_ratio", "trial_events"), from_events)
ALONE = Route("interval alone", ("lower", "upper", "conf_level"), _from_interval_alone)

ROUTES = (
    Route("log hazard ratio and se", ("log_hazard_ratio", "se_log_hazard_ratio"), _from_log),
    Route("hazard ratio and se", ("hazard_ratio", "se_log_hazard_ratio"), _from_ratio_and_se),
    Route("O - E and V", ("o_minus_e", "v"), from_o_minus_e),
    Route(
        "hazard ratio and interval",
        ("hazard_ratio", "lower", "upper", "conf_level"),
        _from_interval,
    ),
    Route(
        "observed and expected events",
        ("observed_1", "expected_1", "observed_2", "expected_2"),
        from_observed_expected,
    ),
    BY_P,
    BY_EVENTS,
    Route("p value and events", ("p", "trial_events", "direction", "one_sided"), from_p_and_events),
    Route("survival at one time", ("survival_1", "n_1", "survival_2", "n_2"), from_landmark),
    ALONE,
    Route("crude events", ("events_1", "n_1", "events_2", "n_2"), from_crude_events),
)
"""Every route, best first."""
