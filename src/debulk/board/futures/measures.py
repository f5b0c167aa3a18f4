"""What is measured of the virtual patients: curves, medians, months of life, the price."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.board.futures.alike import Alike
from debulk.board.futures.options import Followed
from debulk.board.futures.spread import INTERVAL, Interval, Spread, spread_of
from debulk.board.settings import HORIZON_MONTHS
from debulk.core.results import plain

Floats = npt.NDArray[np.float64]

MONTHS = np.arange(HORIZON_MONTHS + 1, dtype=np.float64)
"""Times of a curve: every month."""

SHOWN_MONTHS = 60
"""Last month of the curves that are shown."""

YEARS = (1, 2, 3, 5)
"""Years at which the living are counted."""

ICON_YEARS = (2, 5)
"""Years of the icon arrays."""

MIDDLE = (0.1, 0.9)
"""Quantiles of the middle 80 of 100 patients."""


@dataclass(frozen=True)
class Curve:
    """Share of virtual patients without an event, every month, by parameter draw."""

    spread: Spread

    def at(self, month: int) -> Interval:
        """Share without an event at a month, of 100."""
        lower, upper = (each[month] for each in self.spread.limits())
        se = self.spread.monte_carlo_se[month]
        values = (100.0 * float(x) for x in (self.spread.mean[month], lower, upper, se))
        return Interval(*values).cut(0.0, 100.0)

    def median(self) -> Interval:
        """Month by which half have had the event; limits over the draws."""
        return Interval(
            float(_median(self.spread.mean[None, :])[0]), *_limits(_median(self.spread.uncertain))
        )

    def to_dict(self) -> dict[str, Any]:
        """The curve up to `SHOWN_MONTHS`."""
        lower, upper = self.spread.limits()
        stop = SHOWN_MONTHS + 1
        return {
            "months": plain(MONTHS[:stop]),
            **{
                name: plain(np.clip(values[:stop], 0.0, 1.0))
                for name, values in (
                    ("estimate", self.spread.mean),
                    ("lower", lower),
                    ("upper", upper),
                )
            },
        }


def curve_of(event_months: Floats, who: Alike) -> Curve:
    """Curve of the time to an event."""
    return Curve(spread_of(event_months[:, None] > MONTHS[None, :], who))


def curves_apart(there: Floats, here: Floats, who: Alike) -> Spread:
    """Difference of two curves of the time to an event in the same virtual patients."""
    return spread_of((there[:, None] > MONTHS).astype(np.int8) - (here[:, None] > MONTHS), who)


def median_difference(base: Curve, difference: Spread) -> Interval:
    """Difference of the medians of two curves, from one of them and the difference between them."""
    here = base.spread.true
    apart = _apart(_median(here + difference.true), _median(here))
    start = base.spread.mean[None, :]
    centre = _apart(_median(start + difference.mean[None, :]), _median(start))
    return Interval(float(centre[0]), *_limits(apart))


def months_lived(event_months: Floats, horizon_months: float) -> Floats:
    """Months up to an event or a horizon, whichever comes first."""
    return np.minimum(event_months, horizon_months)


def middle(event_months: Floats, who: Alike) -> tuple[float, float]:
    """Months between which the middle 80 of 100 virtual patients have the event."""
    order = np.argsort(event_months, kind="stable")
    share = np.cumsum(who.weight[order])
    rows = np.minimum(np.searchsorted(share, np.array(MIDDLE) * share[-1]), order.size - 1)
    low, high = event_months[order][rows]
    return float(low), float(high)


@dataclass(frozen=True)
class Price:
    """What local treatment costs those who get it; of 100 of them, and days of each.

    Attributes
    ----------
    treated : Interval
        Of 100 virtual patients, who get it.
    died, complication, not_resumed : Interval
        Of 100 treated: dead within 90 days; a complication of grade 3 to 5, death included;
        systemic therapy not taken up again.
    pause_days : Interval or None
        Days by which it interrupts systemic therapy in those who take it up again; None where
        nobody does.
    days_off : Interval
        Days without the systemic therapy that was planned, up to progression, of all treated and
        less those of the same patients under systemic therapy alone: those who never resume and
        live long weigh much.
    """

    treated: Interval
    died: Interval
    complication: Interval
    not_resumed: Interval
    pause_days: Interval | None
    days_off: Interval

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, ready for JSON."""
        return {
            "treated_of_100": self.treated.to_dict(),
            "died_90_days_of_100_treated": self.died.to_dict(),
            "complication_of_100_treated": self.complication.to_dict(),
            "not_resumed_of_100_treated": self.not_resumed.to_dict(),
            "pause_days": plain(self.pause_days),
            "days_off_systemic": self.days_off.to_dict(),
        }


def price_of(option: Followed, base: Followed, who: Alike) -> Price | None:
    """The price of local treatment; None where no virtual patient got it."""
    if not option.treated.any():
        return None
    among = option.treated.astype(np.float64)
    resumed = among * ~option.not_resumed

    def of_treated(flag: npt.NDArray[np.bool_]) -> Interval:
        return spread_of(100.0 * flag, who, among).interval().cut(0.0, 100.0)

    return Price(
        treated=of_100(option.treated, who),
        died=of_treated(option.died_within_90_days),
        complication=of_treated(option.major_complication),
        not_resumed=of_treated(option.not_resumed),
        pause_days=spread_of(option.pause_days, who, resumed).interval() if resumed.any() else None,
        days_off=spread_of(option.days_off - base.days_off, who, among).interval(),
    )


def of_100(flag: npt.NDArray[np.bool_], who: Alike) -> Interval:
    """Of 100 virtual patients, those with a flag."""
    return spread_of(100.0 * flag, who).interval().cut(0.0, 100.0)


def _median(survival: Floats) -> Floats:
    """Month at which each row falls to one half, straight between months; infinite where never."""
    falling = np.minimum.accumulate(np.clip(survival, 0.0, 1.0), axis=1)
    below = falling <= 0.5
    first = below.argmax(axis=1)
    rows = np.arange(survival.shape[0])
    before = np.maximum(first - 1, 0)
    high, low = falling[rows, before], falling[rows, first]
    part = np.divide(high - 0.5, high - low, out=np.zeros(rows.size), where=high > low)
    return np.where(below.any(axis=1), before + part, np.inf)


def _apart(there: Floats, here: Floats) -> Floats:
    """Difference of medians; NaN where neither is reached."""
    told = np.isfinite(there) | np.isfinite(here)
    apart = np.full(there.shape, np.nan)
    apart[told] = there[told] - here[told]
    return apart


def _limits(medians: Floats) -> tuple[float, float]:
    """Limits over the draws; a median that is not reached counts as the longest.

    A difference of two that are not reached is left out; NaN where nothing is left.
    """
    known = np.nan_to_num(medians[~np.isnan(medians)], posinf=_FAR, neginf=-_FAR)
    if not known.size:
        return float("nan"), float("nan")
    lower, upper = np.quantile(known, INTERVAL, method="nearest")
    return _or_infinite(float(lower)), _or_infinite(float(upper))


_FAR = 1e9


def _or_infinite(value: float) -> float:
    return math.copysign(math.inf, value) if abs(value) >= _FAR else value
