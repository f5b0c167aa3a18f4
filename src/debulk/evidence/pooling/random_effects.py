"""Pool effects over studies: common or random effects, moderators, intervals, prediction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import chdtrc, fdtrc

from debulk import __version__
from debulk.core.errors import InputError
from debulk.core.provenance import Provenance
from debulk.evidence.pooling.heterogeneity import variance_between, variance_between_se
from debulk.evidence.pooling.inverse_variance import WeightedFit, weighted_fit
from debulk.evidence.pooling.likelihood import log_likelihoods
from debulk.evidence.pooling.moderators import INTERCEPT, Moderator, read_moderators
from debulk.evidence.pooling.one_mean import limits_of_one_mean, variance_of_one_mean
from debulk.evidence.pooling.pooled import (
    Coefficient,
    IntervalMethod,
    Limits,
    Method,
    PooledEffect,
    PooledStudy,
    PredictionMethod,
)
from debulk.evidence.pooling.prediction import prediction_limits, quantile, two_sided_p
from debulk.evidence.pooling.q_profile import variance_limits
from debulk.evidence.pooling.reckoning import check_regression
from debulk.evidence.pooling.studies import Studies, hash_of, option, read_studies
from debulk.survival.curves.limits import normal_width
from debulk.survival.options import check_level, check_word

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Asked:
    method: Method
    interval: IntervalMethod
    conf_level: float
    prediction: PredictionMethod


@dataclass(frozen=True, slots=True)
class _Model:
    """Checked input: what every step of pooling reads."""

    studies: Studies
    variances: Floats
    moderators: tuple[Moderator, ...]
    design: Floats

    @property
    def data(self) -> tuple[Floats, Floats, Floats]:
        return self.studies.estimates, self.variances, self.design

    @property
    def columns(self) -> tuple[str, ...]:
        return (INTERCEPT, *(each for part in self.moderators for each in part.columns))

    @property
    def freedom(self) -> int:
        return int(self.design.shape[0] - self.design.shape[1])

    def tau2(self, method: Method) -> float:
        if not self.moderators:
            return variance_of_one_mean(self.studies.estimates, self.variances, method)
        return variance_between(*self.data, method)

    def tau2_limits(self, conf_level: float) -> tuple[float, float]:
        if not self.moderators:
            return limits_of_one_mean(self.studies.estimates, self.variances, conf_level)
        return variance_limits(*self.data, conf_level)


def pool(
    estimates: Any,
    std_errors: Any,
    *,
    method: Method = "reml",
    interval: IntervalMethod = "hksj",
    moderators: Any = None,
    names: Sequence[str] | None = None,
    conf_level: float = 0.95,
    prediction: PredictionMethod = "as interval",
) -> PooledEffect:
    """Pool effects over studies.

    Parameters
    ----------
    estimates : array_like, shape (studies,)
        Effects on an additive scale, such as log hazard ratios.
    std_errors : array_like, shape (studies,)
        Their standard errors; above 0.
    method : {"ee", "dl", "pm", "reml", "ml", "he", "hs", "sj", "eb"}
        Equal effects, or the estimator of the variance between studies.
    interval : {"wald", "hksj", "hksj-adhoc"}
        How the interval is made.
    moderators : mapping of str to array_like, frame, series, or array_like, optional
        Columns of a meta-regression: numbers, or words, whose first level in sorted order is the
        reference. A mapping, a frame of Polars or pandas, a series, or an array of one or two
        dimensions (studies x columns), whose columns are called x1, x2, and so on.
    names : sequence of str, optional
        What the studies are called; default 1, 2, ...
    conf_level : float
        Between 0 and 1.
    prediction : {"as interval", "t(k-2)"}
        How the prediction interval is made.

    Returns
    -------
    PooledEffect

    Raises
    ------
    InputError
        If lengths differ, a number is missing or impossible, a study stands there twice, or there
        are too few studies.

    Notes
    -----
    All numbers are those of the R package metafor, but for the likelihoods: where they have more
    than one maximum the highest is taken, where metafor takes the one its steps lead to.
    """
    asked = _checked(method, interval, conf_level, prediction)
    model = _read(estimates, std_errors, moderators, names, asked)
    tau2 = model.tau2(method)
    fit = weighted_fit(*model.data, tau2)
    df = None if interval == "wald" else model.freedom
    inflation = _inflation(fit, model.freedom, interval)
    covariance = fit.covariance * inflation
    coefficients = _coefficients(model.columns, fit.coefficients, covariance, conf_level, df)
    first = coefficients[0]
    told = _heterogeneity(model, tau2, asked)
    tests = _moderator_tests(model, fit, inflation, tau2, asked)
    likelihood = log_likelihoods(fit, model.design)
    parameters = model.design.shape[1] + (method != "ee")
    return PooledEffect(
        estimate=first.estimate,
        se=first.se,
        lower=first.lower,
        upper=first.upper,
        statistic=first.statistic,
        p=first.p,
        df=df,
        k=len(model.variances),
        method=method,
        interval=interval,
        conf_level=conf_level,
        prediction_method=prediction,
        **told,
        prediction=(
            Limits(None, None)
            if method == "ee" or model.moderators
            else prediction_limits(
                first.estimate, first.se, tau2, conf_level, df, len(model.variances), prediction
            )
        ),
        coefficients=coefficients,
        covariance=covariance,
        **tests,
        log_likelihood=likelihood,
        aic={name: 2.0 * (parameters - value) for name, value in likelihood.items()},
        bic={
            "ml": parameters * math.log(len(model.variances)) - 2.0 * likelihood["ml"],
            "reml": parameters * math.log(max(model.freedom, 1)) - 2.0 * likelihood["reml"],
        },
        moderators=model.moderators,
        studies=_shares(model.studies, fit, conf_level),
        provenance=_provenance(model, asked, _remarks(told, asked, inflation, df)),
    )


def _checked(method: Any, interval: Any, conf_level: Any, prediction: Any) -> _Asked:
    check_word(method, Method, "method")
    check_word(interval, IntervalMethod, "interval")
    check_word(prediction, PredictionMethod, "prediction")
    check_level(conf_level)
    return _Asked(method, interval, conf_level, prediction)


def _read(
    estimates: Any,
    std_errors: Any,
    moderators: Any,
    names: Sequence[str] | None,
    asked: _Asked,
) -> _Model:
    studies = read_studies(estimates, std_errors, names)
    k = len(studies.names)
    if k == 1 and (asked.method != "ee" or asked.interval != "wald"):
        remedy = "Give another study, or ask for method 'ee' with interval 'wald' for this one"
        found = (
            "1 study does not show how studies differ "
            f"(method {asked.method!r}, interval {asked.interval!r})"
        )
        raise InputError("estimates", found, remedy)
    found_all, design = read_moderators(moderators, k)
    model = _Model(studies, studies.std_errors**2, found_all, design)
    check_regression(studies, design, model.columns)
    if asked.prediction == "t(k-2)" and k < 3 and asked.method != "ee":
        found = f"{k} studies leave no degree of freedom to 't(k-2)'"
        raise InputError("prediction", found, "Give three studies, or take 'as interval'")
    return model


def _inflation(fit: WeightedFit, freedom: int, interval: IntervalMethod) -> float:
    """What Hartung, Knapp, Sidik and Jonkman multiply the variance with."""
    if interval == "wald":
        return 1.0
    inflation = fit.q / freedom
    return max(1.0, inflation) if interval == "hksj-adhoc" else inflation


def _coefficients(
    columns: tuple[str, ...],
    estimates: Floats,
    covariance: Floats,
    conf_level: float,
    df: int | None,
) -> tuple[Coefficient, ...]:
    critical = quantile(conf_level, df)
    told = []
    for name, value, variance in zip(columns, estimates, np.diag(covariance), strict=True):
        estimate, se = float(value), math.sqrt(variance)
        # Studies that agree to the last digit leave HKSJ no error: then any effect is beyond doubt.
        statistic = estimate / se if se > 0.0 else math.copysign(math.inf, estimate)
        if estimate == se == 0.0:
            statistic = 0.0
        reach = critical * se
        limits = (estimate - reach, estimate + reach)
        told.append(Coefficient(name, estimate, se, statistic, two_sided_p(statistic, df), *limits))
    return tuple(told)


def _heterogeneity(model: _Model, tau2: float, asked: _Asked) -> dict[str, Any]:
    """What is told of the differences between studies."""
    freedom, common = model.freedom, weighted_fit(*model.data)
    q = common.q if freedom else 0.0
    told = {"tau2": tau2, "q": q, "q_df": freedom, "q_p": 1.0, "tau2_se": None}
    none = dict.fromkeys(("tau2_limits", "i2_limits", "h2_limits"), Limits(None, None))
    if not freedom:
        return {**told, **none, "i2": 0.0, "h2": 1.0}
    told["q_p"] = float(chdtrc(freedom, q))
    if asked.method == "ee":
        i2 = max(0.0, (q - freedom) / q) if q > 0.0 else 0.0
        return {**told, **none, "i2": i2, "h2": q / freedom}
    typical = freedom / common.trace()
    lower, upper = model.tau2_limits(asked.conf_level)
    return {
        **told,
        "tau2_se": variance_between_se(*model.data, asked.method, tau2),
        "tau2_limits": Limits(lower, upper),
        "i2": tau2 / (tau2 + typical),
        "h2": tau2 / typical + 1.0,
        "i2_limits": Limits(lower / (lower + typical), upper / (upper + typical)),
        "h2_limits": Limits(lower / typical + 1.0, upper / typical + 1.0),
    }


def _moderator_tests(
    model: _Model, fit: WeightedFit, inflation: float, tau2: float, asked: _Asked
) -> dict[str, Any]:
    """Test of all moderators together, and the share of heterogeneity that they explain."""
    count = len(fit.coefficients) - 1
    if not count:
        return dict.fromkeys(("qm", "qm_df", "qm_p", "r2"))
    qm = float(fit.rotated[1:] @ fit.rotated[1:])
    if asked.interval == "wald":
        p = float(chdtrc(count, qm))
    else:
        # A perfect fit leaves HKSJ no error, as in the test of one coefficient.
        qm = qm / count / inflation if inflation > 0.0 else (math.inf if qm > 0.0 else 0.0)
        p = float(fdtrc(count, model.freedom, qm)) if qm < math.inf else 0.0
    return {"qm": qm, "qm_df": count, "qm_p": p, "r2": _explained(model, tau2, asked.method)}


def _explained(model: _Model, tau2: float, method: Method) -> float:
    effects, variances = model.studies.estimates, model.variances
    if method == "ee":
        alone = weighted_fit(effects, variances, model.design[:, :1]).q
        rest = weighted_fit(*model.data).q / model.freedom
        return max(0.0, 1.0 - rest / (alone / (len(effects) - 1))) if alone > 0.0 else 0.0
    alone = variance_of_one_mean(effects, variances, method)
    return max(0.0, (alone - tau2) / alone) if alone > 0.0 else 0.0


def _shares(studies: Studies, fit: WeightedFit, conf_level: float) -> tuple[PooledStudy, ...]:
    reach = normal_width(conf_level) * studies.std_errors
    columns = (
        studies.estimates,
        studies.std_errors,
        studies.estimates - reach,
        studies.estimates + reach,
        fit.weights / fit.weights.sum(),
    )
    rows = zip(studies.names, *(each.tolist() for each in columns), strict=True)
    return tuple(PooledStudy(*row) for row in rows)


def _provenance(model: _Model, asked: _Asked, remarks: tuple[str, ...]) -> Provenance:
    inputs = model.studies.hashes
    if model.moderators:
        inputs["moderators"] = hash_of(model.design)
    return Provenance(
        version=__version__,
        inputs=inputs,
        parameters=(
            option("method", asked.method, "reml"),
            option("interval", asked.interval, "hksj"),
            option("conf_level", asked.conf_level, 0.95),
            option("prediction", asked.prediction, "as interval"),
            option("moderators", [each.name for each in model.moderators], []),
        ),
        remarks=remarks,
    )


def _remarks(
    told: dict[str, Any], asked: _Asked, inflation: float, df: int | None
) -> tuple[str, ...]:
    """What a reader of the result must know."""
    remarks = []
    if not told["q_df"]:
        remarks.append("One study alone: nothing is pooled, and how studies differ is not known.")
    if df is not None:
        narrow = math.sqrt(inflation) * quantile(asked.conf_level, df)
        if narrow < quantile(asked.conf_level, None):
            remarks.append(
                "The HKSJ interval is narrower than the normal one here; hksj-adhoc never is."
            )
        if df == 1:
            remarks.append(
                "HKSJ with one degree of freedom: the interval rests on a single difference "
                "between studies, and is wide or, where they happen to agree, misleadingly narrow."
            )
        if asked.method == "ee":
            remarks.append("HKSJ is meant for random effects, and is used here with equal effects.")
    if told["tau2_limits"].upper == 0.0:
        remarks.append(
            "Studies agree more than chance would let them: the Q-profile interval of the variance "
            "between studies holds no value above 0."
        )
    return tuple(remarks)
