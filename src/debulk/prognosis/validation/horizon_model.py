"""Regression of the status at a horizon, weighted for those whose status was not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from debulk.core.errors import InputError
from debulk.prognosis.validation.status import HorizonStatus
from debulk.survival.subjects import Floats

_MOST_STEPS = 60
_SETTLED = 1e-10
_LARGEST = 600.0  # a cumulative hazard; its exponential is still a finite number


@dataclass(frozen=True, eq=False)
class HorizonModel:
    """A fitted model ``log(-log(1 - P)) = x b``.

    Attributes
    ----------
    coef : array, shape (p,)
    influence : array, shape (patients, p)
        Of each patient on each coefficient, the weights' own error counted.
    """

    coef: Floats
    influence: Floats

    def log_hazard(self, x: Floats) -> Floats:
        """The log cumulative hazard at the horizon of rows of the design."""
        result: Floats = x @ self.coef
        return result

    def error(self, x: Floats) -> Floats:
        """Standard error of the log cumulative hazard of rows of the design."""
        n = self.influence.shape[0]
        covariance = self.influence.T @ self.influence * (n / (n - 1))
        result: Floats = np.sqrt(np.einsum("ij,jk,ik->i", x, covariance, x))
        return result


def horizon_model(status: HorizonStatus, x: Floats, offset: Floats | None = None) -> HorizonModel:
    """Fit by the binomial likelihood with the masses as weights (Fisher's scoring).

    Parameters
    ----------
    status : HorizonStatus
    x : array, shape (patients, p)
        One row of the design a patient.
    offset : array, shape (patients,), optional

    Raises
    ------
    InputError
        If the likelihood has no maximum: the risks part cases from the others.
    """
    rows = x[status.patient]
    known = np.zeros(rows.shape[0]) if offset is None else offset[status.patient]
    coef = np.zeros(x.shape[1])
    if offset is None:
        coef[0] = np.log(-np.log1p(-np.clip(status.observed, 1e-6, 1.0 - 1e-6)))
    best = _likelihood(status, rows @ coef + known)
    for _ in range(_MOST_STEPS):
        hazard = _hazard(rows @ coef + known)
        score = status.mass * _score(status, hazard)
        weight = status.mass * hazard * hazard / np.expm1(hazard)
        try:
            step = np.linalg.solve((rows * weight[:, None]).T @ rows, rows.T @ score)
        except np.linalg.LinAlgError:
            break
        length, likelihood = 1.0, _likelihood(status, rows @ (coef + step) + known)
        while not likelihood >= best - 1e-14 and length > 1e-6:
            length /= 2.0
            likelihood = _likelihood(status, rows @ (coef + length * step) + known)
        coef = np.asarray(coef + length * step, dtype=np.float64)
        best = likelihood
        if float(np.abs(step).max()) < _SETTLED * (1.0 + float(np.abs(coef).max())):
            return HorizonModel(coef, _influence(status, rows, rows @ coef + known))
    raise InputError(
        "risk",
        "the risks part patients with the event from all others, so that no slope is finite",
        "Give more patients, or another horizon",
    )


def _influence(status: HorizonStatus, rows: Floats, eta: Floats) -> Floats:
    hazard = _hazard(eta)
    # Minus the derivative of the score with respect to the linear predictor.
    case: Floats = hazard / np.expm1(hazard) * (hazard / -np.expm1(-hazard) - 1.0)
    bend = status.mass * np.where(status.case, case, hazard)
    information = (rows * bend[:, None]).T @ rows
    scores = status.influence(rows * _score(status, hazard)[:, None])
    return np.asarray(np.linalg.solve(information, scores.T).T, dtype=np.float64)


def _hazard(eta: Floats) -> Floats:
    result: Floats = np.clip(np.exp(np.clip(eta, -200.0, 50.0)), 1e-80, _LARGEST)
    return result


def _score(status: HorizonStatus, hazard: Floats) -> Floats:
    result: Floats = np.where(status.case, hazard / np.expm1(hazard), -hazard)
    return result


def _likelihood(status: HorizonStatus, eta: Floats) -> float:
    hazard = _hazard(eta)
    each = np.where(status.case, np.log(-np.expm1(-hazard)), -hazard)
    return float(status.mass @ each)
