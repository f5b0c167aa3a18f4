"""Slow, obvious twins of the rank tests: one event time after the other, all rows at each."""

import numpy as np


def dense_logrank(time, event, group, count, *, weight=None, strata=None, entry=None):
    """Observed, expected and variance; `weight` gives a number from (time, S before, n, d)."""
    strata = np.zeros(time.size, int) if strata is None else np.asarray(strata)
    entry = np.full(time.size, -np.inf) if entry is None else np.asarray(entry)
    observed, expected = np.zeros(count), np.zeros(count)
    variance = np.zeros((count, count))
    for stratum in np.unique(strata):
        survival = 1.0
        here = strata == stratum
        for now in np.unique(time[here & event]):
            at_risk = here & (entry < now) & (time >= now)
            dying = here & event & (time == now)
            n, d = at_risk.sum(), dying.sum()
            w = 1.0 if weight is None else weight(now, survival, n, d)
            share = np.array([(at_risk & (group == g)).sum() for g in range(count)]) / n
            observed += w * np.array([(dying & (group == g)).sum() for g in range(count)])
            expected += w * d * share
            if n > 1:
                spread = w * w * d * (n - d) / (n - 1)
                variance += spread * (np.diag(share) - np.outer(share, share))
            survival *= 1 - d / n
    return observed, expected, variance
