"""Calibration without likelihoods: from priors and targets to a sample of parameter sets."""

from debulk.disease.calibration.priors import Priors as Priors
from debulk.disease.calibration.priors import make_priors as make_priors
from debulk.disease.calibration.problem import Problem as Problem
from debulk.disease.calibration.problem import ProblemTarget as ProblemTarget
from debulk.disease.calibration.problem import target_from_interval as target_from_interval
from debulk.disease.calibration.run import Calibration as Calibration
from debulk.disease.calibration.run import calibrate as calibrate
from debulk.disease.calibration.settings import CalibrationSettings as CalibrationSettings

__all__ = [
    "Calibration",
    "CalibrationSettings",
    "Priors",
    "Problem",
    "ProblemTarget",
    "calibrate",
    "make_priors",
    "target_from_interval",
]
