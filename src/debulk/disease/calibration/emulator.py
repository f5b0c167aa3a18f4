"""Emulator: each target as a ridge regression on the parameters, with its cross-validated error.

Linear in all parameters and, where that predicts better, quadratic in the few directions that move
the targets most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.disease.calibration.priors import FloatArray

RIDGES = 10.0 ** np.arange(-6.0, 4.1, 0.5)
"""Penalties tried, for columns of variance 1; the best by leaving one run out is taken."""

RUNS_LEAST = 10
"""Fewer runs than that are no emulator."""


@dataclass(frozen=True)
class Emulator:
    """Targets as functions of the parameters, in standard errors of the targets.

    Attributes
    ----------
    centre : float64[parameters]
        Middle of the runs.
    intercept : float64[targets]
        Value there.
    linear : float64[parameters, targets]
        Slopes.
    directions : float64[parameters, directions]
        Orthonormal directions of the quadratic part.
    quadratic : float64[pairs, targets]
        Coefficients of the products of two directions, in the order of `numpy.triu_indices`; 0
        where a linear emulator predicts better.
    error_variance : float64[targets]
        Mean square of the prediction of a run left out.
    explained : float64[targets]
        Share of the variance between runs that such predictions explain.
    known : bool[targets]
        Targets with an emulator: enough runs define them.
    spread : float64[parameters], response_spread : float64[targets]
        Standard deviations among the runs.
    runs : int
        Runs that it was fitted on.
    """

    centre: FloatArray
    intercept: FloatArray
    linear: FloatArray
    directions: FloatArray
    quadratic: FloatArray
    error_variance: FloatArray
    explained: FloatArray
    known: npt.NDArray[np.bool_]
    spread: FloatArray
    response_spread: FloatArray
    runs: int

    def predict(self, unit: FloatArray) -> FloatArray:
        """Targets at some coordinates.

        Parameters
        ----------
        unit : float64[..., parameters]
            Standard normal coordinates.
        """
        offset = np.asarray(unit, dtype=np.float64) - self.centre
        value = self.intercept + offset @ self.linear
        if self.quadratic.size:
            value = value + _products(offset @ self.directions) @ self.quadratic
        return np.asarray(value)

    def jacobian(self, unit: FloatArray) -> FloatArray:
        """Slopes at one point, float64[targets, parameters]."""
        slopes = self.linear.T.copy()
        if self.quadratic.size:
            along = (unit - self.centre) @ self.directions
            first, second = np.triu_indices(along.size)
            turned = np.zeros((first.size, along.size))
            rows = np.arange(first.size)
            turned[rows, first] += along[second]
            turned[rows, second] += along[first]
            slopes += self.quadratic.T @ turned @ self.directions.T
        return slopes

    def importance(self) -> FloatArray:
        """Standardised regression coefficients, float64[parameters, targets]."""
        spread = np.where(self.response_spread > 0.0, self.response_spread, np.inf)
        return self.linear * self.spread[:, None] / spread


def fit_emulator(unit: FloatArray, responses: FloatArray, *, directions: int = 6) -> Emulator:
    """Fit an emulator.

    Parameters
    ----------
    unit : float64[runs, parameters]
        Standard normal coordinates of the runs.
    responses : float64[runs, targets]
        Targets of the runs in their standard errors; NaN where not defined.
    directions : int
        Number of directions of the quadratic part; 0 for none.

    Raises
    ------
    InputError
        If there are fewer than 10 runs.
    """
    runs, parameters = unit.shape
    if runs < RUNS_LEAST:
        found = f"{runs} runs to fit an emulator on"
        raise InputError("calibration", found, f"Give at least {RUNS_LEAST} members")
    centre = unit.mean(axis=0)
    offset = unit - centre
    targets = responses.shape[1]
    here = np.isfinite(responses)
    known = here.sum(axis=0) >= max(RUNS_LEAST, runs // 2)
    line = _fit_all(offset, responses, known)
    residuals = np.where(here & known, responses - line.intercept - offset @ line.slopes, 0.0)
    axes = _active_directions(line.slopes, offset, residuals, directions)
    pairs = axes.shape[1] * (axes.shape[1] + 1) // 2
    quadratic = np.zeros((pairs, targets))
    best = line
    if pairs:
        curve = _fit_all(np.hstack([offset, _products(offset @ axes)]), responses, known)
        better = curve.error < line.error
        quadratic[:, better] = curve.slopes[parameters:, better]
        best = _Fits(
            np.where(better, curve.intercept, line.intercept),
            np.where(better, curve.slopes[:parameters], line.slopes),
            np.where(better, curve.error, line.error),
        )
    spread = np.array(
        [np.std(responses[here[:, each], each]) if known[each] else 0.0 for each in range(targets)]
    )
    total = np.where(spread > 0.0, spread, 1.0) ** 2
    return Emulator(
        centre=centre,
        intercept=best.intercept,
        linear=best.slopes,
        directions=axes,
        quadratic=quadratic,
        error_variance=best.error,
        explained=np.where(known, 1.0 - best.error / total, 0.0),
        known=known,
        spread=unit.std(axis=0),
        response_spread=spread,
        runs=runs,
    )


@dataclass(frozen=True)
class _Fits:
    """Fits of all targets: intercepts, slopes[columns, targets], errors of runs left out."""

    intercept: FloatArray
    slopes: FloatArray
    error: FloatArray


def _fit_all(columns: FloatArray, responses: FloatArray, known: npt.NDArray[np.bool_]) -> _Fits:
    """Ridge regressions; targets that the same runs define share one decomposition."""
    targets = responses.shape[1]
    intercept, error = np.zeros(targets), np.zeros(targets)
    slopes = np.zeros((columns.shape[1], targets))
    here = np.isfinite(responses)
    groups: dict[bytes, list[int]] = {}
    for target in np.flatnonzero(known):
        groups.setdefault(here[:, target].tobytes(), []).append(int(target))
    for members in groups.values():
        rows = here[:, members[0]]
        fits = _ridge(columns[rows], responses[rows][:, members])
        intercept[members], slopes[:, members], error[members] = (
            *(fits.intercept, fits.slopes),
            fits.error,
        )
    return _Fits(intercept, slopes, error)


def _ridge(columns: FloatArray, responses: FloatArray) -> _Fits:
    """Ridge regressions on the same runs, each with the penalty that predicts best."""
    runs = columns.shape[0]
    middle, scale = columns.mean(axis=0), columns.std(axis=0)
    scale = np.where(scale > 0.0, scale, 1.0)
    design = (columns - middle) / scale
    mean = responses.mean(axis=0)
    left, values, right = np.linalg.svd(design, full_matrices=False)
    # Directions without any variance carry rounding alone.
    kept = values > values[0] * 1e-10 if values[0] > 0.0 else np.zeros(values.size, bool)
    left, values, right = left[:, kept], values[kept], right[kept]
    turned = left.T @ (responses - mean)
    error = np.full(responses.shape[1], np.inf)
    slopes = np.zeros((columns.shape[1], responses.shape[1]))
    for ridge in RIDGES:
        shrink = values**2 / (values**2 + ridge * runs)
        leverage = np.minimum((left**2) @ shrink + 1.0 / runs, 1.0 - 1e-9)
        residual = responses - mean - left @ (shrink[:, None] * turned)
        missed = np.mean((residual / (1.0 - leverage)[:, None]) ** 2, axis=0)
        better = missed < error
        error = np.where(better, missed, error)
        fitted = right.T @ ((shrink / values)[:, None] * turned)
        slopes = np.where(better, fitted, slopes)
    slopes = slopes / scale[:, None]
    return _Fits(mean - middle @ slopes, slopes, error)


def _active_directions(
    slopes: FloatArray, offset: FloatArray, residuals: FloatArray, count: int
) -> FloatArray:
    """Orthonormal directions: half along which the targets change most, half of most curvature.

    Curvature is what a linear fit leaves over, as a quadratic form (principal Hessian directions,
    Li, Journal of the American Statistical Association 1992).
    """
    parameters = offset.shape[1]
    most = min(count, parameters)
    if most <= 0:
        return np.zeros((parameters, 0))
    left, values, _ = np.linalg.svd(slopes, full_matrices=False)
    steep = left[:, : min((most + 1) // 2, int(np.count_nonzero(values > values[0] * 1e-6)))]
    curved = np.zeros((parameters, parameters))
    for residual in residuals.T:
        form = offset.T @ (residual[:, None] * offset) / offset.shape[0]
        curved += form @ form
    bent = np.linalg.eigh(curved)[1][:, ::-1]
    axes, _ = np.linalg.qr(np.hstack([steep, bent]))
    axes = axes[:, :most]
    # The sign of a direction is free: fix it.
    largest = np.abs(axes).argmax(axis=0)
    return np.asarray(axes * np.sign(axes[largest, np.arange(axes.shape[1])]))


def _products(along: FloatArray) -> FloatArray:
    """Products of two directions, each pair once."""
    first, second = np.triu_indices(along.shape[-1])
    return np.asarray(along[..., first] * along[..., second])
