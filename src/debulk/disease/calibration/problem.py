"""What is calibrated: a simulator, its free parameters, and the targets with their errors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError, nearest
from debulk.disease.calibration.priors import FloatArray, Priors

Scale = Literal["identity", "log", "logit"]
"""Scale on which a target's error is taken as normal."""

Z_975 = 1.959963984540054
"""Half the width of a 95 % interval in standard deviations."""

Side = Literal["both", "below", "above"]
"""Where the data lie: at the number, or anywhere below or above it."""

Simulator = Callable[[FloatArray, str, int], tuple[FloatArray, FloatArray]]
"""From parameter values, structure and seed to statistics and their Monte Carlo variances."""


@dataclass(frozen=True, slots=True)
class ProblemTarget:
    """One number that the simulator should reproduce.

    Attributes
    ----------
    name, group : str
        Its name, and the group that it shares a discrepancy with.
    value : float
        As published.
    standard_deviation : float
        Of the published number, on `scale`.
    discrepancy : float
        Standard deviation of what no parameter set of a right-minded but simplified model can
        reproduce, on `scale`; an assumption.
    scale : {"identity", "log", "logit"}
        Where errors are normal.
    side : {"both", "below", "above"}
        Whether the source gives a number, or says only that it lies below or above one.
    evidence : tuple of str
        Keys of the evidence rows behind it.
    note : str
        What was assumed about it.
    """

    name: str
    group: str
    value: float
    standard_deviation: float
    discrepancy: float = 0.0
    scale: Scale = "identity"
    side: Side = "both"
    evidence: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        for what, word, known in (
            ("scale", self.scale, get_args(Scale)),
            ("side", self.side, get_args(Side)),
        ):
            if word not in known:
                found = f"{what} {word!r} is not known"
                raise InputError(f"target {self.name!r}", found, nearest(word, known))
        if not np.isfinite(self.on_scale):
            raise InputError(
                f"target {self.name!r}",
                f"{self.value!r} has no {self.scale}",
                "Give a number inside the scale, or another scale",
            )
        if not (np.isfinite(self.standard_deviation) and self.standard_deviation > 0.0):
            raise InputError(
                f"target {self.name!r}",
                f"a standard deviation of {self.standard_deviation!r}",
                "Give a number above 0",
            )
        if not (np.isfinite(self.discrepancy) and self.discrepancy >= 0.0):
            raise InputError(
                f"target {self.name!r}",
                f"a discrepancy of {self.discrepancy!r}",
                "Give a number of 0 or above",
            )

    @property
    def on_scale(self) -> float:
        """The published number on the scale."""
        return float(on_scale(np.array([self.value]), (self.scale,), 0.0)[0])


def target_from_interval(
    name: str,
    value: float,
    lower: float,
    upper: float,
    *,
    group: str = "",
    scale: Scale = "identity",
    discrepancy: float = 0.0,
    evidence: tuple[str, ...] = (),
    note: str = "",
) -> ProblemTarget:
    """A target whose standard deviation follows from its 95 % interval on the scale.

    Parameters
    ----------
    name, value, group, scale, discrepancy, evidence, note
        As in `ProblemTarget`.
    lower, upper : float
        Limits of the 95 % interval, in the unit of the value.

    Raises
    ------
    InputError
        If the limits are not in order or have no place on the scale.
    """
    low, high = on_scale(np.array([lower, upper], dtype=np.float64), (scale, scale), 0.0)
    if not low < high or not lower <= value <= upper:
        raise InputError(
            f"target {name!r}",
            f"an interval from {lower!r} to {upper!r} about {value!r}",
            "Give a lower and an upper limit on both sides of the value",
        )
    spread = float(high - low) / (2.0 * Z_975)
    return ProblemTarget(
        name, group or name, value, spread, discrepancy, scale, evidence=evidence, note=note
    )


@dataclass(frozen=True)
class Problem:
    """A simulator with priors and targets.

    Attributes
    ----------
    priors : Priors
        Of every free parameter.
    targets : tuple of ProblemTarget
        In the order of the statistics.
    simulate : callable
        ``simulate(values, structure, seed)`` gives the statistics in the unit of the targets and
        their Monte Carlo variances, both float64[targets]. With one seed, all parameter values see
        the same random numbers. NaN is a statistic that is not defined there.
    structures : tuple of str
        The structures that it knows.
    fixed : mapping of str to tuple of str
        Parameters by structure that have no meaning in it: they keep their prior.
    patients : int
        Virtual patients behind a statistic, at the least: proportions of 0 and 1 count as half a
        patient on the logit.
    identity : mapping
        What the results depend on besides: hashes, versions, sizes; plain values.
    """

    priors: Priors
    targets: tuple[ProblemTarget, ...]
    simulate: Simulator
    structures: tuple[str, ...] = ("reference",)
    fixed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    patients: int = 1000
    identity: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [each.name for each in self.targets]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InputError("targets", f"{twice[0]!r} stands there twice", "Give each once")
        if not names:
            raise InputError("targets", "there is none", "Give at least one")
        if not len(self.priors):
            raise InputError("priors", "no parameter is free", "Free at least one")

    @property
    def target_names(self) -> tuple[str, ...]:
        """Names in the order of the statistics."""
        return tuple(each.name for each in self.targets)

    @property
    def observed(self) -> FloatArray:
        """Published numbers on their scales."""
        return np.array([each.on_scale for each in self.targets])

    @property
    def variance(self) -> FloatArray:
        """Of the published numbers with the discrepancy, on their scales."""
        return np.array([each.standard_deviation**2 + each.discrepancy**2 for each in self.targets])

    @property
    def sides(self) -> FloatArray:
        """0 for targets that are a number, -1 for those below and 1 for those above it."""
        codes = {"both": 0.0, "below": -1.0, "above": 1.0}
        return np.array([codes[each.side] for each in self.targets])

    def active(self, structure: str) -> npt.NDArray[np.bool_]:
        """Which parameters a structure knows."""
        idle = self.fixed.get(structure, ())
        return np.array([name not in idle for name in self.priors.names])

    def on_scale(
        self, statistics: FloatArray, variance: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Statistics and their Monte Carlo variances on the targets' scales.

        What is not defined, or has no place on its scale, is NaN in both.
        """
        scales = tuple(each.scale for each in self.targets)
        scaled = on_scale(statistics, scales, 0.5 / self.patients)
        error = np.array(variance, dtype=np.float64)
        for column, scale in enumerate(scales):
            if scale == "log":
                error[column] *= np.exp(-2.0 * scaled[column])
            elif scale == "logit":
                information = 1.0 / (4.0 * np.cosh(0.5 * scaled[column]) ** 2)
                cut = not 0.0 < statistics[column] < 1.0
                error[column] = (
                    1.0 / (self.patients * information) if cut else error[column] / information**2
                )
        good = np.isfinite(scaled) & np.isfinite(error) & (error >= 0.0)
        return np.where(good, scaled, np.nan), np.where(good, error, np.nan)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of priors, targets, sizes and identity: all but the simulator's code."""
        content = {
            "priors": [
                [name, law, *(float(column[row]).hex() for column in self._columns())]
                for row, (name, law) in enumerate(
                    zip(self.priors.names, self.priors.laws, strict=True)
                )
            ],
            "targets": [
                [
                    *(each.name, each.group, each.scale, each.side, list(each.evidence)),
                    *(each.value, each.standard_deviation, each.discrepancy),
                ]
                for each in self.targets
            ],
            "fixed": {name: list(each) for name, each in sorted(self.fixed.items())},
            "patients": self.patients,
            "identity": dict(self.identity),
        }
        text = json.dumps(content, sort_keys=True, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def _columns(self) -> tuple[FloatArray, ...]:
        prior = self.priors
        return prior.centre, prior.spread, prior.lowest, prior.highest


def missed(offset: FloatArray, sides: FloatArray) -> FloatArray:
    """Offsets from the targets' numbers, 0 where a target is on its side of it.

    Parameters
    ----------
    offset : float64[..., targets]
        Simulated less published.
    sides : float64[targets]
        As in `Problem.sides`.
    """
    right = ((sides > 0.0) & (offset > 0.0)) | ((sides < 0.0) & (offset < 0.0))
    return np.asarray(np.where(right, 0.0, offset))


def on_scale(values: FloatArray, scales: tuple[Scale, ...], least: float) -> FloatArray:
    """Numbers on their scales; NaN where there is no place on it.

    Parameters
    ----------
    values : float64[targets]
        In their units.
    scales : tuple of str
        One a number.
    least : float
        Proportions are taken as at least that, and at most 1 less that, on the logit.
    """
    scaled = np.array(values, dtype=np.float64)
    for column, scale in enumerate(scales):
        value = scaled[column]
        if scale == "log":
            scaled[column] = np.log(value) if value > 0.0 else np.nan
        elif scale == "logit":
            inside = 0.0 <= value <= 1.0 if least > 0.0 else 0.0 < value < 1.0
            share = min(max(value, least), 1.0 - least) if inside else np.nan
            scaled[column] = np.log(share) - np.log1p(-share)
    return scaled
