"""Trials of local treatment: designed, simulated, and conducted on virtual patients."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.protocols import load_protocol
    from debulk.trials.alternatives.assumptions import DesignAssumptions
    from debulk.trials.alternatives.comparison import DesignComparison, compare_designs
    from debulk.trials.boundaries.bounds import Boundaries, CrossingProbabilities
    from debulk.trials.boundaries.families import HaybittlePeto, WangTsiatis
    from debulk.trials.boundaries.futility import (
        ConditionalPowerFutility,
        HazardRatioFutility,
        PredictivePowerFutility,
    )
    from debulk.trials.boundaries.inference import (
        FinalInference,
        final_inference,
        stagewise_p_value,
    )
    from debulk.trials.boundaries.ratios import RatioEstimate
    from debulk.trials.boundaries.repeated import (
        RepeatedInference,
        efficacy_at_level,
        repeated_inference,
    )
    from debulk.trials.boundaries.rule import Harm, NullSpending, StoppingRule
    from debulk.trials.boundaries.solving import group_sequential
    from debulk.trials.boundaries.spending import Spending, SpendingFunction, UserSpending
    from debulk.trials.boundaries.updating import updated_boundaries
    from debulk.trials.characteristics import ProtocolCharacteristics
    from debulk.trials.endpoints.results import EndpointResult
    from debulk.trials.estimands.delivered import delivered_as_planned
    from debulk.trials.estimands.table import EstimandTable
    from debulk.trials.generators.arms import ArmsFollowUp, ArmsPatients
    from debulk.trials.generators.cohort import CohortPatients
    from debulk.trials.generators.cure_mixture import CureMixturePatients
    from debulk.trials.generators.generated import GeneratedPatients
    from debulk.trials.generators.illness_death import IllnessDeathPatients
    from debulk.trials.generators.piecewise_exponential import PiecewiseExponentialPatients
    from debulk.trials.generators.reading import load_generator
    from debulk.trials.generators.strata import PrognosticFactor
    from debulk.trials.mechanisms.contrasts import WorldEffect
    from debulk.trials.mechanisms.counterfactual import BothArms, counterfactual
    from debulk.trials.mechanisms.worth import MechanismsWorth, mechanisms_worth
    from debulk.trials.nonproportional.alternative import Alternative
    from debulk.trials.nonproportional.average_effect import (
        AverageHazardRatio,
        average_hazard_ratio,
        average_hazard_ratio_design,
    )
    from debulk.trials.nonproportional.combined import max_combo_design
    from debulk.trials.nonproportional.curve_designs import milestone_design, rmst_design
    from debulk.trials.nonproportional.designs import NonproportionalDesign, NonproportionalLook
    from debulk.trials.nonproportional.rank_designs import weighted_logrank_design
    from debulk.trials.nonproportional.single_arm import (
        SingleArmDesign,
        WeibullControl,
        one_sample_logrank_design,
    )
    from debulk.trials.operating import OperatingCharacteristics
    from debulk.trials.planning.centres import PlannedCentres
    from debulk.trials.planning.clusters import ClusterInflation, cluster_inflation
    from debulk.trials.planning.coprimary import CoprimaryDesign, CoprimaryPower, coprimary_alpha
    from debulk.trials.planning.curves import ControlCurve, exponential_curve
    from debulk.trials.planning.dilution import (
        DilutedHazardRatio,
        diluted_hazard_ratio,
        undiluted_hazard_ratio,
    )
    from debulk.trials.planning.early_stop import InformationAtStop, information_at_stop
    from debulk.trials.planning.expected_power import Assurance, assurance
    from debulk.trials.planning.feasibility import (
        FeasibilityCriterion,
        FeasibilityStage,
        feasibility_stage,
    )
    from debulk.trials.planning.goals import (
        GoalHazardRatio,
        GoalTable,
        absolute_gain,
        goal_hazard_ratio,
        goal_table,
    )
    from debulk.trials.planning.interim import (
        ConditionalPower,
        PredictivePower,
        conditional_power,
        predictive_power,
    )
    from debulk.trials.planning.margins import (
        NonInferiorityMargin,
        SynthesisTest,
        non_inferiority_margin,
        synthesis_test,
    )
    from debulk.trials.planning.monitoring import ContinuousMonitoring, continuous_monitoring
    from debulk.trials.planning.priors import (
        EffectPrior,
        lognormal_prior,
        mixture_prior,
        normal_prior,
        point_prior,
    )
    from debulk.trials.planning.recruitment import (
        AccrualForecast,
        CentreRecord,
        accrual_forecast,
        accrual_update,
    )
    from debulk.trials.planning.slow_accrual import SlowAccrualRule, slow_accrual_rule
    from debulk.trials.planning.surgeons import LearningInflation, learning_curve
    from debulk.trials.randomisation.assignment import assign
    from debulk.trials.randomisation.balance import AssignmentBalance, assignment_balance
    from debulk.trials.randomisation.centres import (
        Centres,
        PatientCentres,
        case_numbers,
        draw_centres,
    )
    from debulk.trials.randomisation.guesses import ListBalance, StratumBalance
    from debulk.trials.randomisation.lists import (
        ListRow,
        RandomisationList,
        randomisation_list,
        verify_opening,
    )
    from debulk.trials.randomisation.methods import BiasedCoin, Minimisation, PermutedBlocks, Simple
    from debulk.trials.randomisation.verification import Verification, verify_list
    from debulk.trials.recruitment.generator import FunnelCounts, PatientGenerator, Recruitment
    from debulk.trials.recruitment.planned import PatientsFromPlan
    from debulk.trials.recruitment.randomised import Randomised
    from debulk.trials.recruitment.virtual import VirtualPatients
    from debulk.trials.retrodiction.locking import lock_predictions, verify_predictions
    from debulk.trials.retrodiction.result import Retrodiction, TrialRetrodiction
    from debulk.trials.retrodiction.retrodicting import retrodict
    from debulk.trials.running.chunks import ChunkStore
    from debulk.trials.running.run import run_trial, trial_settings
    from debulk.trials.running.settings import TrialSettings
    from debulk.trials.simulation.design_characteristics import DesignCharacteristics
    from debulk.trials.simulation.simulating import simulate
    from debulk.trials.survival_designs.assumptions import Accrual, Dropout, Stratum
    from debulk.trials.survival_designs.designing import survival_design
    from debulk.trials.survival_designs.timing import Timing
    from debulk.trials.survival_designs.trial_design import Expected, Look, TrialDesign
    from debulk.trials.sweeps.sweep_result import Sweep
    from debulk.trials.sweeps.sweeping import read_sweep, sweep
    from debulk.trials.truth import Truth

__all__ = [
    "Accrual",
    "AccrualForecast",
    "Alternative",
    "ArmsFollowUp",
    "ArmsPatients",
    "AssignmentBalance",
    "Assurance",
    "AverageHazardRatio",
    "BiasedCoin",
    "BothArms",
    "Boundaries",
    "CentreRecord",
    "Centres",
    "ChunkStore",
    "ClusterInflation",
    "CohortPatients",
    "ConditionalPower",
    "ConditionalPowerFutility",
    "ContinuousMonitoring",
    "ControlCurve",
    "CoprimaryDesign",
    "CoprimaryPower",
    "CrossingProbabilities",
    "CureMixturePatients",
    "DesignAssumptions",
    "DesignCharacteristics",
    "DesignComparison",
    "DilutedHazardRatio",
    "Dropout",
    "EffectPrior",
    "EndpointResult",
    "EstimandTable",
    "Expected",
    "FeasibilityCriterion",
    "FeasibilityStage",
    "FinalInference",
    "FunnelCounts",
    "GeneratedPatients",
    "GoalHazardRatio",
    "GoalTable",
    "Harm",
    "HaybittlePeto",
    "HazardRatioFutility",
    "IllnessDeathPatients",
    "InformationAtStop",
    "LearningInflation",
    "ListBalance",
    "ListRow",
    "Look",
    "MechanismsWorth",
    "Minimisation",
    "NonInferiorityMargin",
    "NonproportionalDesign",
    "NonproportionalLook",
    "NullSpending",
    "OperatingCharacteristics",
    "PatientCentres",
    "PatientGenerator",
    "PatientsFromPlan",
    "PermutedBlocks",
    "PiecewiseExponentialPatients",
    "PlannedCentres",
    "PredictivePower",
    "PredictivePowerFutility",
    "PrognosticFactor",
    "ProtocolCharacteristics",
    "RandomisationList",
    "Randomised",
    "RatioEstimate",
    "Recruitment",
    "RepeatedInference",
    "Retrodiction",
    "Simple",
    "SingleArmDesign",
    "SlowAccrualRule",
    "Spending",
    "SpendingFunction",
    "StoppingRule",
    "Stratum",
    "StratumBalance",
    "Sweep",
    "SynthesisTest",
    "Timing",
    "TrialDesign",
    "TrialRetrodiction",
    "TrialSettings",
    "Truth",
    "UserSpending",
    "Verification",
    "VirtualPatients",
    "WangTsiatis",
    "WeibullControl",
    "WorldEffect",
    "absolute_gain",
    "accrual_forecast",
    "accrual_update",
    "assign",
    "assignment_balance",
    "assurance",
    "average_hazard_ratio",
    "average_hazard_ratio_design",
    "case_numbers",
    "cluster_inflation",
    "compare_designs",
    "conditional_power",
    "continuous_monitoring",
    "coprimary_alpha",
    "counterfactual",
    "delivered_as_planned",
    "diluted_hazard_ratio",
    "draw_centres",
    "efficacy_at_level",
    "exponential_curve",
    "feasibility_stage",
    "final_inference",
    "goal_hazard_ratio",
    "goal_table",
    "group_sequential",
    "information_at_stop",
    "learning_curve",
    "load_generator",
    "load_protocol",
    "lock_predictions",
    "lognormal_prior",
    "max_combo_design",
    "mechanisms_worth",
    "milestone_design",
    "mixture_prior",
    "non_inferiority_margin",
    "normal_prior",
    "one_sample_logrank_design",
    "point_prior",
    "predictive_power",
    "randomisation_list",
    "read_sweep",
    "repeated_inference",
    "retrodict",
    "rmst_design",
    "run_trial",
    "simulate",
    "slow_accrual_rule",
    "stagewise_p_value",
    "survival_design",
    "sweep",
    "synthesis_test",
    "trial_settings",
    "undiluted_hazard_ratio",
    "updated_boundaries",
    "verify_list",
    "verify_opening",
    "verify_predictions",
    "weighted_logrank_design",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "Accrual": "debulk.trials.survival_designs.assumptions",
        "AccrualForecast": "debulk.trials.planning.recruitment",
        "Alternative": "debulk.trials.nonproportional.alternative",
        "ArmsFollowUp": "debulk.trials.generators.arms",
        "ArmsPatients": "debulk.trials.generators.arms",
        "AssignmentBalance": "debulk.trials.randomisation.balance",
        "Assurance": "debulk.trials.planning.expected_power",
        "AverageHazardRatio": "debulk.trials.nonproportional.average_effect",
        "BiasedCoin": "debulk.trials.randomisation.methods",
        "BothArms": "debulk.trials.mechanisms.counterfactual",
        "Boundaries": "debulk.trials.boundaries.bounds",
        "CentreRecord": "debulk.trials.planning.recruitment",
        "Centres": "debulk.trials.randomisation.centres",
        "ChunkStore": "debulk.trials.running.chunks",
        "ClusterInflation": "debulk.trials.planning.clusters",
        "CohortPatients": "debulk.trials.generators.cohort",
        "ConditionalPower": "debulk.trials.planning.interim",
        "ConditionalPowerFutility": "debulk.trials.boundaries.futility",
        "ContinuousMonitoring": "debulk.trials.planning.monitoring",
        "ControlCurve": "debulk.trials.planning.curves",
        "CoprimaryDesign": "debulk.trials.planning.coprimary",
        "CoprimaryPower": "debulk.trials.planning.coprimary",
        "CrossingProbabilities": "debulk.trials.boundaries.bounds",
        "CureMixturePatients": "debulk.trials.generators.cure_mixture",
        "DesignAssumptions": "debulk.trials.alternatives.assumptions",
        "DesignCharacteristics": "debulk.trials.simulation.design_characteristics",
        "DesignComparison": "debulk.trials.alternatives.comparison",
        "DilutedHazardRatio": "debulk.trials.planning.dilution",
        "Dropout": "debulk.trials.survival_designs.assumptions",
        "EffectPrior": "debulk.trials.planning.priors",
        "EndpointResult": "debulk.trials.endpoints.results",
        "EstimandTable": "debulk.trials.estimands.table",
        "Expected": "debulk.trials.survival_designs.trial_design",
        "FeasibilityCriterion": "debulk.trials.planning.feasibility",
        "FeasibilityStage": "debulk.trials.planning.feasibility",
        "FinalInference": "debulk.trials.boundaries.inference",
        "FunnelCounts": "debulk.trials.recruitment.generator",
        "GeneratedPatients": "debulk.trials.generators.generated",
        "GoalHazardRatio": "debulk.trials.planning.goals",
        "GoalTable": "debulk.trials.planning.goals",
        "Harm": "debulk.trials.boundaries.rule",
        "HaybittlePeto": "debulk.trials.boundaries.families",
        "HazardRatioFutility": "debulk.trials.boundaries.futility",
        "IllnessDeathPatients": "debulk.trials.generators.illness_death",
        "InformationAtStop": "debulk.trials.planning.early_stop",
        "LearningInflation": "debulk.trials.planning.surgeons",
        "ListBalance": "debulk.trials.randomisation.guesses",
        "ListRow": "debulk.trials.randomisation.lists",
        "Look": "debulk.trials.survival_designs.trial_design",
        "MechanismsWorth": "debulk.trials.mechanisms.worth",
        "Minimisation": "debulk.trials.randomisation.methods",
        "NonInferiorityMargin": "debulk.trials.planning.margins",
        "NonproportionalDesign": "debulk.trials.nonproportional.designs",
        "NonproportionalLook": "debulk.trials.nonproportional.designs",
        "NullSpending": "debulk.trials.boundaries.rule",
        "OperatingCharacteristics": "debulk.trials.operating",
        "PatientCentres": "debulk.trials.randomisation.centres",
        "PatientGenerator": "debulk.trials.recruitment.generator",
        "PatientsFromPlan": "debulk.trials.recruitment.planned",
        "PermutedBlocks": "debulk.trials.randomisation.methods",
        "PiecewiseExponentialPatients": "debulk.trials.generators.piecewise_exponential",
        "PlannedCentres": "debulk.trials.planning.centres",
        "PredictivePower": "debulk.trials.planning.interim",
        "PredictivePowerFutility": "debulk.trials.boundaries.futility",
        "PrognosticFactor": "debulk.trials.generators.strata",
        "ProtocolCharacteristics": "debulk.trials.characteristics",
        "RandomisationList": "debulk.trials.randomisation.lists",
        "Randomised": "debulk.trials.recruitment.randomised",
        "RatioEstimate": "debulk.trials.boundaries.ratios",
        "Recruitment": "debulk.trials.recruitment.generator",
        "RepeatedInference": "debulk.trials.boundaries.repeated",
        "Retrodiction": "debulk.trials.retrodiction.result",
        "Simple": "debulk.trials.randomisation.methods",
        "SingleArmDesign": "debulk.trials.nonproportional.single_arm",
        "SlowAccrualRule": "debulk.trials.planning.slow_accrual",
        "Spending": "debulk.trials.boundaries.spending",
        "SpendingFunction": "debulk.trials.boundaries.spending",
        "StoppingRule": "debulk.trials.boundaries.rule",
        "Stratum": "debulk.trials.survival_designs.assumptions",
        "StratumBalance": "debulk.trials.randomisation.guesses",
        "Sweep": "debulk.trials.sweeps.sweep_result",
        "SynthesisTest": "debulk.trials.planning.margins",
        "Timing": "debulk.trials.survival_designs.timing",
        "TrialDesign": "debulk.trials.survival_designs.trial_design",
        "TrialRetrodiction": "debulk.trials.retrodiction.result",
        "TrialSettings": "debulk.trials.running.settings",
        "Truth": "debulk.trials.truth",
        "UserSpending": "debulk.trials.boundaries.spending",
        "Verification": "debulk.trials.randomisation.verification",
        "VirtualPatients": "debulk.trials.recruitment.virtual",
        "WangTsiatis": "debulk.trials.boundaries.families",
        "WeibullControl": "debulk.trials.nonproportional.single_arm",
        "WorldEffect": "debulk.trials.mechanisms.contrasts",
        "absolute_gain": "debulk.trials.planning.goals",
        "accrual_forecast": "debulk.trials.planning.recruitment",
        "accrual_update": "debulk.trials.planning.recruitment",
        "assign": "debulk.trials.randomisation.assignment",
        "assignment_balance": "debulk.trials.randomisation.balance",
        "assurance": "debulk.trials.planning.expected_power",
        "average_hazard_ratio": "debulk.trials.nonproportional.average_effect",
        "average_hazard_ratio_design": "debulk.trials.nonproportional.average_effect",
        "case_numbers": "debulk.trials.randomisation.centres",
        "cluster_inflation": "debulk.trials.planning.clusters",
        "compare_designs": "debulk.trials.alternatives.comparison",
        "conditional_power": "debulk.trials.planning.interim",
        "continuous_monitoring": "debulk.trials.planning.monitoring",
        "coprimary_alpha": "debulk.trials.planning.coprimary",
        "counterfactual": "debulk.trials.mechanisms.counterfactual",
        "delivered_as_planned": "debulk.trials.estimands.delivered",
        "diluted_hazard_ratio": "debulk.trials.planning.dilution",
        "draw_centres": "debulk.trials.randomisation.centres",
        "efficacy_at_level": "debulk.trials.boundaries.repeated",
        "exponential_curve": "debulk.trials.planning.curves",
        "feasibility_stage": "debulk.trials.planning.feasibility",
        "final_inference": "debulk.trials.boundaries.inference",
        "goal_hazard_ratio": "debulk.trials.planning.goals",
        "goal_table": "debulk.trials.planning.goals",
        "group_sequential": "debulk.trials.boundaries.solving",
        "information_at_stop": "debulk.trials.planning.early_stop",
        "learning_curve": "debulk.trials.planning.surgeons",
        "load_generator": "debulk.trials.generators.reading",
        "load_protocol": "debulk.protocols",
        "lock_predictions": "debulk.trials.retrodiction.locking",
        "lognormal_prior": "debulk.trials.planning.priors",
        "max_combo_design": "debulk.trials.nonproportional.combined",
        "mechanisms_worth": "debulk.trials.mechanisms.worth",
        "milestone_design": "debulk.trials.nonproportional.curve_designs",
        "mixture_prior": "debulk.trials.planning.priors",
        "non_inferiority_margin": "debulk.trials.planning.margins",
        "normal_prior": "debulk.trials.planning.priors",
        "one_sample_logrank_design": "debulk.trials.nonproportional.single_arm",
        "point_prior": "debulk.trials.planning.priors",
        "predictive_power": "debulk.trials.planning.interim",
        "randomisation_list": "debulk.trials.randomisation.lists",
        "read_sweep": "debulk.trials.sweeps.sweeping",
        "repeated_inference": "debulk.trials.boundaries.repeated",
        "retrodict": "debulk.trials.retrodiction.retrodicting",
        "rmst_design": "debulk.trials.nonproportional.curve_designs",
        "run_trial": "debulk.trials.running.run",
        "simulate": "debulk.trials.simulation.simulating",
        "slow_accrual_rule": "debulk.trials.planning.slow_accrual",
        "stagewise_p_value": "debulk.trials.boundaries.inference",
        "survival_design": "debulk.trials.survival_designs.designing",
        "sweep": "debulk.trials.sweeps.sweeping",
        "synthesis_test": "debulk.trials.planning.margins",
        "trial_settings": "debulk.trials.running.run",
        "undiluted_hazard_ratio": "debulk.trials.planning.dilution",
        "updated_boundaries": "debulk.trials.boundaries.updating",
        "verify_list": "debulk.trials.randomisation.verification",
        "verify_opening": "debulk.trials.randomisation.lists",
        "verify_predictions": "debulk.trials.retrodiction.locking",
        "weighted_logrank_design": "debulk.trials.nonproportional.rank_designs",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
