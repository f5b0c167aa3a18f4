"""Published evidence: findings with their sources, pooled, and curves rebuilt as patients."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.evidence.digitised.curves import read_digitised_curve as read_digitised_curve
    from debulk.evidence.digitised.curves import read_digitised_curves as read_digitised_curves
    from debulk.evidence.digitised.numbers_at_risk import read_at_risk as read_at_risk
    from debulk.evidence.digitised.numbers_at_risk import read_at_risk_tables as read_at_risk_tables
    from debulk.evidence.effects.binomial_normal import BinomialNormalFit as BinomialNormalFit
    from debulk.evidence.effects.binomial_normal import pool_binomial_normal as pool_binomial_normal
    from debulk.evidence.effects.binomial_normal import pool_counted as pool_counted
    from debulk.evidence.effects.column_sets import COLUMN_SETS as COLUMN_SETS
    from debulk.evidence.effects.completing import completed_hazard_ratio as completed_hazard_ratio
    from debulk.evidence.effects.completing import derived_interval as derived_interval
    from debulk.evidence.effects.continuity import Correction as Correction
    from debulk.evidence.effects.effect import Effect as Effect
    from debulk.evidence.effects.effect import NotEnough as NotEnough
    from debulk.evidence.effects.from_findings import effects_from_findings as effects_from_findings
    from debulk.evidence.effects.from_table import effects_from_table as effects_from_table
    from debulk.evidence.effects.from_table import two_by_two_from_table as two_by_two_from_table
    from debulk.evidence.effects.hazard_ratios import PrintedHazardRatio as PrintedHazardRatio
    from debulk.evidence.effects.hazard_ratios import hazard_ratio_effect as hazard_ratio_effect
    from debulk.evidence.effects.limits import from_limits as from_limits
    from debulk.evidence.effects.mantel_haenszel import PooledTables as PooledTables
    from debulk.evidence.effects.mantel_haenszel import pool_tables as pool_tables
    from debulk.evidence.effects.proportions import back_transform as back_transform
    from debulk.evidence.effects.proportions import proportion_effect as proportion_effect
    from debulk.evidence.effects.proportions import proportion_effects as proportion_effects
    from debulk.evidence.effects.study_effects import StudyEffects as StudyEffects
    from debulk.evidence.effects.survival_proportions import (
        survival_proportion_effect as survival_proportion_effect,
    )
    from debulk.evidence.effects.two_by_two import TwoByTwoTables as TwoByTwoTables
    from debulk.evidence.effects.two_by_two import two_by_two_effects as two_by_two_effects
    from debulk.evidence.effects.two_by_two import two_by_two_tables as two_by_two_tables
    from debulk.evidence.firewall import ALLOWED_ROLES as ALLOWED_ROLES
    from debulk.evidence.firewall import Violation as Violation
    from debulk.evidence.firewall import firewall_violations as firewall_violations
    from debulk.evidence.landmarks.by_extent import CurvesByExtent as CurvesByExtent
    from debulk.evidence.landmarks.by_extent import ExtentCurve as ExtentCurve
    from debulk.evidence.landmarks.by_extent import (
        pooled_curves_by_extent as pooled_curves_by_extent,
    )
    from debulk.evidence.landmarks.curve import LandmarkCurve as LandmarkCurve
    from debulk.evidence.landmarks.curve import landmark_curve as landmark_curve
    from debulk.evidence.landmarks.pooled import PooledInterval as PooledInterval
    from debulk.evidence.landmarks.pooled import PooledSurvival as PooledSurvival
    from debulk.evidence.landmarks.pooling import pooled_survival as pooled_survival
    from debulk.evidence.landmarks.printed import effective_patients as effective_patients
    from debulk.evidence.landmarks.pseudo_patients import pseudo_patients as pseudo_patients
    from debulk.evidence.landmarks.studies import SurvivalStudy as SurvivalStudy
    from debulk.evidence.landmarks.studies import study_from_landmarks as study_from_landmarks
    from debulk.evidence.landmarks.studies import study_from_patients as study_from_patients
    from debulk.evidence.own_studies import OwnStudies as OwnStudies
    from debulk.evidence.own_studies import read_own_studies as read_own_studies
    from debulk.evidence.pooling.batch import PooledMany as PooledMany
    from debulk.evidence.pooling.batch import pool_many as pool_many
    from debulk.evidence.pooling.bayes import PooledBayesian as PooledBayesian
    from debulk.evidence.pooling.bayes import PriorSensitivity as PriorSensitivity
    from debulk.evidence.pooling.bayes import ShrunkenStudy as ShrunkenStudy
    from debulk.evidence.pooling.bayes import pool_bayesian as pool_bayesian
    from debulk.evidence.pooling.bayes import prior_sensitivity as prior_sensitivity
    from debulk.evidence.pooling.bayes_posterior import PosteriorSummary as PosteriorSummary
    from debulk.evidence.pooling.bayes_priors import HalfNormal as HalfNormal
    from debulk.evidence.pooling.bayes_priors import Normal as Normal
    from debulk.evidence.pooling.bayes_priors import Uniform as Uniform
    from debulk.evidence.pooling.bias import AdjustedStudy as AdjustedStudy
    from debulk.evidence.pooling.bias import BiasAdjustedPool as BiasAdjustedPool
    from debulk.evidence.pooling.bias import BiasEstimate as BiasEstimate
    from debulk.evidence.pooling.bias_adjusted import pool_bias_adjusted as pool_bias_adjusted
    from debulk.evidence.pooling.bias_rules import BiasRule as BiasRule
    from debulk.evidence.pooling.bias_rules import assign_bias as assign_bias
    from debulk.evidence.pooling.bias_rules import read_bias_rules as read_bias_rules
    from debulk.evidence.pooling.bias_table import BiasTable as BiasTable
    from debulk.evidence.pooling.bias_table import read_bias_table as read_bias_table
    from debulk.evidence.pooling.checks import CumulativePool as CumulativePool
    from debulk.evidence.pooling.checks import EggerTest as EggerTest
    from debulk.evidence.pooling.checks import FailSafeNumber as FailSafeNumber
    from debulk.evidence.pooling.checks import Influence as Influence
    from debulk.evidence.pooling.checks import LeaveOneOut as LeaveOneOut
    from debulk.evidence.pooling.checks import PooledRow as PooledRow
    from debulk.evidence.pooling.checks import RankCorrelation as RankCorrelation
    from debulk.evidence.pooling.checks import StudyInfluence as StudyInfluence
    from debulk.evidence.pooling.checks import Subgroup as Subgroup
    from debulk.evidence.pooling.checks import SubgroupPool as SubgroupPool
    from debulk.evidence.pooling.checks import TrimAndFill as TrimAndFill
    from debulk.evidence.pooling.cumulative import cumulative_pool as cumulative_pool
    from debulk.evidence.pooling.filling import trim_and_fill as trim_and_fill
    from debulk.evidence.pooling.influence import study_influence as study_influence
    from debulk.evidence.pooling.leaving_out import leave_one_out as leave_one_out
    from debulk.evidence.pooling.moderators import Moderator as Moderator
    from debulk.evidence.pooling.pooled import Coefficient as Coefficient
    from debulk.evidence.pooling.pooled import IntervalMethod as IntervalMethod
    from debulk.evidence.pooling.pooled import Limits as Limits
    from debulk.evidence.pooling.pooled import Method as Method
    from debulk.evidence.pooling.pooled import PooledEffect as PooledEffect
    from debulk.evidence.pooling.pooled import PooledStudy as PooledStudy
    from debulk.evidence.pooling.pooled import PredictionMethod as PredictionMethod
    from debulk.evidence.pooling.prediction import PredictedEffect as PredictedEffect
    from debulk.evidence.pooling.prediction import predicted_effects as predicted_effects
    from debulk.evidence.pooling.random_effects import pool as pool
    from debulk.evidence.pooling.small_study import egger_test as egger_test
    from debulk.evidence.pooling.small_study import fail_safe_number as fail_safe_number
    from debulk.evidence.pooling.small_study import rank_correlation_test as rank_correlation_test
    from debulk.evidence.pooling.subgroups import subgroup_pool as subgroup_pool
    from debulk.evidence.published import PublishedResult as PublishedResult
    from debulk.evidence.published import published_result as published_result
    from debulk.evidence.reconstruction.accuracy import Accuracy as Accuracy
    from debulk.evidence.reconstruction.one_arm import Reconstruction as Reconstruction
    from debulk.evidence.reconstruction.one_arm import reconstruct_arm as reconstruct_arm
    from debulk.evidence.reconstruction.one_arm import reconstruct_survival as reconstruct_survival
    from debulk.evidence.reconstruction.replicates import READING_ERROR as READING_ERROR
    from debulk.evidence.reconstruction.replicates import (
        ReconstructionReplicates as ReconstructionReplicates,
    )
    from debulk.evidence.reconstruction.replicates import (
        reconstruction_replicates as reconstruction_replicates,
    )
    from debulk.evidence.reconstruction.two_arms import (
        ReconstructionUncertainty as ReconstructionUncertainty,
    )
    from debulk.evidence.reconstruction.two_arms import UncertainEstimate as UncertainEstimate
    from debulk.evidence.reconstruction.two_arms import (
        reconstruction_uncertainty as reconstruction_uncertainty,
    )
    from debulk.evidence.record import Finding as Finding
    from debulk.evidence.record import citation as citation
    from debulk.evidence.record import finding as finding
    from debulk.evidence.schema import OUTCOMES as OUTCOMES
    from debulk.evidence.schema import RISKS as RISKS
    from debulk.evidence.schema import Role as Role
    from debulk.evidence.searching import SearchResult as SearchResult
    from debulk.evidence.searching import search as search
    from debulk.evidence.tables import CODED_BY as CODED_BY
    from debulk.evidence.tables import findings as findings
    from debulk.evidence.tables import studies as studies
    from debulk.evidence.tables import study_codes as study_codes

__all__ = [
    "ALLOWED_ROLES",
    "CODED_BY",
    "COLUMN_SETS",
    "OUTCOMES",
    "READING_ERROR",
    "RISKS",
    "Accuracy",
    "AdjustedStudy",
    "BiasAdjustedPool",
    "BiasEstimate",
    "BiasRule",
    "BiasTable",
    "BinomialNormalFit",
    "Coefficient",
    "Correction",
    "CumulativePool",
    "CurvesByExtent",
    "Effect",
    "EggerTest",
    "ExtentCurve",
    "FailSafeNumber",
    "Finding",
    "HalfNormal",
    "Influence",
    "IntervalMethod",
    "LandmarkCurve",
    "LeaveOneOut",
    "Limits",
    "Method",
    "Moderator",
    "Normal",
    "NotEnough",
    "OwnStudies",
    "PooledBayesian",
    "PooledEffect",
    "PooledInterval",
    "PooledMany",
    "PooledRow",
    "PooledStudy",
    "PooledSurvival",
    "PooledTables",
    "PosteriorSummary",
    "PredictedEffect",
    "PredictionMethod",
    "PrintedHazardRatio",
    "PriorSensitivity",
    "PublishedResult",
    "RankCorrelation",
    "Reconstruction",
    "ReconstructionReplicates",
    "ReconstructionUncertainty",
    "Role",
    "SearchResult",
    "ShrunkenStudy",
    "StudyEffects",
    "StudyInfluence",
    "Subgroup",
    "SubgroupPool",
    "SurvivalStudy",
    "TrimAndFill",
    "TwoByTwoTables",
    "UncertainEstimate",
    "Uniform",
    "Violation",
    "assign_bias",
    "back_transform",
    "citation",
    "completed_hazard_ratio",
    "cumulative_pool",
    "derived_interval",
    "effective_patients",
    "effects_from_findings",
    "effects_from_table",
    "egger_test",
    "fail_safe_number",
    "finding",
    "findings",
    "firewall_violations",
    "from_limits",
    "hazard_ratio_effect",
    "landmark_curve",
    "leave_one_out",
    "pool",
    "pool_bayesian",
    "pool_bias_adjusted",
    "pool_binomial_normal",
    "pool_counted",
    "pool_many",
    "pool_tables",
    "pooled_curves_by_extent",
    "pooled_survival",
    "predicted_effects",
    "prior_sensitivity",
    "proportion_effect",
    "proportion_effects",
    "pseudo_patients",
    "published_result",
    "rank_correlation_test",
    "read_at_risk",
    "read_at_risk_tables",
    "read_bias_rules",
    "read_bias_table",
    "read_digitised_curve",
    "read_digitised_curves",
    "read_own_studies",
    "reconstruct_arm",
    "reconstruct_survival",
    "reconstruction_replicates",
    "reconstruction_uncertainty",
    "search",
    "studies",
    "study_codes",
    "study_from_landmarks",
    "study_from_patients",
    "study_influence",
    "subgroup_pool",
    "survival_proportion_effect",
    "trim_and_fill",
    "two_by_two_effects",
    "two_by_two_from_table",
    "two_by_two_tables",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "ALLOWED_ROLES": "debulk.evidence.firewall",
        "Accuracy": "debulk.evidence.reconstruction.accuracy",
        "AdjustedStudy": "debulk.evidence.pooling.bias",
        "BiasAdjustedPool": "debulk.evidence.pooling.bias",
        "BiasEstimate": "debulk.evidence.pooling.bias",
        "BiasRule": "debulk.evidence.pooling.bias_rules",
        "BiasTable": "debulk.evidence.pooling.bias_table",
        "BinomialNormalFit": "debulk.evidence.effects.binomial_normal",
        "CODED_BY": "debulk.evidence.tables",
        "COLUMN_SETS": "debulk.evidence.effects.column_sets",
        "Coefficient": "debulk.evidence.pooling.pooled",
        "Correction": "debulk.evidence.effects.continuity",
        "CumulativePool": "debulk.evidence.pooling.checks",
        "CurvesByExtent": "debulk.evidence.landmarks.by_extent",
        "Effect": "debulk.evidence.effects.effect",
        "EggerTest": "debulk.evidence.pooling.checks",
        "ExtentCurve": "debulk.evidence.landmarks.by_extent",
        "FailSafeNumber": "debulk.evidence.pooling.checks",
        "Finding": "debulk.evidence.record",
        "HalfNormal": "debulk.evidence.pooling.bayes_priors",
        "Influence": "debulk.evidence.pooling.checks",
        "IntervalMethod": "debulk.evidence.pooling.pooled",
        "LandmarkCurve": "debulk.evidence.landmarks.curve",
        "LeaveOneOut": "debulk.evidence.pooling.checks",
        "Limits": "debulk.evidence.pooling.pooled",
        "Method": "debulk.evidence.pooling.pooled",
        "Moderator": "debulk.evidence.pooling.moderators",
        "Normal": "debulk.evidence.pooling.bayes_priors",
        "NotEnough": "debulk.evidence.effects.effect",
        "OUTCOMES": "debulk.evidence.schema",
        "OwnStudies": "debulk.evidence.own_studies",
        "PooledBayesian": "debulk.evidence.pooling.bayes",
        "PooledEffect": "debulk.evidence.pooling.pooled",
        "PooledInterval": "debulk.evidence.landmarks.pooled",
        "PooledMany": "debulk.evidence.pooling.batch",
        "PooledRow": "debulk.evidence.pooling.checks",
        "PooledStudy": "debulk.evidence.pooling.pooled",
        "PooledSurvival": "debulk.evidence.landmarks.pooled",
        "PooledTables": "debulk.evidence.effects.mantel_haenszel",
        "PosteriorSummary": "debulk.evidence.pooling.bayes_posterior",
        "PredictedEffect": "debulk.evidence.pooling.prediction",
        "PredictionMethod": "debulk.evidence.pooling.pooled",
        "PrintedHazardRatio": "debulk.evidence.effects.hazard_ratios",
        "PriorSensitivity": "debulk.evidence.pooling.bayes",
        "PublishedResult": "debulk.evidence.published",
        "READING_ERROR": "debulk.evidence.reconstruction.replicates",
        "RISKS": "debulk.evidence.schema",
        "RankCorrelation": "debulk.evidence.pooling.checks",
        "Reconstruction": "debulk.evidence.reconstruction.one_arm",
        "ReconstructionReplicates": "debulk.evidence.reconstruction.replicates",
        "ReconstructionUncertainty": "debulk.evidence.reconstruction.two_arms",
        "Role": "debulk.evidence.schema",
        "SearchResult": "debulk.evidence.searching",
        "ShrunkenStudy": "debulk.evidence.pooling.bayes",
        "StudyEffects": "debulk.evidence.effects.study_effects",
        "StudyInfluence": "debulk.evidence.pooling.checks",
        "Subgroup": "debulk.evidence.pooling.checks",
        "SubgroupPool": "debulk.evidence.pooling.checks",
        "SurvivalStudy": "debulk.evidence.landmarks.studies",
        "TrimAndFill": "debulk.evidence.pooling.checks",
        "TwoByTwoTables": "debulk.evidence.effects.two_by_two",
        "UncertainEstimate": "debulk.evidence.reconstruction.two_arms",
        "Uniform": "debulk.evidence.pooling.bayes_priors",
        "Violation": "debulk.evidence.firewall",
        "assign_bias": "debulk.evidence.pooling.bias_rules",
        "back_transform": "debulk.evidence.effects.proportions",
        "citation": "debulk.evidence.record",
        "completed_hazard_ratio": "debulk.evidence.effects.completing",
        "cumulative_pool": "debulk.evidence.pooling.cumulative",
        "derived_interval": "debulk.evidence.effects.completing",
        "effective_patients": "debulk.evidence.landmarks.printed",
        "effects_from_findings": "debulk.evidence.effects.from_findings",
        "effects_from_table": "debulk.evidence.effects.from_table",
        "egger_test": "debulk.evidence.pooling.small_study",
        "fail_safe_number": "debulk.evidence.pooling.small_study",
        "finding": "debulk.evidence.record",
        "findings": "debulk.evidence.tables",
        "firewall_violations": "debulk.evidence.firewall",
        "from_limits": "debulk.evidence.effects.limits",
        "hazard_ratio_effect": "debulk.evidence.effects.hazard_ratios",
        "landmark_curve": "debulk.evidence.landmarks.curve",
        "leave_one_out": "debulk.evidence.pooling.leaving_out",
        "pool": "debulk.evidence.pooling.random_effects",
        "pool_bayesian": "debulk.evidence.pooling.bayes",
        "pool_bias_adjusted": "debulk.evidence.pooling.bias_adjusted",
        "pool_binomial_normal": "debulk.evidence.effects.binomial_normal",
        "pool_counted": "debulk.evidence.effects.binomial_normal",
        "pool_many": "debulk.evidence.pooling.batch",
        "pool_tables": "debulk.evidence.effects.mantel_haenszel",
        "pooled_curves_by_extent": "debulk.evidence.landmarks.by_extent",
        "pooled_survival": "debulk.evidence.landmarks.pooling",
        "predicted_effects": "debulk.evidence.pooling.prediction",
        "prior_sensitivity": "debulk.evidence.pooling.bayes",
        "proportion_effect": "debulk.evidence.effects.proportions",
        "proportion_effects": "debulk.evidence.effects.proportions",
        "pseudo_patients": "debulk.evidence.landmarks.pseudo_patients",
        "published_result": "debulk.evidence.published",
        "rank_correlation_test": "debulk.evidence.pooling.small_study",
        "read_at_risk": "debulk.evidence.digitised.numbers_at_risk",
        "read_at_risk_tables": "debulk.evidence.digitised.numbers_at_risk",
        "read_bias_rules": "debulk.evidence.pooling.bias_rules",
        "read_bias_table": "debulk.evidence.pooling.bias_table",
        "read_digitised_curve": "debulk.evidence.digitised.curves",
        "read_digitised_curves": "debulk.evidence.digitised.curves",
        "read_own_studies": "debulk.evidence.own_studies",
        "reconstruct_arm": "debulk.evidence.reconstruction.one_arm",
        "reconstruct_survival": "debulk.evidence.reconstruction.one_arm",
        "reconstruction_replicates": "debulk.evidence.reconstruction.replicates",
        "reconstruction_uncertainty": "debulk.evidence.reconstruction.two_arms",
        "search": "debulk.evidence.searching",
        "studies": "debulk.evidence.tables",
        "study_codes": "debulk.evidence.tables",
        "study_from_landmarks": "debulk.evidence.landmarks.studies",
        "study_from_patients": "debulk.evidence.landmarks.studies",
        "study_influence": "debulk.evidence.pooling.influence",
        "subgroup_pool": "debulk.evidence.pooling.subgroups",
        "survival_proportion_effect": "debulk.evidence.effects.survival_proportions",
        "trim_and_fill": "debulk.evidence.pooling.filling",
        "two_by_two_effects": "debulk.evidence.effects.two_by_two",
        "two_by_two_from_table": "debulk.evidence.effects.from_table",
        "two_by_two_tables": "debulk.evidence.effects.two_by_two",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
