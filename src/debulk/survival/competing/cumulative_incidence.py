"""Cumulative incidence of every cause in every group."""

from __future__ import annotations

from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.survival.competing.aalen import aalen_variance, cause_table
from debulk.survival.competing.causes import CENSORED, CompetingSubjects, read_causes
from debulk.survival.competing.curve import IncidenceCurve, Variance
from debulk.survival.labels import ByLabel, codes_of, distinct, label_of
from debulk.survival.limits import Scale, check_scale, limits_of
from debulk.survival.multistate.estimate import Occupation, estimate_occupation
from debulk.survival.multistate.rows import STAYS, StateRows
from debulk.survival.options import check_level, check_word
from debulk.survival.subjects import Floats, Ints


def cumulative_incidence(
    time: Any,
    cause: Any,
    *,
    group: Any = None,
    entry: Any = None,
    weights: Any = None,
    cluster: Any = None,
    censoring: Any = CENSORED,
    variance: Variance | None = None,
    conf_level: float = 0.95,
    conf_type: Scale = "log",
) -> dict[Any, dict[Any, IncidenceCurve]]:
    """Cumulative incidence of each cause, the others competing (Aalen and Johansen 1978).

    Parameters
    ----------
    time : array-like, shape (n,)
        End of follow-up, finite and at least 0, in any unit.
    cause : array-like, shape (n,)
        Why follow-up ended: whole numbers from 0, or text.
    group : array-like, shape (n,), optional
        Labels of groups; each gets its own curves.
    entry : array-like, shape (n,), optional
        Start of observation (left truncation), below `time`; at risk means entry < t <= time.
    weights : array-like, shape (n,), optional
        Sampling weights, above 0.
    cluster : array-like, shape (n,), optional
        Labels of units that vary independently, such as patients with several rows.
    censoring : label or None
        The value of `cause` that marks censored rows; None where none is. Text needs it named.
    variance : {"aalen", "jackknife"}, optional
        "aalen": delta method with hypergeometric increments, as R's cmprsk (Gray 1988, Ann Stat
        16:1141; Marubini and Valsecchi 1995); "jackknife": infinitesimal jackknife, as R's
        survfit. Default: "aalen", or "jackknife" with weights or clusters, which need it.
    conf_level : float
        Level of the pointwise limits.
    conf_type : {"log", "log-log", "plain"}
        Their scale; "log" is that of R's survfit.

    Returns
    -------
    dict
        ``result[group][cause]`` is an IncidenceCurve. Without groups the only key is "all".
        Groups are keyed by their labels as text, causes by whole numbers or text; a key is also
        found by the way it is written (1 and "1"). A cause that a group lacks has a curve of 0.

    Raises
    ------
    InputError
        On arrays that do not fit, with row and value; where every row is censored; on
        variance="aalen" with weights or clusters.
    """
    check_level(conf_level)
    check_scale(conf_type)
    subjects = read_causes(time, cause, censoring=censoring, entry=entry, weights=weights)
    kind = _kind(variance, weights is not None or cluster is not None)
    units = None if cluster is None else codes_of(cluster, subjects.n, "cluster")
    labels, codes = ["all"], np.zeros(subjects.n, dtype=np.int64)
    if group is not None:
        values, codes = distinct(group, subjects.n, "group")
        labels = [label_of(value) for value in values]
    result: dict[Any, dict[Any, IncidenceCurve]] = ByLabel()
    for code, label in enumerate(labels):
        chosen = codes == code
        part = subjects.subset(chosen)
        part_units = None if units is None else units[chosen]
        result[label] = _curves(part, part_units, label, kind, conf_level, conf_type)
    return result


def _kind(variance: Variance | None, weighted: bool) -> Variance:
    if variance is None:
        return "jackknife" if weighted else "aalen"
    check_word(variance, Variance, "variance")
    if variance == "aalen" and weighted:
        raise InputError(
            "variance",
            "'aalen' holds for independent rows that count once",
            "Give 'jackknife', or leave out weights and cluster",
        )
    return variance


def _curves(
    subjects: CompetingSubjects,
    units: Ints | None,
    label: str,
    kind: Variance,
    conf_level: float,
    conf_type: Scale,
) -> dict[Any, IncidenceCurve]:
    table = cause_table(subjects)
    found = _occupation(subjects, units) if kind == "jackknife" else None
    result: dict[Any, IncidenceCurve] = ByLabel()
    for position, cause in enumerate(subjects.labels):
        if found is None:
            std_error = np.sqrt(aalen_variance(table, position))
        else:
            std_error = _jackknife_error(found, table.times, position)
        incidence: Floats = np.minimum(table.incidence[1:, position], 1.0)
        lower, upper = limits_of(incidence, std_error, conf_level, conf_type)
        result[cause] = IncidenceCurve(
            cause=cause,
            group=label,
            time=table.times,
            incidence=incidence,
            std_error=std_error,
            lower=lower,
            upper=upper,
            at_risk=table.at_risk,
            events=table.events[:, position],
            n=subjects.n,
            n_events=int(np.count_nonzero(subjects.code == position + 1)),
            conf_level=conf_level,
            conf_type=conf_type,
            variance=kind,
            _subjects=subjects,
            _table=table,
            _occupation=found,
            _position=position,
        )
    return result


def _occupation(subjects: CompetingSubjects, units: Ints | None) -> Occupation:
    """The same as a model of one state that all start in and one more for each cause."""
    n = subjects.n
    cluster = np.arange(n) if units is None else codes_of(units, n, "cluster")
    rows = StateRows(
        start=np.full(n, -np.inf) if subjects.entry is None else subjects.entry,
        stop=subjects.time,
        origin=np.zeros(n, dtype=np.int64),
        target=np.where(subjects.code == 0, STAYS, subjects.code),
        cluster=cluster,
        weights=np.ones(n) if subjects.weights is None else subjects.weights,
        states=(0, *subjects.labels),
    )
    initial = np.zeros(len(rows.states))
    initial[0] = 1.0
    influence = np.zeros((int(cluster.max()) + 1, initial.size))
    return estimate_occupation(rows, initial, influence)


def _jackknife_error(found: Occupation, times: Floats, position: int) -> Floats:
    place = np.searchsorted(found.table.times, times, side="right")
    result: Floats = np.sqrt(found.variance[place, position + 1])
    return result
