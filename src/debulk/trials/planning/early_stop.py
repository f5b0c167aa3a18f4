"""What a trial that stops early still tells: precision, power left, a belief updated."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from scipy.special import gammaln

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.trials.planning.checks import number, tail_alpha, whole
from debulk.trials.planning.information import fixed_power, log_ratio_information, z_quantile
from debulk.trials.planning.priors import EffectPrior, checked_prior

FEW_EVENTS = 20


@dataclass(frozen=True, slots=True)
class InformationAtStop:
    """What a number of events tells, whatever they show.

    Attributes
    ----------
    patients, events : int
        Reached at the stop.
    events_assumed : bool
        True where no events were given and every patient is taken to have died: the most that can
        ever be known.
    information_fraction : float
        Events over the planned ones.
    standard_error : float
        Of the log hazard ratio, (1 + r) / sqrt(D r).
    half_width : float
        Of its confidence interval.
    limits_ratio : float
        Upper limit over lower limit of the hazard ratio.
    excluded_if_null : tuple of float
        Hazard ratios that the interval would just reach, were the estimate 1.
    largest_significant : float
        Largest estimated hazard ratio that is still significant in favour.
    power : float
        Power left for the planned effect.
    smallest_p : float
        Smallest one-sided p-value that any permutation test of the arms can give.
    can_be_significant : bool
        Whether that p-value is at most the one-sided alpha.
    estimate_predicted : dict or None
        Median and interval of the estimate over the prior; None without a prior.
    posterior : dict or None
        Mean, spread and probability of a hazard ratio below 1 after the observed estimate, or
        before it where none was given; None without a prior.
    prior_probability_benefit : float or None
        Of a hazard ratio below 1.
    notes : tuple of str
        What to keep in mind.
    formula : str
        How the numbers were made.
    """

    patients: int
    events: int
    events_assumed: bool
    information_fraction: float
    standard_error: float
    half_width: float
    limits_ratio: float
    excluded_if_null: tuple[float, float]
    largest_significant: float
    power: float
    smallest_p: float
    can_be_significant: bool
    estimate_predicted: dict[str, float] | None
    posterior: dict[str, float] | None
    prior_probability_benefit: float | None
    notes: tuple[str, ...]
    formula: str

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


def information_at_stop(
    patients: int,
    events: int | None = None,
    *,
    planned_events: float,
    planned_hazard_ratio: float,
    allocation: float = 1.0,
    alpha: float = 0.05,
    sided: int = 2,
    conf_level: float = 0.95,
    prior: EffectPrior | None = None,
    observed_hazard_ratio: float | None = None,
) -> InformationAtStop:
    """Precision, power left and updated belief of a trial that stops early.

    Parameters
    ----------
    patients : int
        Randomised, at least 2.
    events : int, optional
        Reached; default: as many as patients, the most that can ever be known.
    planned_events : float
        Events of the full trial.
    planned_hazard_ratio : float
        Effect it was planned for, below 1.
    allocation : float
        Experimental : control.
    alpha : float
        Total error at `sided`.
    sided : int
        1 or 2.
    conf_level : float
        Level of the interval.
    prior : EffectPrior, optional
        Belief about the log hazard ratio before the trial.
    observed_hazard_ratio : float, optional
        What the trial saw; needs `prior`.

    Returns
    -------
    InformationAtStop

    Raises
    ------
    InputError
        If there are more events than patients, or none: the log hazard ratio then has no standard
        error.

    Notes
    -----
    Schoenfeld's approximation (1981), poor below about 20 events. The smallest p-value is one over
    the number of ways to split the patients into arms of the sizes nearest to the allocation: 1 /
    10 with five patients.
    """
    number_in = whole(patients, "patients", at_least=2)
    reached = number_in if events is None else whole(events, "events")
    if reached > number_in:
        raise InputError("events", f"{reached} are more than {number_in} patients", "Check both")
    if reached == 0:
        raise InputError(
            "events", "without an event the hazard ratio has no standard error", "Wait for events"
        )
    ratio = number(allocation, "allocation", at_least=1e-3, at_most=1e3)
    tail = tail_alpha(alpha, sided)
    full = number(planned_events, "planned_events", above=0.0, at_most=1e7)
    effect = math.log(
        number(planned_hazard_ratio, "planned_hazard_ratio", at_least=1e-3, below=1.0)
    )
    level = number(conf_level, "conf_level", above=0.0, below=1.0)
    error = 1.0 / math.sqrt(log_ratio_information(reached, ratio))
    half = z_quantile(0.5 * (1.0 - level)) * error
    least = _smallest_p(number_in, ratio)
    predicted, posterior, before = _belief(prior, observed_hazard_ratio, error, level)
    return InformationAtStop(
        patients=number_in,
        events=reached,
        events_assumed=events is None,
        information_fraction=reached / full,
        standard_error=error,
        half_width=half,
        limits_ratio=math.exp(2.0 * half),
        excluded_if_null=(math.exp(-half), math.exp(half)),
        largest_significant=math.exp(-z_quantile(tail) * error),
        power=fixed_power(-effect / error, tail),
        smallest_p=least,
        can_be_significant=least <= tail,
        estimate_predicted=predicted,
        posterior=posterior,
        prior_probability_benefit=before,
        notes=_notes(reached, events is None, least, tail),
        formula="SE (1 + r) / sqrt(D r); power Phi(-log HR / SE - z); conjugate normal update",
    )


def _belief(
    prior: Any, observed: Any, error: float, level: float
) -> tuple[dict[str, float] | None, dict[str, float] | None, float | None]:
    if prior is None:
        if observed is not None:
            raise InputError("prior", "missing, though an observed ratio is given", "Give one")
        return None, None, None
    belief = checked_prior(prior)
    spread_out = EffectPrior(
        tuple((w, mean, math.hypot(sd, error)) for w, mean, sd in belief.components)
    )
    tail = 0.5 * (1.0 - level)
    predicted = {
        "median": math.exp(_quantile(spread_out, 0.5)),
        "lower": math.exp(_quantile(spread_out, tail)),
        "upper": math.exp(_quantile(spread_out, 1.0 - tail)),
    }
    after = belief
    if observed is not None:
        seen = number(observed, "observed_hazard_ratio", at_least=1e-4, at_most=1e4)
        after = belief.updated(math.log(seen), error)
    posterior = {
        "mean_log_hazard_ratio": after.mean,
        "standard_deviation": after.standard_deviation,
        "probability_benefit": after.below(0.0),
    }
    return predicted, posterior, belief.below(0.0)


def _quantile(prior: EffectPrior, probability: float) -> float:
    low, high = -2000.0, 2000.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if prior.below(middle) < probability:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _smallest_p(patients: int, allocation: float) -> float:
    experimental = round(patients * allocation / (1.0 + allocation))
    experimental = min(max(experimental, 1), patients - 1)
    ways = gammaln(patients + 1) - gammaln(experimental + 1) - gammaln(patients - experimental + 1)
    return math.exp(-float(ways))


def _notes(events: int, assumed: bool, least: float, tail: float) -> tuple[str, ...]:
    notes = []
    if assumed:
        notes.append("every patient is taken to have had the event: the most that can be known")
    if events < FEW_EVENTS:
        notes.append(f"with fewer than {FEW_EVENTS} events the normal approximation is rough")
    if least > tail:
        notes.append(
            f"no result could be significant: the smallest possible one-sided p is {least:.3g}"
        )
    return tuple(notes)
