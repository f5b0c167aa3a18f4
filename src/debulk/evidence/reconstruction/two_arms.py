"""Two reconstructed arms compared: uncertainty of sampling and of reconstruction, told apart."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from debulk import __version__
from debulk.core.compiled import parallel_kernel, prange
from debulk.core.errors import InputError
from debulk.core.provenance import Parameter, Provenance, Status
from debulk.core.results import plain
from debulk.core.streams import normal_quantile
from debulk.evidence.reconstruction.intervals import Flags, Floats
from debulk.evidence.reconstruction.one_arm import Reconstruction
from debulk.evidence.reconstruction.replicates import (
    READING_ERROR,
    REPLICATES,
    ReconstructionReplicates,
    reconstruction_replicates,
)
from debulk.survival import rmst_difference, two_arm_trials
from debulk.survival.kernels import median_survival, restricted_mean
from debulk.survival.options import check_level


@dataclass(frozen=True, slots=True)
class UncertainEstimate:
    """An estimate from reconstructed patients.

    Attributes
    ----------
    estimand : str
        What is estimated.
    estimate : float
        From the central reconstructions.
    sampling_se : float or None
        Standard error had the patients been known (of the logarithm for a ratio): root of the mean
        of the replicates' variances. None where none is made.
    reconstruction_sd : float
        Standard deviation between replicates, on the same scale.
    reconstruction_sd_error : float
        Monte Carlo standard error of that.
    total_se : float or None
        Root of the sum of both variances, the second times 1 + 1 / replicates.
    lower, upper : float
        Limits from `total_se`; without it, quantiles of the replicates.
    replicates : int
        In how many the quantity exists.
    """

    estimand: str
    estimate: float
    sampling_se: float | None
    reconstruction_sd: float
    reconstruction_sd_error: float
    total_se: float | None
    lower: float
    upper: float
    replicates: int


@dataclass(frozen=True, eq=False)
class ReconstructionUncertainty:
    """Two reconstructed arms compared.

    Attributes
    ----------
    hazard_ratio : UncertainEstimate
        Cox, experimental / control; standard errors are those of its logarithm.
    rmst_difference : UncertainEstimate
        Restricted mean survival, experimental less control, in the unit of time.
    median_control, median_experimental : UncertainEstimate
        Medians; their limits tell the uncertainty of reconstruction alone.
    conf_level : float
        Level of the limits.
    horizon : float
        Of the restricted mean.
    log_hazard_ratios : float64 array, shape (replicates,)
        One a replicate.
    provenance : Provenance
        Seed, choices, remarks.
    """

    hazard_ratio: UncertainEstimate
    rmst_difference: UncertainEstimate
    median_control: UncertainEstimate
    median_experimental: UncertainEstimate
    conf_level: float
    horizon: float
    log_hazard_ratios: Floats = field(repr=False)
    provenance: Provenance = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        names = [each for each in self.__dataclass_fields__ if each != "provenance"]
        told = {name: plain(getattr(self, name)) for name in names}
        return {**told, "provenance": self.provenance.to_dict()}


def reconstruction_uncertainty(
    control: Reconstruction,
    experimental: Reconstruction,
    *,
    replicates: int = REPLICATES,
    seed: int = 1,
    reading_error: float = READING_ERROR,
    horizon: float | None = None,
    conf_level: float = 0.95,
) -> ReconstructionUncertainty:
    """Compare two reconstructed arms and tell how much the reconstruction adds to uncertainty.

    The arm is the unit: both are reconstructed `replicates` times independently, and the first
    replicate of one meets the first of the other, and so on.

    Parameters
    ----------
    control, experimental : Reconstruction
        Two different curves.
    replicates, seed, reading_error
        As for `reconstruction_replicates`.
    horizon : float, optional
        Of the restricted mean; by default the longest time that all replicates of both arms reach.
    conf_level : float
        Level of the limits, strictly between 0 and 1.

    Returns
    -------
    ReconstructionUncertainty

    Raises
    ------
    InputError
        If an option lies outside its range, `horizon` beyond some replicate's follow-up, or an arm
        has no death.
    """
    check_level(conf_level)
    arms = [
        reconstruction_replicates(
            each, replicates=replicates, seed=seed, stream=stream, reading_error=reading_error
        )
        for stream, each in enumerate((control, experimental))
    ]
    reach = min(float(each.time.max(axis=1).min()) for each in arms)
    reach = min(reach, float(control.time[-1]), float(experimental.time[-1]))
    if horizon is not None and not 0.0 < horizon <= reach:
        remedy = f"Give a time above 0, up to {reach:g}"
        raise InputError("horizon", f"{horizon!r:.60} is not reached by all replicates", remedy)
    tau = reach if horizon is None else float(horizon)
    ratio, logs = _hazard_ratio(arms, conf_level)
    return ReconstructionUncertainty(
        hazard_ratio=ratio,
        rmst_difference=_rmst_difference(arms, tau, conf_level),
        median_control=_median(arms[0], "control", conf_level),
        median_experimental=_median(arms[1], "experimental", conf_level),
        conf_level=conf_level,
        horizon=tau,
        log_hazard_ratios=logs,
        provenance=_provenance(arms, replicates, seed, horizon is not None, tau),
    )


def _hazard_ratio(
    arms: list[ReconstructionReplicates], level: float
) -> tuple[UncertainEstimate, Floats]:
    time = np.concatenate([each.time for each in arms], axis=1)
    event = np.concatenate([each.event for each in arms], axis=1)
    second = np.arange(time.shape[1]) >= arms[0].central.n
    found = two_arm_trials(time, event, second)
    central = two_arm_trials(
        np.concatenate([each.central.time for each in arms])[None],
        np.concatenate([each.central.event for each in arms])[None],
        second,
    )
    if not np.isfinite(central.log_hazard_ratio[0]):
        found_text = "one of the arms has no death while both are at risk"
        raise InputError("experimental", found_text, "A hazard ratio needs deaths in both arms")
    estimate = _uncertain(
        "hazard ratio, experimental / control",
        float(central.log_hazard_ratio[0]),
        found.log_hazard_ratio,
        float(np.nanmean(found.standard_error**2)),
        level,
        ratio=True,
    )
    return estimate, found.log_hazard_ratio


def _rmst_difference(
    arms: list[ReconstructionReplicates], tau: float, level: float
) -> UncertainEstimate:
    means = [_restricted_means(each.time, each.event, tau) for each in arms]
    central = rmst_difference(
        np.concatenate([each.central.time for each in arms]),
        np.concatenate([each.central.event for each in arms]),
        np.repeat([0, 1], [each.central.n for each in arms]),
        tau,
        reference=0,
    )
    name = f"difference in restricted mean to {tau:g}, experimental - control"
    return _uncertain(name, central.estimate, means[1] - means[0], central.se**2, level)


def _median(arm: ReconstructionReplicates, name: str, level: float) -> UncertainEstimate:
    medians = _medians(arm.time, arm.event)
    central = float(median_survival(arm.central.time, arm.central.event))
    return _uncertain(f"median, {name}", central, medians, None, level)


def _uncertain(
    estimand: str,
    estimate: float,
    values: Floats,
    sampling: float | None,
    level: float,
    *,
    ratio: bool = False,
) -> UncertainEstimate:
    """One estimate from its replicates; `sampling` is a variance."""
    known = values[np.isfinite(values)]
    spread = float(known.std(ddof=1)) if known.size > 1 else math.nan
    total = None
    lower = upper = math.nan
    if sampling is not None:
        total = math.sqrt(sampling + spread**2 * (1.0 + 1.0 / known.size))
        half = normal_quantile(0.5 + 0.5 * level) * total
        lower, upper = estimate - half, estimate + half
    elif known.size > 1:
        tails = np.quantile(known, [0.5 - 0.5 * level, 0.5 + 0.5 * level])
        lower, upper = float(tails[0]), float(tails[1])
    if ratio:
        estimate, lower, upper = math.exp(estimate), math.exp(lower), math.exp(upper)
    return UncertainEstimate(
        estimand=estimand,
        estimate=estimate,
        sampling_se=None if sampling is None else math.sqrt(sampling),
        reconstruction_sd=spread,
        reconstruction_sd_error=spread / math.sqrt(2.0 * max(known.size - 1, 1)),
        total_se=total,
        lower=lower,
        upper=upper,
        replicates=int(known.size),
    )


@parallel_kernel
def _restricted_means(time: Floats, event: Flags, tau: float) -> Floats:
    means = np.empty(time.shape[0])
    for replicate in prange(means.size):
        means[replicate] = restricted_mean(time[replicate], event[replicate], tau)
    return means


@parallel_kernel
def _medians(time: Floats, event: Flags) -> Floats:
    medians = np.empty(time.shape[0])
    for replicate in prange(medians.size):
        medians[replicate] = median_survival(time[replicate], event[replicate])
    return medians


def _provenance(
    arms: list[ReconstructionReplicates], replicates: int, seed: int, chosen: bool, tau: float
) -> Provenance:
    inputs: dict[str, str] = {}
    remarks: list[str] = []
    for name, arm in zip(("control", "experimental"), arms, strict=True):
        made = arm.central.provenance
        inputs |= {f"{name} {each}": digest for each, digest in made.inputs.items()}
        remarks += [f"{name}: {each}" for each in (*made.remarks, *arm.central.assumptions)]
    note, error = "standard deviation of a click's survival", arms[0].reading_error
    return Provenance(
        version=__version__,
        seed=seed,
        inputs=inputs,
        parameters=(
            Parameter("replicates", replicates, _status(replicates, REPLICATES), "simulation"),
            Parameter("reading_error", error, _status(error, READING_ERROR), "assumption", note),
            Parameter("horizon", tau, "chosen" if chosen else "derived", "follow-up"),
        ),
        remarks=tuple(remarks),
    )


def _status(value: float, default: float) -> Status:
    return "default" if value == default else "chosen"
