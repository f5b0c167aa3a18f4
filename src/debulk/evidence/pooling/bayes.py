"""Bayesian random effects: posteriors of the mean effect, of heterogeneity and of a new study."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk import __version__
from debulk.core.errors import InputError
from debulk.core.provenance import Parameter, Provenance
from debulk.core.results import plain
from debulk.evidence.pooling.bayes_posterior import (
    Heterogeneity,
    Mixture,
    PosteriorSummary,
    integrated,
)
from debulk.evidence.pooling.bayes_priors import HalfNormal, Normal, TauPrior
from debulk.evidence.pooling.studies import Studies, option, read_studies
from debulk.survival.options import check_level, shown
from debulk.survival.subjects import numbers

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

DEFAULT_TAU_PRIOR = HalfNormal(0.5)
"""An assumption, not a finding: see the remarks of every result that rests on it."""
DEFAULT_SCALES = (0.1, 0.25, 0.5, 1.0)
"""Half-normal scales of a sensitivity analysis: from nearly common to very different effects."""


@dataclass(frozen=True, slots=True)
class ShrunkenStudy:
    """One study and what all studies together say of its own effect.

    Attributes
    ----------
    name : str
        How it is called.
    estimate, se : float
        As it entered.
    effect : PosteriorSummary
        Posterior of its own effect.
    """

    name: str
    estimate: float
    se: float
    effect: PosteriorSummary


@dataclass(frozen=True)
class PooledBayesian:
    """A Bayesian random-effects meta-analysis.

    Attributes
    ----------
    effect : PosteriorSummary
        The mean effect.
    tau : PosteriorSummary
        The standard deviation between studies.
    prediction : PosteriorSummary
        The effect of a new study.
    studies : tuple of ShrunkenStudy
        In the order given.
    p_effect_below_zero, p_new_effect_below_zero : float
        Posterior probability that the mean effect, or that of a new study, lies below 0: of a log
        hazard ratio the probability of benefit.
    log_marginal_likelihood : float
        Of the data; with a flat prior of the effect up to a constant, so that only differences
        between priors of tau mean something.
    k : int
        Studies.
    tau_prior, effect_prior
        As asked for; None for a flat prior of the effect.
    conf_level : float
        Probability within the intervals.
    provenance : Provenance
        Inputs, choices, remarks.
    """

    effect: PosteriorSummary
    tau: PosteriorSummary
    prediction: PosteriorSummary
    studies: tuple[ShrunkenStudy, ...]
    p_effect_below_zero: float
    p_new_effect_below_zero: float
    log_marginal_likelihood: float
    k: int
    tau_prior: TauPrior
    effect_prior: Normal | None
    conf_level: float
    provenance: Provenance = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {name: plain(getattr(self, name)) for name in self.__dataclass_fields__}


@dataclass(frozen=True)
class PriorSensitivity:
    """The same meta-analysis under several scales of the half-normal prior.

    Attributes
    ----------
    results : tuple of PooledBayesian
        One a scale, in rising order.
    """

    results: tuple[PooledBayesian, ...]

    def rows(self) -> list[dict[str, Any]]:
        """One line a scale: what is asked most often."""
        return [
            {
                "scale": each.tau_prior.width,
                "effect": each.effect.median,
                "lower": each.effect.lower,
                "upper": each.effect.upper,
                "tau": each.tau.median,
                "prediction_lower": each.prediction.lower,
                "prediction_upper": each.prediction.upper,
                "p_effect_below_zero": each.p_effect_below_zero,
                "log_marginal_likelihood": each.log_marginal_likelihood,
            }
            for each in self.results
        ]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {"rows": plain(self.rows()), "results": plain(self.results)}


def pool_bayesian(
    estimates: Any,
    std_errors: Any,
    *,
    tau_prior: TauPrior = DEFAULT_TAU_PRIOR,
    effect_prior: Normal | None = None,
    names: Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> PooledBayesian:
    """Pool effects over studies with a prior for how far they differ.

    Parameters
    ----------
    estimates : array_like, shape (studies,)
        Effects on an additive scale, such as log hazard ratios; two studies at least.
    std_errors : array_like, shape (studies,)
        Their standard errors; above 0.
    tau_prior : HalfNormal or Uniform
        Prior of the standard deviation between studies. The default scale is an assumption.
    effect_prior : Normal, optional
        Prior of the mean effect; default flat.
    names : sequence of str, optional
        What the studies are called; default 1, 2, ...
    conf_level : float
        Probability within the intervals, between 0 and 1.

    Returns
    -------
    PooledBayesian

    Raises
    ------
    InputError
        On bad studies, as `pool` does, or what is no prior.

    Notes
    -----
    No random numbers: given tau all is normal, and the integral over tau is taken numerically, as
    in the R package bayesmeta (Roever 2020, J Stat Softw 93(6)).
    """
    check_level(conf_level)
    if not isinstance(tau_prior, TauPrior):
        found = f"{shown(tau_prior)} is no prior of a deviation between studies"
        raise InputError("tau_prior", found, "Give HalfNormal(scale) or Uniform(upper)")
    if effect_prior is not None and not isinstance(effect_prior, Normal):
        found = f"{shown(effect_prior)} is no prior of an effect"
        raise InputError("effect_prior", found, "Give Normal(mean, sd), or None for a flat prior")
    studies = read_studies(estimates, std_errors, names)
    if len(studies.names) < 2:
        found = "1 study does not show how studies differ"
        raise InputError("estimates", found, "Give another study")
    tau = _heterogeneity(studies, tau_prior, effect_prior)
    nodes, weights = tau.nodes, tau.weights
    means, sds = _effects_given(studies, nodes, effect_prior)
    effect = Mixture(weights, means[:, 0], sds[:, 0])
    new = Mixture(weights, effect.means, np.hypot(effect.sds, nodes))
    own = [Mixture(weights, *each).summary(conf_level) for each in zip(means.T, sds.T, strict=True)]
    return PooledBayesian(
        effect=own[0],
        tau=tau.summary(conf_level),
        prediction=new.summary(conf_level),
        studies=tuple(
            ShrunkenStudy(name, float(estimate), float(se), posterior)
            for name, estimate, se, posterior in zip(
                studies.names, studies.estimates, studies.std_errors, own[1:], strict=True
            )
        ),
        p_effect_below_zero=effect.cdf(0.0),
        p_new_effect_below_zero=new.cdf(0.0),
        log_marginal_likelihood=tau.log_total,
        k=len(studies.names),
        tau_prior=tau_prior,
        effect_prior=effect_prior,
        conf_level=conf_level,
        provenance=_provenance(studies, tau_prior, effect_prior, conf_level),
    )


def prior_sensitivity(
    estimates: Any,
    std_errors: Any,
    *,
    scales: Sequence[float] = DEFAULT_SCALES,
    effect_prior: Normal | None = None,
    names: Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> PriorSensitivity:
    """Pool effects under several scales of the half-normal prior of heterogeneity.

    Parameters
    ----------
    estimates, std_errors, effect_prior, names, conf_level
        As `pool_bayesian` takes them.
    scales : sequence of float
        Each once; above 0.

    Raises
    ------
    InputError
        As `pool_bayesian`, and if a scale is impossible or stands there twice.
    """
    asked = numbers(scales, "scales")
    if asked.size == 0:
        raise InputError("scales", "is empty", "Give scales, such as 0.25, 0.5 and 1")
    if len(set(asked.tolist())) < asked.size:
        raise InputError("scales", f"{shown(scales)} repeats a scale", "Give each once")
    return PriorSensitivity(
        tuple(
            pool_bayesian(
                estimates,
                std_errors,
                tau_prior=HalfNormal(float(scale)),
                effect_prior=effect_prior,
                names=names,
                conf_level=conf_level,
            )
            for scale in np.sort(asked)
        )
    )


def _mean_given(studies: Studies, tau: Floats, prior: Normal | None) -> tuple[Floats, Floats]:
    """Posterior mean and standard deviation of the mean effect at each deviation in `tau`."""
    weights = 1.0 / (studies.std_errors**2 + tau[..., None] ** 2)
    # Counted from the first study, so that what all share does not hide how they differ.
    origin = studies.estimates[0]
    precision = weights.sum(axis=-1)
    moved = weights @ (studies.estimates - origin)
    if prior is not None:
        precision = precision + prior.sd**-2
        moved = moved + (prior.mean - origin) * prior.sd**-2
    return origin + moved / precision, 1.0 / np.sqrt(precision)


def _effects_given(studies: Studies, tau: Floats, prior: Normal | None) -> tuple[Floats, Floats]:
    """Means and deviations, given each tau, of the mean effect and then of each study's own."""
    mean, sd = (each[..., None] for each in _mean_given(studies, tau, prior))
    variances, between = studies.std_errors**2, tau[..., None] ** 2
    own = between / (variances + between)
    means = own * studies.estimates + (1.0 - own) * mean
    sds = np.sqrt(own * variances + ((1.0 - own) * sd) ** 2)
    return np.concatenate([mean, means], axis=-1), np.concatenate([sd, sds], axis=-1)


def _heterogeneity(studies: Studies, tau_prior: TauPrior, prior: Normal | None) -> Heterogeneity:
    k, variances = len(studies.names), studies.std_errors**2

    def log_density(tau: Floats) -> Floats:
        means, sds = _mean_given(studies, tau, prior)
        totals = variances + tau[..., None] ** 2
        squares = ((studies.estimates - means[..., None]) ** 2 / totals).sum(axis=-1)
        logs = np.log(totals).sum(axis=-1) - 2.0 * np.log(sds)
        flat = math.log(2.0 * math.pi)
        if prior is not None:
            squares = squares + ((means - prior.mean) / prior.sd) ** 2
            flat = -2.0 * math.log(prior.sd)
        constant = flat - k * math.log(2.0 * math.pi)
        return np.asarray(tau_prior.log_density(tau) + 0.5 * (constant - logs - squares))

    # Beyond forty times all scales in the data and the prior, the prior alone is below e^-800.
    spread = float(np.ptp(studies.estimates))
    if prior is not None:
        spread += abs(prior.mean - float(studies.estimates[0]))
    widest = max(tau_prior.width, spread, float(studies.std_errors.max()))
    last = min(40.0 * widest, tau_prior.last)
    first = min(float(studies.std_errors.min()), tau_prior.width, last) / 2.0
    return integrated(log_density, lambda tau: _effects_given(studies, tau, prior), first, last)


def _provenance(
    studies: Studies, tau_prior: TauPrior, effect_prior: Normal | None, conf_level: float
) -> Provenance:
    assumed = tau_prior == DEFAULT_TAU_PRIOR
    remarks = []
    if assumed:
        remarks.append(
            f"The scale of the half-normal prior of heterogeneity, {tau_prior.width:g}, is an "
            "assumption: try others, half and twice as wide, to see what rests on it."
        )
    if effect_prior is None:
        remarks.append(
            "The prior of the mean effect is flat: the marginal likelihood is known up to a "
            "constant, and compares priors of heterogeneity only."
        )
    return Provenance(
        version=__version__,
        inputs=studies.hashes,
        parameters=(
            Parameter(
                "tau_prior",
                plain(tau_prior),
                "default" if assumed else "chosen",
                "assumption",
                "No study of this kind tells how far effects differ; the posterior depends on it "
                "most where studies are few.",
            ),
            Parameter(
                "effect_prior",
                plain(effect_prior) if effect_prior else "flat",
                "chosen" if effect_prior else "default",
                "assumption",
                "Flat lets the data alone say where the mean effect lies.",
            ),
            option("conf_level", conf_level, 0.95),
        ),
        remarks=tuple(remarks),
    )
