"""The score of the validation trials: coverage, width, calibration, ranking; nothing is tuned."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr

from debulk.core.results import plain
from debulk.trials.retrodiction.spread import LEVEL, WIDEST, Spread, spread_of

if TYPE_CHECKING:
    from debulk.trials.retrodiction.predicting import Prediction
    from debulk.trials.retrodiction.published import Published

WANTED = 0.9
"""Share of trials fully in the model's domain that is wanted inside."""

MOST_ENUMERATED = 8
"""Trials up to which the permutation distribution of tau is enumerated."""

Floats = npt.NDArray[np.float64]


class Scored(Protocol):
    """What the score needs of a trial."""

    @property
    def trial(self) -> str:
        """Its name."""

    @property
    def published(self) -> Published | None:
        """What it published."""

    @property
    def blind(self) -> Prediction | None:
        """What was predicted."""

    @property
    def inside(self) -> bool | None:
        """Whether the effect lies inside."""

    @property
    def width_ratio(self) -> float | None:
        """Width in widths of the published interval."""


@dataclass(frozen=True)
class Coverage:
    """How many trials lie inside their predictive interval.

    Attributes
    ----------
    trials, inside : int
    coverage : float or None
        None without trials.
    p : float or None
        Probability of so few inside or fewer, were each interval a true 95 % one and the trials
        independent.
    """

    trials: int
    inside: int
    coverage: float | None
    p: float | None


@dataclass(frozen=True)
class Ranking:
    """Whether the model puts the trials in the order in which they came out.

    Attributes
    ----------
    tau : float or None
        Kendall's tau-b between predicted medians and published effects, ordered by benefit.
    p : float or None
        Two-sided, over all orders of the published effects; None above `MOST_ENUMERATED` trials.
    simulated : Spread
        Tau between each set of simulated trials (one of each) and the published effects.
    """

    tau: float | None
    p: float | None
    simulated: Spread


@dataclass(frozen=True)
class Score:
    """The score.

    Attributes
    ----------
    all : Coverage
        Of every validation trial that is predicted.
    by_applicability : mapping of str to Coverage
        "full" and "partial".
    width_ratios : mapping of str to float or None
        Width of the predictive interval in widths of the published one.
    narrow : int
        Trials whose interval is at most `WIDEST` times as wide.
    arms : mapping of str to Coverage
        Medians and survival of arms, by quantity; those of one trial are not independent, so
        there is no p.
    points : tuple of mapping
        Of the calibration plot: predicted and published with limits, and place of the published
        value in the predictive distribution.
    ranking : Ranking
    told_from_null : int or None
        Trials whose published effect lies outside the 95 % interval of the null world; None where
        fewer than `FEWEST` simulated trials make it.
    verdict : str
        In a sentence.
    """

    all: Coverage
    by_applicability: dict[str, Coverage]
    width_ratios: dict[str, float | None]
    narrow: int
    arms: dict[str, Coverage]
    points: tuple[dict[str, Any], ...]
    ranking: Ranking
    told_from_null: int | None
    verdict: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return dict(plain({**vars(self), "wanted": WANTED, "level": LEVEL, "widest": WIDEST}))


def coverage_of(inside: Sequence[bool]) -> Coverage:
    """Coverage of some trials, with the binomial probability of so few inside.

    Parameters
    ----------
    inside : sequence of bool
        One a trial.
    """
    trials, hits = len(inside), sum(inside)
    if not trials:
        return Coverage(0, 0, None, None)
    return Coverage(trials, hits, hits / trials, float(bdtr(hits, trials, LEVEL)))


def kendall_tau(first: Floats, second: Floats) -> float | None:
    """Kendall's tau-b; None where one side is all ties or there are fewer than two values.

    Parameters
    ----------
    first, second : float64[n]

    References
    ----------
    Kendall MG. The treatment of ties in ranking problems. Biometrika 1945;33:239-251.
    """
    above = np.triu_indices(len(first), 1)
    signs = [np.sign(np.subtract.outer(each, each))[above] for each in (first, second)]
    scale = math.sqrt(float((signs[0] != 0).sum()) * float((signs[1] != 0).sum()))
    return float((signs[0] * signs[1]).sum()) / scale if scale else None


def tau_p(first: Floats, second: Floats) -> float | None:
    """Two-sided probability of so large a tau over all orders of one side, enumerated."""
    found = kendall_tau(first, second)
    if found is None or len(first) > MOST_ENUMERATED:
        return None
    taus = [kendall_tau(first, np.array(order)) or 0.0 for order in permutations(second)]
    return float(np.mean(np.abs(taus) >= abs(found) - 1e-12))


def score_of(entries: Sequence[tuple[Scored, str]]) -> Score:
    """Score the validation trials.

    Parameters
    ----------
    entries : sequence of pairs
        Each trial that is predicted and has a published effect, with the level of its
        applicability.
    """
    inside = [bool(each.inside) for each, _ in entries]
    levels = {
        level: coverage_of([i for i, (_, own) in zip(inside, entries, strict=True) if own == level])
        for level in ("full", "partial")
    }
    widths = {each.trial: each.width_ratio for each, _ in entries}
    whole = coverage_of(inside)
    arms = _arms([each for each, _ in entries])
    return Score(
        all=whole,
        by_applicability=levels,
        width_ratios=widths,
        narrow=sum(each is not None and each <= WIDEST for each in widths.values()),
        arms=arms,
        points=tuple(_point(each) for each, _ in entries),
        ranking=_ranking([each for each, _ in entries]),
        told_from_null=_told_from_null([each for each, _ in entries]),
        verdict=" ".join([verdict(whole, levels["full"]), *_of_arms(arms)]),
    )


def _told_from_null(entries: Sequence[Scored]) -> int | None:
    of_death = [e for e in entries if e.published and e.published.measure == "hazard_ratio"]
    if any(_null(each).few for each in of_death):
        return None
    return sum(_null(each).holds(_estimate(each)) is False for each in of_death)


def verdict(whole: Coverage, full: Coverage) -> str:
    """The coverage in plain sentences."""
    if full.trials:
        reached = "is reached" if full.inside >= WANTED * full.trials else "is not reached"
        first = (
            "Inside the 95 % interval, of validation trials fully in the model's domain: "
            f"{full.inside} of {full.trials}; the {WANTED:.0%} wanted {reached}."
        )
    else:
        first = (
            "No validation trial is fully in the model's domain, so what was wanted of such trials "
            "cannot be judged."
        )
    if whole.p is None:
        return f"{first} No trial is scored."
    if whole.trials == 1:
        lies = "lies inside" if whole.inside else "does not lie inside"
        return f"{first} The one predicted at all {lies}, which says little."
    if whole.inside == whole.trials:
        return (
            f"{first} All {whole.trials} predicted at all lie inside; true 95 % intervals would "
            f"hold all of them with a probability of {LEVEL**whole.trials:.2f}, and wide ones hold "
            "much."
        )
    return (
        f"{first} Of {whole.trials} predicted at all, {whole.inside} {_lie(whole.inside)} inside; "
        "were every interval a true 95 % one, so few or fewer would have a probability of "
        f"{whole.p:.2g}."
    )


def _lie(number: int) -> str:
    return "lies" if number == 1 else "lie"


def _of_arms(arms: Mapping[str, Coverage]) -> list[str]:
    """How many published numbers of arms lie inside, in a sentence."""
    told = sum(each.trials for each in arms.values())
    inside = sum(each.inside for each in arms.values())
    if not told:
        return []
    what = (
        "median or survival share of its arm"
        if told == 1
        else "medians and survival shares of their arms"
    )
    return [f"Of {told} published {what}, {inside} {_lie(inside)} inside."]


def _arms(entries: Sequence[Scored]) -> dict[str, Coverage]:
    found: dict[str, list[bool]] = {}
    for each in entries:
        for quantity in each.blind.arms if each.blind is not None else ():
            if quantity.inside is not None:
                found.setdefault(f"{quantity.title}, {quantity.arm}", []).append(quantity.inside)
    return {
        name: Coverage(len(inside), sum(inside), sum(inside) / len(inside), None)
        for name, inside in found.items()
    }


def _point(entry: Scored) -> dict[str, Any]:
    published, blind = entry.published, entry.blind
    assert published is not None
    assert blind is not None
    return {
        "trial": entry.trial,
        "measure": published.measure,
        "predicted": blind.effect.to_dict(),
        "published": published.estimate,
        "published_lower": published.lower,
        "published_upper": published.upper,
        "place": blind.place,
        "inside": entry.inside,
    }


def _ranking(entries: Sequence[Scored]) -> Ranking:
    """By benefit, so that a ratio of medians can be ordered among hazard ratios."""
    published = np.array([_benefit(each, _estimate(each)) for each in entries])
    medians = np.array([_benefit(each, _median(each)) for each in entries])
    rows = [each.blind.effects for each in entries if each.blind is not None]
    taus = []
    for trial in range(min((row.size for row in rows), default=0)):
        effects = np.array(
            [_benefit(each, row[trial]) for each, row in zip(entries, rows, strict=True)]
        )
        if not np.isnan(effects).any():
            tau = kendall_tau(effects, published)
            taus.append(math.nan if tau is None else tau)
    return Ranking(
        kendall_tau(medians, published), tau_p(medians, published), spread_of(np.array(taus))
    )


def _benefit(entry: Scored, effect: float) -> float:
    """Larger is better for the experimental arm.

    With exponential survival the ratio of medians is one over that of hazards.
    """
    assert entry.published is not None
    return -effect if entry.published.measure == "hazard_ratio" else -1.0 / effect


def _estimate(entry: Scored) -> float:
    assert entry.published is not None
    assert entry.published.estimate is not None
    return entry.published.estimate


def _median(entry: Scored) -> float:
    assert entry.blind is not None
    return math.inf if entry.blind.effect.median is None else entry.blind.effect.median


def _null(entry: Scored) -> Spread:
    assert entry.blind is not None
    return entry.blind.null
