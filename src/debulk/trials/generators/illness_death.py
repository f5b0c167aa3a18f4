"""Patients who progress and die, or die before they progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.core.errors import InputError
from debulk.trials.decisions import SALVAGE
from debulk.trials.generators.decisions import DEATH, DEATH_AFTER, PROGRESSION
from debulk.trials.generators.generated import Courses, GeneratedPatients, shown
from debulk.trials.generators.hazards import Steps, StepsLike, hazard_steps

if TYPE_CHECKING:
    from debulk.trials.generators.generated import Floats, People
    from debulk.trials.running.settings import TrialSettings


@dataclass(frozen=True)
class IllnessDeathPatients(GeneratedPatients):
    """Progression, death before it and death after it, each with its own hazard in each arm.

    Attributes
    ----------
    registered : int
        Patients who come to the front of each trial's funnel.
    progression : StepsLike
        Hazard per month of progression, control arm: a number, or (start month, hazard) pairs.
    death_before : StepsLike or None
        Hazard of death without progression, control arm. None: nobody dies before progression.
    death_after : StepsLike
        Hazard of death after progression by time since progression, control arm.
    progression_experimental, death_before_experimental : StepsLike or None
        The same in the experimental arm. None: as in the control arm.
    death_after_experimental : StepsLike or None
        Likewise.
    death_after_salvage : StepsLike or None
        Hazard of death of a control patient treated locally at progression, by time since
        progression. The share treated so is the protocol's ``conduct.salvage``; None: such a
        protocol is refused.

    Raises
    ------
    InputError
        If a number is out of range.

    Notes
    -----
    With constant hazards a (progression), b (death before) and c (death after), progression-free
    survival is exp(-(a + b) t) and survival is that plus
    a (exp(-c t) - exp(-(a + b) t)) / (a + b - c), or a t exp(-c t) where c = a + b (the
    illness-death model without recovery: Fix and Neyman 1951, Hum Biol 23:205). Strata multiply
    all hazards.
    """

    progression: StepsLike
    death_before: StepsLike | None
    death_after: StepsLike
    progression_experimental: StepsLike | None = None
    death_before_experimental: StepsLike | None = None
    death_after_experimental: StepsLike | None = None
    death_after_salvage: StepsLike | None = None

    kind = "illness-death"
    name = "patients of an illness-death model"
    remarks = (
        "Patients are drawn from an illness-death model whose numbers were given, not from the "
        "disease model: the result says what those numbers imply, not what the treatment does.",
        "Criteria are assumed met: such patients have no characteristics but their strata.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self._hazards()

    @property
    def salvage(self) -> bool:  # type: ignore[override]
        """Whether it knows local treatment after progression in the control arm."""
        return self.death_after_salvage is not None

    def follow(self, settings: TrialSettings, people: People) -> Courses:
        """See `GeneratedPatients.follow`."""
        hazards = self._hazards()
        amounts = [people.amounts(each) for each in (PROGRESSION, DEATH, DEATH_AFTER)]
        death, progression = _course(amounts, [hazards[name] for name in _ROLES])
        other = _course(amounts, [hazards[f"{name}_experimental"] for name in _ROLES])
        share = settings.protocol.conduct.salvage
        after = hazards["death_after_salvage"]
        if share == 0.0 or after is None:
            return Courses(death, progression, *other)
        treated = (people.units(SALVAGE) < share) & np.isfinite(progression)
        return Courses(
            death,
            progression,
            *other,
            salvage_months=np.where(treated, progression, np.nan),
            death_salvage=np.where(treated, progression + after.time_at(amounts[2]), death),
        )

    def check(self, settings: TrialSettings) -> None:
        """See `GeneratedPatients.check`."""
        super().check(settings)
        protocol = settings.protocol
        if protocol.conduct.salvage > 0.0 and protocol.control.strategy.local_treatment:
            raise InputError(
                f"{protocol.source_name or protocol.name}, conduct.salvage",
                "the control arm has local treatment already",
                "Set it to 0",
            )

    def numbers(self) -> list[tuple[str, Any, str, str]]:
        """See `GeneratedPatients.numbers`."""
        notes = {
            "progression": "progression",
            "death_before": "death before progression",
            "death_after": "death after progression, by time since it",
        }
        hazards = self._hazards()
        found: list[tuple[str, Any, str, str]] = []
        for suffix, arm in (("", "control arm"), ("_experimental", "experimental arm")):
            for role in _ROLES:
                value = shown(hazards[role + suffix])
                note = f"{notes[role]}, {arm}"
                found.append((role + suffix, 0.0 if value is None else value, "per month", note))
        if self.salvage:
            value = shown(hazards["death_after_salvage"])
            note = "death after local treatment at progression, control arm"
            found.append(("death_after_salvage", value, "per month", note))
        return found

    def _hazards(self) -> dict[str, Steps | None]:
        """Every hazard by its name; the experimental arm's default to the control arm's."""
        found: dict[str, Steps | None] = {}
        for role in _ROLES:
            control, experimental = getattr(self, role), getattr(self, f"{role}_experimental")
            found[role] = None
            if control is not None or role != "death_before":
                found[role] = hazard_steps(control, role)
            found[f"{role}_experimental"] = found[role]
            if experimental is not None:
                name = f"{role}_experimental"
                found[name] = hazard_steps(experimental, name)
        late = self.death_after_salvage
        found["death_after_salvage"] = (
            None if late is None else hazard_steps(late, "death_after_salvage")
        )
        return found


_ROLES = ("progression", "death_before", "death_after")


def _course(amounts: list[Floats], hazards: list[Steps | None]) -> tuple[Floats, Floats]:
    """Death and progression of one arm; amounts and hazards in the order of `_ROLES`."""
    progression, before, after = hazards
    assert progression is not None
    assert after is not None
    progressed = progression.time_at(amounts[0])
    early = np.full(progressed.size, np.inf) if before is None else before.time_at(amounts[1])
    first = progressed < early
    return (
        np.where(first, progressed + after.time_at(amounts[2]), early),
        np.where(first, progressed, np.inf),
    )
