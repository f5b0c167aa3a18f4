"""What every method here asks of the person-time, checked once: who is treated, and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.emulation.asked import checked_horizon
from debulk.emulation.grace import GracePeriod
from debulk.emulation.person_time import Flags, Floats, PersonTime, visit_of
from debulk.emulation.weight_model import WeightModel, design_of
from debulk.survival.options import check_flag

Ints = npt.NDArray[np.int64]

SPLINES = WeightModel()
"""The terms where nothing else is asked for: splines of what is continuous."""


@dataclass(frozen=True)
class MethodQuestion:
    """The person-time with what the protocol calls treated.

    Attributes
    ----------
    person_time : PersonTime
    grace : GracePeriod
    tau_months : float
        Horizon, from time zero.
    conf_level : float
    treated_months : (n,) float64
        First local treatment, or for a staged strategy the date its share was reached; NaN: never
        up to the event or the last contact. On the day itself it comes just before, so that a
        death on the day of treatment is a death after treatment.
    """

    person_time: PersonTime
    grace: GracePeriod
    tau_months: float
    conf_level: float
    treated_months: Floats

    @property
    def grace_months(self) -> float:
        """End of the grace period: one interval after its last visit."""
        return self.grace.visits * self.person_time.visit_months

    @property
    def ever(self) -> Flags:
        """Who was treated at any time."""
        known: Flags = ~np.isnan(self.treated_months)
        return known

    @property
    def begun(self) -> Ints:
        """Visit at which each was treated; -1 for never.

        An event on the day of a visit comes before its decision.
        """
        width = self.person_time.visit_months
        visit = visit_of(self.treated_months, width).astype(np.int64)
        seen = visit * width < self.person_time.time_months
        return np.where(seen, visit, -1)

    @property
    def caveats(self) -> tuple[str, ...]:
        """What the data ask of every method to be said."""
        late = int(np.count_nonzero(self.person_time.entry_months > 0.0))
        said = []
        if late:
            said.append(
                f"{late} of {self.person_time.patients} patients came under observation after time "
                "zero: at risk from then on, and those who had the event before are unseen."
            )
        if np.any(self.person_time.cause > 1):
            said.append(
                "Events compete: hazard ratios are cause-specific, risks are cumulative "
                "incidences, and restricted means are of the time before the event of interest."
            )
        return tuple(said)

    @property
    def event(self) -> Flags:
        """Who had the event of interest."""
        had: Flags = self.person_time.cause == 1
        return had


def ask(
    person_time: PersonTime,
    grace: GracePeriod,
    tau_months: float,
    conf_level: float,
    curves: bool,
) -> MethodQuestion:
    """Check what all methods are given.

    Raises
    ------
    InputError
        If there is nobody, the horizon is not above 0, the level is not between 0 and 1, or nobody
        had the event.
    """
    tau = checked_horizon(person_time, grace, tau_months, conf_level)
    check_flag(curves, "curves")
    dates = person_time.complete_months if grace.staged else person_time.start_months
    time = person_time.time_months
    dates = np.where(dates == time, np.nextafter(time, 0.0), dates)
    dates = np.where(dates < time, dates, np.nan)
    return MethodQuestion(person_time, grace, tau, float(conf_level), dates)


def distinct(patients: Ints) -> int:
    """How many patients there are among rows of patients, numbered from 0."""
    return int(np.count_nonzero(np.bincount(patients)))


def refuse_one_group(treated: Flags, when: str) -> None:
    """Refuse a comparison in which one side is empty.

    Raises
    ------
    InputError
        If nobody or everybody is treated.
    """
    count = int(np.count_nonzero(treated))
    if count == 0:
        found = f"none of {treated.size} patients is treated {when}"
        raise InputError("treatment", found, "There is nothing to compare: check the dates")
    if count == treated.size:
        found = f"all {treated.size} patients are treated {when}"
        raise InputError("treatment", found, "There is nothing to compare with")


def baseline_terms(
    person_time: PersonTime, chosen: Flags, model: WeightModel
) -> tuple[Floats, tuple[str, ...]]:
    """Covariates at time zero of some patients, as model terms without an intercept.

    Raises
    ------
    InputError
        If one of them is not finite, or the model names one that is not there.
    """
    rows = person_time.first[:-1][chosen]
    refuse_not_finite(person_time, rows)
    design, names = design_of(person_time, rows, model)
    return np.ascontiguousarray(design[:, 1:]), names[1:]


def refuse_not_finite(person_time: PersonTime, rows: Ints) -> None:
    """Refuse covariates that are missing or infinite at the visits to be used.

    Raises
    ------
    InputError
        Naming the first such covariate, patient and visit.
    """
    values = person_time.values[rows]
    if np.isfinite(values).all():
        return
    row, column = np.argwhere(~np.isfinite(values))[0]
    place = int(rows[row])
    patient = int(np.searchsorted(person_time.first, place, side="right")) - 1
    name = person_time.patient_id[patient] if person_time.patient_id else patient + 1
    where = f"covariate {person_time.names[column]!r}, patient {name}"
    where += f", visit {person_time.visit[place]}"
    found = f"the value is {values[row, column]}"
    raise InputError(where, found, "Complete the covariate, or leave it or the patient out")
