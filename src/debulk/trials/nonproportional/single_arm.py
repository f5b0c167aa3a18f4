"""Single-arm survival trials planned for the one-sample log-rank test."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

import numpy as np
from scipy.special import ndtr

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.options import check_word, one_number
from debulk.survival.subjects import Floats
from debulk.trials.nonproportional.alternative import Alternative
from debulk.trials.nonproportional.enrolment import Enrolment, enrolment_of, most_patients
from debulk.trials.nonproportional.follow_up import grid_between
from debulk.trials.nonproportional.pieces import Pieces, read_pieces
from debulk.trials.nonproportional.requests import (
    patients_for,
    read_follow_up,
    read_request,
    whole_patients,
)

Variance = Literal["average", "expected"]

_SOURCE = "Wu (2015), Pharmaceutical Statistics"
_PANELS = 48
_GRADED = 60  # halvings towards 0, where a Weibull hazard may be steep


@dataclass(frozen=True)
class WeibullControl:
    """Survival 0.5 ^ ((t / median) ^ shape), as of an earlier trial.

    Attributes
    ----------
    shape : float
        Above 1 the hazard rises, below 1 it falls; from 0.1 to 20.
    median_months : float

    Raises
    ------
    InputError
        If either is out of range.
    """

    shape: float
    median_months: float

    def __post_init__(self) -> None:
        shape = one_number(self.shape, "shape")
        median = one_number(self.median_months, "median_months")
        if not 0.1 <= shape <= 20:
            raise InputError("shape", f"{shape:g} is out of range", "Give a shape from 0.1 to 20")
        if not 1e-6 <= median <= 1e6:
            raise InputError("median_months", f"{median:g} is out of range", "Give months above 0")

    def cumulative(self, months: Floats) -> Floats:
        """Cumulative hazard."""
        found: Floats = math.log(2.0) * (months / self.median_months) ** self.shape
        return found

    def at(self, months: Floats) -> Floats:
        """Hazard at times above 0."""
        found: Floats = self.cumulative(months) * self.shape / months
        return found


@dataclass(frozen=True)
class SingleArmDesign:
    """A single-arm trial planned for the one-sample log-rank test.

    Attributes
    ----------
    test : str
    patients, events : float
        As solved, not rounded; events expected under the alternative.
    expected_events : float
        Events that the control curve lets expect in these patients (E of the test).
    power : float
        Probability to find benefit.
    alpha : float
        Total at `sided`.
    sided : int
    critical_z, expected_z : float
        Bound and mean of Z, above 0 for benefit.
    accrual_months, follow_up_months, duration_months : float
    details : mapping
        `variance`: that of the test; `spread_ratio`: true over estimated standard deviation.
    source : str
        Whose formula.
    """

    test: str
    patients: float
    events: float
    expected_events: float
    power: float
    alpha: float
    sided: int
    critical_z: float
    expected_z: float
    accrual_months: float
    follow_up_months: float
    duration_months: float
    details: Mapping[str, Any]
    source: str
    _again: Callable[..., SingleArmDesign] = field(repr=False, compare=False)

    def rounded(self) -> SingleArmDesign:
        """The design with the next whole number of patients, and the power that it gives."""
        return self._again(patients=whole_patients(self.patients))

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        del own["_again"]
        return plain(own)  # type: ignore[no-any-return]


def one_sample_logrank_design(
    *,
    hazard_ratio: Any,
    median_control: float | None = None,
    hazard_control: Any = None,
    accrual: Any,
    dropout: float = 0.0,
    variance: Variance = "average",
    alpha: float = 0.025,
    sided: int = 1,
    power: float | None = None,
    patients: float | None = None,
    follow_up: float,
) -> SingleArmDesign:
    """Plan a single-arm trial against a survival curve that is taken as known.

    Parameters
    ----------
    hazard_ratio : float or pieces
        Trial's patients / control curve: one number or ((start month, ratio), ...).
    median_control : float, optional
        Median of the control curve in months, its hazard constant.
    hazard_control : float, pieces or WeibullControl, optional
        Its hazard per month. Give this or `median_control`.
    accrual : float or pieces
        Months of uniform accrual, or ((start month, patients per month), ...).
    dropout : float
        Probability of being lost within 12 months (exponential).
    variance : {"average", "expected"}
        As in `debulk.survival.one_sample_logrank`: "average" divides by (O + E) / 2 (Wu 2015),
        "expected" by E (Finkelstein, Muzikansky and Schoenfeld 2003).
    alpha : float
        Total at `sided`.
    sided : {1, 2}
    power, patients : float
        The power wanted, or the patients there are.
    follow_up : float
        Months from the last patient's entry to the analysis.

    Returns
    -------
    SingleArmDesign

    Raises
    ------
    InputError
        On values out of range, a ratio without benefit, or a power that is not reached.

    Notes
    -----
    Wu (2015), Pharmaceutical Statistics: the exact variance s_1^2 of E - O under the alternative,
    with the limit s^2 of what the test divides by: power is Phi((sqrt(n) mean - z s) / s_1). With
    "expected", E varies in the divisor too, and s_1 is the spread of E - O - z sqrt(E).
    """
    check_word(variance, Variance, "variance")
    request = read_request(alpha, sided, power, patients)
    after = read_follow_up(follow_up)
    control, ratio, rest = _read(hazard_ratio, median_control, hazard_control, accrual, dropout)
    loss = rest.dropout_rates[0]
    pieces = rest.accrual_pieces
    fixed = isinstance(pieces, float)

    @functools.lru_cache(maxsize=4)
    def moments(n: float) -> _Moments:
        return _Moments(control, ratio, loss, enrolment_of(pieces, n), after, variance)

    def expected_z(n: float) -> float:
        found = moments(2.0 if fixed else n)
        return math.sqrt(n) * found.mean / found.estimated

    def power_at(n: float) -> float:
        found = moments(2.0 if fixed else n)
        above = expected_z(n) - request.critical_z
        return float(ndtr(above * found.estimated / found.spread(n, request.critical_z)))

    n = patients_for(request, power_at, expected_z, most_patients(pieces))
    found = moments(2.0 if fixed else n)
    months = enrolment_of(pieces, n).months
    again = functools.partial(
        one_sample_logrank_design,
        hazard_ratio=hazard_ratio,
        median_control=median_control,
        hazard_control=hazard_control,
        accrual=accrual,
        dropout=dropout,
        variance=variance,
        alpha=alpha,
        sided=sided,
        follow_up=follow_up,
    )
    return SingleArmDesign(
        test="one-sample log-rank",
        patients=n,
        events=n * found.events,
        expected_events=n * found.awaited,
        power=power_at(n),
        alpha=request.alpha,
        sided=request.sided,
        critical_z=request.critical_z,
        expected_z=expected_z(n),
        accrual_months=months,
        follow_up_months=after,
        duration_months=months + after,
        details={
            "variance": variance,
            "spread_ratio": found.spread(n, request.critical_z) / found.estimated,
        },
        source=_SOURCE,
        _again=again,
    )


def _read(
    hazard_ratio: Any, median_control: Any, hazard_control: Any, accrual: Any, dropout: Any
) -> tuple[Pieces | WeibullControl, Pieces, Alternative]:
    """Control curve, ratio, and accrual with drop-out as two-arm trials read them."""
    if isinstance(dropout, list | tuple | np.ndarray):
        raise InputError("dropout", "is more than one number", "Give one: there is one arm")
    ratio = read_pieces(hazard_ratio, "hazard_ratio")
    if all(value == 1 for value in ratio.values):
        remedy = "Give the ratio that is hoped for, as 0.7"
        raise InputError("hazard_ratio", "is 1 throughout: there is no effect to find", remedy)
    curve = hazard_control
    if isinstance(curve, WeibullControl) and median_control is not None:
        found = "are both given"
        raise InputError("median_control and hazard_control", found, "Give one of them")
    plain_curve = 1.0 if isinstance(curve, WeibullControl) else curve
    rest = Alternative(
        hazard_ratio=hazard_ratio,
        median_control=median_control,
        hazard_control=plain_curve,
        accrual=accrual,
        dropout=dropout,
    )
    control = curve if isinstance(curve, WeibullControl) else rest.hazards[0].control
    return control, ratio, rest


class _Moments:
    """Of expected less observed events, per patient."""

    def __init__(
        self,
        control: Pieces | WeibullControl,
        ratio: Pieces,
        loss: float,
        enrolment: Enrolment,
        follow_up: float,
        variance: Variance,
    ) -> None:
        month = enrolment.months + follow_up
        grid = grid_between(_edges(control, ratio, enrolment, month))
        times, weights = grid.times, grid.weights
        awaited = control.cumulative(times)
        hazard = control.at(times)
        lived = np.exp(-_with_ratio(control, ratio, times))
        at_risk = lived * np.exp(-loss * times) * enrolment.share_by(month - times)
        rate = ratio.at(times)
        self.events = float(rate * hazard * at_risk @ weights)
        self.awaited = float(hazard * at_risk @ weights)
        if not self.awaited > 0:
            found = f"no event is expected by month {month:g}"
            raise InputError("hazard_control", found, "Follow longer")
        self.mean = self.awaited - self.events
        both = float(awaited * (1.0 - rate) * hazard * at_risk @ weights)
        self.true = math.sqrt(self.events + 2.0 * both - self.mean**2)
        per = self.awaited if variance == "expected" else 0.5 * (self.events + self.awaited)
        self.estimated = math.sqrt(per)
        square = 2.0 * float(awaited * hazard * at_risk @ weights)
        joint = float(awaited * rate * hazard * at_risk @ weights)
        self.expected_varies = variance == "expected"
        self.with_expected = square - joint - self.mean * self.awaited
        self.of_expected = square - self.awaited**2

    def spread(self, patients: float, bound: float) -> float:
        """Standard deviation of E - O under the alternative; with E in the divisor, near the bound.

        E - O is at least z sqrt(E) there, and both sides vary together.
        """
        if not self.expected_varies:
            return self.true
        pull = 0.5 * bound / (self.estimated * math.sqrt(patients))
        both = 2.0 * pull * self.with_expected - pull * pull * self.of_expected
        return math.sqrt(self.true**2 - both)


def _with_ratio(control: Pieces | WeibullControl, ratio: Pieces, times: Floats) -> Floats:
    """Cumulative hazard of the trial's patients."""
    total = np.zeros_like(times)
    ends = (*ratio.starts[1:], math.inf)
    for start, end, value in zip(ratio.starts, ends, ratio.values, strict=True):
        low, high = np.clip(times, 0.0, start), np.clip(times, 0.0, end)
        passed = np.where(times > start, control.cumulative(high) - control.cumulative(low), 0.0)
        total += value * passed
    return total


def _edges(
    control: Pieces | WeibullControl, ratio: Pieces, enrolment: Enrolment, month: float
) -> Floats:
    """Ends of panels: every break, even steps, and steps towards 0 for a steep curve."""
    end = month - enrolment.first()
    breaks = [*ratio.starts, *(month - each for each in enrolment.breaks())]
    if isinstance(control, Pieces):
        breaks += control.starts
    graded = end * 0.5 ** np.arange(1, _GRADED)
    inner = np.concatenate((breaks, graded, np.linspace(0.0, end, _PANELS + 1)))
    marks = np.unique(inner[(inner > 0.0) & (inner < end)])
    return np.concatenate(([0.0], marks, [end]))
