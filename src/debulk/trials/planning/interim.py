"""Where an interim result leads: conditional power for an effect, predictive for a belief."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from scipy.special import ndtr

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.trials.planning.belief import average_over
from debulk.trials.planning.checks import number
from debulk.trials.planning.information import log_ratio_drift, log_ratio_information
from debulk.trials.planning.priors import EffectPrior, checked_prior
from debulk.trials.planning.remaining import Looks, benefit_probability, planned_looks


@dataclass(frozen=True, slots=True)
class ConditionalPower:
    """Chance that the trial ends in benefit, given the data so far, for several effects.

    Attributes
    ----------
    z, information : float
        Where the trial stands.
    current_trend : float
        At the effect seen so far.
    null : float
        At no effect.
    design : float or None
        At the planned effect, where one was given.
    user : float or None
        At the user's effect, where one was given.
    thetas : dict of str to float
        Expected Z at information 1 behind each.
    looks : int
        Looks still to come.
    formula : str
        How the chances were made.
    assumptions : tuple of str
        What they rest on.
    """

    z: float
    information: float
    current_trend: float
    null: float
    design: float | None
    user: float | None
    thetas: dict[str, float]
    looks: int
    formula: str
    assumptions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class PredictivePower:
    """Chance that the trial ends in benefit, averaged over what is now believed of the effect.

    Attributes
    ----------
    z, information : float
        Where the trial stands.
    predictive_power : float
        The chance.
    prior : str or dict
        ``"flat"``, or the components of the prior.
    posterior_mean, posterior_sd : float
        Of theta, the expected Z at information 1.
    probability_benefit : float
        Posterior probability that the hazard ratio is below 1.
    looks : int
        Looks still to come.
    formula : str
        How the chance was made.
    assumptions : tuple of str
        What it rests on.
    """

    z: float
    information: float
    predictive_power: float
    prior: Any
    posterior_mean: float
    posterior_sd: float
    probability_benefit: float
    looks: int
    formula: str
    assumptions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


_ASSUMPTIONS = (
    "Z is asymptotically normal with independent increments; hazards are proportional",
    "success is a crossed bound in the direction of benefit",
)


def conditional_power(
    z: float,
    information: float,
    *,
    design_theta: float | None = None,
    design_hazard_ratio: float | None = None,
    hazard_ratio: float | None = None,
    events: float | None = None,
    allocation: float = 1.0,
    alpha: float = 0.025,
    sided: int = 1,
    boundaries: Any = None,
    futility: bool = True,
) -> ConditionalPower:
    """Conditional power at an interim analysis under the trend, the null, the design and the user.

    Parameters
    ----------
    z : float
        Z seen, positive for benefit.
    information : float
        Fraction of the planned events reached, strictly between 0 and 1.
    design_theta : float, optional
        Planned expected Z at information 1; or give `design_hazard_ratio`.
    design_hazard_ratio : float, optional
        Planned hazard ratio; needs `events`.
    hazard_ratio : float, optional
        Another hazard ratio of the user's; needs `events`.
    events : float, optional
        Planned final events.
    allocation : float
        Experimental : control.
    alpha : float
        Total error at `sided`, for one final analysis (unused with `boundaries`).
    sided : int
        1 or 2.
    boundaries : Boundaries, optional
        Group-sequential design; the bounds of the looks to come are respected. Looks later than
        `information` are to come: give boundaries updated at the information really reached.
    futility : bool
        Whether crossing a futility bound of a look to come ends the trial.

    Returns
    -------
    ConditionalPower

    Raises
    ------
    InputError
        If no look is left, or a hazard ratio comes without `events`.

    Notes
    -----
    With one final analysis Phi((z sqrt(t) + theta (1 - t) - c) / sqrt(1 - t)) (Lan and Wittes
    1988, Biometrics 44).
    """
    seen, at = _standing(z, information)
    looks = planned_looks(boundaries, alpha, sided, futility=futility).after(at)
    planned = _events(events)
    ratio = number(allocation, "allocation", at_least=1e-3, at_most=1e3)
    if design_theta is not None and design_hazard_ratio is not None:
        raise InputError("design_theta, design_hazard_ratio", "both were given", "Give one of them")
    thetas = {"current_trend": seen / math.sqrt(at), "null": 0.0}
    if design_theta is not None:
        thetas["design"] = number(design_theta, "design_theta", at_least=-100.0, at_most=100.0)
    if design_hazard_ratio is not None:
        thetas["design"] = _theta(design_hazard_ratio, "design_hazard_ratio", planned, ratio)
    if hazard_ratio is not None:
        thetas["user"] = _theta(hazard_ratio, "hazard_ratio", planned, ratio)
    powers = {name: benefit_probability(looks, theta, seen, at) for name, theta in thetas.items()}
    return ConditionalPower(
        z=seen,
        information=at,
        current_trend=powers["current_trend"],
        null=powers["null"],
        design=powers.get("design"),
        user=powers.get("user"),
        thetas=thetas,
        looks=len(looks.information),
        formula=_formula(looks, "Phi((z sqrt(t) + theta (1 - t) - c) / sqrt(1 - t))"),
        assumptions=_ASSUMPTIONS,
    )


def predictive_power(
    z: float,
    information: float,
    *,
    prior: EffectPrior | str = "flat",
    events: float | None = None,
    allocation: float = 1.0,
    alpha: float = 0.025,
    sided: int = 1,
    boundaries: Any = None,
    futility: bool = True,
) -> PredictivePower:
    """Bayesian predictive power at an interim analysis.

    Parameters
    ----------
    z : float
        Z seen, positive for benefit.
    information : float
        Fraction of the planned events reached, strictly between 0 and 1.
    prior : "flat" or EffectPrior
        Belief about the log hazard ratio before the trial; a prior needs `events`.
    events : float, optional
        Planned final events.
    allocation : float
        Experimental : control.
    alpha : float
        Total error at `sided`, for one final analysis (unused with `boundaries`).
    sided : int
        1 or 2.
    boundaries : Boundaries, optional
        Group-sequential design; the bounds of the looks to come are respected. Looks later than
        `information` are to come: give boundaries updated at the information really reached.
    futility : bool
        Whether crossing a futility bound of a look to come ends the trial.

    Returns
    -------
    PredictivePower

    Notes
    -----
    Spiegelhalter, Freedman and Blackburn (1986, Controlled Clinical Trials 7). With one final
    analysis closed forms: flat prior Phi((z / sqrt(t) - c) sqrt(t / (1 - t))).
    """
    seen, at = _standing(z, information)
    looks = planned_looks(boundaries, alpha, sided, futility=futility).after(at)
    planned = _events(events)
    ratio = number(allocation, "allocation", at_least=1e-3, at_most=1e3)
    if isinstance(prior, str):
        if prior != "flat":
            raise InputError("prior", f"{prior!r} is not known", "Give 'flat' or a prior")
        posterior = [(1.0, seen / math.sqrt(at), 1.0 / math.sqrt(at))]
        shown: Any = "flat"
    else:
        belief = checked_prior(prior)
        if planned is None:
            raise InputError("events", "missing, though a prior is given", "Give planned events")
        scale = math.sqrt(log_ratio_information(planned, ratio))
        updated = belief.updated(-seen / (scale * math.sqrt(at)), 1.0 / (scale * math.sqrt(at)))
        posterior = [
            (weight, -mean * scale, spread * scale) for weight, mean, spread in updated.components
        ]
        shown = belief.to_dict()
    if len(looks.information) == 1:
        chance = math.fsum(
            weight * _final_predictive(looks, seen, at, mean, spread)
            for weight, mean, spread in posterior
        )
    else:
        chance = average_over(posterior, lambda theta: benefit_probability(looks, theta, seen, at))
    mean = math.fsum(weight * each for weight, each, _ in posterior)
    square = math.fsum(w * (spread**2 + (each - mean) ** 2) for w, each, spread in posterior)
    return PredictivePower(
        z=seen,
        information=at,
        predictive_power=min(max(chance, 0.0), 1.0),
        prior=shown,
        posterior_mean=mean,
        posterior_sd=math.sqrt(square),
        probability_benefit=math.fsum(w * _positive(each, spread) for w, each, spread in posterior),
        looks=len(looks.information),
        formula=_formula(
            looks,
            "Phi((z sqrt(t) + m (1 - t) - c) / sqrt((1 - t) + s^2 (1 - t)^2)), "
            "m and s those of the posterior of theta",
        ),
        assumptions=_ASSUMPTIONS,
    )


def _final_predictive(looks: Looks, z: float, at: float, mean: float, spread: float) -> float:
    left = looks.information[0] - at
    bound = looks.efficacy_z[0] * math.sqrt(looks.information[0])
    centre = z * math.sqrt(at) + mean * left
    return float(ndtr((centre - bound) / math.sqrt(left + (spread * left) ** 2)))


def _positive(mean: float, spread: float) -> float:
    return float(ndtr(mean / spread)) if spread > 0.0 else float(mean > 0.0)


def _standing(z: Any, information: Any) -> tuple[float, float]:
    return (
        number(z, "z", at_least=-40.0, at_most=40.0),
        number(information, "information", at_least=1e-6, below=1.0),
    )


def _events(events: Any) -> float | None:
    return None if events is None else number(events, "events", at_least=1e-3, at_most=1e7)


def _theta(hazard_ratio: Any, where: str, events: float | None, allocation: float) -> float:
    ratio = number(hazard_ratio, where, at_least=1e-3, at_most=1e3)
    if events is None:
        raise InputError("events", f"missing, though {where} is given", "Give planned events")
    return log_ratio_drift(math.log(ratio), events, allocation)


def _formula(looks: Looks, closed: str) -> str:
    if len(looks.information) == 1:
        return closed
    return f"recursive integration over {len(looks.information)} looks to come, bounds respected"
