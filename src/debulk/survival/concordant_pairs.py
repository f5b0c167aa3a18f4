"""Concordance of a risk score with survival: how often the higher risk has the earlier event."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import Estimate
from debulk.survival.concordance_kernels import (
    censoring_survival,
    earlier_members,
    later_members,
    ranks_by_stratum,
)
from debulk.survival.curves.limits import normal_width
from debulk.survival.labels import codes_of
from debulk.survival.options import check_level, check_word, one_number
from debulk.survival.ordering import rising_order
from debulk.survival.rank.kernels import by_stratum
from debulk.survival.subjects import Bools, Floats, Ints, numbers, read_subjects, same_length

ConcordanceMethod = Literal["harrell", "uno"]


@dataclass(frozen=True, slots=True)
class Concordance(Estimate):
    """A concordance with the pairs it was counted from.

    Attributes
    ----------
    concordant, discordant, tied_risk : float
        Comparable pairs in which the higher risk had the earlier event, the later one, and pairs
        of equal risk; weighted as the method and case weights say.
    tied_time, tied_both : float
        Pairs of two events at the same time, with unequal and with equal risks; not comparable.
    """

    concordant: float = 0.0
    discordant: float = 0.0
    tied_risk: float = 0.0
    tied_time: float = 0.0
    tied_both: float = 0.0


def concordance(
    time: Any,
    event: Any,
    risk: Any,
    *,
    tau: float | None = None,
    method: ConcordanceMethod = "harrell",
    entry: Any = None,
    weights: Any = None,
    strata: Any = None,
    cluster: Any = None,
    conf_level: float = 0.95,
) -> Concordance:
    """Estimate the probability that of two subjects the one of higher risk has the event earlier.

    Parameters
    ----------
    time, event : array-like, shape (n,)
        End of follow-up (at least 0) and whether it ended with the event (bool or 0/1).
    risk : array-like, shape (n,)
        Any finite score; higher means an earlier event.
    tau : float, optional
        Events after this time do not count as the earlier one of a pair; one at `tau` does.
    method : {"harrell", "uno"}
        "harrell" counts all comparable pairs alike (Harrell and others 1982, JAMA); "uno" weighs
        the pairs of an event at t by 1 / G(t-)^2, with G the Kaplan-Meier probability of not being
        censored, so that censoring does not move the estimate (Uno and others 2011, Statistics in
        Medicine; give a `tau` that follow-up supports). "uno" takes no `entry`.
    entry : array-like, shape (n,), optional
        Start of observation; a subject is comparable at t if entry < t <= time.
    weights : array-like, shape (n,), optional
        Case weights, above 0; a pair counts by the product of its two.
    strata : array-like, shape (n,), optional
        Only pairs of the same stratum are compared; G is that of the stratum.
    cluster : array-like, shape (n,), optional
        Subjects whose influences on the estimate are added before they are squared.
    conf_level : float
        Level of the interval.

    Returns
    -------
    Concordance
        An `Estimate` with counts of pairs: (concordant + tied in risk / 2) / comparable. `se` by
        the infinitesimal jackknife (Therneau and Atkinson 2020, in R's survival package; G taken
        as known), and a normal interval cut at 0 and 1. 0.5 for a constant risk. NaN, said in
        `note`, when no pair is comparable, as without events or with one subject.

    Raises
    ------
    InputError
        On arrays that do not fit, a `tau` that is not above 0, or an unknown method.

    Notes
    -----
    A pair is comparable when the earlier of its times is an event; at equal times an event comes
    before a censoring, and two events are not comparable.
    """
    check_word(method, ConcordanceMethod, "method")
    if method == "uno" and entry is not None:
        raise InputError("entry", "is given with method 'uno'", "Use 'harrell' with entry times")
    check_level(conf_level)
    tau = None if tau is None else one_number(tau, "tau")
    if tau is not None and not tau > 0:
        raise InputError("tau", f"{tau:g} is not a time above 0", "Give a time, or leave it out")
    subjects = read_subjects(time, event, entry=entry, weights=weights)
    risks = numbers(risk, "risk")
    same_length(risks, subjects.n, "risk")
    return concordance_of(
        subjects.time,
        subjects.event,
        risks,
        entry=subjects.entry,
        weights=subjects.weights,
        stratum=None if strata is None else codes_of(strata, subjects.n, "strata"),
        cluster=None if cluster is None else codes_of(cluster, subjects.n, "cluster"),
        tau=tau,
        method=method,
        conf_level=conf_level,
    )


def concordance_of(
    time: Floats,
    event: Bools,
    risk: Floats,
    *,
    entry: Floats | None = None,
    weights: Floats | None = None,
    stratum: Ints | None = None,
    cluster: Ints | None = None,
    tau: float | None = None,
    method: ConcordanceMethod = "harrell",
    pair_weights: Floats | None = None,
    conf_level: float = 0.95,
) -> Concordance:
    """As `concordance`, for arrays already checked; `stratum` and `cluster` are codes from 0.

    `pair_weights` stand in for the method's: what a pair counts for, beside the case weights, when
    the event of each row is its earlier one.
    """
    exits, starts = _in_order(time, stratum)
    times, events = time[exits], event[exits]
    ranks = ranks_by_stratum(_in_order(risk, stratum)[0], risk, starts)[exits]
    load = np.ones(time.size) if weights is None else weights[exits]
    counting = load
    if pair_weights is not None:
        counting = pair_weights[exits]
    elif weights is not None or method == "uno" or tau is not None:
        counting = _pair_weights(times, events, load, starts, method, tau)
    entries = _entries(entry, stratum, exits)
    clusters = None if cluster is None else cluster[exits]
    del exits  # with long arrays, what is not needed any more makes room
    net, pairs = np.zeros(time.size), np.zeros(time.size)
    arrays = (times, events, ranks, load, counting, *entries, starts, net, pairs)
    found, tied = earlier_members(*arrays), later_members(*arrays)
    estimate, se = _ratio(found, net, pairs, load, clusters)
    reach = normal_width(conf_level) * se
    return Concordance(
        estimand=f"concordance ({method.capitalize()})"
        + ("" if tau is None else f" of events up to {tau:g}"),
        estimate=estimate,
        se=se,
        lower=max(0.0, estimate - reach) if se == se else math.nan,
        upper=min(1.0, estimate + reach) if se == se else math.nan,
        conf_level=conf_level,
        n=int(time.size),
        events=int(event.sum()),
        note=_note(found),
        concordant=float(found[0]),
        discordant=float(found[1]),
        tied_risk=float(found[2]),
        tied_time=float(tied[0]),
        tied_both=float(tied[1]),
    )


def _in_order(values: Floats, stratum: Ints | None) -> tuple[Ints, Ints]:
    """Positions by stratum and rising value, and where the strata start."""
    order = rising_order(values)
    if stratum is None:
        return order, np.array([0, values.size], dtype=np.int64)
    return by_stratum(order, stratum, int(stratum.max(initial=-1)) + 1)


def _entries(entry: Floats | None, stratum: Ints | None, exits: Ints) -> tuple[Ints, Floats]:
    """Rows, counted in the order of `exits`, by stratum and rising entry; and the entries."""
    if entry is None:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    order, _ = _in_order(entry, stratum)
    place = np.empty(exits.size, dtype=np.int64)
    place[exits] = np.arange(exits.size)
    return place[order], entry[order]


def _pair_weights(
    times: Floats,
    event: Bools,
    load: Floats,
    starts: Ints,
    method: ConcordanceMethod,
    tau: float | None,
) -> Floats:
    """What a pair counts for when the event of each row is its earlier one."""
    if method == "uno":
        result: Floats = censoring_survival(times, event, load, starts) ** -2.0
    else:
        result = np.ones(times.size)
    if tau is not None:
        result[times > tau] = 0.0
    return result


def _ratio(
    found: Floats, net: Floats, pairs: Floats, weights: Floats, cluster: Ints | None
) -> tuple[float, float]:
    """Concordance and its standard error from each subject's derivative; `pairs` is used up."""
    comparable = float(found.sum())
    if comparable <= 0:
        return math.nan, math.nan
    difference = float(found[0] - found[1]) / comparable
    # In place: with long arrays, copies are what costs memory.
    influence = pairs
    influence *= -difference
    influence += net
    influence *= weights
    influence /= 2.0 * comparable
    if cluster is not None:
        influence = np.bincount(cluster, weights=influence).astype(np.float64)
    return 0.5 * (1.0 + difference), math.sqrt(float(influence @ influence))


def _note(found: Floats) -> str:
    if found.sum() <= 0:
        return "no comparable pair: in none is the earlier time an event"
    concordant, discordant, tied = (f"{each:.12g}" for each in found)
    return (
        f"pairs: {concordant} concordant, {discordant} discordant, {tied} tied in risk; standard "
        "error by the infinitesimal jackknife, normal interval cut at 0 and 1"
    )
