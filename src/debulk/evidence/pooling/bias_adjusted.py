"""Pooling with the bias expected of each study taken off, or taken as uncertainty.

The additive model of Turner, Spiegelhalter, Smith and Thompson (2009, J R Stat Soc A 172:21): a
study estimates its effect plus a bias with a mean and a variance of its own.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.provenance import Exclusion
from debulk.evidence.pooling.bias import (
    AdjustedStudy,
    Adjustment,
    BiasAdjustedPool,
    BiasEstimate,
)
from debulk.evidence.pooling.bias_table import LARGEST_BIAS, WHERE_FROM
from debulk.evidence.pooling.random_effects import pool
from debulk.evidence.pooling.study_set import StudySet, study_set
from debulk.survival.options import check_word, shown

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.core.provenance import Provenance
    from debulk.evidence.pooling.pooled import IntervalMethod, Method, PooledEffect

    Floats = npt.NDArray[np.float64]

ASSUMPTIONS = (
    "Effects are log hazard ratios of treated against not treated: a bias below 0 flatters "
    "treatment",
    "Bias adds to the log hazard ratio and does not depend on the effect",
    "Patients of each study were selected as those of the situation it is likened to; the "
    "laboratory cannot show that",
    "Biases of different studies are off independently; if they are off together, the standard "
    "error is the larger one told beside it",
)

TOO_SURE = "Biases are taken as known but for Monte Carlo error: that makes the interval too narrow"


def pool_bias_adjusted(
    estimates: Any,
    std_errors: Any,
    *,
    bias: Sequence[BiasEstimate | None] | None = None,
    how: Adjustment = "shift",
    method: Method = "reml",
    interval: IntervalMethod = "hksj",
    names: Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> BiasAdjustedPool:
    """Pool with the bias of each study taken into account.

    Parameters
    ----------
    estimates, std_errors : array_like, shape (studies,)
        Log hazard ratios of treated against not treated, and their standard errors.
    bias : sequence of BiasEstimate or None, shape (studies,)
        What each study's bias is taken to be, as `assign_bias` gives it; None for a study taken as
        unbiased, such as a randomised one.
    how : {"shift", "down-weight"}
        Take the mean bias off the estimate and add its variance to that of the study; or keep the
        estimate and add the squared mean and the variance.
    method, interval, names, conf_level
        As `pool` takes them.

    Returns
    -------
    BiasAdjustedPool

    Raises
    ------
    InputError
        If no study has a bias, a bias is impossible or says not where it comes from, or fewer than
        two studies keep a weight.
    """
    check_word(how, Adjustment, "how")
    studies = study_set(
        estimates,
        std_errors,
        names=names,
        method=method,
        interval=interval,
        conf_level=conf_level,
        least=2,
        purpose="pooling",
    )
    biases = _checked(bias, studies)
    shifts, added = shifts_of(biases, how)
    kept = np.flatnonzero(np.isfinite(added))
    if len(kept) < 2:
        found = (
            f"{len(kept)} of {len(studies)} studies keep a weight: the other biases are unbounded"
        )
        raise InputError("bias", found, "Pool what is left by hand, or bound the biases")
    adjusted_estimates = studies.estimates + shifts
    adjusted = pool(
        adjusted_estimates[kept],
        np.hypot(studies.std_errors[kept], added[kept]),
        method=method,
        interval=interval,
        names=[studies.names[index] for index in kept],
        conf_level=conf_level,
    )
    weights = np.zeros(len(studies))
    weights[kept] = [each.weight for each in adjusted.studies]
    return BiasAdjustedPool(
        how=how,
        unadjusted=studies.overall,
        adjusted=adjusted,
        studies=_before_and_after(studies, biases, adjusted_estimates, added, weights),
        se_if_shared=_se_if_shared(adjusted, weights[kept] * added[kept]),
        assumptions=ASSUMPTIONS,
        provenance=_provenance(studies, biases, how, len(kept)),
    )


def _checked(bias: Any, studies: StudySet) -> tuple[BiasEstimate | None, ...]:
    if bias is None or isinstance(bias, str | BiasEstimate) or not np.iterable(bias):
        found = "is missing" if bias is None else f"{shown(bias)} is not one bias a study"
        raise InputError("bias", found, WHERE_FROM)
    told = tuple(bias)
    if len(told) != len(studies):
        found = f"has {len(told)} values for {len(studies)} studies"
        raise InputError("bias", found, "Give one bias a study, None for an unbiased one")
    if all(each is None for each in told):
        raise InputError("bias", "no study has one, so nothing is adjusted", WHERE_FROM)
    for name, each in zip(studies.names, told, strict=True):
        where = f"bias, study {name!r}"
        if each is None:
            continue
        if not isinstance(each, BiasEstimate):
            raise InputError(where, f"{shown(each)} is no BiasEstimate", WHERE_FROM)
        if not abs(each.mean) <= LARGEST_BIAS:
            raise InputError(
                where, f"mean {each.mean!r} is no bias of a log hazard ratio", WHERE_FROM
            )
        if not (0.0 <= each.sd <= LARGEST_BIAS or each.sd == math.inf):
            remedy = f"Give 0 to {LARGEST_BIAS:g}, or infinity for no weight at all"
            raise InputError(where, f"sd {each.sd!r} is no standard deviation", remedy)
        if not each.inputs and not each.note.strip():
            raise InputError(where, "says not where it comes from", "Give it a note, or a table")
    return told


def shifts_of(biases: Sequence[BiasEstimate | None], how: Adjustment) -> tuple[Floats, Floats]:
    """By how much each estimate moves, and the standard deviation that is added to its error.

    Parameters
    ----------
    biases : sequence of BiasEstimate or None, shape (studies,)
        None for a study taken as unbiased.
    how : {"shift", "down-weight"}
        As `pool_bias_adjusted` takes it.

    Returns
    -------
    tuple of float64 array, shape (studies,)
        On the log scale; the standard deviation is infinite for a study that keeps no weight.
    """
    means = np.array([0.0 if each is None else each.mean for each in biases])
    spreads = np.array([0.0 if each is None else each.sd for each in biases])
    if how == "shift":
        return -means, spreads
    return np.zeros(len(means)), np.hypot(means, spreads)


def _before_and_after(
    studies: StudySet,
    biases: tuple[BiasEstimate | None, ...],
    adjusted: Floats,
    added: Floats,
    weights: Floats,
) -> tuple[AdjustedStudy, ...]:
    return tuple(
        AdjustedStudy(
            name=before.name,
            estimate=before.estimate,
            se=before.se,
            adjusted_estimate=float(adjusted[index]),
            adjusted_se=math.hypot(before.se, added[index]) if np.isfinite(added[index]) else None,
            shift=float(adjusted[index]) - before.estimate,
            weight=before.weight,
            adjusted_weight=float(weights[index]),
            bias=biases[index],
        )
        for index, before in enumerate(studies.overall.studies)
    )


def _se_if_shared(adjusted: PooledEffect, contributions: Floats) -> float:
    """Errors of bias that go together add up; independent ones add up in squares."""
    together, apart = float(contributions.sum()) ** 2, float(np.sum(contributions**2))
    return math.sqrt(adjusted.se**2 + max(0.0, together - apart))


def _provenance(
    studies: StudySet, biases: tuple[BiasEstimate | None, ...], how: Adjustment, kept: int
) -> Provenance:
    unbiased = [name for name, each in zip(studies.names, biases, strict=True) if each is None]
    known = [each for each in biases if each is not None]
    certain = all(each.sd == each.monte_carlo_error for each in known)
    told = studies.provenance(
        f"Taken as unbiased: {', '.join(unbiased)}" if unbiased else "",
        TOO_SURE if certain else "",
        how=(how, "shift"),
    )
    files = {name: sha for each in known for name, sha in each.inputs.items()}
    dropped = len(studies) - kept
    return dataclasses.replace(
        told,
        inputs={**told.inputs, **files},
        exclusions=(Exclusion("bias unbounded, so no weight", dropped),) if dropped else (),
    )
