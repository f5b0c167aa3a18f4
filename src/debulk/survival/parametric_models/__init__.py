"""Parametric survival models: distributions, splines, cure, left truncation, excess hazards."""

from debulk.survival.parametric_models.accelerated import AcceleratedTime
from debulk.survival.parametric_models.fit import parametric
from debulk.survival.parametric_models.model import ParametricModel
from debulk.survival.parametric_models.piecewise import PiecewiseExponential
from debulk.survival.parametric_models.splines import RoystonParmar

__all__ = [
    "AcceleratedTime",
    "ParametricModel",
    "PiecewiseExponential",
    "RoystonParmar",
    "parametric",
]
