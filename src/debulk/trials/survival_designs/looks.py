"""The table of looks, and what is expected over all of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from debulk.trials.survival_designs.assumptions import Accrual
from debulk.trials.survival_designs.event_probabilities import Floats
from debulk.trials.survival_designs.model import Model
from debulk.trials.survival_designs.stopping import Crossing
from debulk.trials.survival_designs.trial_design import Expected, Look
from debulk.trials.tables import Rows

_LARGEST_LOG = 700.0
"""Of a hazard ratio; beyond, it is no number any more."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Looks with their probabilities.

    Attributes
    ----------
    looks : rows of Look
    power : float
    null, alternative : Expected
        Means over the looks at which the trial may stop.
    """

    looks: Rows[Look]
    power: float
    null: Expected
    alternative: Expected


def outlook(model: Model, accrual: Accrual, months: Floats, events: Floats) -> Outlook:
    """What is expected at looks with so many events at these months.

    Parameters
    ----------
    model : Model
        With the boundaries of these looks.
    accrual : Accrual
        With absolute rates.
    months, events : array, shape (k,)
        Of the looks, under the design's hazard ratio.
    """
    alternative = model.stopping.crossing(model.means(accrual, months, events))
    null = model.stopping.crossing(np.zeros(len(months)))
    months_null = model.null.month_of(accrual, events)
    rows = zip(events.tolist(), months.tolist(), months_null.tolist(), strict=True)
    looks = Rows(_look(model, accrual, at, k, null, alternative) for k, at in enumerate(rows))
    return Outlook(
        looks,
        float(alternative.efficacy.sum()),
        _expected(null, accrual, months_null, events),
        _expected(alternative, accrual, months, events),
    )


def ratio_at(z: float, events: float, model: Model) -> float:
    """Estimated hazard ratio at which the log-rank Z takes a value.

    Parameters
    ----------
    z : float
        Z > 0 means benefit.
    events : float
        In both arms.
    model : Model
        Gives null ratio and allocation.
    """
    r = model.allocation
    exponent = -z * (1.0 + r) / math.sqrt(events * r)
    return model.null_ratio * math.exp(exponent) if exponent < _LARGEST_LOG else math.inf


def _look(
    model: Model,
    accrual: Accrual,
    at: tuple[float, float, float],
    k: int,
    null: Crossing,
    alternative: Crossing,
) -> Look:
    """One row of the table; `at` holds events, month and the month under the null hypothesis."""
    events, month, month_null = at
    stopping = model.stopping
    upper, futility, harm = (
        _finite(bound[k]) for bound in (stopping.upper, stopping.futility, stopping.harm)
    )
    return Look(
        information=float(stopping.information[k]),
        events=events,
        month=month,
        patients=accrual.entered_by(month),
        efficacy_z=upper,
        futility_z=futility,
        harm_z=harm,
        critical_hazard_ratio=None if upper is None else _finite(ratio_at(upper, events, model)),
        futility_hazard_ratio=None
        if futility is None
        else _finite(ratio_at(futility, events, model)),
        efficacy_null=float(null.efficacy[k]),
        efficacy_alternative=float(alternative.efficacy[k]),
        futility_null=float(null.futility[k]),
        futility_alternative=float(alternative.futility[k]),
        opposite_null=float(null.opposite[k]),
        opposite_alternative=float(alternative.opposite[k]),
        month_null=_finite(month_null),
    )


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _expected(stop: Crossing, accrual: Accrual, months: Floats, events: Floats) -> Expected:
    """Means over the look that ends the trial; the last takes all that is left."""
    chance = stop.efficacy + stop.futility + stop.opposite
    chance[-1] = 1.0 - chance[:-1].sum()
    unknown = bool(np.any(np.isnan(months)))
    patients = np.array([accrual.entered_by(float(month)) for month in months])
    return Expected(
        float(chance @ events),
        None if unknown else float(chance @ patients),
        None if unknown else float(chance @ months),
    )
