"""The methods by name, the naive one first: where each lives, and what it must be given."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from debulk.core.errors import InputError, nearest
from debulk.emulation.answers import Answer
from debulk.survival.options import check_kind


@dataclass(frozen=True, slots=True)
class Method:
    """One method of analysis.

    Attributes
    ----------
    name, title : str
    place : str
        Its module and function, imported when used: ``module:function``.
    dated : bool
        Whether it needs the dates of treatment.
    modelled : bool
        Whether it takes a model of treatment.
    bootstrapped : bool
        Whether it takes interval, replicates, seed, workers, a cap on weights and a model of loss.
    options : mapping of str to value
        What tells it from another method of the same function.
    """

    name: str
    title: str
    place: str
    dated: bool = True
    modelled: bool = False
    bootstrapped: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    def function(self) -> Callable[..., Answer]:
        """The function itself."""
        module, name = self.place.split(":")
        found: Callable[..., Answer] = getattr(importlib.import_module(module), name)
        return found


_ROOM = "debulk.emulation"

NAIVE = "naive"
"""The method that always stands beside the one asked for, as a warning."""

MAIN = "clone-censor-weight"
"""The method whose answer stands for all."""

METHODS: dict[str, Method] = {
    each.name: each
    for each in (
        Method(
            NAIVE,
            "ever against never treated",
            f"{_ROOM}.methods.naive:naive_ever_never",
            dated=False,
        ),
        Method("landmark", "landmark", f"{_ROOM}.methods.landmark:landmark_groups"),
        Method(
            "mantel-byar",
            "treatment as a time-dependent covariate",
            f"{_ROOM}.methods.time_dependent:mantel_byar",
        ),
        Method(
            "time-varying",
            "the same with time-varying covariates",
            f"{_ROOM}.methods.time_dependent:time_varying_cox",
            modelled=True,
        ),
        Method(
            "sequential",
            "sequential trials",
            f"{_ROOM}.methods.sequential:sequential_trials",
            modelled=True,
        ),
        Method(
            "baseline-weighting",
            "inverse-probability weights at time zero",
            f"{_ROOM}.methods.baseline:baseline_weighting",
            modelled=True,
            options={"weights": "inverse-probability"},
        ),
        Method(
            "overlap",
            "overlap weights at time zero",
            f"{_ROOM}.methods.baseline:baseline_weighting",
            modelled=True,
            options={"weights": "overlap"},
        ),
        Method(
            MAIN,
            "clone, censor, weight",
            f"{_ROOM}.clones.fit:clone_censor_weight",
            modelled=True,
            bootstrapped=True,
        ),
    )
}
"""Every method, from the most biased to the one the protocol's question asks for."""


def methods_for(name: str) -> tuple[Method, ...]:
    """The methods that a name asks for, and the naive one before them.

    Raises
    ------
    InputError
        If there is no such method.
    """
    check_kind(name, str, "method", nearest("", [*METHODS, "all"]))
    if name == "all":
        return tuple(METHODS.values())
    if name not in METHODS:
        raise InputError("method", f"no method {name!r}", nearest(name, [*METHODS, "all"]))
    names = [NAIVE, name] if name != NAIVE else [NAIVE]
    return tuple(METHODS[each] for each in names)
