"""What a survival distribution must offer so that every likelihood and prediction can use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from debulk.survival.parametric_models.jets import Jet
from debulk.survival.subjects import Bools, Floats

Scale = Literal["log", "identity"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A natural parameter, and the scale on which it is free to move.

    Attributes
    ----------
    name : str
        Its name, as flexsurv has it.
    scale : {"log", "identity"}
        Whether its logarithm or the parameter itself is estimated.
    """

    name: str
    scale: Scale

    def natural(self, working: float) -> float:
        """The parameter from its value on the working scale."""
        with np.errstate(over="ignore"):
            return float(np.exp(working)) if self.scale == "log" else float(working)


class Family(Protocol):
    """A survival distribution with a location that covariates shift, and ancillary parameters."""

    @property
    def name(self) -> str:
        """What the model is called."""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """All natural parameters, in flexsurv's order."""

    @property
    def location(self) -> str | None:
        """The parameter that covariates shift on its working scale.

        None where covariates act beside the ancillary parameters, which then hold the intercept.
        """

    @property
    def intercepts(self) -> tuple[float, ...]:
        """How much each ancillary parameter moves when every row's location moves by one."""

    @property
    def effect(self) -> str:
        """What a covariate's coefficient means."""

    @property
    def needs_log_time(self) -> bool:
        """Whether an event at time 0 is impossible."""

    def hazards(self, time: Floats, location: Jet, ancillary: list[Jet]) -> tuple[Jet, Jet]:
        """Logarithm of the hazard, and the cumulative hazard, at each row's time."""

    def start(self, typical: float) -> Floats:
        """Working values to start from, in the order of `parameters`, for a typical time."""

    def ready(self, time: Floats, event: Bools, exposed_from: Floats | None) -> Fitting:
        """The family prepared for these rows: what to fit, and how to read the result."""


@dataclass(frozen=True, eq=False)
class Fitting:
    """A family as it is fitted, with the family as it is reported.

    Attributes
    ----------
    inner : Family
        The family whose parameters are estimated; well-conditioned.
    outer : Family
        The family whose parameters are reported.
    matrix : array, shape (parameters, parameters)
        Working values of `outer` from those of `inner`.
    notes : tuple of str
        What a reader must know.
    """

    inner: Family
    outer: Family
    matrix: Floats
    notes: tuple[str, ...] = ()


def as_it_is(family: Family, notes: tuple[str, ...] = ()) -> Fitting:
    """A family that is fitted in the parameters in which it is reported."""
    return Fitting(family, family, np.eye(len(family.parameters)), notes)


def ancillary_names(family: Family) -> tuple[str, ...]:
    """Names of the parameters beside the location, in order."""
    return tuple(each.name for each in family.parameters if each.name != family.location)
