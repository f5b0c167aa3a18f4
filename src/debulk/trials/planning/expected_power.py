"""Assurance: the power of a design averaged over what is believed of the effect."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from scipy.special import ndtr

from debulk.core.results import plain
from debulk.trials.planning.belief import average_over
from debulk.trials.planning.bivariate import both_below
from debulk.trials.planning.checks import number
from debulk.trials.planning.information import log_ratio_information
from debulk.trials.planning.priors import EffectPrior, checked_prior
from debulk.trials.planning.remaining import benefit_probability, planned_looks


@dataclass(frozen=True, slots=True)
class Assurance:
    """What a design may be expected to show.

    Attributes
    ----------
    assurance : float
        Probability that the trial claims benefit, over the prior.
    probability_benefit : float
        Prior probability that the hazard ratio is below 1.
    success_and_benefit : float
        Probability that it claims benefit and there is one.
    expected_power : float or None
        Mean power over the hazard ratios below 1; None where the prior holds none.
    false_success_share : float or None
        Share of claims that come from hazard ratios of 1 or more; None where no claim comes.
    power_at_prior_mean : float
        Power at the mean of the log hazard ratio, which assurance is often mistaken for.
    prior : dict
        Components of the prior.
    formula : str
        How the numbers were made.
    assumptions : tuple of str
        What they rest on.
    """

    assurance: float
    probability_benefit: float
    success_and_benefit: float
    expected_power: float | None
    false_success_share: float | None
    power_at_prior_mean: float
    prior: dict[str, Any]
    formula: str
    assumptions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


def assurance(
    prior: EffectPrior,
    *,
    events: float,
    allocation: float = 1.0,
    alpha: float = 0.025,
    sided: int = 1,
    boundaries: Any = None,
    futility: bool = True,
) -> Assurance:
    """Probability that a design claims benefit, over a prior on the log hazard ratio.

    Parameters
    ----------
    prior : EffectPrior
        Made by `normal_prior`, `lognormal_prior`, `point_prior` or `mixture_prior`.
    events : float
        Planned final events.
    allocation : float
        Experimental : control.
    alpha : float
        Total error at `sided`, for one final analysis (unused with `boundaries`).
    sided : int
        1 or 2; only claims of benefit count.
    boundaries : Boundaries, optional
        Group-sequential design.
    futility : bool
        Whether crossing a futility bound ends the trial.

    Returns
    -------
    Assurance

    Notes
    -----
    O'Hagan, Stevens and Campbell (2005, Pharmaceutical Statistics 4). For a normal component and
    one analysis Phi((m - c) / sqrt(1 + s^2)) with theta ~ N(m, s^2); with looks by quadrature.
    """
    belief = checked_prior(prior)
    planned = number(events, "events", above=0.0, at_most=1e7)
    ratio = number(allocation, "allocation", at_least=1e-3, at_most=1e3)
    looks = planned_looks(boundaries, alpha, sided, futility=futility)
    scale = math.sqrt(log_ratio_information(planned, ratio))
    parts = [(w, -mean * scale, spread * scale) for w, mean, spread in belief.components]
    if len(looks.information) == 1:
        bound = looks.efficacy_z[0]
        total = math.fsum(w * _closed(mean, spread, bound) for w, mean, spread in parts)
        rightly = math.fsum(w * _closed_benefit(mean, spread, bound) for w, mean, spread in parts)
    else:

        def power(theta: float) -> float:
            return benefit_probability(looks, theta)

        rightly = average_over(parts, power, above=0.0)
        mirrored = [(w, -mean, spread) for w, mean, spread in parts if spread > 0.0]
        wrongly = average_over(mirrored, lambda theta: power(-theta), above=0.0)
        total = rightly + wrongly
        total += math.fsum(w * power(mean) for w, mean, s in parts if s == 0.0 and mean <= 0.0)
    benefit = belief.below(0.0)
    return Assurance(
        assurance=total,
        probability_benefit=benefit,
        success_and_benefit=rightly,
        expected_power=rightly / benefit if benefit > 0.0 else None,
        false_success_share=max(0.0, total - rightly) / total if total > 0.0 else None,
        power_at_prior_mean=benefit_probability(looks, -belief.mean * scale),
        prior=belief.to_dict(),
        formula=(
            "sum of weights x Phi((m - c) / sqrt(1 + s^2)), theta = -log HR sqrt(D r) / (1 + r)"
            if len(looks.information) == 1
            else "recursive integration over the looks, Gauss-Legendre quadrature over the prior"
        ),
        assumptions=(
            "the prior is for the effect in the trial as it will be run, dilution included",
            "Z is asymptotically normal; success is a crossed bound in the direction of benefit",
        ),
    )


def _closed(mean: float, spread: float, bound: float) -> float:
    return float(ndtr((mean - bound) / math.sqrt(1.0 + spread**2)))


def _closed_benefit(mean: float, spread: float, bound: float) -> float:
    if spread == 0.0:
        return _closed(mean, spread, bound) if mean > 0.0 else 0.0
    total = math.sqrt(1.0 + spread**2)
    return both_below((mean - bound) / total, mean / spread, spread / total)
