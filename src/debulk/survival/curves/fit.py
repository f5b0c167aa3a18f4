"""Kaplan and Meier's estimate."""

from __future__ import annotations

from typing import Any

from debulk.core.errors import InputError
from debulk.survival.curves.counts import Counts, counts_of
from debulk.survival.curves.limits import ConfType, check_level, check_word
from debulk.survival.curves.survival_curve import SurvivalCurve, curve_from
from debulk.survival.labels import codes_of
from debulk.survival.subjects import Subjects, read_subjects


def kaplan_meier(
    time: Any,
    event: Any,
    *,
    entry: Any = None,
    weights: Any = None,
    cluster: Any = None,
    robust: bool | None = None,
    conf_level: float = 0.95,
    conf_type: ConfType = "log-log",
) -> SurvivalCurve:
    """Estimate survival by the product-limit method (Kaplan and Meier 1958, JASA 53:457).

    Parameters
    ----------
    time : array-like, shape (n,)
        End of follow-up in any unit, finite and at least 0. Times are tied when they are the
        same number.
    event : array-like of bool or 0/1, shape (n,)
        Whether follow-up ended with the event; events precede censorings at the same time.
    entry : array-like, shape (n,), optional
        Start of observation (left truncation); at risk means entry < t <= time. A subject may
        have several rows that follow one another.
    weights : array-like, shape (n,), optional
        Weights, not below 0. A row of weight 0 counts for nothing: it is left out of the numbers
        at risk, of the events and of `n`, and its time is not among the curve's.
    cluster : array-like, shape (n,), optional
        Labels of clusters, such as the patient behind cloned rows; the variance then sums
        influences within each.
    robust : bool, optional
        Whether the variance is the infinitesimal jackknife's. Default: with weights (which are
        then sampling weights) or clusters. False with weights treats them as numbers of identical
        rows and takes Greenwood's variance.
    conf_level : float
        Level of the pointwise limits, strictly between 0 and 1.
    conf_type : {"log-log", "log", "plain", "logit", "arcsin"}
        Scale of the limits.

    Returns
    -------
    SurvivalCurve

    Raises
    ------
    InputError
        On arrays that do not fit, with row and value; on weights that are all 0; on an unknown
        `conf_type`; on clusters with ``robust=False``.
    """
    check_level(conf_level)
    check_word(conf_type, ConfType, "conf_type")
    counts = read_counts(time, event, entry, weights, cluster, robust)
    return curve_from(counts, conf_level, conf_type, "product-limit")


def read_counts(
    time: Any, event: Any, entry: Any, weights: Any, cluster: Any, robust: bool | None
) -> Counts:
    """Check what a curve is made from, and count it."""
    subjects = read_subjects(time, event, entry=entry, weights=weights, zero_weights=True)
    codes = None if cluster is None else codes_of(cluster, subjects.n, "cluster")
    if codes is not None and robust is False:
        raise InputError("robust", "is False, and clusters are given", "Leave one of the two out")
    if robust is None:
        robust = weights is not None or codes is not None
    return counts_of(subjects, codes, robust)


def curve_of(
    subjects: Subjects, conf_level: float = 0.95, conf_type: ConfType = "log-log"
) -> SurvivalCurve:
    """Kaplan-Meier curve of subjects already checked."""
    counts = counts_of(subjects, robust=subjects.weights is not None)
    return curve_from(counts, conf_level, conf_type, "product-limit")
