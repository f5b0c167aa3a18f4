"""Where the effect of a new study is expected, and what a meta-regression predicts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr, stdtr, stdtrit

from debulk.core.errors import InputError, nearest
from debulk.core.results import plain
from debulk.evidence.pooling.pooled import Limits, PredictionMethod
from debulk.survival.curves.limits import normal_width

if TYPE_CHECKING:
    from debulk.evidence.pooling.pooled import PooledEffect


@dataclass(frozen=True, slots=True)
class PredictedEffect:
    """What a meta-regression expects at some values of its moderators.

    Attributes
    ----------
    moderators : Mapping
        The values.
    estimate, se, lower, upper : float
        Mean effect of such studies, its standard error and limits.
    prediction : Limits
        For the effect of one new study; None for equal effects.
    """

    moderators: dict[str, Any]
    estimate: float
    se: float
    lower: float
    upper: float
    prediction: Limits

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {name: plain(getattr(self, name)) for name in self.__dataclass_fields__}


def quantile(conf_level: float, df: int | None) -> float:
    """Standard errors on each side of an estimate, normal where `df` is None, else of t."""
    if df is None:
        return normal_width(conf_level)
    return float(stdtrit(df, 0.5 + conf_level / 2.0))


def two_sided_p(statistic: float, df: int | None) -> float:
    """Two-sided p of a normal deviate where `df` is None, else of t."""
    tail = ndtr(-abs(statistic)) if df is None else stdtr(df, -abs(statistic))
    return 2.0 * float(tail)


def prediction_limits(
    estimate: float,
    se: float,
    tau2: float,
    conf_level: float,
    df: int | None,
    k: int,
    method: PredictionMethod,
) -> Limits:
    """Limits for the effect of a new study.

    Parameters
    ----------
    estimate, se : float
        Mean effect and its standard error.
    tau2 : float
        Variance between studies.
    conf_level : float
        Between 0 and 1.
    df : int or None
        Degrees of freedom of the interval; None for a normal one.
    k : int
        Studies; three at least for ``t(k-2)``.
    method : {"as interval", "t(k-2)"}
        Which quantile.
    """
    freedom = k - 2 if method == "t(k-2)" else df
    reach = quantile(conf_level, freedom) * math.sqrt(se * se + tau2)
    return Limits(estimate - reach, estimate + reach)


def predicted_effects(
    pooled: PooledEffect, moderators: Mapping[str, Any]
) -> tuple[PredictedEffect, ...]:
    """Effects that a meta-regression expects at some values of its moderators.

    Parameters
    ----------
    pooled : PooledEffect
        Pooled with moderators.
    moderators : mapping of str to array_like
        Every moderator of the model with equally many values, such as
        ``{"latitude": [10, 40], "allocation": ["random", "random"]}``.

    Returns
    -------
    tuple of PredictedEffect
        One a value, in order.

    Raises
    ------
    InputError
        If a moderator is missing or unknown, lengths differ, or a word was not in the data.
    """
    known = [each.name for each in pooled.moderators]
    if not known:
        found = "the effect was pooled without moderators"
        raise InputError("pooled", found, "Pool with moderators, or read its own prediction")
    if not isinstance(moderators, Mapping):
        raise InputError("moderators", "is no mapping", f"Give values of {', '.join(known)}")
    for name in moderators:
        if name not in known:
            raise InputError("moderators", f"{name!r} is not known", nearest(str(name), known))
    for name in known:
        if name not in moderators:
            raise InputError("moderators", f"{name!r} is missing", "Give values of it")
    parts = [each.coded(moderators[each.name]) for each in pooled.moderators]
    lengths = {len(part) for part in parts}
    if len(lengths) > 1:
        found = f"have {' and '.join(str(each) for each in sorted(lengths))} values"
        raise InputError("moderators", found, "Give equally many values of each")
    design = np.column_stack([np.ones((lengths.pop(), 1)), *parts])
    values = {name: np.asarray(moderators[name]).tolist() for name in known}
    return tuple(
        _predicted(pooled, row, {name: values[name][i] for name in known})
        for i, row in enumerate(design)
    )


def _predicted(pooled: PooledEffect, row: Any, values: dict[str, Any]) -> PredictedEffect:
    estimate = float(row @ np.array([each.estimate for each in pooled.coefficients]))
    se = math.sqrt(float(row @ pooled.covariance @ row))
    reach = quantile(pooled.conf_level, pooled.df) * se
    limits = (
        Limits(None, None)
        if pooled.method == "ee"
        else prediction_limits(
            estimate,
            se,
            pooled.tau2,
            pooled.conf_level,
            pooled.df,
            pooled.k,
            pooled.prediction_method,
        )
    )
    return PredictedEffect(values, estimate, se, estimate - reach, estimate + reach, limits)
