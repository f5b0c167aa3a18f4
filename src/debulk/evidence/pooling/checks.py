"""What the checks of a pooled effect return: without each study, in order, by level, the funnel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from debulk.core.results import plain

if TYPE_CHECKING:
    from debulk.core.provenance import Provenance
    from debulk.evidence.pooling.pooled import PooledEffect, PooledStudy

Heterogeneity = Literal["separate", "common"]
"""A variance between studies for each level, or one for all levels."""

EggerModel = Literal["multiplicative", "mixed-effects"]
"""Weighted regression whose residual variance is estimated (Egger's own), or a meta-regression
with a variance between studies."""

Predictor = Literal["std_error", "variance", "patients", "inverse_patients"]
"""What stands for the size of a study."""

FillEstimator = Literal["L0", "R0", "Q0"]
"""Estimators of the number of studies missing (Duval and Tweedie 2000)."""

Side = Literal["left", "right"]
"""The side of the funnel where studies are missing."""


class PlainResult:
    """A result that tells its fields in plain form."""

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        fields = self.__dataclass_fields__  # type: ignore[attr-defined]
        return {name: plain(getattr(self, name)) for name in fields}


@dataclass(frozen=True, slots=True)
class PooledRow:
    """One line of a table of pooled effects.

    Attributes
    ----------
    name : str
        The study left out, the study added, or the level.
    k : int
        Studies pooled in this line.
    estimate, se, lower, upper, p : float
        On the scale of pooling. One study alone: its own estimate with a normal interval.
    tau2, i2, q, q_p : float or None
        As in `PooledEffect`; None for one study alone, which cannot show them.
    """

    name: str
    k: int
    estimate: float
    se: float
    lower: float
    upper: float
    p: float
    tau2: float | None
    i2: float | None
    q: float | None
    q_p: float | None


@dataclass(frozen=True)
class LeaveOneOut(PlainResult):
    """The pooled effect without each study in turn.

    Attributes
    ----------
    rows : tuple of PooledRow
        In the order given; `name` is the study left out.
    overall : PooledEffect
        All studies.
    changes_sign, changes_significance : tuple of str
        Studies without which the estimate changes its sign, or the interval begins or ceases to
        hold no effect.
    provenance : Provenance
        Choices and remarks.
    """

    rows: tuple[PooledRow, ...]
    overall: PooledEffect
    changes_sign: tuple[str, ...]
    changes_significance: tuple[str, ...]
    provenance: Provenance = field(repr=False)


@dataclass(frozen=True, slots=True)
class StudyInfluence:
    """What one study does to the pooled effect; every number compares with the fit without it.

    Attributes
    ----------
    name : str
        The study.
    rstudent : float
        Its distance from the effect pooled without it, in standard errors of that distance.
    dffits, dfbetas : float
        Change of its fitted value and of the pooled effect, in standard errors.
    cooks_distance : float
        Squared change of the pooled effect over its variance.
    covariance_ratio : float
        Variance of the pooled effect without it over that with it; below 1, it costs precision.
    tau2_deleted, q_deleted : float
        Variance between studies and Cochran's Q without it.
    hat, weight : float
        Its leverage, and its share of the weight (0 to 1).
    influential : bool
        Whether one of the rules flags it.
    rules : tuple of str
        Which ones: ``dffits``, ``cooks_distance``, ``hat``, ``dfbetas``.
    """

    name: str
    rstudent: float
    dffits: float
    cooks_distance: float
    covariance_ratio: float
    tau2_deleted: float
    q_deleted: float
    hat: float
    weight: float
    dfbetas: float
    influential: bool
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Influence(PlainResult):
    """Influence of every study on the pooled effect.

    Attributes
    ----------
    rows : tuple of StudyInfluence
        In the order given.
    overall : PooledEffect
        All studies.
    limits : dict of str to float
        Above which absolute value a rule flags a study.
    provenance : Provenance
        Choices and remarks.
    """

    rows: tuple[StudyInfluence, ...]
    overall: PooledEffect
    limits: dict[str, float]
    provenance: Provenance = field(repr=False)


@dataclass(frozen=True)
class CumulativePool(PlainResult):
    """The pooled effect as studies came in.

    Attributes
    ----------
    rows : tuple of PooledRow
        `name` is the study added; the last row holds all.
    order : tuple
        The value of the ordering column for each row.
    ordered_by : str
        What the column is called.
    provenance : Provenance
        Choices and remarks.
    """

    rows: tuple[PooledRow, ...]
    order: tuple[float | str, ...]
    ordered_by: str
    provenance: Provenance = field(repr=False)


@dataclass(frozen=True, slots=True)
class Subgroup:
    """The studies of one level and their pooled effect.

    Attributes
    ----------
    row : PooledRow
        The pooled effect; `name` is the level.
    studies : tuple of PooledStudy
        In the order given; `weight` is the share within the level.
    """

    row: PooledRow
    studies: tuple[PooledStudy, ...]


@dataclass(frozen=True)
class SubgroupPool(PlainResult):
    """Effects pooled by level, and the test whether levels differ.

    Attributes
    ----------
    levels : tuple of Subgroup
        In order of first appearance.
    overall : PooledEffect
        All studies, levels ignored.
    by : str
        What the column is called.
    heterogeneity : {"separate", "common"}
        Whether each level has its own variance between studies.
    statistic, df, p : float, int, float
        Test that all levels share one effect.
    df_residual : int or None
        Residual degrees of freedom where the test is an F test; None for chi-square.
    provenance : Provenance
        Choices and remarks.
    """

    levels: tuple[Subgroup, ...]
    overall: PooledEffect
    by: str
    heterogeneity: Heterogeneity
    statistic: float
    df: int
    df_residual: int | None
    p: float
    provenance: Provenance = field(repr=False)


@dataclass(frozen=True)
class EggerTest(PlainResult):
    """Regression of the effect on the size of the study.

    Attributes
    ----------
    model, predictor
        As asked for.
    slope, slope_se : float
        Change of the effect per unit of the predictor.
    statistic, p : float
        z or t of the slope, and its two-sided p value.
    df : int or None
        Degrees of freedom of t; None for z.
    limit_estimate, limit_lower, limit_upper : float or None
        The effect where the predictor is 0: expected in a study without sampling error. None for
        ``patients``, where 0 is no such study.
    k : int
        Studies.
    conf_level : float
        Of the limits.
    tau2 : float or None
        Residual variance between studies; None for the multiplicative model.
    provenance : Provenance
        Choices and remarks.
    """

    model: EggerModel
    predictor: Predictor
    slope: float
    slope_se: float
    statistic: float
    p: float
    df: int | None
    limit_estimate: float | None
    limit_lower: float | None
    limit_upper: float | None
    k: int
    conf_level: float
    tau2: float | None
    provenance: Provenance = field(repr=False)


@dataclass(frozen=True)
class RankCorrelation(PlainResult):
    """Kendall's rank correlation of standardised effects with their variances.

    Attributes
    ----------
    tau : float
        Kendall's tau-b.
    p : float
        Two-sided.
    exact : bool
        Whether `p` is exact; with ties it is a normal approximation.
    k : int
        Studies.
    provenance : Provenance
        Choices and remarks.
    """

    tau: float
    p: float
    exact: bool
    k: int
    provenance: Provenance = field(repr=False)


@dataclass(frozen=True)
class FailSafeNumber(PlainResult):
    """How many studies of no effect would undo significance (Rosenthal).

    Attributes
    ----------
    studies : int
        That number.
    alpha : float
        One-sided level.
    p : float
        One-sided p value of the z values combined.
    k : int
        Studies.
    provenance : Provenance
        Choices and remarks.
    """

    studies: int
    alpha: float
    p: float
    k: int
    provenance: Provenance = field(repr=False)


@dataclass(frozen=True)
class TrimAndFill(PlainResult):
    """Studies that a symmetric funnel would hold besides, and the effect pooled with them.

    Attributes
    ----------
    missing : int
        Studies filled in.
    missing_se : float
        Standard error of that number.
    missing_p : float or None
        Test that none is missing on that side; only for R0.
    side : {"left", "right"}
        Where they are missing.
    estimator : {"L0", "R0", "Q0"}
        As asked for.
    filled : tuple of PooledStudy
        The studies filled in, mirror images of real ones; `weight` is the share in `adjusted`.
    unadjusted, adjusted : PooledEffect
        Without and with them.
    centre : float
        The effect about which they are mirrored.
    provenance : Provenance
        Choices and remarks.
    """

    missing: int
    missing_se: float
    missing_p: float | None
    side: Side
    estimator: FillEstimator
    filled: tuple[PooledStudy, ...]
    unadjusted: PooledEffect
    adjusted: PooledEffect
    centre: float
    provenance: Provenance = field(repr=False)
