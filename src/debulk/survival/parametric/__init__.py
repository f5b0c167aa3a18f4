"""Parametric survival models: distributions, splines, cure, left truncation, excess hazards."""

from debulk.survival.parametric.accelerated import AcceleratedTime
from debulk.survival.parametric.fit import parametric
from debulk.survival.parametric.model import ParametricModel
from debulk.survival.parametric.piecewise import PiecewiseExponential
from debulk.survival.parametric.splines import RoystonParmar

__all__ = [
    "AcceleratedTime",
    "ParametricModel",
    "PiecewiseExponential",
    "RoystonParmar",
    "parametric",
]
