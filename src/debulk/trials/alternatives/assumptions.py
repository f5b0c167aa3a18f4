"""What other designs change, in numbers: all of them assumptions, and the user's to set."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

from debulk.core.errors import InputError
from debulk.core.provenance import Parameter

_NOTES = {
    "registry_consent": "share of those who refuse the parallel trial whom a registry trial's "
    "lighter consent wins",
    "registry_lost_per_year": "probability of being lost in 12 months in a registry trial, on top "
    "of the protocol's",
    "registry_missed_visits": "least probability that an assessment is missed in a registry trial, "
    "which sees patients when the clinic does",
    "cohort_consent": "share of those who refuse the parallel trial who join the cohort all the "
    "same",
    "invitation_accepted": "share of those in the cohort who refused the parallel trial, and who "
    "accept the experimental treatment when invited to it",
    "outside": "share of the eligible who come to centres that take no part in the single arm, and "
    "are external controls whether they would consent or not",
    "external_refusers": "share of those who refuse the single arm's treatment and are found as "
    "external controls",
}


@dataclass(frozen=True, slots=True)
class DesignAssumptions:
    """How other designs differ from the protocol's; no number has a source.

    Attributes
    ----------
    registry_consent : float
        Share of those who refuse the parallel trial whom a registry trial's lighter consent wins.
    registry_lost_per_year : float
        Probability of being lost to follow-up in 12 months in a registry trial, on top of the
        protocol's.
    registry_missed_visits : float
        Least probability that an assessment is missed in a registry trial; the protocol's own
        counts where it is larger. Below 1.
    cohort_consent : float
        Share of those who refuse the parallel trial who join the cohort of a TwiCs.
    invitation_accepted : float
        Share of those in the cohort who refused the parallel trial, and who accept the experimental
        treatment when invited. Who would have joined the parallel trial accepts.
    outside : float
        Share of the eligible who come to centres that take no part in the single arm: external
        controls whether they would consent or not.
    external_refusers : float
        Share of those who refuse and are found as external controls.

    Raises
    ------
    InputError
        If a number is no probability.
    """

    registry_consent: float = 0.5
    registry_lost_per_year: float = 0.03
    registry_missed_visits: float = 0.2
    cohort_consent: float = 0.8
    invitation_accepted: float = 0.5
    outside: float = 0.2
    external_refusers: float = 1.0

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not math.isfinite(value) or not 0.0 <= value <= 1.0:
                raise InputError(each.name, f"found {value!r}", "Give a probability from 0 to 1")
            below_1 = each.name in ("registry_lost_per_year", "registry_missed_visits")
            if below_1 and value == 1.0:
                raise InputError(each.name, "found 1: nobody would be seen", "Give less than 1")

    def parameters(self) -> tuple[Parameter, ...]:
        """Every number, called an assumption unless it was changed."""
        standard = DesignAssumptions()
        return tuple(
            Parameter(
                name,
                getattr(self, name),
                "default" if getattr(self, name) == getattr(standard, name) else "chosen",
                "assumption",
                note,
                "probability",
            )
            for name, note in _NOTES.items()
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {each.name: getattr(self, each.name) for each in fields(self)}
