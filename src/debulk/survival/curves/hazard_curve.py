"""The cumulative hazard with its limits, and the survival it implies."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.curves.counts import Counts
from debulk.survival.curves.fit import read_counts
from debulk.survival.curves.limits import (
    ConfType,
    HazardConfType,
    hazard_limits,
)
from debulk.survival.curves.survival_curve import SurvivalCurve, curve_from
from debulk.survival.curves.variance import Estimator, hazard_terms, running_variance
from debulk.survival.options import check_level, check_word
from debulk.survival.subjects import Floats, moments

Ties = Literal["together", "one by one"]
Variance = Literal["aalen", "greenwood"]


@dataclass(frozen=True, eq=False)
class HazardCurve:
    """A cumulative hazard, a step function that is 0 before the first event.

    Attributes
    ----------
    time : array, shape (m,)
        Distinct times at which follow-up ends, rising, in the unit given.
    cumulative_hazard, std_error, lower, upper : array, shape (m,)
        The estimate just after each time, its standard error and pointwise limits; limits on the
        log scale are NaN where the hazard is still 0.
    at_risk, events : array, shape (m,)
        As in a SurvivalCurve.
    n, n_events : int
        Rows and events that went in, each counted once.
    conf_level : float
        Level of the limits.
    conf_type : {"log", "plain"}
        Scale on which the limits were made.
    ties : {"together", "one by one"}
        How events at the same time were counted.
    variance : {"aalen", "greenwood", "jackknife"}
        Where the standard error comes from.
    """

    time: Floats
    cumulative_hazard: Floats
    std_error: Floats
    n: int
    n_events: int
    conf_level: float
    conf_type: HazardConfType
    ties: Ties
    variance: Literal["aalen", "greenwood", "jackknife"]
    _counts: Counts = field(repr=False)

    @cached_property
    def at_risk(self) -> Floats:
        """Weight at risk at each time."""
        return self._counts.at_risk.astype(np.float64)

    @cached_property
    def events(self) -> Floats:
        """Weight of the events at each time."""
        return self._counts.events.astype(np.float64)

    @property
    def lower(self) -> Floats:
        """Lower pointwise limits."""
        return self._limits[0]

    @property
    def upper(self) -> Floats:
        """Upper pointwise limits."""
        return self._limits[1]

    def at(self, times: npt.ArrayLike) -> Floats:
        """Cumulative hazard at `times`; 0 before the first, NaN beyond the last follow-up."""
        wanted = moments(times)
        steps = np.concatenate(([0.0], self.cumulative_hazard))
        found = steps[np.searchsorted(self.time, wanted, side="right")]
        result: Floats = np.where(wanted <= self.time[-1], found, np.nan)
        return result

    def survival(self, conf_type: ConfType = "log-log") -> SurvivalCurve:
        """The survival this hazard implies, exp(-H).

        With ties "together" Breslow's estimate (Breslow 1972, J R Stat Soc B 34:216), with "one
        by one" Fleming and Harrington's (1984). The standard error of log survival is that of the
        hazard by Aalen's variance, or the jackknife's.

        Parameters
        ----------
        conf_type : {"log-log", "log", "plain", "logit", "arcsin"}
            Scale of the limits.

        Returns
        -------
        SurvivalCurve

        Raises
        ------
        InputError
            On an unknown `conf_type`.
        """
        check_word(conf_type, ConfType, "conf_type")
        return curve_from(self._counts, self.conf_level, conf_type, _ESTIMATORS[self.ties])

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON; not defined is None."""
        names = ("time", "cumulative_hazard", "std_error", "lower", "upper", "at_risk", "events")
        single = ("n", "n_events", "conf_level", "conf_type", "ties", "variance")
        return {name: plain(getattr(self, name)) for name in names + single}

    @cached_property
    def _limits(self) -> tuple[Floats, Floats]:
        return hazard_limits(
            self.cumulative_hazard, self.std_error, self.conf_level, self.conf_type
        )


_ESTIMATORS: dict[Ties, Estimator] = {
    "together": "nelson-aalen",
    "one by one": "fleming-harrington",
}


def nelson_aalen(
    time: Any,
    event: Any,
    *,
    entry: Any = None,
    weights: Any = None,
    cluster: Any = None,
    robust: bool | None = None,
    ties: Ties = "together",
    variance: Variance = "aalen",
    conf_level: float = 0.95,
    conf_type: HazardConfType = "log",
) -> HazardCurve:
    """Estimate the cumulative hazard (Nelson 1972, Technometrics 14:945; Aalen 1978).

    Parameters
    ----------
    time, event, entry, weights, cluster, robust : array-like, shape (n,)
        As for `kaplan_meier`.
    ties : {"together", "one by one"}
        Whether D events at one time with Y at risk add D / Y, or 1 / Y + 1 / (Y - 1) + ... as if
        one came after another (Fleming and Harrington 1984, Commun Stat Theory Methods 13:2469).
    variance : {"aalen", "greenwood"}
        "aalen" adds D / Y**2 at each time (Aalen 1978, Ann Stat 6:534), "greenwood" the smaller
        D (Y - D) / Y**3, which takes the events as binomial (Andersen, Borgan, Gill and Keiding
        1993, section IV.1). The jackknife replaces both where `robust` holds.
    conf_level : float
        Level of the pointwise limits, strictly between 0 and 1.
    conf_type : {"log", "plain"}
        Scale of the limits.

    Returns
    -------
    HazardCurve

    Raises
    ------
    InputError
        On arrays that do not fit, with row and value; on unknown words; on the variance
        "greenwood" with ties "one by one", for which it is not defined.
    """
    check_level(conf_level)
    check_word(conf_type, HazardConfType, "conf_type")
    check_word(ties, Ties, "ties")
    check_word(variance, Variance, "variance")
    if variance == "greenwood" and ties == "one by one":
        raise InputError(
            "variance", "'greenwood' does not go with ties 'one by one'", "Give 'aalen'"
        )
    counts = read_counts(time, event, entry, weights, cluster, robust)
    estimator = _ESTIMATORS[ties]
    if variance == "greenwood" and not counts.robust:
        at_risk, events = counts.at_risk.astype(np.float64), counts.events.astype(np.float64)
        spread = np.cumsum(events * (at_risk - events) / at_risk**3)
    else:
        spread = running_variance(counts, estimator)
    return HazardCurve(
        time=counts.times,
        cumulative_hazard=np.cumsum(hazard_terms(counts, estimator)),
        std_error=np.sqrt(spread),
        n=counts.n,
        n_events=counts.n_events,
        conf_level=conf_level,
        conf_type=conf_type,
        ties=ties,
        variance="jackknife" if counts.robust else variance,
        _counts=counts,
    )
