"""Small-study effects: whether small studies tell another story than large ones.

Egger, Davey Smith, Schneider and Minder (1997, BMJ 315:629), Begg and Mazumdar (1994, Biometrics
50:1088), Rosenthal (1979, Psychol Bull 86:638). An association of effect and size has many causes;
unpublished studies are one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr, ndtri

from debulk.core.errors import InputError
from debulk.evidence.pooling.checks import (
    EggerModel,
    EggerTest,
    FailSafeNumber,
    Predictor,
    RankCorrelation,
)
from debulk.evidence.pooling.study_set import (
    StudySet,
    few_studies,
    study_set,
    values_of,
)
from debulk.survival.options import check_word, one_number

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.evidence.pooling.pooled import IntervalMethod, Method

    Floats = npt.NDArray[np.float64]

NOT_ONLY_BIAS = (
    "Small studies that differ are no proof of unpublished ones: patients, quality and chance do "
    "the same"
)
LEAST_SPREAD = 1e-7
"""Relative spread of a predictor below which it cannot be told from a constant."""


def egger_test(
    estimates: Any,
    std_errors: Any,
    *,
    model: EggerModel = "multiplicative",
    predictor: Predictor = "std_error",
    patients: Any = None,
    method: Method = "reml",
    interval: IntervalMethod = "hksj",
    names: Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> EggerTest:
    """Regress the effect on the size of the study.

    Parameters
    ----------
    estimates, std_errors, names, conf_level
        As `pool` takes them.
    model : {"multiplicative", "mixed-effects"}
        Weighted regression whose residual variance multiplies the studies' variances (Egger's
        own), or a meta-regression that adds a variance between studies.
    predictor : {"std_error", "variance", "patients", "inverse_patients"}
        What stands for size. With ``std_error`` the effect where it is 0 is the estimate known as
        PET, with ``variance`` as PEESE.
    patients : array_like, shape (studies,), optional
        Patients of each study; needed for the last two.
    method, interval
        As `pool` takes them; only for ``mixed-effects``.

    Returns
    -------
    EggerTest

    Raises
    ------
    InputError
        If there are fewer than three studies, one cannot be used, or size or effect is the same in
        all.
    """
    check_word(model, EggerModel, "model")
    check_word(predictor, Predictor, "predictor")
    if model == "multiplicative":
        # The same as a common effect with Hartung and Knapp's variance: both multiply the studies'
        # variances by the residual mean square.
        method, interval = "ee", "hksj"
    studies = _for_tests(
        estimates, std_errors, names=names, method=method, interval=interval, conf_level=conf_level
    )
    size = _sizes(studies, predictor, patients)
    scale = float(np.abs(size).max())
    if float(np.ptp(size)) <= LEAST_SPREAD * scale:
        found = f"{predictor} is the same in all studies"
        raise InputError("predictor", found, "Choose another predictor")
    # Scaled to at most 1, so that the regression stays well conditioned.
    everyone = np.arange(len(studies))
    fit = studies.pooled(everyone, moderators={predictor: (size / scale).tolist()})
    limit, slope = fit.coefficients
    told = predictor != "patients"
    return EggerTest(
        model=model,
        predictor=predictor,
        slope=slope.estimate / scale,
        slope_se=slope.se / scale,
        statistic=slope.statistic,
        p=slope.p,
        df=fit.df,
        limit_estimate=limit.estimate if told else None,
        limit_lower=limit.lower if told else None,
        limit_upper=limit.upper if told else None,
        k=len(studies),
        conf_level=conf_level,
        tau2=None if model == "multiplicative" else fit.tau2,
        provenance=studies.provenance(
            few_studies(len(studies), "a test for small-study effects"),
            NOT_ONLY_BIAS,
            model=(model, "multiplicative"),
            predictor=(predictor, "std_error"),
        ),
    )


def rank_correlation_test(
    estimates: Any, std_errors: Any, *, names: Sequence[str] | None = None
) -> RankCorrelation:
    """Correlate standardised effects with their variances by rank (Begg and Mazumdar).

    Parameters
    ----------
    estimates, std_errors, names
        As `pool` takes them.

    Returns
    -------
    RankCorrelation

    Raises
    ------
    InputError
        If there are fewer than three studies, one cannot be used, or variances or effects are the
        same in all.
    """
    studies = _for_tests(estimates, std_errors, names=names)
    y, v = studies.estimates, studies.std_errors**2
    if float(np.ptp(v)) == 0.0:
        raise InputError("std_errors", "all are the same", "Size cannot be told: leave the test")
    weights = 1.0 / v
    # Variance of an effect about the pooled one, v - 1 / sum(w), without cancellation.
    others = np.array([np.delete(weights, i).sum() for i in range(len(y))])
    about = v * others / weights.sum()
    # It alone needs all of scipy.stats, which is slow to import.
    from scipy.stats import kendalltau

    standardised = (y - weights @ y / weights.sum()) / np.sqrt(about)
    exact = len(set(standardised)) == len(y) == len(set(v))
    found = kendalltau(standardised, v, method="exact" if exact else "asymptotic")
    return RankCorrelation(
        tau=float(found.statistic),
        p=float(found.pvalue),
        exact=exact,
        k=len(y),
        provenance=studies.provenance(
            few_studies(len(y), "a test for small-study effects"),
            "Has less power than the regression test",
            NOT_ONLY_BIAS,
        ),
    )


def fail_safe_number(
    estimates: Any, std_errors: Any, *, alpha: float = 0.05, names: Sequence[str] | None = None
) -> FailSafeNumber:
    """How many studies of no effect would undo significance (Rosenthal).

    Parameters
    ----------
    estimates, std_errors, names
        As `pool` takes them.
    alpha : float
        One-sided level, between 0 and 0.5.

    Returns
    -------
    FailSafeNumber

    Raises
    ------
    InputError
        If a study cannot be used, or `alpha` is out of range.
    """
    if not 0.0 < one_number(alpha, "alpha") < 0.5:
        raise InputError("alpha", f"{alpha!r} is no one-sided level", "Give 0.05, for example")
    studies = study_set(
        estimates,
        std_errors,
        names=names,
        least=1,
        purpose="a fail-safe number",
    )
    k = len(studies)
    z = abs(float(np.sum(studies.estimates / studies.std_errors))) / math.sqrt(k)
    needed = max(0.0, k * (z / float(-ndtri(alpha))) ** 2 - k)
    # A whole number up to rounding stays; any other is one study more.
    whole = round(needed) if abs(needed - round(needed)) < 1e-8 else math.ceil(needed)
    return FailSafeNumber(
        studies=whole,
        alpha=alpha,
        p=float(ndtr(-z)),
        k=k,
        provenance=studies.provenance(
            "Assumes that missing studies show no effect on average, ignores differences between "
            "studies and speaks of significance, not of size: shown because readers ask for it, "
            "decides nothing",
            alpha=(alpha, 0.05),
        ),
    )


def _for_tests(
    estimates: Any,
    std_errors: Any,
    *,
    names: Sequence[str] | None,
    method: Method = "ee",
    interval: IntervalMethod = "wald",
    conf_level: float = 0.95,
) -> StudySet:
    studies = study_set(
        estimates,
        std_errors,
        names=names,
        method=method,
        interval=interval,
        conf_level=conf_level,
        least=3,
        purpose="a test for small-study effects",
    )
    if float(np.ptp(studies.estimates)) == 0.0:
        raise InputError("estimates", "all are the same", "There is nothing to test")
    return studies


def _sizes(studies: StudySet, predictor: Predictor, patients: Any) -> Floats:
    if predictor == "std_error":
        return studies.std_errors
    if predictor == "variance":
        return studies.std_errors**2
    if patients is None:
        remedy = "Give the patients of each study, or choose predictor std_error"
        raise InputError("patients", f"none given for predictor {predictor!r}", remedy)
    told = values_of(patients, studies.names, "patients")
    for name, value in zip(studies.names, told, strict=True):
        if isinstance(value, str) or not 0.0 < value < math.inf:
            raise InputError(f"patients, study {name!r}", f"{value!r}", "Give a number above 0")
    sizes = np.array(told, dtype=float)
    return sizes if predictor == "patients" else 1.0 / sizes
