"""The distributions without settings, by the names that `parametric` takes."""

from __future__ import annotations

from debulk.survival.parametric_models.distributions import (
    Distribution,
    exponential,
    gompertz,
    log_logistic,
    log_normal,
    weibull,
)
from debulk.survival.parametric_models.families import Family, Parameter
from debulk.survival.parametric_models.gamma import gamma, generalised_gamma

_SHAPE_SCALE = (Parameter("shape", "log"), Parameter("scale", "log"))
_MEAN_DEVIATION = (Parameter("meanlog", "identity"), Parameter("sdlog", "log"))
_SHAPE_RATE = (Parameter("shape", "identity"), Parameter("rate", "log"))
_RATIO_OF_HAZARDS = "log hazard ratio"
_RATIO_OF_TIMES = "log time ratio"

FAMILIES: dict[str, Family] = {
    each.name: each
    for each in (
        Distribution(
            "exponential",
            (Parameter("rate", "log"),),
            "rate",
            _RATIO_OF_HAZARDS,
            exponential,
            (0.0,),
            needs_log_time=False,
        ),
        Distribution("weibull", _SHAPE_SCALE, "scale", _RATIO_OF_TIMES, weibull, (0.0, 0.0)),
        Distribution(
            "lognormal", _MEAN_DEVIATION, "meanlog", _RATIO_OF_TIMES, log_normal, (-0.4, 0.1)
        ),
        Distribution(
            "loglogistic", _SHAPE_SCALE, "scale", _RATIO_OF_TIMES, log_logistic, (0.4, -0.4)
        ),
        Distribution(
            "gompertz",
            _SHAPE_RATE,
            "rate",
            _RATIO_OF_HAZARDS,
            gompertz,
            (0.0, 0.0),
            needs_log_time=False,
        ),
        Distribution(
            "gamma",
            (Parameter("shape", "log"), Parameter("rate", "log")),
            "rate",
            "log rate",
            gamma,
            (0.0, 0.0),
        ),
        Distribution(
            "generalised-gamma",
            (Parameter("mu", "identity"), Parameter("sigma", "log"), Parameter("Q", "identity")),
            "mu",
            _RATIO_OF_TIMES,
            generalised_gamma,
            (-0.3, 0.0, 0.5),
        ),
    )
}
"""The distributions without settings, by name."""
