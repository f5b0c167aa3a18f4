"""A weighted log-rank statistic as a sum over patients, and covariances of two such sums.

The term of a patient of an arm is h(X) for an event at X, less C(X) for being followed to X; h is
the jump of the statistic at an event, C grows by the slope c. Arrays run over rows, strata and
nodes; rows are the statistics, then their estimated variances.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from debulk.survival.rank.weightings import Weighting
from debulk.survival.subjects import Floats
from debulk.trials.nonproportional.alternative import Alternative
from debulk.trials.nonproportional.enrolment import Enrolment
from debulk.trials.nonproportional.follow_up import FollowUp, follow
from debulk.trials.nonproportional.limit_weights import LimitWeights, breaks_of, limit_weights


class Terms:
    """What patients add to k statistics at one calendar time.

    Parameters
    ----------
    alternative : Alternative
    enrolment : Enrolment
        The course of accrual.
    month : float
        Calendar time.
    weightings : sequence of Weighting
    """

    def __init__(
        self,
        alternative: Alternative,
        enrolment: Enrolment,
        month: float,
        weightings: Sequence[Weighting],
    ) -> None:
        self.enrolment = enrolment
        self.seen = _seen(alternative, enrolment, month, weightings)
        limits = [limit_weights(kind, self.seen) for kind in weightings]
        control, experimental = self.seen.at_risk[:, 0], self.seen.at_risk[:, 1]
        self.pooled = self.seen.pooled_at_risk
        share = experimental / self.pooled
        events = self.seen.density.sum(axis=1)
        hazard = events / self.pooled
        self.gain = control * share * (self.seen.hazard[:, 0] - self.seen.hazard[:, 1])
        self.spread = share * (1.0 - share) * events
        self.weights = np.stack([each.weights for each in limits])
        # How a weight enters the statistic, and its square the variance.
        entries = [(each, self.gain) for each in limits]
        entries += [(each, 2.0 * each.weights * self.spread) for each in limits]
        through = np.stack([self._through(*each) for each in entries])
        moved = np.stack([each.by_at_risk * by_weight for each, by_weight in entries])
        squares = self.weights**2
        counted = squares * share * (1.0 - share)
        self.jumps, self.slopes = [], []
        for arm in (0, 1):
            jump = np.concatenate((self.weights * (share - arm), counted)) - through
            tilt = squares * (1.0 - 2.0 * share) * (arm - share) + counted
            rise = np.concatenate((np.zeros_like(squares), tilt))
            self.jumps.append(jump)
            self.slopes.append((jump - rise) * hazard - moved)
        self.paid = [self.seen.grid.cumulative(slope) for slope in self.slopes]

    def mean(self) -> Floats:
        """Of each statistic, per patient of the trial."""
        found: Floats = np.einsum("ksm,sm,m->k", self.weights, self.gain, self.seen.grid.weights)
        return found

    def means_of_arm(self, arm: int) -> Floats:
        """Sum of the arm's terms by row and stratum."""
        seen = self.seen
        found: Floats = np.einsum(
            "ksm,sm,m->ks", self.jumps[arm], seen.density[:, arm], seen.grid.weights
        ) - np.einsum("ksm,sm,m->ks", self.slopes[arm], seen.at_risk[:, arm], seen.grid.weights)
        return found

    def _through(self, limits: LimitWeights, by_weight: Floats) -> Floats:
        """What an event changes by way of the pooled survival that later weights are made of."""
        grid = self.seen.grid
        late = grid.times >= limits.capped[:, None]
        pull = limits.by_survival * by_weight
        inner = np.where(late, 0.0, pull)
        after = (np.where(late, pull, 0.0) + inner) @ grid.weights
        ahead = after[:, None] - grid.cumulative(inner)
        found: Floats = np.where(late, 0.0, ahead) / self.pooled
        return found


def _seen(
    alternative: Alternative, enrolment: Enrolment, month: float, weightings: Sequence[Weighting]
) -> FollowUp:
    """Follow-up on a grid that fits the weights."""
    seen = follow(alternative, enrolment, month)
    breaks = tuple(each for kind in weightings for each in breaks_of(kind, seen))
    return follow(alternative, enrolment, month, breaks=breaks) if breaks else seen


def estimated_block(first: Terms, second: Terms) -> Floats:
    """What the tests take for the covariance of the statistics of two looks, first no later."""
    spread = first.spread * first.seen.grid.weights
    later = first.weights
    if second is not first:
        later = second.seen.grid.at(second.weights, first.seen.grid.times)
    found: Floats = np.einsum("ksm,lsm,sm->kl", first.weights, later, spread)
    return found


def true_block(first: Terms, second: Terms) -> Floats:
    """Covariance under the alternative of all rows of two looks, first no later."""
    total = np.zeros((first.jumps[0].shape[0], second.jumps[0].shape[0]))
    for arm in (0, 1):
        total += _by_first_look(first, second, arm)
        if second is not first:
            total += _after_first_look(first, second, arm)
        # Numbers by stratum and arm are fixed: only the spread within each counts.
        means = first.means_of_arm(arm), second.means_of_arm(arm)
        total -= np.einsum("ks,ls,s->kl", *means, 1.0 / first.seen.sizes[:, arm])
    return total


def _by_first_look(first: Terms, second: Terms, arm: int) -> Floats:
    """Mean product of the terms, both as far as the first look saw the patient."""
    grid, weights = first.seen.grid, first.seen.grid.weights
    jump, slope, paid = first.jumps[arm], first.slopes[arm], first.paid[arm]
    other = jump, slope, paid
    if second is not first:
        each = second.jumps[arm], second.slopes[arm], second.paid[arm]
        other = tuple(second.seen.grid.at(values, grid.times) for values in each)  # type: ignore
    events = first.seen.density[:, arm] * weights
    at_risk = first.seen.at_risk[:, arm] * weights
    by_event = jump * events
    found: Floats = (
        np.einsum("ksm,lsm->kl", by_event, other[0] - other[2])
        - np.einsum("ksm,lsm->kl", paid * events, other[0])
        + np.einsum("ksm,lsm->kl", slope * at_risk, other[2])
        + np.einsum("ksm,lsm->kl", paid * at_risk, other[1])
    )
    return found


def _after_first_look(first: Terms, second: Terms, arm: int) -> Floats:
    """Mean product of the first term, and what the second gains after the first look.

    A patient still followed at the first look, for s months by then, entered s months before.
    """
    grid, seen = first.seen.grid, second.seen
    alone = seen.survival[:, arm] * seen.kept[arm]
    gains = second.jumps[arm] * seen.hazard[:, arm] - second.slopes[arm]
    gained = seen.grid.cumulative(gains * alone)
    gap = seen.month - first.seen.month
    later = seen.grid.at(gained, grid.times + gap) - seen.grid.at(gained, grid.times)
    entering = first.enrolment.rate_at(first.seen.month - grid.times) * grid.weights
    found: Floats = -np.einsum(
        "ksm,lsm,s,m->kl", first.paid[arm], later, first.seen.sizes[:, arm], entering
    )
    return found
