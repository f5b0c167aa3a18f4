"""Curves of survival and of hazard: estimates, limits, quantiles, means, landmarks."""

from debulk.survival.curves.fit import curve_of, kaplan_meier
from debulk.survival.curves.hazard_curve import HazardCurve, nelson_aalen
from debulk.survival.curves.landmark import Landmark, landmark
from debulk.survival.curves.limits import ConfType
from debulk.survival.curves.survival_curve import QUANTILE_TOLERANCE, SurvivalCurve
from debulk.survival.options import check_level

__all__ = [
    "QUANTILE_TOLERANCE",
    "ConfType",
    "HazardCurve",
    "Landmark",
    "SurvivalCurve",
    "check_level",
    "curve_of",
    "kaplan_meier",
    "landmark",
    "nelson_aalen",
]
