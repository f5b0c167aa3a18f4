"""Trials planned for differences of survival curves: restricted mean, and a milestone."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from debulk.core.errors import InputError
from debulk.survival.options import check_word, one_number
from debulk.survival.subjects import Floats
from debulk.trials.nonproportional.alternative import Alternative
from debulk.trials.nonproportional.contrasts import (
    Contrast,
    area_contrast,
    milestone_contrast,
)
from debulk.trials.nonproportional.designs import NonproportionalDesign
from debulk.trials.nonproportional.enrolment import enrolment_of, most_patients
from debulk.trials.nonproportional.follow_up import FollowUp, follow
from debulk.trials.nonproportional.looks import (
    assembled,
    check_alternative,
    expected_looks,
)
from debulk.trials.nonproportional.requests import (
    Request,
    patients_for,
    read_follow_up,
    read_request,
)
from debulk.trials.nonproportional.sequential import read_bounds

Scale = Literal["plain", "log-log"]

_GONE = 1e-12


def rmst_design(
    alternative: Alternative,
    *,
    tau: float,
    alpha: float = 0.025,
    sided: int = 1,
    power: float | None = None,
    patients: float | None = None,
    follow_up: float,
) -> NonproportionalDesign:
    """Plan a trial for the difference in restricted mean survival time.

    Parameters
    ----------
    alternative : Alternative
        Hazards, accrual and drop-out. With strata, curves are those of all patients together.
    tau : float
        Horizon in months since randomisation, above 0 and below accrual and follow-up together.
    alpha : float
        Total at `sided`.
    sided : {1, 2}
    power, patients : float
        The power wanted, or the patients there are (both arms).
    follow_up : float
        Months from the last patient's entry to the analysis.

    Returns
    -------
    NonproportionalDesign
        `details`: `tau_months`, `rmst_control`, `rmst_experimental`, `difference`, `std_error`
        (as the test estimates it), `true_std_error`.

    Raises
    ------
    InputError
        On values out of range, a horizon that nobody is followed to, an alternative without
        benefit by then, or a power that is not reached.

    Notes
    -----
    The variance of an arm's area is the integral of (area from t to tau)^2 h(t) / (n y(t)), with y
    the share at risk after accrual and drop-out: what the variance of Royston and Parmar (2013,
    BMC Medical Research Methodology) estimates. Power takes the true spread near the bound, which
    is smaller where strata are balanced between the arms.
    """
    check_alternative(alternative, effect=True)
    horizon = _read_time(tau, "tau")
    request = read_request(alpha, sided, power, patients)

    again = functools.partial(
        rmst_design, alternative, tau=tau, alpha=alpha, sided=sided, follow_up=follow_up
    )
    after = read_follow_up(follow_up)
    task = _Task(alternative, request, horizon, "tau", after, area_contrast)
    return _planned(
        task,
        again,
        "restricted mean survival time",
        ("tau_months", "rmst_control", "rmst_experimental"),
        "Royston and Parmar (2013), BMC Medical Research Methodology",
    )


def milestone_design(
    alternative: Alternative,
    *,
    at: float,
    scale: Scale = "plain",
    alpha: float = 0.025,
    sided: int = 1,
    power: float | None = None,
    patients: float | None = None,
    follow_up: float,
) -> NonproportionalDesign:
    """Plan a trial for the difference in survival at one time.

    Parameters
    ----------
    alternative : Alternative
        Hazards, accrual and drop-out. With strata, curves are those of all patients together.
    at : float
        Months since randomisation, above 0 and below accrual and follow-up together.
    scale : {"plain", "log-log"}
        Scale of the difference, as in `debulk.survival.milestone_difference`.
    alpha : float
        Total at `sided`.
    sided : {1, 2}
    power, patients : float
        The power wanted, or the patients there are (both arms).
    follow_up : float
        Months from the last patient's entry to the analysis.

    Returns
    -------
    NonproportionalDesign
        `details`: `at_months`, `survival_control`, `survival_experimental`, `difference` (on the
        scale, above 0 for benefit), `std_error` (as the test estimates it), `true_std_error`.

    Raises
    ------
    InputError
        On values out of range, a time that nobody is followed to, an alternative without benefit
        then, or a power that is not reached.

    Notes
    -----
    Greenwood's variance in the limit: S^2 times the integral of h(t) / (n y(t)) up to the time. The
    two scales are those of Klein, Logan, Harhoff and Andersen (2007, Statistics in Medicine). Power
    takes the true spread near the bound.
    """
    check_alternative(alternative, effect=True)
    check_word(scale, Scale, "scale")
    moment = _read_time(at, "at")
    request = read_request(alpha, sided, power, patients)
    lived = _survival_at(alternative, moment)

    if scale == "log-log" and not ((lived > 0) & (lived < 1)).all():
        remedy = "Choose another time or the plain scale"
        raise InputError("at", "survival is 0 or 1 then, which has no log-log", remedy)
    again = functools.partial(
        milestone_design,
        alternative,
        at=at,
        scale=scale,
        alpha=alpha,
        sided=sided,
        follow_up=follow_up,
    )
    contrast = functools.partial(milestone_contrast, lived=lived, log_log=scale == "log-log")
    task = _Task(alternative, request, moment, "at", read_follow_up(follow_up), contrast)
    return _planned(
        task,
        again,
        f"milestone survival, {scale} scale",
        ("at_months", "survival_control", "survival_experimental"),
        "Greenwood's variance; Klein and others (2007), Statistics in Medicine",
    )


@dataclass(frozen=True, eq=False)
class _Task:
    """What is compared, until when."""

    alternative: Alternative
    request: Request
    until: float
    name: str
    follow_up: float
    contrast: Callable[[FollowUp], Contrast]

    def at(self, patients: float) -> Contrast:
        """The contrast at the analysis of so many patients."""
        enrolment = enrolment_of(self.alternative.accrual_pieces, patients)
        month = enrolment.months + self.follow_up
        longest = month - enrolment.first()
        if self.until >= longest:
            raise InputError(
                self.name,
                f"{self.until:g} months is not below the longest follow-up of {longest:g} months",
                f"Choose an earlier time, or let follow_up be above "
                f"{self.follow_up + self.until - longest:g} months",
            )
        seen = follow(self.alternative, enrolment, month, until=self.until)
        reach = 2.0 * float(seen.grid.half_widths.sum())
        if reach < self.until * (1.0 - 1e-9) and seen.survival[..., -1].max() > _GONE:
            found = f"nobody is still followed after {self.until:g} months"
            raise InputError("dropout", found, "Let fewer be lost, or choose an earlier time")
        contrast = self.contrast(seen)
        if not contrast.variance > 0:
            raise InputError(self.name, "no event comes before", "Choose a later time")
        return contrast


def _planned(
    task: _Task,
    again: functools.partial[NonproportionalDesign],
    test: str,
    names: tuple[str, str, str],
    source: str,
) -> NonproportionalDesign:
    """Patients or power, and the result."""
    request, accrual = task.request, task.alternative.accrual_pieces
    bounds = read_bounds(None, request)
    at = functools.lru_cache(maxsize=4)(task.at)
    fixed = isinstance(accrual, float)

    def expected_z(n: float) -> float:
        found = at(2.0 if fixed else n)
        return found.difference * math.sqrt(n / found.variance)

    def power_at(n: float) -> float:
        return at(2.0 if fixed else n).power(n, request.critical_z)

    n = patients_for(request, power_at, expected_z, most_patients(accrual))
    found = at(2.0 if fixed else n)
    enrolment = enrolment_of(accrual, n)
    months = [enrolment.months + task.follow_up]
    looks = expected_looks(
        task.alternative,
        enrolment,
        n,
        months,
        np.array([expected_z(n)]),
        bounds,
        np.array([power_at(n)]),
    )
    details: dict[str, Any] = {
        names[0]: task.until,
        names[1]: found.control,
        names[2]: found.experimental,
        "difference": found.difference,
        "std_error": math.sqrt(found.variance / n),
        "true_std_error": math.sqrt(found.true / n),
    }
    return assembled(test, request, looks, enrolment, details, source, task.alternative, again)


def _survival_at(alternative: Alternative, month: float) -> Floats:
    when = np.array([month])
    return np.array(
        [
            math.fsum(
                pair.share * math.exp(-float(getattr(pair, arm).cumulative(when)[0]))
                for pair in alternative.hazards
            )
            for arm in ("control", "experimental")
        ]
    )


def _read_time(given: Any, name: str) -> float:
    months = one_number(given, name)
    if months <= 0:
        remedy = "Give months since randomisation"
        raise InputError(name, f"{months:g} months is not above 0", remedy)
    return months
