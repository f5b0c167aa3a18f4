"""Thousands of meta-analyses at once, as simulations and reconstructed curves need them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import stdtrit

from debulk import __version__
from debulk.core.compiled import kernel, parallel_kernel, prange
from debulk.core.errors import InputError
from debulk.core.provenance import Exclusion, Provenance
from debulk.core.results import plain
from debulk.evidence.pooling.one_mean import METHODS, between, most_precise_first, sums_at
from debulk.evidence.pooling.pooled import IntervalMethod, Method
from debulk.evidence.pooling.studies import check_effect, check_error, hash_of, option
from debulk.survival.curves.limits import normal_width
from debulk.survival.options import check_level, check_word
from debulk.survival.subjects import as_array

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

WALD, HKSJ, HKSJ_ADHOC = range(3)
INTERVALS: dict[IntervalMethod, int] = {"wald": WALD, "hksj": HKSJ, "hksj-adhoc": HKSJ_ADHOC}
TOO_FEW = "fewer studies than the method needs"


@dataclass(frozen=True, eq=False)
class PooledMany:
    """The same meta-analysis of many sets of studies.

    Attributes
    ----------
    estimate, se, lower, upper, tau2, q : float64 array, shape (sets,)
        As `PooledEffect` has them; NaN for a set with too few studies.
    k : int64 array, shape (sets,)
        Studies of each set.
    method, interval, conf_level
        As asked for.
    provenance : Provenance
        Counts the sets with too few studies among its exclusions.
    """

    estimate: Floats
    se: Floats
    lower: Floats
    upper: Floats
    tau2: Floats
    q: Floats
    k: Ints
    method: Method
    interval: IntervalMethod
    conf_level: float
    provenance: Provenance = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON; NaN is None."""
        return {name: plain(getattr(self, name)) for name in self.__dataclass_fields__}


def pool_many(
    estimates: Any,
    std_errors: Any,
    *,
    method: Method = "reml",
    interval: IntervalMethod = "hksj",
    conf_level: float = 0.95,
) -> PooledMany:
    """Pool many sets of studies, each as `pool` does without moderators.

    Parameters
    ----------
    estimates, std_errors : array_like, shape (sets, studies)
        One row a set; NaN in both where a set has fewer studies than others.
    method : {"ee", "dl", "pm", "reml", "ml", "he", "hs", "sj", "eb"}
        Equal effects, or the estimator of the variance between studies.
    interval : {"wald", "hksj", "hksj-adhoc"}
        How the interval is made.
    conf_level : float
        Between 0 and 1.

    Returns
    -------
    PooledMany

    Raises
    ------
    InputError
        If shapes differ, a number is impossible, or is missing in one of the two only.

    Notes
    -----
    Sets run on threads; each set's numbers are the same to the bit whatever their number.
    """
    check_word(method, Method, "method")
    check_word(interval, IntervalMethod, "interval")
    check_level(conf_level)
    effects, errors = _table(estimates, "estimates"), _table(std_errors, "std_errors")
    _check(effects, errors)
    fewest = 1 if method == "ee" and interval == "wald" else 2
    normal, freedoms = normal_width(conf_level), np.arange(1, max(effects.shape[1], 2))
    quantiles = np.full(max(effects.shape[1], 2), normal)
    if interval != "wald":
        quantiles[1:] = stdtrit(freedoms, 0.5 + conf_level / 2.0)
    found = pool_rows(
        effects, errors, METHODS.index(method), INTERVALS[interval], quantiles, fewest
    )
    estimate, se, reach, tau2, q = found.T
    k = np.isfinite(effects).sum(axis=1)
    few = int((k < fewest).sum())
    return PooledMany(
        estimate=estimate.copy(),
        se=se.copy(),
        lower=estimate - reach,
        upper=estimate + reach,
        tau2=tau2.copy(),
        q=q.copy(),
        k=k,
        method=method,
        interval=interval,
        conf_level=conf_level,
        provenance=Provenance(
            version=__version__,
            inputs={
                "estimates": hash_of(effects),
                "std_errors": hash_of(errors),
            },
            parameters=(
                option("method", method, "reml"),
                option("interval", interval, "hksj"),
                option("conf_level", conf_level, 0.95),
            ),
            exclusions=(Exclusion(TOO_FEW, few),) if few else (),
        ),
    )


@parallel_kernel
def pool_rows(
    estimates: Floats,
    std_errors: Floats,
    method: int,
    interval: int,
    quantiles: Floats,
    fewest: int,
) -> Floats:
    """Estimate, standard error, half width, variance between studies and Q of each row.

    `quantiles` holds at place d the standard errors on each side of the estimate in an interval
    with d degrees of freedom.
    """
    rows, most = estimates.shape
    found = np.full((rows, 5), np.nan)
    for row in prange(rows):
        effects, within = np.empty(most), np.empty(most)
        k = 0
        for study in range(most):
            if np.isfinite(estimates[row, study]):
                effects[k] = estimates[row, study]
                within[k] = std_errors[row, study] ** 2
                k += 1
        if k >= fewest:
            estimate, se, reach, tau2, q = _pool_row(
                effects[:k], within[:k], method, interval, quantiles
            )
            found[row, 0], found[row, 1], found[row, 2] = estimate, se, reach
            found[row, 3], found[row, 4] = tau2, q
    return found


@kernel
def _pool_row(
    effects: Floats, within: Floats, method: int, interval: int, quantiles: Floats
) -> tuple[float, float, float, float, float]:
    freedom = effects.size - 1
    origin = most_precise_first(effects, within)
    tau2 = between(effects, within, method)
    mean, total, q, _ = sums_at(effects, within, tau2)
    variance = 1.0 / total
    if interval != WALD:
        inflation = q / freedom
        if interval == HKSJ_ADHOC:
            inflation = max(1.0, inflation)
        variance *= inflation
    se = math.sqrt(variance)
    at_zero = sums_at(effects, within, 0.0)[2]
    return origin + mean, se, quantiles[freedom] * se, tau2, at_zero


def _table(values: Any, name: str) -> Floats:
    raw = as_array(values, name)
    if raw.dtype.kind not in "iuf":
        raise InputError(name, f"holds {raw.dtype} values, not numbers", "Give numbers")
    if raw.ndim != 2:
        raise InputError(name, f"has {raw.ndim} dimensions", "Give one row a meta-analysis")
    return np.ascontiguousarray(raw, dtype=np.float64)


def _check(effects: Floats, errors: Floats) -> None:
    if effects.shape != errors.shape:
        found = f"has shape {errors.shape}, estimates has {effects.shape}"
        raise InputError("std_errors", found, "Give one standard error an estimate")
    missing = np.isnan(effects)
    alone = np.argwhere(missing != np.isnan(errors))
    if alone.size:
        found = "the estimate or its standard error is missing, the other is not"
        raise InputError(_place("std_errors", alone[0]), found, "Give both, or NaN for both")
    for values, name, check in (
        (effects, "estimates", check_effect),
        (errors, "std_errors", check_error),
    ):
        kept = values[~missing]
        if kept.size == 0:
            continue
        for extreme in (kept.min(), kept.max()):
            where = np.argwhere(values == extreme)[0]
            check(float(extreme), _place(name, where))


def _place(name: str, where: Any) -> str:
    return f"{name}, row {where[0] + 1}, study {where[1] + 1}"
