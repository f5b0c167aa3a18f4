"""Patients whose courses lie on the survival curves of two arms of a trial that was done."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.core.errors import InputError
from debulk.trials.generators.decisions import RANK
from debulk.trials.generators.generated import Courses, GeneratedPatients
from debulk.trials.generators.product_limit import (
    ProductLimit,
    Tail,
    checked_follow_up,
    checked_tail,
    digest_of,
    product_limit,
)
from debulk.trials.randomisation.checks import names

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.trials.generators.generated import Floats, People
    from debulk.trials.running.settings import TrialSettings


@dataclass(frozen=True, eq=False)
class ArmsFollowUp:
    """Follow-up of two arms, such as a trial's or one reconstructed from its published curves.

    Attributes
    ----------
    time : array-like of float, shape (n,)
        Months to the event or to the end of follow-up.
    event : array-like of bool or 0/1, shape (n,)
    arm : array-like of str, shape (n,)
    control, experimental : str
        Which of the arms is which; rows of other arms are passed over.

    Raises
    ------
    InputError
        If the columns do not fit together or an arm has no patient.
    """

    time: Any
    event: Any
    arm: Any
    control: str
    experimental: str

    def __post_init__(self) -> None:
        self.sides()

    def sides(self) -> tuple[Sample, Sample]:
        """Times and events of the control arm and of the experimental one."""
        time, event = checked_follow_up(self.time, self.event, "follow-up")
        arms = _words(self.arm, time.size)
        names([self.control, self.experimental], "control, experimental", least=2)
        found = []
        for name in (self.control, self.experimental):
            here = arms == name
            if not here.any():
                known = ", ".join(repr(each) for each in sorted(set(arms.tolist()))[:10])
                raise InputError("follow-up, arm", f"nobody is in {name!r}", f"Found: {known}")
            found.append((time[here], event[here]))
        return found[0], found[1]


Sample = tuple["Floats", "npt.NDArray[np.bool_]"]
"""Times and events of one arm."""


@dataclass(frozen=True, eq=False)
class ArmsPatients(GeneratedPatients):
    """Patients whose times in each arm are quantiles of that arm's Kaplan-Meier curve.

    One uniform number a patient gives the place on both curves, so that a patient who does well in
    one arm does well in the other: ranks are preserved. That is an assumption which no trial can
    test; it decides how alike a patient's two courses are, not what either arm looks like.

    Attributes
    ----------
    registered : int
        Patients who come to the front of each trial's funnel.
    survival : ArmsFollowUp
        Overall survival.
    progression_free : ArmsFollowUp or None
        Progression-free survival, drawn by the same number. None: nobody progresses.
    tail : {"exponential", "never"}
        What is assumed beyond an arm's longest follow-up: the hazard of its last third goes on, or
        nobody has the event any more. It must be chosen.

    Raises
    ------
    InputError
        If follow-up cannot be used, the tail is not chosen, or a tail has no hazard to go on with.
    """

    survival: ArmsFollowUp
    progression_free: ArmsFollowUp | None = None
    tail: Tail = field(kw_only=True)

    kind = "arms"
    name = "patients on the curves of two arms"

    def __post_init__(self) -> None:
        super().__post_init__()
        checked_tail(self.tail)
        for given in (self.survival, self.progression_free):
            if given is not None and not isinstance(given, ArmsFollowUp):
                raise InputError(
                    "survival", f"{given!r:.60} is no ArmsFollowUp", "Give a ArmsFollowUp"
                )
        if self.strata:
            raise InputError(
                "strata", "curves of whole arms have no strata", "Leave strata out, or use hazards"
            )
        _ = self.curves

    @cached_property
    def curves(self) -> dict[str, ProductLimit]:
        """Curves by endpoint and arm: os_control, os_experimental, and pfs_ likewise."""
        found = {}
        for endpoint, given in (("os", self.survival), ("pfs", self.progression_free)):
            if given is None:
                continue
            arms = (("control", given.control), ("experimental", given.experimental))
            for (side, label), (time, event) in zip(arms, given.sides(), strict=True):
                where = f"{endpoint}, arm {label}"
                found[f"{endpoint}_{side}"] = product_limit(time, event, self.tail, where)
        return found

    @property
    def remarks(self) -> tuple[str, ...]:  # type: ignore[override]
        """What a reader must know, with the shares that lie beyond follow-up."""
        beyond = ", ".join(
            f"{100.0 * each.beyond:.1f} % of {name.replace('_', ' ')}"
            for name, each in self.curves.items()
        )
        return (
            "Patients are drawn from the Kaplan-Meier curves of two arms, not from the disease "
            "model; one number a patient serves both arms (ranks are preserved, an assumption).",
            f"Beyond the longest follow-up ({beyond}) the tail is assumed: {self.tail}.",
            "Criteria are assumed met: such patients have no characteristics.",
        )

    def follow(self, settings: TrialSettings, people: People) -> Courses:
        """See `GeneratedPatients.follow`."""
        rank = people.units(RANK)
        return Courses(*self._arm("control", rank), *self._arm("experimental", rank))

    def _arm(self, side: str, rank: Floats) -> tuple[Floats, Floats]:
        """Death and progression of one arm."""
        death = self.curves[f"os_{side}"].time_at(rank)
        if self.progression_free is None:
            return death, np.full(death.size, np.inf)
        failure = self.curves[f"pfs_{side}"].time_at(rank)
        return death, np.where(failure < death, failure, np.inf)

    def numbers(self) -> list[tuple[str, Any, str, str]]:
        """See `GeneratedPatients.numbers`."""
        found: list[tuple[str, Any, str, str]] = [
            ("tail", self.tail, "", "beyond the longest follow-up of each arm")
        ]
        for name, each in self.curves.items():
            note = "Kaplan-Meier curve: SHA-256 of its times and values"
            found += [
                (f"{name}.patients", each.patients, "", "of that arm"),
                (f"{name}.events", each.events, "", "of that arm"),
                (f"{name}.last_months", each.last_months, "months", "longest follow-up"),
                (f"{name}.beyond", each.beyond, "", "survival at the longest follow-up"),
                (f"{name}.tail_hazard", each.tail_hazard, "per month", "of the last third"),
                (f"{name}.sha256", digest_of(each.months, each.survival), "", note),
            ]
        return found


def _words(arm: Any, size: int) -> npt.NDArray[np.str_]:
    """Names of the arms, one a patient."""
    try:
        values = list(arm.to_list() if hasattr(arm, "to_list") else arm)
    except TypeError:
        values = []
    if isinstance(arm, str) or len(values) != size:
        raise InputError("follow-up, arm", f"is no column of {size} names", "Give one a patient")
    for row, each in enumerate(values):
        if not isinstance(each, str):
            raise InputError(f"follow-up, arm, entry {row}", f"{each!r:.60} is no name", "Give it")
    return np.array(values, dtype=np.str_)
