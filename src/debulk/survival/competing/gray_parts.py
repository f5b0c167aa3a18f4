"""Scores of Gray's test in one stratum and their covariance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from debulk.survival.competing.causes import CompetingSubjects
from debulk.survival.multistate.rows import distinct_rising
from debulk.survival.subjects import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class EventCounts:
    """Numbers at the m times of any event in k groups.

    Attributes
    ----------
    at_risk, mine, others : array, shape (m, k)
        At risk just before each time, and events there of the cause of interest and of others.
    """

    at_risk: Floats
    mine: Floats
    others: Floats


@dataclass(frozen=True, eq=False)
class GrayParts:
    """What strata add up: scores, their covariance, observed and expected events by group."""

    score: Floats
    variance: Floats
    observed: Floats
    expected: Floats


def count_events(subjects: CompetingSubjects, code: int, groups: Ints, count: int) -> EventCounts:
    """Count those at risk and events of cause `code` and of all others, by group."""
    left = subjects.code > 0
    times = distinct_rising(subjects.time[left])
    last = np.searchsorted(times, subjects.time, side="right")

    def table(chosen: Bools) -> Floats:
        cells = last[chosen] * count + groups[chosen]
        flat = np.bincount(cells, minlength=(times.size + 1) * count)
        return flat.reshape(times.size + 1, count).astype(np.float64)

    leaving = table(np.ones(subjects.n, dtype=np.bool_))
    at_risk = np.cumsum(leaving[::-1], axis=0)[::-1]
    mine = table(subjects.code == code)
    others = table(left & (subjects.code != code))
    # Position 0 holds those who leave before the first event.
    return EventCounts(at_risk[1:], mine[1:], others[1:])


@dataclass(frozen=True, eq=False)
class _Curves:
    """What the score and its covariance are made of, at each time.

    By time and group: survival before and after, the group's own incidence before, and
    Y / S(t-). By time: events of interest, and the incidence common to all groups before and
    after.
    """

    before: Floats
    after: Floats
    own_incidence_before: Floats
    risk: Floats
    events: Floats
    common_before: Floats
    common: Floats


def gray_parts(counts: EventCounts, rho: float) -> GrayParts:
    """Scores of all groups in one stratum and their covariance (Gray 1988, section 2)."""
    curves = _curves(counts)
    weight = (1.0 - curves.common_before) ** rho
    set_size = curves.risk * (1.0 - curves.own_incidence_before)
    share = _divided(set_size, set_size.sum(axis=1)[:, None])
    observed = (weight[:, None] * counts.mine).sum(axis=0)
    expected = ((weight * curves.events)[:, None] * share).sum(axis=0)
    return GrayParts(observed - expected, _covariance(counts, curves, weight), observed, expected)


def _curves(counts: EventCounts) -> _Curves:
    at_risk, count = counts.at_risk, counts.at_risk.shape[1]
    after: Floats = np.cumprod(
        1.0 - _divided(counts.mine + counts.others, at_risk), axis=0, dtype=np.float64
    )
    after[after < 1e-14] = 0.0
    before = np.vstack((np.ones((1, count)), after[:-1]))
    own = np.cumsum(before * _divided(counts.mine, at_risk), axis=0)
    risk = _divided(at_risk, before)
    events: Floats = counts.mine.sum(axis=1)
    common = np.cumsum(_divided(events, risk.sum(axis=1)))
    return _Curves(
        before,
        after,
        np.vstack((np.zeros((1, count)), own[:-1])),
        risk,
        events,
        np.concatenate(([0.0], common[:-1])),
        common,
    )


def _covariance(counts: EventCounts, curves: _Curves, weight: Floats) -> Floats:
    """Covariance of the scores if all groups have the common incidence F.

    The increments of the two cause-specific hazards in group k vary independently. One of the
    cause of interest at s counts S_k(s-) (a_ik(s) + (1 - u_k(s)) b_ik(s)) in the score of group
    i, one of another cause -S_k(s-) u_k(s) b_ik(s), with u_k = (1 - F) / S_k,
    a_ik = W r_i (1{i = k} - r_k / r), r_k = Y_k / S_k(s-), and b_ik the sum of
    a_ik dF / (1 - F) over later times.
    """
    risk, before = curves.risk, curves.before
    count = risk.shape[1]
    total = risk.sum(axis=1)
    pace = _divided(curves.events, total * (1.0 - curves.common_before))
    own_spread = _tie_factor(curves.events[:, None], total[:, None] * before)
    own_spread *= before * _divided(_divided(curves.events, total)[:, None], counts.at_risk)
    other_spread = _tie_factor(counts.others, counts.at_risk)
    other_spread *= counts.others * _divided(before, counts.at_risk) ** 2
    ahead = _divided(np.maximum(1.0 - curves.common, 0.0)[:, None], curves.after)
    variance = np.zeros((count, count))
    for k in range(count):
        direct = -weight[:, None] * risk * _divided(risk[:, k], total)[:, None]
        direct[:, k] += weight * risk[:, k]
        summed = np.cumsum(direct * pace[:, None], axis=0)
        later = summed[-1] - summed if summed.size else summed
        own = direct + (1.0 - ahead[:, [k]]) * later
        other = ahead[:, [k]] * later
        variance += own.T @ (own_spread[:, [k]] * own)
        variance += other.T @ (other_spread[:, [k]] * other)
    return variance


def _tie_factor(events: Floats, at_risk: Floats) -> Floats:
    """How much less tied events vary than single ones do."""
    result: Floats = 1.0 - np.where(events > 1, _divided(events - 1.0, at_risk - 1.0), 0.0)
    return result


def _divided(above: Floats, below: Floats) -> Floats:
    """Quotient; 0 where the divisor is 0 (nobody left at risk)."""
    above, below = np.broadcast_arrays(above, below)
    return np.divide(above, below, out=np.zeros(below.shape), where=below != 0)
