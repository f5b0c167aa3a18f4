"""Limits of a share that was counted."""

from __future__ import annotations


def exact_limits(events: float, patients: float, level: float = 0.95) -> tuple[float, float]:
    """Exact limits of a probability from a count (Clopper and Pearson 1934, Biometrika 26:404).

    Parameters
    ----------
    events, patients : float
        Those with the event, and all; 0 <= events <= patients, patients > 0.
    level : float
        Of confidence, in both tails together.

    Returns
    -------
    tuple of float
        Lower and upper limit; 0 where nobody had the event, 1 where everybody had.
    """
    from scipy.special import betaincinv

    tail = (1.0 - level) / 2.0
    lower = 0.0 if events == 0 else betaincinv(events, patients - events + 1.0, tail)
    upper = 1.0 if events == patients else betaincinv(events + 1.0, patients - events, 1.0 - tail)
    return float(lower), float(upper)
