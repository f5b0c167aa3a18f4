"""What simulated trials tell of a design, whatever made the patients."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any


class OperatingCharacteristics(ABC):
    """What a design delivers over many simulated trials.

    `simulate` (piecewise exponential patients of a planned design) and `run_trial` (virtual
    patients of a protocol) each return their own kind; these numbers both have.
    """

    @property
    @abstractmethod
    def power(self) -> float:
        """Share of trials that declare benefit."""

    @property
    @abstractmethod
    def crossing(self) -> Mapping[str, list[float]]:
        """By look, the share of trials that cross each boundary there first.

        Keys "efficacy" and, where the design has such bounds, "futility" and "harm".
        """

    @property
    @abstractmethod
    def hazard_ratio(self) -> Mapping[str, float] | None:
        """Median, lower and upper 2.5 % of the trials' hazard ratios; None if not estimated."""

    @property
    @abstractmethod
    def duration_months(self) -> Mapping[str, float | None]:
        """Calendar time of the last analysis: median, lower, upper 2.5 %."""

    @property
    @abstractmethod
    def patients(self) -> float:
        """Mean number of patients randomised in a trial."""

    @property
    @abstractmethod
    def monte_carlo_error(self) -> Mapping[str, float]:
        """Standard errors from the number of trials, by the name of what they belong to."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, ready for JSON."""
