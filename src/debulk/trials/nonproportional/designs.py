"""What a design under non-proportional hazards holds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from debulk.core.results import plain
from debulk.trials.nonproportional.requests import whole_patients


@dataclass(frozen=True)
class NonproportionalLook:
    """What is expected at one analysis.

    Attributes
    ----------
    fraction : float
        Events here / events at the final analysis.
    month : float
        Calendar time from the first patient.
    patients, events : float
        Enrolled, and with the event, by then.
    log_hazard_ratio : float
        Logarithm of the average hazard ratio: of the ratios, weighted by expected events.
    information, information_null : float
        Of the log hazard ratio: the sum over strata and periods of 1 / (1 / d_0 + 1 / d_1), with d
        an arm's events under the alternative; and events times the product of the arms' shares.
    expected_z : float
        Of the design's own test (for several statistics the largest), above 0 for benefit.
    efficacy_z, futility_z : float or None
        Bounds at this look.
    crossing : float
        Probability to cross the efficacy bound first here.
    """

    fraction: float
    month: float
    patients: float
    events: float
    log_hazard_ratio: float
    information: float
    information_null: float
    expected_z: float
    efficacy_z: float
    futility_z: float | None
    crossing: float

    @property
    def average_hazard_ratio(self) -> float:
        """Geometric mean of the hazard ratios, weighted by expected events."""
        return math.exp(self.log_hazard_ratio)

    @property
    def theta(self) -> float:
        """Benefit on the log hazard scale; times the root of an information it is a drift."""
        return -self.log_hazard_ratio

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, ready for JSON."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        own["average_hazard_ratio"] = self.average_hazard_ratio
        return plain(own)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class NonproportionalDesign:
    """A trial planned for one test under an alternative.

    Attributes
    ----------
    test : str
        Which test.
    patients, events : float
        At the final analysis; patients as solved, not rounded.
    power : float
        Probability to find benefit (the side of harm is not counted).
    alpha : float
        Total at `sided`.
    sided : int
    critical_z : float
        Bound of Z at the final analysis.
    expected_z : float
        Non-centrality at the final analysis; for several statistics that of the largest.
    accrual_months, follow_up_months, duration_months : float
        Until the last patient enters; from then to the final analysis (below 0 where that comes
        first); their sum.
    looks : tuple of NonproportionalLook
        One or more, the final analysis last.
    details : mapping
        What belongs to this test alone.
    source : str
        Whose formula.
    alternative : Alternative
        What was assumed.
    """

    test: str
    patients: float
    events: float
    power: float
    alpha: float
    sided: int
    critical_z: float
    expected_z: float
    accrual_months: float
    follow_up_months: float
    duration_months: float
    looks: tuple[NonproportionalLook, ...]
    details: Mapping[str, Any]
    source: str
    alternative: Any
    _again: Callable[..., NonproportionalDesign] = field(repr=False, compare=False)

    def rounded(self) -> NonproportionalDesign:
        """The design with the next whole number of patients, and the power that it gives."""
        return self._again(patients=whole_patients(self.patients))

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        del own["_again"]
        return plain(own)  # type: ignore[no-any-return]
