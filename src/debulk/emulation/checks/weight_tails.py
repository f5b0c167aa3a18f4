"""The weights themselves: their largest, the effective sample size, and whether they add up."""

from __future__ import annotations

from typing import Any

import numpy as np

from debulk.emulation.check import Check
from debulk.emulation.checks.clones_at_visits import check_weights_of, clones_at_visits
from debulk.emulation.clones.weights import CloneWeights
from debulk.emulation.person_time import PersonTime

MOST_OFF = 0.10
"""How far the sum of weights after a decision may be from the sum before it, as a share."""


def check_weight_tails(person_time: PersonTime, weights: CloneWeights) -> Check:
    """Describe the weights by strategy and visit, and hold their sums against each other.

    Those who keep to a strategy at a visit stand for all who were there, so that the weights just
    after it should sum to those just before.

    Parameters
    ----------
    person_time : PersonTime
    weights : CloneWeights

    Returns
    -------
    Check
        *fail* where the two sums differ by more than 10 % at some visit (a convention). *unknown*
        for stabilised or truncated weights, whose sums differ by design. `details` has the
        largest weight, the 99th percentile, the largest share and the effective sample size
        ``(sum w)^2 / sum w^2`` at each visit.
    """
    check_weights_of(person_time, weights)
    rows: list[dict[str, Any]] = []
    for arm in weights.arms:
        for there in clones_at_visits(person_time, weights, arm):
            kept = there.after[there.after > 0.0]
            if kept.size == 0:
                continue
            rows.append(
                {
                    "strategy": arm.strategy,
                    "visit": there.visit,
                    "clones": int(kept.size),
                    "largest": float(kept.max()),
                    "q99": float(np.quantile(kept, 0.99)),
                    "largest_share": float(kept.max() / kept.sum()),
                    "effective_size": float(kept.sum() ** 2 / np.sum(kept**2)),
                    "sum_after_over_before": float(kept.sum() / there.before.sum()),
                }
            )
    details = {"visits": rows}
    worst = max(rows, key=lambda row: abs(float(row["sum_after_over_before"]) - 1.0))
    ratio = float(worst["sum_after_over_before"])
    least = min(rows, key=lambda row: float(row["effective_size"]))
    size = (
        f"smallest effective size {least['effective_size']:.0f} (strategy {least['strategy']}, "
        f"visit {least['visit']})"
    )
    if weights.stabilised or np.isfinite(weights.caps).any():
        text = f"Stabilised or truncated weights do not add up by design; {size}."
        return Check("weight tails", "unknown", text, ratio, None, details)
    where = f"strategy {worst['strategy']}, visit {worst['visit']}"
    limit = 1.0 + MOST_OFF if ratio >= 1.0 else 1.0 - MOST_OFF
    if abs(ratio - 1.0) > MOST_OFF:
        text = (
            f"The weights after a decision sum to {ratio:.2f} of those before it ({where}): those "
            f"who stayed do not stand for all; {size}."
        )
        return Check("weight tails", "fail", text, ratio, limit, details)
    off = 100 * abs(ratio - 1.0)
    text = f"Weights after each decision sum to those before it within {off:.0f} %; {size}."
    return Check("weight tails", "pass", text, ratio, limit, details)
