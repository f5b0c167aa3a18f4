"""Weighted least squares with known variances: the algebra under every estimator.

With W the weights and Q an orthonormal basis of the weighted design, the projection
P = W^1/2 (I - Q Q') W^1/2 is never built: what is asked of it are sums over studies, so that ten
thousand studies need no matrix of ten thousand by ten thousand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WeightedFit:
    """A fit at one variance between studies.

    Attributes
    ----------
    coefficients : float64 array, shape (columns,)
        Weighted least squares.
    covariance : float64 array, shape (columns, columns)
        Their model-based covariance.
    weights : float64 array, shape (studies,)
        1 / (variance within + variance between).
    residuals : float64 array, shape (studies,)
        Estimates less those fitted.
    basis : float64 array, shape (studies, columns)
        Orthonormal; its squares, summed over columns, are the leverages.
    rotated : float64 array, shape (columns,)
        Weighted effects on the basis: but for the first, the intercept's, their squares sum to the
        chi-square of all moderators.
    log_determinant : float
        Logarithm of the determinant of X' W X.
    """

    coefficients: Floats
    covariance: Floats
    weights: Floats
    residuals: Floats
    basis: Floats = field(repr=False)
    rotated: Floats = field(repr=False)
    log_determinant: float

    @property
    def q(self) -> float:
        """Weighted sum of squared residuals, y' P y."""
        return float(self.weights @ self.residuals**2)

    @property
    def leverages(self) -> Floats:
        """Share of each study in its own fitted value, 0 to 1."""
        return np.asarray(np.minimum(np.einsum("ij,ij->i", self.basis, self.basis), 1.0))

    @property
    def squared_pull(self) -> float:
        """Sum of squares of weighted residuals, y' P P y."""
        return float(np.sum((self.weights * self.residuals) ** 2))

    def trace(self, scales: Floats | float = 1.0) -> float:
        """Trace of P D, with D the diagonal matrix of `scales`."""
        return float(np.sum(self.weights * scales * (1.0 - self.leverages)))

    def trace_of_square(self, scales: Floats | float = 1.0) -> float:
        """Trace of P D P D, with D the diagonal matrix of `scales`.

        The entries off the diagonal of the study that weighs most are summed one by one: taken from
        the difference that serves for all others, they would be lost in rounding.
        """
        scaled, leverages = self.weights * scales, self.leverages
        diagonal = np.sum((scaled * (1.0 - leverages)) ** 2)
        first = int(np.argmax(scaled * leverages))
        row = (self.basis @ self.basis[first]) ** 2 * scaled * scaled[first]
        others = np.arange(len(scaled)) != first
        basis = self.basis[others]
        cross = basis.T @ (basis * scaled[others, None])
        rest = np.sum(cross**2) - np.sum((scaled * leverages)[others] ** 2)
        return float(diagonal + 2.0 * np.sum(row[others]) + max(rest, 0.0))


def weighted_fit(
    estimates: Floats, variances: Floats, design: Floats, tau2: float = 0.0
) -> WeightedFit:
    """Fit by weighted least squares.

    Parameters
    ----------
    estimates, variances : float64 array, shape (studies,)
        Effects and their variances within studies.
    design : float64 array, shape (studies, columns)
        Intercept first, then moderators; of full rank.
    tau2 : float
        Variance between studies.

    Notes
    -----
    Effects are counted from the most precise study's own: what all share does not hide how they
    differ.
    """
    weights = 1.0 / (variances + tau2)
    root = np.sqrt(weights)
    origin = estimates[np.argmin(variances)]
    apart = estimates - origin
    basis, upper = np.linalg.qr(design * root[:, None])
    inverse = np.linalg.inv(upper)
    rotated = basis.T @ (root * apart)
    coefficients = inverse @ rotated
    residuals = apart - design @ coefficients
    coefficients[0] += origin
    return WeightedFit(
        coefficients=coefficients,
        covariance=inverse @ inverse.T,
        weights=weights,
        residuals=residuals,
        basis=basis,
        rotated=rotated,
        log_determinant=2.0 * float(np.sum(np.log(np.abs(np.diag(upper))))),
    )
