"""The patients whom trials randomised, each with both of their possible courses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

NO_LOCAL, BELOW_3, MAJOR, DEATH = -1, 0, 3, 5
"""Codes of `Randomised.complication`: no local treatment, no complication of grade 3 or more (what
lies below, the cards do not tell), grade 3 or 4, and 5 (death within 90 days)."""


def _left_out() -> Any:
    """Stands for a column that was not given."""
    return np.empty(0)


@dataclass(frozen=True)
class Randomised:
    """Randomised patients as flat arrays, sorted by trial and order of randomisation.

    Times are months from randomisation, unless a name says otherwise; infinity is never. Columns
    from `local_months_control` on may be left out: the control arm then has no local treatment and
    nobody gets salvage, everybody consents, there is one centre and no covariate.

    Attributes
    ----------
    trial, patient, order : arrays of int
        Trial, patient number in it, place in its order of randomisation.
    randomised_months : float64 array
        Calendar time of randomisation, from the trial's first day.
    death_control, progression_control : float64 arrays
        Course under the control arm's strategy.
    death_experimental, progression_experimental : float64 arrays
        Course under the experimental arm's strategy.
    local_months : float64 array
        First local procedure in the experimental arm; NaN where none was done.
    visible, treated : int arrays
        Lesions that imaging showed at that moment, and those of them treated.
    died_within_90_days : bool array
        Of the first local procedure.
    systemic_days_lost_control, systemic_days_lost_experimental : float64 arrays
        Days without the planned systemic therapy, up to progression.
    visit_phase_months, visit_interval_months : float64 arrays
        When assessments happen.
    local_months_control, visible_control, treated_control, died_within_90_days_control : arrays
        The same of local treatment in the control arm.
    complication_control, complication_experimental : int8 arrays
        Clavien-Dindo grade of the worst complication of local treatment, as far as the cards tell:
        see `NO_LOCAL`, `BELOW_3`, `MAJOR`, `DEATH`.
    salvage_months, death_salvage : float64 arrays
        Course under the control arm's strategy with local treatment after progression for those
        who would get it: when (NaN: none), and death.
    consents : bool array
        Whether the patient would consent at the funnel's steps that ask for consent.
    centre : int64 array
        Centre of the patient within the trial, from 0.
    covariates : mapping of str to float64 array
        Features at randomisation; words as codes of their type, truths as 0 and 1.
    """

    trial: npt.NDArray[np.int32]
    patient: npt.NDArray[np.int64]
    order: npt.NDArray[np.int64]
    randomised_months: Floats
    death_control: Floats
    progression_control: Floats
    death_experimental: Floats
    progression_experimental: Floats
    local_months: Floats
    visible: npt.NDArray[np.int64]
    treated: npt.NDArray[np.int64]
    died_within_90_days: npt.NDArray[np.bool_]
    systemic_days_lost_control: Floats
    systemic_days_lost_experimental: Floats
    visit_phase_months: Floats
    visit_interval_months: Floats
    local_months_control: Floats = field(default_factory=_left_out)
    visible_control: npt.NDArray[np.int64] = field(default_factory=_left_out)
    treated_control: npt.NDArray[np.int64] = field(default_factory=_left_out)
    died_within_90_days_control: npt.NDArray[np.bool_] = field(default_factory=_left_out)
    complication_control: npt.NDArray[np.int8] = field(default_factory=_left_out)
    complication_experimental: npt.NDArray[np.int8] = field(default_factory=_left_out)
    salvage_months: Floats = field(default_factory=_left_out)
    death_salvage: Floats = field(default_factory=_left_out)
    consents: npt.NDArray[np.bool_] = field(default_factory=_left_out)
    centre: npt.NDArray[np.int64] = field(default_factory=_left_out)
    covariates: Mapping[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        size = self.trial.size
        for name, (value, kind) in _WHERE_LEFT_OUT.items():
            # An empty column may be of any type, and would spoil that of those it is joined to.
            if size == 0 or getattr(self, name).size != size:
                object.__setattr__(self, name, np.full(size, value, kind))
        if self.death_salvage.size != size:
            object.__setattr__(self, "death_salvage", self.death_control)

    @property
    def size(self) -> int:
        """Number of patients."""
        return self.trial.size

    def outcomes(self) -> Floats:
        """Death and progression, in the control and in the experimental arm: four rows."""
        return np.stack(
            [
                self.death_control,
                self.progression_control,
                self.death_experimental,
                self.progression_experimental,
            ]
        )

    def starts(self, first_trial: int, trials: int) -> npt.NDArray[np.int64]:
        """Where the patients of each trial begin, with the end as last entry."""
        edges = np.arange(first_trial, first_trial + trials + 1)
        return np.searchsorted(self.trial, edges).astype(np.int64)

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Every array by name; a covariate as ``covariates/NAME``."""
        arrays = {name: getattr(self, name) for name in COLUMNS}
        covariates = {f"covariates/{name}": each for name, each in self.covariates.items()}
        return {**arrays, **covariates}

    @classmethod
    def from_columns(cls, columns: Mapping[str, npt.NDArray[Any]]) -> Randomised:
        """The patients of `columns`; other names are passed over.

        Raises
        ------
        KeyError
            If a column is missing.
        """
        covariates = {
            name.removeprefix("covariates/"): columns[name]
            for name in columns
            if name.startswith("covariates/")
        }
        return cls(**{name: columns[name] for name in COLUMNS}, covariates=covariates)

    @classmethod
    def joined(cls, parts: Sequence[Randomised]) -> Randomised:
        """The patients of several chunks, in their order."""
        tables = [part.columns() for part in parts]
        return cls.from_columns(
            {name: np.concatenate([each[name] for each in tables]) for name in tables[0]}
        )


COLUMNS = tuple(each.name for each in fields(Randomised) if each.name != "covariates")
"""Names of the arrays of `Randomised`, the covariates aside."""

_WHERE_LEFT_OUT: dict[str, tuple[object, type[np.generic]]] = {
    "local_months_control": (np.nan, np.float64),
    "visible_control": (0, np.int64),
    "treated_control": (0, np.int64),
    "died_within_90_days_control": (False, np.bool_),
    "complication_control": (NO_LOCAL, np.int8),
    "complication_experimental": (NO_LOCAL, np.int8),
    "salvage_months": (np.nan, np.float64),
    "consents": (True, np.bool_),
    "centre": (0, np.int64),
}
