"""The unseen tail: large weights that the model expects and this sample happens not to hold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from debulk.emulation.check import Check
from debulk.emulation.checks.clones_at_visits import (
    ClonesAtVisit,
    check_weights_of,
    clones_at_visits,
)
from debulk.emulation.clones.weights import CloneWeights
from debulk.emulation.person_time import Floats, PersonTime

MOST_EXPECTED_OVER_OBSERVED = 1.3
"""Largest ratio of the expected to the observed sum of squared weights."""

MOST_SHARE = 0.04
"""Largest share of its strategy's weight that one clone may hold."""


def check_unseen_tail(person_time: PersonTime, weights: CloneWeights) -> Check:
    """Hold the squared weights that the model expects against those that are there.

    Before a decision the model says how large the squared weights after it are on average. Where
    rare huge weights carry that average, most samples miss them, and the estimate, its standard
    error and the effective sample size all look better than they are.

    Parameters
    ----------
    person_time : PersonTime
    weights : CloneWeights

    Returns
    -------
    Check
        *fail* where expected over observed exceeds 1.3 at a visit of a strategy, or one clone
        holds more than 4 % of its strategy's weight.
    """
    check_weights_of(person_time, weights)
    rows: list[dict[str, Any]] = []
    for arm_number, arm in enumerate(weights.arms):
        for there in clones_at_visits(person_time, weights, arm):
            squared = there.before**2
            expected = float(np.sum(squared * _expected_square(there, weights, arm_number)))
            observed = float(np.sum(there.after**2))
            total = float(np.sum(there.after))
            rows.append(
                {
                    "strategy": arm.strategy,
                    "visit": there.visit,
                    "expected_over_observed": expected / observed if observed > 0.0 else math.inf,
                    "largest_share": float(there.after.max()) / total if total > 0.0 else 1.0,
                }
            )
    worst = max(rows, key=lambda row: float(row["expected_over_observed"]))
    heaviest = max(rows, key=lambda row: float(row["largest_share"]))
    ratio, share = float(worst["expected_over_observed"]), float(heaviest["largest_share"])
    faults = []
    if ratio > MOST_EXPECTED_OVER_OBSERVED:
        faults.append(
            f"the model expects {ratio:.2f} times the squared weights that strategy "
            f"{worst['strategy']} shows at visit {worst['visit']}"
        )
    if share > MOST_SHARE:
        faults.append(
            f"one clone holds {100 * share:.1f} % of strategy {heaviest['strategy']} at visit "
            f"{heaviest['visit']}"
        )
    limit = MOST_EXPECTED_OVER_OBSERVED
    details = {"most_share": MOST_SHARE, "visits": rows}
    if faults:
        text = f"{' and '.join(faults)}: a tail of weights is not in this sample."
        decided = (ratio, limit) if ratio > limit else (share, MOST_SHARE)
        return Check("unseen tail", "fail", text[0].upper() + text[1:], *decided, details)
    text = f"The weights are as spread out as the model expects (ratio at most {ratio:.2f})."
    return Check("unseen tail", "pass", text, ratio, limit, details)


def _expected_square(there: ClonesAtVisit, weights: CloneWeights, arm: int) -> Floats:
    """Mean squared factor of the decision, as the model has it; 1 where there was none to take."""
    chance = there.probability
    deadline = there.visit == weights.visits - 1
    if arm == 0:
        factor = 1.0 / (1.0 - chance)
    elif weights.timing == "natural":
        factor = 1.0 / chance if deadline else np.ones(chance.size)
    else:
        planned = 1.0 / (weights.visits - there.visit)
        factor = planned**2 / chance + (1.0 - planned) ** 2 / (1.0 - chance)
    return np.where(np.isnan(chance), 1.0, factor)
