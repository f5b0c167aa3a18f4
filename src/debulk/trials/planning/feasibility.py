"""A first stage that asks whether the trial can be done: exact chances to go on."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scipy.stats import binom

from debulk.core.binomial import exact_limits
from debulk.core.errors import InputError, nearest
from debulk.core.results import plain
from debulk.trials.planning.checks import number, sequence, whole, word

DIRECTIONS = ("below", "at most", "at least", "above")


@dataclass(frozen=True, slots=True)
class FeasibilityCriterion:
    """What must be seen after the first patients for the trial to go on.

    Attributes
    ----------
    name : str
        What is counted, such as ``"withdrawal"``.
    direction : str
        ``"below"``, ``"at most"``, ``"at least"`` or ``"above"``: where the observed share
        must lie.
    share : float
        The limit, between 0 and 1.
    patients : int or None
        Patients the criterion is judged on, where not all (the experimental arm); None for all.
    """

    name: str
    direction: str
    share: float
    patients: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no criterion."""
        if not isinstance(self.name, str) or not self.name:
            raise InputError("criterion", f"name {self.name!r} is no text", "Name what is counted")
        word(self.direction, DIRECTIONS, f"{self.name}: direction")
        share = number(self.share, f"{self.name}: share", at_least=0.0, at_most=1.0)
        object.__setattr__(self, "share", share)
        if self.patients is not None:
            count = whole(self.patients, f"{self.name}: patients", at_least=1)
            object.__setattr__(self, "patients", count)


@dataclass(frozen=True, slots=True)
class CriterionBoundary:
    """The counts at which one criterion lets the trial go on.

    Attributes
    ----------
    name : str
        The criterion.
    patients : int
        Patients it is judged on.
    fewest, most : int
        Go on from `fewest` to `most` patients counted, both included.
    lower, upper : float
        Exact (Clopper-Pearson) 95 % limits of the rate at the worst count that still goes on.
    """

    name: str
    patients: int
    fewest: int
    most: int
    lower: float
    upper: float

    def probability_to_go(self, rate: float) -> float:
        """Exact binomial chance that the count lies inside.

        Parameters
        ----------
        rate : float
            True rate, between 0 and 1.

        Returns
        -------
        float
        """
        below = binom.cdf(self.fewest - 1, self.patients, rate) if self.fewest > 0 else 0.0
        if self.most >= self.patients:
            return float(binom.sf(self.fewest - 1, self.patients, rate)) if self.fewest else 1.0
        return float(binom.cdf(self.most, self.patients, rate) - below)


@dataclass(frozen=True, slots=True)
class FeasibilityScenario:
    """Chance to go on at stated true rates.

    Attributes
    ----------
    name : str
        The scenario.
    rates : mapping of criterion to float
        True rate of each.
    each : mapping of criterion to float
        Chance that it is met.
    go : float
        Chance that all are met, were they independent.
    go_at_least, go_at_most : float
        Limits of that chance whatever their dependence (Frechet).
    """

    name: str
    rates: Mapping[str, float]
    each: Mapping[str, float]
    go: float
    go_at_least: float
    go_at_most: float


@dataclass(frozen=True, slots=True)
class FeasibilityStage:
    """Boundaries and operating characteristics of a feasibility stage.

    Attributes
    ----------
    patients : int
        Patients of the stage.
    boundaries : tuple of CriterionBoundary
        One a criterion.
    scenarios : tuple of FeasibilityScenario
        One a set of true rates.
    formula : str
        How the numbers were made.
    assumptions : tuple of str
        What they rest on.
    """

    patients: int
    boundaries: tuple[CriterionBoundary, ...]
    scenarios: tuple[FeasibilityScenario, ...]
    formula: str
    assumptions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


def feasibility_stage(
    criteria: Any,
    *,
    scenarios: Mapping[str, Mapping[str, float]] | None = None,
    patients: int = 100,
) -> FeasibilityStage:
    """Exact go or stop boundaries of a feasibility stage and the chance to go on.

    Parameters
    ----------
    criteria : sequence of FeasibilityCriterion
        All must be met.
    scenarios : mapping of str to mapping of str to float, optional
        Name, and true rate of each criterion. Default: every rate at its limit.
    patients : int
        Patients after which it is judged.

    Returns
    -------
    FeasibilityStage

    Raises
    ------
    InputError
        If two criteria share a name, one can never be met, or a scenario misses a rate.
    """
    total = whole(patients, "patients", at_least=1, at_most=100_000)
    listed = _checked_criteria(criteria, total)
    boundaries = tuple(_boundary(each, total) for each in listed)
    if scenarios is None:
        scenarios = {"at the limits": {each.name: each.share for each in listed}}
    if not isinstance(scenarios, Mapping) or not scenarios:
        raise InputError("scenarios", "no mapping with an entry", "Give {name: {criterion: rate}}")
    return FeasibilityStage(
        patients=total,
        boundaries=boundaries,
        scenarios=tuple(_scenario(str(name), of, boundaries) for name, of in scenarios.items()),
        formula="exact binomial; all criteria: product of their chances",
        assumptions=(
            "patients are independent and share one true rate",
            "criteria are independent of each other; the limits beside need no such assumption",
        ),
    )


def _checked_criteria(criteria: Any, patients: int) -> list[FeasibilityCriterion]:
    listed = sequence(criteria, "criteria")
    for place, each in enumerate(listed):
        if not isinstance(each, FeasibilityCriterion):
            raise InputError(
                f"criteria[{place}]", f"{type(each).__name__}", "Give FeasibilityCriterion entries"
            )
        if each.patients is not None and each.patients > patients:
            raise InputError(
                f"{each.name}: patients",
                f"{each.patients} are more than the {patients} of the stage",
                "Give fewer",
            )
    names = [each.name for each in listed]
    if len(set(names)) < len(names):
        raise InputError("criteria", f"names {names} repeat", "Give each its own name")
    return listed


def _boundary(criterion: FeasibilityCriterion, total: int) -> CriterionBoundary:
    patients = criterion.patients or total
    # The decimal number as written, so that 7 % of 100 is 7 and not 7.000000000000001.
    limit = Fraction(repr(criterion.share)) * patients
    fewest, most = 0, patients
    if criterion.direction == "below":
        most = math.ceil(limit) - 1
    elif criterion.direction == "at most":
        most = math.floor(limit)
    elif criterion.direction == "at least":
        fewest = math.ceil(limit)
    else:
        fewest = math.floor(limit) + 1
    if fewest > patients or most < 0:
        raise InputError(
            criterion.name,
            f"no count of {patients} is {criterion.direction} {criterion.share:g}",
            "Give another limit",
        )
    worst = most if most < patients else fewest
    lower, upper = exact_limits(worst, patients)
    return CriterionBoundary(criterion.name, patients, fewest, most, lower, upper)


def _scenario(
    name: str, rates: Any, boundaries: tuple[CriterionBoundary, ...]
) -> FeasibilityScenario:
    if not isinstance(rates, Mapping):
        raise InputError(f"scenarios[{name!r}]", "no mapping", "Give {criterion: rate}")
    known = [each.name for each in boundaries]
    for found in rates:
        if found not in known:
            raise InputError(
                f"scenarios[{name!r}]", f"unknown criterion {found!r}", nearest(str(found), known)
            )
    true, chances = {}, {}
    for each in boundaries:
        if each.name not in rates:
            raise InputError(f"scenarios[{name!r}]", f"no rate for {each.name!r}", "Give one")
        where = f"scenarios[{name!r}][{each.name!r}]"
        true[each.name] = number(rates[each.name], where, at_least=0.0, at_most=1.0)
        chances[each.name] = each.probability_to_go(true[each.name])
    missed = sum(1.0 - chance for chance in chances.values())
    return FeasibilityScenario(
        name=name,
        rates=true,
        each=chances,
        go=math.prod(chances.values()),
        go_at_least=max(0.0, 1.0 - missed),
        go_at_most=min(chances.values()),
    )
