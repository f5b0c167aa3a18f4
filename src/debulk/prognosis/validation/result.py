"""What a validation returns: every statistic, the curves behind the figures, and the caveats."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from debulk.core.provenance import Provenance
from debulk.core.results import Estimate, plain
from debulk.prognosis.validation.calibration_curve import SmoothCalibration
from debulk.prognosis.validation.calibration_groups import CalibrationGroup
from debulk.prognosis.validation.centres import AcrossCentres
from debulk.prognosis.validation.net_benefit import DecisionCurve
from debulk.survival.subjects import Floats, Ints

if TYPE_CHECKING:
    from debulk.survival.curves import SurvivalCurve

Kind = Literal["risk", "score", "counterfactual"]
"""Risks of the event; a score that only ranks; risks under a strategy that not all followed."""


@dataclass(frozen=True)
class Validation:
    """How predictions held in patients who did not make them.

    Attributes
    ----------
    name : str
        What is validated.
    kind : {"risk", "score", "counterfactual"}
    horizon_months : float
    n, events, events_by_horizon : int
        Patients; events over all follow-up, and by the horizon.
    followed_beyond : int
        Patients seen without an event beyond the horizon.
    competing : bool
        Whether there are competing events.
    missing : int
        Patients left out because they had no prediction.
    concordance : Estimate
        Harrell's (the weighted one of events by the horizon for a counterfactual).
    statistics : dict of str to Estimate
        concordance_uno, auc, royston_d, explained_variation; for risks also observed,
        observed_expected, calibration_intercept, calibration_slope (at the horizon),
        calibration_slope_cox, ici, e50, e90, brier, brier_null, ipa. What could not be estimated
        is not in it, and `caveats` says why.
    mean_risk : float
        Mean predicted risk; NaN for a score.
    curve : SmoothCalibration or None
    groups : tuple of CalibrationGroup
    decision : DecisionCurve or None
    centres : tuple of AcrossCentres
    survival : dict of str to SurvivalCurve
        By group of a score.
    risk_edges, risk_counts : arrays
        Histogram of the predicted risks.
    caveats : tuple of str
        What must be read beside the numbers.
    provenance : Provenance
    """

    name: str
    kind: Kind
    horizon_months: float
    n: int
    events: int
    events_by_horizon: int
    followed_beyond: int
    competing: bool
    missing: int
    concordance: Estimate
    statistics: dict[str, Estimate]
    mean_risk: float
    curve: SmoothCalibration | None
    groups: tuple[CalibrationGroup, ...]
    decision: DecisionCurve | None
    centres: tuple[AcrossCentres, ...]
    risk_edges: Floats
    risk_counts: Ints
    caveats: tuple[str, ...]
    provenance: Provenance
    survival: dict[str, SurvivalCurve] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON; what is not defined is None."""
        names = ("kind", "horizon_months", "n", "events", "events_by_horizon", "followed_beyond")
        result = {name: plain(getattr(self, name)) for name in names}
        return {
            "score": self.name,
            **result,
            "competing": self.competing,
            "missing": self.missing,
            "concordance": plain(self.concordance),
            "statistics": plain(self.statistics),
            "mean_risk": plain(self.mean_risk),
            "calibration_curve": plain(self.curve),
            "calibration_groups": [each.to_dict() for each in self.groups],
            "decision_curve": plain(self.decision),
            "centres": [each.to_dict() for each in self.centres],
            "survival": {name: each.to_dict() for name, each in self.survival.items()},
            "risk_histogram": {"edges": plain(self.risk_edges), "n": plain(self.risk_counts)},
            "caveats": list(self.caveats),
            "provenance": self.provenance.to_dict(),
        }
