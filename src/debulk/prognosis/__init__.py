"""Published scores, made executable, and their validation."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.prognosis.scores.formula import Score as Score
    from debulk.prognosis.scores.in_cohort import ScoreInCohort as ScoreInCohort
    from debulk.prognosis.scores.in_cohort import score_in_cohort as score_in_cohort
    from debulk.prognosis.scores.library import load_score as load_score
    from debulk.prognosis.scores.library import packaged_scores as packaged_scores
    from debulk.prognosis.scores.library import wanted_scores as wanted_scores
    from debulk.prognosis.scores.scoring import score as score
    from debulk.prognosis.validation.accuracy import brier_difference as brier_difference
    from debulk.prognosis.validation.accuracy import brier_score as brier_score
    from debulk.prognosis.validation.accuracy import integrated_brier as integrated_brier
    from debulk.prognosis.validation.accuracy import prediction_accuracy as prediction_accuracy
    from debulk.prognosis.validation.bootstrap_optimism import optimism as optimism
    from debulk.prognosis.validation.calibration_curve import (
        smooth_calibration as smooth_calibration,
    )
    from debulk.prognosis.validation.calibration_groups import (
        grouped_calibration as grouped_calibration,
    )
    from debulk.prognosis.validation.calibration_slopes import (
        calibration_slope as calibration_slope,
    )
    from debulk.prognosis.validation.calibration_slopes import weak_calibration as weak_calibration
    from debulk.prognosis.validation.counterfactual import (
        validate_counterfactual as validate_counterfactual,
    )
    from debulk.prognosis.validation.discrimination import auc_difference as auc_difference
    from debulk.prognosis.validation.discrimination import time_dependent_auc as time_dependent_auc
    from debulk.prognosis.validation.event_ratios import observed_expected as observed_expected
    from debulk.prognosis.validation.event_ratios import (
        observed_expected_events as observed_expected_events,
    )
    from debulk.prognosis.validation.net_benefit import decision_curve as decision_curve
    from debulk.prognosis.validation.recalibration import recalibrate as recalibrate
    from debulk.prognosis.validation.result import Validation as Validation
    from debulk.prognosis.validation.risk_validation import validate_risk as validate_risk
    from debulk.prognosis.validation.sample_size import ValidationPopulation as ValidationPopulation
    from debulk.prognosis.validation.sample_size import (
        sample_size_concordance as sample_size_concordance,
    )
    from debulk.prognosis.validation.sample_size import (
        sample_size_net_benefit as sample_size_net_benefit,
    )
    from debulk.prognosis.validation.sample_size import (
        sample_size_observed_expected as sample_size_observed_expected,
    )
    from debulk.prognosis.validation.sample_size import sample_size_slope as sample_size_slope
    from debulk.prognosis.validation.score_validation import validate_score as validate_score
    from debulk.prognosis.validation.separation import royston_d as royston_d

__all__ = [
    "Score",
    "ScoreInCohort",
    "Validation",
    "ValidationPopulation",
    "auc_difference",
    "brier_difference",
    "brier_score",
    "calibration_slope",
    "decision_curve",
    "grouped_calibration",
    "integrated_brier",
    "load_score",
    "observed_expected",
    "observed_expected_events",
    "optimism",
    "packaged_scores",
    "prediction_accuracy",
    "recalibrate",
    "royston_d",
    "sample_size_concordance",
    "sample_size_net_benefit",
    "sample_size_observed_expected",
    "sample_size_slope",
    "score",
    "score_in_cohort",
    "smooth_calibration",
    "time_dependent_auc",
    "validate_counterfactual",
    "validate_risk",
    "validate_score",
    "wanted_scores",
    "weak_calibration",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "Score": "debulk.prognosis.scores.formula",
        "ScoreInCohort": "debulk.prognosis.scores.in_cohort",
        "Validation": "debulk.prognosis.validation.result",
        "ValidationPopulation": "debulk.prognosis.validation.sample_size",
        "auc_difference": "debulk.prognosis.validation.discrimination",
        "brier_difference": "debulk.prognosis.validation.accuracy",
        "brier_score": "debulk.prognosis.validation.accuracy",
        "calibration_slope": "debulk.prognosis.validation.calibration_slopes",
        "decision_curve": "debulk.prognosis.validation.net_benefit",
        "grouped_calibration": "debulk.prognosis.validation.calibration_groups",
        "integrated_brier": "debulk.prognosis.validation.accuracy",
        "load_score": "debulk.prognosis.scores.library",
        "observed_expected": "debulk.prognosis.validation.event_ratios",
        "observed_expected_events": "debulk.prognosis.validation.event_ratios",
        "optimism": "debulk.prognosis.validation.bootstrap_optimism",
        "packaged_scores": "debulk.prognosis.scores.library",
        "prediction_accuracy": "debulk.prognosis.validation.accuracy",
        "recalibrate": "debulk.prognosis.validation.recalibration",
        "royston_d": "debulk.prognosis.validation.separation",
        "sample_size_concordance": "debulk.prognosis.validation.sample_size",
        "sample_size_net_benefit": "debulk.prognosis.validation.sample_size",
        "sample_size_observed_expected": "debulk.prognosis.validation.sample_size",
        "sample_size_slope": "debulk.prognosis.validation.sample_size",
        "score": "debulk.prognosis.scores.scoring",
        "score_in_cohort": "debulk.prognosis.scores.in_cohort",
        "smooth_calibration": "debulk.prognosis.validation.calibration_curve",
        "time_dependent_auc": "debulk.prognosis.validation.discrimination",
        "validate_counterfactual": "debulk.prognosis.validation.counterfactual",
        "validate_risk": "debulk.prognosis.validation.risk_validation",
        "validate_score": "debulk.prognosis.validation.score_validation",
        "wanted_scores": "debulk.prognosis.scores.library",
        "weak_calibration": "debulk.prognosis.validation.calibration_slopes",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
