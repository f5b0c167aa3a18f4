"""Trials emulated from registries, and a laboratory that measures the bias of every shortcut."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.emulation.answers import Answer as Answer
    from debulk.emulation.answers import StrategyCurve as StrategyCurve
    from debulk.emulation.check import Check as Check
    from debulk.emulation.checks.answering import checks_of as checks_of
    from debulk.emulation.checks.balance import check_balance as check_balance
    from debulk.emulation.checks.before_time_zero import check_calendar_time as check_calendar_time
    from debulk.emulation.checks.before_time_zero import (
        check_prevalent_treatment as check_prevalent_treatment,
    )
    from debulk.emulation.checks.negative_control import (
        check_negative_control as check_negative_control,
    )
    from debulk.emulation.checks.positivity import check_positivity as check_positivity
    from debulk.emulation.checks.unmeasured import EValue as EValue
    from debulk.emulation.checks.unmeasured import TippingPoint as TippingPoint
    from debulk.emulation.checks.unmeasured import (
        check_unmeasured_selection as check_unmeasured_selection,
    )
    from debulk.emulation.checks.unmeasured import e_value as e_value
    from debulk.emulation.checks.unmeasured import tipping_points as tipping_points
    from debulk.emulation.checks.unmeasured import unmeasured_bias as unmeasured_bias
    from debulk.emulation.checks.unseen_tail import check_unseen_tail as check_unseen_tail
    from debulk.emulation.checks.weight_tails import check_weight_tails as check_weight_tails
    from debulk.emulation.clones.fit import CloneAnswer as CloneAnswer
    from debulk.emulation.clones.fit import clone_censor_weight as clone_censor_weight
    from debulk.emulation.clones.weights import ArmWeights as ArmWeights
    from debulk.emulation.clones.weights import CloneWeights as CloneWeights
    from debulk.emulation.clones.weights import FittedModel as FittedModel
    from debulk.emulation.clones.weights import weighted_follow_up as weighted_follow_up
    from debulk.emulation.emulation_result import Emulation as Emulation
    from debulk.emulation.emulation_result import Question as Question
    from debulk.emulation.front import ask_question as ask_question
    from debulk.emulation.front import emulate as emulate
    from debulk.emulation.grace import GracePeriod as GracePeriod
    from debulk.emulation.laboratory.cells import Cell as Cell
    from debulk.emulation.laboratory.cells import Experiment as Experiment
    from debulk.emulation.laboratory.cells import whole_table as whole_table
    from debulk.emulation.laboratory.disease_cohort import cohort_of_registry as cohort_of_registry
    from debulk.emulation.laboratory.disease_world import disease_world as disease_world
    from debulk.emulation.laboratory.knobs import Knobs as Knobs
    from debulk.emulation.laboratory.knobs import knobs_of as knobs_of
    from debulk.emulation.laboratory.known_registries import KnownRegistry as KnownRegistry
    from debulk.emulation.laboratory.known_registries import virtual_registry as virtual_registry
    from debulk.emulation.laboratory.packaged import packaged_table as packaged_table
    from debulk.emulation.laboratory.registry import simulate_registry as simulate_registry
    from debulk.emulation.laboratory.running import run_laboratory as run_laboratory
    from debulk.emulation.laboratory.table import LaboratoryTable as LaboratoryTable
    from debulk.emulation.laboratory.table import tidy_frame as tidy_frame
    from debulk.emulation.method_table import METHODS as METHODS
    from debulk.emulation.methods.baseline import baseline_weighting as baseline_weighting
    from debulk.emulation.methods.landmark import landmark_groups as landmark_groups
    from debulk.emulation.methods.naive import naive_ever_never as naive_ever_never
    from debulk.emulation.methods.sequential import sequential_trials as sequential_trials
    from debulk.emulation.methods.time_dependent import mantel_byar as mantel_byar
    from debulk.emulation.methods.time_dependent import time_varying_cox as time_varying_cox
    from debulk.emulation.person_time import Covariate as Covariate
    from debulk.emulation.person_time import PersonTime as PersonTime
    from debulk.emulation.weight_model import WeightModel as WeightModel

__all__ = [
    "METHODS",
    "Answer",
    "ArmWeights",
    "Cell",
    "Check",
    "CloneAnswer",
    "CloneWeights",
    "Covariate",
    "EValue",
    "Emulation",
    "Experiment",
    "FittedModel",
    "GracePeriod",
    "Knobs",
    "KnownRegistry",
    "LaboratoryTable",
    "PersonTime",
    "Question",
    "StrategyCurve",
    "TippingPoint",
    "WeightModel",
    "ask_question",
    "baseline_weighting",
    "check_balance",
    "check_calendar_time",
    "check_negative_control",
    "check_positivity",
    "check_prevalent_treatment",
    "check_unmeasured_selection",
    "check_unseen_tail",
    "check_weight_tails",
    "checks_of",
    "clone_censor_weight",
    "cohort_of_registry",
    "disease_world",
    "e_value",
    "emulate",
    "knobs_of",
    "landmark_groups",
    "mantel_byar",
    "naive_ever_never",
    "packaged_table",
    "run_laboratory",
    "sequential_trials",
    "simulate_registry",
    "tidy_frame",
    "time_varying_cox",
    "tipping_points",
    "unmeasured_bias",
    "virtual_registry",
    "weighted_follow_up",
    "whole_table",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "METHODS": "debulk.emulation.method_table",
        "Answer": "debulk.emulation.answers",
        "ArmWeights": "debulk.emulation.clones.weights",
        "Cell": "debulk.emulation.laboratory.cells",
        "Check": "debulk.emulation.check",
        "CloneAnswer": "debulk.emulation.clones.fit",
        "CloneWeights": "debulk.emulation.clones.weights",
        "Covariate": "debulk.emulation.person_time",
        "EValue": "debulk.emulation.checks.unmeasured",
        "Emulation": "debulk.emulation.emulation_result",
        "Experiment": "debulk.emulation.laboratory.cells",
        "FittedModel": "debulk.emulation.clones.weights",
        "GracePeriod": "debulk.emulation.grace",
        "Knobs": "debulk.emulation.laboratory.knobs",
        "KnownRegistry": "debulk.emulation.laboratory.known_registries",
        "LaboratoryTable": "debulk.emulation.laboratory.table",
        "PersonTime": "debulk.emulation.person_time",
        "Question": "debulk.emulation.emulation_result",
        "StrategyCurve": "debulk.emulation.answers",
        "TippingPoint": "debulk.emulation.checks.unmeasured",
        "WeightModel": "debulk.emulation.weight_model",
        "ask_question": "debulk.emulation.front",
        "baseline_weighting": "debulk.emulation.methods.baseline",
        "check_balance": "debulk.emulation.checks.balance",
        "check_calendar_time": "debulk.emulation.checks.before_time_zero",
        "check_negative_control": "debulk.emulation.checks.negative_control",
        "check_positivity": "debulk.emulation.checks.positivity",
        "check_prevalent_treatment": "debulk.emulation.checks.before_time_zero",
        "check_unmeasured_selection": "debulk.emulation.checks.unmeasured",
        "check_unseen_tail": "debulk.emulation.checks.unseen_tail",
        "check_weight_tails": "debulk.emulation.checks.weight_tails",
        "checks_of": "debulk.emulation.checks.answering",
        "clone_censor_weight": "debulk.emulation.clones.fit",
        "cohort_of_registry": "debulk.emulation.laboratory.disease_cohort",
        "disease_world": "debulk.emulation.laboratory.disease_world",
        "e_value": "debulk.emulation.checks.unmeasured",
        "emulate": "debulk.emulation.front",
        "knobs_of": "debulk.emulation.laboratory.knobs",
        "landmark_groups": "debulk.emulation.methods.landmark",
        "mantel_byar": "debulk.emulation.methods.time_dependent",
        "naive_ever_never": "debulk.emulation.methods.naive",
        "packaged_table": "debulk.emulation.laboratory.packaged",
        "run_laboratory": "debulk.emulation.laboratory.running",
        "sequential_trials": "debulk.emulation.methods.sequential",
        "simulate_registry": "debulk.emulation.laboratory.registry",
        "tidy_frame": "debulk.emulation.laboratory.table",
        "time_varying_cox": "debulk.emulation.methods.time_dependent",
        "tipping_points": "debulk.emulation.checks.unmeasured",
        "unmeasured_bias": "debulk.emulation.checks.unmeasured",
        "virtual_registry": "debulk.emulation.laboratory.known_registries",
        "weighted_follow_up": "debulk.emulation.clones.weights",
        "whole_table": "debulk.emulation.laboratory.cells",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
