"""The curve of cumulative incidence of one cause in one group."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.core.results import Estimate, plain
from debulk.survival.competing.aalen import CauseTable, aalen_area_variance
from debulk.survival.competing.causes import CompetingSubjects
from debulk.survival.curves.limits import normal_width
from debulk.survival.limits import Scale, limits_of
from debulk.survival.multistate.estimate import Occupation, restricted_times
from debulk.survival.options import one_number
from debulk.survival.subjects import Floats, moments

Variance = Literal["aalen", "jackknife"]


@dataclass(frozen=True, eq=False)
class IncidenceCurve:
    """Cumulative incidence of one cause, all others competing (Aalen-Johansen).

    Attributes
    ----------
    cause : int or str
        The cause.
    group : str
        The group; "all" where none was given.
    time : array, shape (m,)
        Distinct times at which the group's follow-up ends, rising, in the unit given.
    incidence, std_error : array, shape (m,)
        Probability of having left for this cause by each time, and its standard error.
    lower, upper : array, shape (m,)
        Pointwise limits; NaN where the scale is not defined (log: where the incidence is 0).
    at_risk, events : array, shape (m,)
        At risk (entry < t <= time), and events of this cause; weighted where weights are.
    n, n_events : int
        Subjects and events of this cause in the group, each counted once.
    conf_level : float
        Level of the limits.
    conf_type : {"log", "log-log", "plain"}
        Scale on which the limits were made.
    variance : {"aalen", "jackknife"}
        How the standard errors were made.
    """

    cause: Any
    group: str
    time: Floats
    incidence: Floats
    std_error: Floats
    lower: Floats
    upper: Floats
    at_risk: Floats
    events: Floats
    n: int
    n_events: int
    conf_level: float
    conf_type: Scale
    variance: Variance
    _subjects: CompetingSubjects = field(repr=False)
    _table: CauseTable = field(repr=False)
    _occupation: Occupation | None = field(repr=False)
    _position: int = field(repr=False)

    def at(self, times: npt.ArrayLike) -> Floats:
        """Incidence at `times`; 0 before the first time, NaN beyond the last follow-up."""
        return self._step(self.incidence, times)

    def std_error_at(self, times: npt.ArrayLike) -> Floats:
        """Standard error at `times`; 0 before the first time, NaN beyond the last follow-up."""
        return self._step(self.std_error, times)

    def limits_at(self, times: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Lower and upper limits at `times`, where the curve itself is defined."""
        return limits_of(self.at(times), self.std_error_at(times), self.conf_level, self.conf_type)

    def at_risk_at(self, times: npt.ArrayLike) -> Floats:
        """Subjects (weighted where weights are) still followed at `times`, as under a figure."""
        asked = moments(times)
        wanted = asked.reshape(-1)
        subjects = self._subjects
        load = np.ones(subjects.n) if subjects.weights is None else subjects.weights
        present = subjects.time[None, :] >= wanted[:, None]
        if subjects.entry is not None:
            present &= subjects.entry[None, :] < np.maximum(wanted, 1e-300)[:, None]
        result: Floats = (present @ load).reshape(asked.shape)
        return result

    def rmtl(self, tau: float) -> Estimate:
        """Restricted mean time lost to this cause: the area under the curve from 0 to `tau`.

        Parameters
        ----------
        tau : float
            Horizon, above 0 and not beyond the last follow-up.

        Returns
        -------
        Estimate
            Standard error by the curve's own kind of variance; normal interval (Andersen 2013,
            Stat Med 32:5278).

        Raises
        ------
        InputError
            If `tau` is not above 0 or lies beyond the last follow-up.
        """
        last = float(self.time[-1])
        horizon = one_number(tau, "tau")
        if not 0.0 < horizon <= last:
            reason = f"{horizon:g} is not above 0 and up to the last follow-up, {last:g}"
            raise InputError("tau", reason, f"Give a horizon up to {last:g}")
        inside = self.time < horizon
        gaps = np.diff(np.append(self.time[inside], horizon))
        area = float(self.incidence[inside] @ gaps)
        if self._occupation is None:
            se = float(np.sqrt(aalen_area_variance(self._table, self._position, horizon)))
        else:
            se = float(restricted_times(self._occupation, 0.0, horizon)[1][self._position + 1])
        z = normal_width(self.conf_level)
        return Estimate(
            estimand=f"restricted mean time lost to cause {self.cause} up to {horizon:g}",
            estimate=area,
            se=se,
            lower=area - z * se,
            upper=area + z * se,
            conf_level=self.conf_level,
            n=self.n,
            events=self.n_events,
            note=f"Area under the cumulative incidence; {self.variance} variance, normal interval.",
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON; not defined is None."""
        arrays = ("time", "incidence", "std_error", "lower", "upper", "at_risk", "events")
        single = ("cause", "group", "n", "n_events", "conf_level", "conf_type", "variance")
        return {name: plain(getattr(self, name)) for name in arrays + single}

    def _step(self, values: Floats, times: npt.ArrayLike) -> Floats:
        wanted = moments(times)
        steps = np.concatenate(([0.0], values))
        found = steps[np.searchsorted(self.time, wanted, side="right")]
        result: Floats = np.where(wanted <= self.time[-1], found, np.nan)
        return result
