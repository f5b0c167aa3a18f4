"""Two-by-two tables pooled without correction: Mantel and Haenszel, and Peto.

Mantel and Haenszel 1959 with the variances of Robins, Breslow and Greenland 1986 (odds ratio),
Greenland and Robins 1985 (risk ratio) and Sato, Greenland and Robins 1989 (risk difference); Yusuf,
Peto and others 1985; homogeneity by Breslow and Day 1980 with Tarone's correction of 1985.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.special import chdtrc, ndtr

import debulk
from debulk.core.errors import InputError
from debulk.core.provenance import Provenance
from debulk.core.results import plain
from debulk.evidence.effects.continuity import Correction
from debulk.evidence.effects.effect import require_level
from debulk.evidence.effects.two_by_two import (
    TABLE_MEASURES,
    TableMeasure,
    TwoByTwoTables,
    informative,
    peto_o_minus_e,
    two_by_two_effects,
)
from debulk.evidence.pooling.pooled import PooledStudy
from debulk.survival.curves.limits import normal_width

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

TableMethod = Literal["mantel-haenszel", "peto"]


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """A chi-square test."""

    statistic: float
    df: int
    p: float


@dataclass(frozen=True)
class PooledTables:
    """Two-by-two tables pooled to one common effect.

    Attributes
    ----------
    estimate, se, lower, upper, statistic, p : float
        Logarithm of the ratio, or risk difference, with its normal interval and test.
    conf_level : float
        Of every interval.
    measure, method, scale : str
        What was pooled, how, and on which scale the numbers are.
    k : int
        Studies that entered.
    q, q_df, q_p, i2
        Cochran's Q around the pooled effect with inverse-variance weights.
    association : ChiSquare or None
        Mantel and Haenszel's test with their continuity correction of 0.5; odds ratios only.
    breslow_day, tarone : ChiSquare or None
        Homogeneity of odds ratios; None for other measures and for Peto's method.
    studies : tuple of PooledStudy
        With their share of the weight.
    provenance : Provenance
        Exclusions and remarks.
    """

    estimate: float
    se: float
    lower: float
    upper: float
    statistic: float
    p: float
    conf_level: float
    measure: TableMeasure
    method: TableMethod
    scale: Literal["log", "identity"]
    k: int
    q: float
    q_df: int
    q_p: float
    i2: float
    association: ChiSquare | None
    breslow_day: ChiSquare | None
    tarone: ChiSquare | None
    studies: tuple[PooledStudy, ...]
    provenance: Provenance = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {name: plain(getattr(self, name)) for name in self.__dataclass_fields__}


def pool_tables(
    tables: TwoByTwoTables,
    measure: TableMeasure = "odds ratio",
    *,
    method: TableMethod = "mantel-haenszel",
    conf_level: float = 0.95,
) -> PooledTables:
    """Pool tables to a common effect.

    Parameters
    ----------
    tables : TwoByTwoTables
        From `two_by_two_tables`.
    measure : {"odds ratio", "risk ratio", "risk difference"}
        Arm 1 against arm 2.
    method : {"mantel-haenszel", "peto"}
        Peto's method is for odds ratios of rare events and arms of like size.
    conf_level : float
        0.95 or 95.

    Returns
    -------
    PooledTables
        The pooled effect needs no continuity correction. The effects of single studies, and Q made
        from them, have 0.5 added to the cells of studies with an empty one.

    Raises
    ------
    InputError
        If the measure does not go with the method, or an arm has no event in any study.
    """
    level = require_level("conf_level", conf_level)
    _check_choice(measure, method)
    kept, exclusions = (tables, ()) if measure == "risk difference" else informative(tables)
    pooled = _peto(kept) if method == "peto" else _COMMON[measure](kept)
    if not pooled.se > 0.0:
        remedy = "Describe the counts instead; they tell no error"
        raise InputError("events_1", "no study has both an event and a patient without", remedy)
    single = _single_effects(kept, measure, method)
    q, df = _q(kept, single, pooled.estimate)
    odds = measure == "odds ratio"
    homogeneity = odds and method != "peto"
    breslow_day, tarone = _homogeneity(kept, pooled.estimate) if homogeneity else (None, None)
    critical = normal_width(level)
    statistic, reach = pooled.estimate / pooled.se, critical * pooled.se
    return PooledTables(
        estimate=pooled.estimate,
        se=pooled.se,
        lower=pooled.estimate - reach,
        upper=pooled.estimate + reach,
        statistic=statistic,
        p=2.0 * float(ndtr(-abs(statistic))),
        conf_level=level,
        measure=measure,
        method=method,
        scale="identity" if measure == "risk difference" else "log",
        k=len(kept.names),
        q=q,
        q_df=df,
        q_p=_chi_square(q, df).p,
        i2=max(0.0, (q - df) / q) if q else 0.0,
        association=_association(kept) if odds else None,
        breslow_day=breslow_day,
        tarone=tarone,
        studies=_studies(kept.names, single, pooled.weights, critical),
        provenance=Provenance(
            version=debulk.__version__, exclusions=exclusions, remarks=single.remarks
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Common:
    """A common effect, its standard error, and the weight of each study."""

    estimate: float
    se: float
    weights: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Single:
    """Effects of the single studies."""

    estimates: Floats
    std_errors: Floats
    remarks: tuple[str, ...]


def _check_choice(measure: TableMeasure, method: TableMethod) -> None:
    if measure not in TABLE_MEASURES:
        found = f"{measure!r} is no measure of two arms"
        raise InputError("measure", found, f"Give one of {TABLE_MEASURES}")
    if method not in ("mantel-haenszel", "peto"):
        raise InputError("method", f"{method!r} is no method", "Give 'mantel-haenszel' or 'peto'")
    if method == "peto" and measure != "odds ratio":
        found = f"Peto's method gives an odds ratio, no {measure}"
        raise InputError("method", found, "Give method='mantel-haenszel'")


def _odds_ratio(tables: TwoByTwoTables) -> _Common:
    a, b, c, d = tables.cells
    n = tables.n_1 + tables.n_2
    p, q, r, s = (a + d) / n, (b + c) / n, a * d / n, b * c / n
    top, bottom = _sums(r, s)
    variance = (
        np.sum(p * r) / top**2 + np.sum(p * s + q * r) / (top * bottom) + np.sum(q * s) / bottom**2
    ) / 2.0
    return _Common(math.log(top / bottom), math.sqrt(variance), s)


def _risk_ratio(tables: TwoByTwoTables) -> _Common:
    a, _, c, _ = tables.cells
    n = tables.n_1 + tables.n_2
    s = c * tables.n_1 / n
    top, bottom = _sums(a * tables.n_2 / n, s)
    variance = np.sum(tables.n_1 * tables.n_2 * (a + c) / n**2 - a * c / n) / (top * bottom)
    return _Common(math.log(top / bottom), math.sqrt(max(0.0, float(variance))), s)


def _risk_difference(tables: TwoByTwoTables) -> _Common:
    a, b, c, d = tables.cells
    n_1, n_2 = tables.n_1, tables.n_2
    n = n_1 + n_2
    weights = n_1 * n_2 / n
    estimate = float(np.sum(a * n_2 / n - c * n_1 / n) / weights.sum())
    lean = np.sum(
        c * (n_1 / n) ** 2 - a * (n_2 / n) ** 2 + (n_1 / n) * (n_2 / n) * (n_2 - n_1) / 2.0
    )
    spread = np.sum(a * d / n + c * b / n) / 2.0
    variance = float((estimate * lean + spread) / weights.sum() ** 2)
    return _Common(estimate, math.sqrt(max(0.0, variance)), weights)


def _peto(tables: TwoByTwoTables) -> _Common:
    difference, variance = peto_o_minus_e(tables)
    total = float(variance.sum())
    return _Common(float(difference.sum()) / total, total**-0.5, variance)


_COMMON = {
    "odds ratio": _odds_ratio,
    "risk ratio": _risk_ratio,
    "risk difference": _risk_difference,
}


def _sums(top: Floats, bottom: Floats) -> tuple[float, float]:
    upper, lower = float(top.sum()), float(bottom.sum())
    if 0.0 in (upper, lower):
        found = "over all studies one arm has no event, or nothing but events"
        raise InputError("events_1", found, "Pool risk differences, or describe the counts")
    return upper, lower


def _single_effects(tables: TwoByTwoTables, measure: TableMeasure, method: TableMethod) -> _Single:
    if method == "peto":
        difference, variance = peto_o_minus_e(tables)
        return _Single(difference / variance, variance**-0.5, ())
    effects = two_by_two_effects(tables, measure, correction=Correction())
    told = tuple(f"{each}; for their own effects and Q only" for each in effects.remarks)
    return _Single(effects.estimates, effects.std_errors, told)


def _q(tables: TwoByTwoTables, single: _Single, estimate: float) -> tuple[float, int]:
    """Cochran's Q, to which studies without any event add nothing."""
    counted = ~tables.is_uninformative
    distances = (single.estimates - estimate) / single.std_errors
    return float(np.sum(distances[counted] ** 2)), max(0, int(counted.sum()) - 1)


def _chi_square(statistic: float, df: int) -> ChiSquare:
    return ChiSquare(statistic, df, float(chdtrc(df, statistic)) if df else 1.0)


def _association(tables: TwoByTwoTables) -> ChiSquare:
    difference, variance = peto_o_minus_e(tables)
    distance = max(0.0, abs(float(difference.sum())) - 0.5)
    return _chi_square(distance**2 / float(variance.sum()), 1)


def _homogeneity(
    tables: TwoByTwoTables, estimate: float
) -> tuple[ChiSquare | None, ChiSquare | None]:
    """Breslow and Day's test against the common odds ratio, and Tarone's correction of it."""
    a, _, c, _ = tables.cells
    n_1, n_2, events, ratio = tables.n_1, tables.n_2, a + c, math.exp(estimate)
    if len(a) < 2:
        return None, None
    if ratio == 1.0:
        expected = n_1 * events / (n_1 + n_2)
    else:
        middle = ratio * (n_1 + events) + (n_2 - events)
        root = np.sqrt(middle**2 - 4.0 * n_1 * events * ratio * (ratio - 1.0))
        expected = (middle - root) / (2.0 * (ratio - 1.0))
    rest = n_2 - events + expected
    spread = 1.0 / (
        1.0 / expected + 1.0 / (n_1 - expected) + 1.0 / (events - expected) + 1.0 / rest
    )
    df = len(a) - 1
    breslow_day = max(0.0, float(np.sum((a - expected) ** 2 / spread)))
    shift = float(np.sum(a - expected) ** 2 / np.sum(spread))
    return _chi_square(breslow_day, df), _chi_square(max(0.0, breslow_day - shift), df)


def _studies(
    names: tuple[str, ...], single: _Single, weights: Floats, critical: float
) -> tuple[PooledStudy, ...]:
    rows = zip(names, single.estimates, single.std_errors, weights / weights.sum(), strict=True)
    return tuple(
        PooledStudy(
            name, float(y), float(se), float(y - critical * se), float(y + critical * se), float(w)
        )
        for name, y, se, w in rows
    )
