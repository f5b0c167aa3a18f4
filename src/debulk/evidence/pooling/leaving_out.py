"""Leave-one-out: whether the pooled effect stands on one study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.evidence.pooling.checks import LeaveOneOut, PooledRow
from debulk.evidence.pooling.study_set import study_set

if TYPE_CHECKING:
    from debulk.evidence.pooling.pooled import IntervalMethod, Method, PooledEffect


def leave_one_out(
    estimates: Any,
    std_errors: Any,
    *,
    method: Method = "reml",
    interval: IntervalMethod = "hksj",
    names: Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> LeaveOneOut:
    """Pool without each study in turn.

    Parameters
    ----------
    estimates, std_errors, method, interval, names, conf_level
        As `pool` takes them.

    Returns
    -------
    LeaveOneOut

    Raises
    ------
    InputError
        If there are fewer than two studies, or one cannot be pooled.
    """
    studies = study_set(
        estimates,
        std_errors,
        names=names,
        method=method,
        interval=interval,
        conf_level=conf_level,
        least=2,
        purpose="leaving one out",
    )
    everyone, overall = np.arange(len(studies)), studies.overall
    rows = tuple(
        studies.row(name, np.delete(everyone, index)) for index, name in enumerate(studies.names)
    )
    return LeaveOneOut(
        rows=rows,
        overall=overall,
        changes_sign=tuple(
            each.name for each in rows if (each.estimate > 0.0) != (overall.estimate > 0.0)
        ),
        changes_significance=tuple(
            each.name for each in rows if _holds_no_effect(each) != _holds_no_effect(overall)
        ),
        provenance=studies.provenance(_two_studies(len(studies))),
    )


def _holds_no_effect(interval: PooledRow | PooledEffect) -> bool:
    return interval.lower <= 0.0 <= interval.upper


def _two_studies(k: int) -> str:
    return "Each line holds one study alone, with its normal interval" if k == 2 else ""
