"""Synthetic likelihood: targets as independent errors with tails that forgive one out of reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from debulk.core.errors import InputError
from debulk.disease.calibration.emulator import Emulator
from debulk.disease.calibration.priors import FloatArray
from debulk.disease.calibration.problem import missed


@dataclass(frozen=True)
class Likelihood:
    """Student-t errors of the targets, in standard errors of the data.

    Attributes
    ----------
    observed : float64[targets]
        The data.
    sides : float64[targets]
        As in `Problem.sides`.
    extra_variance : float64[targets]
        Of the simulation and of the emulator, in units of the variance of the data.
    degrees : float
        Degrees of freedom of the tails; infinite for normal errors.
    """

    observed: FloatArray
    sides: FloatArray
    extra_variance: FloatArray
    degrees: float

    def __post_init__(self) -> None:
        if not self.degrees >= 1.0:
            found = f"{self.degrees!r} degrees of freedom"
            raise InputError("tails", found, "Give 1 or more; inf for normal errors")

    def log_density(self, predicted: FloatArray) -> FloatArray:
        """Logarithm of the likelihood.

        Parameters
        ----------
        predicted : float64[..., targets]
            Of each parameter set.
        """
        variance = 1.0 + self.extra_variance
        squares = missed(predicted - self.observed, self.sides) ** 2 / variance
        if np.isinf(self.degrees):
            each = -0.5 * (squares + np.log(2.0 * np.pi * variance))
        else:
            nu = self.degrees
            constant = gammaln(0.5 * (nu + 1.0)) - gammaln(0.5 * nu)
            each = (
                constant
                - 0.5 * np.log(nu * np.pi * variance)
                - 0.5 * (nu + 1.0) * np.log1p(squares / nu)
            )
        return np.asarray(each.sum(axis=-1))

    def precision(self, predicted: FloatArray) -> FloatArray:
        """Weights of the targets' squares in a quadratic form that touches the density there."""
        variance = 1.0 + self.extra_variance
        if np.isinf(self.degrees):
            return np.asarray(np.ones_like(predicted) / variance)
        squares = missed(predicted - self.observed, self.sides) ** 2 / variance
        return np.asarray((self.degrees + 1.0) / (self.degrees + squares) / variance)

    def pull(self, predicted: FloatArray) -> FloatArray:
        """Towards the data: nothing from a target that is on its side of its number."""
        return np.asarray(-missed(predicted - self.observed, self.sides))


@dataclass(frozen=True)
class EmulatedPosterior:
    """Posterior density when the emulator stands in for the simulator.

    Attributes
    ----------
    emulator : Emulator
        Of the targets that the likelihood takes.
    likelihood : Likelihood
        With the emulator's error in it.
    targets : int64[]
        Which targets they are.
    """

    emulator: Emulator
    likelihood: Likelihood
    targets: np.ndarray[tuple[int, ...], np.dtype[np.intp]]

    @property
    def parameters(self) -> int:
        """Number of coordinates."""
        return int(self.emulator.centre.size)

    def predict(self, unit: FloatArray) -> FloatArray:
        """The targets of the likelihood at some coordinates."""
        return np.asarray(self.emulator.predict(unit)[..., self.targets])

    def log_likelihood(self, unit: FloatArray) -> FloatArray:
        """Logarithm of the emulated likelihood."""
        return self.likelihood.log_density(self.predict(unit))

    def log_density(self, unit: FloatArray) -> FloatArray:
        """Logarithm of prior times emulated likelihood, the prior with its constant."""
        return np.asarray(log_prior(unit) + self.log_likelihood(unit))

    def mode(self, steps: int = 200) -> tuple[FloatArray, FloatArray]:
        """The mode by Gauss and Newton, and the covariance of a normal that touches there."""
        at = np.clip(self.emulator.centre, -3.0, 3.0)
        value = float(self.log_density(at))
        for _ in range(steps):
            slopes = self.emulator.jacobian(at)[self.targets]
            predicted = self.predict(at)
            weight = self.likelihood.precision(predicted)
            curvature = np.eye(at.size) + slopes.T @ (weight[:, None] * slopes)
            gradient = slopes.T @ (weight * self.likelihood.pull(predicted)) - at
            step = np.linalg.solve(curvature, gradient)
            length = 1.0
            while length > 1e-6:
                new = float(self.log_density(at + length * step))
                if new > value:
                    break
                length *= 0.5
            else:
                break
            at, gained, value = at + length * step, new - value, new
            if gained < 1e-9:
                break
        slopes = self.emulator.jacobian(at)[self.targets]
        weight = self.likelihood.precision(self.predict(at))
        curvature = np.eye(at.size) + slopes.T @ (weight[:, None] * slopes)
        covariance = np.linalg.inv(curvature)
        return at, 0.5 * (covariance + covariance.T)


def log_prior(unit: FloatArray) -> FloatArray:
    """Logarithm of the standard normal density.

    Parameters
    ----------
    unit : float64[..., parameters]
        Coordinates.
    """
    square = (unit**2).sum(axis=-1)
    return np.asarray(-0.5 * square - 0.5 * unit.shape[-1] * np.log(2.0 * np.pi))
