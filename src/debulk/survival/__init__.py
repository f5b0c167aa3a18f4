"""Survival analysis on arrays and tables: curves, tests, models, competing risks, many states."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.survival.adjusted import AdjustedRmst, adjusted_rmst
    from debulk.survival.batch import TwoArmTrials, two_arm_trials
    from debulk.survival.competing.cumulative_incidence import cumulative_incidence
    from debulk.survival.competing.curve import IncidenceCurve
    from debulk.survival.competing.expansion import FineGrayRows, fine_gray_weights
    from debulk.survival.competing.fine_gray import FineGrayModel, fine_gray
    from debulk.survival.competing.gray import gray_test
    from debulk.survival.concordant_pairs import Concordance, concordance
    from debulk.survival.cox_model.model import cox
    from debulk.survival.cox_model.prediction import PredictedSurvival
    from debulk.survival.cox_model.residuals import SchoenfeldResiduals
    from debulk.survival.cox_model.results import CoxModel
    from debulk.survival.curves import (
        HazardCurve,
        Landmark,
        SurvivalCurve,
        kaplan_meier,
        landmark,
        nelson_aalen,
    )
    from debulk.survival.examples import example
    from debulk.survival.hazards import hazard_ratio, hazard_ratios
    from debulk.survival.medians import median_difference
    from debulk.survival.milestone import milestone_difference
    from debulk.survival.multistate import (
        MultiState,
        TransitionHazard,
        illness_death,
        multi_state,
        state_histories,
    )
    from debulk.survival.parametric_models import (
        AcceleratedTime,
        ParametricModel,
        PiecewiseExponential,
        RoystonParmar,
        parametric,
    )
    from debulk.survival.rank.logrank import logrank
    from debulk.survival.rank.max_combo import max_combo
    from debulk.survival.rank.one_sample import PiecewiseHazard, one_sample_logrank
    from debulk.survival.rank.pairwise import logrank_pairwise
    from debulk.survival.rank.trend import logrank_trend
    from debulk.survival.rank.weightings import EarlyZero, FlemingHarrington, ModestlyWeighted
    from debulk.survival.restricted import rmst_difference, rmst_ratio, rmtl_ratio

__all__ = [
    "AcceleratedTime",
    "AdjustedRmst",
    "Concordance",
    "CoxModel",
    "EarlyZero",
    "FineGrayModel",
    "FineGrayRows",
    "FlemingHarrington",
    "HazardCurve",
    "IncidenceCurve",
    "Landmark",
    "ModestlyWeighted",
    "MultiState",
    "ParametricModel",
    "PiecewiseExponential",
    "PiecewiseHazard",
    "PredictedSurvival",
    "RoystonParmar",
    "SchoenfeldResiduals",
    "SurvivalCurve",
    "TransitionHazard",
    "TwoArmTrials",
    "adjusted_rmst",
    "concordance",
    "cox",
    "cumulative_incidence",
    "example",
    "fine_gray",
    "fine_gray_weights",
    "gray_test",
    "hazard_ratio",
    "hazard_ratios",
    "illness_death",
    "kaplan_meier",
    "landmark",
    "logrank",
    "logrank_pairwise",
    "logrank_trend",
    "max_combo",
    "median_difference",
    "milestone_difference",
    "multi_state",
    "nelson_aalen",
    "one_sample_logrank",
    "parametric",
    "rmst_difference",
    "rmst_ratio",
    "rmtl_ratio",
    "state_histories",
    "two_arm_trials",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "AcceleratedTime": "debulk.survival.parametric_models",
        "AdjustedRmst": "debulk.survival.adjusted",
        "Concordance": "debulk.survival.concordant_pairs",
        "CoxModel": "debulk.survival.cox_model.results",
        "EarlyZero": "debulk.survival.rank.weightings",
        "FineGrayModel": "debulk.survival.competing.fine_gray",
        "FineGrayRows": "debulk.survival.competing.expansion",
        "FlemingHarrington": "debulk.survival.rank.weightings",
        "HazardCurve": "debulk.survival.curves",
        "IncidenceCurve": "debulk.survival.competing.curve",
        "Landmark": "debulk.survival.curves",
        "ModestlyWeighted": "debulk.survival.rank.weightings",
        "MultiState": "debulk.survival.multistate",
        "ParametricModel": "debulk.survival.parametric_models",
        "PiecewiseExponential": "debulk.survival.parametric_models",
        "PiecewiseHazard": "debulk.survival.rank.one_sample",
        "PredictedSurvival": "debulk.survival.cox_model.prediction",
        "RoystonParmar": "debulk.survival.parametric_models",
        "SchoenfeldResiduals": "debulk.survival.cox_model.residuals",
        "SurvivalCurve": "debulk.survival.curves",
        "TransitionHazard": "debulk.survival.multistate",
        "TwoArmTrials": "debulk.survival.batch",
        "adjusted_rmst": "debulk.survival.adjusted",
        "concordance": "debulk.survival.concordant_pairs",
        "cox": "debulk.survival.cox_model.model",
        "cumulative_incidence": "debulk.survival.competing.cumulative_incidence",
        "example": "debulk.survival.examples",
        "fine_gray": "debulk.survival.competing.fine_gray",
        "fine_gray_weights": "debulk.survival.competing.expansion",
        "gray_test": "debulk.survival.competing.gray",
        "hazard_ratio": "debulk.survival.hazards",
        "hazard_ratios": "debulk.survival.hazards",
        "illness_death": "debulk.survival.multistate",
        "kaplan_meier": "debulk.survival.curves",
        "landmark": "debulk.survival.curves",
        "logrank": "debulk.survival.rank.logrank",
        "logrank_pairwise": "debulk.survival.rank.pairwise",
        "logrank_trend": "debulk.survival.rank.trend",
        "max_combo": "debulk.survival.rank.max_combo",
        "median_difference": "debulk.survival.medians",
        "milestone_difference": "debulk.survival.milestone",
        "multi_state": "debulk.survival.multistate",
        "nelson_aalen": "debulk.survival.curves",
        "one_sample_logrank": "debulk.survival.rank.one_sample",
        "parametric": "debulk.survival.parametric_models",
        "rmst_difference": "debulk.survival.restricted",
        "rmst_ratio": "debulk.survival.restricted",
        "rmtl_ratio": "debulk.survival.restricted",
        "state_histories": "debulk.survival.multistate",
        "two_arm_trials": "debulk.survival.batch",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
