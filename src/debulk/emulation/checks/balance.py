"""Balance over time: whether those who keep to a strategy stay like all who are alive."""

from __future__ import annotations

from typing import Any

import numpy as np

from debulk.emulation.check import Check
from debulk.emulation.checks.clones_at_visits import (
    check_weights_of,
    clones_at_visits,
    observed,
    remaining_weights,
)
from debulk.emulation.clones.weights import CloneWeights
from debulk.emulation.person_time import Floats, PersonTime

MOST_DIFFERENCE = 0.1
"""Largest standardised mean difference that counts as balance."""


def check_balance(person_time: PersonTime, weights: CloneWeights) -> Check:
    """Compare the weighted clones of each strategy with all patients alive, visit by visit.

    Parameters
    ----------
    person_time : PersonTime
    weights : CloneWeights

    Returns
    -------
    Check
        *fail* where a covariate as it stood at **time zero**, which treatment cannot have changed,
        differs by more than 0.1 standard deviations at some visit of the grace period.
        `details` has a row for each strategy, visit and covariate: the difference of the values at
        time zero and of those at the visit (which treatment may have changed), each weighted and
        unweighted.
    """
    check_weights_of(person_time, weights)
    if not person_time.names:
        text = "The person-time has no covariate to compare."
        return Check("balance", "unknown", text, None, MOST_DIFFERENCE)
    first_row = person_time.first[:-1]
    at_zero = person_time.values[first_row]
    spread = at_zero.std(axis=0)
    spread = np.where(spread > 0.0, spread, 1.0)
    seen, remaining = observed(person_time), remaining_weights(person_time, weights)
    rows: list[dict[str, Any]] = []
    for arm in weights.arms:
        for there in clones_at_visits(person_time, weights, arm):
            everyone = np.flatnonzero((person_time.visit == there.visit) & seen)
            owners = person_time.patient[everyone]
            kept = there.after > 0.0
            zero = at_zero[there.patient[kept]], at_zero[owners]
            now = person_time.values[there.row[kept]], person_time.values[everyone]
            weight = there.after[kept]
            if weight.size == 0:
                continue
            alike, due = np.ones(weight.size), remaining[everyone]
            differences = (
                ("time_zero", _difference(*zero, weight, due, spread)),
                ("time_zero_unweighted", _difference(*zero, alike, None, spread)),
                ("at_visit", _difference(*now, weight, due, spread)),
                ("at_visit_unweighted", _difference(*now, alike, None, spread)),
            )
            rows += [
                {
                    "strategy": arm.strategy,
                    "visit": there.visit,
                    "covariate": name,
                    **{key: float(values[place]) for key, values in differences},
                }
                for place, name in enumerate(person_time.names)
            ]
    worst = max(rows, key=lambda row: abs(float(row["time_zero"])))
    size = abs(float(worst["time_zero"]))
    where = f"{worst['covariate']}, strategy {worst['strategy']}, visit {worst['visit']}"
    details = {"most_difference": MOST_DIFFERENCE, "rows": rows}
    if size > MOST_DIFFERENCE:
        text = (
            f"After weighting a covariate of time zero differs by {size:.2f} standard deviations "
            f"({where}): the weights do not make the strategies comparable."
        )
        return Check("balance", "fail", text, size, MOST_DIFFERENCE, details)
    text = f"Covariates of time zero are balanced at every visit (at most {size:.2f}: {where})."
    return Check("balance", "pass", text, size, MOST_DIFFERENCE, details)


def _difference(
    of_clones: Floats, of_all: Floats, weight: Floats, due: Floats | None, spread: Floats
) -> Floats:
    """Standardised difference between the clones' weighted mean and the mean of all alive.

    Where loss has a model, all alive stand for those lost as well (`due`).
    """
    everybody = np.average(of_all, axis=0, weights=due)
    found: Floats = (np.average(of_clones, axis=0, weights=weight) - everybody) / spread
    return found
