"""Simulators whose posterior is known."""

from __future__ import annotations

import numpy as np

from debulk.disease.calibration import Priors, Problem, ProblemTarget


def unit_priors(count: int) -> Priors:
    """Standard normal priors, so that values are coordinates."""
    return Priors(
        names=tuple(f"x{number}" for number in range(count)),
        laws=("normal",) * count,
        centre=np.zeros(count),
        spread=np.ones(count),
        lowest=np.full(count, -np.inf),
        highest=np.full(count, np.inf),
    )


def linear_problem(slopes, observed, errors, **more) -> Problem:
    """Targets that are linear in the parameters: posterior normal."""
    slopes, errors = np.asarray(slopes, float), np.asarray(errors, float)

    def simulate(values, structure, seed):
        return slopes @ values, np.zeros(len(slopes))

    targets = tuple(
        ProblemTarget(f"y{row}", "all", float(observed[row]), float(errors[row]))
        for row in range(len(slopes))
    )
    return Problem(unit_priors(slopes.shape[1]), targets, simulate, **more)


def normal_posterior(slopes, observed, errors):
    """Mean and covariance of the posterior of `linear_problem`."""
    slopes, weight = np.asarray(slopes, float), 1.0 / np.asarray(errors, float) ** 2
    covariance = np.linalg.inv(np.eye(slopes.shape[1]) + slopes.T @ (weight[:, None] * slopes))
    return covariance @ slopes.T @ (weight * np.asarray(observed, float)), covariance
