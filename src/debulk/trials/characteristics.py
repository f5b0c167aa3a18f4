"""What a protocol's simulated trials amount to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from debulk.core.results import plain
from debulk.trials.operating import OperatingCharacteristics

if TYPE_CHECKING:
    import polars as pl

    from debulk.core.provenance import Provenance
    from debulk.protocols.plans import Applicability
    from debulk.trials.endpoints.results import EndpointResult
    from debulk.trials.estimands.table import EstimandTable
    from debulk.trials.truth import Truth
    from debulk.trials.uncertainty import Uncertainty


@dataclass(frozen=True)
class ProtocolCharacteristics(OperatingCharacteristics):
    """Operating characteristics of a protocol under a disease model.

    Attributes
    ----------
    protocol, title : str
        What was simulated.
    trials, seed : int
        How many trials, and the seed.
    control : str
        Name of the control arm; a hazard ratio is always other / control.
    world : {"hoped-for", "null"}
        Whether local treatment acts, or is a sham.
    patients_from : dict
        What made the patients: ``name``, whether that is the ``disease_model`` or the ``plan``, and
        the ``posterior`` sample (draws, sha256, structures), None with one set of parameters.
    applicability : Applicability
        How far the disease model can stand for the trial, and what it lacks.
    mechanisms : dict
        Names of the mechanisms on and off, and strengths other than 0 and 1.
    funnel : list of dict
        Mean patients of a trial at each step, and what held the others back.
    arms : dict of dict
        Results by arm.
    effect : dict
        Hazard ratio, power, type I error, difference in restricted mean over trials.
    monitoring : dict or None
        Looks, bounds, and where trials stopped, in the world simulated and in the null one; None
        where the protocol plans no look before the last analysis.
    truth : Truth
        The contrast of both arms on the same patients.
    uncertainty : Uncertainty
        Sampling, parameters and structure of the model, told apart on the log hazard ratio.
    estimands : EstimandTable
        Estimands by ICH E9(R1) side by side, each with its truth and usual estimators.
    endpoints : tuple of EndpointResult
        The endpoints that the protocol names, by arm, with their truth.
    published : dict or None
        What the trial reported; shown beside, used for nothing.
    ranges : dict
        Randomised patients, events and duration over trials: median, lower, upper.
    assumed_met : list of dict
        Criteria assumed to be met, with the mean number of patients and the reason.
    trial_table : polars.DataFrame
        One row a trial.
    provenance : Provenance
    """

    protocol: str
    title: str
    trials: int
    seed: int
    control: str
    world: str
    patients_from: dict[str, Any]
    applicability: Applicability
    mechanisms: dict[str, Any]
    funnel: list[dict[str, Any]]
    arms: dict[str, dict[str, Any]]
    effect: dict[str, Any]
    monitoring: dict[str, Any] | None
    truth: Truth
    uncertainty: Uncertainty
    estimands: EstimandTable
    endpoints: tuple[EndpointResult, ...]
    published: dict[str, Any] | None
    ranges: dict[str, dict[str, float | None]]
    assumed_met: list[dict[str, Any]]
    trial_table: pl.DataFrame
    provenance: Provenance

    @property
    def power(self) -> float:
        """Share of trials that declare benefit; with a margin, a ratio below it."""
        return float(self.effect["power"]["estimate"])

    @property
    def crossing(self) -> dict[str, list[float]]:
        """By look, the share of trials that first cross each boundary there."""
        if self.monitoring is None:
            return {"efficacy": [self.power]}
        crossing: dict[str, list[float]] = self.monitoring["simulated"]["crossing"]
        return {name: list(shares) for name, shares in crossing.items()}

    @property
    def hazard_ratio(self) -> dict[str, float]:
        """Median, lower and upper 2.5 % of the trials' hazard ratios."""
        return dict(self.effect["hazard_ratio"])

    @property
    def duration_months(self) -> dict[str, float | None]:
        """Calendar time of the analysis: median, lower, upper."""
        return self.ranges["duration_months"]

    @property
    def patients(self) -> float:
        """Mean number of patients randomised in a trial."""
        return float(self.funnel[-1]["patients"])

    @property
    def monte_carlo_error(self) -> dict[str, float]:
        """Standard errors of power and type I error from the number of trials; NaN: not known."""
        error = self.effect["type_1_error"]["se"]
        return {
            "power": float(self.effect["power"]["se"]),
            "type_1_error": math.nan if error is None else float(error),
        }

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, under the names of the JSON contract."""
        hazard_ratios = {
            "trial_hazard_ratios": self.trial_table["hazard_ratio"].to_list(),
            "trial_hazard_ratios_null": self.trial_table["hazard_ratio_null"].to_list(),
        }
        content: dict[str, Any] = plain(
            {
                "protocol": self.protocol,
                "title": self.title,
                "trials": self.trials,
                "seed": self.seed,
                "control": self.control,
                "world": self.world,
                "patients_from": self.patients_from,
                "applicability": self.applicability,
                "mechanisms": self.mechanisms,
                "funnel": self.funnel,
                "arms": self.arms,
                "effect": self.effect,
                "monitoring": self.monitoring,
                "truth": self.truth,
                "uncertainty": self.uncertainty.to_dict(),
                "estimands": self.estimands.to_dict(),
                "endpoints": [each.to_dict() for each in self.endpoints],
                "null": {"hazard_ratio": 1.0, "rmst_difference_months": 0.0},
                "published": self.published,
                **self.ranges,
                "assumed_met": self.assumed_met,
                **hazard_ratios,
                "provenance": self.provenance,
            }
        )
        return content
