"""Patients of one surgeon or centre resemble each other: how many more are needed."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.trials.planning.checks import number, word

LAYOUTS = ("cluster", "experimental", "within")

_FORMULAS = {
    "icc": "design effect 1 + ((1 + cv^2) m - 1) icc (Eldridge, Ashby and Kerry 2006)",
    "frailty": (
        "design effect 1 + variance x events a cluster x (1 + cv^2): a cluster's event count, "
        "Poisson given a frailty of mean 1, has variance mu + variance mu^2"
    ),
    "effect": (
        "inflation 1 + variance x events a cluster x (1 + cv^2) r / (1 + r)^2: the log hazard "
        "ratio of a cluster has variance (1 + r)^2 / (r events) plus that of the true effect"
    ),
}
_LAYOUT_TEXT = {
    "cluster": "whole clusters are randomised; both arms carry the design effect",
    "experimental": (
        "patients are randomised and only the experimental arm is clustered (its surgeons); "
        "inflation (design effect + r) / (1 + r)"
    ),
    "within": "patients are randomised within clusters, analysed by cluster as a stratum",
}


@dataclass(frozen=True, slots=True)
class ClusterInflation:
    """What clustering costs.

    Attributes
    ----------
    design_effect : float
        Variance of a clustered arm over that of independent patients.
    inflation : float
        Factor on the events and patients of the trial.
    layout : str
        ``"cluster"``, ``"experimental"`` or ``"within"``.
    formula : str
        How the design effect was made.
    assumptions : tuple of str
        What it rests on.
    """

    design_effect: float
    inflation: float
    layout: str
    formula: str
    assumptions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


def cluster_inflation(
    *,
    layout: str,
    mean_size: float,
    size_cv: float = 0.0,
    icc: float | None = None,
    frailty_variance: float | None = None,
    effect_variance: float | None = None,
    allocation: float = 1.0,
) -> ClusterInflation:
    """Inflation for patients clustered by surgeon or centre.

    Parameters
    ----------
    layout : str
        ``"cluster"`` (centres are randomised), ``"experimental"`` (patients are randomised; only
        the experimental arm is treated by surgeons that differ), ``"within"`` (patients are
        randomised within centres).
    mean_size : float
        Mean cluster size: patients with `icc`, events with a variance; at least 1 with `icc`. With
        ``"experimental"`` it counts the experimental arm only.
    size_cv : float
        Coefficient of variation of the cluster size.
    icc : float, optional
        Intracluster correlation of the outcome, 0 to 1.
    frailty_variance : float, optional
        Variance of a frailty of mean 1 that a cluster's patients share.
    effect_variance : float, optional
        Variance of the true log hazard ratio between clusters; only with ``"within"``.
    allocation : float
        Experimental : control.

    Returns
    -------
    ClusterInflation

    Raises
    ------
    InputError
        If not exactly one of `icc`, `frailty_variance`, `effect_variance` is given, or it does not
        belong to the layout.
    """
    word(layout, LAYOUTS, "layout")
    kind, value = _one_measure(icc, frailty_variance, effect_variance)
    least = 1.0 if kind == "icc" else 0.0
    size = number(mean_size, "mean_size", at_least=least, above=0.0, at_most=1e6)
    spread = 1.0 + number(size_cv, "size_cv", at_least=0.0, at_most=10.0) ** 2
    ratio = number(allocation, "allocation", at_least=1e-3, at_most=1e3)
    _check_pair(kind, layout)
    if kind == "icc":
        effect = 1.0 + (spread * size - 1.0) * value
    elif kind == "frailty":
        effect = 1.0 + value * size * spread
    else:
        effect = 1.0 + value * size * spread * ratio / (1.0 + ratio) ** 2
    inflation = (effect + ratio) / (1.0 + ratio) if layout == "experimental" else effect
    return ClusterInflation(
        effect, inflation, layout, _FORMULAS[kind], (_LAYOUT_TEXT[layout], *_KIND_TEXT[kind])
    )


_KIND_TEXT = {
    "icc": ("cluster sizes do not depend on the outcome",),
    "frailty": (
        "frailty acts on the rate; follow-up of a cluster's patients does not depend on it",
        "cluster sizes do not depend on the outcome",
    ),
    "effect": ("centres are a sample of those the result shall speak for",),
}


def _one_measure(*values: Any) -> tuple[str, float]:
    names = ("icc", "frailty_variance", "effect_variance")
    given = [place for place, value in enumerate(values) if value is not None]
    if len(given) != 1:
        found = " and ".join(names[place] for place in given) or "none of them"
        raise InputError(", ".join(names), f"{found} was given", "Give exactly one")
    place = given[0]
    most = 1.0 if place == 0 else 100.0
    value = number(values[place], names[place], at_least=0.0, at_most=most)
    return ("icc", "frailty", "effect")[place], value


def _check_pair(kind: str, layout: str) -> None:
    if (kind == "effect") != (layout == "within"):
        raise InputError(
            "layout",
            f"{layout!r} does not go with that measure",
            "With 'within' what all patients of a centre share cancels: give effect_variance; with "
            "'cluster' and 'experimental' give icc or frailty_variance",
        )
