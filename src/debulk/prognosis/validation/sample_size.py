"""How many patients an external validation needs, for intervals of a stated width."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.curves.limits import normal_width
from debulk.survival.options import check_kind, check_level, check_share, one_number

_NARROWEST, _WIDEST = 1e-12, 1e3
_MOST = 10**9
_NODES = 81
_STEPS = 2000


@dataclass(frozen=True, slots=True)
class SampleSize:
    """Patients that one precision asks for.

    Attributes
    ----------
    statistic : str
        What is to be estimated.
    n : int
        Patients, rounded up.
    events : float
        Events by the horizon that are expected to be seen among them.
    se : float
        Standard error with so many, on the scale named.
    width : float
        Width of the confidence interval with so many, on the natural scale.
    scale : str
        Scale of `se`.
    """

    statistic: str
    n: int
    events: float
    se: float
    width: float
    scale: str

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {name: plain(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class ValidationPopulation:
    """What is known of the patients to come.

    Attributes
    ----------
    risk : float
        Share with the event by the horizon.
    horizon : float
        In any unit.
    lost : float
        Share no longer followed at the horizon had nobody the event, at a constant rate; 0 for
        complete follow-up.
    predictor_sd : float
        Standard deviation of the linear predictor (log hazard ratio), taken for normal.
    """

    risk: float
    horizon: float = 1.0
    lost: float = 0.0
    predictor_sd: float = 0.8

    def __post_init__(self) -> None:
        check_share(self.risk, "risk", "Give the share with the event by the horizon, such as 0.3")
        if not one_number(self.horizon, "horizon") > 0.0:
            raise InputError("horizon", f"{self.horizon:g} is not above 0", "Give a time")
        if not 0.0 <= one_number(self.lost, "lost") < 1.0:
            raise InputError("lost", f"{self.lost:g} is not from 0 to below 1", "Give a share")
        if not one_number(self.predictor_sd, "predictor_sd") > 0.0:
            found = f"{self.predictor_sd:g} is not above 0"
            raise InputError("predictor_sd", found, "Give the predictor's standard deviation")

    @property
    def seen(self) -> float:
        """Share of patients in whom the event by the horizon is seen, censoring counted."""
        event, loss = self._rates
        both = event + loss
        return event / both * -math.expm1(-both)

    @property
    def _rates(self) -> tuple[float, float]:
        """Rates of event and loss per horizon."""
        return -math.log1p(-self.risk), -math.log1p(-self.lost)


def sample_size_observed_expected(
    population: ValidationPopulation,
    *,
    width: float = 0.22,
    conf_level: float = 0.95,
) -> SampleSize:
    """Patients for a precise ratio of observed to expected risk at the horizon.

    Parameters
    ----------
    population : ValidationPopulation
    width : float
        Wanted width of the interval of the ratio, which is taken for 1; 0.22 is 0.9 to 1.12.
    conf_level : float

    Returns
    -------
    SampleSize
        From Greenwood's variance of Kaplan and Meier's estimate with constant rates of event and
        loss; without loss ``(1 - risk) / (risk se^2)`` (Riley and others 2021, Stat Med, doi
        10.1002/sim.9025).

    Raises
    ------
    InputError
        On a width that is not above 0.
    """
    check_kind(population, ValidationPopulation, "population")
    se = _log_se(width, conf_level)
    event, loss = population._rates
    both = event + loss
    greenwood = event / both * math.expm1(both)
    unit = ((1.0 - population.risk) / population.risk) ** 2 * greenwood
    n = _rounded(unit / se**2)
    reached = math.sqrt(unit / n)
    return _sized("observed over expected risk", n, population, reached, conf_level, "log")


def sample_size_slope(
    population: ValidationPopulation,
    *,
    width: float = 0.4,
    conf_level: float = 0.95,
) -> SampleSize:
    """Patients for a precise calibration slope of a Cox model up to the horizon.

    Parameters
    ----------
    population : ValidationPopulation
    width : float
        Wanted width of the interval of the slope, which is taken for 1.
    conf_level : float

    Returns
    -------
    SampleSize
        From the expected information of the partial likelihood of one patient: constant baseline
        hazard that gives the population its risk, normal linear predictor, constant loss;
        integrated numerically. Riley and others 2022 (Stat Med 41:1280) simulate instead, for the
        slope at the horizon from pseudo-observations, which is another statistic.

    Raises
    ------
    InputError
        On a width that is not above 0.
    """
    check_kind(population, ValidationPopulation, "population")
    se = _positive(width, "width") / (2.0 * _normal(conf_level))
    unit = slope_information(population)
    n = _rounded(1.0 / (unit * se**2))
    reached = math.sqrt(1.0 / (unit * n))
    return _sized("calibration slope", n, population, reached, conf_level, "plain")


def slope_information(population: ValidationPopulation) -> float:
    """Expected information on the calibration slope that one patient brings by the horizon."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    predictor, share = population.predictor_sd * nodes, weights / weights.sum()
    ratio = np.exp(predictor)
    rate = _baseline_rate(population.risk, ratio, share)
    loss = population._rates[1]
    edges = np.linspace(0.0, 1.0, _STEPS + 1)
    middle = (edges[:-1] + edges[1:]) / 2.0
    at_risk = share * ratio * np.exp(-np.outer(middle, rate * ratio + loss))
    total = at_risk.sum(axis=1)
    mean = at_risk @ predictor / total
    spread = at_risk @ predictor**2 / total - mean**2
    return float((rate * total * spread).sum() / _STEPS)


def sample_size_concordance(
    population: ValidationPopulation,
    *,
    concordance: float,
    width: float = 0.1,
    conf_level: float = 0.95,
) -> SampleSize:
    """Patients for a precise area under the ROC curve at the horizon.

    Parameters
    ----------
    population : ValidationPopulation
    concordance : float
        Expected area, above 0.5 and below 1.
    width : float
        Wanted width of its interval.
    conf_level : float

    Returns
    -------
    SampleSize
        By Newcombe's formula (2006, Stat Med 25:559) as in Riley and others 2021, with the share
        of patients in whom the event is seen in place of the risk: patients lost before the
        horizon then count among the controls, which is an approximation.

    Raises
    ------
    InputError
        On a concordance that is not between 0.5 and 1, or a width that is not above 0.
    """
    check_kind(population, ValidationPopulation, "population")
    area = one_number(concordance, "concordance")
    if not 0.5 < area < 1.0:
        raise InputError("concordance", f"{area:g} is not between 0.5 and 1", "Give such as 0.7")
    wanted = _positive(width, "width") / (2.0 * _normal(conf_level))
    share = population.seen
    low, high = 2, _MOST
    while low < high:  # the standard error falls with n
        middle = (low + high) // 2
        if concordance_error(area, middle, share) <= wanted:
            high = middle
        else:
            low = middle + 1
    reached = concordance_error(area, low, share)
    if reached > wanted:
        raise _too_many()
    return _sized("area under the ROC curve", low, population, reached, conf_level, "plain")


def concordance_error(area: float, n: float, share: float) -> float:
    """Newcombe's standard error of an area from n patients, of whom a share has the event."""
    half = n / 2.0 - 1.0
    inner = 1.0 + half * (1.0 - area) / (2.0 - area) + half * area / (1.0 + area)
    return math.sqrt(area * (1.0 - area) * inner / (n * n * share * (1.0 - share)))


def sample_size_net_benefit(
    population: ValidationPopulation,
    *,
    threshold: float,
    sensitivity: float,
    specificity: float,
    width: float = 0.2,
    conf_level: float = 0.95,
) -> SampleSize:
    """Patients for a precise standardised net benefit at a threshold.

    Parameters
    ----------
    population : ValidationPopulation
        Its `lost` is allowed for by dividing by the share still followed or seen to have the
        event, an approximation.
    threshold : float
        Risk from which on one would act.
    sensitivity, specificity : float
        Expected at the threshold.
    width : float
        Wanted width of the interval of net benefit over risk.
    conf_level : float

    Returns
    -------
    SampleSize
        By the variance of Marsh, Janes and Pepe 2020 (Biometrics 76:843), as Riley and others 2021.

    Raises
    ------
    InputError
        On shares that are not between 0 and 1, or a width that is not above 0.
    """
    check_kind(population, ValidationPopulation, "population")
    for value, name in ((threshold, "threshold"), (sensitivity, "sensitivity")):
        check_share(value, name, "Give a share")
    check_share(specificity, "specificity", "Give a share")
    risk, wrong = population.risk, 1.0 - specificity
    odds = (1.0 - risk) / risk * threshold / (1.0 - threshold)
    unit = sensitivity * (1.0 - sensitivity) / risk
    unit += odds**2 * (specificity * wrong / (1.0 - risk) + wrong**2 / (risk * (1.0 - risk)))
    se = _positive(width, "width") / (2.0 * _normal(conf_level))
    known = population.seen + (1.0 - risk) * (1.0 - population.lost)
    n = _rounded(unit / se**2 / known)
    reached = math.sqrt(unit / (n * known))
    return _sized("standardised net benefit", n, population, reached, conf_level, "plain")


def _baseline_rate(risk: float, ratio: Any, share: Any) -> float:
    """Rate per horizon, at a predictor of 0, that gives the whole population its risk."""
    low, high = 0.0, 1.0
    while float(share @ -np.expm1(-high * ratio)) < risk:
        high *= 2.0
    for _ in range(200):
        middle = (low + high) / 2.0
        if float(share @ -np.expm1(-middle * ratio)) < risk:
            low = middle
        else:
            high = middle
    return high


def _log_se(width: float, conf_level: float) -> float:
    """Standard error of the log whose interval round 1 has the width on the natural scale."""
    half = _positive(width, "width") / 2.0
    return math.asinh(half) / _normal(conf_level)


def _positive(value: float, name: str) -> float:
    found = one_number(value, name)
    if not _NARROWEST <= found <= _WIDEST:
        wrong = "is not above 0" if found <= 0.0 else "is no width that a study could have"
        remedy = f"Give a width from {_NARROWEST:g} to {_WIDEST:g}"
        raise InputError(name, f"{found:g} {wrong}", remedy)
    return found


def _normal(conf_level: float) -> float:
    """Standard errors on each side of an estimate; above 0."""
    check_level(conf_level)
    found = normal_width(conf_level)
    if found <= 0.0:
        raise InputError("conf_level", f"{conf_level!r} leaves no interval", "Give 0.95")
    return found


def _rounded(n: float) -> int:
    if n > _MOST:
        raise _too_many()
    return max(2, math.ceil(n - 1e-9))


def _too_many() -> InputError:
    return InputError("width", "asks for more than a thousand million patients", "Widen it")


def _sized(
    statistic: str,
    n: int,
    population: ValidationPopulation,
    se: float,
    conf_level: float,
    scale: str,
) -> SampleSize:
    half = normal_width(conf_level) * se
    width = 2.0 * math.sinh(half) if scale == "log" else 2.0 * half
    return SampleSize(statistic, n, n * population.seen, se, width, scale)
