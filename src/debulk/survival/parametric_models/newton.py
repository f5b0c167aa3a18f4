"""Newton's method for log likelihoods that need not be concave everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from debulk.survival.parametric_models.likelihood import Evaluation
from debulk.survival.subjects import Floats

_MOST_STEPS = 200
_MOST_HALVINGS = 40
_CLOSE = 1e-12
"""Gain that a last step promises; the error it leaves is of the order of its square."""
_FIRST_RIDGE = 1e-3
_LARGEST_RIDGE = 1e9


@dataclass(frozen=True, eq=False)
class Maximum:
    """Where the search ended.

    Attributes
    ----------
    parameters : array
        The point.
    at : Evaluation
        Log likelihood and derivatives there.
    converged : bool
        Whether it is a maximum: a Newton step without a ridge promised nothing more.
    steps : int
        Steps taken.
    """

    parameters: Floats
    at: Evaluation
    converged: bool
    steps: int


def maximise(evaluate: Callable[[Floats], Evaluation], start: Floats) -> Maximum:
    """Climb by Newton's steps, with a ridge where the surface bends upwards and halved if too long.

    The ridge is relative to the diagonal of the information (Marquardt 1963, J SIAM 11:431), so
    that the path does not depend on the units of the parameters.
    """
    here, at = start, evaluate(start)
    for turn in range(1, _MOST_STEPS + 1):
        if not _finite(at):
            return Maximum(here, at, False, turn)
        step, ridge = _step(at)
        promised = float(at.gradient @ step)
        length, slack = 1.0, 1e-11 * (1.0 + abs(at.value))
        for _ in range(_MOST_HALVINGS):
            there = evaluate(here + length * step)
            if _finite(there) and there.value >= at.value - slack:
                break
            length /= 2.0
        else:
            return Maximum(here, at, False, turn)
        here, at = here + length * step, there
        if ridge == 0.0 and length == 1.0 and promised < _CLOSE:
            return Maximum(here, at, _step(at)[1] == 0.0, turn)
    return Maximum(here, at, False, _MOST_STEPS)


def _finite(at: Evaluation) -> bool:
    return bool(
        np.isfinite(at.value) and np.isfinite(at.gradient).all() and np.isfinite(at.hessian).all()
    )


def _step(at: Evaluation) -> tuple[Floats, float]:
    """Newton's step, and the ridge it needed to climb."""
    information = -at.hessian
    unit = np.sqrt(np.maximum(np.abs(np.diag(information)), 1e-300))
    scaled = information / np.outer(unit, unit)
    ridge = 0.0
    while ridge < _LARGEST_RIDGE:
        try:
            factor = cho_factor(scaled + ridge * np.eye(unit.size), lower=True)
            return cho_solve(factor, at.gradient / unit) / unit, ridge
        except np.linalg.LinAlgError:
            ridge = max(4.0 * ridge, _FIRST_RIDGE)
    with np.errstate(over="ignore"):  # judged by the search
        return at.gradient / unit**2, ridge
