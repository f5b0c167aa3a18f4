"""Virtual patients with metastatic bowel cancer: history, course, calibration, what they show."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.disease.calibration.disease_problem import disease_problem as disease_problem
    from debulk.disease.calibration.run import Calibration as Calibration
    from debulk.disease.calibration.run import calibrate as calibrate
    from debulk.disease.calibration.settings import CalibrationSettings as CalibrationSettings
    from debulk.disease.census import Census as Census
    from debulk.disease.census import take_census as take_census
    from debulk.disease.continuum import Continuum as Continuum
    from debulk.disease.continuum import compute_continuum as compute_continuum
    from debulk.disease.course.care import Care as Care
    from debulk.disease.course.care import LocalTreatment as LocalTreatment
    from debulk.disease.course.outcome import Course as Course
    from debulk.disease.course.outcome import Watch as Watch
    from debulk.disease.course.run import run_course as run_course
    from debulk.disease.fits import Fits as Fits
    from debulk.disease.fits import compute_fits as compute_fits
    from debulk.disease.life_table import other_cause_hazards as other_cause_hazards
    from debulk.disease.mechanisms import MECHANISMS as MECHANISMS
    from debulk.disease.model import DiseaseModel as DiseaseModel
    from debulk.disease.model import load_model as load_model
    from debulk.disease.model import prior_model as prior_model
    from debulk.disease.observed import observe as observe
    from debulk.disease.posterior import Posterior as Posterior
    from debulk.disease.posterior import read_posterior as read_posterior
    from debulk.disease.presenters import Presenters as Presenters
    from debulk.disease.presenters import draw_presenters as draw_presenters
    from debulk.disease.structures import STRUCTURES as STRUCTURES
    from debulk.disease.summaries import PatientSummary as PatientSummary
    from debulk.disease.summaries import patient_summaries as patient_summaries
    from debulk.disease.targets.evaluation import TargetEvaluation as TargetEvaluation
    from debulk.disease.targets.evaluation import evaluate_targets as evaluate_targets
    from debulk.disease.targets.table import Target as Target
    from debulk.disease.targets.table import load_targets as load_targets

__all__ = [
    "MECHANISMS",
    "STRUCTURES",
    "Calibration",
    "CalibrationSettings",
    "Care",
    "Census",
    "Continuum",
    "Course",
    "DiseaseModel",
    "Fits",
    "LocalTreatment",
    "PatientSummary",
    "Posterior",
    "Presenters",
    "Target",
    "TargetEvaluation",
    "Watch",
    "calibrate",
    "compute_continuum",
    "compute_fits",
    "disease_problem",
    "draw_presenters",
    "evaluate_targets",
    "load_model",
    "load_targets",
    "observe",
    "other_cause_hazards",
    "patient_summaries",
    "prior_model",
    "read_posterior",
    "run_course",
    "take_census",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "MECHANISMS": "debulk.disease.mechanisms",
        "STRUCTURES": "debulk.disease.structures",
        "Calibration": "debulk.disease.calibration.run",
        "CalibrationSettings": "debulk.disease.calibration.settings",
        "Care": "debulk.disease.course.care",
        "Census": "debulk.disease.census",
        "Continuum": "debulk.disease.continuum",
        "Course": "debulk.disease.course.outcome",
        "DiseaseModel": "debulk.disease.model",
        "Fits": "debulk.disease.fits",
        "LocalTreatment": "debulk.disease.course.care",
        "PatientSummary": "debulk.disease.summaries",
        "Posterior": "debulk.disease.posterior",
        "Presenters": "debulk.disease.presenters",
        "Target": "debulk.disease.targets.table",
        "TargetEvaluation": "debulk.disease.targets.evaluation",
        "Watch": "debulk.disease.course.outcome",
        "calibrate": "debulk.disease.calibration.run",
        "compute_continuum": "debulk.disease.continuum",
        "compute_fits": "debulk.disease.fits",
        "disease_problem": "debulk.disease.calibration.disease_problem",
        "draw_presenters": "debulk.disease.presenters",
        "evaluate_targets": "debulk.disease.targets.evaluation",
        "load_model": "debulk.disease.model",
        "load_targets": "debulk.disease.targets.table",
        "observe": "debulk.disease.observed",
        "other_cause_hazards": "debulk.disease.life_table",
        "patient_summaries": "debulk.disease.summaries",
        "prior_model": "debulk.disease.model",
        "read_posterior": "debulk.disease.posterior",
        "run_course": "debulk.disease.course.run",
        "take_census": "debulk.disease.census",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
