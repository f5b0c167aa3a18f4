"""Accelerated failure time models in the parametrisation of R's survreg."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.subjects import Floats

if TYPE_CHECKING:
    from debulk.survival.parametric_models.model import ParametricModel

_INTERCEPT = "(Intercept)"


@dataclass(frozen=True, eq=False)
class AcceleratedTime:
    """log time = intercept + x'b + scale times a standard error variable.

    The error is extreme-value (exponential, with scale 1, and Weibull), normal (log-normal) or
    logistic (log-logistic).

    Attributes
    ----------
    names : tuple of str
        "(Intercept)", the covariates, and "Log(scale)" unless the scale is fixed.
    coef : dict of str to float
        Intercept and coefficients on log time, by name.
    scale : float
        The scale; exactly 1 for the exponential.
    covariance : array, shape (k, k)
        Of the entries of `names`, the logarithm of the scale among them.
    loglik, loglik_null : float
        Log likelihood of the times, and that without covariates.
    """

    names: tuple[str, ...]
    coef: dict[str, float]
    scale: float
    covariance: Floats
    loglik: float
    loglik_null: float

    @property
    def se(self) -> dict[str, float]:
        """Standard errors by name."""
        return dict(zip(self.names, np.sqrt(np.diag(self.covariance)).tolist(), strict=True))

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        result: dict[str, Any] = plain(
            {
                "names": self.names,
                "coef": self.coef,
                "se": self.se,
                "scale": self.scale,
                "covariance": self.covariance,
                "loglik": self.loglik,
                "loglik_null": self.loglik_null,
            }
        )
        return result


def accelerated_time(fitted: ParametricModel) -> AcceleratedTime:
    """Turn a fitted model into survreg's parametrisation.

    Raises
    ------
    InputError
        For a model that does not accelerate time, or one with a cured share.
    """
    signs = {
        "exponential": ("rate", -1.0, None, 0.0),
        "weibull": ("scale", 1.0, "shape", -1.0),
        "loglogistic": ("scale", 1.0, "shape", -1.0),
        "lognormal": ("meanlog", 1.0, "sdlog", 1.0),
    }
    if fitted.model not in signs or fitted.cure is not None:
        what = "cure" if fitted.cure is not None else fitted.model
        raise InputError(
            "model",
            f"a {what} model is none of accelerated times",
            f"Use {', '.join(signs)}, without cure",
        )
    location, sign, spread, turn = signs[fitted.model]
    order = [location, *fitted.covariate_names]
    factors = [sign] * len(order)
    names = [_INTERCEPT, *fitted.covariate_names]
    if spread is not None:
        order, factors, names = [*order, spread], [*factors, turn], [*names, "Log(scale)"]
    places = [fitted.names.index(each) for each in order]
    values = np.array(factors) * fitted.working[places]
    count = 1 + len(fitted.covariate_names)
    return AcceleratedTime(
        names=tuple(names),
        coef=dict(zip(names[:count], values[:count].tolist(), strict=True)),
        scale=1.0 if spread is None else float(np.exp(values[-1])),
        covariance=fitted.covariance[np.ix_(places, places)] * np.outer(factors, factors),
        loglik=fitted.loglik,
        loglik_null=fitted.loglik_null,
    )
