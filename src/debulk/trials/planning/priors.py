"""What is believed of the effect before the trial: mixtures of normals and points on log HR."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from scipy.special import ndtr

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.trials.planning.checks import number, sequence
from debulk.trials.planning.information import z_quantile

LARGEST_LOG_RATIO = 10.0


@dataclass(frozen=True, slots=True)
class EffectPrior:
    """A prior on the log hazard ratio: a mixture of normals, some of them points.

    Attributes
    ----------
    components : tuple of (weight, mean, standard deviation)
        On the log hazard ratio; weights sum to 1, a standard deviation of 0 is a point.
    """

    components: tuple[tuple[float, float, float], ...]

    def __post_init__(self) -> None:
        """Refuse what is no distribution."""
        object.__setattr__(self, "components", _checked_components(self.components))

    @property
    def mean(self) -> float:
        """Mean of the log hazard ratio."""
        return math.fsum(weight * mean for weight, mean, _ in self.components)

    @property
    def standard_deviation(self) -> float:
        """Standard deviation of the log hazard ratio."""
        centre = self.mean
        second = math.fsum(
            weight * (spread**2 + (mean - centre) ** 2) for weight, mean, spread in self.components
        )
        return math.sqrt(second)

    def below(self, log_hazard_ratio: float) -> float:
        """Probability that the log hazard ratio is strictly below a value.

        Parameters
        ----------
        log_hazard_ratio : float
            The value.

        Returns
        -------
        float
        """
        total = 0.0
        for weight, mean, spread in self.components:
            if spread == 0.0:
                total += weight * (mean < log_hazard_ratio)
            else:
                total += weight * float(ndtr((log_hazard_ratio - mean) / spread))
        return total

    def updated(self, estimate: float, standard_error: float) -> EffectPrior:
        """Posterior after an estimate of the log hazard ratio with its standard error.

        Parameters
        ----------
        estimate : float
            Log hazard ratio.
        standard_error : float
            Its standard error, above 0.

        Returns
        -------
        EffectPrior
        """
        seen = standard_error**2
        logs, parts = [], []
        for weight, mean, spread in self.components:
            variance = spread**2 + seen
            logs.append(
                math.log(weight) - 0.5 * math.log(variance) - (estimate - mean) ** 2 / variance / 2
            )
            share = spread**2 / variance
            parts.append((mean + share * (estimate - mean), math.sqrt(share * seen)))
        top = max(logs)
        raw = [math.exp(each - top) for each in logs]
        total = math.fsum(raw)
        kept = [
            (each / total, mean, spread)
            for each, (mean, spread) in zip(raw, parts, strict=True)
            if each > 0.0
        ]
        return EffectPrior(tuple(kept))

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, ready for JSON."""
        return plain({"components": self.components})  # type: ignore[no-any-return]


def normal_prior(log_hazard_ratio: float, standard_deviation: float) -> EffectPrior:
    """Normal prior on the log hazard ratio.

    Parameters
    ----------
    log_hazard_ratio : float
        Its mean.
    standard_deviation : float
        Its standard deviation, above 0.

    Returns
    -------
    EffectPrior
    """
    number(standard_deviation, "standard_deviation", above=0.0, at_most=100.0)
    return EffectPrior(((1.0, log_hazard_ratio, standard_deviation),))


def lognormal_prior(
    hazard_ratio: float, lower: float, upper: float, *, conf_level: float = 0.95
) -> EffectPrior:
    """Lognormal prior on the hazard ratio from a median and an interval around it.

    Parameters
    ----------
    hazard_ratio : float
        Its median.
    lower, upper : float
        Interval; its width on the log scale gives the spread.
    conf_level : float
        Probability inside the interval.

    Returns
    -------
    EffectPrior

    Raises
    ------
    InputError
        If the median does not lie between, or far from the middle on the log scale.
    """
    limits = {"above": 0.0, "at_most": math.exp(LARGEST_LOG_RATIO)}
    low = math.log(number(lower, "lower", **limits))
    middle = math.log(number(hazard_ratio, "hazard_ratio", **limits))
    high = math.log(number(upper, "upper", **limits))
    level = number(conf_level, "conf_level", at_least=1e-3, below=1.0)
    if not low < middle < high:
        raise InputError(
            "hazard_ratio", f"{hazard_ratio!r} does not lie inside its interval", "Check the three"
        )
    if abs(middle - 0.5 * (low + high)) > 0.15 * (high - low):
        raise InputError(
            "lower, upper",
            f"{lower!r} to {upper!r} is lopsided around {hazard_ratio!r} on the log scale",
            "Check the three, or give a mixture of normals",
        )
    return normal_prior(middle, 0.5 * (high - low) / z_quantile(0.5 * (1.0 - level)))


def point_prior(hazard_ratios: Any, weights: Any = (1.0,)) -> EffectPrior:
    """Point masses at hazard ratios.

    Parameters
    ----------
    hazard_ratios : sequence of float
        Where the points lie.
    weights : sequence of float
        Their probabilities, summing to 1.

    Returns
    -------
    EffectPrior
    """
    points = sequence(hazard_ratios, "hazard_ratios")
    shares = sequence(weights, "weights")
    if len(points) != len(shares):
        raise InputError("weights", f"{len(shares)} for {len(points)} points", "Give one a point")
    logs = [
        math.log(number(each, "hazard_ratios", above=0.0, at_most=math.exp(LARGEST_LOG_RATIO)))
        for each in points
    ]
    return EffectPrior(tuple((share, each, 0.0) for share, each in zip(shares, logs, strict=True)))


def mixture_prior(parts: Any) -> EffectPrior:
    """Mixture of priors, such as a share of no effect beside a normal.

    Parameters
    ----------
    parts : sequence of (weight, EffectPrior)
        Weights sum to 1.

    Returns
    -------
    EffectPrior
    """
    components = []
    for place, part in enumerate(sequence(parts, "parts")):
        pair = sequence(part, f"parts[{place}]")
        if len(pair) != 2 or not isinstance(pair[1], EffectPrior):
            raise InputError(f"parts[{place}]", "not a weight and a prior", "Give (weight, prior)")
        weight = number(pair[0], f"parts[{place}] weight", at_least=0.0, at_most=1.0)
        components += [(weight * share, mean, spread) for share, mean, spread in pair[1].components]
    return EffectPrior(tuple(components))


def checked_prior(prior: Any, where: str = "prior") -> EffectPrior:
    """The prior, refused where it is none.

    Parameters
    ----------
    prior : EffectPrior
        What the user gave.
    where : str
        Name of the argument.

    Returns
    -------
    EffectPrior
    """
    if not isinstance(prior, EffectPrior):
        raise InputError(
            where,
            f"{type(prior).__name__} is no prior",
            "Make one by normal_prior, lognormal_prior, point_prior or mixture_prior",
        )
    return prior


def _checked_components(components: Any) -> tuple[tuple[float, float, float], ...]:
    found = []
    for place, component in enumerate(sequence(components, "components")):
        entries = sequence(component, f"components[{place}]")
        if len(entries) != 3:
            raise InputError(
                f"components[{place}]", f"{len(entries)} entries", "Give weight, mean, spread"
            )
        where = f"components[{place}]"
        weight = number(entries[0], f"{where} weight", at_least=0.0, at_most=1.0 + 1e-9)
        mean = number(
            entries[1], f"{where} mean", at_least=-LARGEST_LOG_RATIO, at_most=LARGEST_LOG_RATIO
        )
        spread = number(entries[2], f"{where} spread", at_least=0.0, at_most=100.0)
        if weight > 0.0:
            found.append((weight, mean, spread))
    total = math.fsum(weight for weight, _, _ in found)
    if abs(total - 1.0) > 1e-9:
        raise InputError("prior weights", f"they sum to {total:.6g}", "Give weights that sum to 1")
    return tuple(found)
