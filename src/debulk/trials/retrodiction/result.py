"""What a retrodiction amounts to: every trial predicted beside published, and the score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from debulk.core.results import plain
from debulk.trials.retrodiction.delivering import Change, Reached
from debulk.trials.retrodiction.predicting import Prediction
from debulk.trials.retrodiction.published import Measure, Published
from debulk.trials.retrodiction.wording import comment_on, delivery_words

if TYPE_CHECKING:
    from debulk.core.provenance import Provenance
    from debulk.protocols.plans import Applicability
    from debulk.trials.retrodiction.score import Score


@dataclass(frozen=True)
class DeliveredPrediction:
    """The second prediction of a trial, with its delivery as the trial reported it."""

    prediction: Prediction
    changes: tuple[Change, ...]
    reached: tuple[Reached, ...]


@dataclass(frozen=True)
class TrialRetrodiction:
    """One trial: what the frozen model predicts, beside what was published.

    Attributes
    ----------
    trial : str
        As the table of studies names it.
    protocols : tuple of str
        Packaged protocols; two that share a published result are one trial here.
    role : str
        Of the study: "validation" makes the score, "calibration" and "planned" stand apart.
    applicability : Applicability
    published : Published or None
    blind : Prediction or None
        With the protocol as packaged; None where nothing is predicted, for the `reason`.
    delivered : DeliveredPrediction or None
    reason : str
        Why there is no blind prediction, or none as delivered.
    remarks : tuple of str
        Where the prediction departs from the protocol.
    """

    trial: str
    protocols: tuple[str, ...]
    role: str
    applicability: Applicability
    published: Published | None
    blind: Prediction | None = None
    delivered: DeliveredPrediction | None = None
    reason: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def measure(self) -> Measure:
        """The measure of the effect."""
        return "hazard_ratio" if self.published is None else self.published.measure

    @property
    def inside(self) -> bool | None:
        """Whether the published effect lies in the blind predictive interval."""
        return self.inside_of(self.blind)

    def inside_of(self, prediction: Prediction | None) -> bool | None:
        """Whether the published effect lies in a prediction's interval."""
        if prediction is None or self.published is None:
            return None
        return prediction.effect.holds(self.published.estimate)

    @property
    def scored(self) -> bool:
        """Whether the trial counts in the score."""
        return self.role == "validation" and self.inside is not None

    @property
    def width_ratio(self) -> float | None:
        """Width of the blind interval on the log scale, in widths of the published one."""
        wide = None if self.published is None else self.published.log_width
        own = None if self.blind is None else self.blind.log_width
        return None if not wide or own is None else own / wide

    @property
    def comment(self) -> str:
        """What the trial says about the model, in plain sentences made from the numbers."""
        return comment_on(self)

    @property
    def delivery_says(self) -> str:
        """What the difference between the two predictions says; empty where there is none."""
        return delivery_words(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain values under the names of the JSON contract."""
        blind = self.blind
        content: dict[str, Any] = {
            "trial": self.trial,
            "protocols": self.protocols,
            "role": self.role,
            "applicability": self.applicability.level,
            "missing": self.applicability.missing,
            "measure": self.measure,
            "predicted": None if blind is None else blind.effect,
            "published": self.published,
            "inside": self.inside,
            "comment": self.comment,
            "reason": self.reason,
            "remarks": self.remarks,
            "width_ratio": self.width_ratio,
            "blind": blind,
            "as_delivered": None,
        }
        if self.delivered is not None:
            second = self.delivered.prediction
            content["as_delivered"] = {
                "predicted": second.effect,
                "inside": self.inside_of(second),
                "facts": self.delivered.reached,
                "changes": [vars(each) for each in self.delivered.changes],
                "comment": self.delivery_says,
                "prediction": second,
            }
        return dict(plain(content))


@dataclass(frozen=True)
class Retrodiction:
    """The frozen model held against every trial for which there is a protocol.

    Attributes
    ----------
    trials : tuple of TrialRetrodiction
        Validation, calibration, planned, then the rest.
    score : Score
        Of the validation trials.
    posterior : mapping
        ``sha256``, ``draws``, ``frozen`` (whether it is the sample that was frozen), ``expected``.
    simulated, seed : int
        Trials simulated for each prediction.
    provenance : Provenance
    """

    trials: tuple[TrialRetrodiction, ...]
    score: Score
    posterior: dict[str, Any]
    simulated: int
    seed: int
    provenance: Provenance

    @property
    def coverage(self) -> float | None:
        """Share of the scored trials inside their predictive interval."""
        return self.score.all.coverage

    @property
    def coverage_p(self) -> float | None:
        """Probability of such a coverage or a worse one, were every interval a true 95 % one."""
        return self.score.all.p

    def to_dict(self) -> dict[str, Any]:
        """Plain values under the names of the JSON contract."""
        content: dict[str, Any] = {
            "posterior": self.posterior,
            "trials": self.trials,
            "coverage": self.coverage,
            "coverage_p": self.coverage_p,
            "score": self.score,
            "simulated_trials": self.simulated,
            "seed": self.seed,
            "draws": self.posterior["draws"],
            "provenance": self.provenance,
        }
        return dict(plain(content))
