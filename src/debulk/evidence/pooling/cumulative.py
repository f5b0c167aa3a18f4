"""Cumulative pooling: how the effect settled as studies came in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.evidence.pooling.checks import CumulativePool
from debulk.evidence.pooling.study_set import study_set, values_of
from debulk.survival.options import check_flag

if TYPE_CHECKING:
    from debulk.evidence.pooling.pooled import IntervalMethod, Method

MULTIPLE_LOOKS = (
    "Each line looks at the same data again: p values and intervals along the way are not "
    "corrected for that"
)


def cumulative_pool(
    estimates: Any,
    std_errors: Any,
    order: Any,
    *,
    ordered_by: str = "year",
    descending: bool = False,
    method: Method = "reml",
    interval: IntervalMethod = "hksj",
    names: Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> CumulativePool:
    """Pool the first study, the first two, the first three, and so on.

    Parameters
    ----------
    estimates, std_errors, method, interval, names, conf_level
        As `pool` takes them.
    order : array_like, shape (studies,)
        Year of each study, or any numbers or words to order by. Studies with the same value stay
        in the order given.
    ordered_by : str
        What that column is called.
    descending : bool
        Whether the largest value comes first.

    Returns
    -------
    CumulativePool

    Raises
    ------
    InputError
        If there are fewer than two studies, one cannot be pooled, or one has no value to order by.
    """
    studies = study_set(
        estimates,
        std_errors,
        names=names,
        method=method,
        interval=interval,
        conf_level=conf_level,
        least=2,
        purpose="pooling in order",
    )
    values = values_of(order, studies.names, ordered_by)
    check_flag(descending, "descending")
    ranks = np.unique(np.array(values), return_inverse=True)[1]
    sequence = np.argsort(-ranks if descending else ranks, kind="stable")
    ties = "" if len(set(values)) == len(values) else f"Equal values of {ordered_by}: as given"
    return CumulativePool(
        rows=tuple(
            studies.row(studies.names[added], sequence[: position + 1])
            for position, added in enumerate(sequence)
        ),
        order=tuple(values[index] for index in sequence),
        ordered_by=ordered_by,
        provenance=studies.provenance(MULTIPLE_LOOKS, ties, descending=(descending, False)),
    )
