"""What pooling returns: an effect, how far studies differ, and what each study adds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from debulk.core.results import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt

    from debulk.core.provenance import Provenance
    from debulk.evidence.pooling.moderators import Moderator

Method = Literal["ee", "dl", "pm", "reml", "ml", "he", "hs", "sj", "eb"]
"""Equal effects (one common effect), or an estimator of the variance between studies: DerSimonian
and Laird, Paule and Mandel, restricted and full maximum likelihood, Hedges, Hunter and Schmidt,
Sidik and Jonkman, empirical Bayes."""

IntervalMethod = Literal["wald", "hksj", "hksj-adhoc"]
"""Normal interval; Hartung, Knapp, Sidik and Jonkman; the same, never narrower than that with the
usual variance."""

PredictionMethod = Literal["as interval", "t(k-2)"]
"""With the quantile of the interval, normal or t (as metafor 3.8); or t on k - 2 degrees of freedom
(Higgins, Thompson and Spiegelhalter 2009, J R Stat Soc A 172:137)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Two ends of an interval, None where there is none: ``lower, upper = limits``."""

    lower: float | None
    upper: float | None

    def __iter__(self) -> Iterator[float | None]:
        return iter((self.lower, self.upper))


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One coefficient of a meta-regression, or the pooled effect itself.

    Attributes
    ----------
    name : str
        ``intercept`` or the moderator, with its level where it is a word.
    estimate, se, statistic, p, lower, upper : float
        Estimate, standard error after the adjustment of the interval, z or t, two-sided p, limits.
    """

    name: str
    estimate: float
    se: float
    statistic: float
    p: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class PooledStudy:
    """One study as it entered.

    Attributes
    ----------
    name : str
        How it is called.
    estimate, se, lower, upper : float
        On the scale of pooling, with a normal interval of the same level.
    weight : float
        Share of the weight, 0 to 1.
    """

    name: str
    estimate: float
    se: float
    lower: float
    upper: float
    weight: float


@dataclass(frozen=True)
class PooledEffect:
    """An effect pooled over studies.

    Attributes
    ----------
    estimate, se, lower, upper, statistic, p : float
        The pooled effect (with moderators: the intercept), its standard error after the adjustment
        of the interval, its limits, z or t against no effect, and its two-sided p value.
    df : int or None
        Degrees of freedom of t; None for a normal interval.
    k : int
        Studies.
    method, interval, conf_level, prediction_method
        As asked for.
    tau2, tau2_se, tau2_limits
        Variance between studies, its standard error and Q-profile interval; 0 and None for equal
        effects.
    i2, h2 : float
        Share (0 to 1) of the total variance that lies between studies; total over typical variance.
    i2_limits, h2_limits : Limits
        From those of `tau2`.
    q, q_df, q_p
        Cochran's Q (residual with moderators), its degrees of freedom, its p value.
    prediction : Limits
        Where the effect of a new study is expected; None for equal effects and with moderators.
    coefficients : tuple of Coefficient
        The intercept first.
    covariance : float64 array, shape (coefficients, coefficients)
        Of the coefficients.
    qm, qm_df, qm_p : float or None
        Test of all moderators together: chi-square, or with `df` an F on `qm_df` and `df`; None
        without moderators.
    r2 : float or None
        Share (0 to 1) of the variance between studies that the moderators take away; for equal
        effects the adjusted share of the weighted sum of squares. None without moderators.
    log_likelihood, aic, bic : Mapping
        By the full (``ml``) and the restricted (``reml``) likelihood; the latter compares models
        with the same moderators only.
    moderators : tuple of Moderator
        How they entered.
    studies : tuple of PooledStudy
        In the order given.
    provenance : Provenance
        Inputs, choices, exclusions, remarks.
    """

    estimate: float
    se: float
    lower: float
    upper: float
    statistic: float
    p: float
    df: int | None
    k: int
    method: Method
    interval: IntervalMethod
    conf_level: float
    prediction_method: PredictionMethod
    tau2: float
    tau2_se: float | None
    tau2_limits: Limits
    i2: float
    h2: float
    i2_limits: Limits
    h2_limits: Limits
    q: float
    q_df: int
    q_p: float
    prediction: Limits
    coefficients: tuple[Coefficient, ...]
    covariance: npt.NDArray[np.float64] = field(repr=False)
    qm: float | None
    qm_df: int | None
    qm_p: float | None
    r2: float | None
    log_likelihood: dict[str, float]
    aic: dict[str, float]
    bic: dict[str, float]
    moderators: tuple[Moderator, ...]
    studies: tuple[PooledStudy, ...]
    provenance: Provenance = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        names = [each for each in self.__dataclass_fields__ if each != "provenance"]
        told = {name: plain(getattr(self, name)) for name in names}
        return {**told, "provenance": self.provenance.to_dict()}
