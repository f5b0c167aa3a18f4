"""A fitted parametric survival model: parameters, effects and predictions."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, ndtr

from debulk.core.provenance import Provenance
from debulk.core.results import Estimate, plain
from debulk.survival.curves.limits import normal_width
from debulk.survival.parametric_models import predictions
from debulk.survival.parametric_models.accelerated import AcceleratedTime, accelerated_time
from debulk.survival.parametric_models.covariates import Column
from debulk.survival.parametric_models.cure import Cure
from debulk.survival.parametric_models.families import Family
from debulk.survival.parametric_models.likelihood import Layout
from debulk.survival.parametric_models.piecewise import PiecewiseFamily
from debulk.survival.parametric_models.text import summary_text
from debulk.survival.subjects import Floats


@dataclass(frozen=True, eq=False)
class ParametricModel:
    """A parametric survival model fitted by maximum likelihood; `parametric` makes it.

    Predictions take `covariates` as the fit did, one value or several values a covariate; without
    them they are for the mean of every covariate.

    Attributes
    ----------
    family : Family
        The distribution of those not cured.
    cure : {"mixture", "non-mixture"} or None
        Kind of cure model.
    columns, cure_columns : tuple of Column
        Covariates of the location and of the cured share.
    means, cure_means : array
        Means of the design's columns.
    working : array, shape (k,)
        Estimates on the scales on which they are free (`names`): logarithms of parameters that
        are above 0, effects, the logit of the cured share.
    covariance : array, shape (k, k)
        Inverse of the observed information of `working`.
    loglik, loglik_null : float
        Log likelihood, and that of the model without covariates (NaN if it has no maximum).
    n, events : int
        Subjects and events, each counted once whatever its weight.
    conf_level : float
        Level of all intervals.
    excess : bool
        Whether hazards are those in excess of a background, and survival is net survival.
    provenance : Provenance
        Version, settings, exclusions, remarks.
    """

    family: Family
    cure: Cure | None
    columns: tuple[Column, ...]
    cure_columns: tuple[Column, ...]
    means: Floats
    cure_means: Floats
    working: Floats
    covariance: Floats
    loglik: float
    loglik_null: float
    n: int
    events: int
    conf_level: float
    excess: bool
    provenance: Provenance

    @property
    def model(self) -> str:
        """Name of the distribution."""
        return self.family.name

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Names of the effects on the location."""
        return tuple(term for column in self.columns for term in column.terms)

    @property
    def cure_names(self) -> tuple[str, ...]:
        """Names of the effects on the logit of the cured share."""
        return tuple(term for column in self.cure_columns for term in column.terms)

    @property
    def names(self) -> tuple[str, ...]:
        """What `working` and `covariance` hold, in order."""
        own = tuple(each.name for each in self.family.parameters) + self.covariate_names
        if self.cure is None:
            return own
        return (*own, "cured", *(f"cured: {each}" for each in self.cure_names))

    @property
    def layout(self) -> Layout:
        """Where the parts of the model lie."""
        return Layout(self.family, self.cure, len(self.covariate_names), len(self.cure_names))

    @property
    def parameters(self) -> dict[str, Estimate]:
        """Natural parameters by name, for covariates of 0.

        The standard error is that of the parameter by the delta method; the interval is made on
        the scale of the logarithm, of the logit for the cured share, or of the parameter itself,
        as flexsurv does. A piecewise rate without events is 0, with neither.
        """
        result = {}
        for j, parameter in enumerate(self.family.parameters):
            how = "log" if parameter.scale == "log" else "plain"
            result[parameter.name] = self._estimate(j, parameter.name, how)
        if isinstance(self.family, PiecewiseFamily):
            result = {name: result.get(name) or self._zero(name) for name in self.family.labels}
        if self.cure is not None:
            place = self.names.index("cured")
            result["cured"] = self._estimate(place, "cured share", "logit")
        return result

    @property
    def coef(self) -> dict[str, float]:
        """Effects on the location by name; `effect_scale` says what they are."""
        return {name: self.working[self.names.index(name)].item() for name in self.covariate_names}

    @property
    def se(self) -> dict[str, float]:
        """Standard errors on the scales of `working`, by name."""
        roots = np.sqrt(np.diag(self.covariance))
        return dict(zip(self.names, roots.tolist(), strict=True))

    @property
    def effect_scale(self) -> str:
        """What a coefficient means."""
        return self.family.effect

    @property
    def effects(self) -> dict[str, Estimate]:
        """Effects on the location with Wald intervals and tests, by name."""
        return {
            name: self._estimate(
                self.names.index(name), f"{self.effect_scale}, {name}", "plain", tested=True
            )
            for name in self.covariate_names
        }

    @property
    def cure_effects(self) -> dict[str, Estimate]:
        """Effects on the logit of the cured share (log odds ratios of cure), by name."""
        return {
            name: self._estimate(
                self.names.index(f"cured: {name}"),
                f"log odds ratio of cure, {name}",
                "plain",
                tested=True,
            )
            for name in self.cure_names
        }

    @property
    def estimated(self) -> int:
        """Number of parameters, piecewise rates of 0 among them."""
        zeros = sum(self.family.empty) if isinstance(self.family, PiecewiseFamily) else 0
        return int(self.working.size) + zeros

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2 k - 2 log likelihood."""
        return 2.0 * self.estimated - 2.0 * self.loglik

    @property
    def bic(self) -> float:
        """Schwarz's criterion, k log n - 2 log likelihood, with n the number of subjects."""
        return self.estimated * float(np.log(self.n)) - 2.0 * self.loglik

    @property
    def cured(self) -> Estimate | None:
        """The cured share at the means of its covariates; None where the model has none."""
        return self.cured_share()

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader must know about the fit."""
        return self.provenance.remarks

    def cured_share(self, covariates: Any = None, cure_covariates: Any = None) -> Estimate | None:
        """The share that never has the event, for one profile; None where the model has none.

        Besides cure models, a Gompertz model with a negative shape has one, exp(rate / shape).
        Interval on the logit scale; for Gompertz on that of log(-log).
        """
        return predictions.cured_share(self, covariates, cure_covariates)

    def survival(
        self, times: Any, covariates: Any = None, *, cure_covariates: Any = None
    ) -> Floats:
        """Survival function at the times.

        Parameters
        ----------
        times : array-like, shape (m,)
            At least 0.
        covariates, cure_covariates : as in the fit, optional
            One or more profiles; by default one of the means.

        Returns
        -------
        array, shape (m,) for one profile, (profiles, m) for several

        Raises
        ------
        InputError
            On times below 0 or profiles that do not fit the model.
        """
        return np.exp(-self.cumulative_hazard(times, covariates, cure_covariates=cure_covariates))

    def cumulative_hazard(
        self, times: Any, covariates: Any = None, *, cure_covariates: Any = None
    ) -> Floats:
        """Cumulative hazard at the times; arguments and shape as for `survival`."""
        return predictions.cumulative(self, times, covariates, cure_covariates)

    def hazard(self, times: Any, covariates: Any = None, *, cure_covariates: Any = None) -> Floats:
        """Hazard at the times, which must be above 0; arguments and shape as for `survival`."""
        return predictions.hazard(self, times, covariates, cure_covariates)

    def survival_limits(
        self, times: Any, covariates: Any = None, *, cure_covariates: Any = None
    ) -> tuple[Floats, Floats]:
        """Lower and upper confidence limits of the survival function, pointwise.

        By the delta method on the log cumulative hazard, so that they stay between 0 and 1;
        arguments and shapes as for `survival`.
        """
        return predictions.survival_limits(self, times, covariates, cure_covariates)

    def uncured_survival(self, times: Any, covariates: Any = None) -> Floats:
        """Survival function of those who are not cured; that of everybody without cure."""
        return predictions.uncured_survival(self, times, covariates)

    def quantile(
        self, p: float, covariates: Any = None, *, cure_covariates: Any = None
    ) -> Estimate:
        """Time by which a share `p` has had the event, for one profile.

        NaN where fewer than that ever do. By the delta method on log time; `se` is that of log
        time.
        """
        return predictions.quantile(self, p, covariates, cure_covariates)

    def rmst(self, tau: float, covariates: Any = None, *, cure_covariates: Any = None) -> Estimate:
        """Restricted mean survival time up to `tau`, for one profile.

        The area under the survival function by Gauss-Legendre quadrature, exact to rounding;
        standard error by the delta method, normal interval.
        """
        return predictions.restricted_mean(self, tau, covariates, cure_covariates)

    def accelerated(self) -> AcceleratedTime:
        """The model as R's survreg parametrises it: log time = x'b + scale error.

        Raises
        ------
        InputError
            For a model that does not accelerate time, or one with a cured share.
        """
        return accelerated_time(self)

    def summary(self) -> str:
        """The fit as text: parameters, effects, log likelihood, remarks."""
        return summary_text(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        result: dict[str, Any] = plain(
            {
                "model": self.model,
                "cure": self.cure,
                "parameters": self.parameters,
                "effect_scale": self.effect_scale,
                "effects": self.effects,
                "cure_effects": self.cure_effects,
                "cured": self.cured,
                "names": self.names,
                "working": self.working,
                "covariance": self.covariance,
                "loglik": self.loglik,
                "loglik_null": self.loglik_null,
                "aic": self.aic,
                "bic": self.bic,
                "n": self.n,
                "events": self.events,
                "excess": self.excess,
                "provenance": self.provenance,
            }
        )
        return result

    def with_provenance(self, provenance: Provenance) -> ParametricModel:
        """The same model with another account of where it comes from."""
        return dataclasses.replace(self, provenance=provenance)

    def _estimate(self, place: int, estimand: str, how: str, *, tested: bool = False) -> Estimate:
        """One entry of `working` on its natural scale, with its interval."""
        at, se = float(self.working[place]), float(np.sqrt(self.covariance[place, place]))
        z = normal_width(self.conf_level)
        points = at + z * se * np.array([0.0, -1.0, 1.0])
        with np.errstate(over="ignore"):
            back = {"log": np.exp(points), "logit": expit(points), "plain": points}[how]
        value, lower, upper = back.tolist()
        slope = {"log": value, "logit": value * (1.0 - value), "plain": 1.0}[how]
        return Estimate(
            estimand=estimand,
            estimate=value,
            se=slope * se,
            lower=lower,
            upper=upper,
            conf_level=self.conf_level,
            n=self.n,
            events=self.events,
            p=float(2.0 * ndtr(-abs(at) / se)) if tested and se > 0 else None,
            note=f"Wald interval on the {how} scale; se by the delta method.",
        )

    def _zero(self, name: str) -> Estimate:
        return Estimate(
            estimand=name,
            estimate=0.0,
            se=float("nan"),
            lower=float("nan"),
            upper=float("nan"),
            conf_level=self.conf_level,
            n=self.n,
            events=self.events,
            note="No event in the interval: the rate is estimated as 0, without a standard error.",
        )
