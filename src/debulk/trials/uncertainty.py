"""Three uncertainties of a hazard ratio told apart: sampling, parameters, structure of the model.

Trial t is simulated with draw d of the posterior sample, and a draw has one structure s. With y the
log hazard ratio of a trial, n_d the trials of a draw, N_s those of a structure and N all of them,

    y = mu + (effect of s) + (effect of d) + (chance of t)

- sampling: the variance within draws, from the trials of the same draw where there are enough of
  them, else the mean of the trials' squared standard errors;
- parameters, pooled over structures (D draws of S structures, means over all trials):
  (sum n_d (mean_d - mean_s)^2 - (D - S) sampling) / (N - sum n_d^2 / N_s);
- structure, a fixed list whose members count by their share w_s = N_s / N:
  sum w_s (mean_s - mean)^2 - sum w_s (1 - w_s) var(mean_s), with
  var(mean_s) = parameters sum n_d^2 / N_s^2 + sampling / N_s.

It is the method of moments of a nested analysis of variance (Searle 1971) with random draws and
fixed structures, so that the three add up to the variance of a trial; what falls below 0 is 0. The
Monte Carlo error is a jackknife over groups of draws.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.results import plain

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ENOUGH_WITHIN = 30
"""Degrees of freedom within draws from which the trials of the same draw give the sampling part."""

_GROUPS = 20
_NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class Parts:
    """Variances of a log hazard ratio over trials, before what is below 0 is set to 0.

    Attributes
    ----------
    sampling, parameters, structure : float
        NaN where nothing tells: one draw, one structure.
    parameters_error, structure_error : float
        Their Monte Carlo standard errors.
    sampling_from : {"trials of the same draw", "standard errors of the trials"}
    trials, draws : int
        Trials with a hazard ratio, and the draws they took.
    """

    sampling: float
    parameters: float
    structure: float
    parameters_error: float
    structure_error: float
    sampling_from: str
    trials: int
    draws: int

    def to_dict(self) -> dict[str, Any]:
        """Standard deviations, each with the 95 % interval of its Monte Carlo error."""
        known = [each for each in (self.sampling, self.parameters, self.structure) if each == each]
        content: dict[str, Any] = plain(
            {
                "sampling_sd": _root(self.sampling),
                "parameter_sd": _root(self.parameters),
                "parameter_sd_interval": _interval(self.parameters, self.parameters_error),
                "structure_sd": _root(self.structure),
                "structure_sd_interval": _interval(self.structure, self.structure_error),
                "total_sd": math.sqrt(sum(max(each, 0.0) for each in known)),
                "sampling_from": self.sampling_from,
                "trials": self.trials,
                "draws": self.draws,
            }
        )
        return content


@dataclass(frozen=True)
class Uncertainty:
    """What a trial's hazard ratio is uncertain by.

    Attributes
    ----------
    estimated : Parts
        Of the hazard ratios that trials estimate.
    true : Parts or None
        Of the true hazard ratios of the trials' own patients, each under both arms; None with one
        set of parameters.
    structures : dict of str to float
        Mean true log hazard ratio by structure.
    """

    estimated: Parts
    true: Parts | None
    structures: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Plain values.

        Sampling is that of the estimates; parameters and structure are those of the truth, which
        carries little chance of its own.
        """
        estimated = self.estimated.to_dict()
        true = None if self.true is None else self.true.to_dict()
        headline = {**estimated, **({} if true is None else _of_model(true))}
        if true is not None:
            parts = ("sampling_sd", "parameter_sd", "structure_sd")
            headline["total_sd"] = math.sqrt(sum((headline[each] or 0.0) ** 2 for each in parts))
        names = ("trials", "draws", *_OF_SAMPLING, *_OF_MODEL, "total_sd")
        return {
            "measure": "log hazard ratio",
            **{name: headline[name] for name in names},
            "by_structure": [
                {"structure": name, "hazard_ratio": math.exp(value)}
                for name, value in self.structures.items()
            ],
            "estimated": estimated,
            "true": true,
        }


_OF_SAMPLING = ("sampling_sd", "sampling_from")
_OF_MODEL = ("parameter_sd", "parameter_sd_interval", "structure_sd", "structure_sd_interval")


def _of_model(true: dict[str, Any]) -> dict[str, Any]:
    return {name: true[name] for name in _OF_MODEL}


def told_apart(
    structures: Sequence[str], estimated: tuple[Floats, Floats], true: tuple[Floats, Floats] | None
) -> Uncertainty:
    """Tell the uncertainties of simulated trials apart.

    Parameters
    ----------
    structures : sequence of str
        Structure of each draw of the posterior sample; trial t took draw t modulo their number.
        Empty where one set of parameters was simulated.
    estimated, true : pairs of float64[trials]
        Log hazard ratio of each trial and its standard error: as estimated, and the truth of the
        trial's own patients. NaN where a trial has none.
    """
    trials = np.arange(estimated[0].size)
    draw = trials % max(1, len(structures))
    names = list(dict.fromkeys(structures)) or ["one set"]
    codes = np.array([names.index(each) for each in structures] or [0])
    structure = codes[draw]
    means: dict[str, float] = {}
    if true is not None:
        for code, name in enumerate(names):
            own = true[0][(structure == code) & np.isfinite(true[0])]
            if own.size:
                means[name] = float(own.mean())
    return Uncertainty(
        estimated=parts_of(*estimated, draw, structure),
        true=None if true is None else parts_of(*true, draw, structure),
        structures=means,
    )


def parts_of(values: Floats, errors: Floats, draw: Ints, structure: Ints) -> Parts:
    """Split the variance of values into sampling, parameters and structure.

    Parameters
    ----------
    values, errors : float64[trials]
        Log hazard ratios and their standard errors; trials without either are left out.
    draw, structure : int64[trials]
        Which draw each trial took, and which structure the draw has.
    """
    known = np.isfinite(values) & np.isfinite(errors)
    values, errors, draw, structure = values[known], errors[known], draw[known], structure[known]
    draws = np.unique(draw).size
    replicated = values.size - draws >= ENOUGH_WITHIN
    within = math.nan
    if values.size and not replicated:
        within = float((errors**2).mean())
    sampling, parameters, of_structure = nested_variances(
        values, draw, structure, None if replicated else within
    )
    errors_of = _jackknife(values, draw, structure, None if replicated else within)
    return Parts(
        sampling=sampling,
        parameters=parameters,
        structure=of_structure,
        parameters_error=errors_of[1],
        structure_error=errors_of[2],
        sampling_from="trials of the same draw" if replicated else "standard errors of the trials",
        trials=values.size,
        draws=draws,
    )


def nested_variances(
    values: Floats, draw: Ints, structure: Ints, within: float | None = None
) -> tuple[float, float, float]:
    """Variances within draws, between draws of a structure, and between structures.

    Parameters
    ----------
    values : float64[n]
    draw, structure : int64[n]
        Draw and structure of each value; a draw has one structure.
    within : float, optional
        Variance within draws; by default from values of the same draw.

    Returns
    -------
    tuple of three float
        Not set to 0 where they are negative; NaN where nothing tells.
    """
    if values.size == 0:
        return math.nan, math.nan, math.nan
    _, first, own = np.unique(draw, return_index=True, return_inverse=True)
    counts = np.bincount(own).astype(np.float64)
    means = np.bincount(own, values) / counts
    names, of = np.unique(structure[first], return_inverse=True)
    size, draws = float(values.size), counts.size
    if within is None:
        left = values.size - draws
        within = float(((values - means[own]) ** 2).sum()) / left if left > 0 else math.nan
    totals = np.bincount(of, counts)
    centres = np.bincount(of, counts * means) / totals
    squares = np.bincount(of, counts**2)
    between = float((counts * (means - centres[of]) ** 2).sum())
    free, scale = draws - names.size, size - float((squares / totals).sum())
    parameters = (between - free * within) / scale if free > 0 else math.nan
    if names.size < 2:
        return within, parameters, math.nan
    weights = totals / size
    spread = float((weights * (centres - weights @ centres) ** 2).sum())
    of_draws = 0.0 if math.isnan(parameters) else max(parameters, 0.0)
    noise = of_draws * squares / totals**2 + within / totals
    return within, parameters, spread - float((weights * (1.0 - weights) * noise).sum())


def _jackknife(
    values: Floats, draw: Ints, structure: Ints, within: float | None
) -> tuple[float, float, float]:
    """Standard errors of the three variances, leaving out groups of draws in turn."""
    names, first = np.unique(draw, return_index=True)
    if names.size < 3:
        return math.nan, math.nan, math.nan
    # Each structure loses its share of draws in each turn.
    place = np.empty(names.size, np.int64)
    place[np.argsort(structure[first], kind="stable")] = np.arange(names.size)
    groups = min(_GROUPS, names.size)
    group = place[np.searchsorted(names, draw)] % groups
    found = np.array(
        [
            nested_variances(values[kept], draw[kept], structure[kept], within)
            for kept in (group != each for each in range(groups))
        ]
    )
    spread = ((found - found.mean(axis=0)) ** 2).sum(axis=0)
    errors = np.sqrt((groups - 1) / groups * spread)
    return float(errors[0]), float(errors[1]), float(errors[2])


def _root(variance: float) -> float | None:
    return None if math.isnan(variance) else math.sqrt(max(variance, 0.0))


def _interval(variance: float, error: float) -> list[float] | None:
    if math.isnan(variance) or math.isnan(error):
        return None
    low, high = variance - _NORMAL_95 * error, variance + _NORMAL_95 * error
    return [math.sqrt(max(low, 0.0)), math.sqrt(max(high, 0.0))]
